"""Reports on disk: each below a name that cannot be guessed, for a limited time.

A contribution that has not been published may be sensitive, so its report is found by who has the
address, and by nobody else. Of the files themselves only tables are kept, for the workbook that
comes back with its cells marked.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import secrets
import shutil
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import Gone, NotFound
from ..i18n import Message
from .document import Document

_NAME = re.compile(r"[0-9a-f]{32}")
_DAY = 86_400
_TABLES = (".xlsx", ".csv")
_REPORT = "report.json"
_TABLE = "table"
_PROGRESS_SECONDS = 600


@dataclass(frozen=True)
class Shelf:
    """The reports in ``folder``: at most ``number`` of them, of ``size`` bytes, for ``days``."""

    folder: Path
    number: int
    size: int
    days: int

    def keep(self, document: Document, files: Sequence[tuple[str, bytes]]) -> str | None:
        """Gives the document its id and keeps it, with the first table among ``files``. None
        where nothing is kept."""
        if not self.number:
            return None
        name = secrets.token_hex(16)
        made = self.folder / f".{name}"
        made.mkdir(parents=True, mode=0o700)
        document["id"] = name
        table = next((one for one in files if one[0].lower().endswith(_TABLES)), None)
        if table is not None:
            (made / _TABLE).write_bytes(table[1])
            (made / f"{_TABLE}.json").write_text(json.dumps({"name": table[0]}))
        self._write(made, document)
        made.rename(self.folder / name)  # readers see all of it or nothing
        self._clear()
        return name

    def rewrite(self, document: Document) -> None:
        """Keeps the document as it is now, under the id that it has."""
        self._write(self._of(document["id"]), document)

    def find(self, name: str) -> Document:
        """The report ``name``. Raises `NotFound`, `Gone`."""
        try:
            found: Document = json.loads((self._of(name) / _REPORT).read_text(encoding="utf-8"))
        except OSError as error:
            raise _gone() from error
        return found

    def table(self, name: str) -> tuple[str, bytes] | None:
        """Name and content of the table that the report marks; None without one."""
        folder = self._of(name)
        try:
            about: dict[str, Any] = json.loads((folder / f"{_TABLE}.json").read_text())
            return str(about["name"]), (folder / _TABLE).read_bytes()
        except FileNotFoundError:
            return None

    def delete(self, name: str) -> None:
        shutil.rmtree(self._of(name), ignore_errors=True)

    def _of(self, name: str) -> Path:
        if not _NAME.fullmatch(name):
            raise NotFound(
                Message("there is no such report"),
                remedy=Message("Check the spelling, or send the files again at /validate."),
            )
        folder = self.folder / name
        with contextlib.suppress(OSError):
            if time.time() - folder.stat().st_mtime <= self.days * _DAY:
                return folder
        raise _gone()

    def _write(self, folder: Path, document: Document) -> None:
        text = json.dumps(document, ensure_ascii=False)
        partial = folder / f"{_REPORT}.{secrets.token_hex(4)}"
        partial.write_text(text, encoding="utf-8")
        partial.replace(folder / _REPORT)

    def _clear(self) -> None:
        """Deletes what is too old, too many, or too much: the oldest first; and what checks that
        were broken off have left."""
        for path in self.folder.glob(".progress-*"):
            with contextlib.suppress(OSError):
                if time.time() - path.stat().st_mtime > _PROGRESS_SECONDS:
                    path.unlink()
        kept = sorted(self._all(), reverse=True)
        total = 0
        for place, (moment, folder) in enumerate(kept):
            total += _size(folder)
            old = time.time() - moment > self.days * _DAY
            if old or place >= self.number or (total > self.size and place > 0):
                shutil.rmtree(folder, ignore_errors=True)

    def _all(self) -> Iterator[tuple[float, Path]]:
        with os.scandir(self.folder) as entries:
            for entry in entries:
                if _NAME.fullmatch(entry.name.removeprefix(".")):
                    with contextlib.suppress(OSError):
                        yield entry.stat().st_mtime, Path(entry.path)

    def progress(self, token: str) -> Progress | None:
        """Where the progress of a check is told to whoever started it; None for no token."""
        return Progress(self.folder / f".progress-{token}") if _NAME.fullmatch(token) else None


@dataclass(frozen=True)
class Progress:
    """How far a check has come: a small file, because the web has several processes."""

    path: Path

    def tell(self, stage: str, done: int, total: int) -> None:
        with contextlib.suppress(OSError):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            partial = self.path.with_suffix(f".{secrets.token_hex(4)}")
            partial.write_text(json.dumps({"stage": stage, "done": done, "total": total}))
            partial.replace(self.path)

    def read(self) -> dict[str, Any]:
        try:
            if time.time() - self.path.stat().st_mtime < _PROGRESS_SECONDS:
                found: dict[str, Any] = json.loads(self.path.read_text())
                return found
        except (OSError, ValueError):
            pass
        return {"stage": "waiting", "done": 0, "total": 0}

    def end(self) -> None:
        self.path.unlink(missing_ok=True)


def _size(folder: Path) -> int:
    total = 0
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            total += entry.stat().st_size
    return total


def _gone() -> Gone:
    return Gone(
        Message("this report has been deleted, or was never there"),
        remedy=Message("Reports are kept for a limited time. Send the file again."),
    )
