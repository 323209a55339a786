"""What each shape reads: from a changed triple back to the focus nodes that it can matter for.

A shape looks at the data along paths that start at a focus node. All of them together are one
graph of *places* (the states of a nondeterministic automaton, built as Thompson did for regular
expressions): a place is "where this shape is evaluated", "the values of its path", a variable of a
query. A *link* leads from a place to the next one along a predicate, forwards or against its
direction; it is also what is read there. So a triple (s, p, o) is read by a link for p, at s (at o,
against the direction); and the nodes that a place stands for are found from that node by going the
links that lead to the place backwards, until a place where a shape is evaluated on its targets.

Shapes that refer to each other share places, and a recursive shape is a cycle in the graph, so that
nothing has to be unrolled.

Follows what pySHACL 0.40.1 reads, for the terms that it evaluates (`lint`); what is not known here
is *unbounded*, and so is a query that looks at something not connected to its focus node.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from pyshacl.constraints import CONSTRAINT_PARAMETERS_MAP
from rdflib import Graph, URIRef
from rdflib.namespace import RDF, SH
from rdflib.term import Node

from ..i18n import Message
from . import query_reads
from .candidates import Candidates
from .targets import Targets, targets_of

if TYPE_CHECKING:
    from .judge import Judge

#: Parameters that look at the value nodes themselves, or change how another one does.
_VALUES_ONLY: Final = frozenset(
    SH[name]
    for name in (
        "datatype", "flags", "hasValue", "ignoredProperties", "in", "languageIn", "maxCount",
        "maxExclusive", "maxInclusive", "maxLength", "minCount", "minExclusive", "minInclusive",
        "minLength", "nodeKind", "pattern", "qualifiedMaxCount", "qualifiedMinCount",
        "qualifiedValueShapesDisjoint", "uniqueLang",
    )
)  # fmt: skip
_SHAPES: Final = frozenset((SH.node, SH["not"], SH.property, SH.qualifiedValueShape))
_LISTS: Final = frozenset((SH["and"], SH["or"], SH.xone))
_PAIRS: Final = frozenset((SH.disjoint, SH.equals, SH.lessThan, SH.lessThanOrEquals))

Place = int


@dataclass(frozen=True, slots=True)
class Condition:
    """What else must hold for a read to matter: (node, ``predicate``, one of ``values``), or with
    ``inverse`` (one of ``values``, ``predicate``, node). ``at_end``: of the link's other end."""

    at_end: bool
    predicate: URIRef
    inverse: bool
    values: frozenset[Node]


@dataclass(frozen=True, slots=True)
class Link:
    """A read: from the nodes of ``place`` along ``predicate`` (None: any). ``ends``: only where
    one of these is at the other end (None: anything)."""

    place: Place
    predicate: URIRef | None
    inverse: bool
    ends: frozenset[Node] | None = None
    conditions: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True)
class Unit:
    """The smallest thing that is judged: ``shape`` on a target of ``owner``. A node shape's
    property shapes are units of their own; ``own`` is what is left of it."""

    owner: Node
    shape: Node
    own: bool = False


@dataclass(frozen=True, slots=True)
class Unbounded:
    """A unit that reads what cannot be followed back: triples of these predicates (None: any)."""

    unit: Unit
    predicates: frozenset[URIRef] | None
    why: Message


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A read that cannot be followed back: why, and the predicates (None: any)."""

    why: Message
    predicates: frozenset[URIRef] | None = None


@dataclass
class ReadPaths:
    """The read paths of all shapes of a shapes graph."""

    units: list[Unit] = field(default_factory=list)
    targets: dict[Node, Targets] = field(default_factory=dict)
    #: shape → the place where it is evaluated, whoever refers to it
    shapes: dict[Node, Place] = field(default_factory=dict)
    starts: dict[Place, list[Unit]] = field(default_factory=lambda: defaultdict(list))
    links: dict[Node | None, list[Link]] = field(default_factory=lambda: defaultdict(list))
    #: place → how it is reached: (the place before, predicate, inverse), or None for "is that too"
    back: dict[Place, list[tuple[Place, URIRef | None, bool] | Place]] = field(
        default_factory=lambda: defaultdict(list)
    )
    #: place → what is read there that cannot be followed back
    unreadable: dict[Place, list[Unreadable]] = field(default_factory=lambda: defaultdict(list))
    unbounded: list[Unbounded] = field(default_factory=list)
    #: the text of a query → the place of its `$this`, where that is all that is bound in it
    queries: dict[str, Place] = field(default_factory=dict)
    #: shape → the texts of its own `sh:sparql`
    texts: dict[Node, list[str]] = field(default_factory=dict)
    places: int = 0

    def place(self) -> Place:
        self.places += 1
        return self.places

    def step(
        self,
        place: Place,
        predicate: URIRef | None,
        inverse: bool = False,
        ends: frozenset[Node] | None = None,
        conditions: tuple[Condition, ...] = (),
    ) -> Place:
        """A new place, one link on."""
        after = self.place()
        self.read(Link(place, predicate, inverse, ends, conditions))
        self.back[after].append((place, predicate, inverse))
        return after

    def read(self, link: Link) -> None:
        """A link whose end matters to nobody further on."""
        self.links[link.predicate].append(link)

    def same(self, place: Place, other: Place) -> None:
        """Every node of ``place`` is one of ``other``."""
        self.back[other].append(place)

    def path(self, place: Place, path: Node, shapes: Graph, inverse: bool = False) -> Place:
        """Where a property path (https://www.w3.org/TR/shacl/#property-paths) leads."""
        if isinstance(path, URIRef):
            return self.step(place, path, inverse)
        parts = _parts(shapes, path)
        if parts is not None:
            after = self.sequence(place, parts, shapes, inverse)
            if inverse:
                # Against its direction a sequence is gone from its end. pySHACL goes it from its
                # beginning, part for part against the direction; both are read.
                self.same(self.sequence(place, parts[::-1], shapes, inverse), after)
            return after
        for predicate, value in shapes.predicate_objects(path):
            if predicate == SH.inversePath:
                return self.path(place, value, shapes, not inverse)
            if predicate == SH.alternativePath:
                after = self.place()
                for choice in shapes.items(value):
                    self.same(self.path(place, choice, shapes, inverse), after)
                return after
            if predicate in (SH.zeroOrMorePath, SH.oneOrMorePath):
                loop = self.loop(place)
                self.same(self.path(loop, value, shapes, inverse), loop)
                return loop
            if predicate == SH.zeroOrOnePath:
                after = self.path(place, value, shapes, inverse)
                self.same(place, after)
                return after
        self.unreadable[place].append(Unreadable(Message("it has a path that is not known")))
        return place

    def sequence(self, place: Place, parts: list[Node], shapes: Graph, inverse: bool) -> Place:
        for part in parts:
            place = self.path(place, part, shapes, inverse)
        return place

    def loop(self, place: Place) -> Place:
        """The place that a path zero or more times long comes back to. Once or more reads the
        same, for it reads beyond each end."""
        loop = self.place()
        self.same(place, loop)
        return loop


def _parts(shapes: Graph, path: Node) -> list[Node] | None:
    return list(shapes.items(path)) if (path, RDF.first, None) in shapes else None


def derive(judge: Judge) -> ReadPaths:
    """The read paths of the shapes of ``judge``."""
    return _Derivation(judge).paths


class _Derivation:
    def __init__(self, judge: Judge) -> None:
        self.judge = judge
        self.shapes = judge.graph
        self._candidates = Candidates(judge.shapes, lambda kind: (kind,))
        self.paths = ReadPaths()
        for owner in judge.targeted():
            self.paths.targets[owner] = targets_of(judge, owner)
            for unit in self._units(owner):
                self.paths.units.append(unit)
                place = self.paths.place()
                self.paths.starts[place].append(unit)
                if unit.own:
                    self._constraints(unit.shape, place, own=True)
                else:
                    self.paths.same(place, self._shape(unit.shape))
        self._find_unbounded()

    def _units(self, owner: Node) -> Iterator[Unit]:
        # Taken apart, a shape that refers to itself is not recognised where it comes round again.
        if self.judge.shape(owner).is_property_shape or self._candidates.goes_whole(owner):
            yield Unit(owner, owner)
            return
        if self.judge.has_own(owner):
            yield Unit(owner, owner, own=True)
        for member in self.shapes.objects(owner, SH.property):
            yield Unit(owner, member)

    def _shape(self, node: Node) -> Place:
        """The place where ``node`` is evaluated, whoever refers to it."""
        place = self.paths.shapes.get(node)
        if place is None:
            place = self.paths.shapes[node] = self.paths.place()
            self._constraints(node, place, own=False)
        return place

    def _constraints(self, node: Node, place: Place, *, own: bool) -> None:
        shape = self.judge.shape(node)
        if shape is None or shape.deactivated:
            return  # what is no shape raises on every node alike
        values = place
        if shape.is_property_shape:
            values = self.paths.path(place, shape.path(), self.shapes)
        for parameter, value in self.shapes.predicate_objects(node):
            if parameter in CONSTRAINT_PARAMETERS_MAP and not (own and parameter == SH.property):
                self._constraint(node, parameter, value, place, values)
        query_reads.derive(self.paths, self.judge, shape, place, values)

    def _constraint(
        self, node: Node, parameter: Node, value: Node, place: Place, values: Place
    ) -> None:
        paths = self.paths
        if parameter in _VALUES_ONLY or parameter == SH.sparql:
            return  # the queries: `query_reads`
        if parameter == SH["class"]:
            paths.read(Link(values, RDF.type, inverse=False))  # rdfs:subClassOf: `impact`
        elif parameter == SH.closed:
            paths.read(Link(values, None, inverse=False))
        elif parameter in _PAIRS:
            if isinstance(value, URIRef):
                paths.read(Link(place, value, inverse=False))
        elif parameter in _SHAPES:
            paths.same(values, self._shape(value))
            if parameter == SH.qualifiedValueShape:
                for sibling in self._siblings(node):
                    paths.same(values, self._shape(sibling))
        elif parameter in _LISTS:
            for member in self.shapes.items(value):
                paths.same(values, self._shape(member))
        else:
            paths.unreadable[place].append(Unreadable(Message("it uses %(term)s", term=parameter)))

    def _siblings(self, node: Node) -> Iterator[Node]:
        """https://www.w3.org/TR/shacl/#QualifiedValueShapeConstraintComponent"""
        for parent in self.shapes.subjects(SH.property, node):
            for other in self.shapes.objects(parent, SH.property):
                yield from self.shapes.objects(other, SH.qualifiedValueShape)

    def _find_unbounded(self) -> None:
        """The units from whose start a place can be reached where something is unreadable."""
        onward: dict[Place, set[Place]] = defaultdict(set)
        for after, before in self.paths.back.items():
            for way in before:
                onward[way if isinstance(way, int) else way[0]].add(after)
        for start, units in self.paths.starts.items():
            seen, waiting = {start}, [start]
            while waiting:
                place = waiting.pop()
                for one in self.paths.unreadable.get(place, ()):
                    for unit in units:
                        self.paths.unbounded.append(Unbounded(unit, one.predicates, one.why))
                new = onward[place] - seen
                seen |= new
                waiting.extend(new)
