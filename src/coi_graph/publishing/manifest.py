"""What a release says of itself: `manifest.json`.

It is written last and verified before anything is served: a truncated RocksDB MANIFEST opens
cleanly with most of the data gone (measured), so only checksums and counts tell.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import pyoxigraph as ox

from ..errors import ReleaseCorrupt
from ..i18n import Message
from ..query.store_size import is_volatile
from . import metadata
from .changes import ChangeSet
from .verified import Verified

NAME = "manifest.json"
FORMAT = 1
#: What may be made beside a release after it was published, each with checksums of its own.
AFTERWARDS = frozenset({"dumps", "feed", "queries.json", "rehearsal.json", "search"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """One release in numbers and checksums.

    ``sources`` maps each named graph to the sha256 of the file that it was made from; ``seen``
    does the same for the files as they were when the release was made (they differ after a
    rollback). ``queries`` are the checks of the named queries (`checks`). ``content_hash`` is a sum
    modulo 2**256 of the sha256 of every quad except those of the release's own description: equal
    content, equal hash, however it came about.
    """

    release: int
    parent: int | None
    issued: str
    software: str
    ontology_version: str
    quads: int
    graphs: dict[str, int]
    sources: dict[str, str]
    seen: dict[str, str]
    content_hash: str
    added: int
    removed: int
    validated: bool
    rolled_back_to: int | None = None
    queries: dict[str, dict[str, Any]] = field(default_factory=dict)
    files: dict[str, dict[str, Any]] = field(default_factory=dict)
    format: int = FORMAT

    @property
    def store_bytes(self) -> int:
        """The size of its store's files."""
        sizes = (entry.get("bytes", 0) for name, entry in self.files.items() if _is_store(name))
        return sum(sizes)

    def to_json(self) -> str:
        return json.dumps(asdict(self), indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def read(folder: Path) -> Manifest:
    """The manifest in ``folder``. Raises `ReleaseCorrupt` where there is none that can be read."""
    try:
        text = (folder / NAME).read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise _unreadable(folder.name, error) from error
    return from_json(text, folder.name)


def from_json(text: str, name: str) -> Manifest:
    """The manifest in ``text``; ``name`` says whose it is in a `ReleaseCorrupt`."""
    try:
        manifest = Manifest(**json.loads(text))
        _check_types(manifest)
    except (ValueError, TypeError, RecursionError) as error:
        raise _unreadable(name, error) from error
    if manifest.format != FORMAT:
        raise ReleaseCorrupt(
            Message(
                "%(folder)s has a manifest of format %(found)s, this version reads %(expected)s",
                folder=name,
                found=manifest.format,
                expected=FORMAT,
            )
        )
    return manifest


def _unreadable(name: str, why: Exception) -> ReleaseCorrupt:
    return ReleaseCorrupt(
        Message("%(folder)s has no readable manifest: %(why)s", folder=name, why=why)
    )


def _check_types(manifest: Manifest) -> None:
    m = manifest
    tables = (m.graphs, m.sources, m.seen, m.files, *getattr(m.files, "values", tuple)())
    tables += (m.queries, *getattr(m.queries, "values", tuple)())
    numbers = (m.release, m.quads, m.added, m.removed)
    texts = (m.issued, m.software, m.ontology_version, m.content_hash)
    for values, kind in ((tables, dict), (numbers, int), (texts, str)):
        if not all(isinstance(value, kind) for value in values):
            raise TypeError("a member is of another type")


def checksums(
    folder: Path, verified: Verified, like: Path | None = None
) -> dict[str, dict[str, Any]]:
    """Size and sha256 of every file of a release, by its path below ``folder``.

    A file that is one with a file of the verified release in ``like``, by hard link, is not read
    again: its checksum is known.
    """
    known = read(like).files if like else {}
    return {
        name: known[name]
        if like and name in known and path.samefile(like / name)
        else {"bytes": path.stat().st_size, "sha256": verified.sha256(path)}
        for name, path in sorted(_files(folder).items())
    }


def _files(folder: Path) -> dict[str, Path]:
    """The files that the manifest speaks of, by their path below ``folder``."""
    return {
        "/".join(steps): path
        for path in folder.rglob("*")
        if (steps := path.relative_to(folder).parts)[0] not in AFTERWARDS
        and path.is_file()
        and path.name != NAME
        and not is_volatile(path.name)
    }


def verify_files(folder: Path, manifest: Manifest, verified: Verified) -> None:
    """Compares every file with its checksum. Raises `ReleaseCorrupt` that names the first
    that differs, is missing, or should not be there."""
    found = _files(folder)
    for name in sorted(found.keys() ^ manifest.files.keys()):
        what = (
            Message("the file %(name)s is missing", name=name)
            if name in manifest.files
            else Message("the file %(name)s does not belong there", name=name)
        )
        raise _corrupt(manifest, what)
    for name, path in sorted(found.items()):
        expected = manifest.files[name]
        same_size = path.stat().st_size == expected.get("bytes")
        if not same_size or verified.sha256(path) != expected.get("sha256"):
            raise _corrupt(manifest, Message("the file %(name)s has changed", name=name))


def verify_count(count: int, manifest: Manifest) -> None:
    """Raises `ReleaseCorrupt` when a store holds another number of quads than it should."""
    if count != manifest.quads:
        raise _corrupt(
            manifest,
            Message(
                "its store holds %(found)s quads, the manifest says %(expected)s",
                found=count,
                expected=manifest.quads,
            ),
        )


def unreadable(manifest: Manifest, error: OSError) -> ReleaseCorrupt:
    """What to raise where the system does not give a file of a release."""
    return _corrupt(manifest, Message("a file cannot be read: %(words)s", words=error))


def _corrupt(manifest: Manifest, why: Message) -> ReleaseCorrupt:
    return ReleaseCorrupt(
        Message("release %(number)s: %(why)s", number=manifest.release, why=why),
        remedy=Message(
            "It is not served. “coi-graph release rollback” makes an earlier one current."
        ),
    )


def _is_store(name: str) -> bool:
    return name.startswith("store/")


def hash_of(quads: Iterable[ox.Quad]) -> int:
    """The sum modulo 2**256 of the quads' sha256: independent of order, and of how it came
    about, since adding and removing quads adds and subtracts."""
    total = 0
    for quad in quads:
        total += int.from_bytes(hashlib.sha256(str(quad).encode()).digest(), "big")
    return total % 2**256


def content_hash_after(before: str, change: ChangeSet) -> str:
    """The content hash of what ``change`` makes of a release whose content hash is ``before``."""
    total = int(before, 16)
    total += hash_of(metadata.content_only(change.added))
    total -= hash_of(metadata.content_only(change.removed))
    return f"{total % 2**256:064x}"


NOTHING = f"{0:064x}"  # the content hash of nothing
