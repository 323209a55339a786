"""Which nodes a shape has as targets (https://www.w3.org/TR/shacl/#targets)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rdflib import URIRef
from rdflib.namespace import RDF, RDFS, SH
from rdflib.term import Node

from .overlay import Overlay, Triple

if TYPE_CHECKING:
    from .judge import Judge


@dataclass(slots=True)
class Targets:
    """https://www.w3.org/TR/shacl/#targets"""

    nodes: frozenset[Node]
    classes: frozenset[Node]
    subjects_of: frozenset[Node]
    objects_of: frozenset[Node]


def targets_of(judge: Judge, owner: Node) -> Targets:
    """What the shape ``owner`` declares."""

    def of(predicate: URIRef) -> frozenset[Node]:
        return frozenset(judge.graph.objects(owner, predicate))

    return Targets(
        of(SH.targetNode),
        of(SH.targetClass) | frozenset(judge.shape(owner).implicit_class_targets()),
        of(SH.targetSubjectsOf),
        of(SH.targetObjectsOf),
    )


class TargetIndex:
    """Which shapes name a node, a class or a predicate as their target."""

    def __init__(self, targets: dict[Node, Targets]) -> None:
        self.by_node: dict[Node, set[Node]] = defaultdict(set)
        self.by_class: dict[Node, set[Node]] = defaultdict(set)
        self.by_subject: dict[Node, set[Node]] = defaultdict(set)
        self.by_object: dict[Node, set[Node]] = defaultdict(set)
        #: shape → the predicates whose subjects, and whose objects, are its targets
        self.predicates = {
            owner: (tuple(one.subjects_of), tuple(one.objects_of)) for owner, one in targets.items()
        }
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
        self._held: dict[tuple[Node, Node], bool] = {}
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
        key = owner, node
        found = self._held.get(key)
        if found is None:
            found = self._held[key] = self._holds(owner, node)
        return found

    def _holds(self, owner: Node, node: Node) -> bool:
        index = self._index
        if owner in index.by_node.get(node, ()) or owner in self._of_types(node):
            return True
        subjects_of, objects_of = index.predicates.get(owner, ((), ()))
        return any(
            any(True for _ in self._data.find((node, predicate, None))) for predicate in subjects_of
        ) or any(
            any(True for _ in self._data.find((None, predicate, node))) for predicate in objects_of
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
