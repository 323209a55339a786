"""What a change does to the report: only what it can have changed is judged, before and after.

The cost follows the change, not the release. Side effects are found as well: the record that has
been there for years and whose identifier a contribution repeats gets its result, too.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cached_property

import pyoxigraph as ox
from rdflib import Graph
from rdflib.namespace import RDFS, SH
from rdflib.term import Node

from ..i18n import Message
from ..namespaces import GRAPH
from ..store import Store, graph_of
from . import read_paths, report, screening
from .engine import SHAPES_GRAPHS
from .judge import Judge, Question
from .overlay import Base, Change, Overlay, holds_data
from .pair_screening import PairScreen
from .read_paths import Unit
from .report import Report, Result
from .shortcut import Forward, OxigraphShortcut
from .targets import Membership, TargetIndex
from .terms import to_graph, to_rdflib
from .walk import TooMuch, Walk

ONTOLOGY_GRAPHS = GRAPH + "ontology"
#: Pairs of shape and focus node that a change may concern, or one for so many triples of the
#: release if that is more: beyond that a whole run is no dearer.
MOST_PAIRS = 1000
TRIPLES_PER_PAIR = 50
#: So many pairs are screened first; fewer are judged before Oxigraph has read its queries.
SCREENED_FROM = 100


@dataclass(frozen=True, slots=True)
class Impact:
    """What was judged: the number of (shape, focus node) pairs, after the change."""

    pairs: int
    focus_nodes: int


@dataclass(frozen=True, slots=True)
class Full:
    """Everything was judged."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What a change does.

    ``report``: the results that are there with the change and were not before; ``mended``: those
    that it took away; ``remaining``: those that the nodes concerned had before and still have.
    ``why_full``: why a whole run was needed. ``data``: release and change, to look things up in.
    """

    report: Report
    mended: Report
    remaining: Report
    scope: Impact | Full
    why_full: Message | None
    data: Graph


class Rules:
    """What is derived from the shapes alone, for release after release: half a second's work.

    It holds no store: one that is kept open goes on writing its files.
    """

    def __init__(self, shapes: Graph) -> None:
        self.judge = Judge(shapes)
        self.paths = read_paths.derive(self.judge)


class Checker:
    """Checks changes to one release. It may serve many checks, one at a time."""

    def __init__(
        self,
        store: Store,
        shapes: Graph | None = None,
        *,
        rules: Rules | None = None,
        most_pairs: int | None = None,
        screened_from: int = SCREENED_FROM,
    ) -> None:
        """``shapes``: those of the release where none are given; or the ``rules`` made of them,
        which takes most of a second. ``most_pairs``: see `MOST_PAIRS`; ``screened_from``: see
        `SCREENED_FROM`."""
        self.rules = rules or Rules(_shapes_of(store) if shapes is None else shapes)
        self._judge, self.paths = self.rules.judge, self.rules.paths
        self._store = store
        self._base = Base(store)
        self._before = Graph(store=Overlay(self._base))
        self._screened_from = screened_from
        self._most = most_pairs or max(MOST_PAIRS, len(store) // TRIPLES_PER_PAIR)

    def check(self, added: Iterable[ox.Quad], removed: Iterable[ox.Quad] = ()) -> Checked:
        """What the change would do. Nothing is changed."""
        added, removed = list(added), list(removed)
        change = Change(self._base, added, removed)
        after = Graph(store=Overlay(self._base, change.added, change.removed))
        why = self._why_full(change, added + removed)
        if why is None:
            try:
                return self._check_impact(change, after)
            except TooMuch:
                why = Message("it concerns a large part of the data")
        return self._check_all(added, removed, after, why)

    def _check_impact(self, change: Change, after: Graph) -> Checked:
        earlier = Membership(self._targets, _overlay(self._before))
        later = Membership(self._targets, _overlay(after))
        walk = Walk(self.paths, self._base, change, self._most)
        pairs = walk.candidates()
        for triple in change:
            for membership in (earlier, later):
                for owner, node in membership.touched(triple):
                    pairs.update((unit, node) for unit in self._units[owner])
        old = {(unit, node) for unit, node in pairs if earlier.holds(unit.owner, node)}
        new = {(unit, node) for unit, node in pairs if later.holds(unit.owner, node)}
        concerned = {(unit.owner, node) for unit, node in new}
        if len(concerned) > self._most:
            raise TooMuch
        was = self._verdicts(old, self._before, walk)
        now = self._verdicts(new, after, walk)
        # What a property shape beneath a property shape says of a value is said by whoever has
        # that value: by another focus node before, perhaps.
        places = {
            (self.paths.shapes[one.shape], one.focus)
            for one in set(was) ^ set(now)
            if one.shape in self.paths.shapes and one.shape not in self._judged_directly
        }
        if places:
            others = walk.back_from(places)
            was += self._verdicts(
                {(u, n) for u, n in others if earlier.holds(u.owner, n)} - old, self._before, walk
            )
            now += self._verdicts(
                {(u, n) for u, n in others if later.holds(u.owner, n)} - new, after, walk
            )
        scope = Impact(len(concerned), len({node for _, node in concerned}))
        return _compared(was, now, scope, None, after)

    def _verdicts(self, pairs: set[tuple[Unit, Node]], data: Graph, walk: Walk) -> list[Result]:
        overlay = _overlay(data)
        if len(pairs) >= self._screened_from:
            pairs = self._screen.suspects(pairs, overlay, walk.reading)
        if not pairs:
            return []
        shortcut = OxigraphShortcut(self._forward, overlay)
        return self._judge.verdicts(_questions(pairs), data, shortcut)

    @cached_property
    def _judged_directly(self) -> frozenset[Node]:
        """The shapes that are judged on the targets themselves and nowhere else."""
        nested = {
            member
            for shape, _ in self.paths.shapes.items()
            if (shape, SH.path, None) in self._judge.graph
            for member in self._judge.graph.objects(shape, SH.property)
        }
        return frozenset({unit.shape for unit in self.paths.units} - nested)

    @cached_property
    def _targets(self) -> TargetIndex:
        return TargetIndex(self.paths.targets)

    @cached_property
    def _forward(self) -> Forward:
        return Forward(self.paths, self._judge.queries)

    @cached_property
    def _screen(self) -> PairScreen:
        return PairScreen(self._judge, self.paths, self._forward, self._base)

    @cached_property
    def _units(self) -> Mapping[Node, list[Unit]]:
        units: dict[Node, list[Unit]] = defaultdict(list)
        for unit in self.paths.units:
            units[unit.owner].append(unit)
        return units

    def _why_full(self, change: Change, quads: list[ox.Quad]) -> Message | None:
        graphs = {graph_of(quad) for quad in quads}
        if any(name.startswith(SHAPES_GRAPHS) for name in graphs):
            return Message("the shapes change")
        if any(name.startswith(ONTOLOGY_GRAPHS) for name in graphs):
            return Message("the ontology changes")
        predicates = {triple[1] for triple in change}
        if RDFS.subClassOf in predicates:
            return Message("a class is placed under another one")
        for one in self.paths.unbounded:
            if one.predicates is None or not one.predicates.isdisjoint(predicates):
                return Message(
                    "the shape %(shape)s cannot be followed back: %(why)s",
                    shape=one.unit.shape,
                    why=one.why,
                )
        return None

    def _check_all(
        self, added: list[ox.Quad], removed: list[ox.Quad], after: Graph, why: Message
    ) -> Checked:
        found = self._judge_all(added, removed, after)
        return _compared(self._all_before, found, Full(), why, after)

    @cached_property
    def _all_before(self) -> list[Result]:
        return self._judge_all([], [], self._before)

    def _judge_all(self, added: list[ox.Quad], removed: list[ox.Quad], data: Graph) -> list[Result]:
        with self._changed(added, removed) as store:
            questions = screening.suspects(self._judge, store)
        return self._judge.verdicts([*questions, *self._altered(added, data)], data)

    @contextmanager
    def _changed(self, added: list[ox.Quad], removed: list[ox.Quad]) -> Iterator[Store]:
        """A copy of the release's data with the change in it, for Oxigraph to look through."""
        with ExitStack() as stack:
            try:
                copy = stack.enter_context(screening.data_only(self._store))
            except (OSError, RuntimeError, ValueError):
                # A store in memory, or a worker that may write nothing.
                copy = Store.in_memory(
                    quad for quad in self._store.quads() if holds_data(graph_of(quad))
                )
            copy.apply(
                removed=removed, added=[quad for quad in added if holds_data(graph_of(quad))]
            )
            yield copy

    def _altered(self, added: list[ox.Quad], data: Graph) -> Iterator[Question]:
        """Whatever says something that the copy holds in another form (of 007 it makes 7) is
        judged besides."""
        typed = [quad for quad in added if isinstance(quad.object, ox.Literal)]
        held = set(Store.in_memory(typed).quads())
        membership = Membership(self._targets, _overlay(data))
        for node in {to_rdflib(quad.subject) for quad in typed if quad not in held}:
            for owner in membership.owners(node):
                yield Question(owner, [node])


def _overlay(data: Graph) -> Overlay:
    assert isinstance(data.store, Overlay)
    return data.store


def _questions(pairs: Iterable[tuple[Unit, Node]]) -> list[Question]:
    asked: dict[tuple[Node, bool], set[Node]] = defaultdict(set)
    for unit, node in pairs:
        asked[unit.shape, unit.own].add(node)
    return [Question(shape, nodes, own) for (shape, own), nodes in asked.items()]


def _compared(
    was: list[Result], now: list[Result], scope: Impact | Full, why: Message | None, after: Graph
) -> Checked:
    before, later = set(was), set(now)
    return Checked(
        report=_sorted(later - before),
        mended=_sorted(before - later),
        remaining=_sorted(later & before),
        scope=scope,
        why_full=why,
        data=after,
    )


def _sorted(results: Iterable[Result]) -> Report:
    return report.of(sorted(results, key=report.order))


def _shapes_of(store: Store) -> Graph:
    shapes = Graph()
    for name in store.graph_names():
        if name.startswith(SHAPES_GRAPHS):
            to_graph(store.quads(graph=name), shapes)
    return shapes
