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
from typing import Final, NamedTuple

from pyshacl.constraints.sparql.sparql_based_constraint_components import (
    SPARQLConstraintComponentValidator,
)
from pyshacl.pytypes import SHACLExecutor
from pyshacl.rdfutil.clone import clone_blank_node
from pyshacl.rdfutil.stringify import stringify_blank_node
from rdflib import OWL, BNode, Graph, Literal
from rdflib.namespace import RDF, SH
from rdflib.term import Node

from ..i18n import Message
from . import report
from .engine import ValidationFailed
from .guarded import AnyShape, FixedGraph, GuardedShapes, Raw, only, without
from .queries import DataGraph, Queries, Shortcut, with_shapes_graph
from .report import Result

_TARGETS = (SH.targetClass, SH.targetNode, SH.targetObjectsOf, SH.targetSubjectsOf)
_SWITCHES = frozenset((SH.closed, SH.deactivated, SH.qualifiedValueShapesDisjoint, SH.uniqueLang))
_NOTHING: Final[frozenset[Node]] = frozenset()
_PROPERTY: Final[frozenset[Node]] = frozenset((SH.property,))
_QUERIES: Final[frozenset[Node]] = frozenset((SH.sparql,))


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
        self._parts: dict[Node, AnyShape] = {}
        self._rest: dict[tuple[Node, frozenset[Node]], AnyShape | None] = {}
        self.queries = Queries(shapes)
        graph.namespace_manager = self.queries.names
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
        return self._without(node, _PROPERTY) is not None

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

    def verdicts(
        self, questions: Iterable[Question], data: Graph, shortcut: Shortcut | None = None
    ) -> list[Result]:
        """The answers to many, in the order of a report, each result once.

        ``shortcut`` may say beforehand that a constraint's query finds nothing for a node.
        """
        raw = self._ask(questions, data, shortcut)
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

    def _ask(
        self, questions: Iterable[Question], data: Graph, shortcut: Shortcut | None = None
    ) -> list[Raw]:
        raw: list[Raw] = []
        seen = DataGraph(data, self.queries, shortcut)
        # pySHACL keeps the text of blank nodes by the address of their graph, for ever.
        stringify_blank_node.dict_cache.clear()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # recursion between shapes is cut, as pySHACL does
            for question in questions:
                for shape, focus_nodes in self._split(question, shortcut):
                    if focus_nodes:
                        found = shape.validate(self._executor, seen, focus=focus_nodes)
                        raw.extend(found[1])
        return raw

    def _split(
        self, question: Question, shortcut: Shortcut | None
    ) -> Iterator[tuple[AnyShape, Collection[Node]]]:
        """(shape or part of it, focus nodes): the queries of a shape apart from the rest of it,
        where they are known to find nothing for most nodes."""
        node, focus_nodes, own = question
        left_out = _PROPERTY if own else _NOTHING
        texts = () if shortcut is None else shortcut.texts(node)
        if shortcut is not None and texts:
            doubtful = [
                one
                for one in focus_nodes
                if not all(shortcut.is_empty(text, one) for text in texts)
            ]
            if doubtful:
                yield self._part(node, SH.sparql), doubtful
            left_out |= _QUERIES
        shape = self._without(node, left_out) if left_out else self._by_node[node]
        if shape is not None:
            yield shape, focus_nodes

    def _part(self, node: Node, parameter: Node) -> AnyShape:
        found = self._parts.get(node)
        if found is None:
            found = self._parts[node] = only(self._by_node[node], (parameter,))
        return found

    def _without(self, node: Node, left_out: frozenset[Node]) -> AnyShape | None:
        key = node, left_out
        if key not in self._rest:
            self._rest[key] = without(self._by_node[node], left_out)
        return self._rest[key]

    def _write(self, raw: list[Raw]) -> Graph:
        """As `Validator.create_validation_report`, without the text and the prefixes."""
        graph = Graph(bind_namespaces="none")
        head = BNode()
        graph.add((head, RDF.type, SH.ValidationReport))
        graph.add((head, SH.conforms, Literal(not raw)))
        for _, node, triples in raw:
            graph.add((head, SH.result, node))
            for subject, predicate, value in triples:
                if isinstance(value, tuple):
                    source, value = value
                    if isinstance(value, BNode) and (value, None, None) not in graph:
                        clone_blank_node(source, value, graph, keepid=True)
                graph.add((subject, predicate, value))
        return graph


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
