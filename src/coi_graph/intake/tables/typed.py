"""What was typed into a web form: tables of texts, kept as they were typed and read as the tables
of a spreadsheet are. The file is JSON:

    {"coi-graph-form": 1, "kind": "activity", "tables": [
      {"kind": "activity", "columns": ["identifier", "dct-title-da", …],
       "rows": [{"identifier": "mit-kursus", "dct-title-da": "…", "coi-usesMethod": ["…", "…"]}]},
      {"kind": "continuation", "columns": […], "rows": [{…}]}]}

The first table has one row, the record; each further one the parts of one kind, all of which belong
to it. A list is what stands in a repeated input.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...errors import UnreadableInput
from ...i18n import Message
from ...namespaces import shorten
from ..matching import clean
from ..names import Kind, Names, ValueKind
from ..places import Remark, Severity
from .columns import Column, Role, columns_of
from .grid import Cell, Grid

if TYPE_CHECKING:
    from .layout import Layout

FILE = "form.json"
_MARK = "coi-graph-form"
_MOST_ROWS = 200  # of a table: a form has few
_HEADER = 1

Text = str | list[str]
Row = Mapping[str, Text]  # key of the column → what was typed


@dataclass(frozen=True, slots=True)
class Table:
    kind: str
    columns: tuple[str, ...]  # keys, in the order of the form
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Typed:
    """A form as it was filled in. The first table is the record's."""

    tables: tuple[Table, ...]

    @property
    def kind(self) -> str:
        return self.tables[0].kind

    def to_bytes(self) -> bytes:
        """The same form, the same bytes."""
        document = {
            _MARK: 1,
            "kind": self.kind,
            "tables": [
                {"kind": one.kind, "columns": one.columns, "rows": one.rows} for one in self.tables
            ],
        }
        return json.dumps(document, ensure_ascii=False, indent=1).encode()

    @classmethod
    def from_bytes(cls, name: str, data: bytes) -> Typed:
        """Raises `UnreadableInput` where it is no such file."""
        try:
            document = json.loads(data)
            tables = tuple(_table(one) for one in document["tables"])
            if document[_MARK] != 1 or not tables or len(tables[0].rows) != 1:
                raise ValueError
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            raise _damaged(name) from None
        return cls(tables)


def key_of(column: Column) -> str:
    """How a column is called in the file, and its input in the page: ``dct-title-da``."""
    if column.field is None:
        return column.role.value
    name = re.sub(r"[^\w]+", "-", shorten(column.field.path)).strip("-")
    return f"{name}-{column.language}" if column.language else name


def keys_of(kind: Kind, names: Names) -> dict[str, Column]:
    """The columns of one kind's own table, by their keys. A part's has no identifier."""
    return {
        key_of(column): column
        for column in columns_of(kind, names, parts=False)
        if not (kind.is_part and column.role is Role.IDENTIFIER)
    }


def layouts(name: str, data: bytes, names: Names, remarks: list[Remark]) -> list[Layout]:
    """The tables of the file. Raises `UnreadableInput`."""
    typed = Typed.from_bytes(name, data)
    if typed.kind not in names.records or names.kind(typed.kind).is_part:
        raise _damaged(name)
    owner = names.kind(typed.kind)
    parts = {field.part for field in owner.fields}
    found = []
    for number, table in enumerate(typed.tables):
        if number and table.kind not in parts:
            raise _damaged(name)
        found.append(_layout(name, table, names, _reference(typed, names), remarks))
    return found


def _layout(file: str, table: Table, names: Names, reference: str, remarks: list[Remark]) -> Layout:
    kind = names.kind(table.kind)
    known = keys_of(kind, names)
    grid = Grid(file, table.kind)
    from .layout import Layout  # with openpyxl, which takes long

    layout = Layout(grid, kind, _HEADER)
    grid.rows[_HEADER] = {}
    for number, key in enumerate(table.columns, start=1):
        column = known.get(key)
        grid.rows[_HEADER][number] = Cell(column.header("da") if column else key)
        if column is not None:
            layout.columns[number] = column
        elif any(_text(row, key) for row in table.rows):
            remarks.append(
                grid.remark(
                    Severity.WARNING,
                    Message("the form has no field “%(name)s” any more; it was not read", name=key),
                    None,
                    _HEADER,
                    number,
                    key,
                )
            )  # fmt: skip
    own = len(table.columns) + 1  # where a part says whose it is
    if kind.is_part:
        layout.columns[own] = Column(Role.IDENTIFIER)
        grid.rows[_HEADER][own] = Cell(Column(Role.IDENTIFIER).header("da"))
    for line, row in enumerate(table.rows, start=_HEADER + 1):
        cells = {n: Cell(_text(row, key)) for n, key in enumerate(table.columns, start=1)}
        grid.rows[line] = {number: cell for number, cell in cells.items() if clean(cell.text)}
        if kind.is_part:
            grid.rows[line][own] = Cell(reference)
    return layout


def _reference(typed: Typed, names: Names) -> str:
    """What the parts call the record that they belong to: its identifier, else its title."""
    row = typed.tables[0].rows[0]
    title = [
        _text(row, key)
        for key, column in keys_of(names.kind(typed.kind), names).items()
        if column.field is not None and column.field.value is ValueKind.TEXT
    ]
    return next((text for text in (_text(row, "identifier"), *title) if clean(text)), "")


def _text(row: Row, key: str) -> str:
    value = row.get(key, "")
    return value if isinstance(value, str) else "\n".join(one for one in value if clean(one))


def _table(found: Mapping[str, object]) -> Table:
    columns, rows = found["columns"], found["rows"]
    if not isinstance(columns, list) or not isinstance(rows, list) or len(rows) > _MOST_ROWS:
        raise ValueError
    return Table(
        str(found["kind"]),
        tuple(str(one) for one in columns),
        tuple(dict(_texts(row)) for row in rows),
    )


def _texts(row: Mapping[str, object]) -> Iterator[tuple[str, Text]]:
    for key, value in row.items():
        if isinstance(value, list):
            yield str(key), [str(one) for one in value]
        else:
            yield str(key), str(value)


def _damaged(name: str) -> UnreadableInput:
    return UnreadableInput(
        Message("%(file)s is no form of this server", file=name),
        remedy=Message("Fill in the form at /contributions/form, or send a spreadsheet."),
        file=name,
    )
