"""Files as answers: read ahead in blocks (`asgi`), or left to the proxy in front.

Measured on two busy cores, 100 MB from the page cache, nginx's sendfile = 1: Granian's own
`http.response.pathsend` 0.58 to 0.74; blocks of 512 KiB, with the next one read while one is sent,
0.9. Larger ones bring nothing. But Granian keeps a dozen blocks for each connection, so a hundred
slow readers would hold 600 MB: a reader gets large blocks only while it takes them at once.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

_SMALL, _LARGE = 1 << 17, 1 << 19  # bytes of a block
_AT_ONCE = 0.05  # seconds for which a fast reader may let a block wait
_UNKNOWN = 8 << 20  # bytes that the kernel takes for any reader: they tell nothing of it
_IN_A_ROW = 4  # blocks that were taken at once, before they become larger


class File:
    """``length`` bytes of a file from ``start`` on, as PEP 3333 wants an answer."""

    def __init__(self, path: Path, start: int, length: int) -> None:
        self.path, self.length = path, length
        self._file = path.open("rb", buffering=0)
        self._start, self._at, self._end = start, start, start + length
        self._block, self._fast = _SMALL, 0

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        wanted = min(self._block, self._end - self._at)
        block = os.pread(self._file.fileno(), wanted, self._at) if wanted > 0 else b""
        if not block:
            raise StopIteration
        self._at += len(block)
        return block

    def taken(self, seconds: float) -> None:
        """The reader let a block wait for so long."""
        if seconds > _AT_ONCE:
            self._block, self._fast = max(self._block // 2, _SMALL), 0
        elif self._at - self._start > _UNKNOWN:
            self._fast += 1
            if self._fast % _IN_A_ROW == 0:
                self._block = min(2 * self._block, _LARGE)

    def fileno(self) -> int:
        return self._file.fileno()

    def close(self) -> None:
        self._file.close()
