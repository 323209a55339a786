"""Worked examples: written into the data, each makes its finding go away, says pySHACL.

Over every failing fixture of every shape, so that no shape's example is left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import pyshacl
import pytest
from rdflib import Graph, URIRef
from rdflib.term import BNode, Node

from coi_graph.namespaces import SHAPES
from coi_graph.validation import example
from coi_graph.validation.report import Report, from_pyshacl
from coi_graph.validation.vocabulary import Vocabulary
from environment import ROOT
from shapes.shape_files import FIXTURES, alone, read
from shapes.shape_files import base as bare
from shapes.shape_files import shapes as all_shapes

FAILING = sorted(path for path in FIXTURES.rglob("fail-*.ttl"))
#: Components whose findings an example can mend, where the shape says which values there are.
MENDED = {
    "Class", "Datatype", "In", "LanguageIn", "MaxCount", "MaxInclusive", "MinCount",
    "MinInclusive", "Node", "QualifiedMinCount", "UniqueLang",
}  # fmt: skip
#: Shapes for which no published record (of those that the tests load) has a value.
UNKNOWABLE = {
    "Concept-replaces", "Observation-dataSet", "Organisation-identifier", "StatedInShape",
    "StrategicFramework-replaces",
}  # fmt: skip


@cache
def base() -> Graph:
    """What is published, invented examples and the barometer included."""
    graph = bare()
    for folder in ("data/examples", "data/barometer"):
        for path in sorted((ROOT / folder).glob("*.ttl")):
            read(path, graph)
    return graph


def _id(path: Path) -> str:
    return f"{path.parent.name}/{path.stem}"


@contextmanager
def added(path: Path) -> Iterator[Graph]:
    """The base graph with the fixture's data, without its manifest."""
    data, graph = read(path), base()
    waiting: list[Node] = [URIRef(path.as_uri())]
    while waiting:
        node = waiting.pop()
        for triple in list(data.triples((node, None, None))):
            data.remove(triple)
            if isinstance(triple[2], BNode):
                waiting.append(triple[2])
    new = [triple for triple in data if triple not in graph]
    for triple in new:
        graph.add(triple)
    try:
        yield graph
    finally:
        for triple in new:
            graph.remove(triple)


def judge(shape: URIRef, data: Graph) -> Report:
    own = alone(shape)
    _, results, text = pyshacl.validate(
        data, shacl_graph=own, inference="none", advanced=False, inplace=True
    )
    assert isinstance(results, Graph), text
    return from_pyshacl(results, all_shapes(), data)


@cache
def vocabulary() -> Vocabulary:
    published = Graph()
    for triple in base():
        published.add(triple)
    return Vocabulary(all_shapes(), published)


@cache
def known(shape: URIRef) -> Report:
    return judge(shape, base())


@pytest.mark.parametrize("path", FAILING, ids=_id)
def test_what_the_example_writes_makes_the_finding_go_away(path: Path) -> None:
    shape = URIRef(SHAPES + path.parent.name)
    before, words = known(shape), vocabulary()
    with added(path) as data:
        found = judge(shape, data).without(before).results
        assert found
        for result in found:
            made = example.of(words, result, data)
            if made is None:
                component = str(result.component).rpartition("#")[2]
                component = component.removesuffix("ConstraintComponent")
                told_nothing = (
                    component not in MENDED
                    or not isinstance(result.path, URIRef)
                    or path.parent.name in UNKNOWABLE
                )
                assert told_nothing, f"no example for {component} of {path.parent.name}"
                continue
            written = [triple for triple in made.write if triple not in data]
            for triple in made.remove:
                data.remove(triple)
            for triple in written:
                data.add(triple)
            after = judge(shape, data).without(before)
            assert result.key not in {one.key for one in after.results}
            # Nothing else is made wrong about the same record.
            new = after.without(Report(found)).results
            assert [one for one in new if one.focus == result.focus] == []
            for triple in written:
                data.remove(triple)
            for triple in made.remove:
                data.add(triple)
