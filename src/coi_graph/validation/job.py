"""What a check worker does with the files that it gets: check them, take them in as a contribution,
or mark a table.

An order is a file itself, the first one, with a name that no file can have: the workers need to
know of nothing but files.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

from . import workbook
from .check import Told, check
from .document import Document

if TYPE_CHECKING:
    from .basis import Basis

_MARK = "\x00mark"
_SEND = "\x00send"
File = tuple[str, bytes]


def marking(document: dict[str, Any], table: File, language: str) -> list[File]:
    """The files that order ``table`` to be marked with the findings of ``document``."""
    order = json.dumps({"document": document, "language": language}).encode()
    return [(_MARK, order), table]


def marked(answer: dict[str, Any]) -> bytes:
    """The workbook, out of what `perform` answered to `marking`."""
    return base64.b64decode(answer["workbook"])


def sending(files: Sequence[File], replaces: str | None) -> list[File]:
    """The files that order ``files`` to be checked and their statements handed back: as the new
    content of the named graph ``replaces``, or beside what there is. No files: its end."""
    return [(_SEND, json.dumps({"replaces": replaces}).encode()), *files]


def sent(answer: dict[str, Any]) -> tuple[Document, str]:
    """The report and the statements, as N-Triples, out of what `perform` answered to `sending`."""
    return answer["document"], answer["statements"]


def perform(files: Sequence[File], basis: Basis, told: Told) -> dict[str, Any]:
    """A check's document, or what `sent` or `marked` takes."""
    if files[0][0] == _SEND:
        replaces = json.loads(files[0][1])["replaces"]
        quads: list[ox.Quad] = []
        document = check(files[1:], basis, told, replaces=replaces, take=quads.extend)
        lines = sorted({f"{quad.triple} .\n" for quad in quads})
        return {"document": document, "statements": "".join(lines)}
    if files[0][0] != _MARK:
        return check(files, basis, told)
    order = json.loads(files[0][1])
    told("marking", 0, 1)
    made = workbook.marked(order["document"], files[1], order["language"], basis.names)
    return {"workbook": base64.b64encode(made).decode("ascii")}
