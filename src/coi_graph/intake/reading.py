"""One contributed file, of whatever kind, → `Sent`."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import PurePath
from typing import TYPE_CHECKING

from ..errors import UnreadableInput
from ..i18n import Message
from ..namespaces import GRAPH
from . import rdf, recognition
from .limits import Limits
from .places import Place, Remark, Sent, Severity
from .recognition import Kind
from .syntax import printable

if TYPE_CHECKING:
    from .names import Names

_LONGEST_NAME = 120


def read(name: str, data: bytes, names: Names | None, limits: Limits) -> Sent:
    """The file ``name`` with the content ``data``. ``names`` is for tables: what is known of the
    release and its shapes (`intake.names`).

    What is wrong with single values is among the remarks, and the rest is read. Raises
    `UnreadableInput`, with the place, where the file as a whole cannot be read.
    """
    file = shown_name(name)
    if len(data) > limits.file_bytes:
        raise UnreadableInput(
            Message(
                "%(file)s has %(size)s MB; at most %(limit)s MB are taken in",
                file=file,
                size=f"{len(data) / 1e6:.1f}",
                limit=f"{limits.file_bytes / 1e6:.1f}",
            ),
            remedy=Message("Divide it into several files."),
            file=file,
            limit_bytes=limits.file_bytes,
        )
    if not data.strip():
        raise UnreadableInput(
            Message("%(file)s is empty", file=file),
            remedy=Message("Is this the right file? Perhaps it was not saved."),
            file=file,
        )
    if names is not None and recognition.is_typed(data):
        from . import tables

        return tables.read_typed(file, data, names, limits)
    kind, declared = recognition.recognise(file, data)
    sent = _read(file, kind, data, names, limits)
    return (
        sent
        if declared is None
        else replace(sent, remarks=(_wrong_ending(file, kind), *sent.remarks))
    )


def _read(file: str, kind: Kind, data: bytes, names: Names | None, limits: Limits) -> Sent:
    if kind in recognition.RDF_FORMATS:
        return rdf.read(file, kind, data, graph_of(file), limits)
    if names is None:
        raise ValueError("a table cannot be read without names")
    from . import tables  # here, because most files are no workbooks and its reader is large

    reader = tables.read_xlsx if kind is Kind.XLSX else tables.read_csv
    return reader(file, data, names, limits)


def graph_of(file: str) -> str:
    """The named graph that the file's statements come into: the same file, the same graph."""
    stem = PurePath(file).stem.lower()
    slug = re.sub(r"[^a-z0-9-]+", "-", stem).strip("-")
    return f"{GRAPH}contribution/{slug or 'file'}"


def shown_name(name: str) -> str:
    """The name without folders, as it can be shown."""
    base = re.split(r"[\\/]", name)[-1]
    shown = printable(base).strip() or "file"
    if len(shown) <= _LONGEST_NAME:
        return shown
    half = _LONGEST_NAME // 2  # the ending stays
    return f"{shown[:half]}…{shown[-half:]}"


def _wrong_ending(file: str, kind: Kind) -> Remark:
    return Remark(
        Severity.WARNING,
        Message(
            "the name ends in “%(ending)s”, but this is %(kind)s; it has been read as that",
            ending=PurePath(file).suffix,
            kind=kind.title,
        ),
        Message("Name the file with the ending %(ending)s.", ending=kind.endings[0]),
        Place(file),
    )
