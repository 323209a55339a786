"""The W3C's SHACL test suite (../shared/conformance/shacl): its tests, and results that compare.

Files are read as the program reads them: by pyoxigraph, then as rdflib's terms.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox
from rdflib import Graph, Namespace, URIRef
from rdflib.namespace import RDF, SH
from rdflib.term import BNode, Node

from coi_graph.validation.guarded import FAILURE
from coi_graph.validation.terms import to_graph
from environment import SHARED

SUITE = SHARED / "conformance" / "shacl"
MF = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#")
SHT = Namespace("http://www.w3.org/ns/shacl-test#")

#: focus node, path, value, severity, component, source shape; a blank node of another file as "_:".
Found = tuple[str, str, str, str, str, str]


@dataclass(frozen=True)
class Test:
    """One `sht:Validate`."""

    __test__ = False
    name: str
    data: Graph
    shapes: Graph
    fails: bool
    expected: Counter[Found]
    own: frozenset[Node]


def paths(part: str) -> list[Path]:
    """The files of ``part`` ("core", "sparql") that hold a test, in order of their names."""
    return sorted(
        path
        for path in (SUITE / part).rglob("*.ttl")
        if path.name != "manifest.ttl" and "sht:Validate" in path.read_text(encoding="utf-8")
    )


def read(path: Path) -> Graph:
    return to_graph(ox.parse(path=str(path), format=ox.RdfFormat.TURTLE, base_iri=path.as_uri()))


def load(path: Path) -> Test:
    graphs = {path.as_uri(): read(path)}
    manifest = graphs[path.as_uri()]

    def graph(iri: Node | None) -> Graph:
        if str(iri) not in graphs:
            graphs[str(iri)] = read(Path(str(iri).removeprefix("file://")))
        return graphs[str(iri)]

    (test,) = manifest.subjects(RDF.type, SHT.Validate)
    action = manifest.value(test, MF.action)
    report = manifest.value(test, MF.result)
    assert action is not None
    assert report is not None
    own = frozenset(node for node in manifest.all_nodes() if isinstance(node, BNode))
    return Test(
        path.relative_to(SUITE).with_suffix("").as_posix(),
        graph(manifest.value(action, SHT.dataGraph)),
        graph(manifest.value(action, SHT.shapesGraph)),
        report == SHT.Failure,
        Counter(found(manifest, report, own)),
        own,
    )


def found(graph: Graph, report: Node, own: frozenset[Node]) -> Iterator[Found]:
    """The results of ``report``; ``own`` are the blank nodes whose names mean something."""

    def text(node: Node | None) -> str:
        if isinstance(node, BNode) and node not in own:
            return "_:"
        return "" if node is None else node.n3()

    for node in graph.objects(report, SH.result):
        yield (
            text(graph.value(node, SH.focusNode)),
            path_text(graph, graph.value(node, SH.resultPath)),
            text(graph.value(node, SH.value)),
            text(graph.value(node, SH.resultSeverity)),
            text(graph.value(node, SH.sourceConstraintComponent)),
            text(graph.value(node, SH.sourceShape)),
        )


def results(test: Test, graph: Graph) -> Counter[Found]:
    report = graph.value(None, RDF.type, SH.ValidationReport)
    assert report is not None
    return Counter(found(graph, report, test.own))


def failed(graph: Graph) -> bool:
    return (None, RDF.type, FAILURE) in graph


def path_text(graph: Graph, path: Node | None) -> str:
    """A property path in the notation of SPARQL."""
    if path is None or isinstance(path, URIRef):
        return "" if path is None else path.n3()
    for predicate, before, after in (
        (SH.inversePath, "^", ""), (SH.zeroOrMorePath, "", "*"),
        (SH.oneOrMorePath, "", "+"), (SH.zeroOrOnePath, "", "?"),
    ):  # fmt: skip
        if (part := graph.value(path, predicate)) is not None:
            return f"{before}({path_text(graph, part)}){after}"
    choices = graph.value(path, SH.alternativePath)
    between = "/" if choices is None else "|"
    parts = graph.items(path if choices is None else choices)
    return "(" + between.join(path_text(graph, part) for part in parts) + ")"
