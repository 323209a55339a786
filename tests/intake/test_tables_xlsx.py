"""Workbooks as they come, and as somebody would make them to do harm."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Callable
from datetime import date, datetime, timedelta

import pyoxigraph as ox
import pytest
from filled_tables import ACTIVITY, DEF, ID, saved, typed
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.utils.escape import unescape

from coi_graph.errors import UnreadableInput
from coi_graph.intake.limits import MIB, Limits
from coi_graph.intake.names import Names
from coi_graph.intake.places import Sent, Severity
from coi_graph.intake.tables import read_xlsx, workbook
from coi_graph.intake.tables.grid import Cell

PROEVE = ox.NamedNode(ID + "activity/proeve-1")
Edit = Callable[[str, bytes], bytes | None]


def edited(data: bytes, edit: Edit, **more: bytes) -> bytes:
    """The archive with each part put through ``edit`` (None leaves it out), and ``more`` parts."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as given_,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made,
    ):
        for name in given_.namelist():
            content = edit(name, given_.read(name))
            if content is not None:
                made.writestr(name, content)
        for name, content in more.items():
            made.writestr(name, content)
    return out.getvalue()


def replaced(data: bytes, part: str, old: bytes, new: bytes) -> bytes:
    def edit(name: str, content: bytes) -> bytes:
        if name != part:
            return content
        assert old in content
        return content.replace(old, new, 1)

    return edited(data, edit)


def same(name: str, content: bytes) -> bytes:
    return content


def small() -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Aktivitet"
    sheet.append(["identifikator", "titel (dansk)", "rolle"])
    sheet.append(["proeve-1", "Prøve", "Kapacitetsopbygger"])
    return saved(book)


SHARED = (
    b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    b"<si><t>identifikator</t></si><si><t>titel (dansk)</t></si><si><t>rolle</t></si>"
    b"<si><t>proeve-1</t></si><si><r><t>Pr</t></r><r><rPr><b/></rPr><t>\xc3\xb8ve</t></r>"
    b'<rPh sb="0" eb="1"><t>lyd</t></rPh></si><si><t>Kapacitetsopbygger</t></si>'
    b"<si><t>A_x000D_B</t></si></sst>"
)


def shared() -> bytes:
    """A workbook as Excel writes it: the texts in a part of their own."""
    rows = b"".join(
        b'<row r="%d">%s</row>'
        % (row, b"".join(b'<c r="%c%d" t="s"><v>%d</v></c>' % (65 + c, row, 3 * (row - 1) + c)
                         for c in range(3)))
        for row in (1, 2)
    )  # fmt: skip
    sheet = (
        b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        + rows + b"</sheetData></worksheet>"
    )  # fmt: skip

    def edit(name: str, content: bytes) -> bytes:
        if name == "xl/worksheets/sheet1.xml":
            return sheet
        if name == "xl/_rels/workbook.xml.rels":
            relation = (
                b'<Relationship Id="rId99" Target="sharedStrings.xml" Type="http://schemas.'
                b'openxmlformats.org/officeDocument/2006/relationships/sharedStrings"/>'
            )
            return content.replace(b"</Relationships>", relation + b"</Relationships>")
        return content

    return edited(small(), edit, **{"xl/sharedStrings.xml": SHARED})


def test_shared_texts_and_their_runs(names: Names) -> None:
    sent = read_xlsx("x.xlsx", shared(), names)
    assert values(sent, "title") == {"Prøve"}
    assert values(sent, "hasRole") == {ID + "role/capacity-builder"}
    far = replaced(shared(), "xl/worksheets/sheet1.xml", b"<v>4</v>", b"<v>4444</v>")
    assert values(read_xlsx("x.xlsx", far, names), "title") == set()


def refused(names: Names, data: bytes, why: str, limits: Limits | None = None) -> None:
    with pytest.raises(UnreadableInput, match=why) as caught:
        read_xlsx("x.xlsx", data, names, limits)
    assert caught.value.remedy is not None
    assert caught.value.message.in_language("da") != str(caught.value)


def refusal(data: bytes, names: Names) -> UnreadableInput | None:
    try:
        read_xlsx("x.xlsx", data, names)
    except UnreadableInput as error:
        return error
    return None


def values(sent: Sent, local: str) -> set[str]:
    return {q.object.value for q in sent.quads if q.predicate.value.endswith(local)}  # type: ignore[union-attr]


# --- what is no workbook that we take


def test_old_and_foreign_formats_say_how_to_save(names: Names) -> None:
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
    refused(names, ole, "old format")
    refused(names, ole + "EncryptedPackage".encode("utf-16-le"), "protected by a password")
    ods = io.BytesIO()
    with zipfile.ZipFile(ods, "w") as made:
        made.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        made.writestr("content.xml", "<x/>")
    refused(names, ods.getvalue(), "OpenDocument")
    refused(names, edited(small(), same, **{"xl/workbook.bin": b"x"}), "binary workbook")
    docx = io.BytesIO()
    with zipfile.ZipFile(docx, "w") as made:
        made.writestr("word/document.xml", "<x/>")
    refused(names, docx.getvalue(), "no workbook")


def test_macros_are_refused(names: Names) -> None:
    refused(names, edited(small(), same, **{"xl/vbaProject.bin": b"x"}), "holds macros")
    with_type = replaced(
        small(), "[Content_Types].xml", b"spreadsheetml.sheet.main",
        b"ms-excel.sheet.macroEnabled.main",
    )  # fmt: skip
    refused(names, with_type, "holds macros")


@pytest.mark.parametrize("cut", [10, 100, 1000, -30, -1])
def test_a_broken_off_file_is_refused(names: Names, cut: int) -> None:
    refused(names, small()[:cut], "is damaged")


def test_an_archive_that_says_one_thing_and_is_another(names: Names) -> None:
    data = small()
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        sheet = archive.getinfo("xl/worksheets/sheet1.xml")
    lie = data.replace(struct.pack("<I", sheet.file_size), struct.pack("<I", 10))
    assert lie != data
    refused(names, lie, "is damaged")
    wrong_sum = data.replace(struct.pack("<I", sheet.CRC), struct.pack("<I", sheet.CRC ^ 1))
    refused(names, wrong_sum, "is damaged")


# --- bombs


def test_a_part_that_inflates_without_end_is_refused(names: Names) -> None:
    bomb = edited(small(), same, **{"xl/media/image1.png": bytes(20 * MIB)})
    assert len(bomb) < MIB
    refused(names, bomb, "far bigger inside")


def test_all_parts_together_are_bounded(names: Names) -> None:
    noise = zlib.compress(small()) * 2000
    data = edited(small(), same, **{f"xl/media/{n}.bin": noise for n in range(3)})
    refused(names, data, "far bigger inside", Limits(inflated_bytes=5 * MIB))


def test_a_sheet_of_a_million_rows_is_refused_soon(names: Names) -> None:
    row = b'<row r="%d"><c r="A%d" t="inlineStr"><is><t>a%d</t></is></c></row>'
    rows = b"".join(row % (n, n, n) for n in range(3, 1_000_003))

    def edit(name: str, content: bytes) -> bytes:
        if name != "xl/worksheets/sheet1.xml":
            return content
        return content.replace(b"</sheetData>", rows + b"</sheetData>")

    refused(names, edited(small(), edit), "more than 50000 rows")


def test_a_million_formatted_but_empty_rows_are_no_rows(names: Names) -> None:
    rows = b"".join(b'<row r="%d" s="1" customFormat="1"/>' % n for n in range(3, 300_003))

    def edit(name: str, content: bytes) -> bytes:
        if name != "xl/worksheets/sheet1.xml":
            return content
        return content.replace(b"</sheetData>", rows + b"</sheetData>")

    sent = read_xlsx("x.xlsx", edited(small(), edit), names)
    assert values(sent, "title") == {"Prøve"}


@pytest.mark.parametrize("part", ["xl/workbook.xml", "xl/worksheets/sheet1.xml",
                                  "xl/sharedStrings.xml", "xl/styles.xml", "docProps/core.xml",
                                  "xl/_rels/workbook.xml.rels"])  # fmt: skip
def test_a_document_type_in_any_part_is_refused(names: Names, part: str) -> None:
    def edit(name: str, content: bytes) -> bytes:
        if name != part:
            return content
        head, _, rest = (
            content.partition(b"?>") if content.startswith(b"<?xml") else (b"", b"", content)
        )
        lead = head + b"?>" if head else b""
        return lead + b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>' + rest

    refused(names, edited(shared(), edit), "DOCTYPE")


@pytest.mark.parametrize("codec", ["utf-16", "utf-16-le", "utf-7"])
def test_xml_in_another_encoding_hides_nothing(names: Names, codec: str) -> None:
    def edit(name: str, content: bytes) -> bytes:
        if name != "docProps/core.xml":
            return content
        text = f'<?xml version="1.0" encoding="{codec}"?><!DOCTYPE x><x/>'
        return text.encode(codec if codec != "utf-7" else "ascii")

    with pytest.raises(UnreadableInput):
        read_xlsx("x.xlsx", edited(small(), edit), names)


def test_external_links_are_not_opened_and_said(names: Names) -> None:
    data = edited(small(), same, **{"xl/externalLinks/externalLink1.xml": b"<externalLink/>"})
    sent = read_xlsx("x.xlsx", data, names)
    assert [str(one.message) for one in sent.remarks] == [
        "the workbook refers to other files; they are not opened"
    ]


def test_too_many_or_doubled_parts_are_refused(names: Names) -> None:
    many = edited(small(), same, **{f"xl/media/{n}.txt": b"" for n in range(2100)})
    refused(names, many, "is damaged")
    doubled = io.BytesIO(small())
    with zipfile.ZipFile(doubled, "a") as archive:
        archive.writestr("XL/Workbook.xml", b"<x/>")
    refused(names, doubled.getvalue(), "is damaged")


@given(at=st.integers(0, 10**9), byte=st.integers(0, 255))
def test_a_damaged_byte_is_read_or_refused(names: Names, at: int, byte: int) -> None:
    bad = bytearray(small())
    bad[at % len(bad)] = byte
    error = refusal(bytes(bad), names)
    assert error is None or error.remedy is not None


@given(st.binary(max_size=400))
def test_any_sheet_xml_is_read_or_refused(names: Names, junk: bytes) -> None:
    def edit(name: str, content: bytes) -> bytes:
        return junk if name == "xl/worksheets/sheet1.xml" else content

    with pytest.raises(UnreadableInput):
        read_xlsx("x.xlsx", edited(small(), edit), names)


# --- what a sheet may hold


def cells(book: Workbook) -> dict[str, Cell]:
    [grid] = workbook.read("x.xlsx", saved(book), Limits()).grids
    return {f"{column}{row}": cell for row, found in grid.rows.items() for column, cell in
            ((chr(64 + c), cell) for c, cell in found.items())}  # fmt: skip


def one_sheet(*values_: object) -> Workbook:
    book = Workbook()
    assert book.active is not None
    for column, value in enumerate(values_, start=1):
        book.active.cell(1, column).value = value  # type: ignore[arg-type]
    return book


def test_kinds_of_cells() -> None:
    book = one_sheet("tekst", 5, 5.25, True, date(2026, 11, 25), datetime(2026, 11, 25, 9), None)
    assert book.active is not None
    book.active["H1"] = 0.5
    book.active["H1"].number_format = "0,0 %"
    book.active["I1"] = CellRichText("en ", TextBlock(InlineFont(b=True), "fed"), " tekst")
    found = cells(book)
    assert {name: cell.value for name, cell in found.items()} == {
        "A1": "tekst", "B1": 5, "C1": 5.25, "D1": True, "E1": date(2026, 11, 25),
        "F1": datetime(2026, 11, 25, 9), "H1": 0.5, "I1": "en fed tekst",
    }  # fmt: skip
    assert found["H1"].percent
    assert not found["C1"].percent


def test_dates_that_count_from_1904() -> None:
    book = one_sheet(date(2026, 11, 25))
    book.epoch = datetime(1904, 1, 1)
    assert cells(book)["A1"].value == date(2026, 11, 25)


@given(st.dates(date(1900, 3, 1), date(2100, 1, 1)), st.integers(0, 86_399))
def test_every_moment_of_a_cell_comes_back(day: date, seconds: int) -> None:
    at = datetime.combine(day, datetime.min.time()) + timedelta(seconds=seconds)
    found = cells(one_sheet(day, at))
    assert found["A1"].value == day
    assert found["B1"].value == at


@given(st.lists(st.text(min_size=1, max_size=20), min_size=1, max_size=5))
def test_every_text_of_a_cell_comes_back(texts: list[str]) -> None:
    kept = [ILLEGAL_CHARACTERS_RE.sub("", t).replace("\r", "") for t in texts]
    kept = [t for t in kept if t.strip() and not t.startswith(("=", "#"))]
    if not kept or any(
        ord(c) in range(0xD800, 0xE000) or ord(c) in (0xFFFE, 0xFFFF) for t in kept for c in t
    ):
        return
    book = Workbook()
    assert book.active is not None
    for column, text in enumerate(kept, start=1):
        cell = book.active.cell(1, column, text)
        cell.data_type = "s"
    assert [cell.value for cell in cells(book).values()] == [unescape(text) for text in kept]


def formula_book(names: Names, cached: bytes | None) -> bytes:
    """A title that is a formula, with the value that the spreadsheet program computed."""
    data = saved(typed("activity", names, {**ACTIVITY, "titel (dansk)": '=CONCATENATE("A","B")'}))
    if cached is None:
        return data

    def edit(name: str, content: bytes) -> bytes:
        if b'CONCATENATE("A","B")</f>' not in content:
            return content
        return (
            content.replace(
                b'<f>CONCATENATE("A","B")</f><v></v>',
                b'<f>CONCATENATE("A","B")</f><v>' + cached + b"</v>",
            )
            .replace(
                b'<f>CONCATENATE("A","B")</f><v />',
                b'<f>CONCATENATE("A","B")</f><v>' + cached + b"</v>",
            )
            .replace(
                b'<f>CONCATENATE("A","B")</f><v/>',
                b'<f>CONCATENATE("A","B")</f><v>' + cached + b"</v>",
            )
        )

    return edited(data, edit)


def test_the_value_that_a_formula_gave_is_read(names: Names) -> None:
    data = formula_book(names, b"12")
    sent = read_xlsx("x.xlsx", data, names)
    assert "12" in values(sent, "title")
    [one] = [r for r in sent.remarks if "formula" in str(r.message)]
    assert (one.severity, one.place.cell) == (Severity.INFO, "C3")


def test_a_formula_that_nobody_computed_is_said(names: Names) -> None:
    sent = read_xlsx("x.xlsx", formula_book(names, None), names)
    [one] = [r for r in sent.remarks if "formula" in str(r.message)]
    assert (one.severity, one.place.cell) == (Severity.WARNING, "C3")
    assert "AB" not in values(sent, "title")


def test_an_error_value_is_said(names: Names) -> None:
    book = typed("activity", names, ACTIVITY)
    book["Aktivitet"]["G3"] = "#N/A"
    sent = read_xlsx("x.xlsx", saved(book), names)
    [one] = sent.remarks
    assert (one.severity, one.place.cell, one.found) == (Severity.VIOLATION, "G3", "#N/A")


def test_numbers_and_dates_as_a_spreadsheet_keeps_them(names: Names) -> None:
    row = {"identifikator": "p1", "titel (dansk)": "Opdigtet", "praktikår": 2017,
           "antal gæster": 2.0, "begyndelse": datetime(2017, 9, 4, 9),
           "slutning": date(2017, 9, 8)}  # fmt: skip
    sent = read_xlsx("x.xlsx", saved(typed("internship", names, row)), names)
    assert values(sent, "internshipYear") == {"2017"}
    assert values(sent, "guestCount") == {"2"}
    assert values(sent, "startedAtTime") == {"2017-09-04T09:00:00+02:00"}
    assert values(sent, "endedAtTime") == {"2017-09-08T23:59:59+02:00"}
    assert sent.remarks == ()


def test_a_share_shown_as_per_cent(names: Names) -> None:
    row = {"identifikator": "u1", "titel (dansk)": "Opdigtet", "andel i procent": 0.667}
    book = typed("change-claim", names, row)
    sheet = book["Forandringsudsagn"]
    [cell] = [c for c in sheet[3] if c.value == 0.667]
    cell.number_format = "0.0%"
    sent = read_xlsx("x.xlsx", saved(book), names)
    assert values(sent, "share") == {"66.7"}


def test_the_strict_form_of_the_format_is_read(names: Names) -> None:
    """ISO 29500 Strict has other namespaces; Excel can save it."""

    def edit(name: str, content: bytes) -> bytes:
        for old, new in (
            (b"http://schemas.openxmlformats.org/spreadsheetml/2006/main",
             b"http://purl.oclc.org/ooxml/spreadsheetml/main"),
            (b"http://schemas.openxmlformats.org/officeDocument/2006/relationships",
             b"http://purl.oclc.org/ooxml/officeDocument/relationships"),
        ):  # fmt: skip
            content = content.replace(old, new)
        return content

    sent = read_xlsx("x.xlsx", edited(small(), edit), names)
    assert values(sent, "hasRole") == {ID + "role/capacity-builder"}
    assert values(sent, "type") == {DEF + "Activity"}
