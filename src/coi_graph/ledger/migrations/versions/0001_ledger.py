"""The first tables: accounts, secrets, contributions, revisions, waivers, events."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

# Append-only: the database refuses, whoever asks.
_APPEND_ONLY = ("event", "revision")


def upgrade() -> None:
    op.create_table(
        "account",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name", sa.String(80), nullable=False, unique=True),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("organisation", sa.String(500), nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("password_hash", sa.String(200), nullable=False),
        sa.Column("subject", sa.String(500), unique=True),
        sa.Column("created_at", sa.String(32), nullable=False),
        sa.Column("disabled_at", sa.String(32)),
    )
    op.create_table(
        "secret",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False, unique=True),
        sa.Column("account_id", sa.Integer, sa.ForeignKey("account.id")),
        sa.Column("label", sa.String(200), nullable=False),
        sa.Column("scope", sa.String(200), nullable=False),
        sa.Column("created_at", sa.String(32), nullable=False),
        sa.Column("expires_at", sa.String(32)),
        sa.Column("ended_at", sa.String(32)),
    )
    op.create_index(None, "secret", ["account_id", "kind"])
    op.create_table(
        "attempt",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("key", sa.String(200), nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
    )
    op.create_index(None, "attempt", ["key", "at"])
    op.create_table(
        "contribution",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("account_id", sa.Integer, sa.ForeignKey("account.id"), nullable=False),
        sa.Column("graph", sa.String(500), nullable=False),
        sa.Column("base_id", sa.Integer, sa.ForeignKey("contribution.id")),
        sa.Column("removes", sa.Boolean, nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("title", sa.String(500), nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("accepted_number", sa.Integer, unique=True),
        sa.Column("release", sa.Integer),
        sa.Column("idempotency_key", sa.String(100)),
        sa.Column("created_at", sa.String(32), nullable=False),
        sa.Column("changed_at", sa.String(32), nullable=False),
        sa.UniqueConstraint("account_id", "idempotency_key"),
    )
    for column in ("state", "account_id", "graph"):
        op.create_index(None, "contribution", [column])
    op.create_table(
        "revision",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("contribution_id", sa.Integer, sa.ForeignKey("contribution.id"), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("file", sa.String(255), nullable=False),
        sa.Column("media_type", sa.String(100), nullable=False),
        sa.Column("data", sa.LargeBinary, nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("quads", sa.LargeBinary, nullable=False),
        sa.Column("content_digest", sa.String(64), nullable=False),
        sa.Column("quad_count", sa.Integer, nullable=False),
        sa.Column("report", sa.Text, nullable=False),
        sa.Column("violations", sa.Integer, nullable=False),
        sa.Column("warnings", sa.Integer, nullable=False),
        sa.Column("checked_release", sa.Integer, nullable=False),
        sa.Column("sent_at", sa.String(32), nullable=False),
        sa.UniqueConstraint("contribution_id", "number"),
    )
    op.create_index(None, "revision", ["content_digest"])
    op.create_table(
        "waiver",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("contribution_id", sa.Integer, sa.ForeignKey("contribution.id"), nullable=False),
        sa.Column("finding", sa.String(100), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("expires_on", sa.String(10), nullable=False),
        sa.Column("account_id", sa.Integer, sa.ForeignKey("account.id"), nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
        sa.UniqueConstraint("contribution_id", "finding"),
    )
    op.create_table(
        "event",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("at", sa.String(32), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("account_id", sa.Integer, sa.ForeignKey("account.id")),
        sa.Column("contribution_id", sa.Integer, sa.ForeignKey("contribution.id")),
        sa.Column("revision", sa.Integer),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("details", sa.Text, nullable=False),
    )
    op.create_index(None, "event", ["contribution_id"])
    published = sa.text("kind = 'published'")
    op.create_index(
        "uq_event_published",
        "event",
        ["contribution_id"],
        unique=True,
        sqlite_where=published,
        postgresql_where=published,
    )
    _refuse_changes()


def _refuse_changes() -> None:
    postgresql = op.get_bind().dialect.name == "postgresql"
    if postgresql:
        op.execute(
            "CREATE FUNCTION coi_refuse() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$"
        )
    for table in _APPEND_ONLY:
        for change in ("UPDATE", "DELETE"):
            name = f"{table}_refuse_{change.lower()}"
            if postgresql:
                then = "EXECUTE FUNCTION coi_refuse()"
            else:
                then = f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            op.execute(f"CREATE TRIGGER {name} BEFORE {change} ON {table} FOR EACH ROW {then}")
