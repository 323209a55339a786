"""Values of a form ↔ what was typed, as it is kept; a record of a graph → values of its form."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pyoxigraph as ox

from ..errors import CoiError
from ..intake.names import Kind, Names, ValueKind, mint_part
from ..intake.tables import writing
from ..intake.tables.columns import Column, Role
from ..intake.tables.typed import FILE, Row, Table, Typed, keys_of
from ..namespaces import RDF
from .form_fields import Input, Layout, Values, Widget, blank

_TYPE = RDF + "type"


def of_form(form: Any, inputs: Sequence[Input]) -> Values:
    """What stands in ``form``, as it was typed."""
    values: Values = {}
    for one in inputs:
        bound = form[one.key]
        if one.widget is Widget.PARTS:
            values[one.key] = [of_form(entry.form, one.inputs) for entry in bound.entries]
        elif one.widget is Widget.LINES:
            values[one.key] = [entry.data or "" for entry in bound.entries]
        elif one.widget is Widget.CHECKBOXES:
            values[one.key] = list(bound.data or [])
        else:
            values[one.key] = bound.data or ""
    return values


def typed(values: Values, layout: Layout) -> Typed:
    """As it is kept: inputs that nobody has filled in are left out, parts without any as well."""
    inputs = layout.inputs()
    parts = [one for one in inputs if one.widget is Widget.PARTS]
    own = [one for one in inputs if one.widget is not Widget.PARTS]
    tables = [Table(layout.kind.key, _keys(own), (_row(values, own),))]
    for part in parts:
        rows = [_row(one, part.inputs) for one in values[part.key]]
        tables.append(Table(part.part, _keys(part.inputs), tuple(row for row in rows if row)))
    return Typed(tuple(tables))


def of_typed(found: Typed, layout: Layout) -> Values:
    """Back into the form; what the form has no input for any more is left out."""
    inputs = layout.inputs()
    values = _fill(found.tables[0].rows[0], inputs)
    rows = {table.kind: table.rows for table in found.tables[1:]}
    for one in inputs:
        if one.widget is Widget.PARTS:
            values[one.key] = [_fill(row, one.inputs) for row in rows.get(one.part, ())]
    return values


def of_quads(quads: Iterable[ox.Quad], layout: Layout, names: Names, language: str) -> Typed | None:
    """The one record that ``quads`` tell of, as one would type it; None where the form could not
    say just the same."""
    triples = {quad.triple for quad in quads}
    about: dict[str, dict[str, list[Any]]] = {}
    for triple in sorted(triples, key=str):
        if not isinstance(triple.subject, ox.NamedNode):
            return None
        record = about.setdefault(triple.subject.value, {})
        record.setdefault(triple.predicate.value, []).append(triple.object)
    classes = {layout.kind.iri, *(one.iri for one in layout.kind.types)}
    main = [
        iri for iri, one in about.items() if classes & {str(t.value) for t in one.get(_TYPE, [])}
    ]
    if len(main) != 1:
        return None
    tables = [Table(layout.kind.key, tuple(keys_of(layout.kind, names)),
                    (_record(main[0], about[main[0]], layout.kind, names, language),))]  # fmt: skip
    for one in layout.inputs():
        if one.widget is Widget.PARTS and one.of is not None:
            known = {term.value for term in about[main[0]].get(one.of.path, [])}
            # In the order of their numbers, so that they keep their names.
            order = [mint_part(main[0], one.of, n) for n in range(1, len(known) + 1)]
            kind = names.kind(one.part)
            rows = [
                _record(iri, about[iri], kind, names, language) for iri in order if iri in about
            ]
            tables.append(Table(one.part, tuple(keys_of(kind, names)), tuple(rows)))
    found = Typed(tuple(tables))
    return found if _says(found, names) == triples else None


def kind_of(quads: Iterable[ox.Quad], names: Names) -> Kind | None:
    """The kind of the records that ``quads`` tell of; None for none or several."""
    kinds: dict[str, Kind] = {}
    classes = {
        choice: kind
        for kind in reversed(names.kinds())
        for choice in (kind.iri, *(one.iri for one in kind.types))
    }
    classes |= {kind.iri: kind for kind in names.kinds()}
    for quad in quads:
        if quad.predicate.value == _TYPE and isinstance(quad.object, ox.NamedNode):
            kind = classes.get(quad.object.value)
            if kind is not None:
                kinds[kind.key] = kind
    return next(iter(kinds.values())) if len(kinds) == 1 else None


def _says(found: Typed, names: Names) -> set[ox.Triple]:
    from ..intake.tables import read_typed  # with openpyxl, which takes long

    try:
        return {quad.triple for quad in read_typed(FILE, found.to_bytes(), names).quads}
    except CoiError:
        return set()


def _record(
    iri: str, about: Mapping[str, Sequence[Any]], kind: Kind, names: Names, language: str
) -> Row:
    row: dict[str, str | list[str]] = {}
    for key, column in keys_of(kind, names).items():
        if column.role is Role.IDENTIFIER:
            row[key] = writing.identifier_of(iri, kind)
        elif column.field is None:
            row[key] = next((term.value for term in about.get(_TYPE, ())), "")
        else:
            texts = [
                _text(column, term, language, names)
                for term in about.get(column.field.path, ())
                if column.language is None or getattr(term, "language", None) == column.language
            ]
            if column.field.many:
                row[key] = texts
            elif texts:
                row[key] = texts[0]  # if there are more, the form does not say the same
    return {key: value for key, value in row.items() if value}


def _text(column: Column, term: Any, language: str, names: Names) -> str:
    of = column.field
    assert of is not None
    if of.value is ValueKind.BOOLEAN:
        return "ja" if term.value in ("true", "1") else "nej"
    return writing.cell_text(of, term, language, names)


def _fill(row: Row, inputs: Sequence[Input]) -> Values:
    values = blank(inputs)
    for one in inputs:
        found = row.get(one.key)
        if found is None or one.widget is Widget.PARTS:
            continue
        listed = [found] if isinstance(found, str) else list(found)
        if one.widget is Widget.LINES:
            values[one.key] = listed
        elif one.widget is Widget.CHECKBOXES:
            values[one.key] = [_chosen(text, one) for text in listed]
        elif one.widget is Widget.SELECT:
            values[one.key] = _chosen("\n".join(listed), one)
        else:
            values[one.key] = "\n".join(listed)
    return values


def _chosen(text: str, one: Input) -> str:
    """The value of the choice that is called ``text``; else the text itself: it is shown."""
    for value, label in one.choices:
        if text == value or text.casefold() == label.casefold():
            return value
    return text


def _row(values: Values, inputs: Sequence[Input]) -> Row:
    row: dict[str, str | list[str]] = {}
    for one in inputs:
        value = values[one.key]
        if isinstance(value, list):
            value = [text for text in value if text.strip()]
        elif not value.strip():
            value = ""
        if value:
            row[one.key] = value
    return row


def _keys(inputs: Sequence[Input]) -> tuple[str, ...]:
    return tuple(one.key for one in inputs)
