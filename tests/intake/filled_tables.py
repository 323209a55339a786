"""Templates filled in as people would: by opening the file and typing under its columns."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence

import pyoxigraph as ox
from openpyxl import Workbook, load_workbook

from coi_graph.intake.names import Kind, Names
from coi_graph.intake.places import Sent
from coi_graph.intake.tables import columns, templates, writing
from coi_graph.namespaces import RDF
from coi_graph.store import Store

BASE = "https://w3id.org/coi-graph/"
ID = BASE + "id/"
DEF = BASE + "def/"
EXAMPLES = (BASE + "graph/data/examples/", BASE + "graph/data/barometer/")
TYPE = ox.NamedNode(RDF + "type")
KINDS = (
    "activity", "collaboration", "innovation", "initiative", "spread-case", "evaluation",
    "internship", "change-claim", "observation", "workplace", "organisation",
)  # fmt: skip

Records = dict[str, dict[str, tuple[object, ...]]]


def examples(kind: Kind, store: Store) -> Records:
    """The shipped records of the kind, IRI → path → terms."""
    found: Records = {}
    for iri in [kind.iri, *(one.iri for one in kind.types)]:
        for quad in store.quads(None, TYPE, ox.NamedNode(iri)):
            if quad.graph_name.value.startswith(EXAMPLES):  # type: ignore[union-attr]
                found[quad.subject.value] = record(quad.subject.value, store)  # type: ignore[union-attr]
    return dict(sorted(found.items()))


def record(iri: str, store: Store) -> dict[str, tuple[object, ...]]:
    found: dict[str, tuple[object, ...]] = {"": (iri,)}
    for quad in store.quads(ox.NamedNode(iri)):
        path = quad.predicate.value
        found[path] = (*found.get(path, ()), quad.object)
    return found


def parts_of(kind: Kind, records: Records, store: Store) -> Records:
    """The parts of the records, IRI → path → terms."""
    return {
        term.value: record(term.value, store)  # type: ignore[attr-defined]
        for field in kind.fields
        if field.part is not None
        for one in records.values()
        for term in one.get(field.path, ())
    }


def triples(records: Records) -> set[ox.Triple]:
    return {
        ox.Triple(ox.NamedNode(iri), ox.NamedNode(path), term)  # type: ignore[arg-type]
        for iri, one in records.items()
        for path, terms in one.items()
        if path
        for term in terms
    }


def of(sent: Sent) -> set[ox.Triple]:
    return {quad.triple for quad in sent.quads}


def workbook(kind: Kind, language: str, names: Names) -> Workbook:
    return load_workbook(io.BytesIO(templates.build(kind.key, language, "xlsx", names)))


def saved(book: Workbook) -> bytes:
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def filled_xlsx(kind: Kind, language: str, names: Names, records: Records, parts: Records) -> bytes:
    book = workbook(kind, language, names)
    _fill(book, kind, language, names, records.values())
    for field in kind.fields:
        if field.part is not None:
            part = names.kind(field.part)
            own = [one for one in parts.values() if ox.NamedNode(part.iri) in one[TYPE.value]]
            _fill(book, part, language, names, own)
    return saved(book)


def _fill(
    book: Workbook, kind: Kind, language: str, names: Names,
    records: Iterable[Mapping[str, tuple[object, ...]]],
) -> None:  # fmt: skip
    sheet = book[templates.sheet_title(kind, language)]
    shown = columns.columns_of(kind, names, parts=False)
    for row, one in enumerate(records, start=3):
        cells = writing.row_of(one, shown, kind, language, names)
        for column, text in enumerate(cells, start=1):
            if text:
                sheet.cell(row, column).value = text


def filled_csv(kind: Kind, language: str, names: Names, records: Records, parts: Records) -> bytes:
    template = templates.build(kind.key, language, "csv", names).decode("utf-8-sig")
    out = io.StringIO(template)
    out.seek(0, io.SEEK_END)
    writer = csv.writer(out, delimiter=";" if language == "da" else ",")
    shown = columns.columns_of(kind, names, parts=True)
    for one in records.values():
        writer.writerow(writing.row_of(one, shown, kind, language, names, parts))
    return out.getvalue().encode()


def typed(
    kind: str, names: Names, *rows: Mapping[str, object], language: str = "da",
    sheets: Mapping[str, Sequence[Mapping[str, object]]] | None = None,
) -> Workbook:  # fmt: skip
    """A template with values typed under its columns, by the columns' names; ``sheets`` for the
    other sheets of the same template."""
    of_kind = names.kind(kind)
    book = workbook(of_kind, language, names)
    for title, wanted in {templates.sheet_title(of_kind, language): rows, **(sheets or {})}.items():
        sheet = book[title]
        heads = {str(cell.value).removesuffix(" *"): cell.column for cell in sheet[1]}
        for number, row in enumerate(wanted, start=3):
            for name, value in row.items():
                sheet.cell(number, heads[name]).value = value  # type: ignore[arg-type]
    return book


#: An activity that says all that must be said.
ACTIVITY: dict[str, object] = {
    "identifikator": "proeve-1",
    "titel (dansk)": "Opdigtet: Prøve",
    "titel (engelsk)": "Invented: Trial",
    "beskrivelse (dansk)": "En opdigtet aktivitet.",
    "beskrivelse (engelsk)": "An invented activity.",
    "rolle": "Kapacitetsopbygger; Vidensallieret",
    "arbejdsmetode": "dialog; formidling",
    "ønsket forandring": "V1",
    "deltager": "Odense",
}
