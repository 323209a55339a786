"""Where something stands in a contributed file, and what reading the file has to say about it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Protocol

import pyoxigraph as ox

from ..i18n import Message
from ..namespaces import SH

Term = ox.NamedNode | ox.BlankNode | ox.Literal


class Severity(IntEnum):
    """SHACL's severities; only a Violation blocks."""

    INFO = 1
    WARNING = 2
    VIOLATION = 3

    @property
    def iri(self) -> str:
        return SH + self.name.capitalize()


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands in what was sent. Lines, rows and columns count from 1."""

    file: str
    line: int | None = None  # text formats
    sheet: str | None = None  # tables (None for CSV)
    row: int | None = None
    column: int | None = None  # of a table: its column; of text: the code point in the line

    @property
    def cell(self) -> str | None:
        """As a spreadsheet names it: ``C7``; None where this is no cell of a table."""
        if self.row is None or self.column is None:
            return None
        letters, rest = "", self.column
        while rest > 0:
            rest, last = divmod(rest - 1, 26)
            letters = chr(ord("A") + last) + letters
        return f"{letters}{self.row}"

    def __str__(self) -> str:
        """``file.ttl:12:5``, ``file.xlsx, Sheet1!C7``, ``file.csv, C7``; as much as is known."""
        if self.row is not None or self.sheet is not None:
            where = self.cell or ("" if self.row is None else str(self.row))
            if self.sheet is not None:
                where = f"{self.sheet}!{where}" if where else self.sheet
            return f"{self.file}, {where}"
        known = [str(part) for part in (self.line, self.column) if part is not None]
        return ":".join([self.file, *known])


class Places(Protocol):
    """What a file says, and where."""

    def of(
        self, subject: Term, predicate: Term | None = None, value: Term | None = None
    ) -> Place | None:
        """The most precise place known: of the statement, else of the property (or the cell where
        it should stand, for a missing value), else of the record; None when the file does not
        speak of it."""


@dataclass(frozen=True, slots=True)
class Remark:
    """What reading itself has to say: unknown column, formula, unknown code …"""

    severity: Severity
    message: Message  # what is wrong
    remedy: Message | None  # how to mend it
    place: Place
    found: str | None = None


@dataclass(frozen=True, slots=True)
class Sent:
    """One contributed file, read."""

    file: str  # its name as sent
    graph: str  # the named graph that its quads are in
    quads: tuple[ox.Quad, ...]  # no blank nodes left (skolemised as in a release)
    places: Places
    remarks: tuple[Remark, ...] = ()
