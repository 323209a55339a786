"""Work that is stopped because whoever asked for it has gone."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from ..errors import EXIT_LIMIT, CoiError
from ..i18n import Message

#: Where a WSGI application finds the `Cancellation` of its request.
ENVIRON_KEY = "coi.cancellation"


class ClientGone(CoiError):
    """Nobody waits for the answer any more; nobody will read this either."""

    status = 408
    exit_code = EXIT_LIMIT
    slug = "client-gone"
    title = Message("The client has gone")

    def __init__(self) -> None:
        super().__init__(Message("The connection was closed before the answer was ready"))


class Cancellation:
    """One a request. Thread-safe: one thread works, another learns that the client has gone."""

    def __init__(self) -> None:
        # Reentrant: what stops the work may come round to here.
        self._lock = threading.RLock()
        self._stop: Callable[[], object] | None = None
        self.cancelled = False

    def cancel(self) -> None:
        """Stops what is under way; later work fails at its first `check`."""
        with self._lock:
            self.cancelled = True
            if self._stop is not None:
                self._stop()

    def check(self) -> None:
        """Raises `ClientGone`."""
        if self.cancelled:
            raise ClientGone

    @contextmanager
    def stopped_by(self, stop: Callable[[], object]) -> Iterator[None]:
        """While this lasts `cancel` calls ``stop``, and never afterwards: what it would stop
        belongs to somebody else then."""
        self.register(stop)
        try:
            yield
        finally:
            with self._lock:
                self._stop = None

    def register(self, stop: Callable[[], object]) -> None:
        """From now on `cancel` calls ``stop``; at once where the client has gone already."""
        with self._lock:
            self._stop = stop
            if self.cancelled:
                stop()
