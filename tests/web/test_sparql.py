"""`/sparql`: forms, refusals, limits; the protocol's own tests are in test_sparql_protocol."""

from __future__ import annotations

import csv
import io
import json

import pytest
from flask.testing import FlaskClient
from rdflib import Dataset, Graph, Literal, URIRef
from rdflib.namespace import RDF, SKOS, VOID
from web_answers import BROWSER, SITE, assert_problem

from coi_graph.publishing.releases import Release

SD = "http://www.w3.org/ns/sparql-service-description#"
ROLES = """
PREFIX coi: <https://w3id.org/coi-graph/def/>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
SELECT ?name WHERE { ?role a coi:StrategicRole ; skos:prefLabel ?name FILTER(lang(?name) = "da") }
ORDER BY ?name
"""
NAMES = ["Dialog- og gearingspartner", "Kapacitetsopbygger", "Vidensallieret"]


def ask(client: FlaskClient, query: str, accept: str = "*/*", **parameters: str):  # type: ignore[no-untyped-def]
    return client.get(
        "/sparql", query_string={"query": query, **parameters}, headers={"Accept": accept}
    )


def test_json_is_the_default_of_a_select(client: FlaskClient) -> None:
    response = ask(client, ROLES)
    assert response.mimetype == "application/sparql-results+json"
    rows = json.loads(response.data)["results"]["bindings"]
    assert [row["name"]["value"] for row in rows] == NAMES


def test_csv_and_tsv_and_xml(client: FlaskClient) -> None:
    rows = list(csv.reader(io.StringIO(ask(client, ROLES, "text/csv").text)))
    assert rows == [["name"], *[[name] for name in NAMES]]
    tsv = ask(client, ROLES, "text/tab-separated-values").text.splitlines()
    assert tsv == ["?name", *[f'"{name}"@da' for name in NAMES]]
    xml = ask(client, ROLES, format="xml")
    assert xml.mimetype == "application/sparql-results+xml"
    assert all(name in xml.text for name in NAMES)


@pytest.mark.parametrize(
    ("accept", "parser"),
    [("text/turtle", "turtle"), ("application/n-triples", "nt"),
     ("application/rdf+xml", "xml"), ("application/ld+json", "json-ld"), ("*/*", "turtle"),
     ("application/trig", "trig"), ("application/n-quads", "nquads")],
)  # fmt: skip
def test_construct_in_every_form(client: FlaskClient, accept: str, parser: str) -> None:
    role = URIRef("https://w3id.org/coi-graph/id/role/knowledge-ally")
    response = ask(client, f"CONSTRUCT {{ <{role}> ?p ?o }} WHERE {{ <{role}> ?p ?o }}", accept)
    assert accept == "*/*" or response.mimetype == accept
    graph = Dataset(default_union=True)
    graph.parse(data=response.data, format=parser)
    assert (role, SKOS.prefLabel, Literal("Vidensallieret", lang="da")) in graph


def test_from_restricts_to_a_graph_of_the_release(client: FlaskClient, release: Release) -> None:
    name = "https://w3id.org/coi-graph/graph/data/framework/roles"
    response = ask(
        client, f"SELECT (COUNT(*) AS ?n) FROM <{name}> WHERE {{ ?s ?p ?o }}", "text/csv"
    )
    assert response.text.split() == ["n", str(release.manifest.graphs[name])]


def test_a_syntax_error_says_line_and_column(client: FlaskClient) -> None:
    response = ask(client, "SELECT ?x\nWHERE { ?x ?y }")
    assert response.status_code == 400
    problem = response.get_json(force=True)
    assert_problem(problem, 400)
    assert problem["line"] == 2
    assert isinstance(problem["column"], int)


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * WHERE { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }",
        "LOAD <http://127.0.0.1:9/>",
        "DELETE WHERE { ?s ?p ?o }",
        "SELECT * FROM <http://127.0.0.1:9/> WHERE { ?s ?p ?o }",
        "{" * 2240,
        "SELECT * WHERE " + "{" * 20_000,
        "SELECT * WHERE { " + "?a ?b ?c . " * 101 + "}",
        "SELECT * WHERE { ?s ?p '" + "x" * 70_000 + "' }",
        "",
        "nonsense",
    ],
)
def test_refusals_are_honest(client: FlaskClient, query: str) -> None:
    response = ask(client, query)
    assert response.status_code == 400
    assert_problem(response.get_json(force=True), 400)


def test_an_unknown_form_is_refused(client: FlaskClient) -> None:
    assert ask(client, ROLES, format="docx").status_code == 400
    assert ask(client, ROLES, "image/png").status_code == 406


def test_the_answer_says_its_release_and_can_be_revalidated(
    client: FlaskClient, release: Release
) -> None:
    response = ask(client, ROLES)
    assert response.headers["COI-Release"] == str(release.number)
    again = client.get(
        "/sparql",
        query_string={"query": ROLES},
        headers={"If-None-Match": response.headers["ETag"]},
    )
    assert again.status_code == 304


def test_two_queries_do_not_share_an_etag(client: FlaskClient) -> None:
    first, second = ask(client, ROLES), ask(client, ROLES.replace('"da"', '"en"'))
    assert first.headers["ETag"] != second.headers["ETag"]


def test_the_service_describes_itself(client: FlaskClient, release: Release) -> None:
    response = client.get("/sparql", headers={"Accept": "text/turtle"})
    graph = Graph().parse(data=response.data, format="turtle")
    endpoint = URIRef(SITE + "sparql")
    assert (endpoint, RDF.type, URIRef(SD + "Service")) in graph
    assert (endpoint, URIRef(SD + "endpoint"), endpoint) in graph
    dataset = graph.value(endpoint, URIRef(SD + "defaultDataset"))
    default = graph.value(dataset, URIRef(SD + "defaultGraph"))
    assert graph.value(default, VOID.triples) == Literal(release.manifest.quads)
    named = {
        str(graph.value(node, URIRef(SD + "name")))
        for node in graph.objects(dataset, URIRef(SD + "namedGraph"))
    }
    assert named == set(release.manifest.graphs)


@pytest.mark.parametrize("lang", ["da", "en"])
def test_the_page_shows_a_table(client: FlaskClient, lang: str) -> None:
    response = ask(client, ROLES, BROWSER, lang=lang)
    assert response.mimetype == "text/html"
    assert "<table" in response.text
    assert all(name in response.text for name in NAMES)


def test_the_page_shows_an_error_where_it_is(client: FlaskClient) -> None:
    response = ask(client, "SELECT ?x\nWHERE { ?x ?y }", BROWSER, lang="da")
    assert (response.status_code, response.mimetype) == (400, "text/html")
    assert "SELECT ?x" in response.text  # nothing that was typed is lost
    assert "linje 2" in response.text.lower()


def test_a_result_is_escaped(client: FlaskClient) -> None:
    response = ask(client, "SELECT ('<script>alert(1)</script>' AS ?x) WHERE {}", BROWSER)
    assert "<script>alert(1)" not in response.text
