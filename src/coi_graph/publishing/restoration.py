"""Copies of a release's store, also of one that is damaged or was pruned.

Every release keeps its change set, so its store can be made again from the nearest earlier one
that is whole, or from nothing; and where a change set is damaged, too, from its dump. Where nothing
leads to it, the next release begins with the files and the ledger (`build`).
"""

from __future__ import annotations

import contextlib
import gzip
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..errors import Gone, NotFound, ReleaseCorrupt
from ..i18n import Message
from ..intake.checksum import sha256
from ..media import N_QUADS
from ..store import Store
from . import changes, dumps, manifest, metadata
from .dump_plan import WHOLE
from .releases import Release, Releases

_WHOLE = f"{WHOLE}.{N_QUADS.name}.gz"


def is_whole(release: Release) -> bool:
    """Whether its store is there and verifies."""
    try:
        release.verify()
    except (Gone, ReleaseCorrupt):
        return False
    return True


def copy(
    releases: Releases, release: Release, path: Path, *, is_known_whole: bool = False
) -> Store:
    """A writable copy of the release's store at ``path``: hard links where it verifies, or where
    the caller has verified it.

    Hard links to a damaged file would carry the damage into every later release. Raises
    `ReleaseCorrupt` when neither change sets nor dump lead to what the manifest says.
    """
    if is_known_whole:
        return Store.open(release.store_path).clone_to(path)
    with contextlib.suppress(Gone, ReleaseCorrupt):
        return release.verify().clone_to(path)
    try:
        return _replayed(releases, release, path)
    except (ReleaseCorrupt, NotFound):  # a release in between may be gone altogether
        shutil.rmtree(path, ignore_errors=True)
        store = _from_dump(release, path)
        if store is None:
            raise
        return store


def _replayed(releases: Releases, release: Release, path: Path) -> Store:
    store, start = _nearest(releases, release.number, path)
    try:
        # A mirror's first release has everything in its own change set, whatever its number.
        first = start + 1 if start else _first(releases, release.number)
        for number in range(first, release.number + 1):
            change = changes.read(releases.get(number).path)
            store.apply(removed=change.removed, added=change.added)
        _verify_content(store, release)
    except BaseException:
        store.close()  # so that the folder can be removed
        raise
    return store


def _from_dump(release: Release, path: Path) -> Store | None:
    """None where there is no whole dump of it."""
    try:
        dump = next((one for one in dumps.listed(release) if one.name == _WHOLE), None)
    except ReleaseCorrupt:
        return None
    if dump is None:
        return None
    file = dumps.path_of(release, dump)
    if not file.is_file() or sha256(file) != dump.sha256:
        return None
    store = Store.create(path)
    try:
        with gzip.open(file, "rb") as lines:
            store.load_bulk(lines)
        _verify_content(store, release)
    except (ReleaseCorrupt, OSError, SyntaxError):
        store.close()
        shutil.rmtree(path, ignore_errors=True)
        return None
    return store


def _verify_content(store: Store, release: Release) -> None:
    manifest.verify_count(len(store), release.manifest)
    content = manifest.hash_of(metadata.content_only(store.quads()))
    if f"{content:064x}" != release.manifest.content_hash:
        raise ReleaseCorrupt(
            Message("release %(number)s cannot be made again", number=release.number)
        )


@contextmanager
def copied(releases: Releases, release: Release) -> Iterator[Store]:
    """The release's own store, read-only; where it was pruned, one made again for as long as the
    block lasts."""
    if release.is_readable:
        yield release.open()
        return
    workshop = releases.workshop(release.number)
    try:
        yield copy(releases, release, workshop / "store")
    finally:
        shutil.rmtree(workshop, ignore_errors=True)


def _first(releases: Releases, number: int) -> int:
    """The newest release up to ``number`` that was made from nothing."""
    starts = [one.number for one in releases.all() if one.manifest.parent is None]
    return max((start for start in starts if start <= number), default=1)


def _nearest(releases: Releases, number: int, path: Path) -> tuple[Store, int]:
    """A writable copy of the newest whole store before ``number``; of none: empty, and 0."""
    for earlier in reversed([one for one in releases.all() if one.number < number]):
        with contextlib.suppress(Gone, ReleaseCorrupt):
            return earlier.verify().clone_to(path), earlier.number
    return Store.create(path), 0
