"""The size of a store's files: what a process compares that opens a release again and again.

A truncated RocksDB MANIFEST opens cleanly with most of the data gone (measured). Counting the quads
would find that, too, but takes as long as the graph is large, in each worker after each release.
"""

from __future__ import annotations

import os

#: RocksDB's diary and its lock: no data, and a reader may touch them.
VOLATILE = ("LOG", "LOCK")


def is_volatile(name: str) -> bool:
    return name in VOLATILE or name.startswith("LOG.old")


def size_of(path: str) -> int:
    """Bytes of all files that hold data. Raises ``OSError``."""
    with os.scandir(path) as entries:
        return sum(entry.stat().st_size for entry in entries if not is_volatile(entry.name))
