"""Search over HTTP: the page, JSON, suggestions, and a release without an index."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from web_answers import BASE, BROWSER, SITE, assert_problem

from coi_graph import config
from coi_graph.publishing.releases import Release
from coi_graph.search import making
from coi_graph.web.app import create_app
from small_tree import Tree

PAGE = {"Accept": BROWSER}
JSON = {"Accept": "application/json"}


@pytest.fixture
def searching(client: FlaskClient, release: Release) -> FlaskClient:
    deadline = time.monotonic() + 60
    while not making.make(release):  # another test's server may be at it
        assert time.monotonic() < deadline
        time.sleep(0.2)
    while client.get("/search?q=x", headers=JSON).status_code == 503:
        assert time.monotonic() < deadline
        time.sleep(0.2)
    return client


def test_the_page_and_the_json_say_the_same(searching: FlaskClient) -> None:
    answer = searching.get("/search?q=kapacitetsopbyggere&lang=en", headers=JSON)
    assert answer.mimetype == "application/json"
    found = answer.json
    assert found is not None
    assert found["hits"][0]["iri"] == BASE + "id/role/capacity-builder"
    assert found["release"] == int(answer.headers["COI-Release"]) == 1
    page = searching.get("/search?q=kapacitetsopbyggere&lang=en", headers=PAGE).text
    assert f"{found['total']} hits" in page
    for hit in found["hits"]:
        assert f'href="{hit["iri"].replace(BASE + "id/", "/doc/").replace(BASE, "/")}' in page


def test_filters_by_the_last_part_of_an_iri_or_the_whole(searching: FlaskClient) -> None:
    short = searching.get("/search?change=system-changes&kind=activity", headers=JSON).json
    whole = f"{BASE}id/ambition/system-changes"
    full = searching.get(f"/search?change={whole}&kind=activity", headers=JSON).json
    assert short == full
    assert short is not None
    assert short["total"] > 0
    assert {hit["kind"] for hit in short["hits"]} == {"activity"}


def test_an_invented_example_says_so(searching: FlaskClient) -> None:
    page = searching.get("/search?q=spis+sammen&lang=da", headers=PAGE).text
    assert "Opdigtet eksempel" in page


def test_what_was_typed_is_shown_as_text(searching: FlaskClient) -> None:
    page = searching.get('/search?q="><script>alert(1)</script>', headers=PAGE)
    assert page.status_code == 200
    assert "<script>alert" not in page.text
    assert "&lt;script&gt;" in page.text


@pytest.mark.parametrize("query", ["page=0", "page=x", "page=51", "page=²", "q=a&format=pdf"])
def test_a_wrong_parameter_is_said(searching: FlaskClient, query: str) -> None:
    answer = searching.get(f"/search?{query}", headers=JSON)
    assert answer.status_code == 400
    assert answer.json is not None
    assert_problem(answer.json, 400)


@pytest.mark.parametrize(
    "query", ["q=%00", "q=%ff%fe", "q=" + "a" * 5000, "kind=%00", "year=99999", "organisation=%ed"]
)
def test_hostile_texts_are_answered(searching: FlaskClient, query: str) -> None:
    assert searching.get(f"/search?{query}", headers=JSON).status_code == 200
    assert searching.get(f"/search?{query}", headers=PAGE).status_code == 200
    assert searching.get(f"/search/suggest?{query}").status_code == 200


def test_suggestions_in_the_language_of_the_page(searching: FlaskClient) -> None:
    for lang, label in (("da", "Vidensallieret"), ("en", "Knowledge ally")):
        answer = searching.get(f"/search/suggest?q=vidensal&lang={lang}")
        assert {"label": label, "url": "/doc/role/knowledge-ally"}.items() <= next(
            row.items() for row in answer.json if row["iri"] == BASE + "id/role/knowledge-ally"
        )


def test_the_form_keeps_filters_and_works_without_scripts(searching: FlaskClient) -> None:
    page = searching.get("/search?q=innovation&kind=tool&lang=da", headers=PAGE).text
    assert '<input type="hidden" name="kind" value="tool">' in page
    assert 'action="/search" method="get" role="search"' in page


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[FlaskClient]:
    """A release that nobody has searched."""
    tree = Tree.make(tmp_path)
    tree.must_build()
    app = create_app(config.load({}, home=tree.home, sources=tree.sources, public_url=SITE))
    yield app.test_client()
    app.extensions["coi-queries"].close()


def test_a_release_without_an_index_says_so_and_gets_one(fresh: FlaskClient) -> None:
    answer = fresh.get("/search?q=netværker", headers=JSON)
    assert answer.status_code == 503
    assert answer.json is not None
    assert_problem(answer.json, 503)
    assert int(answer.headers["Retry-After"]) > 0
    assert fresh.get("/doc/role/networker", headers=PAGE).status_code == 200
    deadline = time.monotonic() + 60
    while (answer := fresh.get("/search?q=netværker", headers=JSON)).status_code == 503:
        assert time.monotonic() < deadline
        time.sleep(0.2)
    assert [hit["iri"] for hit in answer.json["hits"]] == [BASE + "id/role/networker"]
