"""The releases on disk: which there are, which is current, opening and verifying them.

    releases/000042/   store/  added.nq.gz  removed.nq.gz  manifest.json
    releases/current → 000042

Numbers only grow, and the current release is always the newest.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from ..errors import Gone, NoRelease, NotFound, ReleaseCorrupt
from ..i18n import Message
from ..store import Store
from . import changes, durable, manifest
from .manifest import Manifest
from .verified import Verified

CURRENT = "current"
_ASIDE = ".building-"
_MOST_STEPS = 100  # from a release back to one that was counted


@dataclass(frozen=True)
class Release:
    """One release on disk. Its store may have been pruned; manifest and changes stay."""

    path: Path
    verified: Verified = field(default_factory=Verified, compare=False, repr=False)

    @property
    def number(self) -> int:
        return int(self.path.name)

    @cached_property
    def manifest(self) -> Manifest:
        return manifest.read(self.path)

    @property
    def store_path(self) -> Path:
        return self.path / "store"

    @property
    def is_readable(self) -> bool:
        """False for a release whose store was pruned."""
        return self.store_path.is_dir()

    def open(self) -> Store:
        """Its store, read-only, after comparing the number of quads with the manifest.

        Raises `Gone` when the store was pruned and `ReleaseCorrupt` when the counts differ.
        """
        if not self.is_readable:
            raise self._gone()
        store = Store.open(self.store_path)
        manifest.verify_count(len(store), self.manifest)
        return store

    def verify(self) -> Store:
        """Compares every file with its checksum, and the store with its count; the open store.

        Raises `ReleaseCorrupt` that says which, and `Gone` for a release that was pruned, also
        where that happens meanwhile.
        """
        try:
            return self._verify()
        except OSError as error:
            if not self.is_readable:
                raise self._gone() from error
            raise manifest.unreadable(self.manifest, error) from error

    def _verify(self) -> Store:
        if not self.is_readable:
            raise self._gone()
        if self.manifest.release != self.number:
            raise ReleaseCorrupt(
                Message(
                    "folder %(folder)s holds the manifest of release %(number)s",
                    folder=self.path.name,
                    number=self.manifest.release,
                )
            )
        manifest.verify_files(self.path, self.manifest, self.verified)
        if self._is_counted():
            self.take_as_counted()
            return Store.open(self.store_path)
        store = self.open()
        self.verified.counted(self._files_hash)
        return store

    def _gone(self) -> Gone:
        return Gone(Message("release %(number)s is no longer kept", number=self.number))

    def _is_counted(self) -> bool:
        """Whether it was counted, or one of those before it was and the changes make up the rest:
        to count takes as long as the graph is large."""
        release = self
        for _ in range(_MOST_STEPS):
            if self.verified.is_counted(release._files_hash):
                return True
            own = release.manifest
            if own.parent is None:
                return False
            release = Release(self.path.with_name(f"{own.parent:06d}"), self.verified)
            try:
                before = release.manifest.quads
            except ReleaseCorrupt:
                return False
            if own.quads != before + own.added - own.removed:
                return False
        return False

    def take_as_counted(self) -> None:
        """For who has just written it, and looked it through."""
        self.verified.counted(self._files_hash)

    @cached_property
    def _files_hash(self) -> str:
        """Of all checksums together."""
        return hashlib.sha256(repr(sorted(self.manifest.files.items())).encode()).hexdigest()


class Releases:
    """The folder of releases."""

    def __init__(self, folder: Path, verified: Verified | None = None) -> None:
        """``verified`` is kept by whoever looks at releases again and again."""
        self.folder = folder
        self.verified = verified or Verified()
        self._pointer = str(folder / CURRENT)

    def current_number(self) -> int | None:
        """The number that `current` points to: one readlink, cheap enough for every request."""
        try:
            # Of all that a request does it is the most frequent; pathlib takes five times as long.
            return int(os.readlink(self._pointer))  # noqa: PTH115
        except (OSError, ValueError):
            return None

    def current(self) -> Release:
        """Raises `NoRelease` before the first build."""
        number = self.current_number()
        if number is None:
            raise NoRelease(
                Message("nothing has been published yet"),
                remedy=Message("“coi-graph build” makes the first release."),
            )
        return Release(self.folder / f"{number:06d}", self.verified)

    def get(self, number: int) -> Release:
        """The release with that number; only what has been published counts.

        Raises `NotFound` that says which numbers there are.
        """
        path = self.folder / f"{number:06d}"
        newest = self.current_number() or 0
        if not 1 <= number <= newest or not path.is_dir():
            raise NotFound(
                Message("there is no release %(number)s", number=number),
                remedy=Message("The newest release is %(newest)s.", newest=newest),
            )
        return Release(path, self.verified)

    def all(self) -> list[Release]:
        """Every published release, oldest first."""
        newest = self.current_number() or 0
        found = (
            Release(path, self.verified)
            for path in self.folder.glob("[0-9]*")
            if path.name.isdigit() and int(path.name) <= newest
        )
        return sorted(found, key=lambda release: release.number)

    # What follows is for the one publisher, who holds the lock.

    def recover(self) -> None:
        """Cleans up after a publisher that was killed.

        What was being built goes. A release that stands complete beside `current` has only
        missed the switch: it is switched to when it verifies, else it goes too. Where `current`
        is lost, it is pointed to the newest release, and nothing goes.

        Raises `ReleaseCorrupt` when `current` is lost and the newest release does not verify.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        for path in self.folder.glob(".*"):
            self._remove(path)
        newest = self.current_number()
        found = (
            Release(path, self.verified)
            for path in self.folder.glob("[0-9]*")
            if path.name.isdigit()
        )
        beyond = sorted((r for r in found if r.number > (newest or 0)), key=lambda r: r.number)
        if newest is None and beyond:
            beyond[-1].verify()
            self.switch_to(beyond[-1])
            return
        for release in beyond:
            if release.number == (newest or 0) + 1 and self._follows(release, newest):
                self.switch_to(release)
            else:
                self._remove(release.path)

    def _follows(self, release: Release, newest: int | None) -> bool:
        try:
            release.verify()
        except (Gone, ReleaseCorrupt):
            return False
        if newest is None or release.manifest.parent != newest:
            return release.manifest.parent == newest
        # The same numbers may be another publisher's: does the change lead from one to the other?
        before = Release(self.folder / f"{newest:06d}").manifest.content_hash
        after = manifest.content_hash_after(before, changes.read(release.path))
        return after == release.manifest.content_hash

    def _remove(self, path: Path) -> None:
        """A folder is renamed first, so that half of it never looks like a release."""
        if path.is_symlink() or path.is_file():
            path.unlink()
            return
        if not path.name.startswith(_ASIDE):
            path = path.rename(self.folder / f"{_ASIDE}removed-{path.name}")
        shutil.rmtree(path)

    def workshop(self, number: int) -> Path:
        """A new folder in which release ``number`` is built, beside the others."""
        path = self.folder / f"{_ASIDE}{number:06d}"
        path.mkdir()
        return path

    def publish(self, workshop: Path, number: int) -> Release:
        """Renames a finished workshop into place and makes it current."""
        durable.sync_tree(workshop)
        target = self.folder / f"{number:06d}"
        durable.rename(workshop, target)
        release = Release(target, self.verified)
        self.switch_to(release)
        return release

    def replace_all(self, workshop: Path, number: int) -> Release:
        """Like `publish`, for a release that nothing here leads to: all others go.

        Whoever reads has the current one open until the switch, and `recover` never takes what is
        left of the others for what comes next.
        """
        current = self.current_number()
        for path in self.folder.glob("[0-9]*"):
            if path.name.isdigit() and (int(path.name) != current or current == number):
                self._remove(path)
        release = self.publish(workshop, number)
        if current is not None and current != number:
            self._remove(self.folder / f"{current:06d}")
        return release

    def switch_to(self, release: Release) -> None:
        durable.point(self.folder / CURRENT, release.path.name)

    def prune(self, keep: int) -> list[int]:
        """Removes the stores of all but the newest ``keep`` releases (0 keeps all).

        Manifests and change sets stay: any release can be made again from them.
        """
        if keep == 0:
            return []
        pruned = []
        for release in self.all()[:-keep]:
            if release.is_readable:
                aside = self.folder / f"{_ASIDE}pruned-{release.number}"
                release.store_path.rename(aside)
                self._remove(aside)
                pruned.append(release.number)
        return pruned
