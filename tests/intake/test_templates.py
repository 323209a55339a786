"""Templates: complete, in both languages, the same bytes each time, and read as empty."""

from __future__ import annotations

import csv
import io
import re
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest
from filled_tables import KINDS, workbook
from openpyxl import load_workbook

from coi_graph.i18n import LANGUAGES
from coi_graph.intake.names import Names
from coi_graph.intake.places import Severity
from coi_graph.intake.tables import columns, read_csv, read_xlsx, templates
from coi_graph.store import Store

BOTH = pytest.mark.parametrize("language", LANGUAGES)
EACH = pytest.mark.parametrize("kind", KINDS)


@pytest.fixture(scope="module")
def names_again(built_store: Store) -> Names:
    return Names.from_store(built_store)


@EACH
@BOTH
@pytest.mark.parametrize("form", ["xlsx", "csv"])
def test_the_same_release_gives_the_same_bytes(
    names: Names, names_again: Names, kind: str, language: str, form: str
) -> None:
    made = templates.build(kind, language, form, names)
    assert made == templates.build(kind, language, form, names_again)


@EACH
@BOTH
def test_a_workbook_has_a_column_for_every_field(names: Names, kind: str, language: str) -> None:
    of = names.kind(kind)
    book = workbook(of, language, names)
    sheet = book[templates.sheet_title(of, language)]
    heads = [str(cell.value) for cell in sheet[1]]
    expected = columns.columns_of(of, names, parts=False)
    assert [head.removesuffix(" *") for head in heads] == [one.header(language) for one in expected]
    for cell, column in zip(sheet[1], expected, strict=True):
        assert str(cell.value).endswith(" *") == column.is_required(language)
    told = [str(cell.value) for cell in sheet[2]]
    assert told[0].startswith("# ")
    assert all(len(text) > 10 for text in told)
    assert sheet.freeze_panes == "B3"
    for field in of.fields:
        if field.part is not None:
            assert templates.sheet_title(names.kind(field.part), language) in book.sheetnames


@EACH
@BOTH
def test_no_text_is_left_in_the_other_language(names: Names, kind: str, language: str) -> None:
    """Every word of the instructions and explanations: by the letters and the commonest words."""
    book = workbook(names.kind(kind), language, names)
    texts = [str(c.value) for row in book.worksheets[0].iter_rows() for c in row if c.value]
    texts += [str(c.value) for c in book[templates.sheet_title(names.kind(kind), language)][2]]
    foreign = (
        r"\b(the|which|write|row)\b" if language == "da" else r"\b(og|ikke|skal|række)\b|[æøå]"
    )
    for text in texts:
        plain = re.sub('[“"»].*?[”"«]', "", text)
        assert not re.search(foreign, plain, re.IGNORECASE), text


def test_the_first_sheet_says_what_people_must_know(names: Names) -> None:
    book = workbook(names.kind("activity"), "da", names)
    assert book.sheetnames[0] == "Vejledning"
    said = " ".join(str(c.value) for row in book["Vejledning"].iter_rows() for c in row)
    for word in ("CC BY 4.0", "CPR-numre", "semikolon", "stjerne", "åbne data", "#"):
        assert word in said


def test_drop_downs_hold_the_lists(names: Names) -> None:
    """Through names, so that Excel keeps them where every program finds them."""
    book = workbook(names.kind("collaboration"), "da", names)
    sheet = book["Samarbejde"]
    heads = {str(cell.value).removesuffix(" *"): cell.column_letter for cell in sheet[1]}
    rules = {}
    for rule in sheet.data_validations.dataValidation:
        for part in str(rule.sqref).split():
            rules[re.sub(r"\d.*", "", part)] = rule
    support = rules[heads["ledelsesmæssig opbakning"]]
    name = str(support.formula1)
    title, area = next(iter(book.defined_names[name].destinations))
    shown = [row[0].value for row in book[title][area.replace("$", "")]]
    assert shown == ["med opbakning", "uden opbakning", "ukendt opbakning"]
    assert support.showErrorMessage, "one of the list, and no other"
    assert not rules[heads["rolle"]].showErrorMessage, "several may be typed"
    party, area = next(
        iter(book.defined_names[str(rules[heads["deltager"]].formula1)].destinations)
    )
    parties = [row[0].value for row in book[party][area.replace("$", "")]]
    assert {"Odense", "Aarhus"} <= set(parties)
    assert len(parties) == len(set(parties)), "two of one name are told apart"


@EACH
@BOTH
def test_examples_are_there_and_marked(names: Names, kind: str, language: str) -> None:
    of = names.kind(kind)
    book = workbook(of, language, names)
    lead = "# Eksempel: " if language == "da" else "# Example: "
    shown = [
        str(sheet.cell(3, 1).value)
        for sheet in book.worksheets
        if str(sheet.cell(3, 1).value).startswith("# ")
    ]
    assert shown
    assert all(text.startswith(lead) for text in shown)
    rows = list(csv.reader(_text(templates.build(kind, language, "csv", names), language)))
    assert [row for row in rows if row[0].startswith(lead)]


def _text(data: bytes, language: str) -> list[str]:
    text = data.decode("utf-8-sig")
    if language == "da":
        out = io.StringIO()
        csv.writer(out).writerows(csv.reader(io.StringIO(text, newline=""), delimiter=";"))
        text = out.getvalue()
    return text.splitlines(keepends=True)


@EACH
@BOTH
@pytest.mark.parametrize("form", ["xlsx", "csv"])
def test_an_empty_template_has_no_records_and_no_surprises(
    names: Names, kind: str, language: str, form: str
) -> None:
    of = names.kind(kind)
    data = templates.build(kind, language, form, names)
    read = read_xlsx if form == "xlsx" else read_csv
    sent = read(templates.file_name(of, language, form), data, names)
    assert sent.quads == ()
    assert [str(remark.message) for remark in sent.remarks] == ["there are no records in the file"]


def test_without_examples_in_the_release_the_shapes_give_them(names: Names) -> None:
    from dataclasses import replace

    bare = Names(
        {key: replace(kind, examples=()) for key, kind in names.records.items()}, names.lists
    )
    for kind in bare.kinds():
        data = templates.build(kind.key, "da", "xlsx", bare)
        sheets = load_workbook(io.BytesIO(data)).worksheets
        assert [s for s in sheets if str(s.cell(3, 1).value).startswith("# Eksempel: ")], kind.key
        sent = read_xlsx("x.xlsx", data, bare)
        assert sent.quads == ()


def test_nothing_in_a_template_is_a_formula(names: Names) -> None:
    for kind in names.kinds():
        data = templates.build(kind.key, "en", "xlsx", names)
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for name in archive.namelist():
                if name.startswith("xl/worksheets/sheet"):
                    assert b"<f>" not in archive.read(name), name


def test_an_unknown_form_is_no_template(names: Names) -> None:
    with pytest.raises(KeyError):
        templates.build("activity", "da", "docx", names)
    with pytest.raises(KeyError):
        templates.build("nothing", "da", "xlsx", names)


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("soffice") is None, reason="needs LibreOffice")
def test_libreoffice_opens_it_and_what_it_saves_is_read(names: Names, tmp_path: Path) -> None:
    """A real client. By hand and where it is installed; too big for CI."""
    from filled_tables import ACTIVITY, typed

    path = tmp_path / "aktivitet.xlsx"
    typed("activity", names, ACTIVITY).save(path)
    before = read_xlsx("aktivitet.xlsx", path.read_bytes(), names)
    for form in (
        "xlsx",
        "csv:Text - txt - csv (StarCalc):59,34,76,1,,0,false,true,false,false,false,2",
    ):
        done = subprocess.run(
            ["soffice", "--headless", f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}",
             "--convert-to", form, "--outdir", str(tmp_path / "out"), str(path)],
            capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
    again = read_xlsx("aktivitet.xlsx", (tmp_path / "out/aktivitet.xlsx").read_bytes(), names)
    assert set(again.quads) == set(before.quads)
    assert [r for r in again.remarks if r.severity is Severity.VIOLATION] == []
    [table] = (tmp_path / "out").glob("*.csv")
    as_csv = read_csv("aktivitet.csv", table.read_bytes(), names)
    assert {q.triple for q in as_csv.quads} == {q.triple for q in before.quads}
