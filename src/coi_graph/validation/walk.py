"""From a change back to the (unit, focus node) pairs whose results it may have changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rdflib.term import Node

from .backward import Backward
from .overlay import Base, Change, Overlay, Triple
from .read_paths import Condition, Link, Place, Unit

# Steps back, per pair that is allowed, before the change counts as one that concerns too much.
_STEPS = 40


class TooMuch(Exception):
    """More pairs, or more steps to find them, than a whole run is worth."""


class Walk:
    """One change's way back along the read paths.

    The statements before and after the change are followed together: that finds all that is
    concerned in either state, and little more.
    """

    def __init__(self, back: Backward, base: Base, change: Change, most: int) -> None:
        self._back = back
        self._either = Overlay(base, change.added)
        self._change = change
        self._most = most
        self._steps = 0
        self._new: dict[Node, bool] = {}
        self._held: dict[tuple[int, Node], bool] = {}

    def candidates(self) -> set[tuple[Unit, Node]]:
        """The units with the nodes from which they read something that changed, targets or not.

        Raises `TooMuch`.
        """
        return self.reading(self._change)

    def reading(self, triples: Iterable[Triple]) -> set[tuple[Unit, Node]]:
        """`candidates` for these triples alone."""
        return self.back_from(self._entries(triples))

    def back_from(self, entries: Iterable[tuple[Iterable[Place], Node]]) -> set[tuple[Unit, Node]]:
        """The units with the nodes from which they come to one of the entries: places, and a node
        that stands for them."""
        found: set[tuple[Unit, Node]] = set()
        seen: dict[Node, frozenset[Place]] = {}
        waiting: dict[Node, set[Place]] = {}
        for places, node in entries:
            waiting.setdefault(node, set()).update(places)
        nothing: frozenset[Place] = frozenset()
        while waiting:
            node, given = waiting.popitem()
            known = seen.get(node, nothing)
            new = frozenset(given - known)
            if not new:
                continue
            steps = self._back.steps(new)
            seen[node] = known | steps.places
            found.update([(unit, node) for unit in steps.units])
            for (predicate, inverse), before in steps.ways.items():
                for other in self._others(node, predicate, inverse):
                    self._count(len(before))
                    waiting.setdefault(other, set()).update(before)
        return found

    def _entries(self, triples: Iterable[Triple]) -> Iterator[tuple[Iterable[Place], Node]]:
        for triple in triples:
            for reads in self._back.reads(triple[1]):
                near, far = (triple[2], triple[0]) if reads.inverse else (triple[0], triple[2])
                if reads.places:
                    yield reads.places, near
                for link in reads.choosy:
                    if (link.ends is None or far in link.ends) and self._matters(link, near, far):
                        yield (link.place,), near

    def _matters(self, link: Link, near: Node, far: Node) -> bool:
        for condition in link.conditions:
            node = far if condition.at_end else near
            key = id(condition), node  # quicker than the hash of what it says
            holds = self._held.get(key)
            if holds is None:
                holds = self._held[key] = self._holds(condition, node)
            if not holds:
                return False
        return True

    def _holds(self, condition: Condition, node: Node) -> bool:
        for value in condition.values:
            subject, other = (value, node) if condition.inverse else (node, value)
            if (subject, condition.predicate, other) in self._either:
                return True
        return False

    def _others(self, node: Node, predicate: Node | None, inverse: bool) -> Iterable[Node]:
        """The nodes from which a link leads to ``node``."""
        if inverse:
            return (other for _, _, other in self._either.find((node, predicate, None)))
        if self._is_new(node):
            return ()
        return (other for other, _, _ in self._either.find((None, predicate, node)))

    def _is_new(self, node: Node) -> bool:
        """Whether nothing refers to the node: most of a contribution, so that one look-up spares
        one for each path."""
        new = self._new.get(node)
        if new is None:
            new = not any(True for _ in self._either.find((None, None, node)))
            self._new[node] = new
        return new

    def _count(self, steps: int) -> None:
        self._steps += steps
        if self._steps > self._most * _STEPS:
            raise TooMuch
