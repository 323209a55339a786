"""The ledger as a web process holds it: opened when somebody first needs it."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from flask import current_app

from ..config import Config

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..ledger.accounts import Accounts
    from ..ledger.contributions import Contributions
    from ..ledger.database import Ledger


class Desk:
    """Most visitors only read: until one signs in, no process opens a database. Thread-safe."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._opening = threading.Lock()
        self._ledger: Ledger | None = None
        self._accounts: Accounts | None = None

    @property
    def ledger(self) -> Ledger:
        """Raises `LedgerUnavailable`."""
        from ..ledger.database import Ledger  # with SQLAlchemy, which takes long

        with self._opening:
            if self._ledger is None:
                self._ledger = Ledger.open(self._config)
            return self._ledger

    @property
    def accounts(self) -> Accounts:
        from ..ledger.accounts import Accounts

        ledger = self.ledger
        with self._opening:
            if self._accounts is None:
                self._accounts = Accounts(ledger)
            return self._accounts

    @property
    def contributions(self) -> Contributions:
        from ..ledger.contributions import Contributions

        return Contributions(self.ledger)

    def history(self, contribution_id: int) -> list[dict[str, Any]]:
        """What has happened to a contribution, oldest first."""
        from ..ledger import events

        return events.of_contribution(self.ledger, contribution_id)

    def events(self, after: int, limit: int) -> list[dict[str, Any]]:
        """Everything that has happened, oldest first."""
        from ..ledger import events

        return events.since(self.ledger, after, limit)

    def events_as_csv(self) -> Iterator[str]:
        from ..ledger import events

        return events.export_csv(self.ledger)


def desk() -> Desk:
    found: Desk = current_app.extensions["coi-desk"]
    return found
