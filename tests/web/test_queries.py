"""Named queries with parameters, snippets that run, and citations."""

from __future__ import annotations

import ast
import csv
import hashlib
import io
import json
import re
import shutil
import subprocess
import sys
from html import unescape
from importlib.util import find_spec
from urllib.parse import urlencode
from urllib.request import urlopen

import pytest
from flask.testing import FlaskClient
from web_answers import BASE, BROWSER, SITE, assert_problem

from coi_graph.publishing.releases import Release
from coi_graph.query.binding import bind
from coi_graph.web.queries import _as_python
from environment import ROOT, Server, require

NAMES = sorted(path.stem for path in (ROOT / "queries").glob("*.rq"))
QUERY = "SELECT ?s WHERE { ?s a <https://w3id.org/coi-graph/def/StrategicRole> } ORDER BY ?s"


def rows(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text)))


@pytest.mark.parametrize("lang", ["da", "en"])
def test_every_named_query_is_listed_and_has_a_page(client: FlaskClient, lang: str) -> None:
    listing = client.get(f"/queries/?lang={lang}").text
    for name in NAMES:
        assert f"/queries/{name}?lang={lang}" in listing
        page = client.get(f"/queries/{name}?lang={lang}", headers={"Accept": BROWSER})
        assert page.status_code == 200, name


@pytest.mark.parametrize("name", NAMES)
def test_the_page_says_that_the_rows_are_the_expected_ones(client: FlaskClient, name: str) -> None:
    page = client.get(f"/queries/{name}?lang=en", headers={"Accept": BROWSER}).text
    assert "Last verified on release 1: exactly the expected rows." in page


def test_a_parameter_narrows_the_answer(client: FlaskClient) -> None:
    everything = rows(client.get("/queries/cq-19?format=csv").text)
    wanted = BASE + "id/value/quality"
    narrowed = rows(
        client.get("/queries/cq-19", query_string={"value": wanted, "format": "csv"}).text
    )
    column = everything[0].index("value")
    assert sorted(narrowed[1:]) == sorted(row for row in everything[1:] if row[column] == wanted)
    assert 0 < len(narrowed) < len(everything)


def test_the_form_offers_the_values_that_there_are(client: FlaskClient) -> None:
    page = client.get("/queries/cq-19?lang=da", headers={"Accept": BROWSER}).text
    column = rows(client.get("/queries/cq-19?format=csv").text)
    values = {row[column[0].index("type")] for row in column[1:]}
    offered = set(re.findall(r'<option value="([^"]+)"', page))
    assert values <= offered


@pytest.mark.parametrize(
    "value",
    ['x" } UNION { ?s ?p ?o } #', "http://x/> } #", "}", "\\", "'", "http://x/ y", "x" * 900],
)
def test_a_value_cannot_change_the_query(client: FlaskClient, value: str) -> None:
    response = client.get("/queries/cq-19", query_string={"value": value, "format": "csv"})
    assert response.status_code in (200, 400)
    if response.status_code == 200:
        assert len(rows(response.text)) == 1  # the header: nothing has that value


def test_binding_leaves_the_rest_of_the_text_alone() -> None:
    assert bind(QUERY, {}) == QUERY
    assert bind(QUERY, {"s": ""}) == QUERY
    assert bind(QUERY, {"s": "http://x/y"}) == f"{QUERY}\nVALUES (?s) {{ (<http://x/y>) }}\n"
    assert bind(QUERY, {"s": 'a"b'}).endswith('VALUES (?s) { ("a\\"b") }\n')


def test_an_unknown_name_or_form(client: FlaskClient) -> None:
    for path, status in (("/queries/nothing", 404), ("/queries/cq-01?format=docx", 400)):
        response = client.get(path)
        assert response.status_code == status
        assert_problem(response.get_json(force=True), status)


VALUE = BASE + "id/value/quality"
SNIPPETS = [("cq-01", {}), ("cq-19", {"value": VALUE})]


def snippet(server: Server, name: str, values: dict[str, str], tool: str) -> str:
    """The program on a named query's page, as a reader copies it."""
    path = f"/queries/{name}?" + urlencode({**values, "format": "html", "lang": "en"})
    with urlopen(server.url + path, timeout=30) as answer:
        page = answer.read().decode()
    found = re.search(rf'aria-label="{tool}"><code>(.*?)</code>', page, re.DOTALL)
    assert found is not None
    return unescape(found[1])


def expected_rows(name: str, values: dict[str, str]) -> list[list[str]]:
    header, *all_rows = rows((ROOT / "queries" / f"{name}.csv").read_text(encoding="utf-8"))
    wanted = [row for row in all_rows if all(row[header.index(k)] == v for k, v in values.items())]
    assert wanted
    return [header, *sorted(wanted)]


def output(*command: str) -> list[list[str]]:
    done = subprocess.run(command, capture_output=True, check=True, timeout=120)
    header, *found = rows(done.stdout.decode())
    return [header, *sorted(found)]


@pytest.mark.parametrize(("name", "values"), SNIPPETS)
def test_the_snippet_for_curl_runs(server: Server, name: str, values: dict[str, str]) -> None:
    require(shutil.which("curl") is not None, "curl")
    program = snippet(server, name, values, "curl")
    assert output("bash", "-c", program) == expected_rows(name, values)


@pytest.mark.parametrize(("name", "values"), SNIPPETS)
def test_the_snippet_for_python_runs(server: Server, name: str, values: dict[str, str]) -> None:
    require(find_spec("pandas") is not None, "pandas")
    program = snippet(server, name, values, "Python")
    program = program.replace("print(rows)", "print(rows.to_csv(index=False))")
    found = [row for row in output(sys.executable, "-c", program) if row]
    assert found == expected_rows(name, values)


@pytest.mark.parametrize(("name", "values"), SNIPPETS)
def test_the_snippet_for_r_runs(server: Server, name: str, values: dict[str, str]) -> None:
    require(shutil.which("Rscript") is not None, "R")
    program = snippet(server, name, values, "R")
    program = program.replace("print(rows)", "write.csv(rows, row.names = FALSE)")
    assert output("Rscript", "-e", program) == expected_rows(name, values)


def test_a_query_with_backslashes_is_the_same_in_python() -> None:
    for text in ("SELECT * {}", r'SELECT ("\d\n" AS ?x) {}', 'SELECT ("""a""" AS ?x) {}'):
        assert ast.literal_eval(_as_python("# title: x\n\n" + text)).strip() == text


def test_a_citation_names_release_date_and_hash(client: FlaskClient, release: Release) -> None:
    digest = hashlib.sha256(QUERY.encode()).hexdigest()[:12]
    page = client.get("/cite", query_string={"query": QUERY, "lang": "da"}).text
    assert digest in page
    assert f"udgivelse {release.number}" in page
    item = json.loads(client.get("/cite", query_string={"query": QUERY, "format": "csl"}).data)[0]
    assert item["issued"]["date-parts"] == [
        [int(n) for n in release.manifest.issued[:10].split("-")]
    ]
    assert item["version"] == f"release {release.number}"
    assert item["URL"].startswith(SITE + "sparql?query=SELECT")
    assert item["URL"].endswith(f"&release={release.number}")
    bibtex = client.get("/cite", query_string={"query": QUERY, "format": "bib"}).text
    assert bibtex.startswith(f"@misc{{coigraph-{release.number}-{digest},")
    assert bibtex.count("{") == bibtex.count("}")


def test_the_cited_address_gives_the_answer(client: FlaskClient) -> None:
    item = json.loads(client.get("/cite", query_string={"query": QUERY, "format": "csl"}).data)[0]
    path = item["URL"].removeprefix(SITE.rstrip("/"))
    answer = client.get(path, headers={"Accept": "text/csv"})
    assert len(rows(answer.text)) == 4
    assert "immutable" in answer.headers["Cache-Control"]


@pytest.mark.parametrize("query", ["", "nonsense", "LOAD <http://x/>"])
def test_what_is_no_query_cannot_be_cited(client: FlaskClient, query: str) -> None:
    response = client.get("/cite", query_string={"query": query})
    assert response.status_code == 400
