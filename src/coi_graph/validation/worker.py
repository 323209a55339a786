"""The process that checks contributed files: one job after another, under the kernel's limits.

Started ahead by `coi_graph.validation.checks`, as `coi_graph.query.worker` is for queries and
with the same sandbox: no sockets, no programs, no writing, an address-space limit, and death with
the parent. rdflib, pySHACL and what is derived from the release are there before the first file
comes. It works on a thread with a large stack, because rdflib and pySHACL recurse.
"""

from __future__ import annotations

import _socket
import _thread
import array
import gc
import json
import marshal
import os
import select
import sys
from dataclasses import fields
from pathlib import Path
from typing import Any

from ..query import sandbox, wire
from ..query.memory import AddressSpace
from . import check_wire

_STACK_BYTES = 256 * 1024 * 1024
_READ_BYTES = 64 * 1024
# Deep enough for any shape, and far from the end of the stack.
_RECURSION = 20_000


class _Gone(Exception):
    """The pool has closed its end."""


class Worker:
    """``memory_bytes`` is what a job may add to what the release needs."""

    def __init__(self, channel: _socket.socket, memory_bytes: int, sandboxed: bool) -> None:
        self.channel = channel
        self.sandboxed = sandboxed
        self.buffer = b""
        self.prepared_for: tuple[Any, ...] | None = None
        self.basis: Any = None
        self.memory = AddressSpace(memory_bytes)

    def serve(self) -> None:
        # Here, in the sandbox and before READY: what takes a second to load.
        from . import basis, job  # noqa: F401

        self.send(wire.READY, bytes([self.sandboxed]))
        while True:
            release, limits, files = self.receive()
            try:
                contents = self.contents(files) if files else []
                self.prepare(release, limits)
                if files:
                    self.report(contents)
                self.send(wire.END, bytes([self.memory.has_grown()]))
            except _Gone:
                raise
            except BaseException as error:  # a panic in Rust is no Exception
                self.send(wire.FAILED, json.dumps(_failure(error)).encode())

    def prepare(self, release: tuple[Any, ...], limits: tuple[Any, ...]) -> None:
        """Opens the release, unless it is the one that is open."""
        if self.prepared_for == (release, limits):
            return
        from ..intake.limits import Limits
        from ..query.store_size import size_of
        from ..store import Store
        from .basis import Basis
        from .check_wire import ReleaseAt

        at = ReleaseAt(*release)
        self.basis, self.prepared_for = None, None
        self.memory.open_up()
        gc.unfreeze()
        gc.collect()
        store = Store.open(Path(at.store))
        if at.bytes is not None and (size := size_of(at.store)) != at.bytes:
            raise _Corrupt(f"{size} bytes instead of {at.bytes}")
        allowed = dict(zip((item.name for item in fields(Limits)), limits, strict=True))
        self.basis = Basis(
            store,
            release=at.number,
            content_hash=at.content_hash,
            limits=Limits(**allowed),
        )
        self.basis.names  # noqa: B018 (made once; the first table need not wait for it)
        gc.collect()
        gc.freeze()  # what stays need not be looked through again
        self.memory.confine()
        self.prepared_for = (release, limits)

    def report(self, files: list[tuple[str, bytes]]) -> None:
        from .job import perform

        document = perform(files, self.basis, self.told)
        text = json.dumps(document, ensure_ascii=False).encode("utf-8", "backslashreplace")
        for start in range(0, len(text), check_wire.PIECE_BYTES):
            self.send(wire.DATA, text[start : start + check_wire.PIECE_BYTES])

    def told(self, what: str, done: int, total: int) -> None:
        self.send(wire.PROGRESS, json.dumps([what, done, total]).encode())

    def send(self, kind: int, payload: bytes) -> None:
        self.channel.sendall(wire.frame(kind, payload))

    def receive(self) -> tuple[Any, ...]:
        head = self.exactly(wire.LENGTH.size)
        (size,) = wire.LENGTH.unpack(head)
        request: tuple[Any, ...] = marshal.loads(self.exactly(size))
        return request

    def exactly(self, size: int) -> bytes:
        while len(self.buffer) < size:
            # No more than is asked for: the byte that brings a descriptor must stay for it.
            data = self.channel.recv(min(_READ_BYTES, size - len(self.buffer)))
            if not data:
                os._exit(0)  # the pool has closed its end
            self.buffer += data
        found, self.buffer = self.buffer[:size], self.buffer[size:]
        return found

    def contents(self, files: list[tuple[str, int]]) -> list[tuple[str, bytes]]:
        """The files, out of the one whose descriptor comes next."""
        fds = array.array("i")
        _, ancillary, _, _ = self.channel.recvmsg(1, _socket.CMSG_LEN(fds.itemsize))
        if not ancillary:
            os._exit(0)
        fds.frombytes(ancillary[0][2][: fds.itemsize])
        descriptor, at, found = fds[0], 0, []
        try:
            for name, size in files:
                found.append((name, os.pread(descriptor, size, at) if size else b""))
                at += size
        finally:
            os.close(descriptor)
        return found


class _Corrupt(Exception):
    """The release's store does not hold what its manifest says."""


def _failure(error: BaseException) -> dict[str, Any]:
    """What the pool is told: plain data."""
    from ..errors import CoiError, ReleaseCorrupt
    from ..i18n import both

    if isinstance(error, MemoryError):
        return {"kind": check_wire.MEMORY}
    if isinstance(error, _Corrupt | ReleaseCorrupt):
        return {"kind": check_wire.RELEASE, "words": str(error)}
    if isinstance(error, CoiError):
        return {
            "kind": check_wire.USER,
            "slug": error.slug,
            "message": both(error.message),
            "remedy": None if error.remedy is None else both(error.remedy),
        }
    sys.excepthook(type(error), error, error.__traceback__)  # into the server's log
    return {"kind": check_wire.ENGINE, "words": f"{type(error).__name__}: {error}"[:500]}


def main() -> None:
    """Runs until the pool closes its end or kills the process."""
    descriptor, parent, memory_bytes = (int(argument) for argument in sys.argv[1:4])
    sandboxed = sandbox.enter(parent)
    channel = _socket.socket(fileno=descriptor)

    def run() -> None:
        try:
            sys.setrecursionlimit(_RECURSION)
            Worker(channel, memory_bytes, sandboxed).serve()
        except (BrokenPipeError, ConnectionResetError):
            os._exit(0)  # the pool has gone
        except BaseException:
            sys.excepthook(*sys.exc_info())
            os._exit(1)

    _thread.stack_size(_STACK_BYTES)
    _thread.start_new_thread(run, ())
    # Where no signal tells that the parent has died, its end of the channel does.
    hang_up = select.poll()
    hang_up.register(descriptor, 0)
    hang_up.poll()
    os._exit(0)


if __name__ == "__main__":
    main()
