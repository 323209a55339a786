"""The thread that starts workers, watches them, and clears up after them.

One long-lived thread starts every worker, because the kernel's parent-death signal fires when the
*thread* that started a process ends. It alone reaps. A worker's channel belongs to the thread of
the pool that has taken it; to the supervisor while it starts, spools, and once it is given up.
"""

from __future__ import annotations

import contextlib
import logging
import os
import selectors
import threading
import time
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Any

from . import wire
from .answer import Spool
from .errors import Overloaded, QueryTimeout
from .failures import failure
from .idle import IdleWorkers
from .process import QUERIES, WorkerDied, WorkerProcess

_log = logging.getLogger(__name__)
_READ = selectors.EVENT_READ
_START_SECONDS = 60.0  # a store of a hundred million quads takes long to count
_LONGEST_PAUSE = 5.0  # between attempts to start workers that die at once


class Supervisor:
    """Keeps ``size`` workers alive. ``warm`` is asked for the request that warms a new one."""

    def __init__(
        self,
        idle: IdleWorkers,
        *,
        size: int,
        timeout: float,
        memory_bytes: int,
        warm: Callable[[], tuple[Any, ...] | None],
        program: str = QUERIES,
    ) -> None:
        self._idle = idle
        self._size = size
        self._timeout = timeout
        self._memory_bytes = memory_bytes
        self._warm = warm
        self._program = program
        self._alive: set[WorkerProcess] = set()  # and not given up
        self._dying: set[WorkerProcess] = set()
        self._starting: dict[WorkerProcess, float] = {}  # → deadline
        self._spooling: dict[WorkerProcess, tuple[Spool, float]] = {}
        self._failed_starts = 0
        self._next_start = 0.0
        self._selector = selectors.DefaultSelector()
        self._wake_out, self._wake_in = os.pipe()
        os.set_blocking(self._wake_out, False)
        os.set_blocking(self._wake_in, False)
        self._selector.register(self._wake_out, _READ, self._drain)
        self._commands: deque[Callable[[], None]] = deque()
        # Reentrant: the garbage collector may close an answer while it is held.
        self._lock = threading.RLock()
        self.closing = False
        self._closed = False
        idle.expect(size)
        self._thread = threading.Thread(target=self._run, name="query-supervisor", daemon=True)
        self._thread.start()

    def give_up(self, worker: WorkerProcess) -> None:
        """Kills a worker that the caller has; a new one starts at once."""
        worker.kill()
        if not self._tell(partial(self._bury, worker)):
            worker.channel.close()

    def spool(self, worker: WorkerProcess, spool: Spool, deadline: float) -> None:
        """From here on the supervisor has the worker, which writes into ``spool``."""
        if not self._tell(partial(self._watch_spool, worker, spool, deadline)):
            spool.fail(Overloaded(retry_after=1))
            worker.channel.close()

    def abandon(self, worker: WorkerProcess, spool: Spool) -> None:
        """Nobody reads ``spool`` any more."""
        self._tell(partial(self._drop_spool, worker, spool))

    def close(self) -> None:
        """Kills and reaps all workers."""
        self._tell(self._stop)
        self._thread.join()

    def process_ids(self) -> list[int]:
        return [worker.process.pid for worker in tuple(self._alive)]

    @property
    def sandboxed(self) -> bool:
        return all(worker.sandboxed for worker in self._alive - self._starting.keys())

    def _stop(self) -> None:
        self.closing = True

    def _tell(self, command: Callable[[], None]) -> bool:
        """Has the thread run ``command``; False where it has ended."""
        with self._lock:
            if self._closed:
                return False
            self._commands.append(command)
            with contextlib.suppress(BlockingIOError):  # full of wake-up calls already
                os.write(self._wake_in, b"!")
            return True

    def _drain(self) -> None:
        with contextlib.suppress(BlockingIOError):
            os.read(self._wake_out, 4096)

    def _run(self) -> None:
        while not self.closing:
            try:
                self._start_missing()
                for key, _ in self._selector.select(self._pause()):
                    key.data()
                self._obey()
                self._keep_deadlines()
            except Exception:
                _log.exception("the supervisor goes on after an error")
                time.sleep(0.1)
        self._clear_up()

    def _obey(self) -> None:
        while self._commands:
            self._commands.popleft()()

    def _pause(self) -> float | None:
        """Seconds until something is due without a wake-up call."""
        due = [*self._starting.values(), *(deadline for _, deadline in self._spooling.values())]
        if len(self._alive) < self._size:
            due.append(self._next_start)
        return max(0.0, min(due) - time.monotonic()) if due else None

    def _start_missing(self) -> None:
        now = time.monotonic()
        while len(self._alive) < self._size and now >= self._next_start:
            try:
                worker = WorkerProcess(self._memory_bytes, self._program)
            except Exception:  # no more processes or descriptors: later
                _log.exception("no worker can be started")
                self._start_failed()
                break
            self._alive.add(worker)
            self._starting[worker] = now + _START_SECONDS
            self._selector.register(worker.stderr, _READ, partial(self._on_stderr, worker))
            self._selector.register(worker.channel, _READ, partial(self._on_start, worker))
        self._idle.expect(len(self._starting))

    def _start_failed(self) -> None:
        self._failed_starts += 1
        pause = min(_LONGEST_PAUSE, 0.05 * 2**self._failed_starts)
        self._next_start = time.monotonic() + pause

    def _on_start(self, worker: WorkerProcess) -> None:
        """READY, then the answer to the warming request, then it is idle."""
        if worker not in self._starting:
            return  # another event of the same moment has ended it
        try:
            worker.read()
            while (frame := worker.next_frame()) is not None:
                kind, payload = frame
                warming = self._warm()
                if kind == wire.READY:
                    worker.sandboxed = payload == b"\x01"
                    self._failed_starts = 0
                    if warming is not None:
                        worker.send(warming)
                        continue
                elif kind not in (wire.END, wire.FAILED):
                    continue
                self._selector.unregister(worker.channel)
                del self._starting[worker]
                self._idle.give(worker)
                return
        except BlockingIOError:
            pass
        except WorkerDied:
            self._selector.unregister(worker.channel)  # its stderr will tell

    def _watch_spool(self, worker: WorkerProcess, spool: Spool, deadline: float) -> None:
        self._spooling[worker] = (spool, deadline)
        if worker.dead.is_set():
            self._end_spool(worker)
            spool.fail(worker.cause_of_death())
            worker.channel.close()
        else:
            self._selector.register(worker.channel, _READ, partial(self._on_spool, worker, spool))
            self._on_frames(worker, spool)

    def _on_spool(self, worker: WorkerProcess, spool: Spool) -> None:
        if worker not in self._spooling:
            return
        try:
            worker.read()
            self._on_frames(worker, spool)
        except BlockingIOError:
            pass
        except WorkerDied:
            self._selector.unregister(worker.channel)  # its stderr will tell

    def _on_frames(self, worker: WorkerProcess, spool: Spool) -> None:
        while (frame := worker.next_frame()) is not None:
            kind, payload = frame
            if kind == wire.PROGRESS:
                (size,) = wire.SIZE.unpack(payload)
                spool.grow(spool.beginning + size)
                continue
            self._end_spool(worker)
            if kind == wire.END:
                size, cut, replace, beside = wire.ENDING.unpack(payload)
                spool.finish(spool.beginning + size, cut=bool(cut), beside=beside)
            else:
                error, replace = failure(payload, worker.memory_bytes)
                spool.fail(error)
            if replace:
                self._kill(worker)
            else:
                self._idle.give(worker)
            return

    def _drop_spool(self, worker: WorkerProcess, spool: Spool) -> None:
        if worker in self._spooling and self._spooling[worker][0] is spool:
            self._end_spool(worker)
            self._kill(worker)

    def _end_spool(self, worker: WorkerProcess) -> None:
        del self._spooling[worker]
        with contextlib.suppress(KeyError):
            self._selector.unregister(worker.channel)

    def _on_stderr(self, worker: WorkerProcess) -> None:
        if worker.read_stderr():
            return
        self._selector.unregister(worker.stderr)
        worker.reap()
        self._alive.discard(worker)
        if worker in self._spooling:
            spool, _ = self._spooling[worker]
            self._end_spool(worker)
            spool.fail(worker.cause_of_death())
        elif worker in self._starting:
            del self._starting[worker]
            with contextlib.suppress(KeyError):
                self._selector.unregister(worker.channel)
            self._start_failed()
        elif worker in self._dying:
            self._dying.discard(worker)
        elif not self._idle.discard(worker):
            return  # a thread of the pool has it, and will give it up
        worker.channel.close()

    def _kill(self, worker: WorkerProcess) -> None:
        """Ends a worker that the supervisor has; what follows comes with its stderr."""
        worker.kill()
        self._alive.discard(worker)
        self._dying.add(worker)

    def _bury(self, worker: WorkerProcess) -> None:
        """What a thread of the pool has given up."""
        if worker.dead.is_set():
            worker.channel.close()
        else:
            self._kill(worker)

    def _keep_deadlines(self) -> None:
        now = time.monotonic()
        for worker, (spool, deadline) in tuple(self._spooling.items()):
            if now >= deadline:
                self._end_spool(worker)
                spool.fail(QueryTimeout(self._timeout))
                self._kill(worker)
        for worker, deadline in tuple(self._starting.items()):
            if now >= deadline:
                worker.kill()  # dies while it starts: the next attempt waits

    def _clear_up(self) -> None:
        with self._lock:
            self._closed = True
        self._obey()
        for spool, _ in self._spooling.values():
            spool.fail(Overloaded(retry_after=1))
        workers = (*self._alive, *self._dying)
        for worker in workers:
            worker.kill()
        ours = self._dying | self._spooling.keys() | self._starting.keys()
        for worker in workers:
            worker.reap()
            if worker in ours or self._idle.discard(worker):
                worker.channel.close()
        self._selector.close()
        os.close(self._wake_in)
        os.close(self._wake_out)
