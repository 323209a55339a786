"""Tables read back: the shipped examples, typed into templates, are the same statements again; and
what people do to tables, each read right or said with its cell."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable

import pyoxigraph as ox
import pytest
from filled_tables import (
    ACTIVITY,
    DEF,
    ID,
    KINDS,
    examples,
    filled_csv,
    filled_xlsx,
    of,
    parts_of,
    saved,
    triples,
    typed,
)  # fmt: skip
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook
from openpyxl.styles import PatternFill
from openpyxl.utils import get_column_letter

from coi_graph.errors import UnreadableInput
from coi_graph.i18n import LANGUAGES
from coi_graph.intake.limits import Limits
from coi_graph.intake.matching import clean
from coi_graph.intake.names import Names
from coi_graph.intake.places import Remark, Sent, Severity
from coi_graph.intake.tables import read_csv, read_xlsx
from coi_graph.namespaces import DCT, PROV, RDF, RDFS, SKOS
from coi_graph.store import Store
from coi_graph.validation.impact import Checker

#: What the shipped records say that no shape has a field for; so no column.
NO_FIELD = {
    DCT + "type",  # the mark of an invented example
    RDFS + "label",  # of parts and figures: made from the titles
    PROV + "wasAttributedTo", PROV + "wasDerivedFrom", PROV + "wasGeneratedBy",
}  # fmt: skip
NO_FIELD_OF_FIGURES = {
    DCT + "identifier", DCT + "modified", SKOS + "note", SKOS + "editorialNote",
    "http://www.w3.org/ns/dqv#hasQualityAnnotation", PROV + "wasRevisionOf",
    DEF + "comparableWith", DEF + "notStrictlyComparableWith", RDFS + "label",
}  # fmt: skip
NO_FIELD_OF_PARTIES = {DCT + "description", DCT + "type"}
PROEVE = ox.NamedNode(ID + "activity/proeve-1")


def said(sent: Sent, *, at_least: Severity = Severity.INFO) -> list[str]:
    """``A3: what (how to mend it)`` of each remark."""
    return [f"{one.place.cell}: {one.message}" for one in sent.remarks if one.severity >= at_least]


def remark(sent: Sent, part: str) -> Remark:
    found = [one for one in sent.remarks if part in str(one.message)]
    assert len(found) == 1, said(sent)
    return found[0]


def sent_of(book: Workbook, names: Names, file: str = "aktivitet.xlsx") -> Sent:
    return read_xlsx(file, saved(book), names)


def values(sent: Sent, local_name: str, subject: ox.NamedNode = PROEVE) -> set[str]:
    return {
        q.object.value  # type: ignore[union-attr]
        for q in sent.quads
        if q.subject == subject and q.predicate.value.endswith(local_name)
    }


@pytest.mark.parametrize("form", ["xlsx", "csv"])
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_examples_typed_into_a_template_are_the_same_statements(
    names: Names, built_store: Store, kind: str, language: str, form: str
) -> None:
    of_kind = names.kind(kind)
    records = examples(of_kind, built_store)
    parts = parts_of(of_kind, records, built_store)
    assert len(records) >= 2
    if form == "xlsx":
        data = filled_xlsx(of_kind, language, names, records, parts)
        sent = read_xlsx("filled.xlsx", data, names)
    else:
        data = filled_csv(of_kind, language, names, records, parts)
        sent = read_csv(f"{kind}.csv", data, names)
    left_out = NO_FIELD | {
        "observation": NO_FIELD_OF_FIGURES,
        "workplace": NO_FIELD_OF_PARTIES,
        "organisation": NO_FIELD_OF_PARTIES,
    }.get(kind, set())
    if kind == "observation":
        left_out -= {PROV + "wasDerivedFrom"}  # a figure has a field for it
    expected = triples(records) | triples(parts)
    assert of(sent) == {t for t in expected if t.predicate.value not in left_out}
    # They are in the release already, and the reader says so; nothing else.
    assert {str(one.message).partition(":")[0] for one in sent.remarks} == {
        "a record of this name is there already"
    }
    assert {one.severity for one in sent.remarks} == {Severity.INFO}


def test_the_same_file_twice_is_the_same_records(names: Names) -> None:
    data = saved(typed("activity", names, ACTIVITY))
    assert read_xlsx("a.xlsx", data, names).quads == read_xlsx("a.xlsx", data, names).quads


def test_every_statement_knows_its_cell(names: Names) -> None:
    book = typed("activity", names, ACTIVITY)
    heads = {str(c.value).removesuffix(" *"): c.column_letter for c in book["Aktivitet"][1]}
    sent = sent_of(book, names)

    def cell(predicate: str, value: ox.Literal | ox.NamedNode | None = None) -> str:
        place = sent.places.of(PROEVE, ox.NamedNode(predicate), value)
        assert place is not None
        assert (place.file, place.sheet) == ("aktivitet.xlsx", "Aktivitet")
        return str(place.cell)

    english = next(q.object for q in sent.quads if getattr(q.object, "language", None) == "en")
    assert isinstance(english, ox.Literal)
    assert cell(DCT + "title", english) == heads["titel (engelsk)"] + "3"
    assert cell(DCT + "title") == heads["titel (dansk)"] + "3"
    assert cell(DEF + "hasRole") == heads["rolle"] + "3"
    assert cell(DEF + "addressesCondition") == heads["rammebetingelse"] + "3", "where it should be"
    assert cell("http://example.org/none") == "A3", "the record's name"
    assert sent.places.of(PROEVE).cell == "A3"  # type: ignore[union-attr]
    assert sent.places.of(ox.NamedNode("http://example.org/other")) is None


def test_parts_know_the_cells_of_their_sheet(names: Names) -> None:
    book = typed(
        "collaboration", names, {**ACTIVITY, "ledelsesmæssig opbakning": "med opbakning"},
        sheets={
            "Videreførelse": [
                {"identifikator": "proeve-1", "ansvarlig for videreførelsen": "Odense"},
                {"identifikator": "PROEVE 1", "ansvarlig for videreførelsen": "Aarhus"},
            ],
            "Deling af læring": [{"identifikator": "Opdigtet: Prøve", "deles med": "borger"}],
        },
    )  # fmt: skip
    sent = sent_of(book, names, "samarbejde.xlsx")
    first, second = (ox.NamedNode(f"{PROEVE.value}/continuation{n}") for n in ("", "-2"))
    learning = ox.NamedNode(f"{PROEVE.value}/learning-sharing")
    continuation = ox.NamedNode(DEF + "continuation")
    assert values(sent, "def/continuation") == {first.value, second.value}
    assert values(sent, "responsible", second) == {ID + "municipality/0751"}
    assert values(sent, "sharedWith", learning) == {ID + "actor-category/citizen"}
    places = sent.places
    assert str(places.of(first)) == "samarbejde.xlsx, Videreførelse!A3"
    assert str(places.of(PROEVE, continuation, second)) == "samarbejde.xlsx, Videreførelse!A4"
    assert str(places.of(first, ox.NamedNode(DCT + "description"))).endswith("Videreførelse!B3")
    assert str(places.of(learning)) == "samarbejde.xlsx, Deling af læring!A3"


def test_a_part_of_nobody_is_said(names: Names) -> None:
    book = typed(
        "collaboration", names, ACTIVITY,
        sheets={
            "Videreførelse": [
                {"identifikator": "prove-1"}, {"ansvarlig for videreførelsen": "Odense"},
            ]
        },
    )  # fmt: skip
    sent = sent_of(book, names)
    nobody = remark(sent, "there is no record")
    assert (str(nobody.place.cell), nobody.found) == ("A3", "prove-1")
    assert "proeve-1" in str(nobody.remedy)
    assert remark(sent, "the identifier is missing").place.cell == "A4"


def test_a_new_workplace_is_described_and_referred_to(names: Names) -> None:
    book = typed(
        "activity", names, {**ACTIVITY, "deltager": "Køkkenet Bakken; bakken-2; Odense"},
        sheets={
            "Arbejdsplads": [
                {"identifikator": "bakken", "navn (dansk)": "Køkkenet Bakken"},
                {"identifikator": "bakken-2", "navn (dansk)": "Skolen på Bakken"},
            ]
        },
    )  # fmt: skip
    sent = sent_of(book, names)
    assert values(sent, "participant") == {
        ID + "workplace/bakken", ID + "workplace/bakken-2", ID + "municipality/0461",
    }  # fmt: skip
    assert ox.NamedNode(DEF + "Workplace") in {q.object for q in sent.quads}
    assert said(sent) == []


def test_types_make_the_class(names: Names) -> None:
    rows = [
        {**ACTIVITY, "identifikator": "a", "slags": "træningsforløb"},
        {**ACTIVITY, "identifikator": "b", "slags": "Network meeting"},
        {**ACTIVITY, "identifikator": "c", "slags": "samarbejde"},
        {**ACTIVITY, "identifikator": "d", "slags": "træningforløb"},
    ]
    sent = sent_of(typed("activity", names, *rows), names)
    types = {
        q.subject.value: q.object.value for q in sent.quads if q.predicate.value == RDF + "type"
    }  # type: ignore[union-attr]
    assert types == {
        ID + "activity/a": DEF + "TrainingCourse", ID + "activity/b": DEF + "NetworkMeeting",
        ID + "activity/c": DEF + "Collaboration", ID + "activity/d": DEF + "Activity",
    }  # fmt: skip
    assert "“træningsforløb”" in str(remark(sent, "is not known").remedy)


# --- names of things


@pytest.mark.parametrize(
    ("typed_in", "expected"),
    [
        ("Kapacitetsopbygger", {"capacity-builder"}),
        ("capacity builder", {"capacity-builder"}),
        ("KAPACITETSOPBYGGER;vidensallieret", {"capacity-builder", "knowledge-ally"}),
        ("Kapacitetsopbygger\nVidensallieret", {"capacity-builder", "knowledge-ally"}),
        ("  Kapacitetsopbygger ; ; ", {"capacity-builder"}),
        ("\u200bKapacitetsopbygger\u00a0", {"capacity-builder"}),
        (ID + "role/capacity-builder", {"capacity-builder"}),
        (f"<{ID}role/capacity-builder>", {"capacity-builder"}),
        ("capacity-builder", {"capacity-builder"}),
        ("Kapacitetsopbygger, Vidensallieret", {"capacity-builder", "knowledge-ally"}),
    ],
)
def test_things_are_known_by_many_names(names: Names, typed_in: str, expected: set[str]) -> None:
    sent = sent_of(typed("activity", names, {**ACTIVITY, "rolle": typed_in}), names)
    assert values(sent, "hasRole") == {f"{ID}role/{name}" for name in expected}
    assert said(sent, at_least=Severity.VIOLATION) == []


def test_what_is_almost_a_name_is_asked_about(names: Names) -> None:
    sent = sent_of(typed("activity", names, {**ACTIVITY, "rolle": "Kapacitetsopbyger"}), names)
    one = remark(sent, "is not known")
    assert one.severity is Severity.VIOLATION
    assert one.found == "Kapacitetsopbyger"
    assert one.place.cell is not None
    assert one.remedy is not None
    assert one.remedy.in_language("da") == "Mente I »Kapacitetsopbygger«?"
    assert values(sent, "hasRole") == set()


def test_what_is_no_name_at_all_gets_the_list(names: Names) -> None:
    sent = sent_of(typed("activity", names, {**ACTIVITY, "rolle": "xyz"}), names)
    one = remark(sent, "is not known")
    assert one.remedy is not None
    assert "Kapacitetsopbygger" in one.remedy.in_language("da")
    assert "Capacity builder" in one.remedy.in_language("en") or "capacity builder" in str(
        one.remedy
    )


def test_several_things_of_one_name_are_listed(names: Names) -> None:
    rows = [{"identifikator": f"w{n}", "navn (dansk)": "Køkkenet"} for n in (1, 2)]
    book = typed(
        "activity", names, {**ACTIVITY, "deltager": "Køkkenet"}, sheets={"Arbejdsplads": rows}
    )
    one = remark(sent_of(book, names), "several things are called")
    assert f"{ID}workplace/w1" in str(one.remedy)
    assert f"{ID}workplace/w2" in str(one.remedy)


@pytest.mark.parametrize("number", [101, "101", "0101"])
def test_a_municipality_code_without_its_zero(names: Names, number: object) -> None:
    sent = sent_of(typed("activity", names, {**ACTIVITY, "deltager": number}), names)
    assert values(sent, "participant") == {ID + "municipality/0101"}
    assert said(sent) == (
        [] if number == "0101" else [f"{_cell_of('deltager')}: “101” was read as 0101"]
    )


def _cell_of(name: str) -> str:
    return {"deltager": "N3"}[name]


@pytest.mark.parametrize(
    ("typed_in", "why"),
    [
        ("javascript:alert(1)", "an address that begins with “javascript:”"),
        ("file:///etc/passwd", "an address that begins with “file:”"),
        ("https://a b.dk/", "a space in the web address"),
        ('https://a.dk/"x"', 'the character " in the web address'),
        ("https://a.dk/<x>", "the character < in the web address"),
        ("www.kl.dk", "is no whole web address"),
        ("se rapporten", "is no web address"),
        ("mailto:a@b.dk", "an address that begins with “mailto:”"),
    ],
)
def test_addresses_that_are_not_taken(names: Names, typed_in: str, why: str) -> None:
    row = {"identifikator": "u1", "titel (dansk)": "Opdigtet", "kilde": typed_in}
    sent = sent_of(typed("change-claim", names, row), names)
    one = next(r for r in sent.remarks if r.severity is Severity.VIOLATION)
    assert why in str(one.message)
    assert one.remedy is not None
    assert values(sent, "source", ox.NamedNode(ID + "change-claim/u1")) == set()


def test_addresses_that_are_taken(names: Names) -> None:
    link = "https://example.org/æøå?x=1&y=2; doi:10.1000/xyz ; evaluation:min-egen"
    row = {"identifikator": "u1", "titel (dansk)": "Opdigtet", "kilde": link}
    sent = sent_of(typed("change-claim", names, row), names)
    assert values(sent, "source", ox.NamedNode(ID + "change-claim/u1")) == {
        "https://example.org/æøå?x=1&y=2", "https://doi.org/10.1000/xyz",
        ID + "evaluation/min-egen",
    }  # fmt: skip


# --- identifiers


def test_identifiers_missing_twice_and_unusable(names: Names) -> None:
    rows: list[dict[str, object]] = [
        {**ACTIVITY, "identifikator": None},
        {**ACTIVITY, "identifikator": "a"},
        {**ACTIVITY, "identifikator": "A ", "titel (dansk)": "En anden"},
        {**ACTIVITY, "identifikator": "a"},
        {**ACTIVITY, "identifikator": "—"},
        {**ACTIVITY, "identifikator": 7},
    ]
    sent = sent_of(typed("activity", names, *rows), names)
    assert said(sent) == [
        "A3: the identifier is missing",
        "A5: the identifier stands in row 4 already",
        "A6: this row is the same as row 4; it was read once",
        "A7: “—” holds no letter and no digit",
    ]
    assert "“opdigtet-proeve”" in str(remark(sent, "is missing").remedy)
    subjects = {q.subject.value for q in sent.quads}  # type: ignore[union-attr]
    assert ID + "activity/7" in subjects
    assert len(subjects) == 5, "the rest of each row is read all the same"


def test_no_column_with_identifiers(names: Names) -> None:
    data = "titel (dansk);rolle\nPrøve;Kapacitetsopbygger\n".encode()
    sent = read_csv("aktivitet.csv", data, names)
    one = remark(sent, "there is no column “identifikator / identifier”")
    assert one.severity is Severity.VIOLATION
    assert {q.subject for q in sent.quads} == {ox.NamedNode(ID + "activity/proeve")}


def test_an_identifier_that_the_release_has_is_said(names: Names) -> None:
    row = {**ACTIVITY, "identifikator": "eksempel-studietur-om-borgerbudgetter"}
    sent = sent_of(typed("activity", names, row), names)
    assert remark(sent, "is there already: “Eksempel: Studietur om borgerbudgetter”")


# --- columns


def test_column_names_in_either_language_in_any_order(names: Names) -> None:
    data = (
        b"Role;TITLE  (English);titel dansk ;ID;beskrivelse_da;Working Method;hasRole;"
        b"oensket forandring\n"
        b"capacity builder;T;T;x1;B;dialog;;V1\n"
    )
    sent = read_csv("min aktivitet.csv", data, names)
    assert {(q.predicate.value, q.object.value) for q in sent.quads} >= {  # type: ignore[union-attr]
        (DEF + "hasRole", ID + "role/capacity-builder"), (DCT + "title", "T"),
        (DCT + "description", "B"), (DEF + "usesMethod", ID + "method/dialogue"),
    }  # fmt: skip
    assert said(sent) == ["G1: the column “hasRole” is there twice: it is column A as well"]


def test_unknown_and_nameless_columns(names: Names) -> None:
    book = typed("activity", names, ACTIVITY)
    sheet = book["Aktivitet"]
    sheet["Z1"], sheet["Z3"] = "målgrupe", "borger"
    sheet["AA3"] = "løs tanke"
    sheet["AB1"] = "Sagsnummer"
    sent = sent_of(book, names)
    assert said(sent) == [
        "Z1: unknown column “målgrupe”; 1 cells were not read",
        "AA1: this column has no name; 1 cells were not read",
        "AB1: unknown column “Sagsnummer”; 0 cells were not read",
    ]
    assert str(remark(sent, "målgrupe").remedy) == "Did you mean “målgruppe”?"


def test_a_table_under_a_title_with_gaps_and_a_note(names: Names) -> None:
    data = (
        "Indberetning fra Prøve Kommune;;\n\n"
        "identifikator;titel (dansk);rolle\n"
        "a;En;Kapacitetsopbygger\n\n"
        "b;To;Vidensallieret\n\n\n"
        "Kilde: vores egen opgørelse fra i fjor;;\n"
    ).encode()
    sent = read_csv("aktivitet.csv", data, names)
    assert {q.subject.value[-2:] for q in sent.quads} == {"/a", "/b"}  # type: ignore[union-attr]
    assert said(sent) == ["A9: this row was taken for a note and not read"]
    assert str(sent.places.of(ox.NamedNode(ID + "activity/b"))) == "aktivitet.csv, A6"


def test_rows_that_begin_with_a_hash(names: Names) -> None:
    book = typed("activity", names, ACTIVITY)
    book["Eksempel, aktivitet"]["C3"] = (
        "Min egen titel"  # typed over the example, the # still there
    )
    sent = sent_of(book, names)
    assert [str(r.place) for r in sent.remarks] == ["aktivitet.xlsx, Eksempel, aktivitet!A3"]
    assert "begins with #" in str(sent.remarks[0].message)


def test_columns_that_fit_two_kinds(names: Names) -> None:
    data = b"identifikator;navn (dansk);navn (engelsk);land\nx;X;X;Danmark\n"
    sent = read_csv("data.csv", data, names)
    one = remark(sent, "the columns fit more than one kind of record")
    assert one.severity is Severity.WARNING
    by_name = read_csv("organisation.csv", data, names)
    assert said(by_name) == []
    assert {q.subject.value for q in by_name.quads} == {ID + "organisation/x"}  # type: ignore[union-attr]
    chosen = read_csv("data.csv", data, names, kind="organisation")
    assert of(chosen) == of(by_name)


def test_parts_stand_in_the_row_of_a_csv(names: Names) -> None:
    data = (
        "identifikator;titel (dansk);ledelsesmæssig opbakning;"
        "videreførelse: ansvarlig for videreførelsen;"
        "videreførelse: beskrivelse af videreførelsen (dansk)\n"
        "x;X;med opbakning;Odense;Den fortsætter\ny;Y;med opbakning;;\n"
    ).encode()
    sent = read_csv("samarbejde.csv", data, names)
    part = ox.NamedNode(ID + "activity/x/continuation")
    assert values(sent, "responsible", part) == {ID + "municipality/0461"}
    assert values(sent, "description", part) == {"Den fortsætter"}
    assert sent.places.of(part, ox.NamedNode(DEF + "responsible")).cell == "D2"  # type: ignore[union-attr]
    assert values(sent, "continuation", ox.NamedNode(ID + "activity/y")) == set()


# --- what spreadsheets do


def test_hidden_and_merged_cells_are_said(names: Names) -> None:
    book = typed("activity", names, ACTIVITY, {**ACTIVITY, "identifikator": "b"})
    sheet = book["Aktivitet"]
    sheet.row_dimensions[4].hidden = True
    sheet.column_dimensions["G"].hidden = True
    sheet.merge_cells("H3:H4")
    sent = sent_of(book, names)
    assert said(sent) == [
        "A4: 1 rows are hidden; they were read all the same",
        "G1: this column is hidden; it was read all the same",
        "H3: the cells H3:H4 are merged: the value counts for the first only",
    ]
    assert values(sent, "usesMethod", ox.NamedNode(ID + "activity/b")) == set()
    assert values(sent, "hasRole", ox.NamedNode(ID + "activity/b"))


def test_a_hidden_sheet_is_read_and_said(names: Names) -> None:
    book = typed("activity", names, ACTIVITY)
    book["Aktivitet"].sheet_state = "hidden"
    sent = sent_of(book, names)
    assert sent.quads
    assert [str(r.message) for r in sent.remarks] == [
        "this sheet is hidden; it was read all the same"
    ]


def test_another_sheet_of_ones_own_is_said(names: Names) -> None:
    book = typed("activity", names, ACTIVITY)
    book.create_sheet("Noter")["A1"] = "Husk at ringe"
    sent = sent_of(book, names)
    one = remark(sent, "no row here has the names of columns")
    assert str(one.place) == "aktivitet.xlsx, Noter!A1"


def test_texts_are_kept_but_for_what_nobody_sees(names: Names) -> None:
    text = " »Æble«, sagde hun – “ja”\r\nog gik.\u200b\u00a0"
    sent = sent_of(typed("activity", names, {**ACTIVITY, "titel (dansk)": text}), names)
    assert "»Æble«, sagde hun – “ja”\nog gik." in values(sent, "title")


def test_text_that_looks_like_a_formula_is_text(names: Names) -> None:
    data = b"identifikator;titel (dansk)\nx;=1+1\n"
    sent = read_csv("aktivitet.csv", data, names)
    assert values(sent, "title", ox.NamedNode(ID + "activity/x")) == {"=1+1"}


def test_colours_and_empty_cells_mean_nothing(names: Names) -> None:
    book = typed("activity", names, ACTIVITY)
    for row in range(3, 200):
        book["Aktivitet"].cell(row, 2).fill = PatternFill("solid", start_color="FFFF0000")
        book["Aktivitet"].cell(row, 3).value = "  " if row > 3 else "Titel"
    sent = sent_of(book, names)
    assert len({q.subject for q in sent.quads}) == 1
    assert said(sent) == []


# --- limits


@pytest.mark.parametrize(
    "data",
    [b"", b"\n\n", b";;;\n;;\n", "Hej med dig\nHvordan går det?\n".encode(), b"a,b,c\n1,2,3\n"],
)
def test_a_file_without_known_columns_is_refused(names: Names, data: bytes) -> None:
    with pytest.raises(UnreadableInput) as caught:
        read_csv("data.csv", data, names)
    assert caught.value.remedy is not None
    assert "data.csv" in str(caught.value)


def test_too_many_rows_and_columns_are_refused(names: Names) -> None:
    head = b"identifikator;titel (dansk)\n"
    with pytest.raises(UnreadableInput, match="more than 10 rows"):
        read_csv("x.csv", head + b"a;b\n" * 20, names, Limits(rows=10))
    with pytest.raises(UnreadableInput, match="more than 5 columns"):
        read_csv("x.csv", head + b";".join([b"x"] * 9), names, Limits(columns=5))
    book = typed("activity", names, *[{**ACTIVITY, "identifikator": f"a{n}"} for n in range(20)])
    with pytest.raises(UnreadableInput, match="more than 15 rows"):
        read_xlsx("x.xlsx", saved(book), names, Limits(rows=15))
    with pytest.raises(UnreadableInput, match="more than 3 sheets"):
        read_xlsx("x.xlsx", saved(book), names, Limits(sheets=3))
    with pytest.raises(UnreadableInput, match="more than 50 things"):
        read_xlsx("x.xlsx", saved(book), names, Limits(statements=50))


def test_a_column_that_is_wrong_in_every_row_makes_no_endless_report(names: Names) -> None:
    rows = "".join(f"a{n};fejl {n}\n" for n in range(3000))
    sent = read_csv("aktivitet.csv", f"identifikator;rolle\n{rows}".encode(), names)
    assert len(sent.remarks) == 2001
    assert str(sent.remarks[-1].message) == "1000 more remarks are not shown"
    assert sent.remarks[-1].severity is Severity.VIOLATION, "nothing blocks less for being many"


def test_a_long_text_is_refused_in_its_cell(names: Names) -> None:
    row = {**ACTIVITY, "titel (dansk)": "x" * 500}
    sent = read_xlsx("x.xlsx", saved(typed("activity", names, row)), names, Limits(text_chars=100))
    assert remark(sent, "longer than 100 characters").place.cell == "C3"


def test_every_remark_has_danish(names: Names) -> None:
    make: list[Callable[[], Sent]] = [
        lambda: read_csv("d.csv", b"identifikator;titel (dansk);rolle\n;x;fejl\n#a;b;c\n", names),
        lambda: sent_of(typed("activity", names, {**ACTIVITY, "begyndelse": "i morgen"}), names),
    ]
    for one in make:
        for said_ in one().remarks:
            assert said_.message.in_language("da") != str(said_.message)
            assert said_.remedy is not None
            assert said_.remedy.in_language("da") != str(said_.remedy)


# --- with the shapes


@pytest.fixture(scope="module")
def checker(built_store: Store) -> Checker:
    return Checker(built_store)


@pytest.mark.parametrize("kind", KINDS)
def test_what_a_template_holds_conforms(
    names: Names, built_store: Store, checker: Checker, kind: str
) -> None:
    """The shipped examples as new records, under other names: the shapes have nothing against
    them."""
    of_kind = names.kind(kind)
    records = examples(of_kind, built_store)
    parts = parts_of(of_kind, records, built_store)
    sent = read_xlsx("x.xlsx", filled_xlsx(of_kind, "da", names, records, parts), names)
    own = {q.subject for q in sent.quads}

    def renamed(term: ox.NamedNode | ox.Literal) -> ox.NamedNode | ox.Literal:
        if term not in own or not isinstance(term, ox.NamedNode):
            return term
        kind_path, _, name = term.value.removeprefix(ID).partition("/")
        return ox.NamedNode(f"{ID}{kind_path}/proeve-{name}")

    new = [
        ox.Quad(renamed(q.subject), q.predicate, renamed(q.object), q.graph_name)  # type: ignore[arg-type]
        for q in sent.quads
    ]
    checked = checker.check(new)
    assert [r for r in checked.report.results if r.severity is Severity.VIOLATION] == []


def test_what_is_missing_is_found_in_its_cell(names: Names, checker: Checker) -> None:
    row = {key: value for key, value in ACTIVITY.items() if key != "rolle"}
    sent = sent_of(typed("activity", names, row), names)
    found = [
        str(sent.places.of(ox.NamedNode(str(r.focus)), ox.NamedNode(str(r.path))))
        for r in checker.check(sent.quads).report.results
        if r.severity is Severity.VIOLATION
    ]
    assert found == ["aktivitet.xlsx, Aktivitet!G3"]


# --- whatever people type

HEADS = (
    "identifikator", "slags", "titel (dansk)", "title (English)", "rolle", "deltager",
    "begyndelse", "slutning", "aktuel værdi (dansk)", "kontaktenhed",
)  # fmt: skip
TYPED = st.one_of(
    st.text(max_size=15),
    st.sampled_from(
        ["#", "a", "A", "Odense; Aarhus", "0461", "461", "dialog", "25-11-2026", "25-11-26", "5",
         "https://x.dk/", "javascript:1", "Kapacitetsopbygger, xx", "note: se her og der", "; ;",
         "activity:x", "\u200b", "“x”", "a;b;c", "træningsforløb", "=1+1", "<https://a b>"]
    ),
)  # fmt: skip


def test_every_cell_is_a_statement_or_has_a_remark(names: Names) -> None:
    @settings(max_examples=60)
    @given(
        heads=st.permutations(HEADS),
        rows=st.lists(st.lists(TYPED, min_size=10, max_size=10), max_size=5),
    )
    def holds(heads: list[str], rows: list[list[str]]) -> None:
        assert_nothing_is_lost(names, heads, rows)

    holds()  # within, so that Hypothesis does not write out all names where it fails


def assert_nothing_is_lost(names: Names, heads: list[str], rows: list[list[str]]) -> None:
    """Nothing is lost in silence, and nothing crashes, whatever stands where."""
    out = io.StringIO()
    csv.writer(out, delimiter=";").writerows([heads, *rows])
    data = out.getvalue().encode("utf-8", "replace")
    if b"\x00" in data:
        return
    sent = read_csv("aktivitet.csv", data, names)
    stated = {
        str(sent.places.of(q.subject, q.predicate, q.object).cell)  # type: ignore[union-attr,arg-type]
        for q in sent.quads
    }
    spoken_of = {(one.place.row, one.place.column) for one in sent.remarks}
    identifier = heads.index("identifikator") + 1
    whole_rows = {row for row, column in spoken_of if column == identifier}
    whole_rows |= {r.place.row for r in sent.remarks if "taken for a note" in str(r.message)}
    table = list(csv.reader(io.StringIO(data.decode(), newline=""), delimiter=";"))
    for number, row in enumerate(table[1:], start=2):
        for column, text in enumerate(row, start=1):
            head = heads[column - 1]
            seen = "".join(c for c in clean(text) if c.isprintable())
            if not seen.strip("; ") or head in ("identifikator", "slags"):
                continue  # nothing that a statement could be made of; or part of the IRI, the class
            cell = f"{get_column_letter(column)}{number}"
            said_of = (number, column) in spoken_of or number in whole_rows
            assert cell in stated or said_of, (cell, text)
