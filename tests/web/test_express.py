"""Answers that are at hand: the same as the application's, and only where they may be given."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from asgi_scopes import JSON, by_flask, scope
from flask import Flask
from flask.testing import FlaskClient
from web_answers import BROWSER

from coi_graph.web.app import create_app
from coi_graph.web.express import Express
from small_tree import ANOTHER_ROLE, Tree

ALLY = "https://w3id.org/coi-graph/id/role/knowledge-ally"
LOOK_UP = f"SELECT ?p ?o WHERE {{ <{ALLY}> ?p ?o }}"
COUNT = "SELECT ?c (COUNT(?s) AS ?n) WHERE { ?s a ?c } GROUP BY ?c"
ROLES = "SELECT ?s WHERE { ?s a <https://w3id.org/coi-graph/def/StrategicRole> }"


@pytest.fixture
def express(app: Flask, client: FlaskClient) -> Express:
    # Whoever may not wait does not open a release: this request does.
    assert by_flask(client, "ASK {}", JSON).status_code == 200
    found: Express = app.extensions["coi-express"]
    return found


@pytest.mark.parametrize("accept", [JSON, "text/csv", "text/tab-separated-values", "*/*", None])
def test_a_look_up_is_the_applications_answer(
    express: Express, client: FlaskClient, accept: str | None
) -> None:
    found = express.answer(scope(LOOK_UP, accept))
    assert found is not None
    expected = by_flask(client, LOOK_UP, accept)
    assert found[1] == expected.data
    assert b"skos/core#prefLabel" in found[1]
    got = {name.decode(): value.decode() for name, value in found[0]}
    assert got == {name.lower(): value for name, value in expected.headers}


@pytest.mark.parametrize("parameters", [{}, {"format": "csv"}])
def test_a_repeated_query_is_answered_from_the_cache(
    express: Express, client: FlaskClient, parameters: dict[str, str]
) -> None:
    assert express.answer(scope(COUNT, **parameters)) is None
    expected = by_flask(client, COUNT, JSON, **parameters)
    found = express.answer(scope(COUNT, **parameters))
    assert found is not None
    assert found[1] == expected.data
    got = {name.decode(): value.decode() for name, value in found[0]}
    assert got == {name.lower(): value for name, value in expected.headers}
    assert express.answer(scope(COUNT, "text/tab-separated-values", **parameters)) is None


@pytest.mark.parametrize(
    "request_",
    [
        scope(LOOK_UP, BROWSER),
        scope(LOOK_UP, "image/png"),
        scope(LOOK_UP, method="HEAD"),
        scope(LOOK_UP, method="POST"),
        scope(LOOK_UP, path="/"),
        scope(LOOK_UP, headers=(("if-none-match", '"x"'),)),
        scope(LOOK_UP, headers=(("range", "bytes=0-1"),)),
        scope(LOOK_UP, headers=(("accept", "text/html"),)),
        scope(LOOK_UP, release="1"),
        scope(LOOK_UP, **{"default-graph-uri": "http://e/"}),
        scope(LOOK_UP + " OFFSET 1"),
        scope("SELECT * { ?s undeclared:p ?o }"),
        {**scope(""), "query_string": b"query=%ff"},
    ],
)
def test_what_is_not_plain_goes_the_long_way(express: Express, request_: dict[str, object]) -> None:
    assert express.answer(request_) is None


def test_a_pinned_answer_is_not_taken_for_the_current_one(
    express: Express, client: FlaskClient
) -> None:
    query = COUNT + " LIMIT 2"
    assert by_flask(client, query, JSON, release="1").status_code == 200
    assert express.answer(scope(query, release="1")) is None


@pytest.fixture
def tree(tmp_path) -> Tree:  # type: ignore[no-untyped-def]
    tree = Tree.make(tmp_path)
    tree.must_build()
    return tree


@pytest.fixture
def own_app(tree: Tree) -> Iterator[Flask]:
    app = create_app(tree.config(query_workers=1))
    yield app
    app.extensions["coi-queries"].close()


def test_a_new_release_is_noticed_at_once(tree: Tree, own_app: Flask) -> None:
    client, express = own_app.test_client(), own_app.extensions["coi-express"]
    grouped = ROLES + " GROUP BY ?s"  # no look-up, so that it is answered from the cache
    for query in (ROLES, grouped):
        by_flask(client, query, JSON)
        before = express.answer(scope(query))
        assert before is not None
        assert before[1].count(b'"s":') == 2
    tree.append("data/roles.ttl", ANOTHER_ROLE)
    tree.must_build()
    for query in (ROLES, grouped):
        assert express.answer(scope(query)) is None  # somebody who may wait has to open it
    for query in (ROLES, grouped):
        assert by_flask(client, query, JSON).data.count(b'"s":') == 3
        after = express.answer(scope(query))
        assert after is not None
        assert after[1].count(b'"s":') == 3
        assert (b"coi-release", b"2") in after[0]


def test_a_result_limit_below_a_look_ups_own_holds(tree: Tree) -> None:
    app = create_app(tree.config(query_workers=1, query_result_bytes=1024))
    try:
        client = app.test_client()
        everything = by_flask(client, "SELECT * { ?s ?p ?o }", JSON)
        assert everything.headers["COI-Truncated"] == "true"
        assert app.extensions["coi-express"].answer(scope("SELECT * { ?s ?p ?o }")) is None
    finally:
        app.extensions["coi-queries"].close()


def test_there_is_none_for_a_remote_engine(tree: Tree) -> None:
    app = create_app(tree.config(query_workers=1, engine="http://127.0.0.1:9/sparql"))
    try:
        assert app.extensions["coi-express"] is None
    finally:
        app.extensions["coi-queries"].close()


def test_what_is_remembered_is_bounded(express: Express, client: FlaskClient) -> None:
    long = COUNT + " # " + "x" * 5000
    assert by_flask(client, long, JSON).status_code == 200
    assert express.answer(scope(long)) is None
