"""A worker process as the pool sees it: starting it, talking to it, and why it died."""

from __future__ import annotations

import logging
import marshal
import os
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from ..errors import CoiError
from . import wire
from .errors import QueryCrashed, QueryOutOfMemory

_log = logging.getLogger(__name__)

# Without site-packages' start-up files, which cost as much as all the rest: the two folders
# that are needed are handed over.
_BOOT = "import sys; sys.path[:0] = sys.argv[4:]; from {program} import main; main()"
QUERIES = "coi_graph.query.worker"
_KEPT_VARIABLES = ("LD_LIBRARY_PATH",)
# Arenas of 64 MiB for each of RocksDB's threads would eat the query's address space.
_ENVIRONMENT = {"MALLOC_ARENA_MAX": "2", "RUST_BACKTRACE": "0", "LC_ALL": "C.UTF-8"}
# Larger buffers would be mapped and unmapped for every read.
_READ_BYTES = 64 * 1024
_STDERR_BYTES = 8 * 1024
_OUT_OF_MEMORY = (b"memory allocation of", b"bad_alloc", b"MemoryError", b"annot allocate memory")


class WorkerDied(Exception):
    """The worker closed its end: it has been killed, or has crashed."""


class WorkerProcess:
    """One worker. ``channel`` belongs to whoever has the worker; see `Supervisor`.

    Start it from a thread that lives as long as it shall live: the kernel kills it when that
    thread ends.
    """

    def __init__(self, memory_bytes: int, program: str = QUERIES) -> None:
        """``program`` is the module whose ``main`` it runs."""
        self.program = program
        self.memory_bytes = memory_bytes
        self.sandboxed = False
        self.killed = False  # by us
        self.dead = threading.Event()
        self.answered = 0
        self.words = b""  # the end of what it wrote to stderr
        self._arrived: list[bytes] = []
        self._waiting = 0  # bytes in it
        self._wanted = wire.HEADER.size  # bytes without which there is no frame to be had
        self.receive_timeout = 0.0
        self.channel, theirs = socket.socketpair()
        self.stderr, writing = os.pipe()
        # A worker that says much must not wait for somebody to read it.
        os.set_blocking(writing, False)
        os.set_blocking(self.stderr, False)
        try:
            self.process = subprocess.Popen(
                [
                    *(sys.executable, "-I", "-S", "-c", _BOOT.format(program=program)),
                    *(str(theirs.fileno()), str(os.getpid()), str(memory_bytes)),
                    *_import_folders(),
                ],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=writing,
                pass_fds=[theirs.fileno()],
                # Ctrl-C in the server's terminal is for the server, which ends its workers. A
                # session of its own would have as much of the machine as the whole server (Linux
                # shares by session: sched(7), autogroup).
                process_group=0,
                env=_ENVIRONMENT
                | {name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ},
            )
        except BaseException:
            self.channel.close()
            os.close(self.stderr)
            raise
        finally:
            theirs.close()
            os.close(writing)

    def send(self, request: tuple[Any, ...]) -> None:
        """Raises `WorkerDied`."""
        payload = marshal.dumps(request)
        try:
            self.channel.sendall(wire.LENGTH.pack(len(payload)) + payload)
        except OSError as error:
            raise WorkerDied from error

    def send_file(self, descriptor: int) -> None:
        try:
            socket.send_fds(self.channel, [b"f"], [descriptor])
        except OSError as error:
            raise WorkerDied from error

    def receive(self, deadline: float) -> tuple[int, bytes]:
        """The next frame. Raises `TimeoutError` at ``deadline`` (monotonic), or `WorkerDied`."""
        while (frame := self.next_frame()) is None:
            remaining = deadline - time.monotonic()
            if remaining <= 0:
                raise TimeoutError
            self._wait_at_most(remaining)
            try:
                self.read()
            except BlockingIOError:
                raise TimeoutError from None
        return frame

    def read(self) -> None:
        """Takes in what there is, waiting until there is something."""
        try:
            data = self.channel.recv(_READ_BYTES)
        except BlockingIOError:
            raise
        except OSError as error:
            raise WorkerDied from error
        if not data:
            raise WorkerDied
        self._arrived.append(data)
        self._waiting += len(data)

    def next_frame(self) -> tuple[int, bytes] | None:
        """A frame that has arrived whole."""
        if self._waiting < self._wanted:
            return None
        arrived = self._arrived
        buffer = arrived[0] if len(arrived) == 1 else b"".join(arrived)
        kind, size = wire.HEADER.unpack_from(buffer)
        end = wire.HEADER.size + size
        if len(buffer) < end:
            self._arrived, self._wanted = [buffer], end
            return None
        rest = buffer[end:]
        self._arrived, self._waiting = [rest] if rest else [], len(rest)
        self._wanted = wire.HEADER.size
        return kind, buffer[wire.HEADER.size : end]

    def kill(self) -> None:
        self.killed = True
        self.process.kill()

    def read_stderr(self) -> bool:
        """Takes in what the worker said last; False when it has closed its end: it is dead."""
        try:
            words = os.read(self.stderr, 64 * 1024)
        except BlockingIOError:
            return True
        self.words = (self.words + words)[-_STDERR_BYTES:]
        return bool(words)

    def reap(self) -> None:
        """Waits for the end of a process that has closed its stderr; wakes who waits for it."""
        os.close(self.stderr)
        try:
            self.process.wait(1)
        except subprocess.TimeoutExpired:  # it closed its stderr and lives on
            self.process.kill()
            self.process.wait()
        if not self.killed and self.process.returncode != 0:
            _log.warning(
                "%s %d ended with status %d: %s",
                self.program,
                self.process.pid,
                self.process.returncode,
                self.words.decode("utf-8", "replace").strip()[-500:],
            )
        self.dead.set()

    def cause_of_death(self) -> CoiError:
        """What a worker that we did not kill died of; for once it is dead."""
        if any(words in self.words for words in _OUT_OF_MEMORY):
            return QueryOutOfMemory(self.memory_bytes)
        if self.process.returncode == -signal.SIGKILL:  # the kernel's doing, short of memory
            return QueryOutOfMemory(self.memory_bytes)
        return QueryCrashed()

    def _wait_at_most(self, seconds: float) -> None:
        # Python's own timeouts cost two system calls more for every read.
        if abs(seconds - self.receive_timeout) < 0.05:
            return
        self.receive_timeout = seconds
        microseconds = max(1000, int(seconds * 1e6))
        interval = struct.pack("@ll", *divmod(microseconds, 1_000_000))
        self.channel.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, interval)


def _import_folders() -> list[str]:
    """Where coi_graph and pyoxigraph are imported from."""
    here = str(Path(__file__).parents[2])
    spec = find_spec("pyoxigraph")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("pyoxigraph")
    return list(dict.fromkeys((here, str(Path(spec.origin).parents[1]))))
