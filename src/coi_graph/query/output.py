"""A worker's end of an answer: frames first, then a spool file, and a mark where it is cut.

Loaded by every worker at its start: nothing but the interpreter's own modules.
"""

from __future__ import annotations

import _socket
import os
import sys
import time

from . import wire

# Oxigraph's writer hands over 8 KiB at a time; so many bytes go into the file at once.
_CHUNK = 64 * 1024
# The forms whose lines are records.
_LINES = frozenset(
    ("text/csv", "text/tab-separated-values", "application/n-triples", "application/n-quads")
)
# A quarter of what is to be held back is enough where it comes so fast (seconds): a query that
# writes from its beginning is no slow one, and its reader has the first byte sooner.
_FAST = 0.1
_SOONER = 4
_QUOTED = frozenset(("text/csv", "text/tab-separated-values"))


class Full(Exception):
    """The answer has reached the cap; the mark is written."""


class SpoolFailed(Exception):
    """The spool file cannot be written, in the operating system's words."""


class Output:
    """The file object that Oxigraph writes to.

    ``cap`` and ``hold`` are bytes: how large the answer may be, and how much of it goes through
    the channel before the rest goes to a file, so that a slow reader does not hold the worker.
    """

    def __init__(self, channel: _socket.socket, media_type: str, cap: int, hold: int) -> None:
        self.channel = channel
        self.media_type = media_type
        self.cap = cap
        self.hold = hold
        self.chunk = max(_CHUNK, hold // _SOONER)  # bytes of a frame: nobody reads them sooner
        self.started = time.monotonic()
        self.parts: list[bytes] = []
        self.waiting = 0  # bytes in parts
        self.passed = 0  # bytes that have left
        self.quotes = 0  # quotation marks among them
        self.file = -1
        self.spooled = 0
        self.full = False

    def write(self, data: bytes) -> int:
        if self.full:  # Oxigraph's buffer tries once more when it is dropped
            return len(data)
        self.parts.append(data)
        self.waiting += len(data)
        if self.waiting >= self.chunk or self.passed + self.waiting > self.cap:
            self._pass_on()
        return len(data)

    def flush(self) -> None:
        """Oxigraph calls it at the end; what is left goes with END."""

    def end(self, *, cut: bool, replace: bool, beside: float = 0.0) -> None:
        rest = b"".join(self.parts)
        if self.file >= 0:
            self._to_file(rest)
            rest = b""
        data = wire.frame(wire.DATA, rest) if rest else b""
        ending = wire.ENDING.pack(self.spooled, cut, replace, beside)
        self.channel.sendall(data + wire.frame(wire.END, ending))

    def close(self) -> None:
        if self.file >= 0:
            os.close(self.file)

    def _pass_on(self) -> None:
        data = b"".join(self.parts)
        self.parts.clear()
        self.waiting = 0
        room = self.cap - self.passed
        if len(data) > room:
            self.full = True
            self._put(cut_off(data[:room], self.media_type, self.cap, self.quotes))
            raise Full
        self._put(data)
        if self.media_type == "text/csv":
            self.quotes += data.count(b'"')

    def _put(self, data: bytes) -> None:
        self.passed += len(data)
        if self.file >= 0:
            self._to_file(data)
            news = wire.frame(wire.PROGRESS, wire.SIZE.pack(self.spooled))
            try:  # noqa: SIM105 (contextlib is slow to load)
                self.channel.send(news, _socket.MSG_DONTWAIT)
            except BlockingIOError:
                pass  # earlier news are still unread, and END will be waited for
            return
        self.channel.sendall(wire.frame(wire.DATA, data))
        if self.passed >= self.hold or (
            self.passed >= self.hold // _SOONER and time.monotonic() - self.started < _FAST
        ):
            self._spool()

    def _spool(self) -> None:
        self.channel.sendall(wire.frame(wire.SPOOL))
        _, ancillary, _, _ = self.channel.recvmsg(1, _socket.CMSG_SPACE(4))
        if not ancillary:
            os._exit(0)  # the pool has gone
        self.file = int.from_bytes(ancillary[0][2][:4], sys.byteorder)
        self.chunk = _CHUNK

    def _to_file(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            try:
                view = view[os.write(self.file, view) :]
            except OSError as error:
                raise SpoolFailed(str(error)) from error
        self.spooled += len(data)


def cut_off(data: bytes, media_type: str, cap: int, quotes: int) -> bytes:
    """``data`` up to the last whole record, or character, and the mark. ``quotes`` are the
    quotation marks that have gone before.

    The mark breaks the form on purpose, so that no parser takes a part for the whole: a line
    that is no triple, a quoted field that does not end, an object that is never closed.
    """
    mark = f"TRUNCATED: this answer was cut at {cap} bytes and is not complete\n".encode()
    if media_type not in _LINES:
        return data.decode("utf-8", "ignore").encode() + b"\n" + mark
    kept = data[: _end_of_line(data, media_type, quotes)]
    return kept + (b'"' + mark if media_type in _QUOTED else mark)


def _end_of_line(data: bytes, media_type: str, quotes: int) -> int:
    """Where the last line of ``data`` ends that is a record; a quoted field has lines too."""
    if media_type != "text/csv":
        return data.rfind(b"\n") + 1
    fields = data.split(b'"')
    end = len(data)
    for index in range(len(fields) - 1, -1, -1):
        start = end - len(fields[index])
        if (quotes + index) % 2 == 0 and b"\n" in fields[index]:
            return start + fields[index].rfind(b"\n") + 1
        end = start - 1
    return 0
