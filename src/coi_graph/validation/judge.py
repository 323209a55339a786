"""pySHACL's verdict on chosen (shape, focus node) pairs.

pySHACL is the reference: every result that we report is written by its own `Shape.validate`. What
it cannot do for us is done around it, without a change to it: it runs over the whole graph only
(its options ``focus_nodes`` and ``use_shapes`` give wrong results, measured), reads the queries
anew for each node (`queries`), gives up when one constraint raises (`guarded`), and passes over
``owl:imports`` where prefixes are declared.

Importing this module imports pySHACL and rdflib's SPARQL engine, which takes a third of a second:
import it where shapes are checked, not at a program's start.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Collection, Iterable, Iterator
from typing import NamedTuple

from pyshacl.constraints.sparql.sparql_based_constraint_components import (
    SPARQLConstraintComponentValidator,
)
from pyshacl.pytypes import SHACLExecutor
from pyshacl.rdfutil.stringify import stringify_blank_node
from pyshacl.validator import Validator
from rdflib import OWL, Graph, Literal
from rdflib.namespace import SH
from rdflib.term import Node

from ..i18n import Message
from . import report
from .engine import ValidationFailed
from .guarded import AnyShape, FixedGraph, GuardedShapes, Raw, without_properties
from .queries import DataGraph, Queries, with_shapes_graph
from .report import Result

_TARGETS = (SH.targetClass, SH.targetNode, SH.targetObjectsOf, SH.targetSubjectsOf)
_SWITCHES = frozenset((SH.closed, SH.deactivated, SH.qualifiedValueShapesDisjoint, SH.uniqueLang))


class Question(NamedTuple):
    """What does ``shape`` say of ``focus_nodes``, whether they are its targets or not? With
    ``own`` its property shapes are left out: only what it says itself."""

    shape: Node
    focus_nodes: Collection[Node]
    own: bool = False


class Judge:
    """The verdicts of one shapes graph. Not for two threads at once."""

    def __init__(self, shapes: Graph) -> None:
        """Raises `ValidationFailed` where pySHACL cannot read the shapes."""
        logging.getLogger("pyshacl").setLevel(logging.CRITICAL)
        self.shapes = shapes
        graph = FixedGraph(_readable(shapes))
        _forget(graph)
        try:
            self._shapes = GuardedShapes(graph, logger=logging.getLogger("pyshacl"))
            self._by_node: dict[Node, AnyShape] = {one.node: one for one in self._shapes.shapes}
        except Exception as error:  # pySHACL's own, or a bare one: a shape that it cannot read
            raise ValidationFailed(Message("%(why)s", why=error)) from error
        self._own: dict[Node, AnyShape | None] = {}
        self.queries = Queries(shapes)
        self._executor = SHACLExecutor()

    @property
    def graph(self) -> Graph:
        """The shapes as pySHACL sees them."""
        graph: Graph = self._shapes.graph
        return graph

    def shape(self, node: Node) -> AnyShape:
        """pySHACL's shape; None where ``node`` is none."""
        return self._by_node.get(node)

    def has_own(self, node: Node) -> bool:
        """Whether the shape has constraints besides its property shapes."""
        return self._own_part(node) is not None

    def targeted(self) -> list[Node]:
        """The shapes that have a target and are not deactivated, in a fixed order."""
        found = (
            node
            for node, shape in self._by_node.items()
            if not shape.deactivated
            and (
                any((node, target, None) in self._shapes.graph for target in _TARGETS)
                or shape.implicit_class_targets()
            )
        )
        return sorted(found, key=str)

    def target_nodes(self, shape: Node, data: Graph) -> set[Node]:
        """The focus nodes that the targets of ``shape`` select in ``data``
        (https://www.w3.org/TR/shacl/#targets)."""
        found: set[Node] = self._by_node[shape].focus_nodes(data)
        return found

    def results(
        self, shape: Node, focus_nodes: Collection[Node], data: Graph, *, own: bool = False
    ) -> list[Result]:
        """The answer to one `Question`."""
        return self.verdicts([Question(shape, focus_nodes, own)], data)

    def verdicts(self, questions: Iterable[Question], data: Graph) -> list[Result]:
        """The answers to many, in the order of a report, each result once."""
        raw = self._ask(questions, data)
        if not raw:
            return []
        found = report.from_pyshacl(self._write(raw), self.shapes, data)
        return list(dict.fromkeys(found.results))

    def report_graph(self, questions: Iterable[Question], data: Graph) -> Graph:
        """The same as `sh:ValidationReport`, as pySHACL writes it."""
        return self._write(self._ask(questions, data))

    def whole(self, data: Graph) -> Graph:
        """`report_graph` for every shape and all its targets: what pySHACL alone would do."""
        return self.report_graph(
            (Question(node, self.target_nodes(node, data)) for node in self.targeted()), data
        )

    def _ask(self, questions: Iterable[Question], data: Graph) -> list[Raw]:
        raw: list[Raw] = []
        seen = DataGraph(data, self.queries)
        # pySHACL keeps the text of blank nodes by the address of their graph, for ever.
        stringify_blank_node.dict_cache.clear()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # recursion between shapes is cut, as pySHACL does
            for node, focus_nodes, own in questions:
                shape = self._own_part(node) if own else self._by_node[node]
                if shape is not None and focus_nodes:
                    raw.extend(shape.validate(self._executor, seen, focus=focus_nodes)[1])
        return raw

    def _write(self, raw: list[Raw]) -> Graph:
        graph, _ = Validator.create_validation_report(self._shapes, not raw, raw)
        assert isinstance(graph, Graph)
        return graph

    def _own_part(self, node: Node) -> AnyShape | None:
        if node not in self._own:
            self._own[node] = without_properties(self._by_node[node])
        return self._own[node]


def _readable(shapes: Graph) -> Graph:
    """The shapes with what pySHACL passes over said in words that it knows."""
    graph = Graph()
    for subject, predicate, value in shapes:
        # A parameter is on where it is the term true; rdflib reads "1" as true, too.
        off = predicate in _SWITCHES and str(value) != "true"
        graph.add((subject, predicate, Literal(False) if off else value))
    # https://www.w3.org/TR/shacl/#sparql-prefixes: the declarations of imported ontologies count.
    for holder in set(shapes.objects(None, SH.prefixes)):
        for imported in shapes.transitive_objects(holder, OWL.imports):
            for declaration in shapes.objects(imported, SH.declare):
                graph.add((holder, SH.declare, declaration))
    for predicate in (SH.select, SH.ask):
        for node, text in _texts(shapes, predicate):
            changed = with_shapes_graph(text)
            if changed != text:
                graph.set((node, predicate, Literal(changed)))
    return graph


def _texts(shapes: Graph, predicate: Node) -> Iterator[tuple[Node, str]]:
    for node, text in shapes.subject_objects(predicate):
        if isinstance(text, Literal):
            yield node, str(text)


def _forget(graph: Graph) -> None:
    """pySHACL keeps validators by the address of their graph; an earlier graph may have had it."""
    cache = SPARQLConstraintComponentValidator.validator_cache
    for key in [key for key in cache if key[0] == id(graph)]:
        del cache[key]
