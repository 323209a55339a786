"""Dumps, where a request asks for nothing but the whole: without Flask.

A small one goes out in one piece; of any size, its headers alone where the proxy in front sends the
file. The headers are those that the application gave to the first such request in this process.
"""

from __future__ import annotations

import contextlib
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
    by_proxy: bool = False


class PlainFiles:
    """One a web process. For the event loop's thread only."""

    def __init__(self) -> None:
        self._known: dict[str, _Known] = {}

    def remember(self, path: str, headers: RawHeaders, file: File) -> None:
        """A plain GET of ``path`` is answered by 200 with ``headers`` and the whole ``file``."""
        if file.length <= _LARGEST:
            self._keep(path, _Known(headers, file.path, _signature(os.fstat(file.fileno()))))

    def remember_proxied(self, path: str, headers: RawHeaders, file: Path) -> None:
        """A plain GET of ``path`` is answered by ``headers``, in which the proxy reads that it is
        to send ``file``."""
        with contextlib.suppress(OSError):
            self._keep(path, _Known(headers, file, _signature(file.stat()), by_proxy=True))

    def _keep(self, path: str, known: _Known) -> None:
        if not any(name == b"set-cookie" for name, _ in known.headers):
            if len(self._known) >= _MOST:
                self._known.clear()
            self._known[path] = known

    def answer(self, path: str) -> tuple[RawHeaders, bytes] | None:
        """None: the long way, which knows why the file is not there, or is another."""
        known = self._known.get(path)
        if known is None:
            return None
        try:
            if known.by_proxy and _signature(known.path.stat()) == known.signature:
                return known.headers, b""
            with known.path.open("rb", buffering=0) as file:
                if _signature(os.fstat(file.fileno())) == known.signature and not known.by_proxy:
                    body = file.read()
                    if len(body) == known.signature[1]:
                        return known.headers, body
        except OSError:
            pass
        del self._known[path]
        return None


def _signature(found: os.stat_result) -> Signature:
    return found.st_ino, found.st_size, found.st_mtime_ns
