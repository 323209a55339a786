"""`/catalog`, `/dataset/…` and `/void` as harvesters ask for them."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient
from rdflib import RDF, Graph, Namespace, URIRef
from rdflib.namespace import DCTERMS, FOAF
from web_answers import BASE, BROWSER, SITE, assert_problem

from coi_graph.publishing.releases import Release
from coi_graph.store import Store

DCAT = Namespace("http://www.w3.org/ns/dcat#")
HYDRA = Namespace("http://www.w3.org/ns/hydra/core#")
VOID = Namespace("http://rdfs.org/ns/void#")
CATALOG = URIRef(BASE + "catalog")
DATASET = URIRef(BASE + "dataset")
FORMS = {
    "ttl": ("text/turtle", "turtle"),
    "rdf": ("application/rdf+xml", "xml"),
    "jsonld": ("application/ld+json", "json-ld"),
    "nt": ("application/n-triples", "nt"),
}


def graph(client: FlaskClient, path: str, name: str = "turtle", **headers: str) -> Graph:
    response = client.get(path, headers=headers)
    assert response.status_code == 200, response.text
    return Graph().parse(data=response.data, format=name)


class TestForms:
    @pytest.mark.parametrize(
        "accept", ["*/*", None, "text/turtle; charset=utf-8", "text/turtle;q=0.5, */*;q=0.1"]
    )
    @pytest.mark.parametrize("path", ["/catalog", "/void", "/dataset/framework"])
    def test_rdf_where_a_client_says_little(
        self, client: FlaskClient, path: str, accept: str | None
    ) -> None:
        response = client.get(path, headers={"Accept": accept} if accept else {})
        assert response.status_code == 200
        assert response.headers["Content-Type"] == "text/turtle; charset=utf-8"

    @pytest.mark.parametrize("path", ["/catalog", "/void", "/dataset/framework"])
    @pytest.mark.parametrize("name", FORMS)
    def test_each_form_by_header_and_by_name_says_the_same(
        self, client: FlaskClient, path: str, name: str
    ) -> None:
        media_type, parser = FORMS[name]
        turtle = graph(client, path + ".ttl")
        by_name = client.get(f"{path}.{name}")
        by_header = client.get(path, headers={"Accept": media_type})
        assert by_name.mimetype == by_header.mimetype == media_type
        assert by_name.data == by_header.data
        assert set(Graph().parse(data=by_name.data, format=parser)) == set(turtle)
        assert by_header.headers["Content-Location"] == f"{path}.{name}"

    def test_rdf_xml_is_never_html(self, client: FlaskClient) -> None:
        response = client.get("/catalog", headers={"Accept": "application/rdf+xml"})
        assert response.data.startswith(b"<?xml")

    @pytest.mark.parametrize("path", ["/catalog", "/dataset/framework", "/dump/", "/dump/1/"])
    @pytest.mark.parametrize("lang", ["da", "en"])
    def test_pages_for_people(self, client: FlaskClient, path: str, lang: str) -> None:
        response = client.get(f"{path}?lang={lang}", headers={"Accept": BROWSER})
        assert response.mimetype == "text/html"
        assert f'<html lang="{lang}"' in response.text
        assert ("Hent" in response.text or "Katalog" in response.text) == (lang == "da")

    @pytest.mark.parametrize(("lang", "mark"), [("da", ","), ("en", r"\.")])
    def test_sizes_have_the_readers_decimal_mark(
        self, client: FlaskClient, lang: str, mark: str
    ) -> None:
        text = client.get(f"/catalog?lang={lang}", headers={"Accept": "text/html"}).text
        sizes = re.findall(r"\(([\d.,]+) [kM]B\)", text)
        assert sizes
        assert all(re.fullmatch(rf"\d+({mark}\d)?", size) for size in sizes)

    def test_the_page_marks_what_is_invented(self, client: FlaskClient) -> None:
        page = client.get("/catalog?lang=en", headers={"Accept": BROWSER}).text
        section = page[page.index("dataset-examples") :]
        assert "invented" in section[: section.index("</section>")]

    @pytest.mark.parametrize("path", ["/catalog", "/catalog?page=1", "/void", "/dataset/places"])
    def test_head(self, client: FlaskClient, path: str) -> None:
        whole, head = client.get(path), client.head(path)
        assert head.status_code == 200
        assert head.data == b""
        assert head.headers["Content-Length"] == whole.headers["Content-Length"]
        assert head.headers["ETag"] == whole.headers["ETag"]

    @pytest.mark.parametrize("path", ["/catalog", "/catalog?page=2", "/void", "/dataset/places"])
    def test_304(self, client: FlaskClient, path: str) -> None:
        tag = client.get(path).headers["ETag"]
        again = client.get(path, headers={"If-None-Match": tag})
        assert again.status_code == 304
        other = client.get(path, headers={"If-None-Match": tag, "Accept": "application/rdf+xml"})
        assert other.status_code == 200, "another form is another thing"

    def test_whole_and_paged_have_tags_of_their_own(self, client: FlaskClient) -> None:
        paths = ("/catalog", "/catalog?page=1", "/catalog?page=2", "/void")
        assert len({client.get(path).headers["ETag"] for path in paths}) == 4

    def test_a_pinned_release_is_never_called_immutable(self, client: FlaskClient) -> None:
        """Its files may come after it, and go before it."""
        response = client.get("/catalog?release=1")
        assert response.status_code == 200
        assert "immutable" not in response.headers["Cache-Control"]

    def test_html_is_refused_nowhere_and_nonsense_everywhere(self, client: FlaskClient) -> None:
        response = client.get("/catalog", headers={"Accept": "image/png"})
        assert response.status_code == 406
        assert "text/turtle" in response.get_json()["available"]


class TestPaging:
    def test_a_walk_sees_all_and_ends(self, client: FlaskClient) -> None:
        whole = {str(o) for o in graph(client, "/catalog").objects(CATALOG, DCAT.dataset)}
        seen: set[str] = set()
        visited: list[str] = []
        address: str | None = SITE + "catalog?page=1"
        while address is not None:
            assert address not in visited
            assert address.startswith(SITE), "absolute, from public_url"
            visited.append(address)
            page = graph(client, "/" + address.removeprefix(SITE))
            seen |= {str(o) for o in page.objects(CATALOG, DCAT.dataset)}
            following = page.value(URIRef(address), HYDRA.next)
            address = None if following is None else str(following)
        assert seen == whole
        assert len(visited) > 1

    @pytest.mark.parametrize(
        "page", ["0", "-1", "99", "x", "", "1.0", "²", "1" * 400, "%00", "1%20OR%201=1"]
    )
    def test_unknown_pages_are_told_so(self, client: FlaskClient, page: str) -> None:
        response = client.get(f"/catalog?lang=en&page={page}")
        assert response.status_code == 404
        assert_problem(response.get_json(), 404)
        assert "from 1 to" in response.get_json()["remedy"]

    def test_the_host_header_is_never_asked(self, client: FlaskClient) -> None:
        for host in ("evil.example", "evil.example:1", "x y", "[::1"):
            for path in ("/catalog?page=1", "/void", "/tpf", "/dump/1/dumps.json", "/robots.txt"):
                response = client.get(path, headers={"Host": host, "X-Forwarded-Host": host})
                assert b"evil" not in response.data
                assert "evil" not in str(response.headers)


class TestDatasets:
    def test_each_answers_at_its_own_address(self, client: FlaskClient) -> None:
        for iri in graph(client, "/catalog").objects(CATALOG, DCAT.dataset):
            path = "/" + str(iri).removeprefix(BASE)
            response = client.get(path, headers={"Accept": "text/turtle"}, follow_redirects=True)
            assert response.status_code == 200, path
            found = Graph().parse(data=response.data, format="turtle")
            assert (iri, None, None) in found, path

    def test_an_unknown_one_is_404(self, client: FlaskClient) -> None:
        response = client.get("/dataset/nonsense")
        assert response.status_code == 404
        assert "/catalog" in response.get_json()["remedy"]

    def test_what_is_unknown_as_a_form_is_404(self, client: FlaskClient) -> None:
        for path in ("/catalog.xyz", "/void.", "/catalog.TTL"):
            assert client.get(path).status_code == 404


class TestVoid:
    def test_the_well_known_address_leads_there(self, client: FlaskClient) -> None:
        response = client.get("/.well-known/void?release=1")
        assert response.status_code == 302
        assert response.headers["Location"].endswith("/void?release=1")

    def test_counts_are_those_of_a_query(self, client: FlaskClient, built_store: Store) -> None:
        found = graph(client, "/void")
        triples = {quad.triple for quad in built_store.quads()}
        assert int(str(found.value(DATASET, VOID.triples))) == len(triples)
        subjects = {str(triple.subject) for triple in triples}
        assert int(str(found.value(DATASET, VOID.distinctSubjects))) == len(subjects)
        objects = {str(triple.object) for triple in triples}
        assert int(str(found.value(DATASET, VOID.distinctObjects))) == len(objects)
        properties = {
            str(found.value(node, VOID.property)): int(str(found.value(node, VOID.triples)))
            for node in found.objects(DATASET, VOID.propertyPartition)
        }
        by_hand: dict[str, int] = {}
        for triple in triples:
            name = triple.predicate.value
            by_hand[name] = by_hand.get(name, 0) + 1
        assert properties == by_hand
        classes = {str(found.value(node, VOID["class"])): int(str(found.value(node, VOID.entities)))
                   for node in found.objects(DATASET, VOID.classPartition)}  # fmt: skip
        role = f"{BASE}def/StrategicRole"
        assert classes[role] == 3
        assert sum(classes.values()) == by_hand[str(RDF.type)]

    def test_links_out(self, client: FlaskClient) -> None:
        found = graph(client, "/void")
        linksets = list(found.subjects(RDF.type, VOID.Linkset))
        assert linksets
        for linkset in linksets:
            assert found.value(linkset, VOID.subjectsTarget) == DATASET
            target = found.value(linkset, VOID.objectsTarget)
            assert re.match(r"https?://", str(found.value(target, VOID.uriSpace)))
            assert found.value(linkset, VOID.linkPredicate) is not None

    def test_where_to_ask_and_copy(self, client: FlaskClient, release: Release) -> None:
        found = graph(client, "/void")
        assert found.value(DATASET, VOID.sparqlEndpoint) == URIRef(SITE + "sparql")
        dumps = {str(o) for o in found.objects(DATASET, VOID.dataDump)}
        assert f"{SITE}dump/1/coi-graph.nq.gz" in dumps
        subsets = {str(o) for o in found.objects(DATASET, VOID.subset)}
        assert release.manifest.graphs.keys() <= subsets
        examples = list(found.objects(DATASET, VOID.exampleResource))
        assert examples
        for example in examples:
            path = "/" + str(example).removeprefix(BASE)
            assert client.get(path, follow_redirects=True).status_code == 200
        assert found.value(URIRef(BASE + "void"), FOAF.primaryTopic) == DATASET
        assert found.value(DATASET, DCTERMS.license) is not None
