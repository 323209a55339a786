"""Bulk data: taken in as a stream, kept beside the releases, part of every later release.

loads/index.json   graph IRI → file, sha256, quads
loads/<name>.nq.gz
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit

import pyoxigraph as ox

from ..errors import BadRequest, UnreadableInput
from ..i18n import Message
from ..intake.checksum import sha256
from ..namespaces import GENID
from . import changes, durable

FOLDER = "loads"
_INDEX = "index.json"


@dataclass(frozen=True, slots=True)
class Load:
    """Bulk data in a named graph of their own."""

    graph: str
    path: Path
    digest: str
    quads: int

    def read(self) -> Iterator[ox.Quad]:
        return changes.read_quads(self.path)


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
    table: dict[str, dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
    return table


def take_in(home: Path, files: list[Path], graph: str, progress: Callable[[int], None]) -> Load:
    """Reads ``files`` into the bulk load of ``graph``, which replaces an earlier one.

    ``progress`` is told the bytes read so far of the files on disk. Nothing counts before
    all files have been read: an error leaves everything as it was. Raises `UnreadableInput` with
    file and line, `BadRequest` for a graph that is no absolute IRI.
    """
    if not urlsplit(graph).scheme or not _is_iri(graph):
        raise BadRequest(Message("“%(graph)s” is not an absolute IRI", graph=graph))
    folder = home / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    name = hashlib.sha256(graph.encode()).hexdigest()[:16] + ".nq.gz"
    aside = folder / f".{name}-{os.getpid()}"
    quads = 0

    def lines() -> Iterator[str]:
        nonlocal quads
        for quad in _read(files, graph, progress):
            quads += 1
            yield str(quad)

    try:
        changes.write_quads(aside, lines())
    except BaseException:
        aside.unlink(missing_ok=True)
        raise
    durable.sync_file(aside)
    durable.rename(aside, folder / name)
    index = _index(home)
    index[graph] = {"file": name, "sha256": sha256(folder / name), "quads": quads}
    _write_index(folder, index)
    return Load(graph, folder / name, index[graph]["sha256"], quads)


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
    for path in files:
        format, compressed = _format(path)
        start = before

        def here(read: int, start: int = start) -> None:
            told(start + read)

        with path.open("rb") as raw:
            counting: Any = _Counting(raw, here)
            stream: Any = gzip.GzipFile(fileobj=counting, mode="rb") if compressed else counting
            try:
                for quad in ox.parse(input=stream, format=format, base_iri=graph):
                    yield ox.Quad(
                        _named(quad.subject, graph, path),
                        quad.predicate,
                        _named(quad.object, graph, path),
                        name,
                    )
            except (SyntaxError, OSError, EOFError) as error:
                raise UnreadableInput(
                    Message(
                        "%(file)s, line %(line)s: %(why)s",
                        file=path.name,
                        line=getattr(error, "lineno", None) or "?",
                        why=error,
                    )
                ) from error
        before += path.stat().st_size


def _format(path: Path) -> tuple[ox.RdfFormat, bool]:
    suffixes = path.suffixes
    compressed = bool(suffixes) and suffixes[-1] == ".gz"
    extension = (suffixes[:-1] if compressed else suffixes)[-1:] or [""]
    format = ox.RdfFormat.from_extension(extension[0].lstrip("."))
    if format is None:
        raise UnreadableInput(
            Message("%(file)s: the ending says no RDF format", file=path.name),
            remedy=Message("Known endings: .ttl .nt .nq .trig .rdf .jsonld, each also with .gz"),
        )
    return format, compressed


def _named(term: Any, graph: str, path: Path) -> Any:
    """Blank nodes named by graph, file and label: bulk data is a stream, too large to look at
    where each node hangs (`intake.skolem`), and the same file still gives the same names."""
    if not isinstance(term, ox.BlankNode):
        return term
    digest = hashlib.sha256("\x00".join((graph, path.name, term.value)).encode()).hexdigest()
    return ox.NamedNode(GENID + digest[:32])
