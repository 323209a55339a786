"""Letters to contributors: written with a decision, in its transaction; taken and sent afterwards.

SMTP has no transactions. A letter is taken for some minutes, sent, then marked as sent; a sender
that is killed in between leaves it to be sent again, under the same Message-ID. So every letter is
sent at least once, and twice only where the process was killed in that moment.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from . import clock
from .database import Ledger
from .schema import Account, Contribution, Letter

LEASE_MINUTES = 5.0  # for which nobody else takes a letter that one process is sending
LONGEST_DAYS = 3.0  # what is older tells nobody anything new
_FIRST_PAUSE_MINUTES = 1.0
_LONGEST_PAUSE_MINUTES = 360.0


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A letter that somebody has taken to send it."""

    id: int
    kind: str
    to: str
    language: str
    contribution_id: int
    title: str
    created_at: str
    attempts: int


def write(session: Session, kind: str, contribution: Contribution) -> None:
    """To the sender of ``contribution``, if there is an address, about an event of that kind."""
    account = session.get(Account, contribution.account_id)
    if account is None or not account.email or account.disabled_at:
        return
    session.add(
        Letter(
            account_id=account.id,
            contribution_id=contribution.id,
            kind=kind,
            created_at=clock.now(),
            due_at=clock.now(),
        )
    )


class Letters:
    """The letters of one ledger."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def is_any_due(self) -> bool:
        """Cheap enough to ask several times a second."""
        with self._ledger.reading() as session:
            due = select(Letter.id).where(Letter.due_at <= clock.now()).limit(1)
            return session.scalar(due) is not None

    def take(self, most: int = 20) -> list[Outgoing]:
        """The letters that are due, oldest first; for `LEASE_MINUTES` nobody else gets them. What
        is too old is given up."""
        with self._ledger.writing() as session:
            found = session.execute(
                select(Letter, Account, Contribution.title)
                .join(Account, Account.id == Letter.account_id)
                .join(Contribution, Contribution.id == Letter.contribution_id)
                .where(Letter.due_at <= clock.now())
                .order_by(Letter.id)
                .limit(most)
            ).all()
            taken = []
            for letter, account, title in found:
                if letter.created_at < clock.after(days=-LONGEST_DAYS) or not account.email:
                    letter.due_at = None
                    continue
                letter.due_at = clock.after(minutes=LEASE_MINUTES)
                letter.attempts += 1
                taken.append(
                    Outgoing(
                        letter.id,
                        letter.kind,
                        account.email,
                        account.language,
                        letter.contribution_id,
                        title,
                        letter.created_at,
                        letter.attempts,
                    )
                )
            return taken

    def sent(self, letter_id: int) -> None:
        with self._ledger.writing() as session:
            letter = session.get_one(Letter, letter_id)
            letter.due_at, letter.sent_at = None, clock.now()

    def put_off(self, letter_id: int) -> None:
        """It could not be sent now: to be tried again after a pause that doubles each time."""
        with self._ledger.writing() as session:
            letter = session.get_one(Letter, letter_id)
            pause = _FIRST_PAUSE_MINUTES * 2.0 ** min(letter.attempts - 1, 20)
            letter.due_at = clock.after(minutes=min(pause, _LONGEST_PAUSE_MINUTES))

    def give_up(self, letter_id: int) -> None:
        """The server will never take it."""
        with self._ledger.writing() as session:
            session.get_one(Letter, letter_id).due_at = None
