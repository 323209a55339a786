"""What marking leaves in a workbook, and how it is taken away again.

The fills that the cells had are kept on the sheet with the findings, in two hidden columns: what a
sender coloured herself comes back when the mark goes.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import PatternFill
from openpyxl.styles.colors import Color

from ..places import Severity
from .cells import put

#: Colours that nobody else uses to the last bit: by them a mark is known.
COLOURS = {
    Severity.VIOLATION: "FFFFC6CD",
    Severity.WARNING: "FFFFEA9D",
    Severity.INFO: "FFDCEAF6",
}
#: Before what a comment of ours says.
SIGN = "— coi-graph —"
_WHERE, _FILL = 14, 15  # the hidden columns: N, O
_FIRST = 5
_MOST = 100_000

#: (sheet, row, column) → a description of the fill, "" for none
Fills = dict[tuple[str, int, int], str]


def described(fill: Any) -> str:
    """A fill in words; "" for none, and for what is more than one colour."""
    if getattr(fill, "patternType", None) != "solid":
        return ""
    colour = fill.start_color
    if colour.type == "rgb" and colour.rgb in COLOURS.values():
        return ""
    return json.dumps([colour.type, colour.value, colour.tint or 0])


def keep(sheet: Any, fills: Fills) -> None:
    """Writes the fills down where `remove` finds them."""
    used = [(where, fill) for where, fill in fills.items() if fill]
    for row, (where, fill) in enumerate(used[:_MOST], start=_FIRST):
        put(sheet, row, _WHERE, json.dumps(where, ensure_ascii=False))
        put(sheet, row, _FILL, fill)
    for letter in ("N", "O"):
        sheet.column_dimensions[letter].hidden = True


def remove(book: Workbook, titles: Iterable[str]) -> Fills:
    """Takes away the marks of an earlier time; returns the fills that were there before them."""
    kept: Fills = {}
    old = [sheet for sheet in book.worksheets if sheet.title in set(titles)]
    for sheet in old:
        kept.update(_kept(sheet))
        if len(book.worksheets) > 1:
            book.remove(sheet)
    if old:
        for sheet in book.worksheets:
            for row in sheet.iter_rows():
                for cell in row:
                    _clean(cell, kept.get((sheet.title, cell.row, cell.column), ""))
    return kept


def _kept(sheet: Any) -> Fills:
    found: Fills = {}
    for row in range(_FIRST, min(sheet.max_row, _MOST) + 1):
        try:
            title, line, column = json.loads(str(sheet.cell(row, _WHERE).value))
            found[str(title), int(line), int(column)] = str(sheet.cell(row, _FILL).value)
        except (ValueError, TypeError):
            break
    return found


def _clean(cell: Any, before: str) -> None:
    if cell.comment is not None and SIGN in cell.comment.text:
        own = cell.comment.text.partition(SIGN)[0].rstrip()
        cell.comment = Comment(own, cell.comment.author) if own else None
    colour = getattr(cell.fill, "start_color", None)
    if colour is not None and colour.type == "rgb" and colour.rgb in COLOURS.values():
        cell.fill = _fill(before)


def _fill(before: str) -> PatternFill:
    try:
        kind, value, tint = json.loads(before)
        return PatternFill("solid", start_color=Color(**{kind: value}, tint=tint))
    except (ValueError, TypeError):
        return PatternFill()
