"""A release with a change laid over it, as an rdflib store: (release − removed) ∪ added.

Nothing is copied: each look-up asks the release's store and corrects the answer, so it costs the
same however large the release is. Without the graphs of `engine.GENERATED` and without the shapes,
as in `engine.from_store`: what people wrote, the ontology included.

rdflib's own adapter to pyoxigraph is not used (`terms`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain, islice
from typing import Any

import pyoxigraph as ox
from rdflib import Graph, URIRef
from rdflib.store import Store as RdflibStore
from rdflib.term import BNode, Literal, Node

from ..store import Store, graph_of
from .engine import GENERATED, SHAPES_GRAPHS
from .terms import to_oxigraph, to_rdflib

Triple = tuple[Node, Node, Node]
Pattern = tuple[Node | None, Node | None, Node | None]

# An answer of more triples than this is not kept; the answers kept are at most so many, twice.
_SHORT = 64
_KEPT = 50_000


def holds_data(graph: str) -> bool:
    """Whether the named graph is part of what is validated."""
    return graph not in GENERATED and not graph.startswith(SHAPES_GRAPHS)


class Base:
    """The data of a release, as rdflib's terms. A release never changes, so that short answers are
    kept from one contribution to the next: those about the ontology and the code lists are wanted
    each time."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._left_out = frozenset(
            ox.NamedNode(name) for name in store.graph_names() if not holds_data(name)
        )
        self._young: dict[Pattern, tuple[Triple, ...]] = {}
        self._old: dict[Pattern, tuple[Triple, ...]] = {}

    def triples(self, pattern: Pattern) -> Iterable[Triple]:
        """The triples that fit, each once."""
        kept = self._young.get(pattern)
        if kept is not None:
            return kept
        kept = self._old.get(pattern)
        if kept is None:
            kept = self._by_subject(pattern)
        if kept is None:
            found = self._find(pattern)
            kept = tuple(islice(found, _SHORT + 1))
            if len(kept) > _SHORT:
                return chain(kept, found)
        if len(self._young) >= _KEPT:
            self._old, self._young = self._young, {}
        self._young[pattern] = kept
        return kept

    def __contains__(self, triple: Triple) -> bool:
        return any(True for _ in self.triples(triple))

    def quads_of(self, quad: ox.Quad) -> Iterator[ox.Quad]:
        """The quad as the store holds it; nothing when it does not."""
        return self._store.quads(quad.subject, quad.predicate, quad.object, graph_of(quad))

    def stated(self, triple: Triple, without: frozenset[ox.Quad]) -> bool:
        """Whether a quad other than those of ``without`` states the triple."""
        subject, predicate, value = (to_oxigraph(term) for term in triple)
        return any(
            quad not in without and quad.graph_name not in self._left_out
            for quad in self._store.quads(subject, predicate, value)  # type: ignore[arg-type]
        )

    def _by_subject(self, pattern: Pattern) -> tuple[Triple, ...] | None:
        """The triples that fit, out of all that the subject has: a node is asked about again and
        again, and each question to the store costs more than one such answer. None: ask it."""
        subject, predicate, value = pattern
        if subject is None or (predicate is None and value is None):
            return None
        own = self.triples((subject, None, None))
        if not isinstance(own, tuple):  # too much to be kept
            return None
        found = tuple(one for one in own if predicate is None or one[1] == predicate)
        if value is None or not found:
            return found
        if isinstance(value, Literal):  # the store compares values: 007 with 7
            return None
        return tuple(one for one in found if one[2] == value)

    def _find(self, pattern: Pattern) -> Iterator[Triple]:
        subject, predicate, value = pattern
        # pySHACL asks for the properties of whatever it meets, literals included.
        if not (subject is None or isinstance(subject, URIRef | BNode)):
            return
        if not (predicate is None or isinstance(predicate, URIRef)):
            return
        try:
            wanted = tuple(None if term is None else to_oxigraph(term) for term in pattern)
        except (TypeError, ValueError):  # an IRI, or a term, that no store can hold
            return
        seen = set()
        for quad in self._store.quads(*wanted):  # type: ignore[arg-type]
            if quad.graph_name in self._left_out:
                continue
            triple = (
                to_rdflib(quad.subject) if subject is None else subject,
                to_rdflib(quad.predicate) if predicate is None else predicate,
                # As the store has it: asked for 007, it answers with the 7 that it holds instead.
                value if isinstance(value, URIRef) else to_rdflib(quad.object),
            )
            if triple not in seen:
                seen.add(triple)
                yield triple


class Change:
    """What quads added and removed change: ``added`` was not there, ``removed`` is there no more.

    A statement that is made in another graph as well is neither added nor removed.
    """

    def __init__(
        self, base: Base, added: Iterable[ox.Quad] = (), removed: Iterable[ox.Quad] = ()
    ) -> None:
        # Of each statement the form that the store has: it holds 007 as 7, and a byte as integer.
        taken = {
            held for quad in removed if holds_data(graph_of(quad)) for held in base.quads_of(quad)
        }
        given = dict.fromkeys(_triple(quad) for quad in added if holds_data(graph_of(quad)))
        kept = {held for triple in given for held in base.triples(triple)}
        self.added = tuple(triple for triple in given if triple not in base)
        self.removed = frozenset(
            triple
            for triple in map(_triple, taken)
            if triple not in kept and not base.stated(triple, frozenset(taken))
        )

    def __len__(self) -> int:
        return len(self.added) + len(self.removed)

    def __iter__(self) -> Iterator[Triple]:
        return chain(self.added, self.removed)


class Overlay(RdflibStore):
    """rdflib's view of it, read-only."""

    def __init__(self, base: Base, added: Iterable[Triple] = (), removed: Iterable[Triple] = ()):
        super().__init__()
        self._base = base
        self._removed = frozenset(removed)
        self.added = tuple(added)
        self._by_term: tuple[dict[Node, list[Triple]], ...] = ({}, {}, {})
        for triple in self.added:
            for index, term in zip(self._by_term, triple, strict=True):
                index.setdefault(term, []).append(triple)

    def triples(
        self, triple_pattern: Any, context: Graph | None = None
    ) -> Iterator[tuple[Triple, Iterator[Graph | None]]]:
        for triple in self.find(triple_pattern):
            yield triple, iter(())

    def find(self, pattern: Pattern) -> Iterable[Triple]:
        """The triples that fit, each once."""
        found = self._base.triples(pattern)
        if self._removed:
            found = (triple for triple in found if triple not in self._removed)
        if self.added:
            more = self._find_added(pattern)
            if more:
                return chain(found, more)
        return found

    def parted(self, pattern: Pattern) -> Iterator[tuple[Triple, bool]]:
        """`find`, with whether the release holds the triple."""
        for triple in self._base.triples(pattern):
            if triple not in self._removed:
                yield triple, True
        if self.added:
            for triple in self._find_added(pattern):
                yield triple, False

    def __contains__(self, triple: Triple) -> bool:
        return any(True for _ in self.find(triple))

    def __len__(self, context: Graph | None = None) -> int:
        """Counts: for people who look into it, nothing that a check does."""
        return sum(1 for _ in self.find((None, None, None)))

    def _find_added(self, pattern: Pattern) -> list[Triple]:
        best: list[Triple] | None = None
        for index, term in zip(self._by_term, pattern, strict=True):
            if term is not None:
                found = index.get(term)
                if found is None:
                    return []
                if best is None or len(found) < len(best):
                    best = found
        if best is None:
            return list(self.added)
        subject, predicate, value = pattern
        return [
            triple
            for triple in best
            if (subject is None or triple[0] == subject)
            and (predicate is None or triple[1] == predicate)
            and (value is None or triple[2] == value)
        ]


def _triple(quad: ox.Quad) -> Triple:
    return to_rdflib(quad.subject), to_rdflib(quad.predicate), to_rdflib(quad.object)
