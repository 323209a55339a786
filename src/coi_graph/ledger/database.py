"""The database behind the ledger: opening it, bringing its tables up to date, transactions."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config as AlembicConfig
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlalchemy.orm import Session

from ..config import Config
from ..errors import BadSetting, CoiError
from ..i18n import Message

_MIGRATIONS = Path(__file__).parent / "migrations"
_BUSY_SECONDS = 30
# Any number, the same in every process: PostgreSQL's name of the one lock that writers take.
_LOCK = 0x636F69


class LedgerUnavailable(CoiError):
    """The database cannot be reached, is full, or is not in order; nothing was written."""

    status = 503
    slug = "ledger-unavailable"
    title = Message("The ledger cannot be used at the moment")


class Ledger:
    """One database. Thread-safe; a process that forks must open its own afterwards."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @classmethod
    def open(cls, config: Config) -> Ledger:
        """The ledger of ``config``, its tables made or brought up to date.

        Raises `BadSetting` for an address that is none, and `LedgerUnavailable`.
        """
        url = _url(config)
        try:
            engine = _engine(url)
        except (ArgumentError, NoSuchModuleError, ModuleNotFoundError) as error:
            raise BadSetting(
                Message("the setting “ledger” cannot be used: %(why)s", why=error),
                remedy=Message(
                    "SQLite: leave it empty. PostgreSQL: postgresql+psycopg://USER@HOST/NAME, "
                    "with the extra “postgresql” installed."
                ),
            ) from error
        ledger = cls(engine)
        ledger._migrate()
        return ledger

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A consistent view. What it returns may be used afterwards, but not its relations."""
        with self._session(writing=False) as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A transaction; the only one that writes until it ends, so that what it reads stays true.

        On disk when it has left without an error; undone when it leaves with one.
        """
        with self._session(writing=True) as session:
            yield session

    @contextmanager
    def _session(self, *, writing: bool) -> Iterator[Session]:
        try:
            with (
                self._transaction(writing=writing) as connection,
                Session(
                    connection, expire_on_commit=False, join_transaction_mode="rollback_only"
                ) as session,
            ):
                yield session
                session.flush()
        except DBAPIError as error:
            raise LedgerUnavailable(
                Message("the ledger answers: %(why)s", why=error.orig),
                remedy=Message("Nothing was changed. Try again in a moment."),
            ) from error

    @contextmanager
    def _transaction(self, *, writing: bool) -> Iterator[Connection]:
        options = {"coi_writing": writing}
        with self._engine.connect().execution_options(**options) as connection, connection.begin():
            if writing and connection.dialect.name == "postgresql":
                connection.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK})"))
            yield connection

    def close(self) -> None:
        self._engine.dispose()

    def _migrate(self) -> None:
        newest = ScriptDirectory(str(_MIGRATIONS)).get_current_head()
        try:
            with self._engine.connect() as connection:
                if MigrationContext.configure(connection).get_current_revision() == newest:
                    return
            with self._transaction(writing=True) as connection:
                _upgrade(connection)
        except DBAPIError as error:
            raise LedgerUnavailable(
                Message("the ledger cannot be opened: %(why)s", why=error.orig)
            ) from error


def _upgrade(connection: Connection) -> None:
    """All in the transaction of ``connection``, where another process may have been first."""
    settings = AlembicConfig()
    settings.set_main_option("script_location", str(_MIGRATIONS))
    settings.attributes["connection"] = connection
    command.upgrade(settings, "head")


def _url(config: Config) -> URL:
    if config.ledger:
        try:
            return make_url(config.ledger)
        except ArgumentError as error:
            raise BadSetting(
                Message("the setting “ledger” is no database address"),
                remedy=Message("For example: postgresql+psycopg://USER@HOST/NAME"),
            ) from error
    config.home.mkdir(parents=True, exist_ok=True)
    path = config.home / "ledger.sqlite"
    if not path.exists():
        # For its owner only, as a proxy may read the releases; -wal and -shm get the same rights.
        path.touch(mode=0o600)
    return URL.create("sqlite", database=str(path))


def _engine(url: URL) -> Engine:
    if url.get_backend_name() != "sqlite":
        return create_engine(url, pool_pre_ping=True)
    engine = create_engine(url, connect_args={"timeout": _BUSY_SECONDS})
    event.listen(engine, "connect", _set_up_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _set_up_sqlite(connection: Any, _: Any) -> None:
    # The driver would begin transactions by itself, and too late (SQLAlchemy's pysqlite page).
    connection.isolation_level = None
    cursor = connection.cursor()
    # WAL: readers go on while one writes. FULL: a commit is on disk before it is acknowledged.
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    writing = connection.get_execution_options().get("coi_writing", False)
    # A transaction that reads first and writes later would fail when another has written.
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")
