"""Writing a text into a cell so that it stays a text."""

from __future__ import annotations

from typing import Any

from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.worksheet.worksheet import Worksheet

FONT = "Calibri"  # what spreadsheet programs begin with; a font without a name is shown as any
LONGEST = 32_767  # characters that Excel takes in a cell
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


def put(sheet: Worksheet, row: int, column: int, text: str) -> Any:
    """The cell, holding ``text`` and nothing else: what begins like a formula is marked as text
    (`quotePrefix`), what XML or Excel cannot hold is replaced."""
    held = ILLEGAL_CHARACTERS_RE.sub("\N{REPLACEMENT CHARACTER}", text)[:LONGEST]
    cell = sheet.cell(row, column)
    cell.value = held
    cell.data_type = "s"  # not the formula or the error that openpyxl takes "=…" and "#N/A" for
    if held.startswith(_FORMULA_STARTS):
        cell.quotePrefix = True
    return cell
