"""The history: written with whatever happens, in the same transaction; read for audits."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..i18n import Message
from . import clock
from .database import Ledger
from .errors import Conflict
from .schema import Account, Event

if TYPE_CHECKING:
    from .accounts import Actor
    from .schema import Contribution

_PAGE = 500
COLUMNS = ("id", "at", "kind", "account", "contribution", "revision", "text", "details")


def record(
    session: Session,
    kind: str,
    by: Actor | None,
    contribution: Contribution | None = None,
    *,
    text: str = "",
    details: Mapping[str, Any] | None = None,
) -> None:
    """``by`` None: the publisher, or somebody at the server's own command line.

    Raises `Conflict` where the same request has brought about an event already: whoever asks looks
    first, so this is its twin of the same moment.
    """
    key = by.idempotency_key if by else None
    if by is not None and key is not None:
        known = select(Event.id).where(Event.account_id == by.id, Event.idempotency_key == key)
        if session.scalar(known) is not None:
            raise Conflict(
                Message("the same request came at the same moment"),
                remedy=Message("It has been carried out: send it again to see its answer."),
            )
    session.add(
        Event(
            at=clock.now(),
            kind=kind,
            account_id=by.id if by else None,
            contribution_id=contribution.id if contribution else None,
            revision=contribution.revision if contribution else None,
            text=text,
            details=json.dumps(dict(details or {}), ensure_ascii=False, sort_keys=True),
            idempotency_key=key,
        )
    )


def of_contribution(ledger: Ledger, contribution_id: int) -> list[dict[str, Any]]:
    """Oldest first."""
    with ledger.reading() as session:
        return [
            _row(event, name)
            for event, name in session.execute(
                select(Event, Account.name)
                .outerjoin(Account, Account.id == Event.account_id)
                .where(Event.contribution_id == contribution_id)
                .order_by(Event.id)
            )
        ]


def since(ledger: Ledger, after: int = 0, limit: int = _PAGE) -> list[dict[str, Any]]:
    """At most ``limit`` events with a number above ``after``, oldest first."""
    with ledger.reading() as session:
        return [
            _row(event, name)
            for event, name in session.execute(
                select(Event, Account.name)
                .outerjoin(Account, Account.id == Event.account_id)
                .where(Event.id > after)
                .order_by(Event.id)
                .limit(limit)
            )
        ]


def export_csv(ledger: Ledger) -> Iterator[str]:
    """The whole history as CSV, a page of events at a time."""
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, COLUMNS, lineterminator="\r\n")
    writer.writeheader()
    after = 0
    while page := since(ledger, after):
        writer.writerows({**row, "details": json.dumps(row["details"])} for row in page)
        after = page[-1]["id"]
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()
    yield buffer.getvalue()


def _row(event: Event, account: str | None) -> dict[str, Any]:
    return {
        "id": event.id,
        "at": event.at,
        "kind": event.kind,
        "account": account,
        "contribution": event.contribution_id,
        "revision": event.revision,
        "text": event.text,
        "details": json.loads(event.details),
    }
