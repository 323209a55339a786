"""Alembic's entry: runs the migrations on the connection that `ledger.database` hands over."""

from __future__ import annotations

from alembic import context

from coi_graph.ledger.schema import Table

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Table.metadata,
    transactional_ddl=False,  # the caller's transaction holds everything
)
context.run_migrations()
