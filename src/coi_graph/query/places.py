"""Places at an engine: so many queries at a time, so many more that wait."""

from __future__ import annotations

import math
import threading
import time

from .errors import Overloaded
from .load import Load


class Places:
    """At most ``size`` are taken; at most ``max_waiting`` threads wait, each at most
    ``max_wait`` seconds."""

    def __init__(self, size: int, max_waiting: int, max_wait: float = 10.0) -> None:
        self._size = self._free = size
        self._waiting = 0
        self._max_waiting = max_waiting
        self._max_wait = max_wait
        self._changed = threading.Condition()

    def take(self) -> None:
        """Raises `Overloaded`."""
        with self._changed:
            if not self._free:
                self._wait()
            self._free -= 1

    def give(self) -> None:
        with self._changed:
            self._free += 1
            self._changed.notify()

    def load(self) -> Load:
        with self._changed:
            return Load(self._size, self._size - self._free, self._waiting)

    def _wait(self) -> None:
        if self._waiting >= self._max_waiting:
            raise self._overloaded()
        self._waiting += 1
        try:
            end = time.monotonic() + self._max_wait
            while not self._free:
                if not self._changed.wait(end - time.monotonic()) and not self._free:
                    raise self._overloaded()
        finally:
            self._waiting -= 1

    def _overloaded(self) -> Overloaded:
        return Overloaded(retry_after=max(1, math.ceil(self._max_wait)))
