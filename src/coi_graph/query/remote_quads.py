"""A release's quads as a remote engine gives them, for our own bounded look-ups.

Whatever is asked of a subject, all that it says is fetched at once and kept: a page asks the same
subjects again and again. Each fetch asks for the release's marker too, so that what is kept is of
one release.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Collection, Iterable, Iterator
from typing import Any, cast

import pyoxigraph as ox

from ..errors import CoiError
from ..i18n import Message
from ..namespaces import BASE, XSD
from ..store import Subject, Term, graph_of
from .engine import Engine
from .errors import EngineFailed, ReleaseMoved
from .marker import GRAPH_OF_RELEASE, STATEMENT, ReleaseMarker
from .reply import Reply
from .transcript import SOLUTIONS

_MOST = 5_000  # quads of one subject or object that are looked at
_MOST_KEPT = 100_000  # quads in memory
_TOGETHER = 100  # subjects fetched by one query
_MOST_TOGETHER = 20_000  # rows of that query
_BOOLEANS = {"0": "false", "1": "true"}
_BOOLEAN = ox.NamedNode(XSD + "boolean")
_MARKER = f"{{ GRAPH <{GRAPH_OF_RELEASE}> {{ {STATEMENT} ?release }} }}"


class RemoteQuads:
    """The quads of release ``number``, whose named graphs are ``graphs``. Thread-safe.

    Every method raises what `Engine.ask` raises, and `ReleaseMoved` where the engine holds another
    release.
    """

    def __init__(
        self,
        engine: Engine,
        marker: ReleaseMarker,
        number: int,
        graphs: Collection[str],
        *,
        timeout: float,
    ) -> None:
        self._engine = engine
        self._marker = marker
        self._number = number
        self._graphs = graphs
        self._timeout = timeout
        self._kept: OrderedDict[Subject, tuple[ox.Quad, ...]] = OrderedDict()
        self._size = 0
        self._lock = threading.Lock()

    def graph_names(self) -> list[str]:
        return sorted(self._graphs)

    def quads(
        self,
        subject: Subject | None = None,
        predicate: ox.NamedNode | None = None,
        object: Term | None = None,
        graph: str | None = None,
    ) -> Iterator[ox.Quad]:
        """As `Store.quads`; of a subject or an object no more than 5,000."""
        if subject is None:
            yield from self._fetch(predicate, object, graph)
            return
        for quad in self._about(subject):
            if (
                (predicate is None or quad.predicate == predicate)
                and (object is None or quad.object == object)
                and (graph is None or graph_of(quad) == graph)
            ):
                yield quad

    def expect(self, iris: Iterable[str]) -> None:
        """Fetches together what each of ``iris`` says, as far as it is not known yet."""
        wanted = []
        with self._lock:
            for iri in dict.fromkeys(iris):
                try:
                    node = ox.NamedNode(iri)
                except ValueError:
                    continue
                if node not in self._kept:
                    wanted.append(node)
        for start in range(0, min(len(wanted), _MOST), _TOGETHER):
            self._fetch_together(wanted[start : start + _TOGETHER])

    def _about(self, subject: Subject) -> tuple[ox.Quad, ...]:
        with self._lock:
            known = self._kept.get(subject)
            if known is not None:
                self._kept.move_to_end(subject)
                return known
        pattern = f"{{ GRAPH ?g {{ {subject} ?p ?o }} }}"
        quads = tuple(self._select(pattern, _MOST, subject=subject))
        self._keep({subject: quads})
        self.expect(_mentioned(quads))
        return quads

    def _fetch_together(self, subjects: list[ox.NamedNode]) -> None:
        values = " ".join(map(str, subjects))
        pattern = f"{{ VALUES ?s {{ {values} }} GRAPH ?g {{ ?s ?p ?o }} }}"
        found: dict[Subject, list[ox.Quad]] = {subject: [] for subject in subjects}
        rows = 0
        for quad in self._select(pattern, _MOST_TOGETHER):
            rows += 1
            found.setdefault(quad.subject, []).append(quad)
        if rows < _MOST_TOGETHER:  # else some may be missing: each is asked for by itself
            self._keep({subject: tuple(quads) for subject, quads in found.items()})

    def _fetch(
        self, predicate: ox.NamedNode | None, object: Term | None, graph: str | None
    ) -> Iterator[ox.Quad]:
        where = f"<{graph}>" if graph else "?g"
        pattern = f"{{ GRAPH {where} {{ ?s {predicate or '?p'} {object or '?o'} }} }}"
        limit = _MOST if object is not None else None
        yield from self._select(pattern, limit, None, predicate, object, graph)

    def _select(
        self,
        pattern: str,
        limit: int | None,
        subject: Subject | None = None,
        predicate: ox.NamedNode | None = None,
        object: Term | None = None,
        graph: str | None = None,
    ) -> Iterator[ox.Quad]:
        """The rows as quads, as they come; what is given is not in the rows."""
        text = f"SELECT ?s ?p ?o ?g ?release WHERE {{ {_MARKER} UNION {pattern} }}"
        if limit is not None:
            text += f" LIMIT {limit + 1}"
        release = None
        rows = 0
        with self._engine.ask(text, SOLUTIONS, timeout=self._timeout, trusted=True) as reply:
            for row in self._rows(reply):
                rows += 1
                if row["release"] is not None:
                    release = row["release"]
                    continue
                where = graph or row["g"].value
                if where in self._graphs:
                    yield ox.Quad(
                        subject or row["s"],
                        predicate or row["p"],
                        _normal(object or row["o"]),
                        ox.NamedNode(where),
                    )
            if reply.most_rows is not None:
                raise EngineFailed(
                    Message("The engine gives at most %(rows)d rows", rows=reply.most_rows),
                    remedy=Message("Raise its limit: this site needs whole answers."),
                )
        if release is None and limit is not None and rows > limit:
            return  # the limit has cut the marker off; the next look-up asks again
        if release != ox.NamedNode(f"{BASE}release/{self._number}"):
            self._marker.forget()
            raise ReleaseMoved(self._number)

    def _rows(self, reply: Reply) -> Iterator[Any]:
        try:
            results = ox.parse_query_results(
                cast(Any, reply), format=ox.QueryResultsFormat.from_media_type(reply.media_type)
            )
            if not isinstance(results, ox.QuerySolutions):
                raise SyntaxError
            yield from results
        except (SyntaxError, ValueError, OSError) as error:
            if isinstance(error.__cause__, CoiError):
                raise error.__cause__ from error
            self._engine.breaker.failed()
            raise EngineFailed(Message("The engine's answer cannot be read")) from error

    def _keep(self, found: dict[Subject, tuple[ox.Quad, ...]]) -> None:
        with self._lock:
            for subject, quads in found.items():
                if subject not in self._kept:
                    self._kept[subject] = quads
                    self._size += 1 + len(quads)
            while self._size > _MOST_KEPT:
                _, dropped = self._kept.popitem(last=False)
                self._size -= 1 + len(dropped)


def _normal(term: Term) -> Term:
    """Virtuoso says 0 and 1 for false and true."""
    if isinstance(term, ox.Literal) and term.datatype == _BOOLEAN:
        return ox.Literal(_BOOLEANS.get(term.value, term.value), datatype=_BOOLEAN)
    return term


def _mentioned(quads: Iterable[ox.Quad]) -> Iterator[str]:
    for quad in quads:
        yield quad.predicate.value
        if isinstance(quad.object, ox.NamedNode):
            yield quad.object.value
