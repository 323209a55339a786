"""Templates: an empty table for each kind of record, generated from `Names`.

The same release gives the same bytes.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import Any

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter, quote_sheetname
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation

from ...namespaces import DEF, ORG
from ..names import Field, Kind, Names, ValueKind, slug, text
from . import examples, instructions
from .cells import FONT, put
from .columns import MARK, Column, Role, columns_of
from .instructions import EXAMPLE, INSTRUCTIONS, LISTS, NOT_READ
from .packing import to_bytes

#: Rows that have drop-downs.
ROWS = 2000
_MOST_CHOICES = 2000  # in a drop-down; the list sheet shows no more either
TITLE = 31  # characters of a sheet's name
_REQUIRED = PatternFill("solid", start_color="FF1B5E8C")
_OPTIONAL = PatternFill("solid", start_color="FF6C8CA3")
_GREY = PatternFill("solid", start_color="FFEEEEEE")
_WHITE = Font(name=FONT, bold=True, color="FFFFFFFF")
_WRAP = Alignment(wrap_text=True, vertical="top")
_PARTY_CLASSES = (DEF + "Workplace", ORG + "OrganizationalUnit", ORG + "FormalOrganization")
_PARTIES = ("workplace", "organisation")


def build(kind: str, language: str, form: str, names: Names) -> bytes:
    """The template for ``kind`` as ``form`` (``xlsx`` or ``csv``). Raises `KeyError` for a kind
    or a form that there is not."""
    of = names.kind(kind)
    return {"xlsx": _xlsx, "csv": _csv}[form](of, language, names)


def file_name(kind: Kind, language: str, form: str) -> str:
    """``coi-graph-aktivitet.xlsx``: reading takes a hint from it."""
    return f"coi-graph-{slug(text(kind.labels, language))}.{form}"


def sheet_title(kind: Kind, language: str) -> str:
    """Its name, without what no spreadsheet program takes in a sheet's name."""
    name = "".join(c for c in text(kind.labels, language) if c not in r"[]:*?/\'") or kind.key
    return (name[0].upper() + name[1:])[:TITLE]


def _csv(kind: Kind, language: str, names: Names) -> bytes:
    columns = columns_of(kind, names, parts=True)
    out = io.StringIO()
    # Danish spreadsheet programs expect the semicolon, since the comma is in the numbers.
    writer = csv.writer(out, delimiter=";" if language == "da" else ",", lineterminator="\r\n")
    writer.writerow([_header(column, language) for column in columns])
    explained = [instructions.of_column(column, kind, language) for column in columns]
    writer.writerow([f"{NOT_READ} {explained[0]}", *explained[1:]])
    for row in examples.rows(kind, columns, language, names):
        writer.writerow(row)
    return b"\xef\xbb\xbf" + out.getvalue().encode()  # the mark tells Excel that it is UTF-8


def _header(column: Column, language: str) -> str:
    return column.header(language) + (MARK if column.is_required(language) else "")


@dataclass
class _Lists:
    """The sheet with the lists, and the name under which each can be used by a drop-down."""

    book: Workbook
    sheet: Any
    language: str
    names: Names
    used: dict[tuple[str, ...], str]

    def name_for(self, field: Field) -> str | None:
        if field.lists not in self.used:
            self._write(field.lists, text(field.labels, self.language))
        return self.used[field.lists] or None

    def _write(self, lists: tuple[str, ...], heading: str) -> None:
        labels: dict[str, None] = {}
        for key in lists:
            for choice in self.names.lists[key].choices:
                label = choice.label(self.language)
                if len(self.names.index(lists).find(label)) > 1:
                    label = choice.iri  # two things of that name
                labels[label] = None
        self.put_list(lists, heading, list(labels)[:_MOST_CHOICES])

    def put_list(self, lists: tuple[str, ...], heading: str, labels: list[str]) -> None:
        if not labels:
            self.used[lists] = ""
            return
        number = len([one for one in self.used.values() if one]) + 1
        letter = get_column_letter(number)
        put(self.sheet, 1, number, f"{NOT_READ} {heading}").font = Font(name=FONT, bold=True)
        for row, label in enumerate(labels, start=2):
            put(self.sheet, row, number, label)
        self.sheet.column_dimensions[letter].width = 36
        name = f"list_{number}"
        # A name, not an address: Excel keeps such drop-downs in a form that every program reads.
        where = f"{quote_sheetname(self.sheet.title)}!${letter}$2:${letter}${len(labels) + 1}"
        self.book.defined_names[name] = DefinedName(name, attr_text=where)
        self.used[lists] = name


def _xlsx(kind: Kind, language: str, names: Names) -> bytes:
    book = Workbook()
    book.properties.creator = "coi-graph"
    first = book.active
    assert first is not None
    first.title = INSTRUCTIONS.in_language(language)
    parts = [
        (field, names.kind(field.part))
        for field in kind.fields
        if field.value is ValueKind.PART and field.part is not None
    ]
    further = _parties(kind, [part for _, part in parts], names)
    title = instructions.first_sheet(kind, parts, further, language)
    book.properties.title = title[0][0]
    _instructions(first, title)
    sheets = [kind, *(part for _, part in parts)]
    lists_title = LISTS.in_language(language)
    lists = _Lists(book, book.create_sheet(lists_title), language, names, {})
    for one in [*sheets, *further]:
        _sheet(book, sheet_title(one, language), one, lists, [])
    for one in sheets:
        shown = examples.rows(one, columns_of(one, names, parts=False), language, names)
        message = EXAMPLE.msgid
        heading = type(EXAMPLE)(message, sheet=text(one.labels, language)).in_language(language)
        _sheet(book, heading[:TITLE], one, lists, shown)
    book.move_sheet(lists_title, offset=len(book.sheetnames))
    book.active = 1
    for sheet in book.worksheets:  # one selected tab, or typing goes into both
        sheet.sheet_view.tabSelected = sheet.title == book.worksheets[1].title
    return to_bytes(book)


def _parties(kind: Kind, parts: list[Kind], names: Names) -> list[Kind]:
    """The kinds of party that the template must let people describe."""
    lists = " ".join(key for one in [kind, *parts] for field in one.fields for key in field.lists)
    if kind.key in _PARTIES or not any(iri in lists for iri in _PARTY_CLASSES):
        return []
    return [names.kind(key) for key in _PARTIES if key in names.records]


def _instructions(sheet: Any, rows: list[tuple[str, str]]) -> None:
    sheet.column_dimensions["A"].width = 30
    sheet.column_dimensions["B"].width = 90
    for number, (heading, paragraph) in enumerate(rows, start=1):
        put(sheet, number, 1, heading).font = Font(
            name=FONT, bold=True, size=16 if number == 1 else 11
        )
        put(sheet, number, 2, paragraph).alignment = _WRAP
        sheet.cell(number, 1).alignment = _WRAP
    sheet.sheet_view.showGridLines = False


def _sheet(book: Workbook, title: str, kind: Kind, lists: _Lists, shown: list[list[str]]) -> None:
    """A sheet for records of ``kind``; with examples it is one to look at, not to fill in."""
    sheet: Any = book.create_sheet(title)
    language = lists.language
    columns = columns_of(kind, lists.names, parts=False)
    for number, column in enumerate(columns, start=1):
        letter = get_column_letter(number)
        required = column.is_required(language)
        head = put(sheet, 1, number, _header(column, language))
        head.font, head.alignment = _WHITE, _WRAP
        head.fill = _REQUIRED if required else _OPTIONAL
        lead = f"{NOT_READ} " if number == 1 else ""
        explanation = lead + instructions.of_column(column, kind, language)
        below = put(sheet, 2, number, explanation)
        below.fill, below.alignment, below.font = _GREY, _WRAP, Font(name=FONT, italic=True, size=9)
        head.comment = Comment(explanation, "coi-graph", height=160, width=320)
        sheet.column_dimensions[letter].width = _width(column)
        if not shown:
            sheet.column_dimensions[letter].number_format = _format(column)
            _add_drop_down(sheet, letter, column, kind, lists)
    sheet.row_dimensions[2].height = 120
    sheet.freeze_panes = "B3"
    for row, cells in enumerate(shown, start=3):
        for number, cell in enumerate(cells, start=1):
            put(sheet, row, number, cell).alignment = _WRAP


def _width(column: Column) -> int:
    if column.language is not None:
        return 40
    return 26 if column.role is not Role.IDENTIFIER else 24


def _format(column: Column) -> str:
    """Text, so that no program makes a date or a number of what is typed; dates as in Danish."""
    value = column.field.value if column.field else ValueKind.STRING
    return {
        ValueKind.DATE: "dd-mm-yyyy",
        ValueKind.DATETIME: "dd-mm-yyyy hh:mm",
        ValueKind.INTEGER: "General",
        ValueKind.DECIMAL: "General",
        ValueKind.YEAR: "General",
    }.get(value, "@")


def _add_drop_down(sheet: Any, letter: str, column: Column, kind: Kind, lists: _Lists) -> None:
    field = column.field
    if column.role is Role.TYPE:
        key = ("types", kind.key)
        if key not in lists.used:
            heading = column.header(lists.language)
            lists.put_list(key, heading, [one.label(lists.language) for one in kind.types])
        name: str | None = lists.used[key]
        closed = True
    elif field is not None and field.lists:
        name = lists.name_for(field)
        closed = not field.many and field.lists[0].startswith(("scheme:", "in:"))
    else:
        return
    if not name:
        return
    rule = DataValidation("list", formula1=name, allow_blank=True, showErrorMessage=closed)
    rule.add(f"{letter}3:{letter}{ROWS}")
    sheet.add_data_validation(rule)
