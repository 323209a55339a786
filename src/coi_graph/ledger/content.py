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
