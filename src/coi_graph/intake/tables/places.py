"""Where each statement of a table comes from, without keeping a place for every one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import pyoxigraph as ox

from ..places import Place, Term
from .columns import Column, Role
from .layout import Layout

Key = tuple[str, str | None]  # path, language


@dataclass(frozen=True, slots=True)
class _Where:
    layout: Layout
    row: int
    columns: dict[Key, int]


@dataclass
class TablePlaces:
    """`coi_graph.intake.places.Places` of a table."""

    file: str
    _records: dict[str, _Where] = field(default_factory=dict)
    _parts: dict[tuple[str, str], str] = field(default_factory=dict)
    _maps: dict[tuple[int, str], dict[Key, int]] = field(default_factory=dict)

    def add(self, subject: str, layout: Layout, row: int, part: str | None = None) -> None:
        """``subject`` stands in ``row``; ``part`` is the path of the field whose part it is, where
        it has no row of its own."""
        key = (id(layout), part or "")
        if key not in self._maps:
            self._maps[key] = _columns(layout.columns, part)
        self._records.setdefault(subject, _Where(layout, row, self._maps[key]))

    def layouts(self) -> list[Layout]:
        """The tables that the records stand in."""
        return list({id(where.layout): where.layout for where in self._records.values()}.values())

    def add_part(self, subject: str, path: str, part: str) -> None:
        self._parts.setdefault((subject, path), part)

    def of(
        self, subject: Term, predicate: Term | None = None, value: Term | None = None
    ) -> Place | None:
        name = getattr(subject, "value", "")
        where = self._records.get(name)
        if where is None:
            return None
        if predicate is None:
            return self._cell(where, None)
        path = getattr(predicate, "value", "")
        if isinstance(value, ox.NamedNode) and value.value in self._records:
            if value.value.startswith(name + "/"):  # a part, on its own sheet
                return self.of(value)
        elif (name, path) in self._parts:
            return self.of(ox.NamedNode(self._parts[name, path]))
        language = value.language if isinstance(value, ox.Literal) else None
        column = where.columns.get((path, language), where.columns.get((path, None)))
        return self._cell(where, column)

    def _cell(self, where: _Where, column: int | None) -> Place:
        """Where there is no such column, the cell that names the record."""
        if column is None:
            column = where.columns.get(("", None), 1)
        return where.layout.grid.place(where.row, column)


def _columns(columns: dict[int, Column], part: str | None) -> dict[Key, int]:
    """(path, language) → column; without a language, the first of the field's columns."""
    found: dict[Key, int] = {}
    for number, column in columns.items():
        if column.role is Role.IDENTIFIER:
            found[("", None)] = number
        owner = column.part.path if column.part is not None else None
        if column.field is not None and owner == part:
            found[(column.field.path, column.language)] = number
            found.setdefault((column.field.path, None), number)
    return found


def part_fields(columns: Sequence[Column]) -> list[str]:
    """The paths of the fields whose parts stand in columns of the record's own row."""
    paths = [c.part.path for c in columns if c.part is not None]
    return [path for path in dict.fromkeys(paths) if path]
