"""CSV, as spreadsheet programs write it → a `Grid`.

Encodings: UTF-8, UTF-16 with a mark, and Windows-1252, which a table may be read as, since it is
what Excel's plain *CSV* is in Denmark; the reader is told. Separators: semicolon, comma, tab.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator

from ...errors import UnreadableInput
from ...i18n import Message
from .. import encoding
from ..limits import Limits
from ..places import Place, Remark, Severity
from .grid import MOST_CELLS, Cell, Grid

_SEPARATORS = (";", ",", "\t", "|")
_LOOK_AT = 20  # rows, to find the separator
_FIRST_LINE = re.compile(r"sep=(.)\r?\n", re.IGNORECASE)  # a hint of Excel's
_CONTROL = re.compile(r"[\x01-\x08\x0b\x0c\x0e-\x1f\x7f]")
_HEADER_SCORE = Callable[[list[str]], int]


def read(file: str, data: bytes, score: _HEADER_SCORE, limits: Limits) -> tuple[Grid, list[Remark]]:
    """The table in ``data``. ``score`` says how many cells of a row are known headers: of two
    separators, the one that finds more of them is right.

    Raises `UnreadableInput` with file and line.
    """
    text, remarks = _decode(file, data)
    separator = None
    skipped = 0
    if hint := _FIRST_LINE.match(text):
        separator, text, skipped = hint[1], text[hint.end() :], 1
    if separator is None:
        separator = _separator(text, score)
    grid = Grid(file, None)
    cells = 0
    for number, row in _rows(file, text, separator, skipped, limits):
        found = {
            column: Cell(_CONTROL.sub("", value))
            for column, value in enumerate(row, start=1)
            if value.strip()
        }
        if not found:
            continue
        grid.rows[number] = found
        cells += len(found)
        if len(grid.rows) > limits.rows or cells > MOST_CELLS:
            raise too_many_rows(grid, limits.rows)
        if max(found) > limits.columns:
            raise too_many_columns(grid, limits.columns)
    return grid, remarks


def too_many_rows(grid: Grid, most: int) -> UnreadableInput:
    return UnreadableInput(
        Message("%(file)s has more than %(most)s rows", file=str(grid.place()), most=most),
        remedy=Message("Divide it into several files, and send each."),
        file=grid.file,
    )


def too_many_columns(grid: Grid, most: int) -> UnreadableInput:
    return UnreadableInput(
        Message("%(file)s has more than %(most)s columns", file=str(grid.place()), most=most),
        remedy=Message("Use the template: one row for each record."),
        file=grid.file,
    )


def _decode(file: str, data: bytes) -> tuple[str, list[Remark]]:
    codec = encoding.guess(data)
    if codec == "utf-8" and b"\x00" not in data:
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError:
            return _windows(file, data)
        return text, encoding.lost_letters(file, text)
    return encoding.decode(file, data)


def _windows(file: str, data: bytes) -> tuple[str, list[Remark]]:
    """Line by line: a file that was put together may be UTF-8 in some and Windows-1252 in
    others."""
    lines, mixed, first = [], False, 0
    for number, line in enumerate(data.split(b"\n"), start=1):
        try:
            lines.append(line.decode("utf-8"))
            mixed = mixed or any(byte > 127 for byte in line)
        except UnicodeDecodeError:
            first = first or number
            try:
                lines.append(line.decode("cp1252"))
            except UnicodeDecodeError as error:
                raise UnreadableInput(
                    Message(
                        "%(file)s, line %(line)s: byte %(byte)s is neither UTF-8 nor Windows-1252",
                        file=file,
                        line=number,
                        byte=f"{line[error.start]:02X}",
                    ),
                    remedy=_SAVE,
                    file=file,
                    line=number,
                ) from error
    text = "\n".join(lines)
    place = Place(file, line=first)
    if mixed:
        said = Message("from here on lines in Windows-1252 and in UTF-8 are mixed")
        return text, [Remark(Severity.WARNING, said, _LOOK, place)]
    said = Message("the file was read as Windows-1252")
    return text, [Remark(Severity.INFO, said, _LOOK, place), *encoding.lost_letters(file, text)]


_SAVE = Message("In Excel: File, Save as, “CSV UTF-8 (comma delimited)”; or send the workbook.")
_LOOK = Message(
    "See that æ, ø and å are right in the report. Best is to save as “CSV UTF-8”, or to send the "
    "workbook."
)


def _separator(text: str, score: _HEADER_SCORE) -> str:
    best, most = _SEPARATORS[0], (-1, -1)
    head = text[:200_000]
    for candidate in _SEPARATORS:
        rows = []
        try:
            for row in csv.reader(io.StringIO(head, newline=""), delimiter=candidate):
                if any(cell.strip() for cell in row):
                    rows.append(row)
                if len(rows) == _LOOK_AT:
                    break
        except csv.Error:
            pass
        known = max((score(row) for row in rows), default=0)
        wide = max((len(row) for row in rows), default=0)
        if (known, wide) > most:
            best, most = candidate, (known, wide)
    return best


def _rows(
    file: str, text: str, separator: str, skipped: int, limits: Limits
) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    number, begins = skipped, 1
    while True:
        begins = reader.line_num + 1
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise _broken(file, begins + skipped, error) from error
        number += 1
        longest = max(map(len, row), default=0)
        if longest > limits.text_chars:
            raise _broken(file, begins + skipped, csv.Error("field limit"))
        yield number, row


def _broken(file: str, line: int, error: csv.Error) -> UnreadableInput:
    if "limit" in str(error) or "end of data" in str(error):
        why = Message('a cell that begins here does not end: a quotation mark (") is not closed')
        remedy = Message("Close the quotation mark, or send the workbook instead of CSV.")
    else:
        why = Message('after a closing quotation mark (") something stands that is no separator')
        remedy = Message('Write a quotation mark within a cell twice (""), or send the workbook.')
    return UnreadableInput(
        Message("%(file)s, line %(line)s: %(why)s", file=file, line=line, why=why),
        remedy=remedy,
        file=file,
        line=line,
    )
