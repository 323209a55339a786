"""The release as the checks see it: every look-up answers as the store itself does."""

from __future__ import annotations

import itertools

import pyoxigraph as ox
import pytest
from rdflib import RDF, XSD, Literal, URIRef
from rdflib.term import Node

from coi_graph.store import Store
from coi_graph.validation.overlay import Base
from coi_graph.validation.terms import to_oxigraph

EX = "https://example.org/"
FEW, MANY, NONE = URIRef(EX + "few"), URIRef(EX + "many"), URIRef(EX + "none")
KNOWS, COUNT = URIRef(EX + "knows"), URIRef(EX + "count")
TRIPLES: set[tuple[Node, Node, Node]] = {
    (FEW, RDF.type, URIRef(EX + "Thing")),
    (FEW, KNOWS, MANY),
    (FEW, KNOWS, NONE),
    (FEW, COUNT, Literal(7)),
    (FEW, COUNT, Literal("syv", lang="da")),
    *((MANY, KNOWS, URIRef(f"{EX}{number}")) for number in range(200)),
    (MANY, COUNT, Literal(7)),
}
GRAPHS = [ox.NamedNode(EX + "graph/one"), ox.NamedNode(EX + "graph/two")]


@pytest.fixture
def base() -> Base:
    quads = [ox.Quad(*map(to_oxigraph, one), graph) for one in TRIPLES for graph in GRAPHS]  # type: ignore[arg-type]
    return Base(Store.in_memory(quads))


def _fits(pattern: tuple[Node | None, ...], triple: tuple[Node, ...]) -> bool:
    return all(want is None or want == have for want, have in zip(pattern, triple, strict=True))


def test_every_pattern_finds_each_triple_that_fits_once(base: Base) -> None:
    terms = [sorted({one[place] for one in TRIPLES}, key=str)[:12] for place in range(3)]
    patterns = itertools.product((None, NONE, *terms[0]), (None, *terms[1]), (None, *terms[2]))
    for pattern in patterns:
        for _ in ("asked", "kept"):
            found = list(base.triples(pattern))
            assert len(found) == len(set(found)), pattern
            assert set(found) == {one for one in TRIPLES if _fits(pattern, one)}, pattern


@pytest.mark.parametrize("subject", [FEW, MANY])
def test_a_number_is_found_however_it_is_written(base: Base, subject: URIRef) -> None:
    written = Literal("007", datatype=XSD.integer, normalize=False)
    assert list(base.triples((subject, COUNT, written))) == [(subject, COUNT, Literal(7))]
    assert not list(base.triples((subject, KNOWS, written)))


def test_a_subject_is_asked_about_once(base: Base, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []
    find = base._find
    monkeypatch.setattr(base, "_find", lambda pattern: asked.append(pattern) or find(pattern))
    for predicate, value in ((RDF.type, None), (KNOWS, None), (KNOWS, MANY), (None, MANY)):
        assert list(base.triples((FEW, predicate, value)))
        assert not list(base.triples((NONE, predicate, value)))
    assert asked == [(FEW, None, None), (NONE, None, None)]
