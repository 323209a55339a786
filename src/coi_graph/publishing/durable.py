"""Files that survive a power cut: written aside, flushed, renamed into place."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..errors import Busy
from ..i18n import Message

LOCK = "publish.lock"
PATIENCE = 60.0  # seconds to wait for another process


def sync_file(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_tree(folder: Path) -> None:
    """Flushes every file below ``folder`` and the folders themselves."""
    for parent, _, names in os.walk(folder):
        for name in names:
            sync_file(Path(parent, name))
        sync_file(Path(parent))


def rename(source: Path, target: Path) -> None:
    """An atomic rename that is on disk when it returns."""
    source.rename(target)
    sync_file(target.parent)


def write_beside(release: Path, name: str, text: str) -> None:
    """A file in the folder of a release that was published: there whole or not at all. What a
    killed process leaves of it is not in that folder, where it would not belong."""
    aside = release.parent / f".{release.name}-{name}"
    aside.write_text(text, encoding="utf-8")
    sync_file(aside)
    rename(aside, release / name)


def point(link: Path, target: str) -> None:
    """Points the symbolic link ``link`` to ``target`` in one step: readers see old or new."""
    aside = link.with_name(f".{link.name}-{os.getpid()}")
    aside.unlink(missing_ok=True)
    aside.symlink_to(target)
    aside.replace(link)
    sync_file(link.parent)


@contextmanager
def only_writer(home: Path, lock: str = LOCK) -> Iterator[None]:
    """Holds a lock in the folder ``home``; the kernel frees it when the process dies.

    Raises `Busy` when another process still holds it after `PATIENCE` seconds.
    """
    home.mkdir(parents=True, exist_ok=True)
    deadline = time.monotonic() + PATIENCE
    with (home / lock).open("a") as file:
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise Busy(
                        Message("another process holds %(file)s", file=home / lock),
                        remedy=Message("Wait until it has finished, then try again."),
                    ) from None
                time.sleep(0.05)
        yield
