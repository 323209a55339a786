"""Which thing a statement belongs to, in a release and in the one before it.

A thing is whatever has an IRI of its own: an entity, a term, a shape, a named graph, a foreign IRI
that is described here. A node that was blank in its source belongs to the thing that it hangs on;
where it hangs on several, to the first by IRI; where it hangs on none, it is a thing itself. So
each statement belongs to exactly one thing, and which one follows from the statements alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

import pyoxigraph as ox

from ..namespaces import GENID
from ..store import Store
from . import metadata
from .changes import ChangeSet


class View:
    """The content of a release: without what it says of itself."""

    def __init__(self) -> None:
        self._owners: dict[str, str] = {}

    def about(self, node: str) -> Iterable[ox.Quad]:
        """The statements whose subject is ``node``."""
        raise NotImplementedError

    def to(self, node: str) -> Iterable[ox.Quad]:
        """The statements whose object is ``node``, which was blank in its source."""
        raise NotImplementedError

    def owner(self, node: str) -> str:
        """The thing that the statements about ``node`` belong to."""
        walked: dict[str, None] = {}
        here = node
        while True:
            known = self._owners.get(here) if is_part(here) else here
            if known is not None:
                break
            parents = self._parents(here)
            if here in walked:  # a circle
                return self._first_above(node)
            if len(parents) != 1:
                known = self._first_above(here)
                break
            walked[here] = None
            (here,) = parents
        for one in (*walked, here):
            if is_part(one):
                self._owners[one] = known
        return known

    def description(self, thing: str) -> set[ox.Quad]:
        """All statements that belong to ``thing``; empty where it is not there."""
        if is_part(thing) and self.owner(thing) != thing:
            return set()
        found: set[ox.Quad] = set()
        waiting, seen = [thing], {thing}
        while waiting:
            for quad in self.about(waiting.pop()):
                found.add(quad)
                part = quad.object
                if (
                    isinstance(part, ox.NamedNode)
                    and is_part(part.value)
                    and part.value not in seen
                    and self.owner(part.value) == thing
                ):
                    seen.add(part.value)
                    waiting.append(part.value)
        return found

    def below(self, nodes: Iterable[str]) -> Iterator[str]:
        """``nodes``, and those which were blank and hang on them, however far down; each once."""
        seen = set(nodes)
        waiting = list(seen)
        while waiting:
            here = waiting.pop()
            yield here
            for quad in self.about(here):
                part = quad.object
                if (
                    isinstance(part, ox.NamedNode)
                    and is_part(part.value)
                    and part.value not in seen
                ):
                    seen.add(part.value)
                    waiting.append(part.value)

    def _parents(self, node: str) -> set[str]:
        found = {q.subject.value for q in self.to(node) if isinstance(q.subject, ox.NamedNode)}
        return found - {node}

    def _first_above(self, node: str) -> str:
        """For a node that hangs on several things, on none, or in a circle."""
        things, tops, seen, waiting = set(), set(), {node}, [node]
        while waiting:
            here = waiting.pop()
            if not is_part(here):
                things.add(here)
                continue
            parents = self._parents(here)
            if not parents:
                tops.add(here)
            waiting += parents - seen
            seen |= parents
        return min(things or tops or seen)


class ViewAfter(View):
    """A release as it is in its store."""

    def __init__(self, store: Store) -> None:
        super().__init__()
        self._store = store

    def about(self, node: str) -> Iterator[ox.Quad]:
        return metadata.content_only(self._store.quads(ox.NamedNode(node)))

    def to(self, node: str) -> Iterator[ox.Quad]:
        return metadata.content_only(self._store.quads(object=ox.NamedNode(node)))


class ViewBefore(ViewAfter):
    """A release as it was before ``change`` was applied to the store."""

    def __init__(self, store: Store, change: ChangeSet) -> None:
        super().__init__(store)
        self._added = change.added
        self._removed = Quads(change.removed)

    def about(self, node: str) -> Iterator[ox.Quad]:
        yield from (quad for quad in super().about(node) if quad not in self._added)
        yield from self._removed.about(node)

    def to(self, node: str) -> Iterator[ox.Quad]:
        yield from (quad for quad in super().to(node) if quad not in self._added)
        yield from self._removed.to(node)


class Quads(View):
    """Quads in memory. Of many it is much faster than their store, which keeps terms apart."""

    def __init__(self, quads: Iterable[ox.Quad]) -> None:
        super().__init__()
        self._about: dict[str, list[ox.Quad]] = defaultdict(list)
        self._to: dict[str, list[ox.Quad]] = defaultdict(list)
        for quad in metadata.content_only(quads):
            self._about[_value(quad.subject)].append(quad)
            if isinstance(quad.object, ox.NamedNode) and is_part(quad.object.value):
                self._to[quad.object.value].append(quad)

    def about(self, node: str) -> Iterable[ox.Quad]:
        return self._about.get(node, ())

    def to(self, node: str) -> Iterable[ox.Quad]:
        return self._to.get(node, ())

    def subjects(self) -> Iterable[str]:
        """Everything that is described."""
        return self._about


def is_part(iri: str) -> bool:
    """Whether ``iri`` names a node that was blank in its source."""
    return iri.startswith(GENID)


def touched(change: ChangeSet, before: View, after: View) -> set[str]:
    """The things whose statements may differ: those of a changed statement's subject, and those
    of the nodes below its object, which may hang elsewhere now."""
    found: set[str] = set()
    nodes: set[str] = set()
    for quad in _content(change):
        subject = _value(quad.subject)
        found.update((before.owner(subject), after.owner(subject)))
        if isinstance(quad.object, ox.NamedNode) and is_part(quad.object.value):
            nodes.add(quad.object.value)
    for view in (before, after):
        for part in view.below(nodes):
            found.update((before.owner(part), after.owner(part)))
    return found


def _content(change: ChangeSet) -> Iterator[ox.Quad]:
    sides: tuple[Iterable[ox.Quad], ...] = (change.added, change.removed)
    for side in sides:
        yield from metadata.content_only(side)


def _value(term: ox.NamedNode | ox.BlankNode | ox.Triple) -> str:
    assert isinstance(term, ox.NamedNode)  # a release holds no blank nodes and no triple terms
    return term.value
