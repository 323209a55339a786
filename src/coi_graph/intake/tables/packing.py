"""A workbook's file without what changes from one making to the next: the same content, the same
bytes."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import datetime

from openpyxl import Workbook

_EPOCH = (1980, 1, 1, 0, 0, 0)
#: What stands as the workbook's own date. No clock: a template depends on its release alone.
MADE = datetime(2026, 1, 1)
_MODIFIED = re.compile(rb"(<dcterms:modified[^>]*>)[^<]*(</dcterms:modified>)")


def to_bytes(book: Workbook) -> bytes:
    """The workbook as a file."""
    book.properties.created = MADE
    raw = io.BytesIO()
    book.save(raw)
    packed = io.BytesIO()
    with zipfile.ZipFile(raw) as given, zipfile.ZipFile(packed, "w") as made:
        for entry in given.infolist():
            content = given.read(entry)
            if entry.filename == "docProps/core.xml":  # openpyxl writes the time of saving
                moment = MADE.strftime("%Y-%m-%dT%H:%M:%SZ").encode()
                content = _MODIFIED.sub(rb"\g<1>" + moment + rb"\g<2>", content)
            info = zipfile.ZipInfo(entry.filename, _EPOCH)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o600 << 16
            made.writestr(info, content)
    return packed.getvalue()
