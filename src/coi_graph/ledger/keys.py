"""Secrets of 256 random bits: tokens of programs, sessions, invitations, the key of cookies.

The ledger keeps their SHA-256 only, which is enough for what cannot be guessed.
"""

from __future__ import annotations

import hashlib
import secrets
from enum import StrEnum

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from ..errors import NotFound
from ..i18n import Message
from . import clock
from .actor import SESSION_DAYS, Actor, Scope
from .database import Ledger
from .errors import NotSignedIn
from .events import record
from .schema import Account, Secret
from .states import Role

INVITATION_DAYS = 14
_PREFIX = "coi_"  # so that a scanner of repositories recognises a leaked token


class Kind(StrEnum):
    """Of a secret."""

    TOKEN = "token"
    SESSION = "session"
    INVITATION = "invitation"
    KEY = "key"


class Keys:
    """What opens the door, in one ledger."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def begin_session(self, account_id: int) -> str:
        return self._keep(Kind.SESSION, account_id, expires_at=clock.after(days=SESSION_DAYS))

    def of_session(self, secret: str) -> Actor | None:
        return self._holder(Kind.SESSION, secret)

    def of_token(self, secret: str) -> Actor:
        """Raises `NotSignedIn` for a token that is unknown, revoked or too old."""
        actor = self._holder(Kind.TOKEN, secret)
        if actor is None:
            raise NotSignedIn(
                Message("this token is not known, was revoked, or has expired"),
                remedy=Message("Make a new one: coi-graph account token"),
            )
        return actor

    def sign_out(self, secret: str) -> None:
        with self._ledger.writing() as session:
            session.execute(
                update(Secret)
                .where(Secret.digest == digest(secret), Secret.kind == Kind.SESSION)
                .values(ended_at=clock.now())
            )

    def make_token(
        self,
        name: str,
        label: str,
        scopes: frozenset[Scope],
        *,
        days: int | None = 365,
        by: Actor | None = None,
    ) -> str:
        """The token, which nobody can be shown again."""
        with self._ledger.writing() as session:
            account = by_name(session, name)
            record(session, "token-created", by, details={"account": name, "label": label})
            account_id = account.id
        return self._keep(
            Kind.TOKEN,
            account_id,
            label=label,
            scope=" ".join(sorted(scopes)),
            expires_at=None if days is None else clock.after(days=days),
        )

    def revoke_token(self, token_id: int, by: Actor | None = None) -> None:
        with self._ledger.writing() as session:
            token = session.get(Secret, token_id)
            if token is None or token.kind != Kind.TOKEN:
                raise NotFound(Message("there is no token %(number)s", number=token_id))
            token.ended_at = token.ended_at or clock.now()
            record(session, "token-revoked", by, details={"token": token_id})

    def tokens(self, name: str) -> list[Secret]:
        with self._ledger.reading() as session:
            account = by_name(session, name)
            return list(
                session.scalars(
                    select(Secret)
                    .where(Secret.account_id == account.id, Secret.kind == Kind.TOKEN)
                    .order_by(Secret.id)
                )
            )

    def invite(self, name: str, by: Actor | None = None) -> str:
        """The secret with which the account's holder sets a password, once."""
        with self._ledger.writing() as session:
            account = by_name(session, name)
            end(session, account.id, Kind.INVITATION)
            record(session, "invited", by, details={"account": name})
            account_id = account.id
        return self._keep(Kind.INVITATION, account_id, expires_at=clock.after(days=INVITATION_DAYS))

    def signing_key(self) -> bytes:
        """For cookies: the same for all processes of this ledger."""
        with self._ledger.writing() as session:
            key = session.scalar(select(Secret.digest).where(Secret.kind == Kind.KEY))
            if key is None:
                key = secrets.token_hex(32)
                session.add(Secret(kind=Kind.KEY.value, digest=key, created_at=clock.now()))
            return bytes.fromhex(key)

    def _keep(
        self,
        kind: Kind,
        account_id: int,
        *,
        label: str = "",
        scope: str = "",
        expires_at: str | None,
    ) -> str:
        secret = _PREFIX + secrets.token_urlsafe(32)
        with self._ledger.writing() as session:
            session.add(
                Secret(
                    kind=kind.value,
                    digest=digest(secret),
                    account_id=account_id,
                    label=label[:200],
                    scope=scope,
                    created_at=clock.now(),
                    expires_at=expires_at,
                )
            )
        return secret

    def _holder(self, kind: Kind, secret: str) -> Actor | None:
        with self._ledger.reading() as session:
            found = valid(session, kind, secret)
            account = session.get(Account, found.account_id) if found else None
            if found is None or account is None or account.disabled_at:
                return None
            scopes = None
            if kind is Kind.TOKEN:
                scopes = frozenset(Scope(name) for name in found.scope.split())
            return actor_of(account, scopes)


def digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def valid(session: Session, kind: Kind, secret: str) -> Secret | None:
    return session.scalar(
        select(Secret).where(
            Secret.digest == digest(secret),
            Secret.kind == kind.value,
            Secret.ended_at.is_(None),
            (Secret.expires_at.is_(None)) | (Secret.expires_at > clock.now()),
        )
    )


def end(session: Session, account_id: int, *kinds: Kind) -> None:
    session.execute(
        update(Secret)
        .where(
            Secret.account_id == account_id,
            Secret.kind.in_([kind.value for kind in kinds]),
            Secret.ended_at.is_(None),
        )
        .values(ended_at=clock.now())
    )


def by_name(session: Session, name: str) -> Account:
    account = session.scalar(select(Account).where(Account.name == name))
    if account is None:
        raise NotFound(Message("there is no account “%(name)s”", name=name[:80]))
    return account


def actor_of(account: Account, scopes: frozenset[Scope] | None = None) -> Actor:
    return Actor(
        account.id, account.name, Role(account.role), account.organisation, account.language, scopes
    )
