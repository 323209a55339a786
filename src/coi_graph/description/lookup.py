"""Bounded look-ups in a release, for dereferencing and pages.

No user's query: each look-up names a subject or an object, and takes at most so many quads.

A small release is read from a copy in memory once that is made (`Lookup.read_from`), which is
three times as fast. The copy holds the same quads in another order. So what is given here is in
an order of its own or in none, and where a bound leaves some out, the store says which.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import islice
from typing import Protocol

import pyoxigraph as ox

from ..namespaces import DCT, GENID, ID, OA, RDF, RDFS, SH, SKOS
from ..publishing import metadata
from ..store import Subject, Term, graph_of

#: In the order in which they name a thing.
LABELS = tuple(
    ox.NamedNode(iri)
    for iri in (SKOS + "prefLabel", DCT + "title", RDFS + "label", SH + "name", OA + "exact")
)
_TYPE = ox.NamedNode(RDF + "type")
MOST = 5_000  # quads that one look-up takes at the most


class Quads(Protocol):
    """Where look-ups read: a release's own store (`Store`), or a remote engine (`RemoteQuads`)."""

    def quads(
        self,
        subject: Subject | None = None,
        predicate: ox.NamedNode | None = None,
        object: Term | None = None,
        graph: str | None = None,
    ) -> Iterator[ox.Quad]: ...

    def graph_names(self) -> list[str]: ...

    def expect(self, iris: Iterable[str]) -> None:
        """These are about to be looked up as subjects: what is far away fetches them together."""


class Lookup:
    """Look-ups in one release. Thread-safe: a release never changes."""

    def __init__(self, store: Quads) -> None:
        self._store = store
        self._near = store
        self.labels = lru_cache(maxsize=20_000)(self._labels)
        self._label_triples = lru_cache(maxsize=20_000)(self._find_label_triples)
        # Counted at the first page that asks: a release never changes.
        self._kinds: dict[str, list[str]] | None = None
        self._kinds_lock = threading.Lock()

    @property
    def quads(self) -> Quads:
        """Where the release is, for whoever needs the store's own order."""
        return self._store

    def read_from(self, copy: Quads) -> None:
        """From now on reads ``copy``, which holds the same quads."""
        self._near = copy

    def expect(self, iris: Iterable[str]) -> None:
        """These are about to be looked up: an engine far away is asked for them together."""
        self._store.expect(iris)

    def about(self, iri: str, most: int = MOST) -> list[ox.Quad]:
        """The quads whose subject is ``iri``; tombstones left out."""
        return _living(self._first(most, ox.NamedNode(iri)))

    def to(self, iri: str, most: int = MOST) -> list[ox.Quad]:
        """The quads whose object is ``iri``."""
        quads = self._first(most, object=ox.NamedNode(iri))
        self._store.expect(q.subject.value for q in quads if isinstance(q.subject, ox.NamedNode))
        return quads

    def values(self, iri: str, predicate: str) -> list[ox.NamedNode | ox.Literal]:
        """The distinct objects of ``iri`` and ``predicate``, sorted."""
        quads = self._first(MOST, ox.NamedNode(iri), ox.NamedNode(predicate))
        found = {quad.object for quad in quads}
        terms = [term for term in found if isinstance(term, ox.NamedNode | ox.Literal)]
        return sorted(terms, key=str) if len(terms) > 1 else terms

    def subjects(self, predicate: str, value: str, most: int = MOST) -> list[str]:
        """The distinct IRIs that have ``value`` for ``predicate``, sorted."""
        quads = self._first(most, None, ox.NamedNode(predicate), ox.NamedNode(value))
        found = sorted({q.subject.value for q in quads if isinstance(q.subject, ox.NamedNode)})
        self._store.expect(found)
        return found

    def of_kind(self, prefix: str) -> list[str]:
        """The things whose IRI is ``prefix`` and a name, parts of things left out, sorted."""
        with self._kinds_lock:
            if self._kinds is None:
                self._kinds = self._things_by_kind()
        found = self._kinds.get(prefix, [])
        self._store.expect(found)
        return found

    def counts(self) -> dict[str, int]:
        """Kind's prefix → how many things there are."""
        self.of_kind("")
        assert self._kinds is not None
        return {prefix: len(iris) for prefix, iris in self._kinds.items()}

    def _things_by_kind(self) -> dict[str, list[str]]:
        kinds: dict[str, set[str]] = {}
        for quad in self._near.quads(predicate=_TYPE):
            if isinstance(quad.subject, ox.NamedNode) and quad.subject.value.startswith(ID):
                slug, slash, name = quad.subject.value[len(ID) :].partition("/")
                if slash and name and "/" not in name:
                    kinds.setdefault(f"{ID}{slug}/", set()).add(quad.subject.value)
        return {prefix: sorted(iris) for prefix, iris in kinds.items()}

    def type_quads(self, iris: Iterable[str]) -> Iterator[ox.Triple]:
        for iri in iris:
            for quad in self._near.quads(ox.NamedNode(iri), _TYPE):
                yield quad.triple

    def removed_at(self, iri: str) -> str | None:
        """When ``iri`` was removed (xsd:dateTime), or None."""
        quad = next(self._near.quads(ox.NamedNode(iri), graph=metadata.REMOVED), None)
        return quad.object.value if quad and isinstance(quad.object, ox.Literal) else None

    def closure(self, iri: str, most: int = MOST) -> list[ox.Quad]:
        """``iri`` with its parts: nodes that were blank, and those whose IRI goes on from it."""
        found = _closure(self._near, iri, most)
        if len(found) >= most and self._near is not self._store:
            return _closure(self._store, iri, most)
        return found

    def matching(
        self,
        subject: ox.NamedNode | None,
        predicate: ox.NamedNode | None,
        object: Term | None,
        most: int,
    ) -> int:
        """How many quads fit a pattern, counted up to ``most``."""
        quads = self._near.quads(subject, predicate, object)
        return sum(1 for _ in islice(quads, most))

    def graph(self, graph: str, most: int) -> list[ox.Quad]:
        """The quads of a named graph, at most ``most``."""
        return list(islice(self._store.quads(graph=graph), most))

    def has_graph(self, graph: str) -> bool:
        return next(self._near.quads(graph=graph), None) is not None

    def graph_names(self) -> list[str]:
        return self._store.graph_names()

    def _labels(self, iri: str) -> dict[str, str]:
        """Language → what ``iri`` is called; empty where it has no name here."""
        subject = ox.NamedNode(iri)
        for predicate in LABELS:
            names = [
                (quad.object.language or "", quad.object.value)
                for quad in self._near.quads(subject, predicate)
                if isinstance(quad.object, ox.Literal)
            ]
            if names:
                return dict(sorted(names))
        return {}

    def label_quads(self, iris: Iterable[str]) -> Iterator[ox.Triple]:
        """Names of other things, for a document that only mentions them."""
        iris = list(iris)
        self._store.expect(iris)
        for iri in iris:
            yield from self._label_triples(iri)

    def _find_label_triples(self, iri: str) -> list[ox.Triple]:
        subject = ox.NamedNode(iri)
        for predicate in LABELS:
            found = [quad.triple for quad in self._near.quads(subject, predicate)]
            if found:
                return found
        return []

    def _first(
        self,
        most: int,
        subject: ox.NamedNode | None = None,
        predicate: ox.NamedNode | None = None,
        object: Term | None = None,
    ) -> list[ox.Quad]:
        """The quads that fit a pattern; the store's first, where they are more than ``most``."""
        if self._near is not self._store:
            quads = list(islice(self._near.quads(subject, predicate, object), most + 1))
            if len(quads) <= most:
                return quads
        return list(islice(self._store.quads(subject, predicate, object), most))


def _living(quads: Iterable[ox.Quad]) -> list[ox.Quad]:
    return [quad for quad in quads if graph_of(quad) != metadata.REMOVED]


def _closure(store: Quads, iri: str, most: int) -> list[ox.Quad]:
    waiting, seen = [iri], {iri}
    found: list[ox.Quad] = []
    while waiting and len(found) < most:
        here = ox.NamedNode(waiting.pop())
        quads = _living(islice(store.quads(here), most - len(found)))
        found += quads
        for quad in quads:
            part = quad.object
            if (
                isinstance(part, ox.NamedNode)
                and part.value not in seen
                and part.value.startswith((GENID, iri + "/"))
            ):
                seen.add(part.value)
                waiting.append(part.value)
    return found
