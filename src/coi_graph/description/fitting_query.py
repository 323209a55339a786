"""The query that a page about a thing begins with: what somebody who reads it would ask next."""

from __future__ import annotations

from . import kinds

_PREFIXES = """\
PREFIX coi: <https://w3id.org/coi-graph/def/>
PREFIX dct: <http://purl.org/dc/terms/>
PREFIX oa: <http://www.w3.org/ns/oa#>
PREFIX org: <http://www.w3.org/ns/org#>
PREFIX prov: <http://www.w3.org/ns/prov#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX sdmx-attribute: <http://purl.org/linked-data/sdmx/2009/attribute#>
PREFIX sdmx-dimension: <http://purl.org/linked-data/sdmx/2009/dimension#>
PREFIX sdmx-measure: <http://purl.org/linked-data/sdmx/2009/measure#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>

"""
#: Names of a thing in the reader's language; not everything has one.
_NAME = """\
  OPTIONAL {{
    ?{thing} skos:prefLabel|dct:title|rdfs:label ?name .
    FILTER(LANG(?name) = "{lang}")
  }}
"""
_ACTIVITIES = """\
SELECT DISTINCT ?activity ?name WHERE {{
  ?activity {path} <{iri}> .
""" + _NAME.replace("{thing}", "activity")
_FIGURES = """\
SELECT ?figure ?name ?value ?unit ?period ?area WHERE {{
  ?figure {path} <{iri}> ;
    sdmx-measure:obsValue ?value ;
    sdmx-attribute:unitMeasure ?unit .
  OPTIONAL {{ ?figure sdmx-dimension:refPeriod ?period }}
  OPTIONAL {{ ?figure sdmx-dimension:refArea ?area }}
""" + _NAME.replace("{thing}", "figure")
_INSTANCES = """\
SELECT ?thing ?name WHERE {{
  ?thing a <{iri}> .
""" + _NAME.replace("{thing}", "thing")
_USES = """\
SELECT ?thing ?value WHERE {{
  ?thing <{iri}> ?value .
"""
_SPREAD = """\
SELECT DISTINCT ?case ?name ?solution ?origin ?adopter WHERE {{
  ?case a coi:SpreadCase ;
    coi:spreads ?solution ;
    coi:origin ?origin ;
    coi:adopter ?adopter .
  FILTER(<{iri}> IN (?solution, ?origin, ?adopter))
""" + _NAME.replace("{thing}", "case")
_QUOTED = """\
SELECT ?thing ?name ?quote WHERE {{
  ?thing coi:statedIn <{iri}> .
  <{iri}> oa:hasTarget/oa:hasSelector/oa:exact ?quote .
""" + _NAME.replace("{thing}", "thing")
_PLACED = """\
SELECT DISTINCT ?thing ?name ?relation WHERE {{
  {{ ?thing ?relation <{iri}> }}
  UNION
  {{ ?unit org:unitOf <{iri}> . ?thing ?relation ?unit }}
  FILTER(ISIRI(?thing))
""" + _NAME.replace("{thing}", "thing")
#: Whatever else: its neighbours in both directions.
_NEIGHBOURS = """\
SELECT DISTINCT ?direction ?relation ?thing ?name WHERE {{
  {{ <{iri}> ?relation ?thing . BIND("out" AS ?direction) }}
  UNION
  {{ ?thing ?relation <{iri}> . BIND("in" AS ?direction) }}
  FILTER(ISIRI(?thing))
""" + _NAME.replace("{thing}", "thing")
#: Kind → its query, and the path from what is found to the thing.
_OF_KIND = {
    "role": (_ACTIVITIES, "coi:hasRole"),
    "method": (_ACTIVITIES, "coi:usesMethod"),
    "ambition": (_ACTIVITIES, "coi:aimsAt/skos:broader?"),
    "aim": (_ACTIVITIES, "coi:aimsAt"),
    "tool": (_ACTIVITIES, "coi:usesTool"),
    "indicator": (_FIGURES, "coi:indicator"),
    "edition": (_FIGURES, "coi:edition"),
    "innovation": (_SPREAD, ""),
    "workplace": (_SPREAD, ""),
    "passage": (_QUOTED, ""),
    "municipality": (_PLACED, ""),
    "region": (_PLACED, ""),
    "organisation": (_PLACED, ""),
}


def of(iri: str, lang: str, types: list[str]) -> str:
    """SPARQL about the thing ``iri``, whose types' local names are ``types``; ``lang`` is the
    language of the names in its answer."""
    text, path = _OF_KIND.get(kinds.of(iri) or "", (_NEIGHBOURS, ""))
    if "Class" in types:
        text = _INSTANCES
    elif types and all(name.endswith("Property") for name in types):
        text = _USES
    body = text.format(iri=iri, lang=lang, path=path)
    used = [line for line in _PREFIXES.splitlines() if line and line.split(" ")[1] in body]
    return "\n".join(used) + "\n\n" * bool(used) + body + "}\nLIMIT 500\n"
