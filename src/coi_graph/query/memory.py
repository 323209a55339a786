"""The address space of a worker process, and its limit.

Loaded by every worker at its start: nothing but the interpreter's own modules.
"""

from __future__ import annotations

import os
import resource

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

_PAGE_BYTES = resource.getpagesize()


class AddressSpace:
    """Of this process. ``more`` are the bytes that a piece of work may add to what is there when
    `confine` is called."""

    def __init__(self, more: int) -> None:
        self.more = more
        try:
            self._statm = os.open("/proc/self/statm", os.O_RDONLY)
        except OSError:
            self._statm = -1
        self._base = self.in_use()

    def in_use(self) -> int:
        """Bytes; 0 where the system does not tell."""
        if self._statm < 0:
            return 0
        return int(os.pread(self._statm, 32, 0).split()[0]) * _PAGE_BYTES

    def open_up(self) -> None:
        """Lifts the limit, for what is no stranger's work."""
        _limit(resource.RLIM_INFINITY)

    def confine(self) -> None:
        """What is there now, and ``more``, is the limit."""
        self._base = self.in_use()
        if self._base:
            _limit(self._base + self.more)

    def unlimited(self, work: Callable[[], None]) -> None:
        """Does what is no stranger's work; the memory that it takes is none of a query's."""
        before = self.in_use()
        self.open_up()
        try:
            work()
        finally:
            self._base += self.in_use() - before
            if self._base:
                _limit(self._base + self.more)

    def has_grown(self) -> bool:
        """What earlier work left behind must not be taken from the next one's memory."""
        return self.in_use() - self._base > self.more // 4


def _limit(size: int) -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    if hard != resource.RLIM_INFINITY:
        size = hard if size == resource.RLIM_INFINITY else min(size, hard)
    resource.setrlimit(resource.RLIMIT_AS, (size, hard))
