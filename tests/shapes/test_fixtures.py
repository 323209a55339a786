"""Every constraint with fixtures that pass and fixtures that fail, and what exactly each gives.

A fixture describes itself as in the W3C's data-shapes test suite (`sht:Validate` with the expected
`sh:ValidationReport`); the report is that of the one shape which its folder names.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pyshacl
import pytest
from rdflib import Graph, URIRef
from rdflib.namespace import RDF, SH, SKOS
from rdflib.term import BNode, Node
from shape_files import (
    FIXTURES,
    alone,
    base,
    constraints,
    focus_nodes,
    local_name,
    owners,
    path_text,
    read,
    shapes,
)

from coi_graph.namespaces import DEF, ID, SHAPES

FILES = sorted(FIXTURES.rglob("*.ttl"))
PASSING = [path for path in FILES if path.name.startswith("pass-")]
FAILING = [path for path in FILES if path.name.startswith("fail-")]
RESULT = URIRef("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#result")
# A shape that nothing can satisfy, so its passing fixture holds nothing that it looks at.
UNSATISFIABLE = {URIRef(SHAPES + "NoPersonShape")}
# A fixture can add to the framework's lists, but not take away: see test_a_missing_item_is_told.
CLOSED = {
    URIRef(SHAPES + name)
    for name in (
        "BehaviouralChangesAimsShape", "KnowledgeAimsShape", "SixFoundersShape",
        "SystemChangesAimsShape", "ThreeAmbitionsShape", "ThreeFundersShape",
        "ThreePurposesShape", "ThreeRolesShape",
    )
}  # fmt: skip


class Found(NamedTuple):
    """What a fixture says of one result; the value where the result has one."""

    focus: Node
    path: str | None
    severity: Node
    shape: Node
    component: Node
    value: Node | None


def _id(path: Path) -> str:
    return f"{path.parent.name}/{path.stem}"


def _shape_of(path: Path) -> URIRef:
    return URIRef(SHAPES + path.parent.name)


def _results(graph: Graph, report: Node) -> Counter[Found]:
    """The results of ``report``; those beneath another one (`sh:detail`) are part of that one."""
    found: Counter[Found] = Counter()
    for node in graph.objects(report, SH.result):
        focus, severity, shape, component = (
            graph.value(node, predicate)
            for predicate in (
                SH.focusNode, SH.resultSeverity, SH.sourceShape, SH.sourceConstraintComponent,
            )
        )  # fmt: skip
        assert focus is not None
        assert severity is not None
        assert shape is not None
        assert component is not None
        path = path_text(graph, graph.value(node, SH.resultPath))
        found[Found(focus, path, severity, shape, component, graph.value(node, SH.value))] += 1
    return found


@cache
def _expected(path: Path) -> Counter[Found]:
    graph = read(path)
    report = graph.value(URIRef(path.as_uri()), RESULT)
    assert report is not None, "the fixture expects nothing"
    return _results(graph, report)


@contextmanager
def _added(path: Path) -> Iterator[Graph]:
    """The base graph with the fixture's data (not its manifest) for as long as the block runs."""
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


def _validate(shape: URIRef, data: Graph) -> tuple[Counter[Found], set[Node]]:
    """The results of ``shape`` on ``data``, and the SPARQL constraints that they come from."""
    _, results, text = pyshacl.validate(
        data, shacl_graph=alone(shape), inference="none", advanced=False, inplace=True
    )
    assert isinstance(results, Graph), text
    report = results.value(None, RDF.type, SH.ValidationReport)
    assert report is not None
    return _results(results, report), set(results.objects(None, SH.sourceConstraint))


@cache
def _known(shape: URIRef) -> Counter[Found]:
    """What ``shape`` says of the base graph alone."""
    return _validate(shape, base())[0]


@cache
def _run(path: Path) -> tuple[Counter[Found], set[Node]]:
    with _added(path) as data:
        found, sources = _validate(_shape_of(path), data)
    return found - _known(_shape_of(path)), sources


@pytest.mark.parametrize("path", FAILING, ids=_id)
def test_failing_fixture_gives_exactly_the_expected_results(path: Path) -> None:
    expected = _expected(path)
    assert expected, "a failing fixture expects at least one result"
    assert {result.shape for result in expected} == {_shape_of(path)}
    assert _run(path)[0] == expected


@pytest.mark.parametrize("path", PASSING, ids=_id)
def test_passing_fixture_gives_no_result(path: Path) -> None:
    assert not _expected(path)
    assert not _run(path)[0]


@pytest.mark.parametrize("path", PASSING, ids=_id)
def test_passing_fixture_is_looked_at(path: Path) -> None:
    """A fixture that no target selects would pass whatever the shape says."""
    shape = _shape_of(path)
    with _added(path) as data:
        described = set(read(path).subjects()) | set(shapes().objects(shape, SH.targetNode))
        looked_at = focus_nodes(shape, data) & described
    assert bool(looked_at) is (shape not in UNSATISFIABLE)


def test_every_file_is_a_fixture() -> None:
    assert set(FILES) == {*PASSING, *FAILING}


def test_every_shape_has_a_passing_and_a_failing_fixture() -> None:
    names = {local_name(shape) for shape in owners()}
    assert {path.parent.name for path in PASSING} == names
    assert {path.parent.name for path in FAILING} == names


@pytest.mark.parametrize("shape", sorted(owners()), ids=local_name)
def test_every_constraint_of_a_shape_has_a_failing_fixture(shape: URIRef) -> None:
    """Each facet of a property shape, and each SPARQL constraint, is seen to fire."""
    declared = {component for component, _ in constraints(shape)}
    queries = {
        value for parameter, value in shapes().predicate_objects(shape) if parameter == SH.sparql
    }
    files = [path for path in FAILING if _shape_of(path) == shape]
    failed = {result.component for path in files for result in _expected(path)}
    if shape in CLOSED:
        declared.remove(SH.MinCountConstraintComponent)
    assert failed == declared
    assert set().union(*(_run(path)[1] for path in files)) == queries


@pytest.mark.parametrize("shape", sorted(CLOSED), ids=local_name)
def test_a_missing_item_is_told(shape: URIRef) -> None:
    """C16: a list of the framework with one item less."""
    focus = shapes().value(shape, SH.targetNode)
    path = path_text(shapes(), shapes().value(shape, SH.path))
    items = {
        f"^{RDF.type.n3()}": (None, RDF.type, focus),
        f"^{SKOS.broader.n3()}": (None, SKOS.broader, focus),
        f"<{DEF}foundedBy>": (focus, URIRef(DEF + "foundedBy"), None),
        f"<{DEF}fundedBy>": (focus, URIRef(DEF + "fundedBy"), None),
    }
    assert path is not None
    item = min(base().triples(items[path]))
    base().remove(item)
    try:
        found, _ = _validate(shape, base())
    finally:
        base().add(item)
    assert {(result.focus, result.component) for result in found} == {
        (focus, SH.MinCountConstraintComponent)
    }
    assert str(item[0]).startswith(ID)


def test_the_framework_itself_conforms_to_the_shapes_of_its_lists() -> None:
    assert {shape: _known(shape) for shape in CLOSED} == {shape: Counter() for shape in CLOSED}
