"""Validation by pySHACL, the reference, over a whole graph.

The ontology is always part of the data: without it, a `Collaboration` that lacks a role passes,
since nothing says that it is an `Activity`.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox
from rdflib import Graph
from rdflib.query import Result

from ..errors import EXIT_INPUT, CoiError
from ..i18n import Message
from ..intake import sources
from ..namespaces import GRAPH
from ..store import Store
from . import lint
from .report import Report, from_pyshacl
from .terms import to_graph

if TYPE_CHECKING:
    from rdflib.plugins.sparql.sparql import Query

SHAPES_GRAPHS = GRAPH + "shapes/"
# Generated anew at each release; nothing that people wrote, so nothing to validate.
GENERATED = tuple(GRAPH + name for name in ("validation", "provenance", "release", "removed"))


class ValidationFailed(CoiError):
    """The engine itself stopped: a shape that it cannot evaluate."""

    slug = "validation-failed"
    title = Message("The validation could not be carried out")


_MISREAD = frozenset(
    ("bad-query", "language-on-string", "misplaced-term", "severity-unknown", "unknown-term")
)


class BadShapes(CoiError):
    """The shapes themselves are not in order (`coi_graph.validation.lint`)."""

    status = 422
    exit_code = EXIT_INPUT
    slug = "bad-shapes"
    title = Message("The shapes are not in order")

    def __init__(self, findings: list[lint.Finding]) -> None:
        super().__init__(Message("%(text)s", text="; ".join(map(str, findings))))
        self.findings = findings


class PreparingGraph(Graph):
    """A graph that parses each query text once.

    pySHACL hands over the same SPARQL constraint as text for every focus node (measured: parsing
    it anew each time makes it 6 to 7 times slower).
    """

    def __init__(self) -> None:
        super().__init__()
        self._prepared: dict[str, Query] = {}

    def query(self, query_object: str | Query, *args: Any, **options: Any) -> Result:
        if isinstance(query_object, str):
            prepared = self._prepared.get(query_object)
            if prepared is None:
                from rdflib.plugins.sparql import prepareQuery  # as pyshacl below

                prepared = prepareQuery(query_object, initNs=dict(self.namespaces()))
                self._prepared[query_object] = prepared
            query_object = prepared
        return super().query(query_object, *args, **options)


@dataclass(frozen=True, slots=True)
class ShapesAndData:
    """What is validated: shapes, and all that they may look at."""

    shapes: Graph
    data: PreparingGraph


def from_store(store: Store) -> ShapesAndData:
    """Shapes and data of a release (or of a candidate), as rdflib graphs."""
    shapes, data = Graph(), PreparingGraph()
    for name in store.graph_names():
        if name in GENERATED:
            continue
        to_graph(store.quads(graph=name), shapes if name.startswith(SHAPES_GRAPHS) else data)
    return ShapesAndData(shapes, data)


def shapes_of(store: Store) -> Graph:
    """The shapes of a release (or of a candidate) alone."""
    shapes = Graph()
    for name in store.graph_names():
        if name.startswith(SHAPES_GRAPHS):
            to_graph(store.quads(graph=name), shapes)
    return shapes


def add(where: ShapesAndData, quads: Iterable[ox.Quad]) -> ShapesAndData:
    """The same with more data: what a contribution would make of it."""
    data = PreparingGraph()
    for triple in where.data:
        data.add(triple)
    to_graph(quads, data)
    return ShapesAndData(where.shapes, data)


def check_shapes(shapes: Graph) -> None:
    """Refuses shapes that the engine would misread or partly ignore. Raises `BadShapes` that
    lists what to mend. (The lint's other findings are rules of this house, for the tests.)"""
    findings = [one for one in lint.lint(shapes) if one.code in _MISREAD]
    if findings:
        raise BadShapes(findings)


def validate(what: ShapesAndData) -> Report:
    """Every result of every shape. Raises `ValidationFailed` where pySHACL gives up."""
    import pyshacl  # here, because it takes long and a server need not wait for it

    logging.getLogger("pyshacl").setLevel(logging.ERROR)
    try:
        _, results, text = pyshacl.validate(
            what.data,
            shacl_graph=what.shapes,
            inference="none",
            advanced=False,
            inplace=True,
            do_owl_imports=False,
        )
    except Exception as error:  # an engine's failure names no place; it must not look like ours
        raise ValidationFailed(Message("%(why)s", why=error)) from error
    if not isinstance(results, Graph):
        raise ValidationFailed(Message("%(why)s", why=text))
    return from_pyshacl(results, what.shapes, what.data)


def from_sources(root: Path, *, examples: bool) -> ShapesAndData:
    """Shapes and data straight from the files, for when nothing has been published yet."""
    shapes, data = Graph(), PreparingGraph()
    for source in sources.find(root, examples=examples):
        to_graph(sources.read(source), shapes if source.graph.startswith(SHAPES_GRAPHS) else data)
    return ShapesAndData(shapes, data)
