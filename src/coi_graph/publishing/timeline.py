"""Which releases changed a thing, and by which contributions: an index beside the releases.

    timeline.sqlite     in the home folder: thing, release, what; and how far it is

One row for each member of a feed, so that a look-up reads a few rows and no change set. It holds
nothing that feeds and change sets do not: where it is lost or behind, it is made (up) again.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import pyoxigraph as ox

from ..errors import NotFound, ReleaseCorrupt
from ..store import graph_of
from . import changes, feed, reviews
from .feed_members import What
from .releases import Release, Releases
from .reviews import GRAPHS, Reviewed

NAME = "timeline.sqlite"
_SCHEMA = """
CREATE TABLE IF NOT EXISTS change (
  thing TEXT NOT NULL, release INTEGER NOT NULL, what TEXT NOT NULL,
  number INTEGER NOT NULL,
  PRIMARY KEY (thing, release)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS contributed (
  thing TEXT NOT NULL, release INTEGER NOT NULL, graph TEXT NOT NULL,
  PRIMARY KEY (thing, release, graph)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS review (
  release INTEGER NOT NULL, graph TEXT NOT NULL, review TEXT NOT NULL, said TEXT NOT NULL,
  PRIMARY KEY (release, graph, review)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS done (
  release INTEGER PRIMARY KEY, issued TEXT NOT NULL, content_hash TEXT NOT NULL
);
"""
_VERSION = 2  # of the schema; an older one is made again
_MOST = 1_000  # changes of one thing in one answer


@dataclass(frozen=True, slots=True)
class Change:
    """What ``release``, of the time ``issued``, did to a thing."""

    release: int
    issued: str
    what: What
    number: int  # of the member in the release's feed


class Timeline:
    """The index, for reading. Thread-safe: each thread keeps it open for itself, as opening takes
    ten times as long as a look-up."""

    def __init__(self, releases: Releases) -> None:
        self._path = (releases.folder.parent / NAME).absolute()  # as a URI has to be
        self._own = _Own()

    def of_thing(self, thing: str, until: int) -> list[Change]:
        """The changes of ``thing`` up to release ``until``, oldest first; the newest where there
        are very many. Empty where the index is not there yet."""
        rows = self._rows(
            "SELECT release, issued, what, number FROM change JOIN done USING (release)"
            " WHERE thing = ? AND release <= ? ORDER BY release DESC LIMIT ?",
            (thing, until, _MOST),
        )
        return [Change(*row) for row in reversed(rows)]

    def reviews_of_release(self, release: int) -> list[Reviewed]:
        """The contributions that ``release`` took in, oldest first; at most a thousand."""
        return [found for _, found in self._reviews("release = ?", (release,))]

    def reviews_of_thing(self, thing: str, until: int) -> dict[int, list[Reviewed]]:
        """The contributions that changed ``thing``, by the release that took them in."""
        where = """release <= ? AND EXISTS (SELECT 1 FROM contributed c WHERE c.thing = ?
          AND c.release = review.release AND c.graph = review.graph)"""
        found: dict[int, list[Reviewed]] = {}
        for release, reviewed in self._reviews(where, (until, thing)):
            found.setdefault(release, []).append(reviewed)
        return found

    def _reviews(self, where: str, values: tuple[object, ...]) -> list[tuple[int, Reviewed]]:
        rows = self._rows(
            f"SELECT release, said FROM review WHERE {where} ORDER BY release, review LIMIT ?",
            (*values, _MOST),
        )
        found = [(release, Reviewed.read(said)) for release, said in rows]
        return sorted(found, key=lambda row: (row[0], row[1].accepted))

    def _rows(self, query: str, values: tuple[object, ...]) -> list[Any]:
        """None where the index is not there, or damaged: the publisher makes it again."""
        try:
            return self._opened().execute(query, values).fetchall()
        except (OSError, sqlite3.Error):
            return []

    def _opened(self) -> sqlite3.Connection:
        found = self._path.stat()
        file = (found.st_dev, found.st_ino)
        own = self._own
        if own.database is None or own.file != file:
            own.close()
            uri = f"{self._path.as_uri()}?mode=ro"
            own.database = sqlite3.connect(uri, uri=True, timeout=2, isolation_level=None)
            own.file = file
        return own.database


class _Own(threading.local):
    """A thread's connection, and the file that it reads: the publisher may make another."""

    def __init__(self) -> None:
        self.database: sqlite3.Connection | None = None
        self.file = (0, 0)  # device and inode

    def close(self) -> None:
        if self.database is not None:
            self.database.close()
            self.database = None


def keep_up(releases: Releases) -> None:
    """Brings the index to the newest release. For the one publisher, who holds the lock."""
    path = releases.folder.parent / NAME
    try:
        _catch_up(path, releases)
    except (sqlite3.DatabaseError, NotFound):
        path.unlink(missing_ok=True)
        _catch_up(path, releases)


def _catch_up(path: Path, releases: Releases) -> None:
    with _opened(path) as database:
        row = database.execute(
            "SELECT release, content_hash FROM done ORDER BY release DESC LIMIT 1"
        ).fetchone()
        last, content = row or (0, "")
        newest = releases.current_number() or 0
        if last and (last > newest or not _is_of(releases.get(last), content)):
            # Of other releases under the same numbers: a mirror that was copied anew.
            with database:
                for table in ("change", "contributed", "review", "done"):
                    database.execute(f"DELETE FROM {table}")
            last = 0
        if last == newest:
            return
        for release in releases.all():
            if release.number > last and feed.exists(release.path):
                with suppress(ReleaseCorrupt):  # the others have their history all the same
                    _enter(database, release)


def _is_of(release: Release, content: str) -> bool:
    """True also where the release can no longer tell."""
    try:
        return release.manifest.content_hash == content
    except ReleaseCorrupt:
        return True


def _enter(database: sqlite3.Connection, release: Release) -> None:
    index = feed.read_index(release.path)
    with database:
        database.executemany(
            "INSERT OR REPLACE INTO change VALUES (?, ?, ?, ?)",
            (
                (thing, release.number, what, number)
                for number, (thing, what) in enumerate(feed.changed_things(release.path), 1)
            ),
        )
        # Read twice: a first release may be too large to hold in memory.
        added, removed, again = (
            changes.read_quads(release.path / name)
            for name in (changes.ADDED, changes.REMOVED, changes.ADDED)
        )
        database.executemany(
            "INSERT OR IGNORE INTO contributed VALUES (?, ?, ?)",
            (
                (quad.subject.value, release.number, graph_of(quad))
                for quad in chain(added, removed)
                if graph_of(quad).startswith(GRAPHS) and isinstance(quad.subject, ox.NamedNode)
            ),
        )
        database.executemany(
            "INSERT OR IGNORE INTO review VALUES (?, ?, ?, ?)",
            (
                (release.number, graph, review, said)
                for graph, review, said in reviews.in_change(again)
            ),
        )
        database.execute(
            "INSERT INTO done VALUES (?, ?, ?)",
            (release.number, index.issued, release.manifest.content_hash),
        )


@contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    # No write-ahead log: readers open the file read-only, from other processes.
    with closing(sqlite3.connect(path, timeout=30, isolation_level="IMMEDIATE")) as database:
        (version,) = database.execute("PRAGMA user_version").fetchone()
        if version != _VERSION:
            for table in ("change", "contributed", "review", "done"):
                database.execute(f"DROP TABLE IF EXISTS {table}")
            database.executescript(f"{_SCHEMA} PRAGMA user_version = {_VERSION};")
        yield database


__all__ = ["NAME", "Change", "Reviewed", "Timeline", "keep_up"]
