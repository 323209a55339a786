"""Queries under limits: a pool of worker processes that are started ahead and can be killed.

No query runs inside the web process (design.md, section 5). The deadline is the engine's time: an
answer that is computed may be read as slowly as its reader likes.

    with WorkerPool(size=2, timeout=30, memory_bytes=2 << 30, max_result_bytes=100 << 20) as pool:
        with pool.execute(QueryRequest(...)) as answer:
            for block in answer: ...
"""

from __future__ import annotations

import os
import time
from functools import partial
from pathlib import Path
from typing import Any

from ..errors import CoiError
from ..i18n import Message
from . import grouping, wire
from .answer import Answer, QueryRequest, Spool
from .cancellation import ClientGone
from .errors import Overloaded, QueryFailed, QuerySyntaxError, QueryTimeout
from .failures import failure
from .idle import IdleWorkers
from .load import Load
from .pieces import split
from .process import WorkerDied, WorkerProcess
from .supervisor import Supervisor
from .syntax import locate

__all__ = ["Answer", "QueryRequest", "WorkerPool"]

# What fails before so much has been computed gets an honest status; a quarter of it where the
# engine is fast (`output`).
_HOLD_BYTES = 1024 * 1024


class WorkerPool:
    """``size`` workers for all threads of one process.

    timeout            seconds that the engine may take for a query
    memory_bytes       memory that a query may take
    max_result_bytes   where an answer is cut
    max_waiting        queries that may wait for a worker
    max_wait           seconds that one may wait
    max_queries        queries after which a worker is replaced
    memory_quads       quads up to which a store is copied into each worker's memory, for joins
    spool_folder       where the rest of a large answer waits for its readers, each file
                       without a name and at most ``max_result_bytes`` large; None: the system's

    The workers start at once, and `execute` waits for the first. A process that forks must make
    its pool afterwards.
    """

    def __init__(
        self,
        *,
        size: int = 2,
        timeout: float = 30.0,
        memory_bytes: int = 2 << 30,
        max_result_bytes: int = 100 << 20,
        max_waiting: int = 32,
        max_wait: float = 10.0,
        max_queries: int = 10_000,
        memory_quads: int = 0,
        spool_folder: Path | None = None,
    ) -> None:
        self.timeout = timeout
        self.max_result_bytes = max_result_bytes
        self._max_queries = max_queries
        self._spool_folder = spool_folder
        self._owner = os.getpid()
        self._memory_quads = memory_quads
        self._last: tuple[str, int | None, int | None] | None = None  # store, its bytes, its quads
        self._given_up = 0
        self._idle = IdleWorkers(max_waiting, max_wait)
        self._supervisor = Supervisor(
            self._idle, size=size, timeout=timeout, memory_bytes=memory_bytes, warm=self._warming
        )

    def execute(self, request: QueryRequest) -> Answer:
        """The answer, once it is complete or its first part is there.

        Raises `QuerySyntaxError`, `QueryRejected`, `QueryTimeout`, `QueryOutOfMemory`,
        `QueryCrashed`, `QueryFailed`, `Overloaded`, `ReleaseCorrupt` or `ClientGone`.
        """
        # Which store workers started from now on open before their first query.
        self._last = (request.store_path, request.expected_bytes, request.quads)
        return self._ask(self._message(request), request)

    def parse(self, query: str, base_iri: str) -> None:
        """Reads ``query`` over nothing: what `execute` would raise of its text, before another
        engine is given it. Raises what `execute` raises."""
        asked = QueryRequest(store_path="", query=query, media_type="", base_iri=base_iri)
        self._ask((query, base_iri), asked).close()

    def _ask(self, message: tuple[Any, ...], request: QueryRequest) -> Answer:
        if os.getpid() != self._owner:
            raise RuntimeError("the pool belongs to the process that made it")
        while True:
            worker = self._idle.take()
            if request.cancellation is not None and request.cancellation.cancelled:
                self._idle.give(worker)
                raise ClientGone
            try:
                worker.send(message)
            except WorkerDied:  # while it was idle: the query has nothing to do with it
                self._give_up(worker)
                continue
            return self._answer(worker, request, time.monotonic() + self.timeout)

    @property
    def sandboxed(self) -> bool:
        """Whether the kernel refuses the workers that run sockets and other programs."""
        return self._supervisor.sandboxed

    @property
    def process_ids(self) -> list[int]:
        return self._supervisor.process_ids()

    def load(self) -> Load:
        idle, waiting = self._idle.load()
        workers = len(self.process_ids)
        return Load(workers, max(0, workers - idle), waiting, self._given_up)

    def close(self) -> None:
        """Kills all workers; running queries fail, later ones are refused."""
        self._idle.close()
        self._supervisor.close()

    def __enter__(self) -> WorkerPool:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _message(self, request: QueryRequest) -> tuple[Any, ...]:
        default, named = request.default_graphs, request.named_graphs
        cap = self.max_result_bytes
        everything = default is None and named is None
        tally = grouping.read(request.query) if everything else None
        return (
            request.store_path,
            request.expected_bytes,
            request.query,
            None if default is None else list(default),
            None if named is None else list(named),
            request.base_iri,
            request.media_type,
            cap if request.max_bytes is None else min(cap, request.max_bytes),
            _HOLD_BYTES,
            split(request.query) if everything and tally is None else None,
            tally,
            request.quads is not None and request.quads <= self._memory_quads,
            self._idle.load()[0] > 1,  # no other query has need of the second processor
        )

    def _warming(self) -> tuple[Any, ...] | None:
        if self._last is None:
            return None
        path, size, quads = self._last
        return self._message(
            QueryRequest(
                store_path=path,
                expected_bytes=size,
                quads=quads,
                query="ASK {}",
                media_type="application/sparql-results+json",
            )
        )

    def _answer(self, worker: WorkerProcess, request: QueryRequest, deadline: float) -> Answer:
        """Takes the worker's frames; leaves the worker idle, spooling, or given up."""
        held: list[bytes] = []
        try:
            if request.cancellation is None:
                kind, payload = _first_frames(worker, held, deadline)
            else:
                with request.cancellation.stopped_by(worker.kill):
                    kind, payload = _first_frames(worker, held, deadline)
            if kind == wire.SPOOL:
                return self._spool(worker, request, held, deadline)
            if kind == wire.END:
                _, cut, replace, beside = wire.ENDING.unpack(payload)
                self._release(worker, replace=bool(replace))
                return Answer(request.media_type, held, cut=bool(cut), beside=beside)
            raise self._failure(worker, request, payload, deadline)
        except TimeoutError:
            self._give_up(worker)
            raise QueryTimeout(self.timeout) from None
        except WorkerDied:
            raise self._death(worker, request) from None
        except CoiError:
            raise
        except BaseException:
            self._give_up(worker)
            raise

    def _spool(
        self, worker: WorkerProcess, request: QueryRequest, held: list[bytes], deadline: float
    ) -> Answer:
        try:
            spool = Spool(self._spool_folder, held)
        except OSError as error:
            self._give_up(worker)
            raise QueryFailed(
                Message("The answer cannot be written to disk: %(words)s", words=error)
            ) from error
        try:
            worker.send_file(spool.file.fileno())
        except WorkerDied:
            spool.file.close()
            raise
        self._supervisor.spool(worker, spool, deadline)
        return Answer(
            request.media_type,
            [],
            spool=spool,
            abandon=partial(self._supervisor.abandon, worker, spool),
        )

    def _failure(
        self, worker: WorkerProcess, request: QueryRequest, payload: bytes, deadline: float
    ) -> CoiError:
        error, replace = failure(payload, worker.memory_bytes)
        if isinstance(error, QuerySyntaxError):
            try:
                parse = partial(_parse, worker, request.base_iri, deadline)
                error = locate(request.query, error, parse)
            except (TimeoutError, WorkerDied):
                replace = True
        self._release(worker, replace=replace)
        return error

    def _death(self, worker: WorkerProcess, request: QueryRequest) -> CoiError:
        worker.dead.wait(5)
        closing = self._supervisor.closing
        self._give_up(worker)
        if request.cancellation is not None and request.cancellation.cancelled:
            return ClientGone()
        return Overloaded(retry_after=1) if closing else worker.cause_of_death()

    def _give_up(self, worker: WorkerProcess) -> None:
        self._given_up += 1
        self._supervisor.give_up(worker)

    def _release(self, worker: WorkerProcess, *, replace: bool) -> None:
        worker.answered += 1
        if replace or worker.answered >= self._max_queries:
            self._give_up(worker)
        else:
            self._idle.give(worker)


def _first_frames(worker: WorkerProcess, held: list[bytes], deadline: float) -> tuple[int, bytes]:
    """Data into ``held``, and the first frame that is none."""
    while True:
        kind, payload = worker.receive(deadline)
        if kind != wire.DATA:
            return kind, payload
        held.append(payload)


def _parse(
    worker: WorkerProcess, base_iri: str | None, deadline: float, query: str
) -> QuerySyntaxError | None:
    worker.send((query, base_iri))
    kind, payload = worker.receive(deadline)
    error = failure(payload, worker.memory_bytes)[0] if kind == wire.FAILED else None
    return error if isinstance(error, QuerySyntaxError) else None
