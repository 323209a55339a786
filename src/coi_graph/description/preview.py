"""A release as it would be with other content in one of its named graphs: for looking at a change
before it is made. Nothing is written, and its cost follows the change."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pyoxigraph as ox

from ..store import Store, Subject, Term, graph_of
from .lookup import Lookup, Quads


def lookup(base: Lookup, graph: str, quads: Iterable[ox.Quad]) -> Lookup:
    """Look-ups in the release of ``base`` where ``graph`` holds ``quads`` and nothing else."""
    return Lookup(_Replaced(base.quads, graph, Store.in_memory(quads)))


class _Replaced:
    """`lookup.Quads` of a release, one graph replaced."""

    def __init__(self, base: Quads, graph: str, own: Store) -> None:
        self._base, self._graph, self._own = base, graph, own

    def quads(
        self,
        subject: Subject | None = None,
        predicate: ox.NamedNode | None = None,
        object: Term | None = None,
        graph: str | None = None,
    ) -> Iterator[ox.Quad]:
        yield from self._own.quads(subject, predicate, object, graph)
        if graph != self._graph:
            for quad in self._base.quads(subject, predicate, object, graph):
                if graph_of(quad) != self._graph:
                    yield quad

    def graph_names(self) -> list[str]:
        return sorted({*self._base.graph_names(), self._graph})

    def expect(self, iris: Iterable[str]) -> None:
        self._base.expect(iris)
