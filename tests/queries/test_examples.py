"""The invented examples cannot be taken for fact: each says what it is, wherever it is met."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from rdflib import Graph, Literal, URIRef
from rdflib.namespace import DCTERMS, RDF, RDFS, SKOS

from coi_graph.namespaces import GRAPH, ID

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted((ROOT / "data" / "examples").glob("*.ttl"))
EXAMPLE = Literal("example")
OWN_NAME = re.compile(rf"{re.escape(ID)}[a-z-]+/eksempel-[a-z0-9-]+(/[a-z-]+)?")


def graph_of(path: Path) -> Graph:
    return Graph().parse(path, format="turtle")


def file_graph(path: Path) -> URIRef:
    return URIRef(GRAPH + path.relative_to(ROOT).with_suffix("").as_posix())


def name_of(path: Path) -> str:
    return path.stem


@pytest.fixture(scope="module")
def everything() -> Graph:
    whole = Graph()
    for path in FILES:
        whole += graph_of(path)
    return whole


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_a_file_speaks_only_of_its_examples_and_of_itself(path: Path) -> None:
    """Nothing invented is said of a real organisation, place or concept."""
    others = {str(s) for s in graph_of(path).subjects() if s != file_graph(path)}
    assert others
    assert {iri for iri in others if not OWN_NAME.fullmatch(iri)} == set()


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_a_file_s_graph_says_that_it_is_invented(path: Path) -> None:
    titles = {
        title.language: str(title)
        for title in graph_of(path).objects(file_graph(path), DCTERMS.title)
        if isinstance(title, Literal)
    }
    assert titles["da"].startswith("Opdigtet eksempel:")
    assert titles["en"].startswith("Invented example:")


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_every_example_is_typed_and_named_as_one(path: Path) -> None:
    graph = graph_of(path)
    for thing in set(graph.subjects()) - {file_graph(path)}:
        assert (thing, DCTERMS.type, EXAMPLE) in graph, thing
        assert (thing, RDF.type, None) in graph, thing
        names = {
            name.language: str(name)
            for prop in (DCTERMS.title, SKOS.prefLabel, RDFS.label)
            for name in graph.objects(thing, prop)
            if isinstance(name, Literal)
        }
        assert set(names) == {"da", "en"}, thing
        assert names["da"].startswith("Eksempel: "), thing
        assert names["en"].startswith("Example: "), thing


def test_every_text_is_in_both_languages(everything: Graph) -> None:
    for thing, prop in set(everything.subject_predicates()):
        languages = {
            text.language
            for text in everything.objects(thing, prop)
            if isinstance(text, Literal) and text.language
        }
        assert languages in (set(), {"da", "en"}), (thing, prop)


def test_every_example_that_is_named_is_described(everything: Graph) -> None:
    named = {
        str(o) for o in everything.objects() if str(o).startswith(ID) and "eksempel-" in str(o)
    }
    described = {str(s) for s in everything.subjects()}
    assert named
    assert named - described == set()
