"""The workers that have nothing to do, and the threads that wait for one."""

from __future__ import annotations

import math
import threading
from collections import deque

from .errors import Overloaded
from .process import WorkerProcess


class _Waiter:
    __slots__ = ("arrived", "worker")

    def __init__(self) -> None:
        self.arrived = threading.Lock()
        self.arrived.acquire()
        self.worker: WorkerProcess | None = None


class IdleWorkers:
    """First come, first served; at most ``max_waiting`` wait, each at most ``max_wait`` seconds.

    A query that waits for a worker that is just starting does not count as waiting, so that a
    pool without a queue can be asked at once.
    """

    def __init__(self, max_waiting: int, max_wait: float) -> None:
        self._lock = threading.Lock()
        self._idle: list[WorkerProcess] = []
        self._waiters: deque[_Waiter] = deque()
        self._max_waiting = max_waiting
        self._max_wait = max_wait
        self._starting = 0
        self._closed = False

    def expect(self, starting: int) -> None:
        """So many workers are about to be given."""
        with self._lock:
            self._starting = starting

    def take(self) -> WorkerProcess:
        """Raises `Overloaded`."""
        with self._lock:
            if self._idle and not self._closed:
                return self._idle.pop()  # the one used last has the warmest caches
            if self._closed or len(self._waiters) >= self._max_waiting + self._starting:
                raise self._overloaded()
            waiter = _Waiter()
            self._waiters.append(waiter)
        waiter.arrived.acquire(timeout=self._max_wait)
        with self._lock:
            if waiter.worker is None:
                if waiter in self._waiters:
                    self._waiters.remove(waiter)
                raise self._overloaded()
        return waiter.worker

    def give(self, worker: WorkerProcess) -> None:
        with self._lock:
            if self._waiters:
                waiter = self._waiters.popleft()
                waiter.worker = worker
                waiter.arrived.release()
            else:
                self._idle.append(worker)

    def discard(self, worker: WorkerProcess) -> bool:
        """Takes a dead worker out; False where somebody has it."""
        with self._lock:
            if worker not in self._idle:
                return False
            self._idle.remove(worker)
            return True

    def load(self) -> tuple[int, int]:
        """How many workers have nothing to do, and how many threads wait for one."""
        with self._lock:
            return len(self._idle), len(self._waiters)

    def close(self) -> None:
        """Nobody is served any more; who waits is told so."""
        with self._lock:
            self._closed = True
            while self._waiters:
                self._waiters.popleft().arrived.release()

    def _overloaded(self) -> Overloaded:
        return Overloaded(retry_after=max(1, math.ceil(self._max_wait)))
