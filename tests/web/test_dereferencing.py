"""design.md, section 4, sentence by sentence."""

from __future__ import annotations

import json
from urllib.parse import urlsplit

import pyshacl
import pytest
from flask.testing import FlaskClient
from rdflib import Graph, Literal, URIRef
from rdflib.compare import isomorphic
from rdflib.namespace import DCTERMS, FOAF, RDF, SH, SKOS, Namespace
from web_answers import BASE, BROWSER, SITE, assert_problem

from coi_graph.publishing.releases import Release

DCAT_VERSION = URIRef("http://www.w3.org/ns/dcat#version")  # newer than rdflib's DCAT
OA = Namespace("http://www.w3.org/ns/oa#")
ROLE = URIRef(BASE + "id/role/capacity-builder")
COI_DEF = BASE + "def/"

FORMS = {
    "text/turtle": ("ttl", "turtle"),
    "application/ld+json": ("jsonld", "json-ld"),
    "application/rdf+xml": ("rdf", "xml"),
    "application/n-triples": ("nt", "nt"),
}


def graph_at(client: FlaskClient, path: str, media_type: str = "text/turtle") -> Graph:
    response = client.get(path, headers={"Accept": media_type})
    assert response.status_code == 200, response.text
    return Graph().parse(data=response.data, format=FORMS[media_type][1])


def test_a_thing_redirects_to_its_document(client: FlaskClient) -> None:
    response = client.get("/id/role/capacity-builder", headers={"Accept": "text/turtle"})
    assert response.status_code == 303
    assert urlsplit(response.location).path == "/doc/role/capacity-builder"
    assert {"Accept", "Accept-Language"} <= {v.strip() for v in response.headers["Vary"].split(",")}


def test_the_redirect_keeps_the_release_and_the_language(client: FlaskClient) -> None:
    response = client.get("/id/role/capacity-builder?release=1&lang=en")
    assert urlsplit(response.location).query == "release=1&lang=en"


@pytest.mark.parametrize("media_type", FORMS)
def test_every_form_says_the_same(client: FlaskClient, media_type: str) -> None:
    turtle = graph_at(client, "/doc/role/capacity-builder")
    assert isomorphic(turtle, graph_at(client, "/doc/role/capacity-builder", media_type))
    assert (ROLE, SKOS.prefLabel, Literal("Kapacitetsopbygger", lang="da")) in turtle
    assert (ROLE, SKOS.prefLabel, Literal("Capacity builder", lang="en")) in turtle


@pytest.mark.parametrize("media_type", FORMS)
def test_a_form_has_an_address_of_its_own(client: FlaskClient, media_type: str) -> None:
    extension, _ = FORMS[media_type]
    response = client.get(f"/doc/role/capacity-builder.{extension}", headers={"Accept": "*/*"})
    negotiated = client.get("/doc/role/capacity-builder", headers={"Accept": media_type})
    assert response.mimetype == media_type
    assert response.data == negotiated.data
    assert negotiated.headers["Content-Location"] == f"/doc/role/capacity-builder.{extension}"


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (None, "text/turtle"),
        ("*/*", "text/turtle"),
        (BROWSER, "text/html"),
        ("text/turtle; charset=utf-8", "text/turtle"),
        ("text/turtle;q=0.2, application/ld+json;q=0.9", "application/ld+json"),
        ("text/html;q=0.1, application/rdf+xml", "application/rdf+xml"),
        ("application/xml", "application/rdf+xml"),
        ("text/plain", "application/n-triples"),
        ("application/*", "application/ld+json"),
        ("image/png, */*;q=0.1", "text/turtle"),
        # rdflib's own header
        ("application/rdf+xml,text/rdf+n3;q=0.9,application/xhtml+xml;q=0.5, */*;q=0.1",
         "application/rdf+xml"),
    ],
)  # fmt: skip
def test_negotiation(client: FlaskClient, accept: str | None, expected: str) -> None:
    headers = {} if accept is None else {"Accept": accept}
    response = client.get("/doc/role/capacity-builder", headers=headers)
    assert (response.status_code, response.mimetype) == (200, expected)


def test_the_sentence_comes_with_the_thing(client: FlaskClient) -> None:
    graph = graph_at(client, "/doc/role/capacity-builder")
    quotes = {
        str(exact)
        for passage in graph.objects(ROLE, URIRef(COI_DEF + "statedIn"))
        for target in graph.objects(passage, OA.hasTarget)
        for selector in graph.objects(target, OA.hasSelector)
        for exact in graph.objects(selector, OA.exact)
    }
    assert "Kapacitetsopbygger" in quotes


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("da", "Kapacitetsopbygger. coi-graph, udgivelse"),
        ("en", "Capacity builder. coi-graph, rel"),
    ],
)
def test_a_thing_is_cited_in_the_readers_language(
    client: FlaskClient, lang: str, said: str
) -> None:
    assert said in client.get(f"/doc/role/capacity-builder.html?lang={lang}").text


def test_the_document_says_its_release(client: FlaskClient, release: Release) -> None:
    graph = graph_at(client, "/doc/role/capacity-builder")
    document = URIRef(BASE + "doc/role/capacity-builder")
    assert graph.value(document, FOAF.primaryTopic) == ROLE
    of = graph.value(document, DCTERMS.isPartOf)
    assert graph.value(of, DCAT_VERSION) == Literal(str(release.number))
    assert graph.value(of, DCTERMS.isVersionOf) == URIRef(BASE + "dataset")


def test_headers_of_a_read(client: FlaskClient, release: Release) -> None:
    response = client.get("/doc/role/capacity-builder", headers={"Accept": "text/turtle"})
    assert response.headers["COI-Release"] == str(release.number)
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert response.last_modified is not None
    assert response.last_modified.isoformat().startswith(release.manifest.issued[:19])
    assert "must-revalidate" in response.headers["Cache-Control"]


def test_each_form_has_its_own_etag_and_304(client: FlaskClient) -> None:
    tags = set()
    for accept in (*FORMS, "text/html"):
        response = client.get("/doc/role/capacity-builder", headers={"Accept": accept})
        tag = response.headers["ETag"]
        assert not tag.startswith("W/")
        tags.add(tag)
        again = client.get(
            "/doc/role/capacity-builder", headers={"Accept": accept, "If-None-Match": tag}
        )
        assert (again.status_code, again.data) == (304, b"")
        assert again.headers["ETag"] == tag
    assert len(tags) == len(FORMS) + 1


def test_pages_of_two_languages_differ_in_etag(client: FlaskClient) -> None:
    tags = {
        client.get(f"/doc/role/capacity-builder.html?lang={lang}").headers["ETag"]
        for lang in ("da", "en")
    }
    assert len(tags) == 2


@pytest.mark.parametrize("accept", [*FORMS, "text/html"])
def test_head_is_get_without_a_body(client: FlaskClient, accept: str) -> None:
    get = client.get("/doc/aim/valuable-solutions-actively-spread", headers={"Accept": accept})
    head = client.head("/doc/aim/valuable-solutions-actively-spread", headers={"Accept": accept})
    assert head.data == b""
    for name in ("Content-Type", "ETag", "Link", "COI-Release", "Content-Length", "Vary"):
        assert head.headers.get(name) == get.headers.get(name), name


def test_links(client: FlaskClient) -> None:
    response = client.get("/doc/role/capacity-builder", headers={"Accept": "text/turtle"})
    links = response.headers["Link"]
    assert f'<{ROLE}>; rel="cite-as"' in links
    assert f'<{SITE}doc/role/capacity-builder>; rel="canonical"' in links
    for media_type, (extension, _) in FORMS.items():
        address = f"{SITE}doc/role/capacity-builder.{extension}"
        assert f'<{address}>; rel="alternate"; type="{media_type}"' in links
        assert f'<{address}>; rel="describedby"; type="{media_type}"' in links
    assert 'rel="license"' in links
    assert 'rel="author"' in links
    assert f'<{COI_DEF}StrategicRole>; rel="type"' in links
    assert 'rel="linkset"; type="application/linkset+json"' in links


def test_the_linkset_is_the_same_links_as_a_document(client: FlaskClient) -> None:
    response = client.get("/doc/role/capacity-builder.linkset.json")
    assert response.mimetype == "application/linkset+json"
    context = json.loads(response.data)["linkset"][0]
    assert context["anchor"] == SITE + "doc/role/capacity-builder"
    assert context["cite-as"] == [{"href": str(ROLE)}]
    for link in context["item"]:
        path = link["href"].removeprefix(SITE.rstrip("/"))
        assert client.get(path).mimetype == link["type"]


def test_the_host_header_is_not_believed(client: FlaskClient) -> None:
    for accept in (*FORMS, "text/html"):
        response = client.get(
            "/doc/role/capacity-builder",
            headers={"Accept": accept, "Host": "evil.example", "X-Forwarded-Host": "evil.example"},
        )
        assert "evil.example" not in response.text + str(response.headers)
    redirect = client.get("/id/role/capacity-builder", headers={"Host": "evil.example"})
    assert "evil.example" not in redirect.location


@pytest.mark.parametrize(
    "path",
    ["/doc/role/no-such", "/id/role/no-such", "/doc/nonsense/", "/graph/nothing",
     "/def/NoSuchTerm", "/no/such/page", "/doc/role/a b\"<>", "/doc/%00", "/release/999",
     "/release/x"],
)  # fmt: skip
def test_what_does_not_exist_answers_404(client: FlaskClient, path: str) -> None:
    response = client.get(path, headers={"Accept": "text/turtle"}, follow_redirects=True)
    assert response.status_code == 404
    assert_problem(response.get_json(force=True), 404)
    page = client.get(path, headers={"Accept": BROWSER}, follow_redirects=True)
    assert (page.status_code, page.mimetype) == (404, "text/html")


def test_nothing_acceptable_answers_406_and_lists_what_there_is(client: FlaskClient) -> None:
    response = client.get("/doc/role/capacity-builder", headers={"Accept": "image/png"})
    assert response.status_code == 406
    problem = response.get_json(force=True)
    assert_problem(problem, 406)
    assert set(problem["available"]) == {*FORMS, "text/html"}


@pytest.mark.parametrize(
    ("value", "status"), [("0", 404), ("999", 404), ("-1", 400), ("x", 400), ("", 400), ("٣", 400)]
)
def test_a_release_that_is_not_there(client: FlaskClient, value: str, status: int) -> None:
    response = client.get(f"/doc/role/capacity-builder?release={value}")
    assert response.status_code == status
    assert_problem(response.get_json(force=True), status)


def test_a_pinned_read_may_be_kept_for_ever(client: FlaskClient, release: Release) -> None:
    response = client.get(f"/doc/role/capacity-builder.ttl?release={release.number}")
    assert "immutable" in response.headers["Cache-Control"]


def test_only_reading(client: FlaskClient) -> None:
    response = client.post("/doc/role/capacity-builder")
    assert response.status_code == 405
    assert "GET" in response.headers["Allow"]
    assert_problem(response.get_json(force=True), 405)


def test_a_browser_of_another_site_may_ask(client: FlaskClient) -> None:
    response = client.options("/doc/role/capacity-builder")
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert "GET" in response.headers["Access-Control-Allow-Methods"]


def test_no_permanent_redirects(client: FlaskClient) -> None:
    """Java's HTTP client does not follow 308."""
    for path in ("/def", "/release", "/doc/role", "/sparql/", "/id/role"):
        assert client.get(path).status_code not in (301, 307, 308), path


@pytest.mark.parametrize("media_type", [*FORMS, "text/html"])
def test_the_ontology_answers_in_every_form(client: FlaskClient, media_type: str) -> None:
    response = client.get("/def/", headers={"Accept": media_type})
    assert (response.status_code, response.mimetype) == (200, media_type)
    if media_type in FORMS:
        graph = Graph().parse(data=response.data, format=FORMS[media_type][1])
        role = URIRef(COI_DEF + "StrategicRole")
        assert graph.value(role, SKOS.definition) is not None


def test_the_version_of_the_ontology_answers(client: FlaskClient, release: Release) -> None:
    version = release.manifest.ontology_version
    response = client.get(f"/def/{version}", headers={"Accept": "text/turtle"})
    assert response.data == client.get("/def/", headers={"Accept": "text/turtle"}).data


def test_a_term_answers_200(client: FlaskClient) -> None:
    graph = graph_at(client, "/def/StrategicRole")
    assert (URIRef(COI_DEF + "StrategicRole"), SKOS.definition, None) in graph


def test_a_shape_answers_with_blank_nodes_for_paths_and_lists(client: FlaskClient) -> None:
    response = client.get("/shapes/Activity-role", headers={"Accept": "text/turtle"})
    assert response.status_code == 200
    assert b"genid" not in response.data


def test_a_named_graph_answers_whole(client: FlaskClient, release: Release) -> None:
    graph = graph_at(client, "/graph/data/framework/roles")
    assert len(graph) == release.manifest.graphs[BASE + "graph/data/framework/roles"]


def test_a_kind_lists_its_things(client: FlaskClient) -> None:
    graph = graph_at(client, "/doc/role/")
    names = {str(o) for o in graph.objects(None, SKOS.prefLabel) if o.language == "da"}  # type: ignore[union-attr]
    assert names == {"Dialog- og gearingspartner", "Kapacitetsopbygger", "Vidensallieret"}


@pytest.mark.parametrize("path", ["/shapes/", "/shapes/index.ttl"])
def test_all_shapes_come_in_one_document_to_validate_with(client: FlaskClient, path: str) -> None:
    shapes = graph_at(client, path)
    data = Graph().add((URIRef("http://x/a"), RDF.type, URIRef(COI_DEF + "Activity")))
    _, results, _ = pyshacl.validate(data, shacl_graph=shapes, meta_shacl=True)
    assert isinstance(results, Graph)
    fired = set(results.objects(None, SH.sourceShape))
    assert URIRef(BASE + "shapes/Activity-role") in fired


def test_the_page_of_the_shapes_lists_them(client: FlaskClient) -> None:
    page = client.get("/shapes/", headers={"Accept": BROWSER})
    assert "/shapes/Activity-role" in page.text
