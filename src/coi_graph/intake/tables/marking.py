"""A table goes back to its sender as a workbook, with the cells marked that are to be mended.

What the sender's workbook looked like stays: fills, widths, comments of her own. The marks are a
fill, a comment, and a first sheet that lists the findings; sent again, none of them is read, and
marked again, the old ones go.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter, quote_sheetname
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.worksheet import Worksheet

from ...i18n import LANGUAGES, Message
from ..limits import Limits
from ..names import Names
from ..places import Place, Severity
from . import separated, traces, workbook
from .archive import Archive
from .cells import FONT, put
from .grid import Grid
from .layout import FINDINGS, Recogniser
from .saving import saved
from .templates import TITLE

MOST = 5000  # findings that are listed
_MOST_COMMENTS = 2000
_WIDTHS = (6, 20, 26, 60, 60, 60)
_WRAP = Alignment(wrap_text=True, vertical="top")
_SEVERITIES = {
    Severity.VIOLATION: Message("Must be mended"),
    Severity.WARNING: Message("Should be considered"),
    Severity.INFO: Message("Good to know"),
}


@dataclass(frozen=True, slots=True)
class Mark:
    """A finding, in the language of the reader. ``sentence`` is the framework's own."""

    place: Place | None
    severity: Severity
    what: str
    remedy: str = ""
    sentence: str = ""


def mark(
    name: str, data: bytes, marks: Iterable[Mark], language: str, names: Names,
    limits: Limits | None = None,
) -> bytes:  # fmt: skip
    """The file ``name`` (XLSX or CSV, as it was sent) as a marked workbook.

    Raises `UnreadableInput` where reading the file would.
    """
    limits = limits or Limits()
    ordered = sorted(marks, key=_position)
    book = _opened(name, data, names, limits)
    kept = traces.remove(book, [m.in_language(code) for m in [FINDINGS] for code in LANGUAGES])
    sheet = book.create_sheet(FINDINGS.in_language(language), 0)
    fills = _mark_cells(book, sheet.title, ordered, language, kept)
    _list(book, sheet, ordered, language)
    traces.keep(sheet, fills)
    _show_first(book)
    return saved(book)


def _position(one: Mark) -> tuple[int, str, int, int]:
    place = one.place
    if place is None:
        return -one.severity, "", 0, 0
    return -one.severity, place.sheet or "", place.row or 0, place.column or 0


def _opened(name: str, data: bytes, names: Names, limits: Limits) -> Workbook:
    if not data.startswith(b"PK"):
        grid, _ = separated.read(name, data, Recogniser(names).score, limits)
        return _rebuilt([grid])
    Archive(name, data, limits)  # refuses what must not be opened
    try:
        with warnings.catch_warnings():  # of extensions that openpyxl leaves out
            warnings.simplefilter("ignore")
            return load_workbook(io.BytesIO(data), rich_text=True)
    except Exception:  # a part that openpyxl does not bear, and that reading does not need
        return _rebuilt(workbook.read(name, data, limits).grids)


def _rebuilt(grids: Sequence[Grid]) -> Workbook:
    """A workbook of the same cells, as text."""
    book = Workbook()
    first = book.active
    if first is not None:
        book.remove(first)
    for grid in grids:
        stem = grid.name or grid.file.rpartition(".")[0]
        sheet = book.create_sheet("".join(c for c in stem if c not in r"[]:*?/\'")[:TITLE] or "1")
        widths: dict[int, int] = {}
        for number, row in grid.rows.items():
            for column, cell in row.items():
                put(sheet, number, column, cell.text).number_format = "@"
                widths[column] = max(widths.get(column, 10), min(len(cell.text), 50))
        for column, width in widths.items():
            sheet.column_dimensions[get_column_letter(column)].width = width + 2
        for cell in sheet[1]:
            cell.font = Font(name=FONT, bold=True)
        sheet.freeze_panes = "B2"
    return book


def _mark_cells(
    book: Workbook, own: str, marks: Sequence[Mark], language: str, kept: traces.Fills
) -> traces.Fills:
    """Marks the cells; returns the fills that were there before."""
    by_cell: dict[tuple[str, int, int], list[Mark]] = {}
    for one in marks:
        sheet = _sheet_of(book, own, one.place)
        if sheet is not None and one.place is not None and one.place.row and one.place.column:
            row, column = _top_left(sheet, one.place.row, one.place.column)
            by_cell.setdefault((sheet.title, row, column), []).append(one)
    fills: traces.Fills = {}
    for number, (where, found) in enumerate(by_cell.items()):
        title, row, column = where
        cell: Any = book[title].cell(row, column)
        fills[where] = kept.get(where) or traces.described(cell.fill)
        cell.fill = PatternFill("solid", start_color=traces.COLOURS[found[0].severity])
        if number < _MOST_COMMENTS:
            earlier = cell.comment
            before = earlier.text.rstrip() + "\n\n" if earlier is not None else ""
            said = "\n".join(_in_comment(one) for one in found)
            text = f"{before}{traces.SIGN}\n{said}"[:8000]
            height = min(60 + 18 * (len(text) // 40 + text.count("\n")), 400)
            cell.comment = Comment(
                text,
                earlier.author if earlier is not None else "coi-graph",
                height=height,
                width=320,
            )
    return fills


def _in_comment(one: Mark) -> str:
    return f"• {one.what}" + (f"\n→ {one.remedy}" if one.remedy else "")


def _sheet_of(book: Workbook, own: str, place: Place | None) -> Worksheet | None:
    if place is None:
        return None
    if place.sheet is None:  # CSV: the only sheet
        return next((sheet for sheet in book.worksheets if sheet.title != own), None)
    return next((sheet for sheet in book.worksheets if sheet.title == place.sheet), None)


def _top_left(sheet: Worksheet, row: int, column: int) -> tuple[int, int]:
    """The cell that shows what is said of (row, column): of merged cells, the first."""
    for area in sheet.merged_cells.ranges:
        if area.min_row <= row <= area.max_row and area.min_col <= column <= area.max_col:
            return area.min_row, area.min_col
    return row, column


def _list(book: Workbook, sheet: Any, marks: Sequence[Mark], language: str) -> None:
    """The first sheet: a row for each finding, with a link to its cell."""

    def say(message: Message) -> str:
        return message.in_language(language)

    heads = (
        "", say(Message("How serious")), say(Message("Where")), say(Message("What")),
        say(Message("How to mend it")), say(Message("The framework says")),
    )  # fmt: skip
    blocking = sum(one.severity is Severity.VIOLATION for one in marks)
    if blocking:
        lead = Message("%(count)s findings must be mended before the file can be taken in.",
                       count=blocking)  # fmt: skip
    else:
        lead = Message("Nothing stands in the way. See whether some of this can be better.")
    put(sheet, 1, 1, say(lead)).font = Font(name=FONT, bold=True, size=14)
    advice = Message(
        "Mend the marked cells and send this same file again: this sheet and the marks are not "
        "read."
    )
    put(sheet, 2, 1, say(advice))
    for column, (head, width) in enumerate(zip(heads, _WIDTHS, strict=True), start=1):
        put(sheet, 4, column, head).font = Font(name=FONT, bold=True)
        sheet.column_dimensions[get_column_letter(column)].width = width
    for number, one in enumerate(marks[:MOST], start=1):
        row = number + 4
        sheet.cell(row, 1, number)
        fill = PatternFill("solid", start_color=traces.COLOURS[one.severity])
        put(sheet, row, 2, say(_SEVERITIES[one.severity])).fill = fill
        _link(book, sheet, row, one.place)
        for column, text in enumerate((one.what, one.remedy, one.sentence), start=4):
            put(sheet, row, column, text)
        for column in range(1, 7):
            sheet.cell(row, column).alignment = _WRAP
    if len(marks) > MOST:
        more = Message("%(count)s more remarks are not shown", count=len(marks) - MOST)
        put(sheet, MOST + 5, 4, say(more))
    sheet.freeze_panes = "A5"


def _link(book: Workbook, sheet: Any, row: int, place: Place | None) -> None:
    if place is None:
        return
    target = _sheet_of(book, sheet.title, place)
    where = place.cell or (str(place.row) if place.row else "")
    shown = f"{place.sheet}!{where}" if place.sheet and where else place.sheet or where
    cell = put(sheet, row, 3, shown or str(place))
    if target is not None and place.cell is not None:
        address = f"{quote_sheetname(target.title)}!{place.cell}"
        cell.hyperlink = Hyperlink(ref=cell.coordinate, location=address, display=shown)
        cell.font = Font(name=FONT, underline="single", color="FF0563C1")


def _show_first(book: Workbook) -> None:
    book.active = 0
    for number, sheet in enumerate(book.worksheets):
        sheet.sheet_view.tabSelected = number == 0
