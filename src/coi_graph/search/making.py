"""The index beside its release: made aside, checked, trusted or made again.

    releases/000042/search/  index/  checked.json  lock

`checked.json` is written last: the release's content hash, the format, and each file with its
checksum. What does not agree with it is made again. One process makes an index at a time.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
from importlib.metadata import version
from pathlib import Path

from ..description.lookup import Lookup
from ..publishing.releases import Release
from . import index
from .records import records

FOLDER = "search"  # publishing.manifest.AFTERWARDS has it
_CHECKED = "checked.json"
_ASIDE = ".making"


def opened(release: Release) -> index.Index | None:
    """The index of ``release``; None where there is none that agrees with its checksums."""
    folder = release.path / FOLDER
    try:
        written = json.loads((folder / _CHECKED).read_text(encoding="utf-8"))
        if written != _stamp(release, folder / "index"):
            return None
        return index.Index(folder / "index")
    except (OSError, ValueError):
        return None


def make(release: Release) -> bool:
    """Makes the index of ``release`` where it is missing or damaged. False while another process
    does. Raises what the store raises, and `OSError` for a full disk."""
    folder = release.path / FOLDER
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        if opened(release) is not None:
            return True
        aside = folder / _ASIDE
        for leftover in (aside, folder / "index"):
            shutil.rmtree(leftover, ignore_errors=True)
        (folder / _CHECKED).unlink(missing_ok=True)
        aside.mkdir()
        index.write(aside, records(Lookup(release.open())))
        aside.rename(folder / "index")
        stamp = json.dumps(_stamp(release, folder / "index"), indent=1)
        written = folder / f"{_CHECKED}-{os.getpid()}"
        written.write_text(stamp, encoding="utf-8")
        written.replace(folder / _CHECKED)
    return True


def _stamp(release: Release, folder: Path) -> dict[str, object]:
    """What the index must be; its lock files come and go."""
    return {
        "format": index.FORMAT,
        "engine": version("tantivy"),
        "content_hash": release.manifest.content_hash,
        "files": {
            path.name: hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(folder.iterdir())
            if not path.name.endswith(".lock")
        },
    }
