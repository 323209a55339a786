"""Documents that are answered without Flask: the application's bytes and headers."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from test_express import scope
from web_answers import BROWSER

from coi_graph.web import plain_documents
from coi_graph.web.express import Express

ROLE = "/doc/role/capacity-builder"
TURTLE = "text/turtle"


@pytest.fixture
def express(app: Flask, client: FlaskClient) -> Express:
    assert client.get(ROLE, headers={"Accept": TURTLE}).status_code == 200  # opens the release
    found: Express = app.extensions["coi-express"]
    return found


def asked(path: str, accept: str | None = TURTLE, **kind: object) -> dict[str, object]:
    return {**scope("", accept, path=path, **kind), "query_string": b""}  # type: ignore[arg-type]


@pytest.mark.parametrize("accept", [TURTLE, "*/*", None, "text/turtle; charset=utf-8", BROWSER])
@pytest.mark.parametrize(
    "path",
    [ROLE, ROLE + ".ttl", "/doc/aim/valuable-solutions-actively-spread",
     "/doc/passage/actor-category-citizen", "/doc/framework/strategic-framework-2017",
     "/doc/observation/v4"],
)  # fmt: skip
def test_the_answer_is_the_applications(
    express: Express, client: FlaskClient, path: str, accept: str | None
) -> None:
    expected = client.get(path, headers={"Accept": accept} if accept else {})
    assert expected.status_code == 200, path
    found = express.answer(asked(path, accept))
    if expected.mimetype == "text/turtle":
        assert found is not None
        assert found[1] == expected.data
        got = {name.decode(): value.decode() for name, value in found[0]}
        assert got == {name.lower(): value for name, value in expected.headers}
    else:
        assert found is None


@pytest.mark.parametrize(
    "request_",
    [
        asked(ROLE, "application/ld+json"),
        asked(ROLE, "image/png"),
        asked(ROLE + ".jsonld"),
        asked(ROLE, method="HEAD"),
        asked(ROLE, method="POST"),
        asked(ROLE, headers=(("if-none-match", '"x"'),)),
        asked("/doc/role/no-such"),
        asked("/doc/role/a%20b"),
        asked("/doc/role/æ"),
        asked("/doc/role/"),
        asked("/doc/role/x/y"),
        asked("/doc/role/x\n"),
        asked("/doc/municipality/0101\n"),
        {**asked(ROLE), "query_string": b"release=1"},
        {**asked(ROLE), "query_string": b"lang=en"},
    ],
)
def test_what_is_not_plain_goes_the_long_way(express: Express, request_: dict[str, object]) -> None:
    assert express.answer(request_) is None


def test_a_thing_of_which_much_is_said_goes_the_long_way(
    express: Express, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert express.answer(asked(ROLE)) is not None
    monkeypatch.setattr(plain_documents, "_MOST", 20)
    assert client.get(ROLE, headers={"Accept": TURTLE}).status_code == 200
    assert express.answer(asked(ROLE)) is None
