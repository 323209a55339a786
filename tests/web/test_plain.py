"""Plain queries: the same answers, errors and limits as the application's, without it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from urllib.parse import urlencode

import pytest
from flask import Flask
from flask.testing import FlaskClient
from web_answers import BROWSER

from coi_graph.query.cache import AnswerCache
from coi_graph.query.cancellation import Cancellation
from coi_graph.web.app import create_app
from coi_graph.web.exchange import Exchange, environ_of
from coi_graph.web.plain import PlainQueries
from small_tree import ANOTHER_ROLE, Tree

JSON = "application/sparql-results+json"
JOIN = (
    "PREFIX skos: <http://www.w3.org/2004/02/skos/core#> "
    "SELECT ?s ?l WHERE { ?s a <https://w3id.org/coi-graph/def/StrategicRole> ; skos:prefLabel ?l }"
)
CROSS = "SELECT (COUNT(*) AS ?n) WHERE { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . FILTER(?c < ?i) }"
ROLES_GRAPH = "https://w3id.org/coi-graph/graph/data/framework/roles"
EVERYTHING = "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o } ORDER BY ?s"


@pytest.fixture
def plain(app: Flask, client: FlaskClient) -> PlainQueries:
    assert client.get("/sparql?query=ASK{}").status_code == 200  # the release is opened
    found: PlainQueries = app.extensions["coi-plain"]
    return found


def scope(
    query: str,
    accept: str | None = JSON,
    *,
    method: str = "GET",
    path: str = "/sparql",
    headers: tuple[tuple[str, str], ...] = (),
    client: str = "192.0.2.1",
    **parameters: str,
) -> dict[str, object]:
    """As an ASGI server gives it."""
    wanted = [("host", "localhost"), *headers, *([("accept", accept)] if accept else [])]
    return {
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "query_string": urlencode({"query": query, **parameters}).encode(),
        "headers": [(name.encode(), value.encode()) for name, value in wanted],
        "server": ("localhost", 80),
        "client": (client, 1),
        "http_version": "1.1",
        "scheme": "http",
    }


class Asked:
    """A request through the plain way and on, as `asgi` does it."""

    def __init__(self, app: Flask, scope: dict[str, object]) -> None:
        plain: PlainQueries = app.extensions["coi-plain"]
        self.shortened = False

        def shortcut(environ: dict[str, object]):  # type: ignore[no-untyped-def]
            read = plain.read(scope)
            found = None if read is None else plain.answer(read, environ)
            self.shortened = found is not None
            return found

        self.exchange = Exchange(app, environ_of(scope, None, Cancellation()), shortcut)
        self.whole = self.exchange.begin()

    @property
    def headers(self) -> dict[str, str]:
        return {name.decode(): value.decode() for name, value in self.exchange.headers}

    def body(self) -> bytes:
        if self.whole:
            return self.exchange.whole
        blocks = b"".join(iter(self.exchange.next_block, None))
        self.exchange.close()
        return blocks


def by_flask(client: FlaskClient, query: str, accept: str | None):  # type: ignore[no-untyped-def]
    headers = {"Accept": accept} if accept else {}
    return client.get("/sparql?" + urlencode({"query": query}), headers=headers)


@pytest.mark.parametrize(
    ("query", "accept"),
    [
        *((JOIN, accept) for accept in (JSON, "text/csv", "application/xml;q=0.5", "*/*", None)),
        ("ASK { ?s ?p ?o . ?o ?q ?r }", JSON),
        (JOIN.replace("SELECT ?s ?l", "CONSTRUCT { ?s skos:prefLabel ?l }"), "text/turtle"),
        (
            JOIN.replace(
                "WHERE", "FROM <https://w3id.org/coi-graph/graph/data/framework/roles> WHERE"
            ),
            JSON,
        ),
    ],
)
def test_the_answer_is_the_applications(
    app: Flask, plain: PlainQueries, client: FlaskClient, query: str, accept: str | None
) -> None:
    asked = Asked(app, scope(query, accept))
    assert asked.shortened
    assert asked.exchange.status == 200
    app.extensions["coi-queries"].cache = AnswerCache(1 << 20)  # Flask has it computed, too
    expected = by_flask(client, query, accept)
    assert asked.body() == expected.data
    assert asked.headers == {name.lower(): value for name, value in expected.headers}


@pytest.mark.parametrize(
    "request_",
    [
        scope(JOIN, BROWSER),
        scope(JOIN, "image/png"),
        scope(JOIN, "text/turtle"),
        scope(JOIN, method="HEAD"),
        scope(JOIN, path="/"),
        scope(JOIN, headers=(("if-none-match", '"x"'),)),
        scope(JOIN, release="1"),
        scope(JOIN, format="csv"),
        scope(JOIN + " }"),
        scope("SELECT * { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }"),
        {**scope(""), "query_string": b"query=%ff"},
    ],
)
def test_everything_else_is_the_applications(
    app: Flask, plain: PlainQueries, request_: dict[str, object]
) -> None:
    asked = Asked(app, request_)
    assert not asked.shortened
    asked.body()


def test_a_repeated_one_is_at_hand(app: Flask, plain: PlainQueries) -> None:
    query = JOIN + " # again"
    express = app.extensions["coi-express"]
    assert express.answer(scope(query)) is None
    first = Asked(app, scope(query))
    again = express.answer(scope(query))
    assert again == (first.exchange.headers, first.exchange.whole)


@pytest.fixture
def limited(tmp_path) -> Iterator[Flask]:  # type: ignore[no-untyped-def]
    tree = Tree.make(tmp_path)
    tree.must_build()
    app = create_app(
        tree.config(query_workers=2, query_timeout=1, query_result_bytes=2000, trusted_proxies=1)
    )
    assert app.test_client().get("/sparql?query=ASK{}").status_code == 200
    yield app
    app.extensions["coi-queries"].close()


def test_a_time_out_is_told_and_the_query_not_asked_again(limited: Flask) -> None:
    pool = limited.extensions["coi-queries"].pool
    asked = []
    execute = pool.execute

    def counted(request):  # type: ignore[no-untyped-def]
        asked.append(request.query)
        return execute(request)

    pool.execute = counted
    found = Asked(limited, scope(CROSS))
    assert not found.shortened
    assert found.exchange.status == 504
    assert json.loads(found.body())["status"] == 504
    assert asked == [CROSS]


def test_an_answer_that_is_cut_is_marked(limited: Flask) -> None:
    found = Asked(limited, scope(EVERYTHING, "application/n-triples"))
    assert not found.shortened
    assert found.exchange.status == 200
    assert found.headers["coi-truncated"] == "true"
    assert b"TRUNCATED" in found.body()


def test_the_share_is_that_of_the_client_behind_the_proxy(limited: Flask) -> None:
    share, clients = limited.extensions["coi-queries"].share, []
    begin = share.begin

    def watched(client: str):  # type: ignore[no-untyped-def]
        clients.append(client)
        return begin(client)

    share.begin = watched
    behind = (("x-forwarded-for", "198.51.100.7"),)
    assert Asked(limited, scope(JOIN, headers=behind)).shortened
    by_application = scope(JOIN + " # 2", headers=behind, method="HEAD")
    assert not Asked(limited, by_application).shortened
    assert clients == ["198.51.100.7", "198.51.100.7"]


def test_what_nobody_takes_is_dropped(tmp_path) -> None:  # type: ignore[no-untyped-def]
    """A new release while the answer of the old one begins: Flask answers from the new one."""
    tree = Tree.make(tmp_path)
    tree.must_build()
    app = create_app(tree.config(query_workers=2, query_result_bytes=2000))
    try:
        client = app.test_client()
        assert client.get("/sparql?query=ASK{}").headers["COI-Release"] == "1"
        plain: PlainQueries = app.extensions["coi-plain"]
        asked = scope(EVERYTHING, "application/n-triples")
        read = plain.read(asked)
        assert read is not None
        begun = []

        def shortcut(environ: dict[str, object]):  # type: ignore[no-untyped-def]
            found = plain.answer(read, environ)
            begun.append(environ["coi.begun"])
            tree.append("data/roles.ttl", ANOTHER_ROLE)
            tree.must_build()
            return found

        exchange = Exchange(app, environ_of(asked, None, Cancellation()), shortcut)
        exchange.begin()
        assert (b"coi-release", b"2") in exchange.headers
        assert begun[0]._came is None
        assert not app.extensions["coi-queries"].share._accounts["192.0.2.1"].is_active
    finally:
        app.extensions["coi-queries"].close()
