"""Every IRI prefix that coi-graph reads or writes, once."""

from __future__ import annotations

from functools import lru_cache

BASE = "https://w3id.org/coi-graph/"
DEF = BASE + "def/"
SHAPES = BASE + "shapes/"
ID = BASE + "id/"
GRAPH = BASE + "graph/"
GENID = BASE + ".well-known/genid/"

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS = "http://www.w3.org/2000/01/rdf-schema#"
XSD = "http://www.w3.org/2001/XMLSchema#"
OWL = "http://www.w3.org/2002/07/owl#"
SKOS = "http://www.w3.org/2004/02/skos/core#"
DCT = "http://purl.org/dc/terms/"
DCAT = "http://www.w3.org/ns/dcat#"
PROV = "http://www.w3.org/ns/prov#"
AS = "https://www.w3.org/ns/activitystreams#"
LDES = "https://w3id.org/ldes#"
TREE = "https://w3id.org/tree#"
OA = "http://www.w3.org/ns/oa#"
SH = "http://www.w3.org/ns/shacl#"
ORG = "http://www.w3.org/ns/org#"
QB = "http://purl.org/linked-data/cube#"
FOAF = "http://xmlns.com/foaf/0.1/"
VOID = "http://rdfs.org/ns/void#"

#: Short names used in Turtle we write, in CSVW metadata and in the query editor.
PREFIXES: dict[str, str] = {
    "coi": DEF,
    "coish": SHAPES,
    "adms": "http://www.w3.org/ns/adms#",
    "as": AS,
    "bibo": "http://purl.org/ontology/bibo/",
    "cv": "http://data.europa.eu/m8g/",
    "dcat": DCAT,
    "dct": DCT,
    "dqv": "http://www.w3.org/ns/dqv#",
    "foaf": FOAF,
    "ldes": LDES,
    "oa": OA,
    "org": ORG,
    "owl": OWL,
    "prov": PROV,
    "qb": QB,
    "rdf": RDF,
    "rdfs": RDFS,
    "schema": "https://schema.org/",
    "sdmx-attribute": "http://purl.org/linked-data/sdmx/2009/attribute#",
    "sdmx-code": "http://purl.org/linked-data/sdmx/2009/code#",
    "sdmx-concept": "http://purl.org/linked-data/sdmx/2009/concept#",
    "sdmx-dimension": "http://purl.org/linked-data/sdmx/2009/dimension#",
    "sdmx-measure": "http://purl.org/linked-data/sdmx/2009/measure#",
    "sh": SH,
    "skos": SKOS,
    "time": "http://www.w3.org/2006/time#",
    "tree": TREE,
    "vann": "http://purl.org/vocab/vann/",
    "void": VOID,
    "xsd": XSD,
}


def expand(name: str) -> str:
    """``skos:prefLabel`` → its IRI; an absolute IRI stays as it is.

    Raises ``KeyError`` with the prefix when it is not one of ``PREFIXES``.
    """
    prefix, colon, local = name.partition(":")
    if not colon or local.startswith("//"):
        return name
    if prefix in ("urn", "mailto", "http", "https"):
        return name
    return PREFIXES[prefix] + local


@lru_cache(20_000)
def shorten(iri: str) -> str:
    """The longest prefix that fits, as a prefixed name; the IRI itself where none does."""
    best = max(
        ((ns, p) for p, ns in PREFIXES.items() if iri.startswith(ns)),
        key=lambda pair: len(pair[0]),
        default=None,
    )
    if best is None or "/" in iri[len(best[0]) :] or iri == best[0]:
        return iri
    return f"{best[1]}:{iri[len(best[0]) :]}"
