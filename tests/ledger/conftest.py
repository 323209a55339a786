"""A ledger for each test: in SQLite, and in a real PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

import postgresql
from coi_graph import config
from coi_graph.ledger.accounts import Accounts, Actor
from coi_graph.ledger.contributions import Contributions
from coi_graph.ledger.database import Ledger
from coi_graph.ledger.states import Role
from environment import require


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    found = postgresql.binaries()
    require(found is not None, "PostgreSQL (Debian's package postgresql)")
    assert found is not None
    with postgresql.running(found) as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> config.Config:
    """Of an empty ledger."""
    if request.param == "sqlite":
        return config.load({}, home=tmp_path)
    url = request.getfixturevalue("postgresql_server")
    name = f"t{abs(hash(request.node.nodeid))}"
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine.dispose()
    own = make_url(url).set(database=name).render_as_string(hide_password=False)
    return config.load({"COI_LEDGER": own}, home=tmp_path)


@pytest.fixture
def ledger(settings: config.Config) -> Iterator[Ledger]:
    opened = Ledger.open(settings)
    yield opened
    opened.close()


@pytest.fixture
def accounts(ledger: Ledger) -> Accounts:
    """Passwords hashed with little effort: what argon2 costs is not what is tested."""
    return Accounts(ledger, PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


@pytest.fixture
def contributions(ledger: Ledger) -> Contributions:
    return Contributions(ledger)


@pytest.fixture
def actor(accounts: Accounts) -> Callable[..., Actor]:
    """``actor("nina", Role.REVIEWER)``; a contributor by default."""

    def make(name: str, role: Role = Role.CONTRIBUTOR) -> Actor:
        return accounts.create(name, role)

    return make
