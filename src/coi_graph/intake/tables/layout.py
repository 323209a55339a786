"""Which sheet holds which kind of record, and which column is which."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice

from openpyxl.utils import get_column_letter

from ...i18n import LANGUAGES, Message
from ..matching import fold
from ..names import Kind, Labelled, Names, slug, text
from ..phrases import Listed
from ..places import Remark, Severity
from . import templates
from .columns import Column, Headers, Role
from .grid import Grid
from .instructions import EXAMPLE, INSTRUCTIONS, LISTS, NOT_READ

#: The sheet that a marked workbook begins with.
FINDINGS = Message("To be mended")
_LOOK_AT = 20  # rows, for the header
_MOST = 50  # remarks of one sort for one sheet


@dataclass
class Layout:
    """A table of records: where its header is, and what its columns hold."""

    grid: Grid
    kind: Kind
    header: int
    columns: dict[int, Column] = field(default_factory=dict)

    @property
    def identifier(self) -> int | None:
        """The column with the identifier."""
        return next((n for n, c in self.columns.items() if c.role is Role.IDENTIFIER), None)

    def rows(self) -> Iterator[int]:
        """The rows below the header that hold something."""
        return (number for number in self.grid.rows if number > self.header)


class Recogniser:
    """Recognises tables by the names of their columns, in either language."""

    def __init__(self, names: Names) -> None:
        self.names = names
        self.headers = names.once(
            "headers", lambda: {key: Headers.of(kind, names) for key, kind in names.records.items()}
        )
        self._titles = names.once("titles", self._own_titles)

    def _own_titles(self) -> dict[str, str]:
        """A sheet's title → the key of its kind; "" for the sheets that hold no records."""
        found: dict[str, str] = {}
        for language in LANGUAGES:
            for message in (INSTRUCTIONS, LISTS, FINDINGS):
                found[fold(message.in_language(language))] = ""
            for key, kind in self.names.records.items():
                found.setdefault(fold(templates.sheet_title(kind, language)), key)
                name = text(kind.labels, language)
                example = Message(EXAMPLE.msgid, sheet=name).in_language(language)
                found.setdefault(fold(example[: templates.TITLE]), key)
        return found

    def score(self, row: list[str]) -> int:
        """How many cells of ``row`` are headers of the kind that knows most of them."""
        return max((len(self._known(key, row)) for key in self.headers), default=0)

    def _known(self, key: str, row: list[str]) -> set[Column]:
        return {column for cell in row if (column := self.headers[key].find(cell)) is not None}

    def layout(self, grid: Grid, remarks: list[Remark], only: str | None = None) -> Layout | None:
        """What the table holds; None where no row has the names of columns. ``only`` is the kind
        that the sender says it is."""
        hint = only or self._hint(grid)
        if hint == "":
            return None
        best: tuple[tuple[float, ...], int, str] | None = None
        rivals: list[str] = []
        for number, cells in islice(grid.rows.items(), _LOOK_AT):
            row = [cell.text for cell in cells.values() if len(cell.text) < 200]
            for key in [only] if only else self.headers:
                known = len(self._known(key, row))
                if known < (1 if key == hint else 2):
                    continue
                hinted = 1.25 if key == hint else 1.0
                rank = (known * hinted, -len(self.headers[key].index.names))
                if best is None or rank > best[0]:
                    best, rivals = (rank, number, key), [key]
                elif rank == best[0] and number == best[1]:
                    rivals.append(key)
        if best is None:
            return None
        if len(rivals) > 1:
            remarks.append(self._could_be(grid, best[1], rivals))
        layout = Layout(grid, self.names.kind(best[2]), best[1])
        remarks.extend(self._read_header(layout))
        remarks.extend(_out_of_sight(layout))
        return layout

    def _could_be(self, grid: Grid, header: int, rivals: list[str]) -> Remark:
        first, *others = (Labelled(self.names.kind(key).labels) for key in rivals)
        return grid.remark(
            Severity.WARNING,
            Message("the columns fit more than one kind of record; it was read as “%(kind)s”",
                    kind=first),
            Message(
                "If “%(kind)s” is meant, let the name of the file, or of the sheet, say so.",
                kind=others[0],
            ),
            header,
            1,
        )  # fmt: skip

    def is_ours(self, grid: Grid) -> bool:
        """Whether it is one of the sheets that a template, or a marked workbook, has besides."""
        return grid.name is not None and self._titles.get(fold(grid.name)) == ""

    def _hint(self, grid: Grid) -> str | None:
        """The kind that the sheet's title, or the file's name, speaks of."""
        if grid.name is not None:
            return self._titles.get(fold(grid.name))
        stem = f"-{slug(grid.file.rpartition('.')[0])}-"
        named = [
            (len(name), key)
            for key, kind in self.names.records.items()
            for label in kind.labels.values()
            if f"-{(name := slug(label))}-" in stem
        ]
        return max(named)[1] if named else None

    def _read_header(self, layout: Layout) -> Iterator[Remark]:
        grid, headers = layout.grid, self.headers[layout.kind.key]
        first: dict[Column, int] = {}
        filled = _filled(layout)
        cells = grid.rows[layout.header]
        for number in sorted({*cells, *filled}):
            name = cells[number].text if number in cells else ""
            column = headers.find(name) if name else None
            count = filled.get(number, 0)
            if column is not None and column not in first:
                first[column] = number
                layout.columns[number] = column
            elif column is not None:
                yield _twice(layout, number, name, first[column])
            elif not name and count:
                yield grid.remark(
                    Severity.WARNING,
                    Message("this column has no name; %(count)s cells were not read", count=count),
                    Message("Write the name of the column in the row with the names."),
                    layout.header,
                    number,
                )
            elif name and not (name.startswith(NOT_READ) and not count):
                yield self._unknown(layout, number, name, count)
        if layout.identifier is None:
            yield grid.remark(
                Severity.VIOLATION,
                Message("there is no column “%(name)s”", name=_both_names(Column(Role.IDENTIFIER))),
                Message(
                    "Add it, and give each record a short name of its own, for example "
                    "“aarhus-2026-01”: so that the same file sent again is the same records."
                ),
                layout.header,
                min(cells, default=1),
            )

    def _unknown(self, layout: Layout, number: int, name: str, count: int) -> Remark:
        close = self.headers[layout.kind.key].close_to(name)
        remedy = Message(
            "Use the names of the template, or remove the column if it does not belong here."
        )
        if close:
            remedy = Message("Did you mean %(names)s?", names=Listed(close))
        return layout.grid.remark(
            Severity.WARNING,
            Message("unknown column “%(name)s”; %(count)s cells were not read", name=name,
                    count=count),
            remedy,
            layout.header,
            number,
            name,
        )  # fmt: skip


def _filled(layout: Layout) -> dict[int, int]:
    """Column → how many cells hold something below the header."""
    counts: dict[int, int] = {}
    for row in layout.rows():
        cells = layout.grid.rows[row]
        if not (1 in cells and cells[1].text.startswith(NOT_READ)):
            for column in cells:
                counts[column] = counts.get(column, 0) + 1
    return counts


def _twice(layout: Layout, number: int, name: str, first: int) -> Remark:
    return layout.grid.remark(
        Severity.VIOLATION,
        Message(
            "the column “%(name)s” is there twice: it is column %(first)s as well",
            name=name,
            first=get_column_letter(first),
        ),
        Message("Keep one of them. Only the first was read."),
        layout.header,
        number,
        name,
    )


def _both_names(column: Column) -> str:
    return " / ".join(column.header(language) for language in LANGUAGES)


def _out_of_sight(layout: Layout) -> Iterator[Remark]:
    """What somebody who looks at the sheet would not expect to be read, or not so."""
    grid, rows = layout.grid, list(layout.rows())
    look = Message("Show it and look at it, or delete it if it must not be published.")
    if grid.hidden and rows:
        yield grid.remark(
            Severity.WARNING, Message("this sheet is hidden; it was read all the same"), look
        )
    hidden = [row for row in rows if row in grid.hidden_rows]
    if hidden:
        yield grid.remark(
            Severity.WARNING,
            Message("%(count)s rows are hidden; they were read all the same", count=len(hidden)),
            look,
            hidden[0],
            1,
        )
    for column in sorted(grid.hidden_columns & layout.columns.keys()):
        if any(column in grid.rows[row] for row in rows):
            yield grid.remark(
                Severity.WARNING,
                Message("this column is hidden; it was read all the same"),
                look,
                layout.header,
                column,
            )
    merged = [area for area in grid.merged if area[2] > layout.header and area[1] in layout.columns]
    for top, left, bottom, right in merged[:_MOST]:
        row = max(top, layout.header + 1)
        area = f"{get_column_letter(left)}{top}:{get_column_letter(right)}{bottom}"
        yield grid.remark(
            Severity.WARNING,
            Message("the cells %(area)s are merged: the value counts for the first only",
                    area=area),
            Message("Unmerge them, and write the value in each cell that it is meant for."),
            row,
            left,
        )  # fmt: skip


def is_note(cells: Mapping[int, str], after_gap: bool) -> bool:
    """Whether a row is a note below the table rather than a record: after an empty row, one cell
    that reads like a sentence."""
    if not after_gap or len(cells) != 1:
        return False
    said = next(iter(cells.values())).strip()
    return len(said.split()) > 2 or bool(re.match(r"(note|kilde|source|obs|nb)\b|\*", said, re.I))
