"""`/tpf`: Triple Pattern Fragments."""

from __future__ import annotations

import html
import re
from urllib.parse import quote, urlencode

import pyoxigraph as ox
import pytest
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st
from web_answers import BASE, BROWSER, SITE, assert_problem

from coi_graph.catalogue import fragments
from coi_graph.errors import BadRequest
from coi_graph.publishing.counts import Counts
from coi_graph.store import Store

HYDRA = "http://www.w3.org/ns/hydra/core#"
VOID = "http://rdfs.org/ns/void#"
LABEL = "http://www.w3.org/2004/02/skos/core#prefLabel"
TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
ROLE = BASE + "id/role/capacity-builder"


def page(client: FlaskClient, address: str) -> tuple[set[ox.Triple], list[ox.Quad]]:
    """The triples of a page, and the quads of its metadata graph."""
    response = client.get(address)
    assert response.status_code == 200, response.text
    assert response.mimetype == "application/trig"
    quads = list(ox.parse(response.data, format=ox.RdfFormat.TRIG))
    data = {quad.triple for quad in quads if isinstance(quad.graph_name, ox.DefaultGraph)}
    return data, [quad for quad in quads if not isinstance(quad.graph_name, ox.DefaultGraph)]


def object_of(metadata: list[ox.Quad], predicate: str) -> str | None:
    found = {quad.object.value for quad in metadata if quad.predicate.value == predicate}  # type: ignore[union-attr]
    assert len(found) <= 1
    return found.pop() if found else None


def walk(client: FlaskClient, **pattern: str) -> tuple[set[ox.Triple], int]:
    """All triples of a fragment, by following hydra:next, and the number of pages."""
    address: str | None = "/tpf?" + urlencode(pattern)
    found: set[ox.Triple] = set()
    pages = 0
    while address is not None:
        data, metadata = page(client, address)
        assert len(data) <= 100
        found |= data
        pages += 1
        following = object_of(metadata, HYDRA + "next")
        assert following is None or following.startswith(SITE + "tpf?")
        address = following and "/" + following.removeprefix(SITE)
    return found, pages


class TestTriples:
    @pytest.mark.parametrize(
        "pattern",
        [
            {"predicate": LABEL},
            {"predicate": TYPE, "object": BASE + "def/StrategicRole"},
            {"subject": ROLE},
            {"subject": ROLE, "predicate": LABEL},
            {"object": ROLE},
            {"object": '"Kapacitetsopbygger"@da'},
            {"subject": ROLE, "predicate": LABEL, "object": '"Kapacitetsopbygger"@da'},
            {"subject": ROLE, "predicate": LABEL, "object": '"No"@da'},
            {"object": '"1093"^^http://www.w3.org/2001/XMLSchema#integer'},
            {"subject": BASE + "id/role/nobody"},
        ],
    )
    def test_are_those_of_the_store(
        self, client: FlaskClient, built_store: Store, pattern: dict[str, str]
    ) -> None:
        terms = fragments.parse(pattern)
        expected = {
            quad.triple for quad in built_store.quads(terms.subject, terms.predicate, terms.object)
        }
        found, pages = walk(client, **pattern)
        assert found == expected
        assert pages == max(1, -(-len(expected) // 100))

    def test_a_walk_of_everything(self, client: FlaskClient, built_store: Store) -> None:
        found, pages = walk(client)
        assert found == {quad.triple for quad in built_store.quads()}
        assert pages > 150


class TestControls:
    def test_the_form_for_other_patterns(self, client: FlaskClient) -> None:
        _, metadata = page(client, "/tpf")
        assert object_of(metadata, HYDRA + "template") == SITE + "tpf{?subject,predicate,object}"
        variables = {q.object.value for q in metadata if q.predicate.value == HYDRA + "variable"}  # type: ignore[union-attr]
        assert variables == {"subject", "predicate", "object"}

    def test_the_request_itself_is_named_as_it_was_written(self, client: FlaskClient) -> None:
        """A client looks for its own address, however it encoded it."""
        for query in (f"object={quote(ROLE, safe='')}", f"object={ROLE}", "subject=%3Fs&x=1"):
            _, metadata = page(client, "/tpf?" + query)
            subsets = {q.object.value for q in metadata if q.predicate.value == VOID + "subset"}  # type: ignore[union-attr]
            assert f"{SITE}tpf?{query}" in subsets

    def test_they_stand_in_a_graph_of_their_own(self, client: FlaskClient) -> None:
        data, metadata = page(client, "/tpf?" + urlencode({"subject": ROLE}))
        assert all(isinstance(q.graph_name, ox.NamedNode) for q in metadata)
        assert not any(HYDRA in str(triple) for triple in data)

    @pytest.mark.parametrize(
        "pattern",
        [{}, {"predicate": LABEL}, {"predicate": TYPE, "object": BASE + "def/StrategicRole"},
         {"subject": ROLE}, {"object": '"no such"'}],
    )  # fmt: skip
    def test_estimates_are_exact_where_that_is_cheap(
        self, client: FlaskClient, built_store: Store, pattern: dict[str, str]
    ) -> None:
        _, metadata = page(client, "/tpf?" + urlencode(pattern))
        terms = fragments.parse(pattern)
        quads = built_store.quads(terms.subject, terms.predicate, terms.object)
        number = len({quad.triple for quad in quads})
        assert object_of(metadata, VOID + "triples") == str(number)
        assert object_of(metadata, HYDRA + "totalItems") == str(number)

    def test_a_pinned_release_stays_pinned(self, client: FlaskClient) -> None:
        _, metadata = page(client, "/tpf?release=1&page=2")
        assert "release=1" in str(object_of(metadata, HYDRA + "next"))
        assert "release=1" in str(object_of(metadata, HYDRA + "template"))


class TestBadRequests:
    @pytest.mark.parametrize(
        "query",
        ["subject=a%20b", "subject=%3Chttp://x", "subject=%22x%22", "predicate=%22x%22@da",
         "object=%22x", "object=%22x%22@", "object=%22x%22%5E%5Ea%20b", "subject=relative",
         "page=0", "page=x", "page=-1", "page=%C2%B2", "page=1.5", "page=" + "9" * 30,
         "object=" + "a" * 9000, "subject=_:b0"],
    )  # fmt: skip
    def test_are_told_what_is_wrong(self, client: FlaskClient, query: str) -> None:
        response = client.get("/tpf?lang=en&" + query)
        assert response.status_code == 400, response.text[:300]
        assert_problem(response.get_json(), 400)

    def test_a_page_beyond_the_last_is_404(self, client: FlaskClient) -> None:
        for number in (2, 999_999):
            response = client.get(f"/tpf?page={number}&" + urlencode({"subject": ROLE}))
            assert response.status_code == 404

    def test_nothing_breaks_out_of_the_query(self, client: FlaskClient, built_store: Store) -> None:
        for value in ('"a" } UNION { ?s ?p ?o . FILTER("b" = "b"', '"a\\" } #"', '"x"@da } #',
                      "http://x> ?p ?o } #", '"\n"', '"\\\\"', '"æ\u2028ø"'):  # fmt: skip
            response = client.get("/tpf?" + urlencode({"object": value}))
            assert response.status_code in (200, 400), value
            if response.status_code == 200:
                data = ox.parse(response.data, format=ox.RdfFormat.TRIG)
                assert not [q for q in data if isinstance(q.graph_name, ox.DefaultGraph)]

    def test_nothing_breaks_out_of_the_controls(self, client: FlaskClient) -> None:
        hostile = (
            "x=%3E%20.%20%3Ca%3E%20%3Cb%3E%20%3Cc%3E", "x=>.<a><b><c>", "x={}|^`\\", "x=%0A",
            "x=\xe6", "x=%E6",
        )  # fmt: skip
        for query in hostile:
            data, metadata = page(client, "/tpf?subject=http://nobody.example/&" + query)
            assert data == set()
            assert metadata


@given(st.text(max_size=60))
@settings(max_examples=200, deadline=None)
def test_any_text_is_a_term_or_refused(text: str) -> None:
    for place in fragments.PLACES:
        try:
            pattern = fragments.parse({place: text})
        except BadRequest:
            continue
        ox.Store().query(pattern.query(3))  # the store's own parser takes it


@given(st.text(max_size=40), st.sampled_from(["", "da", "en-GB"]))
@settings(max_examples=200, deadline=None)
def test_a_literal_comes_back_from_its_address(value: str, language: str) -> None:
    literal = ox.Literal(value, language=language) if language else ox.Literal(value)
    assert fragments.parse({"object": fragments._text(literal)}).object in (literal, None)


def test_an_estimate_looks_at_a_bounded_number() -> None:
    class Endless:
        looked_at = 0

        def matching(self, *_: object, most: int) -> int:
            self.looked_at += most
            return most

    counts = Counts(
        release=1, triples=5_000_000, entities=1, subjects=1, objects=1,
        classes={"https://e.example/C": 70_000}, properties={TYPE: 90_000, LABEL: 80_000},
        links={},
    )  # fmt: skip
    endless = Endless()
    for pattern, expected in (
        ({"predicate": TYPE, "object": "https://e.example/C"}, 70_000),
        ({"predicate": LABEL, "object": '"x"'}, 40_000),
        ({"object": '"x"'}, 2002),
    ):
        found = fragments.estimate(fragments.parse(pattern), endless, counts, 5_000_000)  # type: ignore[arg-type]
        assert found == expected
    assert endless.looked_at == 3 * 1001


class TestForPeople:
    """The page that a browser gets at the same address."""

    @pytest.mark.parametrize(
        ("lang", "title"), [("da", "Udsagn efter mønster"), ("en", "Statements by pattern")]
    )
    def test_in_both_languages(self, client: FlaskClient, lang: str, title: str) -> None:
        response = client.get(f"/tpf?lang={lang}", headers={"Accept": BROWSER})
        assert (response.status_code, response.mimetype) == (200, "text/html")
        assert f"<h1>{title}</h1>" in response.text
        assert "Accept" in response.headers["Vary"]
        assert response.text.count("<tr>") == 101

    def test_the_statements_of_the_fragment_as_links(self, client: FlaskClient) -> None:
        address = "/tpf?" + urlencode({"subject": ROLE, "predicate": LABEL})
        response = client.get(address, headers={"Accept": BROWSER, "Accept-Language": "en"})
        triples, _ = page(client, address)
        assert response.text.count("<tr>") == len(triples) + 1 == 3
        assert "Kapacitetsopbygger" in response.text
        assert 'href="/doc/role/capacity-builder"' in response.text
        assert f'value="{ROLE}"' in response.text
        assert 'rel="next"' not in response.text

    def test_the_pages_are_walked_by_their_links(self, client: FlaskClient) -> None:
        address, seen = "/tpf?" + urlencode({"predicate": TYPE}) + "&lang=en&release=1", 0
        for number in range(3):
            response = client.get(address, headers={"Accept": BROWSER})
            assert response.text.count("<tr>") == 101
            assert ('rel="prev"' in response.text) == (number > 0)
            found = re.search(r'href="([^"]+)" rel="next"', response.text)
            assert found is not None
            address, seen = html.unescape(found[1]), seen + 1
            assert "lang=en" in address
            assert "release=1" in address
        assert seen == 3

    def test_nothing_fits_and_what_is_no_term(self, client: FlaskClient) -> None:
        nothing = client.get("/tpf?subject=http://e/&lang=en", headers={"Accept": BROWSER})
        assert "Nothing in this release fits the pattern." in nothing.text
        hostile = client.get('/tpf?subject="><script>x</script>', headers={"Accept": BROWSER})
        assert (hostile.status_code, hostile.mimetype) == (400, "text/html")
        assert "<script>x" not in hostile.text
        quoted = client.get('/tpf?object="><script>x"@da', headers={"Accept": BROWSER})
        assert quoted.status_code == 200
        assert "<script>x" not in quoted.text

    @pytest.mark.parametrize("accept", ["*/*", None, "application/trig, text/html;q=0.5"])
    def test_programs_still_get_trig(self, client: FlaskClient, accept: str | None) -> None:
        response = client.get("/tpf", headers={"Accept": accept} if accept else {})
        assert response.mimetype == "application/trig"
