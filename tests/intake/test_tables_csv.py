"""CSV as it comes: encodings, separators, quotation marks."""

from __future__ import annotations

import codecs
import csv
import io

import pyoxigraph as ox
import pytest
from filled_tables import DEF, ID, of
from hypothesis import given
from hypothesis import strategies as st

from coi_graph.errors import UnreadableInput
from coi_graph.intake.limits import Limits
from coi_graph.intake.names import Names
from coi_graph.intake.places import Severity
from coi_graph.intake.tables import read_csv, separated

TEXT = (
    "identifikator;titel (dansk);ønsket forandring;deltager\r\n"
    "proeve;Æblegrød på Ærø – »så«;V1;Ærø\r\n"
)
RIGHT = {
    ("title", "Æblegrød på Ærø – »så«"),
    ("aimsAt", ID + "aim/coi-knowledge-used-and-debated"),
    ("participant", ID + "municipality/0492"),
    ("type", DEF + "Activity"),
}


def facts(data: bytes, names: Names, file: str = "aktivitet.csv") -> set[tuple[str, str]]:
    return {
        (t.predicate.value.replace("#", "/").rpartition("/")[2], t.object.value)  # type: ignore[union-attr]
        for t in of(read_csv(file, data, names))
    }


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (TEXT.encode(), []),
        (codecs.BOM_UTF8 + TEXT.encode(), []),
        (TEXT.encode("utf-16"), ["the file is saved as UTF-16"]),
        (codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"), ["the file is saved as UTF-16"]),
        (TEXT.encode("cp1252"), ["the file was read as Windows-1252"]),
    ],
    ids=["utf-8", "with a mark", "utf-16", "utf-16-be", "windows-1252"],
)
def test_encodings(names: Names, data: bytes, said: list[str]) -> None:
    assert facts(data, names) == RIGHT
    remarks = read_csv("aktivitet.csv", data, names).remarks
    assert [str(one.message) for one in remarks] == said


def test_a_file_in_two_encodings_is_read_line_by_line(names: Names) -> None:
    head, row = TEXT.split("\r\n")[:2]
    other = row.replace("proeve", "anden")
    data = b"\r\n".join([head.encode(), row.encode(), other.encode("cp1252")])
    sent = read_csv("aktivitet.csv", data, names)
    titles = {t.object.value for t in of(sent) if t.predicate.value.endswith("title")}  # type: ignore[union-attr]
    assert titles == {"Æblegrød på Ærø – »så«"}
    [one] = sent.remarks
    assert one.severity is Severity.WARNING
    assert (one.place.line, "mixed" in str(one.message)) == (3, True)


def test_letters_that_were_lost_before_are_said(names: Names) -> None:
    garbled = TEXT.replace("Æblegrød", "Ã†blegrÃ¸d")
    sent = read_csv("aktivitet.csv", garbled.encode(), names)
    assert [one for one in sent.remarks if "is meant" in str(one.message)]


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"identifikator;rolle\nx\x00y;z\n", "NUL"),
        (TEXT.encode("cp1252") + b"\x81;x\n", "neither UTF-8 nor Windows-1252"),
        (TEXT.encode("utf-16")[:-1], "UTF-16"),
    ],
)
def test_bytes_that_are_no_text(names: Names, data: bytes, why: str) -> None:
    with pytest.raises(UnreadableInput, match=why) as caught:
        read_csv("x.csv", data, names)
    assert caught.value.remedy is not None


@pytest.mark.parametrize("separator", [";", ",", "\t", "|"])
@pytest.mark.parametrize("hint", ["", "sep={}\r\n"])
def test_separators(names: Names, separator: str, hint: str) -> None:
    rows = list(csv.reader(io.StringIO(TEXT), delimiter=";"))
    out = io.StringIO()
    csv.writer(out, delimiter=separator).writerows(rows)
    data = (hint.format(separator) + out.getvalue()).encode()
    assert facts(data, names) == RIGHT
    place = read_csv("aktivitet.csv", data, names).places.of(ox.NamedNode(ID + "activity/proeve"))
    assert place is not None
    assert place.row == (3 if hint else 2)


def test_the_known_columns_tell_the_separator(names: Names) -> None:
    """The commas in a description outnumber the semicolons."""
    data = (
        b"identifikator;beskrivelse (dansk)\nx;en, to, tre, fire, fem, seks, syv\n"
        b"y;a, b, c, d, e, f, g, h, i, j\n"
    )
    assert ("description", "en, to, tre, fire, fem, seks, syv") in facts(data, names)


def test_cells_with_line_breaks_and_quotation_marks(names: Names) -> None:
    data = (
        'identifikator;beskrivelse (dansk);rolle\nx;"Linje 1\r\nLinje ""2"";";fejl\ny;5" rør;fejl\n'
    )
    sent = read_csv("aktivitet.csv", data.encode(), names)
    texts = {t.object.value for t in of(sent) if t.predicate.value.endswith("description")}  # type: ignore[union-attr]
    assert texts == {'Linje 1\nLinje "2";', '5" rør'}
    assert [str(one.place) for one in sent.remarks] == ["aktivitet.csv, C2", "aktivitet.csv, C3"]


@pytest.mark.parametrize(
    ("data", "line", "why"),
    [
        ('identifikator;rolle\na;b\n"c;d\ne;f\n', 3, "is not closed"),
        ('identifikator;rolle\n"a"b;c\n', 2, "no separator"),
    ],
)
def test_quotation_marks_that_do_not_fit(names: Names, data: str, line: int, why: str) -> None:
    with pytest.raises(UnreadableInput, match=why) as caught:
        read_csv("x.csv", data.encode(), names)
    assert caught.value.details["line"] == line


def test_a_row_longer_or_shorter_than_the_header(names: Names) -> None:
    data = "identifikator;titel (dansk)\na;A;løst\nb\n".encode()
    sent = read_csv("aktivitet.csv", data, names)
    assert [f"{one.place.cell}: {one.message}" for one in sent.remarks] == [
        "C1: this column has no name; 1 cells were not read"
    ]
    assert len({t.subject for t in of(sent)}) == 2


@given(
    rows=st.lists(st.lists(st.text(max_size=12), min_size=2, max_size=4), max_size=6),
    separator=st.sampled_from(";,\t"),
    codec=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
def test_whatever_is_in_the_cells_the_grid_holds(
    rows: list[list[str]], separator: str, codec: str
) -> None:
    """Written by the csv module, read by ours: every cell that holds something is at its place."""
    clean = [
        ["".join(c for c in cell if c.isprintable() and c != "\ufeff") for cell in row]
        for row in rows
    ]
    table = [["identifikator", "rolle", "titel (dansk)"], *clean]
    out = io.StringIO()
    csv.writer(out, delimiter=separator).writerows(table)
    known = {"identifikator", "rolle", "titel (dansk)"}
    grid, _ = separated.read(
        "x.csv", out.getvalue().encode(codec), lambda row: len(known & set(row)), Limits()
    )
    found = {(r, c): cell.value for r, row in grid.rows.items() for c, cell in row.items()}
    assert found == {
        (r, c): cell
        for r, row in enumerate(table, start=1)
        for c, cell in enumerate(row, start=1)
        if cell.strip()
    }


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    for lead in (b"", b"identifikator;rolle\n"):
        error = refusal(lead + data)
        assert error is None or error.remedy is not None


def refusal(data: bytes) -> UnreadableInput | None:
    try:
        separated.read("x.csv", data, len, Limits())
    except UnreadableInput as error:
        return error
    return None
