"""The fixtures again, through screening: exactly what the reference gives, and what they expect."""

from functools import cache
from pathlib import Path

import pyoxigraph as ox
import pytest
from rdflib.namespace import RDF, SH
from rdflib.term import Node
from shape_files import alone, base
from test_fixtures import FILES, _added, _expected, _id, _known, _results, _shape_of

from coi_graph.store import Store
from coi_graph.validation.judge import Judge
from coi_graph.validation.screening import suspects
from coi_graph.validation.terms import to_oxigraph

GRAPH = ox.NamedNode("https://example.org/graph")


def _quad(triple: tuple[Node, Node, Node]) -> ox.Quad:
    subject, predicate, value = map(to_oxigraph, triple)
    return ox.Quad(subject, predicate, value, GRAPH)


@cache
def _store() -> tuple[Store, frozenset[ox.Quad]]:
    quads = frozenset(map(_quad, base()))
    store = ox.Store()
    store.extend(quads)
    return Store(store, Path("in-memory")), quads


@pytest.mark.parametrize("path", FILES, ids=_id)
def test_screening_gives_what_the_reference_gives(path: Path) -> None:
    shape = _shape_of(path)
    store, known = _store()
    judge = Judge(alone(shape))
    with _added(path) as data:
        added = [quad for quad in map(_quad, data) if quad not in known]
        store.apply(removed=(), added=added)
        try:
            report = judge.report_graph(suspects(judge, store), data)
        finally:
            store.apply(removed=added, added=())
    node = report.value(None, RDF.type, SH.ValidationReport)
    assert node is not None
    assert _results(report, node) - _known(shape) == _expected(path)
