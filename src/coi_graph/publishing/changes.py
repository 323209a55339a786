"""Change sets: what one release adds to and removes from the one before.

On disk: `added.nq.gz` and `removed.nq.gz`, sorted N-Quads without a time stamp, so that the same
change makes the same bytes.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, cast

import pyoxigraph as ox

from ..errors import ReleaseCorrupt
from ..i18n import Message

ADDED = "added.nq.gz"
REMOVED = "removed.nq.gz"


@dataclass(slots=True)
class ChangeSet:
    """Quads added and removed; no quad stands on both sides."""

    added: set[ox.Quad] = field(default_factory=set)
    removed: set[ox.Quad] = field(default_factory=set)

    def __len__(self) -> int:
        return len(self.added) + len(self.removed)

    def then(self, other: ChangeSet) -> ChangeSet:
        """This change followed by ``other``, as one; what one adds and the other removes
        is gone from both sides."""
        return ChangeSet(
            added=(self.added - other.removed) | (other.added - self.removed),
            removed=(self.removed - other.added) | (other.removed - self.added),
        )

    def reversed(self) -> ChangeSet:
        return ChangeSet(added=set(self.removed), removed=set(self.added))


def between(before: Iterable[ox.Quad], after: Iterable[ox.Quad]) -> ChangeSet:
    """What turns ``before`` into ``after``; both are held in memory."""
    old, new = set(before), set(after)
    return ChangeSet(added=new - old, removed=old - new)


def write(folder: Path, change: ChangeSet) -> None:
    write_quads(folder / ADDED, sorted(map(str, change.added)))
    write_quads(folder / REMOVED, sorted(map(str, change.removed)))


def write_quads(path: Path, lines: Iterable[str]) -> None:
    """N-Quads lines without their dots → a gzip file that depends on nothing but them."""
    with path.open("wb") as raw, gzip.GzipFile("", "wb", 6, raw, mtime=0) as file:
        for line in lines:
            file.write(line.encode() + b" .\n")


def read(folder: Path) -> ChangeSet:
    """Raises `ReleaseCorrupt` that names the file."""
    return ChangeSet(
        added=set(read_quads(folder / ADDED)), removed=set(read_quads(folder / REMOVED))
    )


def read_quads(path: Path) -> Iterator[ox.Quad]:
    """The quads of one side, as a stream. Raises `ReleaseCorrupt` that names the file."""
    try:
        if path.stat().st_size == 0:  # to gzip, an empty file is one that holds nothing
            raise EOFError("it is empty")
        with gzip.open(path, "rb") as file:
            yield from ox.parse(input=cast(IO[bytes], file), format=ox.RdfFormat.N_QUADS)
    except (OSError, EOFError, zlib.error, SyntaxError) as error:
        name = f"{path.parent.name}/{path.name}"
        raise ReleaseCorrupt(
            Message("%(file)s is damaged: %(why)s", file=name, why=error)
        ) from error
