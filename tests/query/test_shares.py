"""Joins by look-ups in shares: the same rows, and the same bytes by one thread and by two."""

from __future__ import annotations

import itertools
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pyoxigraph as ox
import pytest
from asking import stored
from test_joining import walks

from coi_graph.publishing.releases import Release
from coi_graph.query import joining, planning, shares
from coi_graph.query.answer import QueryRequest
from coi_graph.query.pieces import split
from coi_graph.query.pool import WorkerPool

FORMS = {
    "application/sparql-results+json": ox.QueryResultsFormat.JSON,
    "application/sparql-results+xml": ox.QueryResultsFormat.XML,
    "text/csv": ox.QueryResultsFormat.CSV,
    "text/tab-separated-values": ox.QueryResultsFormat.TSV,
}
JSON, CSV = "application/sparql-results+json", "text/csv"
Rows = Counter[tuple[str, ...]]


class Asking:
    """A store in this process, as a worker asks it."""

    def __init__(self, store: ox.Store) -> None:
        self.store = store

    def ask(self, query: str) -> ox.QuerySolutions:
        results = self.store.query(query, use_default_graph_as_union=True)
        assert isinstance(results, ox.QuerySolutions)
        return results

    def queries(self, query: str, media_type: str = JSON) -> list[str]:
        pieces = split(query)
        assert pieces is not None, query

        def count(triple: str, most: int) -> int:
            return int(next(self.ask(joining.counting(pieces[0], triple, most)))[0].value)

        return shares.queries(pieces, joining.counted(pieces[2], count, 1_000_000), media_type)

    def write(self, queries: list[str], media_type: str, helper: shares.Helper | None) -> bytes:
        """What the shares write."""
        file = File()

        def evaluate(query: str, share: Any) -> None:
            self.ask(query).serialize(share, format=FORMS[media_type])

        shares.Shares(queries, evaluate, media_type, file).write(helper)
        return bytes(file.data)


class File:
    def __init__(self) -> None:
        self.data = bytearray()

    def write(self, data: bytes) -> int:
        self.data += data
        return len(data)


def parsed(data: bytes, media_type: str = JSON) -> Rows:
    results = ox.parse_query_results(data, format=FORMS[media_type])
    assert isinstance(results, ox.QuerySolutions)
    return Counter(tuple(str(value) for value in solution) for solution in results)


def rows(solutions: ox.QuerySolutions) -> Rows:
    return Counter(tuple(str(value) for value in solution) for solution in solutions)


@pytest.fixture
def eager(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shares of three rows, for queries that are fast in any case, too."""
    monkeypatch.setattr(planning, "FAST", 0.0)
    monkeypatch.setattr(shares, "_SHARE_ROWS", 3)
    monkeypatch.setattr(shares, "_MOST_SHARES", 1_000_000)


@pytest.fixture(scope="module")
def helper() -> shares.Helper:
    return shares.Helper()


@pytest.fixture(scope="module")
def graph(release: Release) -> Asking:
    return Asking(ox.Store.read_only(str(release.store_path)))


def lines() -> Iterator[str]:
    """Things that take part in <http://e/w>, each with two titles and one or two roles, among so
    many others that they are best looked up."""
    for number in range(THINGS):
        thing = f"<http://e/n{number}>"
        yield f"{thing} <http://e/with> <http://e/w> <http://e/g> .\n"
        for language in ("da", "en"):
            yield f'{thing} <http://e/title> "titel {number:06}"@{language} <http://e/g> .\n'
        for role in range(1 + number % 2):
            yield f"{thing} <http://e/role> <http://e/r{role}> <http://e/g> .\n"
    for number in range(20_000):
        yield f"<http://e/other{number}> <http://e/role> <http://e/r0> <http://e/g> .\n"
        yield f'<http://e/other{number}> <http://e/title> "andet"@da <http://e/g> .\n'


JOIN = """PREFIX e: <http://e/>
SELECT ?thing ?title ?role WHERE {
  ?thing e:with e:w ; e:title ?title ; e:role ?role . FILTER (lang(?title) = "da")
} # a comment"""
THINGS = 2_500


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> str:
    return stored(str(tmp_path_factory.mktemp("shares") / "store"), lines())


@pytest.fixture(scope="module")
def stars(path: str) -> Asking:
    return Asking(ox.Store.read_only(path))


# --- which queries ----------------------------------------------------------------------------


def test_a_join_by_look_ups_is_dealt_out(stars: Asking) -> None:
    queries = stars.queries(JOIN)
    dealt = [rows(stars.ask(query)) for query in queries]
    assert [len({row[0] for row in share}) for share in dealt] == [1_000, 1_000, 500]
    assert sum(dealt, Rows()) == rows(stars.ask(JOIN))


@pytest.mark.parametrize(
    "change",
    [
        ("?thing ?title ?role", "DISTINCT ?thing"),
        ("?thing ?title ?role", "?thing?title"),
        ("?thing ?title ?role", "?thing # a comment\n"),
        ("} #", "} # a comment\n ORDER BY ?title #"),
        ("?thing ?title ?role", "(STR(?title) AS ?name)"),
        ("?thing ?title ?role", "(COUNT(*) AS ?n)"),
        ("} #", "} ORDER BY ?title #"),
        ("} #", "} GROUP BY ?thing ?title ?role #"),
        ("e:with e:w", "e:with e:nothing"),  # soon answered
    ],
)
def test_a_query_of_another_kind_is_not(stars: Asking, change: tuple[str, str]) -> None:
    assert change[0] in JOIN
    assert stars.queries(JOIN.replace(*change)) == []


@pytest.mark.parametrize(
    "change",
    [
        ("SELECT", "select"),
        (" WHERE {", "{"),
        ("?thing ?", "$thing\n\t?"),
        (" # a comment", " \n "),
    ],
)
def test_how_it_is_written_does_not_matter(stars: Asking, change: tuple[str, str]) -> None:
    assert change[0] in JOIN
    assert len(stars.queries(JOIN.replace(*change))) == 3


def test_what_is_written_in_no_form_of_rows_is_not(stars: Asking) -> None:
    assert stars.queries(JOIN, "text/html") == []


@pytest.mark.parametrize("more", ["?b <http://e/title> ?c", "?b <http://e/role> ?role"])
def test_what_no_thing_leads_to_is_not(stars: Asking, more: str) -> None:
    assert stars.queries(JOIN.replace("FILTER", f"{more} . FILTER")) == []


@pytest.mark.usefixtures("eager")
def test_it_begins_with_what_is_matched_least(stars: Asking) -> None:
    """Where the engine would begin with the first constant, and look up 1,250 things."""
    query = "SELECT ?a ?b { ?a e:role e:r1 ; e:title ?b ; e:with e:w ; e:title 'titel 000007'@da }"
    queries = stars.queries("PREFIX e: <http://e/> " + query)
    assert len(queries) == 1
    assert rows(stars.ask(queries[0])) == rows(stars.ask("PREFIX e: <http://e/> " + query))
    assert len(rows(stars.ask(queries[0]))) == 2


# --- the rows ---------------------------------------------------------------------------------


@pytest.mark.parametrize("media_type", FORMS)
def test_one_thread_and_two_write_the_same(
    stars: Asking, helper: shares.Helper, media_type: str
) -> None:
    queries = stars.queries(JOIN, media_type)
    alone = stars.write(queries, media_type, None)
    assert stars.write(queries, media_type, helper) == alone
    whole = stars.ask(JOIN).serialize(format=FORMS[media_type])
    assert whole is not None
    assert alone == whole  # the engine begins with the same pattern here


@pytest.mark.usefixtures("eager")
def test_the_rows_are_those_of_the_query_on_the_shipped_graph(
    graph: Asking, helper: shares.Helper
) -> None:
    found = many = empty = 0
    for query in itertools.islice(walks(list(graph.store), seed=93), 500):
        queries = graph.queries(query)
        if not queries:
            continue
        expected = rows(graph.ask(query))
        if sum(expected.values()) > 5_000:
            continue
        written = graph.write(queries, JSON, helper)
        assert parsed(written) == expected, query
        assert graph.write(queries, JSON, None) == written
        found += 1
        many += len(queries) > 2
        empty += any(not rows(graph.ask(each)) for each in queries)
    assert found > 100
    assert many > 30
    assert empty > 3


@pytest.mark.usefixtures("eager")
@pytest.mark.parametrize("media_type", FORMS)
def test_shares_without_rows_leave_no_trace(helper: shares.Helper, media_type: str) -> None:
    """Of eight shares only those in the middle have rows, or none has."""
    store = ox.Store()
    predicate, graph = ox.NamedNode("http://e/p"), ox.NamedNode("http://e/g")
    for number in range(24):
        value = ox.Literal(f"n{number:02}")
        store.add(ox.Quad(ox.NamedNode(f"http://e/{number:02}"), predicate, value, graph))
    things = [quad.subject for quad in store.quads_for_pattern(None, predicate, None, None)]
    tested = Asking(store)
    for chosen in ([], things[9:10], things[4:5] + things[20:21], things):
        for thing in things:
            for tag in ("q", "r"):
                quad = ox.Quad(thing, ox.NamedNode(f"http://e/{tag}"), thing, graph)
                store.add(quad) if thing in chosen or tag == "q" else store.remove(quad)
        query = "SELECT ?a ?b { ?a <http://e/q> ?x ; <http://e/p> ?b ; <http://e/r> ?x }"
        queries = tested.queries(query, media_type)
        written = tested.write(queries, media_type, helper)
        whole = tested.ask(query).serialize(format=FORMS[media_type])
        assert whole is not None
        if media_type == CSV:
            assert Counter(written.splitlines()) == Counter(whole.splitlines())
            assert len(written.splitlines()) == 1 + len(chosen)
        else:
            assert parsed(written, media_type) == parsed(whole, media_type)
            assert len(parsed(written, media_type)) == len(chosen)


def test_a_share_that_is_ahead_waits_with_what_it_has(
    stars: Asking, helper: shares.Helper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shares, "_AHEAD", 100)
    queries = stars.queries(JOIN)
    assert parsed(stars.write(queries, JSON, helper)) == rows(stars.ask(JOIN))


# --- failures ---------------------------------------------------------------------------------


@pytest.mark.parametrize("failing", [0, 1, 2])
def test_a_share_that_fails_fails_the_answer(
    stars: Asking, helper: shares.Helper, failing: int
) -> None:
    queries = stars.queries(JOIN)
    file = File()

    def evaluate(query: str, share: Any) -> None:
        if query == queries[failing]:
            time.sleep(0.05)
            raise OSError("the disk is gone")
        stars.ask(query).serialize(share, format=ox.QueryResultsFormat.JSON)

    with pytest.raises(OSError, match="the disk is gone"):
        shares.Shares(queries, evaluate, JSON, file).write(helper)
    assert not file.data.endswith(b"]}}")
    # The second thread is free for the next.
    assert parsed(stars.write(queries, JSON, helper)) == rows(stars.ask(JOIN))


def test_an_output_that_fails_fails_the_answer(stars: Asking, helper: shares.Helper) -> None:
    class Full(File):
        def write(self, data: bytes) -> int:
            if len(self.data) > 200_000:
                raise OSError("no space left")
            return super().write(data)

    def evaluate(query: str, share: Any) -> None:
        stars.ask(query).serialize(share, format=ox.QueryResultsFormat.JSON)

    with pytest.raises(OSError, match="no space left"):
        shares.Shares(stars.queries(JOIN), evaluate, JSON, Full()).write(helper)


# --- by the pool ------------------------------------------------------------------------------


def ask(pool: WorkerPool, path: str, form: str = CSV, **more: Any) -> tuple[bytes, bool, float]:
    """The bytes, whether they are cut, and the seconds of a second thread."""
    request = QueryRequest(store_path=path, query=JOIN, media_type=form, **more)
    with pool.execute(request) as answer:
        return b"".join(answer), answer.truncated, answer.beside


def test_a_second_thread_computes_where_no_other_query_is_at_work(
    path: str, stars: Asking, helper: shares.Helper
) -> None:
    expected = stars.ask(JOIN).serialize(format=ox.QueryResultsFormat.CSV)
    with WorkerPool(size=2) as two, WorkerPool(size=1) as one:
        for pool in (two, one):
            ask(pool, path)
        deadline = time.monotonic() + 10
        while (load := two.load()).workers - load.busy < 2 and time.monotonic() < deadline:
            time.sleep(0.01)
        body, _, beside = ask(two, path)
        assert body == expected
        assert 0.0 < beside < 5.0 if helper.is_there else beside == 0.0
        body, _, beside = ask(one, path)  # whoever asks next has no other worker
        assert body == expected
        assert beside == 0.0


def test_an_answer_over_the_cap_is_cut_with_the_mark(path: str, stars: Asking) -> None:
    with WorkerPool(size=2) as pool:
        for _ in range(3):
            body, cut, _ = ask(pool, path, max_bytes=100_000)
            assert cut
            assert b"TRUNCATED: this answer was cut at 100000 bytes" in body
            expected = stars.ask(JOIN).serialize(format=ox.QueryResultsFormat.CSV)
            assert expected is not None
            kept = body[: body.index(b'"TRUNCATED')]
            assert expected.startswith(kept)
            assert len(kept) > 99_000
