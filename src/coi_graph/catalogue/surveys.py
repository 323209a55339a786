"""The surveys and their editions, as the data describe them (data/barometer/editions.ttl)."""

from __future__ import annotations

from urllib.parse import urlencode

import pyoxigraph as ox

from ..description.lookup import Lookup
from ..i18n import both
from ..media import RESULTS_CSV
from ..namespaces import BASE, DCAT, DCT, DEF, RDF, RDFS
from . import texts
from .model import CATALOG, PUBLISHER, Distribution, Entry, slug_of

SPARQL_SERVICE = f"{CATALOG}#sparql"
_FIGURES = """PREFIX coi: <{coi}>
PREFIX rdfs: <{rdfs}>
SELECT ?figure ?label ?value WHERE {{
  ?figure coi:edition <{edition}> ; rdfs:label ?label ; {measure} ?value .
  FILTER (lang(?label) = "en")
}} ORDER BY ?figure"""
_MEASURE = "<http://purl.org/linked-data/sdmx/2009/measure#obsValue>"


def entries(lookup: Lookup, site: str, modified: str) -> list[Entry]:
    """The surveys with a title, each followed by its editions; ``modified`` is the release's
    date."""
    found: list[Entry] = []
    for survey in lookup.subjects(RDF + "type", DCAT + "DatasetSeries"):
        entry = _entry(lookup, survey, "series", site, modified)
        editions = [
            one
            for iri in lookup.subjects(DCAT + "inSeries", survey)
            if (one := _entry(lookup, iri, "dataset", site, modified)) is not None
        ]
        if entry is not None:
            found += [entry, *editions]
    return found


def _entry(lookup: Lookup, iri: str, kind: str, site: str, modified: str) -> Entry | None:
    title, description = _texts(lookup, iri, "title"), _texts(lookup, iri, "description")
    if not title or not description:
        return None
    publishers = sorted(_iris(lookup, iri, DCT + "publisher"))
    issued = [term.value for term in lookup.values(iri, DCT + "issued")]
    relations = [(name, other) for name in ("inSeries", "prev")
                 for other in _iris(lookup, iri, DCAT + name)]  # fmt: skip
    return Entry(
        iri=iri,
        kind=kind,
        title=title,
        description=description,
        keywords=texts.keywords_of("barometer"),
        landing=site + "doc/" + iri.removeprefix(BASE + "id/"),
        issued=issued[0] if len(issued) == 1 else None,
        modified=modified,
        # DCAT-AP takes one publisher; all who carried a survey out are its creators.
        publisher=publishers[0] if publishers else PUBLISHER,
        creators=tuple(publishers),
        countries=tuple(sorted(_iris(lookup, iri, DCT + "spatial"))),
        periods=tuple(sorted(_iris(lookup, iri, DCT + "temporal"))),
        distributions=(_figures(iri, site),) if kind == "dataset" else (),
        relations=tuple(relations),
    )


def _figures(edition: str, site: str) -> Distribution:
    query = _FIGURES.format(coi=DEF, rdfs=RDFS, edition=edition, measure=_MEASURE)
    named = texts.EDITION_FIGURES
    return Distribution(
        iri=f"{CATALOG}#distribution-{slug_of(edition)}",
        title=both(named.title),
        description=both(named.description),
        access=f"{site}sparql?{urlencode({'query': query, 'format': RESULTS_CSV.name})}",
        form=RESULTS_CSV.name,
        service=SPARQL_SERVICE,
    )


def _texts(lookup: Lookup, iri: str, name: str) -> dict[str, str]:
    return {
        term.language: term.value
        for term in lookup.values(iri, DCT + name)
        if isinstance(term, ox.Literal) and term.language
    }


def _iris(lookup: Lookup, iri: str, predicate: str) -> list[str]:
    return [t.value for t in lookup.values(iri, predicate) if isinstance(t, ox.NamedNode)]
