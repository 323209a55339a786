"""What a process has verified already and need not read again.

A release shares most of its files with the one before by hard links, and a publisher begins each
release with the one that it has just made. So the checksum of a file is computed once, as long as
it stays the same file (device and inode) with the same size and time of change; a store is counted
once, as long as its files have the checksums that they had. A new process begins with nothing.
"""

from __future__ import annotations

import threading
from pathlib import Path

from ..intake.checksum import sha256

_MOST = 20_000


class Verified:
    """Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sums: dict[tuple[int, int, int, int], str] = {}
        self._counted: set[str] = set()

    def sha256(self, path: Path) -> str:
        """As `coi_graph.intake.checksum.sha256`, of a file that nobody is writing."""
        seen = path.stat()
        key = (seen.st_dev, seen.st_ino, seen.st_size, seen.st_mtime_ns)
        known = self._sums.get(key)
        if known is None:
            known = sha256(path)
            with self._lock:
                if len(self._sums) >= _MOST:
                    self._sums.clear()
                self._sums[key] = known
        return known

    def is_counted(self, content_hash: str) -> bool:
        """Whether a store with that content was counted, and its files had their checksums."""
        return content_hash in self._counted

    def counted(self, content_hash: str) -> None:
        with self._lock:
            if len(self._counted) >= _MOST:
                self._counted.clear()
            self._counted.add(content_hash)
