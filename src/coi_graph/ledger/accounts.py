"""Who may contribute, review and administer: accounts and their passwords.

A password can be guessed, so it is hashed with argon2id (RFC 9106), and attempts are limited.
"""

from __future__ import annotations

import re
import secrets
from email.errors import HeaderParseError
from email.headerregistry import Address

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from ..i18n import Message
from . import clock
from .actor import LONGEST_PASSWORD, SHORTEST_PASSWORD, Actor, Scope
from .database import Ledger
from .errors import Conflict, NotSignedIn, Refused, TooManyAttempts
from .events import record
from .keys import Kind, actor_of, by_name, end
from .linking import Linking, use_invitation
from .schema import Account, Attempt
from .states import Role

__all__ = ["Accounts", "Actor", "Scope"]

MOST_ATTEMPTS = 10  # failed ones of a name, or of a client, in …
ATTEMPT_MINUTES = 15
_LONGEST_EMAIL = 254  # RFC 5321
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,78}[a-z0-9]")


class Accounts(Linking):
    """Everything about accounts, in one ledger."""

    def __init__(self, ledger: Ledger, hasher: PasswordHasher | None = None) -> None:
        super().__init__(ledger)
        self._hasher = hasher or PasswordHasher()
        # Compared with where there is no account, so that the time does not tell.
        self._nobody = self._hasher.hash(secrets.token_urlsafe())

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
        if email and not _is_address(email):
            raise Refused(Message("“%(email)s” is no e-mail address", email=email[:80]))
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
            return actor_of(account)

    def set_role(self, name: str, role: Role, by: Actor | None = None) -> None:
        with self._ledger.writing() as session:
            account = by_name(session, name)
            account.role = role.value
            record(session, "account-role", by, details={"account": name, "role": role.value})

    def set_password(self, name: str, password: str, by: Actor | None = None) -> None:
        """Ends all sessions of the account."""
        hashed = self._hash(password)
        with self._ledger.writing() as session:
            account = by_name(session, name)
            account.password_hash = hashed
            end(session, account.id, Kind.SESSION)
            record(session, "account-password", by, details={"account": name})

    def unlink(self, name: str, by: Actor | None = None) -> None:
        """From the account at the OpenID provider; ends all sessions."""
        with self._ledger.writing() as session:
            account = by_name(session, name)
            account.subject = None
            end(session, account.id, Kind.SESSION)
            record(session, "account-unlinked", by, details={"account": name})

    def change_password(self, by: Actor, old: str, new: str, client: str) -> str:
        """One's own, which ends all sessions; the secret of a new one. Raises `NotSignedIn` where
        ``old`` is not right, `Refused` where ``new`` will not do, `TooManyAttempts`."""
        self.sign_in(by.name, old, client)
        self.set_password(by.name, new, by)
        return self.begin_session(by.id)

    def disable(self, name: str, by: Actor | None = None) -> None:
        """The account may do nothing any more; what it did stays."""
        with self._ledger.writing() as session:
            account = by_name(session, name)
            account.disabled_at = clock.now()
            end(session, account.id, Kind.SESSION, Kind.TOKEN)
            record(session, "account-disabled", by, details={"account": name})

    def all(self) -> list[Account]:
        with self._ledger.reading() as session:
            return list(session.scalars(select(Account).order_by(Account.name)))

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
        return actor_of(account), self.begin_session(account.id)

    def accept_invitation(self, secret: str, password: str) -> Actor:
        """Raises `NotFound` for one that is used or too old, `Refused` for the password."""
        hashed = self._hash(password)
        with self._ledger.writing() as session:
            found, account = use_invitation(session, secret)
            found.ended_at = clock.now()
            account.password_hash = hashed
            actor = actor_of(account)
            record(session, "invitation-accepted", actor)
            return actor

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


def _is_address(email: str) -> bool:
    if len(email) > _LONGEST_EMAIL or "@" not in email:
        return False
    try:
        return Address(addr_spec=email).addr_spec == email
    except (ValueError, IndexError, HeaderParseError):
        return False


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
