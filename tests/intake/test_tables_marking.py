"""The sender's own workbook comes back with its cells marked; mended, it is taken; and nothing of
the marks is ever read."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import zipfile
from collections.abc import Iterable
from pathlib import Path

import pytest
from filled_tables import ACTIVITY, of, saved, typed
from openpyxl import Workbook, load_workbook
from openpyxl.comments import Comment
from openpyxl.styles import Font, PatternFill

from coi_graph.errors import UnreadableInput
from coi_graph.intake.names import Names
from coi_graph.intake.places import Place, Remark, Sent, Severity
from coi_graph.intake.tables import read_csv, read_xlsx
from coi_graph.intake.tables.marking import Mark, mark
from coi_graph.intake.tables.traces import COLOURS, SIGN

WRONG = {**ACTIVITY, "rolle": "Kapacitetsopbyger", "begyndelse": "31-11-2026", "værktøj": "hammer"}
GREEN = PatternFill("solid", start_color="FF00FF00")


def marks_of(remarks: Iterable[Remark], language: str) -> list[Mark]:
    return [
        Mark(
            one.place, one.severity, one.message.in_language(language),
            one.remedy.in_language(language) if one.remedy else "", "Rammens egen sætning.",
        )
        for one in remarks
    ]  # fmt: skip


def marked(data: bytes, names: Names, sent: Sent, language: str = "da") -> bytes:
    return mark(sent.file, data, marks_of(sent.remarks, language), language, names)


def opened(data: bytes) -> Workbook:
    return load_workbook(io.BytesIO(data))


def colour(book: Workbook, sheet: str, cell: str) -> str | None:
    fill = book[sheet][cell].fill
    return str(fill.start_color.rgb) if fill.patternType == "solid" else None


@pytest.fixture(scope="module")
def wrong(names: Names) -> bytes:
    book = typed("activity", names, WRONG)
    sheet = book["Aktivitet"]
    sheet["G3"].fill = GREEN
    sheet["R3"].comment = Comment("Spørg Hanne fra budget", "En kollega")
    sheet["C3"].font = Font(name="Arial", bold=True, size=20)
    sheet.column_dimensions["C"].width = 77
    return saved(book)


@pytest.fixture(scope="module")
def sent(names: Names, wrong: bytes) -> Sent:
    return read_xlsx("aktivitet.xlsx", wrong, names)


def test_the_wrong_cells_are_marked_and_commented(names: Names, wrong: bytes, sent: Sent) -> None:
    book = opened(marked(wrong, names, sent))
    assert {one.place.cell for one in sent.remarks} == {"G3", "L3", "R3"}
    for cell in ("G3", "L3", "R3"):
        assert colour(book, "Aktivitet", cell) == COLOURS[Severity.VIOLATION]
    text = book["Aktivitet"]["G3"].comment.text
    assert "»Kapacitetsopbyger« er ukendt" in text
    assert "Kapacitetsopbygger" in text
    assert colour(book, "Aktivitet", "H3") is None


def test_the_senders_own_look_stays(names: Names, wrong: bytes, sent: Sent) -> None:
    book = opened(marked(wrong, names, sent))
    sheet = book["Aktivitet"]
    comment = sheet["R3"].comment
    assert comment.text.startswith("Spørg Hanne fra budget")
    assert (comment.author, SIGN in comment.text) == ("En kollega", True)
    assert (sheet["C3"].font.name, sheet["C3"].font.size) == ("Arial", 20)
    assert sheet.column_dimensions["C"].width == 77
    assert sheet.freeze_panes == "B3"
    assert sheet.data_validations.dataValidation
    assert book.sheetnames[1:] == opened(wrong).sheetnames


def test_a_first_sheet_lists_the_findings_with_links(
    names: Names, wrong: bytes, sent: Sent
) -> None:
    book = opened(marked(wrong, names, sent))
    sheet = book.worksheets[0]
    assert (sheet.title, book.active.title) == ("Skal rettes", "Skal rettes")  # type: ignore[union-attr]
    assert "3" in str(sheet["A1"].value)
    rows = [[c.value for c in row[:6]] for row in sheet.iter_rows(min_row=5, max_row=7)]
    assert [row[2] for row in rows] == ["Aktivitet!G3", "Aktivitet!L3", "Aktivitet!R3"]
    assert sheet["C5"].hyperlink.location == "'Aktivitet'!G3"
    assert rows[0][1:2] + rows[0][5:] == ["Skal rettes", "Rammens egen sætning."]
    english = opened(marked(wrong, names, sent, "en"))
    assert english.worksheets[0].title == "To be mended"
    assert "must be mended" in str(english.worksheets[0]["A1"].value)


@pytest.mark.parametrize("language", ["da", "en"])
def test_the_marks_are_not_read(names: Names, wrong: bytes, sent: Sent, language: str) -> None:
    again = read_xlsx("aktivitet.xlsx", marked(wrong, names, sent, language), names)
    assert again.quads == sent.quads
    assert again.remarks == sent.remarks


def test_mended_it_is_taken_and_the_marks_go(names: Names, wrong: bytes, sent: Sent) -> None:
    book = opened(marked(wrong, names, sent))
    sheet = book["Aktivitet"]
    sheet["G3"], sheet["R3"], sheet["L3"] = "Kapacitetsopbygger", "30-11-2026", None
    data = saved(book)
    mended = read_xlsx("aktivitet.xlsx", data, names)
    assert mended.remarks == ()
    right = {**ACTIVITY, "rolle": "Kapacitetsopbygger", "begyndelse": "30-11-2026"}
    assert of(mended) == of(read_xlsx("a.xlsx", saved(typed("activity", names, right)), names))
    clean = opened(marked(data, names, mended, "en"))
    assert colour(clean, "Aktivitet", "G3") == "FF00FF00", "her own colour is back"
    assert colour(clean, "Aktivitet", "L3") is None
    assert clean["Aktivitet"]["R3"].comment.text == "Spørg Hanne fra budget"
    assert clean["Aktivitet"]["G3"].comment is None
    assert clean.sheetnames.count("Skal rettes") == 0
    assert "Nothing stands in the way" in str(clean["To be mended"]["A1"].value)


def test_marked_three_times_the_colours_are_still_known(
    names: Names, wrong: bytes, sent: Sent
) -> None:
    data = wrong
    for _ in range(3):
        data = marked(data, names, sent)
    book = opened(data)
    assert len(book.sheetnames) == len(opened(wrong).sheetnames) + 1
    assert book["Aktivitet"]["G3"].comment.text.count(SIGN) == 1
    assert colour(opened(mark("a.xlsx", data, [], "da", names)), "Aktivitet", "G3") == "FF00FF00"


def test_a_csv_comes_back_as_a_workbook(names: Names) -> None:
    text = "identifikator;titel (dansk);rolle\nx;=1+1;fejl\n\ny;007;Vidensallieret\n"
    first = read_csv("min aktivitet.csv", text.encode("cp1252"), names)
    data = marked(text.encode("cp1252"), names, first)
    book = opened(data)
    assert book.sheetnames == ["Skal rettes", "min aktivitet"]
    sheet = book["min aktivitet"]
    assert colour(book, "min aktivitet", "C2") == COLOURS[Severity.VIOLATION]
    assert (sheet["B2"].value, sheet["B2"].data_type, sheet["B4"].value) == ("=1+1", "s", "007")
    assert book.worksheets[0]["C5"].hyperlink.location == "'min aktivitet'!C2"
    sheet["C2"] = "Kapacitetsopbygger"
    again = read_xlsx("min aktivitet.xlsx", saved(book), names)
    assert again.remarks == ()
    fixed = text.replace("fejl", "Kapacitetsopbygger")
    assert of(again) == of(read_csv("min aktivitet.csv", fixed.encode(), names))


@pytest.mark.parametrize("text", ['=HYPERLINK("http://x")', "+1", "-1", "@SUM(A1)", "\t=1", "#N/A"])
def test_texts_of_others_are_never_formulas(names: Names, wrong: bytes, text: str) -> None:
    found = Mark(
        Place("a.xlsx", sheet="Aktivitet", row=3, column=7), Severity.WARNING, text, text, text
    )
    data = mark("a.xlsx", wrong, [found], "da", names)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for name in archive.namelist():
            assert b"<f>" not in archive.read(name), name
            if name == "xl/worksheets/sheet1.xml":
                assert b't="e"' not in archive.read(name)
    sheet = opened(data).worksheets[0]
    for column in "DEF":
        assert sheet[f"{column}5"].value == text
        assert sheet[f"{column}5"].quotePrefix is (text[0] != "#")


def test_places_that_are_no_cells(names: Names, wrong: bytes) -> None:
    found = [
        Mark(None, Severity.INFO, "om det hele"),
        Mark(Place("a.xlsx"), Severity.INFO, "om filen"),
        Mark(Place("a.xlsx", sheet="Aktivitet"), Severity.INFO, "om arket"),
        Mark(Place("a.xlsx", sheet="Findes ikke", row=1, column=1), Severity.INFO, "et andet ark"),
    ]
    sheet = opened(mark("a.xlsx", wrong, found, "da", names)).worksheets[0]
    shown = {str(sheet.cell(row, 4).value): sheet.cell(row, 3).value for row in range(5, 9)}
    assert shown == {
        "om det hele": None, "om filen": "a.xlsx", "om arket": "Aktivitet",
        "et andet ark": "Findes ikke!A1",
    }  # fmt: skip


def test_a_place_in_merged_cells_marks_the_first(names: Names) -> None:
    book = typed("activity", names, ACTIVITY)
    book["Aktivitet"].merge_cells("G3:H4")
    found = Mark(Place("a.xlsx", sheet="Aktivitet", row=4, column=8), Severity.WARNING, "her")
    shown = opened(mark("a.xlsx", saved(book), [found], "da", names))
    assert colour(shown, "Aktivitet", "G3") == COLOURS[Severity.WARNING]


def test_the_worst_comes_first_and_gives_the_colour(names: Names, wrong: bytes) -> None:
    place = Place("a.xlsx", sheet="Aktivitet", row=3, column=7)
    found = [Mark(place, severity, severity.name) for severity in sorted(Severity)]
    book = opened(mark("a.xlsx", wrong, found, "da", names))
    assert colour(book, "Aktivitet", "G3") == COLOURS[Severity.VIOLATION]
    listed = [book.worksheets[0].cell(row, 4).value for row in (5, 6, 7)]
    assert listed == ["VIOLATION", "WARNING", "INFO"]


def test_what_may_not_be_opened_is_not(names: Names, wrong: bytes) -> None:
    bomb = io.BytesIO(wrong)
    with zipfile.ZipFile(bomb, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/image9.png", bytes(30_000_000))
    with pytest.raises(UnreadableInput, match="far bigger inside"):
        mark("a.xlsx", bomb.getvalue(), [], "da", names)


def test_a_workbook_that_openpyxl_does_not_bear_is_built_anew(
    names: Names, wrong: bytes, sent: Sent
) -> None:
    """A style part that is no style part: reading needs little of it, marking would need all."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(wrong)) as given, zipfile.ZipFile(out, "w") as made:
        for name in given.namelist():
            content = given.read(name)
            if name == "xl/styles.xml":
                content = re.sub(b'fontId="[0-9]+"', b'fontId="x"', content)
            made.writestr(name, content)
    data = out.getvalue()
    with pytest.raises(Exception):  # noqa: B017 - whatever it raises
        load_workbook(io.BytesIO(data))
    found = Mark(Place("a.xlsx", sheet="Aktivitet", row=3, column=7), Severity.VIOLATION, "her")
    book = opened(mark("a.xlsx", data, [found], "da", names))
    assert colour(book, "Aktivitet", "G3") == COLOURS[Severity.VIOLATION]
    assert book["Aktivitet"]["G3"].value == "Kapacitetsopbyger"


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("soffice") is None, reason="needs LibreOffice")
def test_libreoffice_keeps_the_marks_and_they_can_still_be_taken_away(
    names: Names, wrong: bytes, sent: Sent, tmp_path: Path
) -> None:
    path = tmp_path / "aktivitet.xlsx"
    path.write_bytes(marked(wrong, names, sent))
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    subprocess.run(
        ["soffice", "--headless", profile, "--convert-to", "xlsx", "--outdir",
         str(tmp_path / "out"), str(path)],
        capture_output=True, timeout=120, check=True,
    )  # fmt: skip
    data = (tmp_path / "out/aktivitet.xlsx").read_bytes()
    again = read_xlsx("aktivitet.xlsx", data, names)
    assert (again.quads, again.remarks) == (sent.quads, sent.remarks)
    book = opened(data)
    assert colour(book, "Aktivitet", "G3") == COLOURS[Severity.VIOLATION]
    assert book.worksheets[0]["C5"].hyperlink.location == "'Aktivitet'!G3"
    clean = opened(mark("aktivitet.xlsx", data, [], "da", names))
    assert colour(clean, "Aktivitet", "G3") == "FF00FF00"
    assert clean["Aktivitet"]["G3"].comment is None
