"""Checks of contributed files under limits: a pool of worker processes that can be killed.

No stranger's file is parsed inside the web process (design.md, section 5). The pool is that of
queries (`coi_graph.query.supervisor`), with workers that have rdflib, pySHACL and the release
ready (`coi_graph.validation.worker`).

    with Checks(size=1, timeout=60, memory_bytes=2 << 30) as checks:
        document = checks.run([("file.ttl", data)], ReleaseAt(...))
"""

from __future__ import annotations

import json
import logging
import os
import threading
import time
from collections.abc import Callable, Sequence
from tempfile import TemporaryFile
from typing import IO, Any

from ..errors import CoiError, ReleaseCorrupt
from ..i18n import Message
from ..intake.limits import Limits
from ..query import wire
from ..query.cancellation import Cancellation, ClientGone
from ..query.errors import Overloaded, QueryOutOfMemory
from ..query.idle import IdleWorkers
from ..query.load import Load
from ..query.process import WorkerDied, WorkerProcess
from ..query.supervisor import Supervisor
from . import check_wire
from .check_errors import CheckCrashed, CheckFailed, CheckOutOfMemory, ChecksBusy, CheckTimeout
from .check_wire import ReleaseAt

__all__ = ["Checks", "ReleaseAt"]

_log = logging.getLogger(__name__)
_PROGRAM = "coi_graph.validation.worker"
_MOST_REPORT_BYTES = 64 << 20

Told = Callable[[str, int, int], None]


class _Said(Message):
    """A sentence that a worker has said, in both languages already."""

    __slots__ = ("_texts",)

    def __init__(self, texts: object) -> None:
        super().__init__("%(text)s", text="")
        self._texts = texts if isinstance(texts, dict) else {}

    def in_language(self, language: str) -> str:
        return str(self._texts.get(language) or self._texts.get("en") or "")


class Checks:
    """``size`` workers for all threads of one process. They start with the first call of
    `prepare` or `run`: two seconds of a processor pass until one is ready, and each has about
    60 MB of its own.

    timeout        seconds that a check may take
    memory_bytes   memory that a check may take
    max_waiting    checks that may wait for a worker
    max_wait       seconds that one may wait
    max_checks     checks after which a worker is replaced
    """

    def __init__(
        self,
        *,
        size: int = 1,
        timeout: float = 60.0,
        memory_bytes: int = 2 << 30,
        max_waiting: int = 8,
        max_wait: float = 30.0,
        max_checks: int = 1000,
        limits: Limits | None = None,
    ) -> None:
        self.limits = limits or Limits()
        self._size = size
        self._timeout = timeout
        self._memory_bytes = memory_bytes
        self._max_checks = max_checks
        self._release: ReleaseAt | None = None
        self._lock = threading.Lock()
        self._owner = os.getpid()
        self._idle = IdleWorkers(max_waiting, max_wait)
        self._supervisor: Supervisor | None = None
        self._closed = False
        self._given_up = 0

    def prepare(self, release: ReleaseAt) -> None:
        """Starts the workers, unless they run, with ``release`` open. Does not wait for them."""
        self._release = release
        self._started()

    def run(
        self,
        files: Sequence[tuple[str, bytes]],
        release: ReleaseAt,
        *,
        told: Told = lambda *_: None,
        cancellation: Cancellation | None = None,
    ) -> dict[str, Any]:
        """The report on ``files`` (name and content) against ``release``, as plain data.

        Raises `ChecksBusy`, `CheckTimeout`, `CheckOutOfMemory`, `CheckCrashed`, `CheckFailed`,
        `ReleaseCorrupt` or `ClientGone`.
        """
        self.prepare(release)
        supervisor = self._started()
        request = check_wire.request(release, self.limits, [(n, len(d)) for n, d in files])
        with _nameless(data for _, data in files) as contents:
            while True:
                try:
                    worker = self._idle.take()
                except Overloaded as error:
                    raise ChecksBusy(error.retry_after) from None
                if cancellation is not None and cancellation.cancelled:
                    self._idle.give(worker)
                    raise ClientGone
                try:
                    worker.send(request)
                    worker.send_file(contents.fileno())
                except WorkerDied:  # while it was idle: these files have nothing to do with it
                    self._give_up(supervisor, worker)
                    continue
                return self._await(supervisor, worker, told, cancellation)

    @property
    def sandboxed(self) -> bool:
        """Whether the kernel refuses the workers that run sockets and other programs."""
        return self._started().sandboxed

    def load(self) -> Load:
        if self._supervisor is None:
            return Load()
        idle, waiting = self._idle.load()
        workers = len(self.process_ids)
        return Load(workers, max(0, workers - idle), waiting, self._given_up)

    @property
    def process_ids(self) -> list[int]:
        return [] if self._supervisor is None else self._supervisor.process_ids()

    def close(self) -> None:
        """Kills all workers; running checks fail, later ones are refused."""
        with self._lock:
            self._closed = True
        self._idle.close()
        if self._supervisor is not None:
            self._supervisor.close()

    def __enter__(self) -> Checks:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _started(self) -> Supervisor:
        if os.getpid() != self._owner:
            raise RuntimeError("the pool belongs to the process that made it")
        with self._lock:
            if self._closed:
                raise ChecksBusy(1)
            if self._supervisor is None:
                self._supervisor = Supervisor(
                    self._idle,
                    size=self._size,
                    timeout=self._timeout,
                    memory_bytes=self._memory_bytes,
                    warm=self._warming,
                    program=_PROGRAM,
                )
            return self._supervisor

    def _warming(self) -> tuple[Any, ...] | None:
        release = self._release
        return None if release is None else check_wire.request(release, self.limits, [])

    def _await(
        self,
        supervisor: Supervisor,
        worker: WorkerProcess,
        told: Told,
        cancellation: Cancellation | None,
    ) -> dict[str, Any]:
        """Takes the worker's frames; leaves the worker idle or given up."""
        deadline = time.monotonic() + self._timeout
        try:
            if cancellation is None:
                kind, payload, text = _frames(worker, deadline, told)
            else:
                with cancellation.stopped_by(worker.kill):
                    kind, payload, text = _frames(worker, deadline, told)
            if kind == wire.FAILED:
                error, replace = self._failure(json.loads(payload))
                self._leave(supervisor, worker, replace=replace)
                raise error
            document = json.loads(text)
            if not isinstance(document, dict):
                raise ValueError
            self._leave(supervisor, worker, replace=payload != b"\x00")
            return document
        except TimeoutError:
            self._give_up(supervisor, worker)
            raise CheckTimeout(self._timeout) from None
        except WorkerDied:
            raise self._death(supervisor, worker, cancellation) from None
        except ValueError:  # not what a worker says
            self._give_up(supervisor, worker)
            raise CheckCrashed from None
        except CoiError:
            raise
        except BaseException:
            self._give_up(supervisor, worker)
            raise

    def _give_up(self, supervisor: Supervisor, worker: WorkerProcess) -> None:
        self._given_up += 1
        supervisor.give_up(worker)

    def _leave(self, supervisor: Supervisor, worker: WorkerProcess, *, replace: bool) -> None:
        worker.answered += 1
        if replace or worker.answered >= self._max_checks:
            self._give_up(supervisor, worker)
        else:
            self._idle.give(worker)

    def _failure(self, said: dict[str, Any]) -> tuple[CoiError, bool]:
        """The error, and whether its worker should be replaced."""
        kind = said.get("kind")
        if kind == check_wire.MEMORY:
            return CheckOutOfMemory(self._memory_bytes), True
        if kind == check_wire.RELEASE:
            return ReleaseCorrupt(Message("%(words)s", words=str(said.get("words")))), True
        if kind == check_wire.USER:
            remedy = said.get("remedy")
            return (
                CheckFailed(_Said(said.get("message")), remedy=_Said(remedy) if remedy else None),
                True,
            )
        _log.warning("a check failed: %s", said.get("words"))
        return CheckCrashed(), True

    def _death(
        self, supervisor: Supervisor, worker: WorkerProcess, cancellation: Cancellation | None
    ) -> CoiError:
        worker.dead.wait(5)
        closing = supervisor.closing
        self._give_up(supervisor, worker)
        if cancellation is not None and cancellation.cancelled:
            return ClientGone()
        if closing:
            return ChecksBusy(1)
        cause = worker.cause_of_death()
        if isinstance(cause, QueryOutOfMemory):
            return CheckOutOfMemory(self._memory_bytes)
        return CheckCrashed()


def _frames(worker: WorkerProcess, deadline: float, told: Told) -> tuple[int, bytes, bytes]:
    """The last frame, and the report that came before it."""
    pieces: list[bytes] = []
    size = 0
    while True:
        kind, payload = worker.receive(deadline)
        if kind == wire.DATA:
            size += len(payload)
            if size > _MOST_REPORT_BYTES:
                raise ValueError
            pieces.append(payload)
        elif kind == wire.PROGRESS:
            what, done, total = json.loads(payload)
            told(str(what), int(done), int(total))
        else:
            return kind, payload, b"".join(pieces)


def _nameless(contents: Any) -> IO[bytes]:
    """A file in memory, or on disk where the system has none in memory, with ``contents``."""
    if hasattr(os, "memfd_create"):
        file: IO[bytes] = os.fdopen(os.memfd_create("contribution"), "w+b", buffering=0)
    else:
        file = TemporaryFile(buffering=0)  # noqa: SIM115 (the caller closes it)
    for data in contents:
        view = memoryview(data)
        while view:
            view = view[file.write(view) :]
    return file
