"""Terms → what stands in cells: for examples in templates, and for data that go back to people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

import pyoxigraph as ox

from ...namespaces import ID, RDF
from ..names import Field, Kind, Names, ValueKind, slug
from .columns import Column, Role

#: Between the values of one cell.
SEPARATOR = "; "
#: Times in a table are Danish unless they say otherwise.
ZONE = "Europe/Copenhagen"

Record = Mapping[str, Sequence[object]]  # path → terms; the record's own IRI stands under ""


def row_of(
    record: Record, columns: Sequence[Column], kind: Kind, language: str, names: Names,
    parts: Mapping[str, Record] | None = None,
) -> list[str]:  # fmt: skip
    """The cells of ``record``, one for each column; ``parts`` by their IRI."""
    cells = []
    for column in columns:
        if column.role is Role.IDENTIFIER:
            cells.append(identifier_of(str(record[""][0]), kind))
        elif column.role is Role.TYPE:
            cells.append(_type_of(record, kind, language))
        elif column.field is not None:
            owner: Record = record
            if column.part is not None:
                wanted = [_iri(term) for term in record.get(column.part.path, ())]
                owner = next((parts[iri] for iri in wanted if parts and iri in parts), {})
            cells.append(_cell(column, column.field, owner, language, names))
    return cells


def identifier_of(iri: str, kind: Kind) -> str:
    """What stands in the column *identifier* for the record ``iri``; of a part, its record's."""
    if not kind.is_part:
        start = f"{ID}{kind.path}/"
        name = iri.removeprefix(start)
        return name if iri.startswith(start) and slug(name) == name else iri
    return iri.rpartition("/")[0].rpartition("/")[2]


def _type_of(record: Record, kind: Kind, language: str) -> str:
    classes = {_iri(term) for term in record.get(RDF + "type", ())}
    own = [one for one in kind.types if one.iri in classes and one.iri != kind.iri]
    own += [one for one in kind.types if one.iri == kind.iri]
    return own[0].label(language)


def _cell(column: Column, field: Field, record: Record, language: str, names: Names) -> str:
    terms = list(record.get(field.path, ()))
    if field.value is ValueKind.TEXT:
        terms = [t for t in terms if isinstance(t, ox.Literal) and t.language == column.language]
    return SEPARATOR.join(cell_text(field, term, language, names) for term in terms)


def cell_text(field: Field, term: object, language: str, names: Names) -> str:
    """One value as people of ``language`` write it."""
    if isinstance(term, ox.NamedNode):
        choice = names.by_iri(field.lists).get(term.value) if field.lists else None
        if choice is None or field.value is ValueKind.LINK:
            return term.value
        label = choice.label(language)
        clear = ";" not in label and len(names.index(field.lists).find(label)) == 1
        return label if clear else term.value
    if not isinstance(term, ox.Literal):
        return str(term)
    value = term.value
    try:
        if field.value is ValueKind.DATETIME:
            local = datetime.fromisoformat(value).astimezone(ZoneInfo(ZONE))
            return f"{local:%d-%m-%Y %H:%M}" + (f":{local:%S}" if local.second else "")
        if field.value is ValueKind.DATE:
            return f"{datetime.fromisoformat(value):%d-%m-%Y}"
    except ValueError:
        return value
    if field.value is ValueKind.DECIMAL and language == "da":
        return value.replace(".", ",")
    return value


def _iri(term: object) -> str:
    return term.value if isinstance(term, ox.NamedNode) else str(term)
