"""The site over a real Virtuoso: the same answers as over our own store, but for what
docs/reference/engines.md says."""

from __future__ import annotations

import csv
import importlib.util
import io
import json
import re
import time
import urllib.request
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest
from flask import Flask
from flask.testing import FlaskClient
from rdflib import Graph
from virtuoso import SITE, Virtuoso

from coi_graph import config
from coi_graph.description import kinds
from coi_graph.namespaces import ID
from coi_graph.publishing.build import build
from coi_graph.publishing.loads import take_in
from coi_graph.publishing.push import push
from coi_graph.publishing.releases import Release
from coi_graph.query.named import load_queries
from coi_graph.web.app import create_app
from environment import ROOT, SHARED, Server

QUERIES = load_queries(ROOT / "queries")
# Virtuoso 7 loses rows where a path with * stands in an OPTIONAL (docs/reference/engines.md).
_LOST = pytest.mark.xfail(strict=True, reason="Virtuoso 7 loses rows of a path in an OPTIONAL")
NAMES = [
    pytest.param(name, marks=_LOST if name == "cq-08" else ())
    for name in QUERIES
    if name.startswith("cq-")
]
CROSS_PRODUCT = "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i FILTER(CONCAT(?c,?f,?i) = 'x') }"
# Oxigraph keeps every type derived from xsd:integer as xsd:integer; Virtuoso keeps them apart.
DERIVED = re.compile(
    rb"XMLSchema#(?:nonNegativeInteger|positiveInteger|nonPositiveInteger|negativeInteger"
    rb"|long|int|short|byte|unsigned(?:Long|Int|Short|Byte))>"
)


@pytest.fixture
def remote(remote_app: Flask) -> FlaskClient:
    return remote_app.test_client()


@pytest.fixture
def embedded(embedded_app: Flask) -> FlaskClient:
    return embedded_app.test_client()


def lines(body: bytes) -> set[bytes]:
    return set(DERIVED.sub(b"XMLSchema#integer>", body).splitlines())


def ask(client: FlaskClient, query: str, accept: str = "text/csv", **parameters: str):  # type: ignore[no-untyped-def]
    return client.get(
        "/sparql", query_string={"query": query, **parameters}, headers={"Accept": accept}
    )


def test_one_thing_of_every_kind_is_described_alike(
    remote: FlaskClient, embedded: FlaskClient, embedded_app: Flask
) -> None:
    lookup = embedded_app.extensions["coi-publication"].current().lookup
    things = {kind.slug: lookup.of_kind(kind.prefix)[:1] for kind in kinds.KINDS}
    compared = 0
    for iris in things.values():
        for iri in iris:
            path = f"/doc/{iri.removeprefix(ID)}.nt"
            here, there = embedded.get(path), remote.get(path)
            assert (here.status_code, there.status_code) == (200, 200), path
            assert lines(there.data) == lines(here.data), path
            compared += 1
    assert compared > 30, "most kinds have a thing"


@pytest.mark.parametrize(
    "path",
    ["/def/.nt", "/def/StrategicRole.nt", "/def/hasRole.nt", "/shapes/Activity-role.nt",
     "/graph/data/framework/roles.nt", "/graph/shapes/activity.nt", "/dataset",
     "/doc/role/.nt", "/doc/municipality/.nt"],
)  # fmt: skip
def test_other_documents_are_alike(remote: FlaskClient, embedded: FlaskClient, path: str) -> None:
    path = path.replace("/.nt", "/index.nt")
    here = embedded.get(path, headers={"Accept": "application/n-triples"})
    there = remote.get(path, headers={"Accept": "application/n-triples"})
    assert (here.status_code, there.status_code) == (200, 200)
    assert lines(there.data) == lines(here.data)


@pytest.mark.parametrize("path", ["/doc/role/capacity-builder", "/doc/aim/", "/def/", "/release/"])
@pytest.mark.parametrize("lang", ["da", "en"])
def test_pages_are_alike(remote: FlaskClient, embedded: FlaskClient, path: str, lang: str) -> None:
    headers = {"Accept": "text/html"}
    here = embedded.get(path, query_string={"lang": lang}, headers=headers)
    there = remote.get(path, query_string={"lang": lang}, headers=headers)
    assert here.status_code == 200
    assert there.data == here.data


@pytest.mark.parametrize("path", ["/doc/role/no-such", "/doc/role/a%20b%22%3C%3E", "/graph/none"])
def test_what_is_not_there(remote: FlaskClient, path: str) -> None:
    assert remote.get(path).status_code == 404


def test_headers_and_etags_are_the_same(remote: FlaskClient, embedded: FlaskClient) -> None:
    path = "/doc/role/capacity-builder.ttl"
    here, there = embedded.get(path), remote.get(path)
    for name in ("ETag", "Last-Modified", "COI-Release", "Link", "Cache-Control"):
        assert there.headers[name] == here.headers[name]
    again = remote.get(path, headers={"If-None-Match": there.headers["ETag"]})
    assert again.status_code == 304


@pytest.mark.parametrize("name", NAMES)
def test_the_competency_questions_have_their_expected_rows(remote: FlaskClient, name: str) -> None:
    query = QUERIES[name]
    response = ask(remote, query.text)
    assert response.status_code == 200, response.text
    header, *rows = csv.reader(io.StringIO(response.text))
    expected_header, *expected = csv.reader(
        io.StringIO(query.path.with_suffix(".csv").read_text(encoding="utf-8"))
    )
    assert header == expected_header
    # Virtuoso's booleans are 1 and 0.
    booleans = {"true": "1", "false": "0"}
    wanted = [tuple(booleans.get(cell, cell) for cell in row) for row in expected]
    found = [tuple(booleans.get(cell, cell) for cell in row) for row in rows]
    assert Counter(found) == Counter(wanted)
    if query.ordered:
        assert found == wanted


@pytest.mark.parametrize(
    ("accept", "start"),
    [("application/sparql-results+json", '{"head"'), ("application/sparql-results+xml", "<?xml"),
     ("text/csv", "name\r\n"), ("text/tab-separated-values", "?name\n")],
)  # fmt: skip
def test_results_have_our_form_not_the_engines(
    remote: FlaskClient, embedded: FlaskClient, accept: str, start: str
) -> None:
    query = (
        "SELECT ?name { <https://w3id.org/coi-graph/id/role/knowledge-ally>"
        " <http://www.w3.org/2004/02/skos/core#prefLabel> ?name } ORDER BY lang(?name)"
    )
    response = ask(remote, query, accept)
    assert (response.status_code, response.mimetype) == (200, accept)
    assert response.text.startswith(start)
    assert response.data == ask(embedded, query, accept).data


@pytest.mark.parametrize("query", ["ASK { ?s ?p ?o }", "ASK { ?s ?p 'no such literal' }"])
def test_ask(remote: FlaskClient, embedded: FlaskClient, query: str) -> None:
    for accept in ("application/sparql-results+json", "application/sparql-results+xml"):
        assert ask(remote, query, accept).data == ask(embedded, query, accept).data


def test_construct_and_describe(remote: FlaskClient, embedded: FlaskClient) -> None:
    role = "<https://w3id.org/coi-graph/id/role/knowledge-ally>"
    query = f"CONSTRUCT WHERE {{ {role} ?p ?o }}"
    here = ask(embedded, query, "application/n-triples")
    there = ask(remote, query, "application/n-triples")
    assert lines(there.data) == lines(here.data)
    described = ask(remote, f"DESCRIBE {role}", "text/turtle")
    assert described.status_code == 200
    assert len(Graph().parse(data=described.data, format="turtle")) >= len(lines(here.data))


def test_only_the_releases_graphs_are_seen(
    remote: FlaskClient, virtuoso: Virtuoso, release: Release
) -> None:
    """The engine has graphs of its own, and may have others' too."""
    found = ask(remote, "SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } }").text.split()[1:]
    assert set(found) == set(release.manifest.graphs)
    system = "http://www.openlinksw.com/schemas/virtrdf#"
    assert "false" in ask(remote, f"ASK {{ ?s a <{system}QuadMapFormat> }}",
                          "application/sparql-results+json").text  # fmt: skip


@pytest.mark.parametrize("tail", ["", " # FROM here on a comment", "\n#\n"])
def test_a_describe_does_not_leave_the_dataset(remote: FlaskClient, tail: str) -> None:
    query = f"DESCRIBE <http://www.openlinksw.com/schemas/virtrdf#DefaultQuadMap>{tail}"
    response = ask(remote, query, "application/n-triples")
    assert (response.status_code, response.data) == (200, b"")


@pytest.mark.parametrize(
    "query",
    ["SELECT ?x\nWHERE { ?x ?y }", "DELETE WHERE { ?s ?p ?o }", "nonsense",
     "define input:storage \"\" SELECT * { ?s ?p ?o }", "SELECT * { SERVICE <http://x/> {} }",
     "SELECT * FROM <http://www.openlinksw.com/schemas/virtrdf#> { ?s ?p ?o }",
     "SELECT (<bif:http_get>('http://127.0.0.1:9/') AS ?x) {}",
     "SELECT ?x { BIND(IF(false, <sql:x>(1), 2) AS ?x) }",
     "PREFIX b: <bif:> SELECT * { ?s ?p ?o . ?o b:contains 'x' }", "{" * 20_000],
)  # fmt: skip
def test_refusals_never_reach_the_engine(remote: FlaskClient, query: str) -> None:
    response = ask(remote, query, "*/*")
    assert response.status_code == 400
    assert "Virtuoso" not in response.text


def test_a_syntax_error_says_line_and_column(remote: FlaskClient) -> None:
    problem = ask(remote, "SELECT ?x\nWHERE { ?x ?y }", "*/*").get_json(force=True)
    assert (problem["line"], problem["column"]) == (2, 15)


def test_a_long_query_is_stopped(virtuoso: Virtuoso, engine_home: Path) -> None:
    settings = config.load(virtuoso.environment, home=engine_home, query_timeout=2.0)
    app = create_app(settings)
    started = time.monotonic()
    response = ask(app.test_client(), CROSS_PRODUCT)
    assert response.status_code == 504
    assert time.monotonic() - started < 3.5  # workers start meanwhile
    assert ask(app.test_client(), "ASK {}", "*/*").status_code == 200
    app.extensions["coi-queries"].close()


def test_a_large_result_is_cut_with_a_mark(virtuoso: Virtuoso, engine_home: Path) -> None:
    settings = config.load(virtuoso.environment, home=engine_home, query_result_bytes=100_000)
    app = create_app(settings)
    response = ask(app.test_client(), "SELECT * { ?s ?p ?o }")
    assert response.headers["COI-Truncated"] == "true"
    assert "TRUNCATED" in response.text
    app.extensions["coi-queries"].close()


def test_a_result_of_megabytes_comes_whole(
    virtuoso: Virtuoso, engine_home: Path, release: Release
) -> None:
    app = create_app(config.load(virtuoso.environment, home=engine_home, query_timeout=60.0))
    response = ask(app.test_client(), "SELECT ?s ?p ?o { GRAPH ?g { ?s ?p ?o } }")
    assert len(response.data) > 2_000_000, "more than is held back"
    _, *rows = csv.reader(io.StringIO(response.text, newline=""))
    assert len(rows) == release.manifest.quads
    app.extensions["coi-queries"].close()


def test_rows_that_the_engine_leaves_out_are_noticed(
    start_virtuoso: Callable[..., Virtuoso], engine_home: Path
) -> None:
    small = start_virtuoso(max_rows=50)
    push(config.load(small.environment, home=engine_home))
    app = create_app(config.load(small.environment, home=engine_home))
    response = ask(app.test_client(), "SELECT * { ?s ?p ?o }")
    assert "TRUNCATED" in response.text
    assert response.headers["COI-Truncated"] == "true"
    assert app.test_client().get("/doc/role/").status_code == 502, "half a list is no list"
    app.extensions["coi-queries"].close()


def test_another_release_is_not_held(remote: FlaskClient, release: Release) -> None:
    assert remote.get(f"/doc/role/capacity-builder?release={release.number}").status_code == 200
    assert remote.get("/doc/role/capacity-builder?release=999").status_code == 404


def test_the_password_is_shown_nowhere(remote_app: Flask, virtuoso: Virtuoso) -> None:
    settings = config.load({"COI_ENGINE": "http://x/", "COI_ENGINE_PASSWORD": "geheim"})
    assert "geheim" not in repr(settings)
    page = remote_app.test_client().get("/sparql", headers={"Accept": "text/turtle"}).text
    assert SITE in page
    assert virtuoso.url not in page


def _protocol() -> ModuleType:
    """The module of W3C's protocol tests, which runs them against any server of ours."""
    path = ROOT / "tests/web/test_sparql_protocol.py"
    spec = importlib.util.spec_from_file_location("protocol", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def protocol_server(
    shared: Path,
    tmp_path_factory: pytest.TempPathFactory,
    start_virtuoso: Callable[..., Virtuoso],
    start_server: Callable[..., Server],
) -> Server:
    protocol, engine = _protocol(), start_virtuoso()
    home = tmp_path_factory.mktemp("protocol")
    folder = shared / "conformance/sparql11/protocol"
    for number, file in ((0, "data1.nt"), (1, "data1.nt"), (2, "data2.nt"), (3, "data3.nt")):
        take_in(home, [folder / file], f"{protocol.DATA}data{number}.rdf", lambda read: None)
    build(config.load({}, home=home, sources=ROOT), validate=False)
    push(config.load(engine.environment, home=home))
    return start_server(home, **engine.environment)


@pytest.mark.parametrize("name", _protocol().QUERY_TESTS)
def test_protocol(protocol_server: Server, name: str) -> None:
    protocol = _protocol()
    manifest = Graph().parse(SHARED / "conformance/sparql11/protocol/manifest.ttl", format="turtle")
    protocol.test_protocol(protocol_server, manifest, name)


def test_the_server_says_what_it_serves(protocol_server: Server) -> None:
    with urllib.request.urlopen(protocol_server.url + "/healthz", timeout=10) as response:
        assert json.loads(response.read())["release"] == 1
