"""From a change back to the (unit, focus node) pairs whose results it may have changed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from rdflib.namespace import RDF, RDFS
from rdflib.term import Node

from .overlay import Base, Change, Overlay, Triple
from .read_paths import Condition, Link, Place, ReadPaths, Targets, Unit

# Steps back, per pair that is allowed, before the change counts as one that concerns too much.
_STEPS = 40


class TooMuch(Exception):
    """More pairs, or more steps to find them, than a whole run is worth."""


class TargetIndex:
    """Which shapes name a node, a class or a predicate as their target."""

    def __init__(self, targets: dict[Node, Targets]) -> None:
        self.by_node: dict[Node, set[Node]] = defaultdict(set)
        self.by_class: dict[Node, set[Node]] = defaultdict(set)
        self.by_subject: dict[Node, set[Node]] = defaultdict(set)
        self.by_object: dict[Node, set[Node]] = defaultdict(set)
        for owner, one in targets.items():
            for index, terms in (
                (self.by_node, one.nodes),
                (self.by_class, one.classes),
                (self.by_subject, one.subjects_of),
                (self.by_object, one.objects_of),
            ):
                for term in terms:
                    index[term].add(owner)


class Membership:
    """Which shapes have a node as a target, in one state of the data."""

    def __init__(self, index: TargetIndex, data: Overlay) -> None:
        self._index = index
        self._data = data
        self._found: dict[Node, frozenset[Node]] = {}
        self._by_type: dict[Node, frozenset[Node]] = {}
        self._of_class: dict[Node, frozenset[Node]] = {}

    def owners(self, node: Node) -> frozenset[Node]:
        """The shapes that have ``node`` as a target."""
        found = self._found.get(node)
        if found is None:
            found = self._found[node] = frozenset(self._owners(node))
        return found

    def holds(self, owner: Node, node: Node) -> bool:
        """Whether ``node`` is a target of the shape ``owner``: `owners` for one of them."""
        index = self._index
        if owner in index.by_node.get(node, ()) or owner in self._of_types(node):
            return True
        return any(
            owner in owners and any(True for _ in self._data.find((node, predicate, None)))
            for predicate, owners in index.by_subject.items()
        ) or any(
            owner in owners and any(True for _ in self._data.find((None, predicate, node)))
            for predicate, owners in index.by_object.items()
        )

    def _of_types(self, node: Node) -> frozenset[Node]:
        found = self._by_type.get(node)
        if found is None:
            found = self._by_type[node] = frozenset(
                owner
                for _, _, kind in self._data.find((node, RDF.type, None))
                for owner in self.owners_of_class(kind)
            )
        return found

    def touched(self, triple: Triple) -> Iterator[tuple[Node, Node]]:
        """(shape, node) that the triple alone can make a target."""
        subject, predicate, value = triple
        if predicate == RDF.type:
            for owner in self.owners_of_class(value):
                yield owner, subject
        for owner in self._index.by_subject.get(predicate, ()):
            yield owner, subject
        for owner in self._index.by_object.get(predicate, ()):
            yield owner, value

    def owners_of_class(self, kind: Node) -> frozenset[Node]:
        """The shapes that have the instances of the class as targets."""
        found = self._of_class.get(kind)
        if found is None:
            seen, waiting = {kind}, [kind]
            while waiting:
                for _, _, above in self._data.find((waiting.pop(), RDFS.subClassOf, None)):
                    if above not in seen:
                        seen.add(above)
                        waiting.append(above)
            found = frozenset(owner for one in seen for owner in self._index.by_class.get(one, ()))
            self._of_class[kind] = found
        return found

    def _owners(self, node: Node) -> Iterator[Node]:
        yield from self._index.by_node.get(node, ())
        yield from self._of_types(node)
        for predicate, owners in self._index.by_subject.items():
            if any(True for _ in self._data.find((node, predicate, None))):
                yield from owners
        for predicate, owners in self._index.by_object.items():
            if any(True for _ in self._data.find((None, predicate, node))):
                yield from owners


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

    def candidates(self) -> set[tuple[Unit, Node]]:
        """The units with the nodes from which they read something that changed, targets or not.

        Raises `TooMuch`.
        """
        return self.back_from(self._entries())

    def back_from(self, entries: Iterable[tuple[Place, Node]]) -> set[tuple[Unit, Node]]:
        """The units with the nodes from which they come to one of the entries."""
        found: set[tuple[Unit, Node]] = set()
        seen: set[tuple[Place, Node]] = set()
        waiting: list[tuple[Place, Node]] = []
        for place, node in entries:
            if (place, node) not in seen:
                seen.add((place, node))
                waiting.append((place, node))
        while waiting:
            place, node = waiting.pop()
            found.update((unit, node) for unit in self._paths.starts.get(place, ()))
            for one in self._before(place, node):
                if one not in seen:
                    seen.add(one)
                    waiting.append(one)
                    self._count()
        return found

    def _entries(self) -> Iterator[tuple[Place, Node]]:
        for triple in self._change:
            for links in (self._paths.links.get(triple[1], ()), self._paths.links.get(None, ())):
                for link in links:
                    near, far = triple[0], triple[2]
                    if link.inverse:
                        near, far = far, near
                    if link.ends is not None and far not in link.ends:
                        continue
                    if self._matters(link, near, far):
                        yield link.place, near

    def _matters(self, link: Link, near: Node, far: Node) -> bool:
        return all(
            self._holds(condition, far if condition.at_end else near)
            for condition in link.conditions
        )

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
