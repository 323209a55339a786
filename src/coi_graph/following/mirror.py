"""A home folder that holds another site's releases, under the same numbers.

    follow.json     whom it follows, and how far
    follow/         what is being fetched; an interrupted file goes on where it stopped

A release of a mirror is built aside, verified against the publisher's manifest, and switched to,
like any other. So readers see the old one or the new one, whatever happens.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import pyoxigraph as ox

from ..config import Config
from ..errors import BadRequest, OutOfSpace, ReleaseCorrupt
from ..i18n import Message
from ..publishing import changes, durable, feed, manifest, restoration
from ..publishing.build import MIRROR
from ..publishing.changes import ChangeSet
from ..publishing.manifest import Manifest
from ..publishing.releases import Release, Releases
from ..publishing.verified import Verified
from ..store import Store, graph_of
from .client import BadAnswer, Client
from .inflate import Inflated
from .publisher import File, Step

_STAGING = "follow"
_STAYS = Message("Nothing was taken from it; the mirror stays where it is.")
_UNREADABLE = (SyntaxError, ValueError, OSError, EOFError, MemoryError, zlib.error)


@dataclass(frozen=True, slots=True)
class State:
    """Whom this home follows; ``etag`` is of the last answer that had nothing new."""

    url: str
    etag: str = ""


def state(home: Path) -> State | None:
    """None for a home that follows nobody."""
    try:
        return State(**json.loads((home / MIRROR).read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None
    except (ValueError, TypeError) as error:
        raise ReleaseCorrupt(
            Message("%(file)s is damaged: %(why)s", file=home / MIRROR, why=error),
            remedy=Message("Remove it; then only releases of that publisher may be there."),
        ) from error


def remember(home: Path, found: State) -> None:
    aside = home / f".{MIRROR}"
    aside.write_text(json.dumps(asdict(found)), encoding="utf-8")
    durable.sync_file(aside)
    durable.rename(aside, home / MIRROR)


def begin(config: Config, releases: Releases, url: str) -> State:
    """The state of a mirror of ``url``, which this home becomes if it is new.

    Raises `BadRequest` for a home that publishes, or follows somebody else.
    """
    known = state(config.home)
    if known is not None and known.url == url:
        return known
    if known is not None:
        raise BadRequest(
            Message("%(home)s follows %(url)s", home=config.home, url=known.url),
            remedy=Message("Take another --home for another publisher."),
        )
    if releases.current_number() is not None:
        raise BadRequest(
            Message("%(home)s holds releases of its own", home=config.home),
            remedy=Message("Take an empty --home for a mirror."),
        )
    found = State(url)
    remember(config.home, found)
    return found


class Mirror:
    """The releases of a home that follows, for the one process that may add to them."""

    def __init__(self, config: Config, releases: Releases, client: Client) -> None:
        self._config = config
        self._releases = releases
        self._client = client
        self._staging = config.home / _STAGING
        self._verified: int | None = None  # a release that this process has verified or made

    def current(self) -> Release | None:
        """None where there is none, or none whose manifest can be read."""
        if self._releases.current_number() is None:
            return None
        release = self._releases.current()
        try:
            _ = release.manifest
        except ReleaseCorrupt:
            return None
        return release

    def can_go_on_from(self, release: Release) -> bool:
        """Whether it is whole; read from end to end once in a process."""
        if self._verified != release.number and restoration.is_whole(release):
            self._verified = release.number
        return self._verified == release.number

    def copy_whole(self, claimed: Manifest, dump: File) -> Release:
        """Makes the release that ``claimed`` describes from its dump, and it alone."""
        file = self._fetch(dump)
        with self._workshop(claimed.release) as folder:
            store = Store.create(folder / "store")
            try:
                found = _load_and_count(store, file)
                _compare(claimed.release, found, {"content_hash": claimed.content_hash,
                         "quads": claimed.quads, "graphs": claimed.graphs})  # fmt: skip
            finally:
                store.close()  # its files are complete only now, and stay as they are
            file.rename(folder / changes.ADDED)
            changes.write_quads(folder / changes.REMOVED, ())
            whole = replace(claimed, parent=None, added=claimed.quads, removed=0)
            release = self._publish(folder, whole, like=None, alone=True)
        self._clear()
        return release

    def apply(self, parent: Release, claimed: Manifest, step: Step) -> Release:
        """Makes the release that ``claimed`` describes from ``parent``, which is the current one,
        and from what has changed."""
        added, removed = self._fetch(step.added), self._fetch(step.removed)
        with self._workshop(claimed.release) as folder:
            change = ChangeSet(added=_read(added), removed=_read(removed))
            store = restoration.copy(self._releases, parent, folder / "store", is_known_whole=True)
            try:
                _refuse_misfit(change, store, claimed.release)
                store.apply(removed=change.removed, added=change.added)
                store.flush()
                _compare(claimed.release, _moved(parent.manifest, change),
                         {"content_hash": claimed.content_hash, "quads": claimed.quads,
                          "graphs": claimed.graphs, "added": claimed.added,
                          "removed": claimed.removed})  # fmt: skip
                feed.make(folder, claimed.release, claimed.issued, change, store)
            finally:
                store.close()
            added.rename(folder / changes.ADDED)
            removed.rename(folder / changes.REMOVED)
            whole = replace(claimed, parent=parent.number)
            return self._publish(folder, whole, like=parent.path, alone=False)

    def _publish(self, folder: Path, whole: Manifest, like: Path | None, alone: bool) -> Release:
        document = replace(whole, files=manifest.checksums(folder, Verified(), like))
        (folder / manifest.NAME).write_text(document.to_json(), encoding="utf-8")
        if alone:
            release = self._releases.replace_all(folder, whole.release)
        else:
            release = self._releases.publish(folder, whole.release)
        self._verified = whole.release
        return release

    def _fetch(self, file: File) -> Path:
        self._staging.mkdir(exist_ok=True)
        needed = self._config.min_free + file.bytes
        if shutil.disk_usage(self._config.home).free < needed:
            raise OutOfSpace(
                Message("%(path)s needs %(needed)s MiB of free space in %(home)s", path=file.path,
                        needed=needed >> 20, home=self._config.home)
            )  # fmt: skip
        target = self._staging / f"{file.sha256}.nq.gz"
        self._client.download(file.path, target, file.bytes, file.sha256)
        return target

    def _clear(self) -> None:
        shutil.rmtree(self._staging, ignore_errors=True)

    @contextmanager
    def _workshop(self, number: int) -> Iterator[Path]:
        folder = self._releases.workshop(number)
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def _load_and_count(store: Store, file: Path) -> dict[str, Any]:
    """Loads a dump, while a process of its own counts and hashes it."""
    with subprocess.Popen(
        [sys.executable, "-m", "coi_graph.following.tally", str(file)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as counting:
        try:
            with Inflated(file) as lines:
                store.load_bulk(lines)
            out, err = counting.communicate()
        except _UNREADABLE as error:
            counting.kill()
            raise BadAnswer(Message("%(path)s: %(why)s", path=file.name, why=error)) from error
        except BaseException:
            counting.kill()
            raise
    if counting.returncode:
        why = err.decode(errors="replace").strip()[-500:]
        raise BadAnswer(Message("%(path)s: %(why)s", path=file.name, why=why))
    found: dict[str, Any] = json.loads(out)
    return found


def _read(file: Path) -> set[ox.Quad]:
    with Inflated(file) as lines:
        try:
            return set(ox.parse(lines, format=ox.RdfFormat.N_QUADS))  # type: ignore[arg-type]
        except _UNREADABLE as error:
            raise BadAnswer(Message("%(path)s: %(why)s", path=file.name, why=error)) from error


def _refuse_misfit(change: ChangeSet, store: Store, number: int) -> None:
    """Raises `BadAnswer` for a change that removes what is not there, or adds what is: the numbers
    are those of the parent and of the change then, and nobody need count all statements."""
    if not all(quad in store for quad in change.removed) or any(
        quad in store for quad in change.added
    ):
        raise BadAnswer(
            Message("release %(number)s does not follow from the one before it", number=number),
            remedy=_STAYS,
        )


def _moved(parent: Manifest, change: ChangeSet) -> dict[str, Any]:
    """The parent's numbers, moved on by the change."""
    graphs = dict(parent.graphs)
    for side, sign in ((change.added, 1), (change.removed, -1)):
        for quad in side:
            graphs[graph_of(quad)] = graphs.get(graph_of(quad), 0) + sign
    return {
        "content_hash": manifest.content_hash_after(parent.content_hash, change),
        "quads": parent.quads + len(change.added) - len(change.removed),
        "graphs": {graph: count for graph, count in graphs.items() if count},
        "added": len(change.added),
        "removed": len(change.removed),
    }


def _compare(number: int, found: dict[str, Any], claimed: dict[str, Any]) -> None:
    for name, value in claimed.items():
        if found[name] != value:
            raise BadAnswer(
                Message(
                    "release %(number)s is not what its manifest says: %(what)s differs",
                    number=number,
                    what=name,
                ),
                remedy=_STAYS,
            )


__all__ = ["Mirror", "State", "begin", "remember", "state"]
