"""A workbook → the bytes of its file, without a file.

openpyxl writes each sheet into a temporary file first. A worker that handles a stranger's file
may write none (`coi_graph.query.sandbox`).
"""

from __future__ import annotations

import io
import zipfile
from typing import Any

from openpyxl import Workbook
from openpyxl.drawing.spreadsheet_drawing import SpreadsheetDrawing
from openpyxl.worksheet._writer import WorksheetWriter
from openpyxl.writer.excel import ExcelWriter


def saved(book: Workbook) -> bytes:
    """The workbook's file. Not for write-only workbooks."""
    raw = io.BytesIO()
    _InMemory(book, zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED)).save()
    return raw.getvalue()


class _InMemory(ExcelWriter):  # type: ignore[misc]
    """openpyxl's writer (3.1), with its sheets in memory."""

    def write_worksheet(self, ws: Any) -> None:
        ws._drawing = SpreadsheetDrawing()
        ws._drawing.charts = ws._charts
        ws._drawing.images = ws._images
        out = io.BytesIO()
        writer = WorksheetWriter(ws, out)
        writer.write()
        ws._rels = writer._rels
        self._archive.writestr(ws.path[1:], out.getvalue())
        self.manifest.append(ws)
