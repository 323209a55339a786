"""The ledger's tables. Changes go into `migrations` too; a test compares the two.

Times are UTC, ISO 8601 with seconds, as text: they read and sort the same in every database.
"""

from __future__ import annotations

from sqlalchemy import (
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

#: Names for constraints, so that a migration can speak of them in every database.
NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Table(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMING)


class Account(Table):
    """Somebody, or a program, that may contribute. Never part of the graph."""

    __tablename__ = "account"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80), unique=True)
    role: Mapped[str] = mapped_column(String(20))
    #: IRI of the organisation that the account contributes for, or empty.
    organisation: Mapped[str] = mapped_column(String(500), default="")
    email: Mapped[str] = mapped_column(String(254), default="")
    language: Mapped[str] = mapped_column(String(2), default="da")
    #: argon2; empty where a person signs in elsewhere, or has not accepted the invitation.
    password_hash: Mapped[str] = mapped_column(String(200), default="")
    #: What OpenID Connect calls them: issuer and subject.
    subject: Mapped[str | None] = mapped_column(String(500), unique=True, default=None)
    created_at: Mapped[str] = mapped_column(String(32))
    disabled_at: Mapped[str | None] = mapped_column(String(32), default=None)


class Secret(Table):
    """Something that only its holder knows: a token of a program, a session, an invitation, or
    the key that signs cookies. Only its SHA-256 is kept, but for the key."""

    __tablename__ = "secret"
    __table_args__ = (Index(None, "account_id", "kind"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    label: Mapped[str] = mapped_column(String(200), default="")
    #: What a token may do, names separated by spaces.
    scope: Mapped[str] = mapped_column(String(200), default="")
    created_at: Mapped[str] = mapped_column(String(32))
    expires_at: Mapped[str | None] = mapped_column(String(32), default=None)
    ended_at: Mapped[str | None] = mapped_column(String(32), default=None)


class Attempt(Table):
    """A failed sign-in, for the limit of attempts."""

    __tablename__ = "attempt"
    __table_args__ = (Index(None, "key", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(200))
    at: Mapped[str] = mapped_column(String(32))


class Contribution(Table):
    """One change to one named graph: a new one, other content for an earlier one, or its end."""

    __tablename__ = "contribution"
    __table_args__ = (
        Index(None, "state"),
        Index(None, "account_id"),
        Index(None, "graph"),
        UniqueConstraint("account_id", "idempotency_key"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    graph: Mapped[str] = mapped_column(String(500))
    #: The contribution whose content of that graph the sender saw; None for a new graph.
    base_id: Mapped[int | None] = mapped_column(ForeignKey("contribution.id"))
    #: True where the graph is to be emptied.
    removes: Mapped[bool] = mapped_column(default=False)
    state: Mapped[str] = mapped_column(String(20))
    title: Mapped[str] = mapped_column(String(500), default="")
    #: Of the newest `Revision`.
    revision: Mapped[int] = mapped_column(Integer, default=0)
    #: The place in the order of acceptances; what is accepted later wins.
    accepted_number: Mapped[int | None] = mapped_column(unique=True, default=None)
    #: The release that published it.
    release: Mapped[int | None] = mapped_column(default=None)
    idempotency_key: Mapped[str | None] = mapped_column(String(100), default=None)
    created_at: Mapped[str] = mapped_column(String(32))
    changed_at: Mapped[str] = mapped_column(String(32))


class Revision(Table):
    """What was sent, once: the bytes, what they say, and the report on them. Never changed."""

    __tablename__ = "revision"
    __table_args__ = (
        UniqueConstraint("contribution_id", "number"),
        Index(None, "content_digest"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    contribution_id: Mapped[int] = mapped_column(ForeignKey("contribution.id"))
    number: Mapped[int]
    file: Mapped[str] = mapped_column(String(255))
    media_type: Mapped[str] = mapped_column(String(100))
    data: Mapped[bytes] = mapped_column(LargeBinary)
    sha256: Mapped[str] = mapped_column(String(64))
    #: gzipped N-Quads, sorted: what the graph shall hold.
    quads: Mapped[bytes] = mapped_column(LargeBinary)
    #: SHA-256 of the sorted triples: the same content has the same digest, however it was written.
    content_digest: Mapped[str] = mapped_column(String(64))
    quad_count: Mapped[int]
    #: The report's document as JSON (docs/reference/reports.md).
    report: Mapped[str] = mapped_column(Text)
    violations: Mapped[int]
    warnings: Mapped[int]
    #: The release that it was checked against.
    checked_release: Mapped[int]
    sent_at: Mapped[str] = mapped_column(String(32))


class Waiver(Table):
    """That a Violation of one contribution is let pass, until when, why, and on whose word."""

    __tablename__ = "waiver"
    __table_args__ = (UniqueConstraint("contribution_id", "finding"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    contribution_id: Mapped[int] = mapped_column(ForeignKey("contribution.id"))
    #: The key of the result in the report.
    finding: Mapped[str] = mapped_column(String(100))
    reason: Mapped[str] = mapped_column(Text)
    expires_on: Mapped[str] = mapped_column(String(10))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    at: Mapped[str] = mapped_column(String(32))


class Event(Table):
    """What happened, when, and who did it (None: the publisher). The database refuses to change
    or remove one."""

    __tablename__ = "event"
    __table_args__ = (
        Index(None, "contribution_id"),
        # A request that is sent again with its key is no second step.
        Index("uq_event_idempotency_key", "account_id", "idempotency_key", unique=True),
        # A contribution is published once, whatever happens to whom.
        Index(
            "uq_event_published",
            "contribution_id",
            unique=True,
            sqlite_where=text("kind = 'published'"),
            postgresql_where=text("kind = 'published'"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[str] = mapped_column(String(32))
    kind: Mapped[str] = mapped_column(String(20))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    contribution_id: Mapped[int | None] = mapped_column(ForeignKey("contribution.id"))
    revision: Mapped[int | None] = mapped_column(default=None)
    #: A person's words: a comment, a reason.
    text: Mapped[str] = mapped_column(Text, default="")
    #: More, as JSON.
    details: Mapped[str] = mapped_column(Text, default="{}")
    #: Of the request that brought it about, where it had one.
    idempotency_key: Mapped[str | None] = mapped_column(String(100), default=None)


class Letter(Table):
    """An e-mail to a contributor that is to be sent: written with the decision, in the same
    transaction, and sent afterwards."""

    __tablename__ = "letter"
    __table_args__ = (Index(None, "due_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    contribution_id: Mapped[int] = mapped_column(ForeignKey("contribution.id"))
    #: Of the event that it tells of.
    kind: Mapped[str] = mapped_column(String(20))
    created_at: Mapped[str] = mapped_column(String(32))
    #: When it is tried, for the first time or again; None once it is sent or given up.
    due_at: Mapped[str | None] = mapped_column(String(32))
    attempts: Mapped[int] = mapped_column(default=0)
    sent_at: Mapped[str | None] = mapped_column(String(32), default=None)
