"""The shapes of a release, and its class hierarchy, for reading them by subject and property."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

import pyoxigraph as ox

from ..namespaces import GRAPH, RDF, RDFS, SH
from ..store import Store
from .names import Labels

_SHAPES = GRAPH + "shapes/"


class ShapeGraph:
    """Shapes by their IRIs (blank nodes of the files have IRIs in a release)."""

    def __init__(self, store: Store) -> None:
        self._about: dict[str, dict[str, list[ox.NamedNode | ox.Literal]]] = {}
        for graph in store.graph_names():
            if graph.startswith(_SHAPES):
                for quad in store.quads(graph=graph):
                    if isinstance(quad.subject, ox.NamedNode) and isinstance(
                        quad.object, ox.NamedNode | ox.Literal
                    ):
                        about = self._about.setdefault(quad.subject.value, {})
                        about.setdefault(quad.predicate.value, []).append(quad.object)
        self._above: dict[str, set[str]] = defaultdict(set)
        self._below: dict[str, set[str]] = defaultdict(set)
        for quad in store.quads(None, ox.NamedNode(RDFS + "subClassOf")):
            if isinstance(quad.subject, ox.NamedNode) and isinstance(quad.object, ox.NamedNode):
                self._above[quad.subject.value].add(quad.object.value)
                self._below[quad.object.value].add(quad.subject.value)

    def superclasses(self, iri: str) -> list[str]:
        return sorted(_reachable(iri, self._above))

    def subclasses(self, iri: str) -> list[str]:
        return sorted(_reachable(iri, self._below))

    def objects(self, subject: str, predicate: str) -> list[ox.NamedNode | ox.Literal]:
        return self._about.get(subject, {}).get(predicate, [])

    def one(self, subject: str, predicate: str) -> ox.NamedNode | ox.Literal | None:
        return next(iter(self.objects(subject, predicate)), None)

    def iris(self, subject: object, predicate: str) -> list[str]:
        name = subject.value if isinstance(subject, ox.NamedNode) else str(subject)
        return sorted(o.value for o in self.objects(name, predicate) if isinstance(o, ox.NamedNode))

    def iri(self, subject: object, predicate: str) -> str | None:
        return next(iter(self.iris(subject, predicate)), None)

    def literal(self, subject: object, predicate: str) -> str | None:
        name = subject.value if isinstance(subject, ox.NamedNode) else str(subject)
        value = self.one(name, predicate)
        return value.value if isinstance(value, ox.Literal) else None

    def number(self, subject: str, predicate: str) -> float | None:
        text = self.literal(subject, predicate)
        return None if text is None else float(text)

    def texts(self, subject: str, predicate: str) -> Labels:
        found = {
            o.language: o.value
            for o in self.objects(subject, predicate)
            if isinstance(o, ox.Literal) and o.language
        }
        return dict(sorted(found.items()))

    def members(self, subject: str, predicate: str) -> list[ox.NamedNode | ox.Literal]:
        """Of the list that is the value; [] where there is none."""
        found: list[ox.NamedNode | ox.Literal] = []
        node = self.iri(subject, predicate)
        while node is not None and node != RDF + "nil" and len(found) < 1000:
            found.extend(self.objects(node, RDF + "first"))
            node = self.iri(node, RDF + "rest")
        return found

    def languages(self, shape: str) -> tuple[str, ...]:
        return tuple(m.value for m in self.members(shape, SH + "languageIn"))

    def node_shapes(self, classes: Iterable[str]) -> Iterator[str]:
        """Shapes with a target among ``classes``, sorted."""
        wanted = set(classes)
        for shape in sorted(self._about):
            if wanted.intersection(self.iris(shape, SH + "targetClass")):
                yield shape

    def property_shapes(self, classes: Iterable[str]) -> list[str]:
        """Property shapes that apply to instances of ``classes``: those of a form first."""
        found: list[str] = []
        for shape in self.node_shapes(classes):
            if self.objects(shape, SH + "path"):
                found.append(shape)
            found.extend(self.iris(shape, SH + "property"))
        return sorted(dict.fromkeys(found), key=lambda one: self.iri(one, SH + "group") is None)

    def for_any_subject(self) -> list[str]:
        """Property shapes on whatever has their own path (`sh:targetSubjectsOf`)."""
        return [
            shape
            for shape in sorted(self._about)
            if (path := self.iri(shape, SH + "path")) is not None
            and path in self.iris(shape, SH + "targetSubjectsOf")
        ]

    def all_targets_with(self, iri: str) -> set[str]:
        """The classes for which the shape with the most targets, ``iri`` among them, asks for a
        title in both languages: the records that others contribute."""
        best: list[str] = []
        for shape in self.node_shapes([iri]):
            targets = self.iris(shape, SH + "targetClass")
            if self.objects(shape, SH + "property") and len(targets) > len(best):
                best = targets
        return {one for target in best for one in [target, *self.subclasses(target)]}

    def heading(self, iri: str) -> tuple[Labels, Labels]:
        """What the shapes call a record of the class, and what they say of it."""
        about = [one for one in self.node_shapes([iri]) if self.objects(one, SH + "property")]
        about.sort(key=lambda one: len(self.iris(one, SH + "targetClass")))
        if not about:
            return {}, {}
        return self.texts(about[0], RDFS + "label"), self.texts(about[0], RDFS + "comment")


def _reachable(start: str, arrows: dict[str, set[str]]) -> set[str]:
    found: set[str] = set()
    waiting = [start]
    while waiting:
        for other in arrows.get(waiting.pop(), set()) - found - {start}:
            found.add(other)
            waiting.append(other)
    return found
