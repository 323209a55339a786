"""Example rows, clearly marked: their first cell begins with ``#``, so that they are not read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ...i18n import Message
from ..matching import fold
from ..names import Field, Kind, Names, ValueKind, text
from . import writing
from .columns import Column, Role
from .instructions import EXAMPLE_ROW, NOT_READ

_GENERIC = {
    ValueKind.LINK: "https://example.org/",
    ValueKind.INTEGER: "3",
    ValueKind.DECIMAL: "66,7",
    ValueKind.DATE: "25-11-2026",
    ValueKind.DATETIME: "25-11-2026 09:00",
    ValueKind.YEAR: "2026",
    ValueKind.STRING: "…",
}


def rows(kind: Kind, columns: Sequence[Column], language: str, names: Names) -> list[list[str]]:
    """One or two rows: the release's invented examples, or, where it has none, what the shapes
    say of each field."""
    lead = f"{NOT_READ} {EXAMPLE_ROW.in_language(language)}: "
    found = [
        writing.row_of(record, columns, kind, language, names, parts_of(record, kind, names))
        for record in kind.examples
    ]
    if not found:
        found = [[_generic(column, language, names) for column in columns]]
    return [[lead + row[0], *row[1:]] for row in found]


def parts_of(record: writing.Record, kind: Kind, names: Names) -> dict[str, writing.Record]:
    """The parts of an example, by IRI."""
    found: dict[str, writing.Record] = {}
    for field in kind.fields:
        if field.part is not None:
            for part in names.kind(field.part).examples:
                if any(str(part[""][0]) == getattr(t, "value", None) for t in record[field.path]):
                    found[str(part[""][0])] = part
    return found


def is_example(cells: Mapping[int, str], known: Sequence[frozenset[str]]) -> bool:
    """Whether a row is one of a template's own (each as the set of its folded texts), and not
    what somebody wrote over it."""
    said = {fold(text) for text in cells.values() if text.strip()}
    return any(said <= row for row in known)


def _generic(column: Column, language: str, names: Names) -> str:
    if column.role is Role.IDENTIFIER:
        return Message("my-record-1").in_language(language)
    field: Field | None = column.field
    if field is None:
        return ""
    if field.value is ValueKind.TEXT:
        return text(field.description, column.language or language)
    if field.value is ValueKind.BOOLEAN:
        return Message("yes").in_language(language)
    if field.value is ValueKind.THING:
        choices = names.choices(field)
        return choices[0].label(language) if choices else ""
    return _GENERIC.get(field.value, "")
