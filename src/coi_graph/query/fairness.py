"""A fair share for each client: engine seconds, and workers at the same time."""

from __future__ import annotations

import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from ..errors import EXIT_LIMIT, CoiError
from ..i18n import Message
from .errors import Overloaded

_MOST_CLIENTS = 10_000
_WAIT_SECONDS = 10.0  # for a place of one's own


class OverShare(CoiError):
    """A client has used its share; others are answered meanwhile."""

    status = 429
    exit_code = EXIT_LIMIT
    slug = "over-share"
    title = Message("You have used your share of the engine's time")

    def __init__(self, retry_after: int) -> None:
        self.retry_after = retry_after
        super().__init__(
            Message(
                "Your queries have used their share; try again in %(seconds)d seconds",
                seconds=retry_after,
            ),
            remedy=Message("Ask less at once, or download the data and query it there."),
            retry_after=retry_after,
        )


@dataclass(slots=True)
class _Account:
    spent: float  # engine seconds that have not been forgiven yet
    at: float
    running: int = 0
    waiting: int = 0
    open: int = 0  # large answers that are still being read

    @property
    def is_active(self) -> bool:
        return bool(self.running or self.waiting or self.open)


class FairShare:
    """Each client may spend ``seconds`` of engine time a minute, in bursts of as much, and hold
    at most ``at_once`` workers. ``seconds`` 0 switches the first rule off.

    What a client asks beyond its workers waits for one of them: ``may_wait`` queries of a client,
    ``all_may_wait`` in all. Of answers that are computed and slowly read a client may hold
    ``may_hold`` open, and all together ``all_may_hold``: each is a file on disk.

    Thread-safe; keeps the accounts of the last 10,000 clients.
    """

    def __init__(
        self,
        seconds: float,
        at_once: int,
        clock: Callable[[], float] = time.monotonic,
        *,
        may_wait: int = 16,
        all_may_wait: int = 32,
        may_hold: int = 20,
        all_may_hold: int = 250,
    ) -> None:
        self._seconds = seconds
        self._at_once = max(1, at_once)
        self._clock = clock
        self._may_wait = may_wait
        self._all_may_wait = all_may_wait
        self._may_hold = may_hold
        self._all_may_hold = all_may_hold
        self._accounts: OrderedDict[str, _Account] = OrderedDict()
        self._waiting = 0
        self._open = 0
        self._lock = threading.Lock()
        self._freed = threading.Condition(self._lock)

    def begin(self, client: str) -> Callable[..., None]:
        """Takes one of the client's places; the caller calls what it gets when the engine is
        done, once or more often, with the engine seconds that passed beside those of the clock.
        Raises `OverShare`, and `Overloaded` where too many wait."""
        with self._lock:
            account = self._account(client)
            self._check(account)
            if account.running >= self._at_once:
                self._wait(account)
                self._check(account)
            account.running += 1
        started, ended = self._clock(), threading.Event()

        def end(beside: float = 0.0) -> None:
            with self._lock:
                if not ended.is_set():
                    ended.set()
                    account.running -= 1
                    account.spent += self._clock() - started + beside
                    if account.waiting:
                        self._freed.notify_all()

        return end

    def hold(self, client: str) -> Callable[[], None]:
        """Counts a large answer of the client's that is being read; the caller calls what it gets
        when it is closed, once or more often. Raises `OverShare`, and `Overloaded` where all
        clients together have too many."""
        with self._lock:
            account = self._account(client)
            if account.open >= self._may_hold:
                raise OverShare(1)
            if self._open >= self._all_may_hold:
                raise Overloaded(retry_after=5)
            account.open += 1
            self._open += 1
        closed = threading.Event()

        def close() -> None:
            with self._lock:
                if not closed.is_set():
                    closed.set()
                    account.open -= 1
                    self._open -= 1

        return close

    def _check(self, account: _Account) -> None:
        if self._seconds and account.spent >= self._seconds:
            over = account.spent - self._seconds
            raise OverShare(max(1, math.ceil(over * 60 / self._seconds)))

    def _wait(self, account: _Account) -> None:
        if account.waiting >= self._may_wait:
            raise OverShare(1)
        if self._waiting >= self._all_may_wait:
            raise Overloaded(retry_after=1)
        account.waiting += 1
        self._waiting += 1
        try:
            end = time.monotonic() + _WAIT_SECONDS
            while account.running >= self._at_once:
                if not self._freed.wait(end - time.monotonic()):
                    raise OverShare(1)
        finally:
            account.waiting -= 1
            self._waiting -= 1

    def _account(self, client: str) -> _Account:
        now = self._clock()
        account = self._accounts.get(client)
        if account is None:
            account = self._accounts[client] = _Account(0.0, now)
            self._forget()
        self._accounts.move_to_end(client)
        account.spent = max(0.0, account.spent - (now - account.at) * self._seconds / 60)
        account.at = now
        return account

    def _forget(self) -> None:
        for client in list(self._accounts)[: max(0, len(self._accounts) - _MOST_CLIENTS)]:
            if not self._accounts[client].is_active:
                del self._accounts[client]
