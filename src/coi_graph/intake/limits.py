"""How much a contributed file may hold. What is above is refused with the limit's name and size."""

from __future__ import annotations

from dataclasses import dataclass

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The limits of one file. Sizes in bytes, unless they say otherwise."""

    file_bytes: int = 32 * MIB
    statements: int = 250_000
    text_chars: int = 100_000  # of one value
    depth: int = 100  # brackets or elements within each other
    # Tables: a workbook is a compressed archive.
    inflated_bytes: int = 256 * MIB
    rows: int = 50_000  # of one sheet, that hold something
    columns: int = 500
    sheets: int = 50
