"""Bulk data: taken in as a stream, kept beside the releases, part of every later release.

loads/index.json   graph IRI → file, sha256, quads
loads/<name>.nq.gz
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import pyoxigraph as ox

from ..errors import BadRequest, CoiError, UnreadableInput
from ..i18n import Message
from ..intake import skolem, sources, syntax
from ..intake.checksum import sha256
from ..namespaces import GENID, GRAPH
from ..validation import report
from . import changes, durable, metadata

FOLDER = "loads"
_INDEX = "index.json"
_LOCK = "load.lock"
#: Named graphs that the build writes itself.
_TAKEN = {metadata.PROVENANCE, metadata.RELEASE, metadata.REMOVED, report.REPORT_GRAPH}
_LINES = (ox.RdfFormat.N_TRIPLES, ox.RdfFormat.N_QUADS)


@dataclass(frozen=True, slots=True)
class Load:
    """Bulk data in a named graph of their own."""

    graph: str
    path: Path
    digest: str
    quads: int

    def read(self) -> Iterator[ox.Quad]:
        """Raises `CoiError` when the file is not the one that was taken in."""
        if not self.path.is_file() or sha256(self.path) != self.digest:
            raise _damaged(self.path)
        return changes.read_quads(self.path)


def _damaged(path: Path) -> CoiError:
    return CoiError(
        Message("%(file)s is damaged", file=path),
        remedy=Message("Load the data again with “coi-graph load”."),
    )


def all_of(home: Path) -> list[Load]:
    """Every bulk load, sorted by graph."""
    return [
        Load(graph, home / FOLDER / entry["file"], entry["sha256"], entry["quads"])
        for graph, entry in sorted(_index(home).items())
    ]


def _index(home: Path) -> dict[str, dict[str, Any]]:
    path = home / FOLDER / _INDEX
    if not path.exists():
        return {}
    try:
        table: dict[str, dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise CoiError(
            Message("%(file)s is damaged", file=path),
            remedy=Message("Remove it, then load the data of each graph again."),
        ) from error
    return table


def take_in(home: Path, files: list[Path], graph: str, progress: Callable[[int], None]) -> Load:
    """Reads ``files`` into the bulk load of ``graph``, which replaces an earlier one.

    ``progress`` is told the bytes read so far of the files on disk. Nothing counts before
    all files have been read: an error, or a kill, leaves everything as it was. Raises
    `UnreadableInput` with file and line, `BadRequest` for a graph that is no absolute IRI or that
    is made from something else.
    """
    _check_graph(graph)
    folder = home / FOLDER
    with durable.only_writer(home, _LOCK):
        folder.mkdir(exist_ok=True)
        for leftover in folder.glob(".*"):
            leftover.unlink()
        aside = folder / f".{os.getpid()}"
        quads = 0

        def lines() -> Iterator[str]:
            nonlocal quads
            for quad in _read(files, graph, progress):
                quads += 1
                yield str(quad)

        try:
            changes.write_quads(aside, lines())
            digest = sha256(aside)
            # Named for what it holds, so that writing the index is the moment that counts.
            load = Load(graph, folder / f"{_digest(graph, digest)[:16]}.nq.gz", digest, quads)
            durable.sync_file(aside)
            with durable.only_writer(home):  # a build reads what the index names
                durable.rename(aside, load.path)
                _enter(folder, load)
        finally:
            aside.unlink(missing_ok=True)
    return load


def _enter(folder: Path, load: Load) -> None:
    """Into the index, and what no load needs any more goes."""
    index = _index(folder.parent)
    index[load.graph] = {"file": load.path.name, "sha256": load.digest, "quads": load.quads}
    _write_index(folder, index)
    known = {entry["file"] for entry in index.values()}
    for path in folder.glob("*.nq.gz"):
        if path.name not in known:
            path.unlink()


def _check_graph(graph: str) -> None:
    if not _is_iri(graph):
        raise BadRequest(Message("“%(graph)s” is not an absolute IRI", graph=graph))
    if graph in _TAKEN or graph.startswith(tuple(GRAPH + f + "/" for f in sources.FOLDERS)):
        raise BadRequest(
            Message("the named graph %(graph)s is made by “coi-graph build”", graph=graph),
            remedy=Message("Choose another IRI, for instance %(graph)s", graph=GRAPH + "loads/x"),
        )


def _is_iri(text: str) -> bool:
    try:
        ox.NamedNode(text)
    except ValueError:
        return False
    return True


def _write_index(folder: Path, index: dict[str, dict[str, Any]]) -> None:
    aside = folder / f".{_INDEX}-{os.getpid()}"
    aside.write_text(json.dumps(index, indent=1, sort_keys=True), encoding="utf-8")
    durable.sync_file(aside)
    durable.rename(aside, folder / _INDEX)


class _Counting:
    """A file that tells how far it has been read."""

    def __init__(self, file: IO[bytes], told: Callable[[int], None]) -> None:
        self._file, self._told, self._read = file, told, 0

    def read(self, size: int = -1) -> bytes:
        block = self._file.read(size)
        self._read += len(block)
        self._told(self._read)
        return block

    def readable(self) -> bool:
        return True


def _read(files: list[Path], graph: str, told: Callable[[int], None]) -> Iterator[ox.Quad]:
    name, before = ox.NamedNode(graph), 0
    names: Counter[str] = Counter()
    for path in files:
        format, compressed = _format(path)
        start = before

        def here(read: int, start: int = start) -> None:
            told(start + read)

        names[path.name] += 1
        named = _Names(graph, path.name, names[path.name], in_order=format not in _LINES)
        try:
            with path.open("rb") as raw:
                counting: Any = _Counting(raw, here)
                stream: Any = gzip.GzipFile(fileobj=counting, mode="rb") if compressed else counting
                if format == ox.RdfFormat.RDF_XML:
                    stream = syntax.WithoutDoctype(path.name, stream)
                for quad in ox.parse(input=stream, format=format, base_iri=graph):
                    subject, object = named(quad.subject), named(quad.object)
                    yield ox.Quad(subject, quad.predicate, object, name)
        except (SyntaxError, OSError, EOFError, zlib.error) as error:
            raise syntax.unreadable(path.name, error) from error
        except skolem.Unnameable as error:
            raise UnreadableInput(
                Message("%(file)s: %(why)s", file=path.name, why=error.message)
            ) from error
        before += path.stat().st_size


def _format(path: Path) -> tuple[ox.RdfFormat, bool]:
    compressed = path.suffix == ".gz"
    inner = path.with_suffix("") if compressed else path
    return syntax.format_of(inner, endings=" (.gz)"), compressed


class _Names:
    """Blank nodes named by graph, file and label: bulk data is a stream, too large to look at
    where each node hangs (`intake.skolem`), and the same file still gives the same names.

    ``in_order`` is for formats in which a node may have no label, and gets another one each time:
    there the order of appearance stands for it. ``number`` counts files of the same name.
    """

    def __init__(self, graph: str, file: str, number: int, *, in_order: bool) -> None:
        self._scope = (graph, file, str(number))
        self._seen: dict[str, int] | None = {} if in_order else None

    def __call__(self, term: Any) -> Any:
        if isinstance(term, ox.Triple):
            raise skolem.Unnameable(skolem.NO_TRIPLE_TERMS)
        if not isinstance(term, ox.BlankNode):
            return term
        label = term.value
        if self._seen is not None:
            label = str(self._seen.setdefault(label, len(self._seen)))
        return ox.NamedNode(GENID + _digest(*self._scope, label)[:32])


def _digest(*parts: str) -> str:
    return hashlib.sha256("\x00".join(parts).encode()).hexdigest()
