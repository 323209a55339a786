"""Change sets → a remote engine, release by release, by SPARQL Update.

A release's change goes there in one request where it is small enough, else in several; nothing
asks more of the engine than that it does the operations of a request in their order. First the
marker of the release goes (see `coi_graph.query.marker`), last the new one is set, so that readers
refuse whatever is between two releases. Every operation may be repeated: a push that was killed
is taken up by the next `build`, and one that the engine refuses is taken back.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from pathlib import Path

import pyoxigraph as ox

from ..config import Config
from ..errors import CoiError, ReleaseCorrupt
from ..i18n import Message
from ..namespaces import DCAT
from ..query import answering
from ..query.breaker import CircuitBreaker
from ..query.engine import Engine
from ..query.errors import EngineFailed, QueryRejected
from ..query.marker import STATEMENT, ReleaseMarker
from ..store import graph_of
from . import changes, metadata
from .build import publisher
from .releases import Release, Releases

Tell = Callable[[Message], None]

#: Of one request. Virtuoso takes 4,000 quads in one, but not faster (measured).
MOST_QUADS = 1_000
MOST_BYTES = 256 * 1024
_SECONDS = 120.0  # for one request
_JSON = "application/sparql-results+json"
_RELEASE = f"<{metadata.RELEASE}>"
_VERSIONS = f"SELECT ?n WHERE {{ GRAPH {_RELEASE} {{ ?release <{DCAT}version> ?n }} }}"
_UNMARK = f"DELETE WHERE {{ GRAPH {_RELEASE} {{ {STATEMENT} ?release }} }}"


def push(config: Config, tell: Tell = lambda message: None) -> int:
    """Brings the engine of the settings to the newest release and returns how many it was given.

    Raises `NoRelease`, what `Engine.update` raises, and `ReleaseCorrupt` when the engine holds a
    release that was never made here.
    """
    with publisher(config) as releases:
        newest = releases.current()
        # Refusals are told, not counted: the breaker is for readers.
        engine = answering.engine(config, CircuitBreaker(sys.maxsize, 0.0))
        first = _first_missing(engine, newest.number)
        if first is None:
            _clear(engine, releases)
            first = 1
        for number in range(first, newest.number + 1):
            tell(Message("pushing release %(number)s to the engine", number=number))
            _apply(engine, releases.get(number))
        given = newest.number + 1 - first
        if given:
            _count(engine, newest, tell)
        return given


def _first_missing(engine: Engine, newest: int) -> int | None:
    """The first release whose change is not there for certain; None where nothing is.

    A push writes the release's description last, and the new one before the old one goes: while
    there are two, the older counts. Without the marker the last change may be there in part, and
    so may the next, so the last is repeated too.
    """
    versions = _versions(engine)
    if not versions:
        return None
    held = min(versions)
    if max(versions) > newest:
        raise ReleaseCorrupt(
            Message(
                "the engine holds release %(held)s, the newest here is %(newest)s",
                held=max(versions),
                newest=newest,
            ),
            remedy=Message("Empty the engine, or build from the home folder that it belongs to."),
        )
    return held + 1 if ReleaseMarker(engine).number() == held else held


def _versions(engine: Engine) -> list[int]:
    with engine.ask(_VERSIONS, _JSON, timeout=_SECONDS, trusted=True) as reply:
        content = reply.read()
    try:
        return [int(row["n"]["value"]) for row in json.loads(content)["results"]["bindings"]]
    except (ValueError, KeyError, TypeError) as error:
        raise EngineFailed(Message("The engine's answer cannot be read")) from error


def _clear(engine: Engine, releases: Releases) -> None:
    """Empties every graph that any release has had, before the first is put there."""
    graphs = {graph for release in releases.all() for graph in release.manifest.graphs}
    _send(engine, chain([_UNMARK], (f"CLEAR SILENT GRAPH <{graph}>" for graph in sorted(graphs))))


def _apply(engine: Engine, release: Release) -> None:
    removed, added = release.path / changes.REMOVED, release.path / changes.ADDED
    try:
        _move(engine, release.number, removed, added)
    except (EngineFailed, QueryRejected):
        if release.number > 1:
            # What the engine refuses it will refuse again: readers get the release before back.
            _move(engine, release.number - 1, added, removed, forgiving=True)
        raise


def _move(
    engine: Engine, number: int, removed: Path, added: Path, *, forgiving: bool = False
) -> None:
    """Applies a change and marks it as release ``number``; the release's own description comes
    last, and its additions before its removals."""
    removals = _operations("DELETE", changes.read_quads(removed), own=False)
    if forgiving:
        engine.update(_UNMARK, timeout=_SECONDS)
        for operation in removals:
            _forgiving(engine, operation)
        removals = iter(())
    _send(
        engine,
        chain(
            [_UNMARK],
            removals,
            _operations("INSERT", changes.read_quads(added), own=False),
            _operations("INSERT", changes.read_quads(added), own=True),
            _operations("DELETE", changes.read_quads(removed), own=True),
            [
                f"INSERT DATA {{ GRAPH {_RELEASE} {{ {STATEMENT}"
                f" <{metadata.release_iri(number)}> }} }}"
            ],
        ),
    )


def _forgiving(engine: Engine, removal: str) -> None:
    """A removal in which there may be what the engine refuses to read: it does not hold that."""
    try:
        engine.update(removal, timeout=_SECONDS)
    except (EngineFailed, QueryRejected):
        head, *lines, tail = removal.split("\n")
        if len(lines) > 1:
            for line in lines:
                _forgiving(engine, f"{head}\n{line.removesuffix(' .')}\n{tail}")


def _operations(verb: str, quads: Iterable[ox.Quad], *, own: bool) -> Iterator[str]:
    """The quads of the release's own description, or all others, as operations of bounded size.

    Each names one graph: of a DELETE DATA that names two Virtuoso 7 deletes nothing, and says that
    it is done (measured).
    """
    graphs: dict[str, list[str]] = {}
    count = size = 0
    for quad in quads:
        graph, line = graph_of(quad), str(quad.triple)
        if (graph == metadata.RELEASE) is not own or line.startswith(STATEMENT):
            continue
        graphs.setdefault(graph, []).append(line)
        count += 1
        size += len(line.encode())
        if count >= MOST_QUADS or size >= MOST_BYTES:
            yield from _written(verb, graphs)
            graphs, count, size = {}, 0, 0
    yield from _written(verb, graphs)


def _written(verb: str, graphs: dict[str, list[str]]) -> Iterator[str]:
    for graph, lines in graphs.items():
        triples = " .\n".join(lines)
        yield f"{verb} DATA {{ GRAPH <{graph}> {{\n{triples}\n}} }}"


def _send(engine: Engine, operations: Iterable[str]) -> None:
    """The operations in as few requests as the bounds allow."""
    waiting: list[str] = []
    lines = size = 0
    for operation in operations:
        own_lines, own_size = operation.count("\n"), len(operation.encode())
        if waiting and (lines + own_lines > MOST_QUADS * 1.2 or size + own_size > MOST_BYTES * 1.2):
            engine.update(" ;\n".join(waiting), timeout=_SECONDS)
            waiting, lines, size = [], 0, 0
        waiting.append(operation)
        lines, size = lines + own_lines, size + own_size
    if waiting:
        engine.update(" ;\n".join(waiting), timeout=_SECONDS)


def _count(engine: Engine, release: Release, tell: Tell) -> None:
    """Says so when the engine counts other than the manifest; equal values may be one there."""
    text = "SELECT ?g (COUNT(*) AS ?n) WHERE { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g"
    try:
        with engine.ask(text, _JSON, timeout=_SECONDS, trusted=True) as reply:
            rows = json.loads(reply.read())["results"]["bindings"]
        counts = {row["g"]["value"]: int(row["n"]["value"]) for row in rows}
    except (CoiError, ValueError, KeyError, TypeError):
        return
    found = sum(counts.get(graph, 0) for graph in release.manifest.graphs)
    if found != release.manifest.quads:
        tell(
            Message(
                "the engine counts %(found)s quads, the release has %(expected)s",
                found=found,
                expected=release.manifest.quads,
            )
        )
