"""Letters to contributors; the key of the request that brought an event about."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("event", sa.Column("idempotency_key", sa.String(100)))
    op.create_index(
        "uq_event_idempotency_key", "event", ["account_id", "idempotency_key"], unique=True
    )
    op.create_table(
        "letter",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("account_id", sa.Integer, sa.ForeignKey("account.id"), nullable=False),
        sa.Column("contribution_id", sa.Integer, sa.ForeignKey("contribution.id"), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("created_at", sa.String(32), nullable=False),
        sa.Column("due_at", sa.String(32)),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("sent_at", sa.String(32)),
    )
    op.create_index(None, "letter", ["due_at"])
