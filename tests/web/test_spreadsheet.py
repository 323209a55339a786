"""``format=xlsx``: the rows of the CSV, in cells that no spreadsheet program runs."""

from __future__ import annotations

import csv
import io
import re
import zipfile

import pytest
from flask.testing import FlaskClient
from openpyxl import Workbook, load_workbook
from web_answers import BROWSER

from coi_graph.publishing.releases import Release

TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "=HYPERLINK(\"http://127.0.0.1:9/\",\"x\")",
            "=cmd|' /C calc'!A0", "\t=1", "\r=1"]  # fmt: skip


def ask(client: FlaskClient, query: str, lang: str = "da", **headers: str):  # type: ignore[no-untyped-def]
    parameters = {"query": query, "format": "xlsx", "lang": lang}
    return client.get("/sparql", query_string=parameters, headers=headers)


def opened(body: bytes) -> Workbook:
    return load_workbook(io.BytesIO(body))


def cells(body: bytes) -> list[list[object]]:
    return [[cell.value for cell in row] for row in opened(body).worksheets[0].iter_rows()]


def test_the_cells_are_those_of_the_csv(client: FlaskClient) -> None:
    query = (
        "PREFIX skos: <http://www.w3.org/2004/02/skos/core#> SELECT ?s ?name ?none "
        "WHERE { ?s skos:prefLabel ?name } ORDER BY ?s ?name LIMIT 500"
    )
    text = client.get("/sparql", query_string={"query": query, "format": "csv"}).text
    rows = list(csv.reader(io.StringIO(text)))
    assert len(rows) == 501
    assert [[value or "" for value in row] for row in cells(ask(client, query).data)] == rows


def literal(text: str) -> str:
    return '"' + text.replace('"', '\\"').replace("\t", "\\t").replace("\r", "\\r") + '"'


def test_a_formula_is_a_text(client: FlaskClient) -> None:
    values = " ".join(literal(text) for text in FORMULAS)
    response = ask(client, f"SELECT ?x WHERE {{ VALUES ?x {{ {values} }} }}")
    sheet = opened(response.data).worksheets[0]
    found = [row[0] for row in sheet.iter_rows(min_row=2)]
    # openpyxl writes a return as XML's line end, or with lxml as itself.
    ends = [cell.value.replace("\r", "\n") for cell in found]
    assert ends == [text.replace("\r", "\n") for text in FORMULAS]
    assert {cell.data_type for cell in found} == {"s"}
    # What Excel writes for a leading apostrophe: the text stays one when somebody edits the cell.
    assert all(cell.quotePrefix for cell in found)
    with zipfile.ZipFile(io.BytesIO(response.data)) as archive:
        sheets = [name for name in archive.namelist() if name.startswith("xl/worksheets/")]
        assert sheets
        assert not any(re.search(rb"<f[ >/]", archive.read(name)) for name in sheets)


def test_a_column_name_and_the_query_are_texts_too(client: FlaskClient) -> None:
    query = "#\nSELECT ('=1' AS ?x) WHERE {}"
    about = opened(ask(client, query).data).worksheets[1]
    assert about["B1"].value == query
    assert about["B1"].data_type == "s"


def test_standard_csv_stays_exact(client: FlaskClient) -> None:
    query = "SELECT ?x WHERE { VALUES ?x { '=1+1' } }"
    answer = client.get("/sparql", query_string={"query": query, "format": "csv"})
    assert answer.data == b"x\r\n=1+1\r\n"


@pytest.mark.parametrize(
    ("written", "cell"),
    [
        ("12", 12),
        ("-3.50", -3.5),
        ('"0101"', "0101"),
        ("123456789012345678", "123456789012345678"),
        ("1e400", "INF"),
        ('"x"^^xsd:integer', "x"),
        ("true", "true"),
        ('"2017-05-01"^^xsd:date', "2017-05-01"),
        ('"æøå"@da', "æøå"),
        ('"#N/A"', "#N/A"),
    ],
)
def test_numbers_are_numbers_where_a_cell_holds_them(
    client: FlaskClient, written: str, cell: object
) -> None:
    query = (
        "PREFIX xsd: <http://www.w3.org/2001/XMLSchema#> "
        f"SELECT ?x WHERE {{ VALUES ?x {{ {written} }} }}"
    )
    found = cells(ask(client, query).data)[1][0]
    assert found == cell
    assert type(found) is type(cell)


def test_what_excel_cannot_hold_is_replaced(client: FlaskClient) -> None:
    query = "SELECT ?x WHERE { VALUES ?x { '" + "y" * 40_000 + "' 'a\\u0001b' } }"
    rows = cells(ask(client, query).data)
    assert rows[1:] == [["y" * 32_767], ["a\N{REPLACEMENT CHARACTER}b"]]


def test_an_answer_too_large_says_so(client: FlaskClient) -> None:
    query = "SELECT * WHERE { ?a ?b ?c . { SELECT ?d WHERE { ?d ?e ?f } LIMIT 20 } } LIMIT 30000"
    response = ask(client, query)
    assert response.headers["COI-Truncated"] == "true"
    book = load_workbook(io.BytesIO(response.data), read_only=True)
    assert sum(1 for _ in book.worksheets[0].iter_rows()) == 1 + 100_000 // 4
    about = [[cell.value for cell in row] for row in book.worksheets[1].iter_rows()]
    assert "Ikke alt" in about[-1][1]


def test_yes_or_no_and_triples(client: FlaskClient) -> None:
    assert cells(ask(client, "ASK {}").data) == [["boolean"], ["true"]]
    triples = cells(ask(client, "CONSTRUCT { <x:a> <x:b> '=c' } WHERE {}").data)
    assert triples == [["subject", "predicate", "object"], ["x:a", "x:b", "=c"]]


def test_it_says_where_it_comes_from(client: FlaskClient, release: Release) -> None:
    response = ask(client, "ASK {}", lang="en")
    assert response.mimetype == TYPE
    assert f"coi-graph-{release.number}.xlsx" in response.headers["Content-Disposition"]
    about = {row[0].value: row[1].value for row in opened(response.data).worksheets[1].iter_rows()}
    assert about["Query"] == "ASK {}"
    assert about["Release"].startswith(f"{release.number}, ")
    assert f"/cite?query=ASK+%7B%7D&release={release.number}" in about["How to cite"]


def test_it_is_negotiated_and_revalidated(client: FlaskClient) -> None:
    response = client.get("/sparql", query_string={"query": "ASK {}"}, headers={"Accept": TYPE})
    assert response.mimetype == TYPE
    known = ask(client, "ASK {}", **{"If-None-Match": ask(client, "ASK {}").headers["ETag"]})
    assert known.status_code == 304
    danish, english = ask(client, "ASK {}", "da"), ask(client, "ASK {}", "en")
    assert danish.headers["ETag"] != english.headers["ETag"]
    assert danish.headers["ETag"].startswith("W/")  # the file carries the time of its making


def test_an_error_stays_an_error(client: FlaskClient) -> None:
    assert ask(client, "SELECT ?x {").status_code == 400
    response = client.get("/sparql", query_string={"query": "nonsense"}, headers={"Accept": TYPE})
    assert response.status_code == 400


def test_a_named_query_is_a_workbook_too(client: FlaskClient) -> None:
    answer = client.get("/queries/cq-01?format=xlsx")
    assert answer.mimetype == TYPE
    rows = list(csv.reader(io.StringIO(client.get("/queries/cq-01?format=csv").text)))
    assert cells(answer.data)[0] == rows[0]
    assert len(cells(answer.data)) == len(rows)
    page = client.get("/queries/cq-01?lang=da", headers={"Accept": BROWSER}).text
    assert "format=xlsx" in page
