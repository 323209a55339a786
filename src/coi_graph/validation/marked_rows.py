"""The rows of a table that have findings, for a small view of them in a report."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from ..intake.places import Sent
from ..intake.tables.layout import Layout
from ..intake.tables.places import TablePlaces
from .explanation import Finding

_MOST_ROWS = 50
_ALWAYS = 3  # columns at the left, which tell what the row is about
_MOST_COLUMNS = 12
_LONGEST = 120
_RANKS = {"violation": 3, "warning": 2, "info": 1}

Cell = tuple[int, int]  # row, column


def of(sent: Iterable[Sent], results: Sequence[Finding]) -> list[dict[str, Any]]:
    """One table for each sheet that has findings: its first columns, and those with findings."""
    found = []
    for one in sent:
        if isinstance(one.places, TablePlaces):
            for layout in one.places.layouts():
                marks = _marks(layout, results)
                if marks:
                    found.append(_table(layout, marks))
    return found


def _marks(layout: Layout, results: Sequence[Finding]) -> dict[Cell, Finding]:
    """The worst finding of each cell; hints alone mark no row."""
    marks: dict[Cell, Finding] = {}
    grid = layout.grid
    for one in results:
        place = one["place"]
        if (
            place
            and place["cell"]
            and (place["file"], place["sheet"]) == (grid.file, grid.name)
            and one["severity"] != "info"
        ):
            cell = (place["row"], place["column"])
            kept = marks.get(cell)
            if kept is None or _RANKS[one["severity"]] > _RANKS[kept["severity"]]:
                marks[cell] = one
    return marks


def _table(layout: Layout, marks: dict[Cell, Finding]) -> dict[str, Any]:
    grid = layout.grid
    rows = sorted({row for row, _ in marks})
    heads = grid.rows.get(layout.header, {})
    wanted = [*sorted(heads)[:_ALWAYS], *sorted({column for _, column in marks})]
    columns = sorted(dict.fromkeys(wanted[:_MOST_COLUMNS]))
    return {
        "file": grid.file,
        "sheet": grid.name,
        "columns": [_text(heads.get(column)) for column in columns],
        "rows": [
            {
                "row": row,
                "cells": [
                    {
                        "text": _text(grid.rows.get(row, {}).get(column)),
                        "cell": grid.place(row, column).cell,
                        "finding": mark["key"] if (mark := marks.get((row, column))) else None,
                        "severity": mark["severity"] if mark else None,
                    }
                    for column in columns
                ],
            }
            for row in rows[:_MOST_ROWS]
        ],
        "more": max(0, len(rows) - _MOST_ROWS),
    }


def _text(cell: Any) -> str:
    return "" if cell is None else str(cell.text)[:_LONGEST]
