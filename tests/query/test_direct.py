"""Queries that are answered without the pool: which, that nothing else passes for one, and that
their answers are the pool's."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coi_graph.publishing.releases import Release
from coi_graph.query import direct
from coi_graph.query.errors import QuerySyntaxError
from coi_graph.query.guard import check
from coi_graph.query.pool import QueryRequest, WorkerPool
from coi_graph.store import Store

JSON = "application/sparql-results+json"
FORMS = (JSON, "application/sparql-results+xml", "text/csv", "text/tab-separated-values")
ALLY = "<https://w3id.org/coi-graph/id/role/knowledge-ally>"
LABEL = "<http://www.w3.org/2004/02/skos/core#prefLabel>"
ROLE = "<https://w3id.org/coi-graph/def/StrategicRole>"
PREFIX = "PREFIX coi: <https://w3id.org/coi-graph/def/>\n"

ONE_PATTERN = [
    f"SELECT ?p ?o WHERE {{ {ALLY} ?p ?o }}",
    f"select*{{{ALLY} {LABEL} ?o}}".replace("*", " *"),
    f"SELECT ?name {{ {ALLY} {LABEL} ?name . }} LIMIT 1",
    f"SELECT ?role WHERE {{ ?role a {ROLE} }}",
    f"{PREFIX}SELECT ?role\nWHERE {{ ?role a coi:StrategicRole }}\n",
    f"ASK {{ {ALLY} a {ROLE} }}",
    "ASK{ <http://nowhere.example/> ?p ?o }",
    f"SELECT ?other WHERE {{ {ALLY} ?p ?o }}",
    f"SELECT ?p WHERE {{ {ALLY} ?p ?o }} LIMIT 0",
]
EVERYTHING = "SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }"
GRAPH = "<https://w3id.org/coi-graph/graph/data/framework/roles>"
COUNTS = [
    EVERYTHING,
    f"{PREFIX}select ( count( * ) as ?all ){{?s ?p ?o.}}",
    f"SELECT (COUNT(*) AS ?n) {{ GRAPH {GRAPH} {{ ?s ?p ?o }} }}",
    "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }",
]
OTHERS = [
    EVERYTHING.replace("?o", "?n"),
    EVERYTHING.replace("?o", "?s"),
    EVERYTHING.replace("*", "DISTINCT *"),
    EVERYTHING.replace("*", "?s"),
    EVERYTHING.replace("?p", "a"),
    EVERYTHING + " LIMIT 0",
    EVERYTHING + " GROUP BY ?p",
    EVERYTHING.replace("?o", "?o . ?o ?q ?r"),
    EVERYTHING.replace("WHERE", f"FROM {GRAPH} WHERE"),
    EVERYTHING.replace("{ ?s ?p ?o }", "{ GRAPH ?g { ?s ?p ?o } }"),
    EVERYTHING.replace("{ ?s ?p ?o }", f"{{ SERVICE {GRAPH} {{ ?s ?p ?o }} }}"),
    f"SELECT DISTINCT ?p WHERE {{ {ALLY} ?p ?o }}",  # many rows can be one row of the answer
    f"SELECT REDUCED ?p WHERE {{ {ALLY} ?p ?o }}",
    f"SELECT ?p WHERE {{ {ALLY} ?p ?o }} OFFSET 1",  # and none
    f"SELECT ?p WHERE {{ {ALLY} ?p ?o }} ORDER BY ?p",
    f"SELECT ?p WHERE {{ {ALLY} ?p ?p }}",
    "SELECT ?p WHERE { ?p ?p ?o }",
    f"SELECT (COUNT(*) AS ?n) WHERE {{ {ALLY} ?p ?o }}",
    f"SELECT ?p WHERE {{ {ALLY} ?p ?o . ?o ?q ?r }}",
    f"SELECT ?p WHERE {{ {ALLY} ?p ?o ; ?q ?r }}",
    f"SELECT ?p WHERE {{ {ALLY} ?p ?o, ?r }}",
    f"SELECT ?o WHERE {{ {ALLY} {LABEL}* ?o }}",
    f"SELECT ?o WHERE {{ {ALLY} {LABEL}/{LABEL} ?o }}",
    f"SELECT ?o WHERE {{ {ALLY} ^{LABEL} ?o }}",
    f"SELECT ?o WHERE {{ {ALLY} !{LABEL} ?o }}",
    f"SELECT ?o WHERE {{ {ALLY} ({LABEL}) ?o }}",
    f"SELECT ?p WHERE {{ {ALLY} ?p ?o FILTER(?o = 1) }}",
    f"SELECT ?p WHERE {{ {ALLY} ?p [] }}",
    f"SELECT ?p WHERE {{ {ALLY} ?p _:b }}",
    f"SELECT ?p WHERE {{ SERVICE {ALLY} {{ ?s ?p ?o }} }}",
    f"SELECT ?p WHERE {{ GRAPH {ALLY} {{ ?s ?p ?o }} }}",
    f"SELECT ?p FROM {ALLY} WHERE {{ ?s ?p ?o }}",
    f"SELECT ?p WHERE {{ {{ {ALLY} ?p ?o }} }}",
    f"SELECT ?p WHERE {{ {ALLY} ?p ?o }} VALUES ?p {{ {LABEL} }}",
    f"SELECT ?p WHERE {{ {ALLY} ?p ?o }} GROUP BY ?p",
    f"SELECT ?p WHERE {{ {ALLY} ?p <relative> }}",
    f"SELECT ?p WHERE {{ {ALLY} ?p <http://e/\\u0041> }}",
    f"BASE <http://e/> SELECT ?p WHERE {{ {ALLY} ?p ?o }}",
    f"SELECT ?p WHERE {{ {ALLY} ?p ?o }} # a comment",
    f"SELECT ?p WHERE {{ {ALLY} ?p ?o }}; SELECT ?p WHERE {{ {ALLY} ?p ?o }}",
    f"CONSTRUCT WHERE {{ {ALLY} ?p ?o }}",
    f"DESCRIBE {ALLY}",
    f"INSERT DATA {{ {ALLY} a {ROLE} }}",
    f"SELECT ?p WHERE {{ {ALLY} ?p ?o }}" + " " * direct.MOST_CHARACTERS,
    "",
]
PIECES = [
    *("SELECT", "ASK", "WHERE", "LIMIT", "10", "PREFIX", "e:", "e:x", "a", "?s", "?p", "?o", "*"),
    *("{", "}", "(", ")", ".", ";", ",", "/", "|", "^", "+", "!", "[]", "_:b", '"x"', "<<", ">>"),
    *("SERVICE", "SERVICE:x", "GRAPH", "FILTER", "BIND", "OPTIONAL", "UNION", "MINUS", "VALUES"),
    *(
        "FROM",
        "DISTINCT",
        "LOAD",
        "ORDER BY",
        "OFFSET",
        "GROUP BY",
        "<http://e/>",
        "<e>",
        "#",
        "\n",
    ),
]


@pytest.fixture(scope="module")
def graphs(release: Release) -> dict[str, int]:
    return release.manifest.graphs


@pytest.fixture(scope="module")
def pool() -> Iterator[WorkerPool]:
    with WorkerPool(size=1) as pool:
        yield pool


@pytest.mark.parametrize("text", [*ONE_PATTERN, *COUNTS])
def test_a_query_of_one_pattern_or_a_count_is_one(text: str) -> None:
    assert direct.is_direct(text)


@pytest.mark.parametrize("text", OTHERS)
def test_no_other_query_passes_for_one(text: str) -> None:
    assert not direct.is_direct(text)


@settings(max_examples=2000, deadline=None)
@given(st.data())
def test_nothing_added_passes_unless_the_guard_reads_the_same(
    built_store: Store, graphs: dict[str, int], data: st.DataObject
) -> None:
    """The guard has a reader of its own: what it calls two patterns, or a dataset, may not pass."""
    accepted = st.sampled_from([*ONE_PATTERN, *COUNTS])
    tokens = re.findall(r"<[^>]*>|[?\w:]+|\S|\s+", data.draw(accepted))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(tokens)))
        tokens[at : at + data.draw(st.integers(0, 2))] = [data.draw(st.sampled_from(PIECES))]
    text = data.draw(st.sampled_from(["", " "])).join(tokens)
    if not direct.is_direct(text):
        return
    try:
        checked = check(text)
    except QuerySyntaxError:  # a prefix that is not declared
        assert direct.answer(built_store, text, JSON, graphs) is None
        return
    assert checked.text == text
    assert checked.kind in ("select", "ask")
    assert checked.patterns == 1
    assert checked.nesting <= 2
    assert checked.default_graphs is None
    assert checked.named_graphs is None


@pytest.mark.parametrize("text", [*ONE_PATTERN, *COUNTS])
@pytest.mark.parametrize("form", FORMS)
def test_the_answer_is_the_pools(
    text: str,
    form: str,
    pool: WorkerPool,
    release: Release,
    built_store: Store,
    graphs: dict[str, int],
) -> None:
    request = QueryRequest(store_path=str(release.store_path), query=text, media_type=form)
    with pool.execute(request) as answer:
        assert direct.answer(built_store, text, form, graphs) == b"".join(answer)


def test_a_large_answer_is_left_to_the_pool(built_store: Store, graphs: dict[str, int]) -> None:
    everything = "SELECT * WHERE { ?s ?p ?o }"
    assert direct.answer(built_store, everything, JSON, graphs) is None
    some = direct.answer(built_store, everything + " LIMIT 20", JSON, graphs)
    assert some is not None
    assert some.count(b'"o":') == 20
    assert direct.answer(built_store, everything + " LIMIT 20", JSON, graphs, len(some)) == some
    assert direct.answer(built_store, everything + " LIMIT 20", JSON, graphs, len(some) - 1) is None


def test_a_count_is_that_of_the_statements(built_store: Store, graphs: dict[str, int]) -> None:
    everything = direct.answer(built_store, EVERYTHING, "text/csv", graphs)
    assert everything == f"n\r\n{len(built_store)}\r\n".encode()
    one = direct.answer(built_store, COUNTS[2], "text/csv", graphs)
    assert one == f"n\r\n{len(list(built_store.quads(graph=GRAPH[1:-1])))}\r\n".encode()


def test_what_the_engine_refuses_is_left_to_the_guard(
    built_store: Store, graphs: dict[str, int]
) -> None:
    assert direct.answer(built_store, "SELECT * { ?s undeclared:p ?o }", JSON, graphs) is None
    assert direct.answer(built_store, "SELECT * { ?s <http://[/> ?o }", JSON, graphs) is None
    # A graph's IRI may be relative, and a prefix's no IRI at all.
    for iri in ("graph/data/framework/roles", "http://nowhere.example/", "http://[/"):
        count = f"SELECT (COUNT(*) AS ?n) {{ GRAPH <{iri}> {{ ?s ?p ?o }} }}"
        assert direct.answer(built_store, count, JSON, graphs) is None
    count = f"PREFIX x: <http://[/> {EVERYTHING}"
    assert direct.answer(built_store, count, JSON, graphs) is None
    assert direct.answer(built_store, f"ASK {{ {ALLY} ?p ?o }}", "text/turtle", graphs) is None
