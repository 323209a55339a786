"""The barometer's files as one store, and the prefixes its tests use. No expected data."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path

import pyoxigraph as ox

from coi_graph.intake import csvw

ROOT = Path(__file__).resolve().parents[2]
ID = "https://w3id.org/coi-graph/id/"
COI = "https://w3id.org/coi-graph/def/"
SDMX = "http://purl.org/linked-data/sdmx/2009/"

PREFIXES = f"""
PREFIX coi: <{COI}>
PREFIX conflict: <{ID}conflict/>
PREFIX dcat: <http://www.w3.org/ns/dcat#>
PREFIX dct: <http://purl.org/dc/terms/>
PREFIX dqv: <http://www.w3.org/ns/dqv#>
PREFIX edition: <{ID}edition/>
PREFIX foaf: <http://xmlns.com/foaf/0.1/>
PREFIX indicator: <{ID}indicator/>
PREFIX oa: <http://www.w3.org/ns/oa#>
PREFIX observation: <{ID}observation/>
PREFIX population: <{ID}population/>
PREFIX prov: <http://www.w3.org/ns/prov#>
PREFIX qb: <http://purl.org/linked-data/cube#>
PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX sdmx-attribute: <{SDMX}attribute#>
PREFIX sdmx-dimension: <{SDMX}dimension#>
PREFIX sdmx-measure: <{SDMX}measure#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
PREFIX survey: <{ID}survey/>
PREFIX unit: <http://qudt.org/vocab/unit/>
"""


def filled(turtle: Iterable[Path], tables: Iterable[Path] = ()) -> ox.Store:
    """A fresh in-memory store with the Turtle files and the CSVW tables in its default graph."""
    store = ox.Store()
    for path in turtle:
        store.load(path=path, format=ox.RdfFormat.TURTLE)
    for path in tables:
        store.extend(ox.Quad(*triple) for triple in csvw.triples(path))
    return store


def barometer_store(*more: Path) -> ox.Store:
    """The ontology with its schemes, data/barometer, and the files given."""
    data = ROOT / "data" / "barometer"
    return filled(
        [
            *sorted((ROOT / "ontology").glob("*.ttl")),
            *sorted((ROOT / "ontology" / "schemes").glob("*.ttl")),
            *sorted(data.glob("*.ttl")),
            *more,
        ],
        sorted(data.glob(f"*{csvw.SUFFIX}")),
    )


@cache
def shared_store() -> ox.Store:
    """One `barometer_store` for all tests that only read."""
    return barometer_store()


def select(query: str) -> list[dict[str, str | None]]:
    """The rows of a SELECT over the barometer, each value as its string, unbound as None."""
    solutions = shared_store().query(PREFIXES + query)
    assert isinstance(solutions, ox.QuerySolutions)
    names = [variable.value for variable in solutions.variables]
    return [
        {name: None if row[name] is None else row[name].value for name in names}
        for row in solutions
    ]


def ask(query: str) -> bool:
    return bool(shared_store().query(PREFIXES + query))


def local(iri: str | None) -> str:
    """The last step of an IRI's path."""
    assert iri is not None
    return iri.rsplit("/", 1)[-1]
