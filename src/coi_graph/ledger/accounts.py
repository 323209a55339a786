"""Who may do what: accounts, passwords, tokens, invitations, sessions.

A secret has 256 random bits; the ledger keeps its SHA-256 only, which is enough for what cannot
be guessed. Passwords can be, so they are hashed with argon2id (RFC 9106) and attempts are limited.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import dataclass
from enum import StrEnum

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from ..errors import NotFound
from ..i18n import Message
from . import clock
from .database import Ledger
from .errors import Conflict, Forbidden, NotSignedIn, Refused, TooManyAttempts
from .events import record
from .schema import Account, Attempt, Secret
from .states import Role

MOST_ATTEMPTS = 10  # failed ones of a name, or of a client, in …
ATTEMPT_MINUTES = 15
SESSION_DAYS = 14
INVITATION_DAYS = 14
SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 200  # hashing costs time
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,78}[a-z0-9]")
_PREFIX = "coi_"  # so that a scanner of repositories recognises a leaked token


class Kind(StrEnum):
    """Of a secret."""

    TOKEN = "token"
    SESSION = "session"
    INVITATION = "invitation"
    KEY = "key"


class Scope(StrEnum):
    """What a token may be used for; never more than its account's role allows."""

    CONTRIBUTE = "contribute"
    REVIEW = "review"
    ADMINISTER = "administer"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: an account, its role, and (with a token) what it may be used for."""

    id: int
    name: str
    role: Role
    organisation: str
    language: str
    scopes: frozenset[Scope] | None = None  # None: signed in as a person

    def must(self, role: Role, scope: Scope) -> None:
        """Raises `Forbidden` where role or token do not reach."""
        if not self.role.includes(role):
            raise Forbidden(
                Message("this needs the role “%(role)s”", role=role.value),
                remedy=Message("An administrator can give it: coi-graph account role"),
            )
        if self.scopes is not None and scope not in self.scopes:
            raise Forbidden(
                Message("this token may not “%(scope)s”", scope=scope.value),
                remedy=Message("Make a token with that scope: coi-graph account token"),
            )


class Accounts:
    """Everything about accounts, in one ledger."""

    def __init__(self, ledger: Ledger, hasher: PasswordHasher | None = None) -> None:
        self._ledger = ledger
        self._hasher = hasher or PasswordHasher()
        # Compared with where there is no account, so that the time does not tell.
        self._nobody = self._hasher.hash(secrets.token_urlsafe())

    # -- making and changing accounts

    def create(
        self,
        name: str,
        role: Role,
        *,
        organisation: str = "",
        email: str = "",
        password: str | None = None,
        language: str = "da",
        by: Actor | None = None,
    ) -> Actor:
        """Raises `Refused` for a name or a password that will not do, `Conflict` for a name that
        is taken."""
        if not _NAME.fullmatch(name):
            raise Refused(
                Message("“%(name)s” is no account name", name=name[:80]),
                remedy=Message(
                    "3 to 80 characters: small letters a–z, digits, and . _ - in between."
                ),
            )
        hashed = self._hash(password) if password is not None else ""
        with self._ledger.writing() as session:
            if session.scalar(select(Account.id).where(Account.name == name)):
                raise Conflict(Message("the account “%(name)s” is there already", name=name))
            account = Account(
                name=name,
                role=role.value,
                organisation=organisation,
                email=email,
                language=language,
                password_hash=hashed,
                created_at=clock.now(),
            )
            session.add(account)
            session.flush()
            record(session, "account-created", by, details={"account": name, "role": role.value})
            return _actor(account)

    def set_role(self, name: str, role: Role, by: Actor | None = None) -> None:
        with self._ledger.writing() as session:
            account = _by_name(session, name)
            account.role = role.value
            record(session, "account-role", by, details={"account": name, "role": role.value})

    def set_password(self, name: str, password: str, by: Actor | None = None) -> None:
        """Ends all sessions of the account."""
        hashed = self._hash(password)
        with self._ledger.writing() as session:
            account = _by_name(session, name)
            account.password_hash = hashed
            _end(session, account.id, Kind.SESSION)
            record(session, "account-password", by, details={"account": name})

    def disable(self, name: str, by: Actor | None = None) -> None:
        """The account may do nothing any more; what it did stays."""
        with self._ledger.writing() as session:
            account = _by_name(session, name)
            account.disabled_at = clock.now()
            _end(session, account.id, Kind.SESSION, Kind.TOKEN)
            record(session, "account-disabled", by, details={"account": name})

    def all(self) -> list[Account]:
        with self._ledger.reading() as session:
            return list(session.scalars(select(Account).order_by(Account.name)))

    # -- signing in

    def sign_in(self, name: str, password: str, client: str) -> tuple[Actor, str]:
        """The actor and the secret of a new session. Raises `NotSignedIn` (the same for a name
        that does not exist) and, after too many failures, `TooManyAttempts`."""
        keys = (f"name:{name[:80]}", f"client:{client}")
        with self._ledger.writing() as session:
            _limit(session, keys)
            account = session.scalar(select(Account).where(Account.name == name))
        usable = account is not None and account.password_hash and not account.disabled_at
        right = self._verify(
            account.password_hash if account and usable else self._nobody, password
        )
        if not (usable and right) or account is None:
            with self._ledger.writing() as session:
                session.add_all(Attempt(key=key, at=clock.now()) for key in keys)
            raise NotSignedIn(Message("name and password do not belong together"))
        return _actor(account), self.begin_session(account.id)

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

    # -- tokens and invitations

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
            account = _by_name(session, name)
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
            account = _by_name(session, name)
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
            account = _by_name(session, name)
            _end(session, account.id, Kind.INVITATION)
            record(session, "invited", by, details={"account": name})
            account_id = account.id
        return self._keep(Kind.INVITATION, account_id, expires_at=clock.after(days=INVITATION_DAYS))

    def accept_invitation(self, secret: str, password: str) -> Actor:
        """Raises `NotFound` for one that is used or too old, `Refused` for the password."""
        hashed = self._hash(password)
        with self._ledger.writing() as session:
            found = _valid(session, Kind.INVITATION, secret)
            account = session.get(Account, found.account_id) if found else None
            if found is None or account is None or account.disabled_at:
                raise NotFound(
                    Message("this invitation was used already, or is too old"),
                    remedy=Message("Ask an administrator for a new one."),
                )
            found.ended_at = clock.now()
            account.password_hash = hashed
            actor = _actor(account)
            record(session, "invitation-accepted", actor)
            return actor

    def signing_key(self) -> bytes:
        """For cookies: the same for all processes of this ledger."""
        with self._ledger.writing() as session:
            key = session.scalar(select(Secret.digest).where(Secret.kind == Kind.KEY))
            if key is None:
                key = secrets.token_hex(32)
                session.add(Secret(kind=Kind.KEY.value, digest=key, created_at=clock.now()))
            return bytes.fromhex(key)

    # -- inside

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
            found = _valid(session, kind, secret)
            account = session.get(Account, found.account_id) if found else None
            if found is None or account is None or account.disabled_at:
                return None
            scopes = None
            if kind is Kind.TOKEN:
                scopes = frozenset(Scope(name) for name in found.scope.split())
            return _actor(account, scopes)

    def _hash(self, password: str) -> str:
        if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
            raise Refused(
                Message(
                    "a password has %(least)s to %(most)s characters",
                    least=SHORTEST_PASSWORD,
                    most=LONGEST_PASSWORD,
                ),
                remedy=Message(
                    "Four or five words in a row are easy to remember and hard to guess."
                ),
            )
        return self._hasher.hash(password)

    def _verify(self, hashed: str, password: str) -> bool:
        try:
            return self._hasher.verify(hashed, password[:LONGEST_PASSWORD])
        except (VerificationError, InvalidHashError):
            return False


def digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _valid(session: Session, kind: Kind, secret: str) -> Secret | None:
    return session.scalar(
        select(Secret).where(
            Secret.digest == digest(secret),
            Secret.kind == kind.value,
            Secret.ended_at.is_(None),
            (Secret.expires_at.is_(None)) | (Secret.expires_at > clock.now()),
        )
    )


def _by_name(session: Session, name: str) -> Account:
    account = session.scalar(select(Account).where(Account.name == name))
    if account is None:
        raise NotFound(Message("there is no account “%(name)s”", name=name[:80]))
    return account


def _actor(account: Account, scopes: frozenset[Scope] | None = None) -> Actor:
    return Actor(
        account.id, account.name, Role(account.role), account.organisation, account.language, scopes
    )


def _end(session: Session, account_id: int, *kinds: Kind) -> None:
    session.execute(
        update(Secret)
        .where(
            Secret.account_id == account_id,
            Secret.kind.in_([kind.value for kind in kinds]),
            Secret.ended_at.is_(None),
        )
        .values(ended_at=clock.now())
    )


def _limit(session: Session, keys: tuple[str, ...]) -> None:
    since = clock.after(minutes=-ATTEMPT_MINUTES)
    session.execute(delete(Attempt).where(Attempt.at < since))
    for key in keys:
        failed = session.scalar(select(func.count()).select_from(Attempt).where(Attempt.key == key))
        if failed is not None and failed >= MOST_ATTEMPTS:
            raise TooManyAttempts(
                Message("too many attempts to sign in have failed"),
                remedy=Message("Try again in %(minutes)s minutes.", minutes=ATTEMPT_MINUTES),
                retry_after=ATTEMPT_MINUTES * 60,
            )
