"""Impact analysis: the same results as a whole run, from what a change can have changed alone."""

from __future__ import annotations

import random
from collections.abc import Iterable
from pathlib import Path

import pyoxigraph as ox
import pytest
from rdflib import Graph, URIRef
from rdflib.namespace import RDFS, SH
from rdflib.term import BNode, Node
from w3c_shacl import MF, load, paths

from coi_graph.namespaces import GRAPH, SHAPES
from coi_graph.store import Store
from coi_graph.validation import report
from coi_graph.validation.impact import Checked, Checker, Full, Impact
from coi_graph.validation.judge import Judge
from coi_graph.validation.report import Result
from coi_graph.validation.terms import to_graph, to_oxigraph
from shapes import shape_files

HERE, THERE = GRAPH + "test/here", GRAPH + "test/there"
W3C = [*paths("core"), *paths("sparql")]


def quads(data: Iterable[tuple[object, ...]], graph: str = HERE) -> list[ox.Quad]:
    """An rdflib graph's triples as a release would hold them."""
    return [
        ox.Quad(*(to_oxigraph(term) for term in triple), ox.NamedNode(graph))  # type: ignore[arg-type]
        for triple in data
    ]


def whole(judge: Judge, data: Graph) -> set[Result]:
    return set(report.from_pyshacl(judge.whole(data), judge.shapes, data).results)


def assert_as_whole(shapes: Graph, before: Graph, after: Graph) -> Checked:
    """The change from one graph to the other gives what two whole runs give."""
    store = Store.in_memory(quads(before))
    checker = Checker(store, shapes)
    checked = checker.check(quads(after - before), quads(before - after))
    # However few pairs there are: screened first, the verdict is the same.
    screening = Checker(store, rules=checker.rules, screened_from=0)
    screened = screening.check(quads(after - before), quads(before - after))
    assert set(screened.report.results) == set(checked.report.results)
    assert set(screened.mended.results) == set(checked.mended.results)
    assert set(screened.remaining.results) <= set(checked.remaining.results)
    # What a release holds is what its store makes of it: of a byte, an integer.
    after = to_graph(Store.in_memory(quads(after & before)).quads()) + (after - before)
    before = to_graph(store.quads())
    judge = Judge(shapes)
    was, now = whole(judge, before), whole(judge, after)
    assert set(checked.report.results) == now - was
    assert set(checked.mended.results) == was - now
    assert set(checked.remaining.results) <= was & now
    return checked


def _id(path: Path) -> str:
    return f"{path.parent.name}/{path.stem}"


@pytest.mark.parametrize("path", W3C, ids=_id)
def test_w3c_added_to_nothing(path: Path) -> None:
    test = load(path)
    assert_as_whole(test.shapes, Graph(), test.data)


@pytest.mark.parametrize("path", W3C, ids=_id)
def test_w3c_in_halves(path: Path) -> None:
    test = load(path)
    triples = sorted(test.data)
    random.Random(path.stem).shuffle(triples)
    half = Graph()
    for triple in triples[: len(triples) // 2]:
        half.add(triple)
    assert_as_whole(test.shapes, half, test.data)
    assert_as_whole(test.shapes, test.data, half)


# Found by `fuzzing.py` (seed 6390): a shape that comes round to itself is judged whole.
ROUND = """
@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix : <https://example.org/> .
:Round a sh:NodeShape ; sh:targetNode :n6 ; sh:closed true ; sh:ignoredProperties ( :p ) ;
    sh:not [ a sh:PropertyShape ; sh:not :Round ; sh:path [ sh:oneOrMorePath :p ] ] .
"""


def test_a_shape_that_refers_to_itself() -> None:
    shapes = Graph().parse(data=ROUND, format="turtle")
    prefix = "@prefix : <https://example.org/> . "
    before = Graph().parse(data=prefix + ":n6 :q :n7 , :n1 . :n5 :q :n7 .", format="turtle")
    after = Graph().parse(data=prefix + ":n6 :p :n5 . :n5 :p -1.0 .", format="turtle") + before
    assert_as_whole(shapes, before, after)
    assert_as_whole(shapes, after, before)


@pytest.fixture(scope="module")
def base_graph() -> Graph:
    """The ontology, the framework and the organisations."""
    return shape_files.base()


@pytest.fixture(scope="module")
def checker(base_graph: Graph) -> Checker:
    return Checker(Store.in_memory(quads(base_graph)), shape_files.shapes())


@pytest.mark.parametrize("path", sorted(shape_files.FIXTURES.rglob("*.ttl")), ids=_id)
def test_fixture(path: Path, checker: Checker) -> None:
    """What each fixture says of itself is what the checker says of it, of the shape in question."""
    graph = shape_files.read(path)
    manifest = URIRef(path.as_uri())
    expected = {
        (
            graph.value(node, SH.focusNode),
            shape_files.path_text(graph, graph.value(node, SH.resultPath)),
            graph.value(node, SH.value),
            graph.value(node, SH.resultSeverity),
            graph.value(node, SH.sourceConstraintComponent),
        )
        for description in graph.objects(manifest, MF.result)
        for node in graph.objects(description, SH.result)
    }
    waiting: list[Node] = [manifest]
    while waiting:
        node = waiting.pop()
        for triple in list(graph.triples((node, None, None))):
            graph.remove(triple)
            if isinstance(triple[2], BNode):
                waiting.append(triple[2])
    checked = checker.check(quads(graph, THERE))
    shapes = shape_files.shapes()
    assert isinstance(checked.scope, Full if (None, RDFS.subClassOf, None) in graph else Impact)
    assert {
        (one.focus, shape_files.path_text(shapes, one.path), one.value, URIRef(one.severity.iri),
         one.component)
        for one in checked.report.results
        if one.shape == URIRef(SHAPES + path.parent.name)
    } == expected  # fmt: skip


def test_every_shape_of_ours_is_bounded(checker: Checker) -> None:
    assert checker.paths.unbounded == []
