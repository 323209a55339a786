"""Accounts of people who sign in elsewhere (OpenID Connect Core 1.0).

An account is known by issuer and subject, which never change and are never given to somebody else.
An e-mail address is neither: it links an account once, only where the provider says that it has
verified it, and only one whose holder has no other way in yet.
"""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ..errors import NotFound
from ..i18n import Message
from . import clock
from .actor import Actor
from .errors import Conflict, Refused
from .events import record
from .keys import Keys, Kind, actor_of, valid
from .schema import Account, Secret

_LONGEST_SUBJECT = 500


class Linking(Keys):
    """Accounts and their subjects at an OpenID provider, in one ledger."""

    def of_subject(self, subject: str) -> Actor | None:
        """Who that is; None where nobody is linked, or the account is disabled."""
        with self._ledger.reading() as session:
            account = session.scalar(
                select(Account).where(Account.subject == subject, Account.disabled_at.is_(None))
            )
            return actor_of(account) if account else None

    def link(self, by: Actor, subject: str) -> None:
        """To one's own account. Raises `Conflict` where one of the two is linked already."""
        with self._ledger.writing() as session:
            _link(session, session.get_one(Account, by.id), subject)

    def link_by_email(self, email: str, subject: str) -> Actor | None:
        """The account that was made for that address, which the provider has verified. None where
        there is none, or several, or its holder has a way in already."""
        if not email:
            return None  # most accounts have none
        with self._ledger.writing() as session:
            found = session.scalars(
                select(Account)
                .where(func.lower(Account.email) == email.lower(), Account.disabled_at.is_(None))
                .limit(2)
            ).all()
            if len(found) != 1 or found[0].password_hash or found[0].subject:
                return None
            _link(session, found[0], subject)
            return actor_of(found[0])

    def invited(self, secret: str) -> Actor | None:
        """Whom an invitation is for, while it can be used."""
        with self._ledger.reading() as session:
            found = _invitation(session, secret)
            return actor_of(found[1]) if found else None

    def accept_invitation_elsewhere(self, secret: str, subject: str) -> Actor:
        """With the account at the provider instead of a password. Raises `NotFound`, `Conflict`."""
        with self._ledger.writing() as session:
            kept, account = use_invitation(session, secret)
            _link(session, account, subject)
            kept.ended_at = clock.now()
            return actor_of(account)


def use_invitation(session: Session, secret: str) -> tuple[Secret, Account]:
    """Raises `NotFound` for one that is used or too old. The caller ends it."""
    found = _invitation(session, secret)
    if found is None:
        raise NotFound(
            Message("this invitation was used already, or is too old"),
            remedy=Message("Ask an administrator for a new one."),
        )
    return found


def _invitation(session: Session, secret: str) -> tuple[Secret, Account] | None:
    found = valid(session, Kind.INVITATION, secret)
    account = session.get(Account, found.account_id) if found else None
    if found is None or account is None or account.disabled_at:
        return None
    return found, account


def _link(session: Session, account: Account, subject: str) -> None:
    if len(subject) > _LONGEST_SUBJECT:
        raise Refused(Message("the provider's name for you is too long"))
    if account.subject == subject:
        return
    taken = session.scalar(select(Account.id).where(Account.subject == subject))
    if taken is not None or account.subject is not None:
        raise Conflict(
            Message("one of the two accounts is linked to another one already"),
            remedy=Message("Ask an administrator: coi-graph account unlink"),
        )
    account.subject = subject
    record(session, "account-linked", actor_of(account), details={"account": account.name})
