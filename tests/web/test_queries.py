"""Named queries with parameters, snippets that run, and citations."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
import shutil
import subprocess
from html import unescape
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest
from flask.testing import FlaskClient
from web_answers import BASE, BROWSER, SITE, assert_problem

from coi_graph.publishing.releases import Release
from coi_graph.query.binding import bind
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
    assert "gives exactly the expected rows" in page


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


def test_the_snippets_run(server: Server, client: FlaskClient) -> None:
    """curl as it stands; pandas and R where the machine has them."""
    expected = (ROOT / "queries" / "cq-01.csv").read_text(encoding="utf-8")
    with urlopen(server.url + "/queries/cq-01?format=html&lang=en", timeout=30) as answer:
        page = answer.read().decode()
    programs = [unescape(p) for p in re.findall(r"<code>(.*?)</code>", page, re.DOTALL)]
    require(shutil.which("curl") is not None, "curl")
    curl = next(p for p in programs if p.startswith("curl "))
    done = subprocess.run(["bash", "-c", curl], capture_output=True, check=True, timeout=60)
    assert sorted(rows(done.stdout.decode())) == sorted(rows(expected))
    python, r = (next(p for p in programs if word in p) for word in ("pandas", "read.csv"))
    address = urlsplit(re.search(r"'(.*?)'", curl)[1])  # type: ignore[index]
    assert address.geturl() in python
    assert address.geturl() in r


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
