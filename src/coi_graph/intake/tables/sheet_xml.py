"""The XML of a workbook (ECMA-376, part 1, chapter 18) → cells, in one pass.

openpyxl gives either formulas or the values that were computed, and of a sheet read as a stream
neither what is hidden nor what is merged: three passes for what one can tell. See
docs/decisions/0025.
"""

from __future__ import annotations

import contextlib
import math
import re
from collections.abc import Callable
from datetime import date, datetime, time
from xml.parsers import expat

from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format, is_timedelta_format
from openpyxl.utils.cell import column_index_from_string, range_boundaries
from openpyxl.utils.datetime import CALENDAR_MAC_1904, CALENDAR_WINDOWS_1900, from_excel
from openpyxl.utils.escape import unescape

from .grid import Cell, Grid, Value

_PERCENT = re.compile(r"%")
_CLOCK = re.compile(r"[hs]", re.IGNORECASE)
_QUOTED = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]')
Attributes = dict[str, str]


class BadXml(ValueError):
    """XML that is not well formed."""


def walk(
    data: bytes,
    start: Callable[[str, Attributes], None],
    end: Callable[[str], None] = lambda name: None,
    text: Callable[[str], None] | None = None,
) -> None:
    """Calls back for each element, by its local name, and for text. Raises `BadXml`.

    Attributes with a prefix go by their local name, too: ``r:id`` is ``id``.
    """
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    known: dict[str, str] = {}

    def local(name: str) -> str:
        found = known.get(name)
        if found is None:
            found = known[name] = name.rpartition(" ")[2]
        return found

    def begin(name: str, attributes: Attributes) -> None:
        if name.endswith("sheet"):  # the only element whose attributes have prefixes
            attributes = {local(key): value for key, value in attributes.items()}
        start(local(name), attributes)

    def refuse(*_: object) -> None:
        raise BadXml("DOCTYPE")

    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = begin
    parser.EndElementHandler = lambda name: end(local(name))
    if text is not None:
        parser.CharacterDataHandler = text
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        raise BadXml(str(error)) from error


def strings(data: bytes) -> list[str]:
    """The shared strings; of rich text all runs, of Japanese no reading aid."""
    found: list[str] = []
    parts: list[str] = []
    within = {"t": False, "rPh": False}

    def start(name: str, _: Attributes) -> None:
        if name == "si":
            parts.clear()
        elif name in within:
            within[name] = True

    def end(name: str) -> None:
        if name == "si":
            found.append(unescape("".join(parts)))
        elif name in within:
            within[name] = False

    def text(said: str) -> None:
        if within["t"] and not within["rPh"]:
            parts.append(said)

    walk(data, start, end, text)
    return found


class Formats:
    """What the number formats of a workbook's cells make of a number."""

    def __init__(self, data: bytes | None) -> None:
        self._codes: list[str] = []
        own: dict[int, str] = {}
        in_cells = False

        def start(name: str, attributes: Attributes) -> None:
            nonlocal in_cells
            if name == "numFmt":
                with contextlib.suppress(ValueError):
                    own[int(attributes.get("numFmtId", ""))] = attributes.get("formatCode", "")
            elif name == "cellXfs":
                in_cells = True
            elif name == "xf" and in_cells:
                with contextlib.suppress(ValueError):
                    number = int(attributes.get("numFmtId", "0"))
                    self._codes.append(own.get(number, BUILTIN_FORMATS.get(number, "General")))

        def end(name: str) -> None:
            nonlocal in_cells
            in_cells = in_cells and name != "cellXfs"

        if data is not None:
            walk(data, start, end)
        self._known: dict[str, tuple[bool, bool, bool, bool]] = {}

    def of(self, style: str) -> tuple[bool, bool, bool, bool]:
        """(a date, with a time of day, a duration, per cent)"""
        if style not in self._known:
            try:
                code = self._codes[int(style)]
            except (ValueError, IndexError):
                code = "General"
            bare = _QUOTED.sub("", code)
            self._known[style] = (
                is_date_format(code),
                bool(_CLOCK.search(bare)),
                is_timedelta_format(code),
                bool(_PERCENT.search(bare)),
            )
        return self._known[style]


class SheetReader:
    """Reads one sheet's XML into a `Grid`."""

    def __init__(
        self, grid: Grid, shared: list[str], formats: Formats, *, from_1904: bool,
        enough: Callable[[Grid], None],
    ) -> None:  # fmt: skip
        self.grid = grid
        self._shared, self._formats = shared, formats
        self._epoch = CALENDAR_MAC_1904 if from_1904 else CALENDAR_WINDOWS_1900
        self._enough = enough
        self._row, self._column = 0, 0
        self._cells: dict[int, Cell] = {}
        self._kind, self._style, self._formula = "n", "0", False
        self._reading: str | None = None
        self._said: list[str] = []
        self._letters: dict[str, int] = {}
        self._inline: list[str] = []
        self.without_value: list[tuple[int, int]] = []  # formulas that nobody computed

    def read(self, data: bytes) -> None:
        walk(data, self._start, self._end, self._text)

    def _start(self, name: str, attributes: Attributes) -> None:
        if name == "c":
            self._begin_cell(attributes)
        elif name == "row":
            self._row = int(attributes.get("r", self._row + 1))
            self._column, self._cells = 0, {}
            if _true(attributes.get("hidden")):
                self.grid.hidden_rows.add(self._row)
        elif name in ("v", "t", "f"):
            self._reading, self._said = name, []
            self._formula = self._formula or name == "f"
        elif name == "rPh":
            self._reading = None
        elif name == "col" and _true(attributes.get("hidden")):
            first, last = int(attributes.get("min", 0)), int(attributes.get("max", 0))
            self.grid.hidden_columns.update(range(first, min(last, first + 1000) + 1))
        elif name == "mergeCell":
            left, top, right, bottom = range_boundaries(attributes["ref"])  # of "A:B", no rows
            self.grid.merged.append((top or 1, left or 1, bottom or 1 << 20, right or 1 << 14))

    def _begin_cell(self, attributes: Attributes) -> None:
        self._column += 1
        if "r" in attributes:
            letters = attributes["r"].rstrip("0123456789")
            if letters not in self._letters:
                self._letters[letters] = column_index_from_string(letters)
            self._column = self._letters[letters]
        self._kind = attributes.get("t", "n")
        self._style = attributes.get("s", "0")
        self._formula = False
        self._said, self._inline, self._value = [], [], None

    def _text(self, said: str) -> None:
        if self._reading is not None:
            self._said.append(said)

    def _end(self, name: str) -> None:
        if name == "v":
            self._value = "".join(self._said)
            self._reading = None
        elif name == "t":
            self._inline.append("".join(self._said))
            self._reading = None
        elif name == "f":
            self._reading = None
        elif name == "c":
            self._end_cell()
        elif name == "row" and self._cells:
            self.grid.rows[self._row] = self._cells
            self._enough(self.grid)

    _value: str | None = None

    def _end_cell(self) -> None:
        said = unescape("".join(self._inline)) if self._kind == "inlineStr" else self._value
        if said is None or said == "":
            if self._formula:
                self.without_value.append((self._row, self._column))
            return
        date_, clock, duration, percent = self._formats.of(self._style)
        value: Value = said
        if self._kind == "s":
            value = self._shared[int(said)] if int(said) < len(self._shared) else ""
        elif self._kind == "str":
            value = unescape(said)
        elif self._kind == "b":
            value = said == "1"
        elif self._kind == "d":
            with contextlib.suppress(ValueError):
                value = datetime.fromisoformat(said)
        elif self._kind == "n":
            value = _number(said)
            if (date_ or duration) and isinstance(value, int | float):
                value = self._moment(value, clock=clock, duration=duration)
        if value != "" and not (isinstance(value, str) and not value.strip()):
            self._cells[self._column] = Cell(
                value, percent and self._kind == "n", self._formula, self._kind == "e"
            )

    def _moment(self, value: int | float, *, clock: bool, duration: bool) -> Value:
        try:
            at = from_excel(value, self._epoch, duration)
        except (ValueError, OverflowError):
            return value
        if isinstance(at, datetime):
            at = at.replace(microsecond=0)
            return at if clock or at.time() != time() else at.date()
        return at if isinstance(at, date | time) else value


def _number(said: str) -> Value:
    try:
        return int(said)
    except ValueError:
        try:
            number = float(said)
        except ValueError:
            return said
        return number if math.isfinite(number) else said


def _true(said: str | None) -> bool:
    return said in ("1", "true")


def relations(data: bytes | None) -> dict[str, tuple[str, str]]:
    """Id → (type, target) of a part's relationships."""
    found: dict[str, tuple[str, str]] = {}

    def start(name: str, attributes: Attributes) -> None:
        if name == "Relationship" and attributes.get("TargetMode") != "External":
            kind = attributes.get("Type", "").rpartition("/")[2]
            found[attributes.get("Id", "")] = (kind, attributes.get("Target", ""))

    if data is not None:
        walk(data, start)
    return found


def sheets(data: bytes) -> tuple[list[tuple[str, str, bool]], bool]:
    """((name, relationship's id, hidden) of each sheet, whether dates count from 1904)"""
    found: list[tuple[str, str, bool]] = []
    from_1904 = False

    def start(name: str, attributes: Attributes) -> None:
        nonlocal from_1904
        if name == "sheet":
            hidden = attributes.get("state", "visible") != "visible"
            found.append((attributes.get("name", ""), attributes.get("id", ""), hidden))
        elif name == "workbookPr":
            from_1904 = _true(attributes.get("date1904"))

    walk(data, start)
    return found, from_1904
