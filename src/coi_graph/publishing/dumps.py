"""The dumps of a release: the whole of it, its parts, and each named graph (`dump_plan`).

    releases/000042/dumps/   coi-graph.nq.gz …  part/framework.ttl.gz …  graph/data/framework/…
                             dumps.json

They are made once, after the switch (`dump_making`); a publisher that was killed goes on where it
stopped. `dumps.json` lists a file only when it is complete and on disk.
Parts and graphs that a release leaves as they were are hard links to its parent's files, so that
the cost follows the change.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from ..errors import ReleaseCorrupt
from ..i18n import Message
from ..intake.checksum import sha256
from .manifest import AFTERWARDS
from .releases import Release

FOLDER = "dumps"
assert FOLDER in AFTERWARDS
INDEX = "dumps.json"
COMPRESSION = "application/gzip"
FORMAT = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Dump:
    """One file. ``name`` is its path below the folder, and below ``/dump/<release>/``.

    ``statements`` are quads in N-Quads and TriG, distinct triples in the other forms. ``graph`` is
    the named graph that it holds, ``part`` the slug of the part (`parts`); neither: the release.
    """

    name: str
    form: str
    media_type: str
    compression: str
    bytes: int
    sha256: str
    content_bytes: int
    content_sha256: str
    statements: int
    graph: str | None = None
    part: str | None = None


def folder_of(release: Release) -> Path:
    return release.path / FOLDER


def listed(release: Release) -> list[Dump]:
    """The dumps of ``release`` that are complete; none where there are no dumps (yet, or any more).

    Raises `ReleaseCorrupt` where the index cannot be read.
    """
    return read_index(release)[0]


def read_index(release: Release) -> tuple[list[Dump], set[str]]:
    """The dumps, and the names of those that their form cannot hold."""
    try:
        text = (folder_of(release) / INDEX).read_text(encoding="utf-8")
    except FileNotFoundError:
        return [], set()
    try:
        document = json.loads(text)
        if document["format"] != FORMAT or document["release"] != release.number:
            raise ValueError("it belongs to another release, or another version wrote it")
        return [Dump(**one) for one in document["dumps"]], set(document["impossible"])
    except (ValueError, TypeError, KeyError) as error:
        raise ReleaseCorrupt(
            Message(
                "%(file)s is damaged: %(why)s",
                file=f"{release.path.name}/{FOLDER}/{INDEX}",
                why=error,
            )
        ) from error


def path_of(release: Release, dump: Dump) -> Path:
    return folder_of(release) / dump.name


def verify(release: Release) -> int:
    """Compares every dump with its checksum; how many there are. Raises `ReleaseCorrupt`."""
    found = listed(release)
    for dump in found:
        path = path_of(release, dump)
        if not path.is_file() or sha256(path) != dump.sha256:
            raise ReleaseCorrupt(
                Message(
                    "release %(number)s: the dump %(name)s has changed",
                    number=release.number,
                    name=dump.name,
                )
            )
    return len(found)
