"""An XLSX file → its sheets as `Grid`s, with what is to be said of formulas and of what is
hidden."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass, field

from ...errors import UnreadableInput
from ...i18n import Message
from ..limits import Limits
from ..places import Remark, Severity
from . import sheet_xml
from .archive import Archive
from .grid import MOST_CELLS, Grid
from .separated import too_many_columns, too_many_rows

_SHEET = "worksheet"


@dataclass
class Book:
    """What a workbook holds."""

    grids: list[Grid] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)


def read(file: str, data: bytes, limits: Limits) -> Book:
    """All sheets of the workbook. Raises `UnreadableInput`."""
    archive = Archive(file, data, limits)
    try:
        return _read(archive, limits)
    except (sheet_xml.BadXml, ValueError, KeyError, IndexError, TypeError) as error:
        raise UnreadableInput(
            Message("%(file)s is damaged (%(why)s)", file=file, why=error),
            remedy=Message("Open it in the spreadsheet program, save it anew, and send that."),
        ) from error


def _read(archive: Archive, limits: Limits) -> Book:
    book = Book()
    main = _main_part(archive)
    content = archive.read(main)
    if content is None:
        raise ValueError(main)
    folder = posixpath.dirname(main)
    rels = sheet_xml.relations(
        archive.read(posixpath.join(folder, "_rels", posixpath.basename(main) + ".rels"))
    )
    targets = {kind: _target(folder, target) for kind, target in rels.values()}
    shared = archive.read(targets.get("sharedStrings", ""))
    texts = sheet_xml.strings(shared) if shared is not None else []
    formats = sheet_xml.Formats(archive.read(targets.get("styles", "")))
    sheets, from_1904 = sheet_xml.sheets(content)
    if len(sheets) > limits.sheets:
        raise UnreadableInput(
            Message(
                "%(file)s has more than %(most)s sheets", file=archive.file, most=limits.sheets
            ),
            remedy=Message("Divide it into several files, and send each."),
        )
    counted = 0

    def enough(grid: Grid) -> None:
        nonlocal counted
        row = next(reversed(grid.rows.values()))
        counted += len(row)
        if len(grid.rows) > limits.rows or counted > MOST_CELLS:
            raise too_many_rows(grid, limits.rows)
        if max(row) > limits.columns:
            raise too_many_columns(grid, limits.columns)

    for name, relation, hidden in sheets:
        kind, target = rels.get(relation, ("", ""))
        part = archive.read(_target(folder, target)) if kind == _SHEET else None
        if part is None:
            continue  # a chart
        grid = Grid(archive.file, name, hidden=hidden)
        reader = sheet_xml.SheetReader(grid, texts, formats, from_1904=from_1904, enough=enough)
        reader.read(part)
        book.grids.append(grid)
        book.remarks.extend(_not_computed(grid, reader.without_value))
    if any(name.startswith("xl/externalLinks/") for name in archive.names):
        book.remarks.append(_external(archive.file))
    return book


def _main_part(archive: Archive) -> str:
    for kind, target in sheet_xml.relations(archive.read("_rels/.rels")).values():
        if kind == "officeDocument":
            return _target("", target)
    return "xl/workbook.xml"


def _target(folder: str, target: str) -> str:
    """A part's name, from the address that another part has for it."""
    if target.startswith("/"):
        return target.lstrip("/")
    return posixpath.normpath(posixpath.join(folder, target)) if target else ""


def _not_computed(grid: Grid, cells: list[tuple[int, int]]) -> list[Remark]:
    return [
        grid.remark(
            Severity.WARNING,
            Message("there is a formula without a value here; nothing was read"),
            Message("Copy the cell and paste it as a value, or write the value."),
            row,
            column,
        )
        for row, column in cells[:100]
    ]


def _external(file: str) -> Remark:
    return Grid(file, None).remark(
        Severity.INFO,
        Message("the workbook refers to other files; they are not opened"),
        Message("See that the values in the cells are right."),
    )
