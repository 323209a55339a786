"""The tables are those of the schema, and what they promise holds in both databases."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from samples import content
from sqlalchemy import create_engine, select, text
from sqlalchemy.engine import URL

from coi_graph import config
from coi_graph.errors import BadSetting
from coi_graph.ledger.accounts import Accounts, Actor
from coi_graph.ledger.contributions import Contributions
from coi_graph.ledger.database import Ledger, LedgerUnavailable
from coi_graph.ledger.schema import Account, Table
from coi_graph.ledger.states import Role


def test_the_migrations_make_the_schema(settings: config.Config) -> None:
    Ledger.open(settings).close()
    url = settings.ledger or URL.create("sqlite", database=str(settings.home / "ledger.sqlite"))
    engine = create_engine(url)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Table.metadata) == []
    engine.dispose()


def test_opened_by_many_at_once(settings: config.Config) -> None:
    def create(number: int) -> None:
        ledger = Ledger.open(settings)
        Accounts(ledger).create(f"account-{number}", Role.CONTRIBUTOR)
        ledger.close()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(create, range(8)))
    ledger = Ledger.open(settings)
    with ledger.reading() as session:
        assert len(list(session.scalars(select(Account)))) == 8
    ledger.close()


@pytest.mark.parametrize("table", ["event", "revision"])
@pytest.mark.parametrize("change", ["DELETE FROM {}", "UPDATE {} SET id = id + 1"])
def test_history_cannot_be_changed(
    ledger: Ledger,
    contributions: Contributions,
    actor: Callable[..., Actor],
    table: str,
    change: str,
) -> None:
    contributions.begin(actor("nina"), content())
    with pytest.raises(LedgerUnavailable, match="append-only"), ledger.writing() as session:
        session.execute(text(change.format(table)))
    with ledger.reading() as session:
        assert session.scalar(text(f"SELECT count(*) FROM {table}"))


def test_what_fails_leaves_nothing(ledger: Ledger) -> None:
    def fail() -> None:
        with ledger.writing() as session:
            session.add(Account(name="nobody", role="contributor", created_at="2026"))
            session.flush()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with ledger.reading() as session:
        assert session.scalar(select(Account.id)) is None


def test_one_writer_at_a_time_and_no_update_lost(ledger: Ledger, accounts: Accounts) -> None:
    accounts.create("counter", Role.CONTRIBUTOR, organisation="0")

    def count(_: int) -> None:
        with ledger.writing() as session:
            account = session.scalars(select(Account)).one()
            account.organisation = str(int(account.organisation) + 1)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(count, range(40)))
    assert accounts.all()[0].organisation == "40"


def test_a_commit_is_on_disk(tmp_path: Path) -> None:
    """Full sync in a write-ahead log: what SQLite's documentation asks for durability."""
    ledger = Ledger.open(config.load({}, home=tmp_path))
    with ledger.writing() as session:
        assert session.scalar(text("PRAGMA synchronous")) == 2
        assert session.scalar(text("PRAGMA journal_mode")) == "wal"
    ledger.close()


def test_killed_after_the_commit_nothing_is_lost(settings: config.Config) -> None:
    program = """
import os, sys
from coi_graph import config
from coi_graph.ledger.accounts import Accounts
from coi_graph.ledger.database import Ledger
from coi_graph.ledger.states import Role
Accounts(Ledger.open(config.load(home=sys.argv[1]))).create("nina", Role.CONTRIBUTOR)
os.kill(os.getpid(), 9)
"""
    done = subprocess.run(
        [sys.executable, "-c", program, str(settings.home)], env={"COI_LEDGER": settings.ledger}
    )
    assert done.returncode == -9
    ledger = Ledger.open(settings)
    assert [account.name for account in Accounts(ledger).all()] == ["nina"]
    ledger.close()


def test_an_address_that_is_none(tmp_path: Path) -> None:
    for url in ("not an address", "nosuchdatabase://x/y"):
        with pytest.raises(BadSetting):
            Ledger.open(config.load({"COI_LEDGER": url}, home=tmp_path))


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "ledger.sqlite").write_bytes(b"this is no database, but a text" * 100)
    with pytest.raises(LedgerUnavailable):
        Ledger.open(config.load({}, home=tmp_path))


def test_a_locked_database_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("coi_graph.ledger.database._BUSY_SECONDS", 0.1)
    ledger = Ledger.open(config.load({}, home=tmp_path))
    other = sqlite3.connect(tmp_path / "ledger.sqlite", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(LedgerUnavailable, match="locked"), ledger.writing():
        pass
    other.close()
    ledger.close()
