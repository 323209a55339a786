"""Small dumps, where a request asks for nothing but the whole: without Flask, in one piece.

The headers are those that the application gave to the first such request in this process.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from .files import File
from .headers import RawHeaders

_MOST = 1024  # files that are remembered
#: Bytes of a file in one piece. A reader that stops holds as much, and a hundred of them 200 MB.
_LARGEST = 2 << 20
Signature = tuple[int, int, int]  # inode, size and time of change


@dataclass(frozen=True, slots=True)
class _Known:
    headers: RawHeaders
    path: Path
    signature: Signature


class PlainFiles:
    """One a web process. For the event loop's thread only."""

    def __init__(self) -> None:
        self._known: dict[str, _Known] = {}

    def remember(self, path: str, headers: RawHeaders, file: File) -> None:
        """A plain GET of ``path`` is answered by 200 with ``headers`` and the whole ``file``."""
        if file.length <= _LARGEST and not any(name == b"set-cookie" for name, _ in headers):
            if len(self._known) >= _MOST:
                self._known.clear()
            self._known[path] = _Known(headers, file.path, _signature(file.fileno()))

    def answer(self, path: str) -> tuple[RawHeaders, bytes] | None:
        """None: the long way, which knows why the file is not there, or is another."""
        known = self._known.get(path)
        if known is None:
            return None
        try:
            with known.path.open("rb", buffering=0) as file:
                if _signature(file.fileno()) == known.signature:
                    body = file.read()
                    if len(body) == known.signature[1]:
                        return known.headers, body
        except OSError:
            pass
        del self._known[path]
        return None


def _signature(descriptor: int) -> Signature:
    found = os.fstat(descriptor)
    return found.st_ino, found.st_size, found.st_mtime_ns
