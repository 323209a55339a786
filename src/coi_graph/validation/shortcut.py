"""Most queries of constraints find nothing; Oxigraph says so fifty times sooner than rdflib.

All that a query can read from a focus node is laid in a small Oxigraph store (the read paths,
forwards), and the query is asked there first. Only where it finds something does rdflib evaluate
it for pySHACL, so that every result is still pySHACL's own.

Not asked are queries that cannot be followed (`read_paths.Unreadable`), blank nodes as focus, and
nodes with values that Oxigraph would not hold as they are written (it makes 7 of 007).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

import pyoxigraph as ox
from rdflib import Literal, URIRef
from rdflib.plugins.sparql.parserutils import CompValue
from rdflib.term import BNode, Node

from ..store import Store
from .overlay import Overlay, Triple
from .queries import Queries
from .query_groups import THIS
from .read_paths import Place, ReadPaths
from .terms import to_oxigraph

# Beyond so many triples for one focus node rdflib is asked at once.
_MOST = 1000
_GRAPH = ox.NamedNode("urn:x-coi:read")
_THIS = ox.Variable("this")


class Forward:
    """The read paths in the direction in which a shape reads, for the queries among them."""

    def __init__(self, paths: ReadPaths, queries: Queries) -> None:
        self._paths = paths
        self._onward: dict[Place, list[tuple[Node | None, bool, Node | None, Place | None]]]
        self._onward = defaultdict(list)
        self._same: dict[Place, list[Place]] = defaultdict(list)
        for after, ways in paths.back.items():
            for way in ways:
                if isinstance(way, int):
                    self._same[way].append(after)
                else:
                    place, predicate, inverse = way
                    self._onward[place].append((predicate, inverse, None, after))
        for links in paths.links.values():
            for link in links:
                for end in link.ends or (None,):
                    self._onward[link.place].append((link.predicate, link.inverse, end, None))
        self.starts = {
            text: place
            for text, place in paths.queries.items()
            if suits(queries.prepared(text).algebra) and not self._is_unreadable(place, paths)
        }

        self.texts = {
            shape: texts
            for shape, texts in paths.texts.items()
            if all(text in self.starts for text in texts)
        }

    def onward(
        self, places: Iterable[Place]
    ) -> Iterator[tuple[Node | None, bool, Node | None, Place | None]]:
        """(predicate or None for any, inverse, the end that matters or None for any, the place
        after it) of the links from all of ``places``."""
        seen, waiting = set(places), list(places)
        while waiting:
            place = waiting.pop()
            yield from self._onward.get(place, ())
            for other in self._same.get(place, ()):
                if other not in seen:
                    seen.add(other)
                    waiting.append(other)

    def is_readable(self, start: Place) -> bool:
        """Whether all that is read from ``start`` can be followed."""
        return not self._is_unreadable(start, self._paths)

    def _is_unreadable(self, start: Place, paths: ReadPaths) -> bool:
        seen, waiting = {start}, [start]
        while waiting:
            place = waiting.pop()
            if place in paths.unreadable:
                return True
            after = [one[3] for one in self._onward.get(place, ()) if one[3] is not None]
            for one in (*after, *self._same.get(place, ())):
                if one not in seen:
                    seen.add(one)
                    waiting.append(one)
        return False

    def read(self, start: Place, node: Node, data: Overlay) -> Iterator[Triple]:
        """What is read from ``node``; some triples several times."""
        seen = {(start, node)}
        waiting = [(start, node)]
        while waiting:
            place, here = waiting.pop()
            for other in self._same.get(place, ()):
                if (other, here) not in seen:
                    seen.add((other, here))
                    waiting.append((other, here))
            for predicate, inverse, end, after in self._onward.get(place, ()):
                pattern = (end, predicate, here) if inverse else (here, predicate, end)
                for triple in data.find(pattern):
                    yield triple
                    if after is not None:
                        there = triple[0] if inverse else triple[2]
                        if (after, there) not in seen:
                            seen.add((after, there))
                            waiting.append((after, there))


class OxigraphShortcut:
    """For one state of the data."""

    def __init__(self, forward: Forward, data: Overlay) -> None:
        self._forward = forward
        self._data = data
        self._store = Store.in_memory()
        self._laid: set[Triple] = set()
        self._altered: set[Triple] = set()
        self._known: dict[tuple[str, Node], bool] = {}

    def texts(self, shape: Node) -> Sequence[str]:
        return self._forward.texts.get(shape, ())

    def is_empty(self, text: str, focus: Node) -> bool:
        """Whether the query certainly finds nothing for ``focus``; False where that is not known
        so quickly."""
        key = text, focus
        if key not in self._known:
            self._known[key] = self._is_empty(text, focus)
        return self._known[key]

    def _is_empty(self, text: str, focus: Node) -> bool:
        start = self._forward.starts.get(text)
        if start is None or not isinstance(focus, URIRef):
            return False
        read = set(islice(self._forward.read(start, focus, self._data), _MOST))
        if len(read) == _MOST:
            return False
        self._lay(read - self._laid)
        if not self._altered.isdisjoint(read):
            return False
        found = self._store.query(text, substitutions={_THIS: ox.NamedNode(focus)})
        assert isinstance(found, ox.QuerySolutions)
        return next(found, None) is None

    def _lay(self, triples: set[Triple]) -> None:
        quads = {triple: _quad(triple) for triple in triples}
        self._store.apply(removed=(), added=quads.values())
        self._laid |= triples
        for triple, quad in quads.items():
            if isinstance(quad.object, ox.Literal) and isinstance(triple[2], Literal):
                if triple[2].datatype is None:
                    continue
                held = self._store.quads(quad.subject, quad.predicate, quad.object)
                if any(one.object != quad.object for one in held):
                    self._altered.add(triple)


def _quad(triple: Triple) -> ox.Quad:
    """Blank nodes are blank here: the query may ask."""
    subject, predicate, value = (
        ox.BlankNode(str(term)) if isinstance(term, BNode) else to_oxigraph(term) for term in triple
    )
    return ox.Quad(subject, predicate, value, _GRAPH)  # type: ignore[arg-type]


def suits(part: Any) -> bool:
    """Whether Oxigraph, which puts `$this` in at the outermost group only, answers the query as
    with `$this` bound everywhere (https://www.w3.org/TR/shacl/#pre-binding): where an expression
    uses it, the group must bind it. Aggregates and LIMIT look at all solutions."""
    if isinstance(part, list | tuple):
        return all(map(suits, part))
    if not isinstance(part, CompValue):
        return True
    if part.name in ("AggregateJoin", "Group", "Minus", "Slice"):
        return False
    if part.name in ("Extend", "Filter") and _mentions(part.expr) and THIS not in _bound(part.p):
        return False
    if part.name == "LeftJoin" and _mentions(part.expr) and THIS not in _bound(part.p1):
        return False
    return all(map(suits, part.values()))


def _mentions(expression: Any) -> bool:
    """Whether `$this` stands in an expression, other than in the group of an EXISTS."""
    if isinstance(expression, list | tuple):
        return any(map(_mentions, expression))
    if isinstance(expression, CompValue):
        if expression.name in ("Builtin_EXISTS", "Builtin_NOTEXISTS"):
            return False
        return any(map(_mentions, expression.values()))
    return bool(expression == THIS)


def _bound(part: CompValue) -> set[Any]:
    """The variables that every solution of the part binds."""
    if part.name == "BGP":
        return {term for triple in part.triples for term in triple}
    if part.name == "Join":
        return _bound(part.p1) | _bound(part.p2)
    if part.name == "LeftJoin":
        return _bound(part.p1)
    if part.name == "Union":
        return _bound(part.p1) & _bound(part.p2)
    if part.name in ("Distinct", "Extend", "Filter", "OrderBy", "Reduced"):
        return _bound(part.p)
    if part.name == "Project":
        return _bound(part.p) & set(part.PV)
    return set()
