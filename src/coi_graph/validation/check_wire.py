"""What the pool of checks and its workers say to each other, over a pair of connected sockets.

Down goes a request, its length and a marshalled tuple, and then the descriptor of a file that
holds the contents one after the other: a file without a name, so that nobody waits while another
reads. Up come frames of `coi_graph.query.wire`. What a worker says may be a stranger's word (it
has parsed his files), so it is JSON, and nothing in it is run or believed.

A request is ``(release, limits, names and sizes of the files)``; without files it prepares the
worker for the release. What comes back::

    READY                       once, before the first request: one byte, is it sandboxed
    PROGRESS* DATA* END         a report: JSON in pieces
    FAILED                      instead of END, at any point: JSON with its ``kind``
"""

from __future__ import annotations

from dataclasses import astuple, dataclass
from typing import Any

from ..intake.limits import Limits

PIECE_BYTES = 48 * 1024  # of a report; the pool's buffer stays small

# The kinds of failure.
MEMORY, RELEASE, USER, ENGINE = "memory", "release", "user", "engine"


@dataclass(frozen=True, slots=True)
class ReleaseAt:
    """A release on disk, as a worker is told of it."""

    store: str  # path of its store
    number: int | None
    content_hash: str | None
    bytes: int | None  # of its files, as the manifest says; None: not compared


def request(release: ReleaseAt, limits: Limits, files: list[tuple[str, int]]) -> tuple[Any, ...]:
    return astuple(release), astuple(limits), files
