"""What a check worker does with the files that it gets: check them, or mark a table.

An order is a file itself, the first one, with a name that no file can have: the workers need to
know of nothing but files.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from . import workbook
from .check import Told, check

if TYPE_CHECKING:
    from .basis import Basis

_MARK = "\x00mark"
File = tuple[str, bytes]


def marking(document: dict[str, Any], table: File, language: str) -> list[File]:
    """The files that order ``table`` to be marked with the findings of ``document``."""
    order = json.dumps({"document": document, "language": language}).encode()
    return [(_MARK, order), table]


def marked(answer: dict[str, Any]) -> bytes:
    """The workbook, out of what `perform` answered to `marking`."""
    return base64.b64decode(answer["workbook"])


def perform(files: Sequence[File], basis: Basis, told: Told) -> dict[str, Any]:
    """A check's document, or what `marked` takes."""
    if files[0][0] != _MARK:
        return check(files, basis, told)
    order = json.loads(files[0][1])
    told("marking", 0, 1)
    made = workbook.marked(order["document"], files[1], order["language"], basis.names)
    return {"workbook": base64.b64encode(made).decode("ascii")}
