"""A table as it was read: cells with their places, before anybody asks what they mean."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time

from ...i18n import Message
from ..places import Place, Remark, Severity

#: What all tables of one file may hold; rows and columns have their own limits.
MOST_CELLS = 1_000_000

Value = str | int | float | bool | date | datetime | time


@dataclass(frozen=True, slots=True)
class Cell:
    """What stands in a cell."""

    value: Value
    percent: bool = False  # shown as per cent: 0.5 is seen as 50 %
    formula: bool = False  # the value is what the program that saved the file computed
    error: bool = False  # "#N/A" and the like

    @property
    def text(self) -> str:
        """As text, the way a person would type it."""
        value = self.value
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, float):
            return str(int(value)) if value.is_integer() and abs(value) < 1e15 else f"{value:.15g}"
        if isinstance(value, datetime):
            return f"{value:%Y-%m-%d %H:%M:%S}"
        return str(value)


Area = tuple[int, int, int, int]  # first row, first column, last row, last column


@dataclass
class Grid:
    """One sheet, or one CSV file (``name`` None). Rows and columns count from 1."""

    file: str
    name: str | None
    rows: dict[int, dict[int, Cell]] = field(default_factory=dict)
    hidden: bool = False
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    merged: list[Area] = field(default_factory=list)

    def place(self, row: int | None = None, column: int | None = None) -> Place:
        return Place(self.file, sheet=self.name, row=row, column=column)

    def remark(
        self,
        severity: Severity,
        message: Message,
        remedy: Message | None,
        row: int | None = None,
        column: int | None = None,
        found: str | None = None,
    ) -> Remark:
        return Remark(severity, message, remedy, self.place(row, column), found)
