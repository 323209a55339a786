"""From a change back to the (unit, focus node) pairs whose results it may have changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain

from rdflib.term import Node

from .overlay import Base, Change, Overlay, Triple
from .read_paths import Condition, Link, Place, ReadPaths, Unit

# Steps back, per pair that is allowed, before the change counts as one that concerns too much.
_STEPS = 40


class TooMuch(Exception):
    """More pairs, or more steps to find them, than a whole run is worth."""


class Walk:
    """One change's way back along the read paths.

    The statements before and after the change are followed together: that finds all that is
    concerned in either state, and little more.
    """

    def __init__(self, paths: ReadPaths, base: Base, change: Change, most: int) -> None:
        self._paths = paths
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

    def back_from(self, entries: Iterable[tuple[Place, Node]]) -> set[tuple[Unit, Node]]:
        """The units with the nodes from which they come to one of the entries."""
        found: set[tuple[Unit, Node]] = set()
        seen: set[tuple[Place, Node]] = set()
        waiting: list[tuple[Place, Node]] = []
        for entry in entries:
            if entry not in seen:
                seen.add(entry)
                waiting.append(entry)
        starts, back = self._paths.starts, self._paths.back
        while waiting:
            place, node = waiting.pop()
            if place in starts:
                found.update((unit, node) for unit in starts[place])
            if place not in back:
                continue
            for one in self._before(place, node):
                if one not in seen:
                    seen.add(one)
                    waiting.append(one)
                    self._count()
        return found

    def _entries(self, triples: Iterable[Triple]) -> Iterator[tuple[Place, Node]]:
        links = self._paths.links
        for subject, predicate, value in triples:
            for link in chain(links.get(predicate, ()), links.get(None, ())):
                near, far = (value, subject) if link.inverse else (subject, value)
                if link.ends is not None and far not in link.ends:
                    continue
                if not link.conditions or self._matters(link, near, far):
                    yield link.place, near

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

    def _before(self, place: Place, node: Node) -> Iterable[tuple[Place, Node]]:
        for way in self._paths.back.get(place, ()):
            if isinstance(way, int):
                yield way, node
                continue
            before, predicate, inverse = way
            if not inverse and self._is_new(node):
                continue
            if inverse:
                for _, _, other in self._either.find((node, predicate, None)):
                    yield before, other
            else:
                for other, _, _ in self._either.find((None, predicate, node)):
                    yield before, other

    def _is_new(self, node: Node) -> bool:
        """Whether nothing refers to the node: most of a contribution, so that one look-up spares
        one for each path."""
        new = self._new.get(node)
        if new is None:
            new = not any(True for _ in self._either.find((None, None, node)))
            self._new[node] = new
        return new

    def _count(self) -> None:
        self._steps += 1
        if self._steps > self._most * _STEPS:
            raise TooMuch
