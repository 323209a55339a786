"""Tabular data with CSVW metadata → triples.

The subset of *Generating RDF from Tabular Data on the Web* (https://www.w3.org/TR/csv2rdf/,
minimal mode) that coi-graph's own tables use: `aboutUrl`, `propertyUrl` and `valueUrl` templates,
datatypes, `lang`, `null`, `required`, `separator`, `default`, virtual columns, and
`suppressOutput`. The metadata is read by `coi_graph.intake.csvw_metadata`.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from urllib.parse import quote

import pyoxigraph as ox

from ..errors import UnreadableInput
from ..i18n import Message
from ..namespaces import expand
from . import csvw_metadata
from .csvw_metadata import SUFFIX, TEMPLATE, Column, Table

__all__ = ["SUFFIX", "triples"]

#: The lexical forms accepted for the datatypes in use (XML Schema 1.1, part 2).
_LEXICAL: dict[str, re.Pattern[str]] = {
    "integer": re.compile(r"[+-]?[0-9]+"),
    "nonNegativeInteger": re.compile(r"\+?[0-9]+"),
    "decimal": re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)"),
    "boolean": re.compile(r"true|false|1|0"),
    "date": re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}"),
    "gYear": re.compile(r"[0-9]{4}"),
    "gYearMonth": re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])"),
    "dateTime": re.compile(
        r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?"
        r"(Z|[+-][0-9]{2}:[0-9]{2})?"
    ),
}

Cells = Mapping[str, str | None]


class _Invalid(ValueError):
    """A cell that does not say what its column promises."""

    def __init__(self, message: Message) -> None:
        self.message = message
        super().__init__(str(message))


def triples(metadata_path: Path) -> Iterator[ox.Triple]:
    """All triples of the table that ``metadata_path`` describes, row by row.

    Raises `UnreadableInput` that names the file and, where it applies, the row (as a spreadsheet
    counts, the header is row 1) and the column.
    """
    table = csvw_metadata.read(metadata_path)
    seen: dict[tuple[str | None, ...], int] = {}
    for number, cells in _rows(table):
        _check_key(table, cells, number, seen)
        for column in table.columns:
            if not column.suppressed:
                yield from _cell_triples(column, cells, number, table.path)


def _rows(table: Table) -> Iterator[tuple[int, Cells]]:
    real = [column for column in table.columns if not column.virtual]
    text = io.StringIO(_text(table), newline="")
    reader = csv.reader(text, delimiter=table.delimiter, strict=True)
    number = 0
    try:
        for row in reader:
            number += 1
            if number == 1:
                _check_header(row, [column.name for column in real], table.path)
            elif len(row) != len(real):
                why = Message(
                    "%(found)s cells, expected %(expected)s", found=len(row), expected=len(real)
                )
                raise _row_error(table.path, number, why)
            else:
                yield number, _cells(real, row, number, table.path)
    except csv.Error as error:
        raise _row_error(table.path, number + 1, Message("%(text)s", text=error)) from error
    if number == 0:
        raise _row_error(table.path, 1, Message("the table is empty"))


def _text(table: Table) -> str:
    try:
        data = table.path.read_bytes()
        return data.decode(table.encoding)
    except OSError as error:
        raise UnreadableInput(
            Message("%(file)s cannot be read: %(why)s", file=table.path, why=error.strerror)
        ) from error
    except UnicodeDecodeError as error:
        raise UnreadableInput(
            Message(
                "%(file)s, line %(line)s: this is not %(encoding)s",
                file=table.path.name,
                line=data[: error.start].count(b"\n") + 1,
                encoding=table.encoding.removesuffix("-sig").upper(),
            )
        ) from error


def _check_header(found: list[str], expected: list[str], path: Path) -> None:
    if found != expected:
        raise _row_error(
            path,
            1,
            Message(
                "the header is “%(found)s”, expected “%(expected)s”",
                found=",".join(found),
                expected=",".join(expected),
            ),
        )


def _cells(columns: list[Column], row: list[str], number: int, path: Path) -> Cells:
    cells: dict[str, str | None] = {}
    for column, text in zip(columns, row, strict=True):
        value = column.default if text == "" and column.default is not None else text
        cells[column.name] = None if value in column.nulls else value
        if column.required and not _parts(column, cells[column.name]):
            raise _cell_error(path, number, column.name, Message("a value is required"))
    return cells


def _parts(column: Column, value: str | None) -> list[str]:
    """The values of one cell (*Model for Tabular Data*, section 6.4)."""
    if value is None:
        return []
    if column.separator is None:
        return [value]
    parts = (part.strip() for part in value.split(column.separator))
    return [part for part in parts if part and part not in column.nulls]


def _check_key(
    table: Table, cells: Cells, number: int, seen: dict[tuple[str | None, ...], int]
) -> None:
    if not table.key:
        return
    value = tuple(cells[name] for name in table.key)
    if value in seen:
        raise _cell_error(
            table.path,
            number,
            ", ".join(table.key),
            Message(
                "the key “%(key)s” stands in row %(row)s already",
                key=", ".join(part or "" for part in value),
                row=seen[value],
            ),
        )
    seen[value] = number


def _cell_triples(column: Column, cells: Cells, number: int, path: Path) -> Iterator[ox.Triple]:
    value = column.default if column.virtual else cells[column.name]
    parts: list[str | None] = [*_parts(column, value)]
    if column.virtual and value is None and column.value_url is not None:
        parts = [None]  # it stands in every row
    try:
        for part in parts:
            here = cells if part is None else {**cells, column.name: part}
            subject, predicate = _fill(column.about, here), _fill(column.prop, here)
            term = _object(column, part, here)
            if subject is not None and predicate is not None and term is not None:
                yield ox.Triple(ox.NamedNode(subject), ox.NamedNode(predicate), term)
    except _Invalid as error:
        raise _cell_error(path, number, column.name, error.message) from None
    except ValueError as error:  # an IRI that is none
        raise _cell_error(path, number, column.name, Message("%(text)s", text=error)) from error
    except KeyError as error:
        raise _cell_error(
            path, number, column.name, Message("unknown prefix “%(prefix)s”", prefix=error.args[0])
        ) from error


def _object(column: Column, value: str | None, cells: Cells) -> ox.NamedNode | ox.Literal | None:
    if value is not None and column.pattern and not column.pattern.fullmatch(value):
        raise _Invalid(
            Message(
                "“%(value)s” does not match %(pattern)s",
                value=value,
                pattern=column.pattern.pattern,
            )
        )
    if column.value_url is not None:
        iri = _fill(column.value_url, cells)
        return None if iri is None else ox.NamedNode(iri)
    if value is None:
        return None
    if column.lang is not None:
        return ox.Literal(value, language=column.lang)
    if not _is_valid(column.base, value):
        raise _Invalid(
            Message("“%(value)s” is not a valid %(datatype)s", value=value, datatype=column.base)
        )
    return ox.Literal(value, datatype=column.datatype)


def _is_valid(base: str, value: str) -> bool:
    if base in _LEXICAL and not _LEXICAL[base].fullmatch(value):
        return False
    try:
        if base == "date":
            date.fromisoformat(value)
        elif base == "dateTime":
            datetime.fromisoformat(value)
    except ValueError:  # 30 February
        return False
    return True


def _fill(template: str, cells: Cells) -> str | None:
    """A URI template (RFC 6570, levels 1 and 2) filled in; None if a cell it names is null."""
    missing = False

    def replace(match: re.Match[str]) -> str:
        nonlocal missing
        value = cells.get(match[2])
        if value is None:
            missing = True
            return ""
        return quote(value, safe=":/?#[]@!$&'()*+,;=%-._~" if match[1] else "-._~")

    filled = TEMPLATE.sub(replace, template)
    return None if missing else expand(filled)


def _row_error(path: Path, row: int, why: Message) -> UnreadableInput:
    return UnreadableInput(
        Message("%(file)s, row %(row)s: %(why)s", file=path.name, row=row, why=why), row=row
    )


def _cell_error(path: Path, row: int, column: str, why: Message) -> UnreadableInput:
    return UnreadableInput(
        Message(
            "%(file)s, row %(row)s, column “%(column)s”: %(why)s",
            file=path.name,
            row=row,
            column=column,
            why=why,
        ),
        row=row,
        column=column,
    )
