"""What a contribution says: as it is sent, and as the ledger keeps it."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import pyoxigraph as ox


@dataclass(frozen=True, slots=True)
class Content:
    """What is sent: bytes, what they say (their graph does not matter), and the report on it."""

    file: str
    media_type: str
    data: bytes
    quads: tuple[ox.Quad, ...]
    #: Plain data (docs/reference/reports.md); its release is ``checked_release``.
    report: dict[str, Any] = field(repr=False)
    #: Keys of the findings that block.
    violations: tuple[str, ...]
    warnings: int
    checked_release: int
    title: str = ""


@dataclass(frozen=True, slots=True)
class Accepted:
    """What a graph shall hold, as the ledger says; nothing where it was removed."""

    contribution_id: int
    graph: str
    digest: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """An accepted contribution that no release holds yet."""

    contribution_id: int
    graph: str


@dataclass(frozen=True, slots=True)
class Outbox:
    """What the ledger has for a publisher, all of one moment: what each contributed graph shall
    hold by its newest acceptance (one that was emptied is left out), what is waiting in the order
    of acceptance, and the number of the newest acceptance."""

    wanted: list[Accepted]
    waiting: list[Waiting]
    until: int


@dataclass(frozen=True, slots=True)
class Origin:
    """How an accepted contribution came about, without persons: what the graph may say of it.

    Organisations are IRIs, "" where an account has none; times are UTC, ISO 8601.
    """

    contribution_id: int
    graph: str
    #: True where it emptied the graph.
    removes: bool
    contributor: str
    submitted: str
    reviewer: str
    accepted: str
    #: SHA-256 of the bytes as they were sent.
    sha256: str
    violations: int
    warnings: int
    #: The release that the report was made against.
    checked_release: int

    @property
    def review(self) -> str:
        """The IRI of the acceptance."""
        return f"{self.graph}#review-{self.contribution_id}"


def pack(quads: Iterable[ox.Quad]) -> bytes:
    """Triples as sorted N-Triples, gzipped: the same statements, the same bytes."""
    lines = sorted({str(quad.triple) for quad in quads})
    return gzip.compress("".join(f"{line} .\n" for line in lines).encode(), 6, mtime=0)


def unpack(packed: bytes, graph: str) -> list[ox.Quad]:
    name = ox.NamedNode(graph)
    return [
        ox.Quad(quad.subject, quad.predicate, quad.object, name)
        for quad in ox.parse(gzip.decompress(packed), format=ox.RdfFormat.N_TRIPLES)
    ]


def content_digest(quads: Iterable[ox.Quad]) -> str:
    """Of the statements, whatever their graph, order, or form."""
    whole = hashlib.sha256()
    for line in sorted({str(quad.triple) for quad in quads}):
        whole.update(line.encode() + b"\n")
    return whole.hexdigest()
