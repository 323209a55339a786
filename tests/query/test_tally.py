"""How often each value of a property occurs: the tally's answer is the engine's, byte for byte."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyoxigraph as ox
import pytest
from asking import by_pool, stored

from coi_graph.publishing.releases import Release
from coi_graph.query import grouping
from coi_graph.query.errors import QuerySyntaxError
from coi_graph.query.pool import WorkerPool
from coi_graph.query.tally import MOST_VALUES, Tallies

ROLES = "PREFIX e: <http://e/> SELECT ?v (COUNT(?s) AS ?n) WHERE { ?s e:p ?v } GROUP BY ?v"
TAKEN = [
    ROLES,
    ROLES.replace("?s)", "*)"),
    ROLES.replace("(?s)", "(?v)"),
    ROLES.replace("e:p", "a"),
    ROLES.replace("e:p", "<http://e/p>"),
    ROLES.replace("WHERE { ?s e:p ?v }", "{?s e:p ?v.}"),
    ROLES.replace("?v (COUNT(?s) AS ?n)", "(count( * ) as ?n) ?v"),
    ROLES + " ORDER BY ?v DESC(?n)",
    ROLES + "\nORDER BY DESC(?n) ASC( ?v )\nLIMIT 3 OFFSET 1\n",
    ROLES + " LIMIT 2",
]
LEFT = [
    ROLES.replace("COUNT(?s)", "COUNT(DISTINCT ?s)"),
    ROLES.replace("COUNT(?s)", "SAMPLE(?s)"),
    ROLES.replace("COUNT(?s)", "COUNT(?x)"),
    ROLES.replace("SELECT ?v", "SELECT ?s"),
    ROLES.replace("SELECT ?v", "SELECT DISTINCT ?v"),
    ROLES.replace("SELECT ?v ", "SELECT "),
    ROLES.replace("AS ?n", "AS ?s"),
    ROLES.replace("AS ?n", "AS ?v"),
    ROLES.replace("?s e:p ?v", "?v e:p ?v"),
    ROLES.replace("?s e:p ?v", "?v e:p ?s"),
    ROLES.replace("?s e:p ?v", "?s ?p ?v"),
    ROLES.replace("?s e:p ?v", "?s ^e:p ?v"),
    ROLES.replace("?s e:p ?v", "?s e:p ?v . ?s e:q ?w"),
    ROLES.replace("?s e:p ?v", "GRAPH ?g { ?s e:p ?v }"),
    ROLES.replace("?s e:p ?v", "<http://e/s> e:p ?v"),
    ROLES.replace("GROUP BY ?v", "GROUP BY ?s"),
    ROLES.replace("GROUP BY ?v", ""),
    ROLES.replace("WHERE", "FROM <http://e/g> WHERE"),
    ROLES + " HAVING (COUNT(?s) > 1)",
    ROLES + " ORDER BY ?s",
    ROLES + " ORDER BY ?n + 1",
    ROLES + " VALUES ?v { 1 }",
    ROLES + " # and more",
    ROLES.replace("PREFIX e:", "PREFIX x:"),  # its error is told of the text as it was written
    "",
]


@pytest.mark.parametrize("query", TAKEN)
def test_what_counts_a_propertys_values_is_taken(query: str) -> None:
    assert grouping.read(query) is not None


@pytest.mark.parametrize("query", LEFT)
def test_any_other_query_is_left_alone(query: str) -> None:
    assert grouping.read(query) is None


def csv(store: ox.Store, query: str) -> bytes:
    found = store.query(query, use_default_graph_as_union=True)
    assert isinstance(found, ox.QuerySolutions)
    return found.serialize(format=ox.QueryResultsFormat.CSV) or b""


class Asking:
    """The store as a worker asks it, and what it was asked."""

    def __init__(self, store: ox.Store) -> None:
        self.store = store
        self.queries: list[str] = []

    def __call__(self, query: str) -> ox.QuerySolutions:
        self.queries.append(query)
        found = self.store.query(query, use_default_graph_as_union=True)
        assert isinstance(found, ox.QuerySolutions)
        return found


def test_the_answers_are_the_same_on_the_shipped_graph(release: Release) -> None:
    store = ox.Store.read_only(str(release.store_path))
    predicates = sorted({quad.predicate.value for quad in store})
    assert len(predicates) > 100
    tallies, ask, rewritten = Tallies(), Asking(store), 0
    for predicate in predicates:
        for query in TAKEN:
            asked = query.replace(" a ", " e:p ").replace("e:p", f"<{predicate}>")
            asked = asked.replace("<http://e/p>", f"<{predicate}>")
            tally = grouping.read(asked)
            assert tally is not None, asked
            given = tallies.rewritten(tally, ("store", ""), ask)
            if given is None:
                assert csv(store, asked).count(b"\n") > 1
                break
            rewritten += 1
            assert csv(store, given) == csv(store, asked), asked
    assert rewritten > 50 * len(TAKEN)


@pytest.fixture(scope="module")
def store_path(tmp_path_factory: pytest.TempPathFactory) -> str:
    """p: three values, of each kind of term; many: more values than are tallied."""
    values = ("<http://e/v>", '"text, with \\"quotes\\""@da', '"07"^^<http://e/number>')
    lines = (
        f"<http://e/s{i}> <http://e/p> {values[i % 3 if i % 7 else 0]} <http://e/g{i % 2}> .\n"
        f'<http://e/s{i}> <http://e/many> "{i}" <http://e/g> .\n'
        for i in range(MOST_VALUES + 100)
    )
    return stored(str(tmp_path_factory.mktemp("store") / "store"), lines)


@pytest.fixture(scope="module")
def pool() -> Iterator[WorkerPool]:
    with WorkerPool(size=1) as pool:
        yield pool


def test_the_pool_gives_them(pool: WorkerPool, store_path: str) -> None:
    store = ox.Store.read_only(store_path)
    for query in TAKEN:
        for _ in range(2):  # the second time it is known
            assert by_pool(pool, store_path, query) == csv(store, query)
    # i % 7 == 0 for 43 of 300, of which 15 are 0 modulo 3: 100 + 28, and 14 fewer of the others.
    assert b"http://e/v,128\r\n" in by_pool(pool, store_path, ROLES)


def test_a_tally_is_made_once(store_path: str) -> None:
    tallies, ask = Tallies(), Asking(ox.Store.read_only(store_path))
    for query in TAKEN[:3]:
        tally = grouping.read(query)
        assert tally is not None
        assert tallies.rewritten(tally, ("store", ""), ask) is not None
    assert len(ask.queries) == 2
    tally = grouping.read(ROLES)
    assert tally is not None
    tallies.rewritten(tally, ("another store", ""), ask)
    assert len(ask.queries) == 4


@pytest.mark.parametrize(
    ("prologue", "predicate"),
    [
        ("PREFIX e: <http://e/>", "e:p"),
        ("PREFIX other: <http://o/> PREFIX e: <http://o/>\nprefix e: <http://e/>", "e:p"),
        ("", "<http://e/p>"),
    ],
)
def test_a_property_is_known_however_it_is_written(prologue: str, predicate: str) -> None:
    tally = grouping.read(
        f"{prologue} SELECT ?v (COUNT(*) AS ?n) {{ ?s {predicate} ?v }} GROUP BY ?v"
    )
    assert tally is not None
    assert tally[1] == "<http://e/p>"


def test_what_is_expected_is_tallied_before_it_is_asked_for(store_path: str) -> None:
    tallies, ask = Tallies(), Asking(ox.Store.read_only(store_path))

    def damaged(query: str) -> Any:
        raise OSError("Corruption: block checksum mismatch")

    tallies.expect(["<http://e/p>", "<http://e/many>"], ("store",), ask)
    while tallies.go_on():
        pass
    asked = len(ask.queries)
    assert asked == 3  # of the many, only that they are
    tally = grouping.read(ROLES)
    assert tally is not None
    assert tallies.rewritten(tally, ("store",), ask) is not None
    assert len(ask.queries) == asked
    tallies.expect(["<http://e/p>"], ("store",), damaged)
    assert not tallies.go_on()  # known
    tallies.expect(["<http://e/p>"], ("another",), damaged)
    assert tallies.go_on()
    with pytest.raises(OSError, match="checksum"):
        tallies.rewritten(tally, ("another",), damaged)


def test_many_values_are_left_to_the_engine(pool: WorkerPool, store_path: str) -> None:
    query = ROLES.replace("e:p", "e:many")
    tally = grouping.read(query)
    assert tally is not None
    ask = Asking(ox.Store.read_only(store_path))
    assert Tallies().rewritten(tally, ("store", ""), ask) is None
    assert by_pool(pool, store_path, query).count(b"\n") == 1 + MOST_VALUES + 100


def test_values_that_are_many_after_a_frequent_one_are_left_to_the_engine(tmp_path) -> None:  # type: ignore[no-untyped-def]
    store = ox.Store(str(tmp_path / "store"))
    lines = (
        f'<http://e/s{i}> <http://e/p> "{0 if i < 2000 else i}" <http://e/g> .\n'
        for i in range(2000 + MOST_VALUES)
    )
    store.bulk_load("".join(lines).encode(), format=ox.RdfFormat.N_QUADS)
    tally = grouping.read(ROLES)
    assert tally is not None
    ask = Asking(store)
    tallies = Tallies()
    for _ in range(2):
        assert tallies.rewritten(tally, ("store", ""), ask) is None
    assert len(ask.queries) == 2  # it is found out once


def test_errors_are_those_of_the_query_itself(pool: WorkerPool, store_path: str) -> None:
    with pytest.raises(QuerySyntaxError) as caught:
        by_pool(pool, store_path, ROLES.replace("PREFIX e:", "PREFIX x:"))
    assert caught.value.line == 1
