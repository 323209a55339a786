"""Tables with CSVW metadata → triples.

Expected triples are worked out by hand from *Generating RDF from Tabular Data on the Web* and
*Model for Tabular Data and Metadata on the Web* (sections 6.4, parsing cells, and 8, patterns).
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coi_graph.errors import UnreadableInput
from coi_graph.intake import csvw

EX = "http://example.org/"
XSD = "http://www.w3.org/2001/XMLSchema#"

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """``write(csv, *columns, **schema)`` → the metadata file of a table beside its CSV file."""

    def make(
        text: str | bytes,
        *columns: dict[str, Any],
        dialect: dict[str, str] | None = None,
        **schema: Any,
    ) -> Path:
        data = text if isinstance(text, bytes) else text.encode("utf-8")
        (tmp_path / "table.csv").write_bytes(data)
        table: dict[str, Any] = {
            "@context": ["http://www.w3.org/ns/csvw", {"@language": "da"}],
            "url": "table.csv",
            "dc:title": "A table",
            "tableSchema": {"aboutUrl": EX + "{id}", "columns": list(columns), **schema},
        }
        if dialect:
            table["dialect"] = dialect
        path = tmp_path / "table.csv-metadata.json"
        path.write_text(json.dumps(table), encoding="utf-8")
        return path

    return make


ID = {"name": "id", "suppressOutput": True}


def column(name: str = "v", **properties: Any) -> dict[str, Any]:
    return {"name": name, "propertyUrl": EX + "p", **properties}


def objects(path: Path) -> list[str]:
    """The objects in N-Triples syntax, in the order of the table."""
    return [str(triple.object) for triple in csvw.triples(path)]


def refusal(path: Path) -> str:
    with pytest.raises(UnreadableInput) as caught:
        list(csvw.triples(path))
    return str(caught.value)


def test_a_row_becomes_one_triple_a_cell(write: Write) -> None:
    path = write(
        "id,name,count\na,Århus,3\nb,Ærø,\n",
        ID,
        {"name": "name", "propertyUrl": "skos:prefLabel", "lang": "da"},
        {"name": "count", "propertyUrl": "coi:count", "datatype": "integer"},
    )
    label = ox.NamedNode("http://www.w3.org/2004/02/skos/core#prefLabel")
    assert list(csvw.triples(path)) == [
        ox.Triple(ox.NamedNode(EX + "a"), label, ox.Literal("Århus", language="da")),
        ox.Triple(
            ox.NamedNode(EX + "a"),
            ox.NamedNode("https://w3id.org/coi-graph/def/count"),
            ox.Literal("3", datatype=ox.NamedNode(XSD + "integer")),
        ),
        ox.Triple(ox.NamedNode(EX + "b"), label, ox.Literal("Ærø", language="da")),
    ]


def test_a_table_without_rows_says_nothing(write: Write) -> None:
    assert objects(write("id,v\n", ID, column())) == []


@pytest.mark.parametrize(
    ("datatype", "cell", "expected"),
    [
        ("string", " a ", '" a "'),
        ("integer", "-007", f'"-007"^^<{XSD}integer>'),
        ("nonNegativeInteger", "0", f'"0"^^<{XSD}nonNegativeInteger>'),
        ("decimal", "12.50", f'"12.50"^^<{XSD}decimal>'),
        ("boolean", "true", f'"true"^^<{XSD}boolean>'),
        ("date", "2024-02-29", f'"2024-02-29"^^<{XSD}date>'),
        ("gYear", "2017", f'"2017"^^<{XSD}gYear>'),
        ("gYearMonth", "2017-09", f'"2017-09"^^<{XSD}gYearMonth>'),
        ("dateTime", "2024-01-01T12:00:00+01:00", f'"2024-01-01T12:00:00+01:00"^^<{XSD}dateTime>'),
        (
            "coi:MunicipalityCode",
            "0101",
            '"0101"^^<https://w3id.org/coi-graph/def/MunicipalityCode>',
        ),
        ({"base": "string", "format": "[0-9]{4}"}, "0101", '"0101"'),
        ({"base": "coi:CvrNumber", "format": "[0-9]{8}"}, "12345678",
         '"12345678"^^<https://w3id.org/coi-graph/def/CvrNumber>'),
    ],
)  # fmt: skip
def test_datatypes(write: Write, datatype: object, cell: str, expected: str) -> None:
    assert objects(write(f"id,v\na,{cell}\n", ID, column(datatype=datatype))) == [expected]


@pytest.mark.parametrize(
    ("datatype", "cell"),
    [
        ("integer", "3.0"),
        ("integer", "³"),
        ("integer", "1 000"),
        ("nonNegativeInteger", "-1"),
        ("decimal", "12,5"),
        ("decimal", "1e3"),
        ("decimal", "."),
        ("boolean", "ja"),
        ("date", "31-12-2024"),
        ("date", "2023-02-29"),
        ("date", "2023-13-01"),
        ("gYear", "17"),
        ("gYearMonth", "2017-13"),
        ("dateTime", "2024-01-01"),
        ("dateTime", "2024-01-01T25:00:00Z"),
        ("dateTime", "2024-01-01T::Z"),
        ({"base": "string", "format": "[0-9]{4}"}, "101"),
        ({"base": "string", "format": "[0-9]{4}"}, "01011"),
        ({"base": "integer", "format": "[0-9]+"}, "-1"),
    ],
)
def test_a_cell_that_is_no_such_value_is_refused_with_its_place(
    write: Write, datatype: object, cell: str
) -> None:
    path = write(f'id,v\na,\nb,"{cell}"\n', ID, column(datatype=datatype))
    with pytest.raises(UnreadableInput) as caught:
        list(csvw.triples(path))
    assert str(caught.value).startswith("table.csv, row 3, column “v”: ")
    assert cell in str(caught.value)
    assert caught.value.details == {"row": 3, "column": "v"}


@pytest.mark.parametrize(
    "datatype",
    ["number", "int64", "Decimal", {"base": "decimal", "minimum": 0}, {"format": "("}, ["string"]],
)
def test_a_datatype_that_is_not_supported_is_refused_not_guessed(
    write: Write, datatype: object
) -> None:
    refusal(write("id,v\na,1\n", ID, column(datatype=datatype)))


def test_null_words_say_nothing(write: Write) -> None:
    path = write("id,v\na,-\nb,NA\nc,x\n", ID, column(null=["-", "NA", ""]))
    assert objects(path) == ['"x"']


def test_only_the_words_listed_are_null(write: Write) -> None:
    # The empty string is null only by default (6.4, and the default of `null`).
    assert objects(write("id,v\na,\nb,-\n", ID, column(null="-"))) == ['""']


def test_an_empty_cell_takes_the_default(write: Write) -> None:
    assert objects(write("id,v\na,\nb,x\n", ID, column(default="none"))) == ['"none"', '"x"']


def test_required_names_row_and_column(write: Write) -> None:
    path = write("id,v\na,x\nb,\n", ID, column(required=True))
    assert refusal(path) == "table.csv, row 3, column “v”: a value is required"


def test_a_separator_makes_several_values(write: Write) -> None:
    path = write("id,v\na,x; y ;z\nb,\n", ID, column(separator=";"))
    assert objects(path) == ['"x"', '"y"', '"z"']


def test_an_empty_part_of_a_list_says_nothing(write: Write) -> None:
    path = write("id,v\na,x;;y;\n", ID, column(separator=";"))
    assert objects(path) == ['"x"', '"y"']


def test_a_separated_column_fills_its_value_url_part_by_part(write: Write) -> None:
    path = write("id,v\na,x y\n", ID, column(separator=" ", valueUrl=EX + "thing/{v}"))
    assert objects(path) == [f"<{EX}thing/x>", f"<{EX}thing/y>"]


def test_a_template_escapes_what_a_simple_expansion_may_not_hold(write: Write) -> None:
    # RFC 6570, 3.2.2: everything but unreserved characters is percent-encoded, from UTF-8.
    path = write("id,v\na,å/b c?\n", ID, column(valueUrl=EX + "{v}"))
    assert objects(path) == [f"<{EX}%C3%A5%2Fb%20c%3F>"]


def test_a_template_keeps_reserved_characters_in_a_reserved_expansion(write: Write) -> None:
    # RFC 6570, 3.2.3
    path = write("id,v\na,http://x.org/å?a=b#c\n", ID, column(valueUrl="{+v}"))
    assert objects(path) == ["<http://x.org/%C3%A5?a=b#c>"]


def test_a_template_that_names_a_null_cell_yields_nothing(write: Write) -> None:
    path = write(
        "id,v,w\na,x,\nb,x,y\n",
        ID,
        column(valueUrl=EX + "{w}"),
        {"name": "w", "suppressOutput": True},
    )
    assert objects(path) == [f"<{EX}y>"]


def test_a_virtual_column_stands_in_every_row(write: Write) -> None:
    path = write(
        "id\na\nb\n",
        ID,
        column("type", virtual=True, valueUrl="qb:Observation"),
        column("note", virtual=True, default="x", lang="en"),
        column("part", virtual=True, valueUrl=EX + "{id}/part"),
        column("back", virtual=True, aboutUrl=EX + "{id}/part", valueUrl=EX + "{id}"),
    )
    rows = [str(triple) for triple in csvw.triples(path)]
    assert rows[:4] == [
        f"<{EX}a> <{EX}p> <http://purl.org/linked-data/cube#Observation>",
        f'<{EX}a> <{EX}p> "x"@en',
        f"<{EX}a> <{EX}p> <{EX}a/part>",
        f"<{EX}a/part> <{EX}p> <{EX}a>",
    ]
    assert len(rows) == 8


def test_suppressed_columns_are_read_but_not_written(write: Write) -> None:
    path = write("id,v\na,x\n", ID, column(suppressOutput=True, required=True))
    assert objects(path) == []


def test_another_delimiter_and_encoding(write: Write) -> None:
    path = write(
        "id;v\na;Tårnby, by\n".encode("iso-8859-1"),
        ID,
        column(),
        dialect={"delimiter": ";", "encoding": "iso-8859-1"},
    )
    assert objects(path) == ['"Tårnby, by"']


def test_a_byte_order_mark_is_not_part_of_the_header(write: Write) -> None:
    # As Excel writes "CSV UTF-8".
    assert objects(write("\ufeffid,v\na,x\n", ID, column())) == ['"x"']


def test_quoted_cells_may_hold_delimiters_quotes_and_lines(write: Write) -> None:
    path = write('id,v\na,"x, ""y""\nz"\n', ID, column())
    assert [triple.object for triple in csvw.triples(path)] == [ox.Literal('x, "y"\nz')]


def test_rows_are_counted_as_a_spreadsheet_counts_them(write: Write) -> None:
    # Row 2 is two lines of the file; the bad cell stands in row 3 whatever the lines.
    path = write('id,v\na,"1\n"\nb,x\n', ID, column(datatype={"base": "string", "format": "1\n"}))
    assert refusal(path).startswith("table.csv, row 3, column “v”")


def test_the_primary_key_is_unique(write: Write) -> None:
    path = write("id,v\na,1\nb,1\na,2\n", ID, column(), primaryKey="id")
    message = refusal(path)
    assert message.startswith("table.csv, row 4, column “id”: the key “a”")
    assert "row 2" in message


def test_a_key_of_two_columns(write: Write) -> None:
    good = write("id,v\na,1\na,2\nb,1\n", ID, column(), primaryKey=["id", "v"])
    assert objects(good) == ['"1"', '"2"', '"1"']
    bad = write("id,v\na,1\na,2\na,1\n", ID, column(), primaryKey=["id", "v"])
    assert "row 4" in refusal(bad)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("", "row 1"),
        ("v,id\na,x\n", "row 1"),
        ("id,v,w\na,x,y\n", "row 1"),
        ("id,v\na\n", "row 2"),
        ("id,v\na,x\nb,x,y\n", "row 3"),
        ("id,v\na,x\n\nb,y\n", "row 3"),
        ('id,v\na,"x"y\n', "row 2"),
        ('id,v\na,x\nb,"x\n', "row 3"),
        (b"id,v\na,x\nb,\xff\n", "line 3"),
        ("id,v\na," + "x" * 200_000 + "\n", "row 2"),
    ],
)
def test_a_broken_table_is_refused_with_its_row(
    write: Write, text: str | bytes, place: str
) -> None:
    message = refusal(write(text, ID, column()))
    assert message.startswith("table.csv")
    assert place in message


@pytest.mark.parametrize(
    "columns",
    [
        [ID, column(valueUrl=EX + "{nowhere}")],
        [ID, column(aboutUrl=EX + "{nowhere}")],
        [ID, column(propertyUrl="nowhere:p")],
        [ID, column(valueUrl="nowhere:{v}")],
        [ID, {"name": "v"}],  # no propertyUrl
        [ID, {"propertyUrl": EX + "p"}],  # no name
        [ID, column(), column()],  # the same name twice
        [ID, column(separator="")],
        [ID, column(separator=1)],
        [ID, column(default=1)],
        [ID, column(lang="dansk sprog")],
        [ID, column(ordered=True)],
        [ID, column(textDirection="rtl")],
        ["id", "v"],
        {"id": ID},
        None,
    ],
)
@pytest.mark.parametrize("row", ["", "a,x\n"], ids=["empty", "one row"])
def test_metadata_that_cannot_be_followed_is_refused(
    write: Write, tmp_path: Path, columns: Any, row: str
) -> None:
    path = write("id,v\n" + row)
    table = json.loads(path.read_text())
    table["tableSchema"]["columns"] = columns
    path.write_text(json.dumps(table))
    assert refusal(path).startswith("table.csv")


@pytest.mark.parametrize(
    "metadata",
    [
        "",
        "{",
        "[]",
        "{}",
        '{"url": "table.csv"}',
        '{"url": "table.csv", "tableSchema": "schema.json"}',
        '{"url": "table.csv", "tableSchema": {}}',
        '{"url": "table.csv", "tableSchema": {"columns": []}, "tables": []}',
        '{"url": "table.csv", "tableSchema": {"columns": [], "foreignKeys": []}}',
        '{"url": "table.csv", "dialect": {"header": false}, "tableSchema": {"columns": []}}',
        '{"url": "table.csv", "dialect": {"encoding": "ebcdic-x"}, "tableSchema": {"columns": []}}',
        '{"url": "table.csv", "dialect": {"delimiter": ""}, "tableSchema": {"columns": []}}',
        '{"url": "other.csv", "tableSchema": {"columns": []}}',
        '{"url": "/etc/passwd", "tableSchema": {"columns": []}}',
        '{"url": 1, "tableSchema": {"columns": []}}',
        '{"url": "table.csv", "tableSchema": {"primaryKey": "id", "columns": []}}',
        "[" * 100_000,
        "\xff\xfe{\x00}\x00",
    ],
)
def test_metadata_of_another_kind_is_refused(write: Write, metadata: str) -> None:
    path = write("id,v\na,x\n")
    path.write_bytes(metadata.encode("latin-1"))
    assert "table.csv-metadata.json" in refusal(path)


def test_a_missing_table_is_refused(write: Write) -> None:
    path = write("id\n", ID)
    path.with_name("table.csv").unlink()
    assert "table.csv" in refusal(path)


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=1, max_size=5))
def test_any_text_comes_through(tmp_path_factory: pytest.TempPathFactory, texts: list[str]) -> None:
    folder = tmp_path_factory.mktemp("table")
    with (folder / "table.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([["v"], *([text] for text in texts)])
    metadata = {
        "url": "table.csv",
        "tableSchema": {"aboutUrl": EX, "columns": [column(null=[])]},
    }
    path = folder / "table.csv-metadata.json"
    path.write_text(json.dumps(metadata))
    assert [triple.object for triple in csvw.triples(path)] == [ox.Literal(text) for text in texts]


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_any_text_fits_into_a_simple_template(
    tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    folder = tmp_path_factory.mktemp("table")
    with (folder / "table.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([["v"], [text]])
    columns = [column(null=[], valueUrl=EX + "{v}")]
    metadata = {"url": "table.csv", "tableSchema": {"aboutUrl": EX, "columns": columns}}
    path = folder / "table.csv-metadata.json"
    path.write_text(json.dumps(metadata))
    (triple,) = csvw.triples(path)
    assert isinstance(triple.object, ox.NamedNode)
    assert unquote(triple.object.value.removeprefix(EX), errors="strict") == text
