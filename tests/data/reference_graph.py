"""The framework, the organisations, the places and their sources as graphs. No expected data."""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

from rdflib import Graph, Literal, Namespace, URIRef
from rdflib.namespace import DCTERMS, RDFS, SKOS
from rdflib.term import Node

from coi_graph.intake import csvw

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / "data"
TEXT_FILE = DATA / "framework" / "strategisk-ramme-2017.txt"
ID = "https://w3id.org/coi-graph/id/"

COI = Namespace("https://w3id.org/coi-graph/def/")
ADMS = Namespace("http://www.w3.org/ns/adms#")
CV = Namespace("http://data.europa.eu/m8g/")
OA = Namespace("http://www.w3.org/ns/oa#")
SPDX = Namespace("http://spdx.org/rdf/terms#")

FRAMEWORK = URIRef(ID + "framework/strategic-framework-2017")
TEXT = URIRef(FRAMEWORK + "/text")
ITEMS = URIRef(FRAMEWORK + "/items")
FURTHER = URIRef(FRAMEWORK + "/further-passages")

#: The folders and files of data/ that these tests are about.
REFERENCE = ("framework", "organisations", "places", "sources.ttl")


def thing(path: str) -> URIRef:
    """``role/capacity-builder`` → its IRI."""
    return URIRef(ID + path)


def local(iri: Node | None) -> str:
    """What follows ``id/``: ``role/capacity-builder``."""
    return str(iri).removeprefix(ID)


def name(iri: Node | None) -> str:
    """The last segment: ``capacity-builder``."""
    return str(iri).rsplit("/", 1)[-1]


def framework_text() -> str:
    """The shipped text; newlines are not translated."""
    return TEXT_FILE.read_bytes().decode("utf-8")


def _filled(*places: Path) -> Graph:
    graph = Graph()
    for place in places:
        for path in sorted(place.rglob("*.ttl")) if place.is_dir() else [place]:
            graph.parse(path, format="turtle")
        for path in sorted(place.rglob("*-metadata.json")) if place.is_dir() else []:
            lines = "".join(f"{triple} .\n" for triple in csvw.triples(path))
            graph.parse(data=lines, format="nt")
    return graph


@cache
def reference() -> Graph:
    """data/framework, data/organisations, data/places and data/sources.ttl, tables included."""
    return _filled(*(DATA / part for part in REFERENCE))


@cache
def everything() -> Graph:
    """The ontology and all of data/ except the invented examples and the cube's observations."""
    barometer = (DATA / "barometer").glob("*.ttl")
    return _filled(ROOT / "ontology", *barometer) + reference()


def folder(part: str) -> Graph:
    """One of ``REFERENCE``, alone."""
    return _filled(DATA / part)


def names_of(subject: Node, language: str) -> list[str]:
    """Every label of a thing in a language, whichever property gives it."""
    return [
        str(value)
        for predicate in (SKOS.prefLabel, DCTERMS.title, RDFS.label)
        for value in reference().objects(subject, predicate)
        if isinstance(value, Literal) and value.language == language
    ]


def rows(path: Path) -> list[dict[str, str]]:
    """A CSV file's rows by column name."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
