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

_MOST_CLIENTS = 10_000


class OverShare(CoiError):
    """A client has used its share; others are answered meanwhile."""

    status = 429
    exit_code = EXIT_LIMIT
    slug = "over-share"
    title = Message("You have used your share of the engine's time")

    def __init__(self, retry_after: int) -> None:
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


class FairShare:
    """Each client may spend ``seconds`` of engine time a minute, in bursts of as much, and hold
    at most ``at_once`` workers. ``seconds`` 0 switches the first rule off.

    Thread-safe; keeps the accounts of the last 10,000 clients.
    """

    def __init__(
        self, seconds: float, at_once: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._seconds = seconds
        self._at_once = max(1, at_once)
        self._clock = clock
        self._accounts: OrderedDict[str, _Account] = OrderedDict()
        self._lock = threading.Lock()

    def begin(self, client: str) -> Callable[[], None]:
        """Takes one of the client's places; the caller calls what it gets when the engine is
        done, once or more often. Raises `OverShare`."""
        with self._lock:
            account = self._account(client)
            if self._seconds and account.spent >= self._seconds:
                over = account.spent - self._seconds
                raise OverShare(max(1, math.ceil(over * 60 / self._seconds)))
            if account.running >= self._at_once:
                raise OverShare(1)
            account.running += 1
        started, ended = self._clock(), threading.Event()

        def end() -> None:
            with self._lock:
                if not ended.is_set():
                    ended.set()
                    account.running -= 1
                    account.spent += self._clock() - started

        return end

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
            if not self._accounts[client].running:
                del self._accounts[client]
