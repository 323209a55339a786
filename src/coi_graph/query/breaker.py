"""A circuit breaker: an engine that does not answer is left alone for a while.

Closed, it lets every call through and counts the failures that follow one another. At
``failures`` it opens: calls are refused at once, so that no thread waits for an engine that is
gone. After ``rest`` seconds it is half open: one call goes through, and its outcome closes the
breaker or opens it again.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from .errors import EngineResting

CLOSED, OPEN, HALF_OPEN = "closed", "open", "half-open"


class CircuitBreaker:
    """Thread-safe; one an engine and process."""

    def __init__(
        self, failures: int, rest: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._most = failures
        self._rest = rest
        self._clock = clock
        self._lock = threading.Lock()
        self._failures = 0
        self._opened_at: float | None = None
        self._trying = False  # the one call of a half-open breaker is under way

    @property
    def state(self) -> str:
        with self._lock:
            return self._state()

    @contextmanager
    def call(self) -> Iterator[None]:
        """Around one call, whose outcome is told by `succeeded` or `failed`; a call that tells
        neither, because its failure may be the question's fault, does not count.

        Raises `EngineResting`.
        """
        trial = self._enter()
        try:
            yield
        finally:
            if trial:
                with self._lock:
                    self._trying = False

    def _enter(self) -> bool:
        with self._lock:
            state = self._state()
            if state == CLOSED:
                return False
            if state == OPEN or self._trying:
                assert self._opened_at is not None
                left = self._opened_at + self._rest - self._clock()
                raise EngineResting(max(1, math.ceil(left)))
            self._trying = True
            return True

    def _state(self) -> str:
        if self._opened_at is None:
            return CLOSED
        return OPEN if self._clock() < self._opened_at + self._rest else HALF_OPEN

    def succeeded(self) -> None:
        with self._lock:
            self._failures = 0
            self._opened_at = None

    def failed(self) -> None:
        with self._lock:
            state = self._state()
            self._failures += 1
            # A call that began before the breaker opened does not lengthen its rest.
            if state == HALF_OPEN or (state == CLOSED and self._failures >= self._most):
                self._opened_at = self._clock()
