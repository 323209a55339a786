"""Joins over a small release are answered from a copy in memory: the same rows, always in the same
order, within the same limits."""

from __future__ import annotations

import itertools
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest
from asking import stored
from test_joining import walks

from coi_graph.publishing.releases import Release
from coi_graph.query.answer import QueryRequest
from coi_graph.query.copies import Copies
from coi_graph.query.errors import QueryOutOfMemory, QueryTimeout
from coi_graph.query.pieces import split
from coi_graph.query.pool import WorkerPool

CSV = "text/csv"
ROLES = """
PREFIX coi: <https://w3id.org/coi-graph/def/>
SELECT ?thing ?role WHERE { ?thing a ?class ; coi:hasRole ?role }
"""
#: One pattern, and so no join.
CLASSES = "SELECT ?thing ?class WHERE { ?thing a ?class }"


def ask(
    pool: WorkerPool, release: Release, query: str, quads: int | None = 0, form: str = CSV
) -> bytes:
    """``quads``: what the request says that the store holds."""
    request = QueryRequest(
        store_path=str(release.store_path), query=query, media_type=form, quads=quads
    )
    with pool.execute(request) as answer:
        return b"".join(answer)


@pytest.fixture(scope="module")
def disk(release: Release) -> ox.Store:
    return ox.Store.read_only(str(release.store_path))


@pytest.fixture(scope="module")
def copied(disk: ox.Store) -> ox.Store:
    """The copy as it should be: the store's quads in the store's order."""
    memory = ox.Store()
    memory.extend(list(disk))
    return memory


@pytest.fixture(scope="module")
def pool() -> Iterator[WorkerPool]:
    with WorkerPool(size=2, timeout=20, memory_quads=1_000_000) as made:
        yield made


def evaluated(store: ox.Store, query: str) -> bytes:
    results = store.query(query, use_default_graph_as_union=True)
    assert isinstance(results, ox.QuerySolutions)
    written = results.serialize(format=ox.QueryResultsFormat.CSV)
    assert written is not None
    return written


def test_the_rows_are_those_of_the_store(
    pool: WorkerPool, release: Release, disk: ox.Store, copied: ox.Store
) -> None:
    found = 0
    for query in itertools.islice(walks(list(disk), seed=2026), 300):
        assert split(query) is not None
        answer = ask(pool, release, query)
        assert answer == evaluated(copied, query), query
        assert Counter(answer.splitlines()) == Counter(evaluated(disk, query).splitlines()), query
        found += answer.count(b"\n") > 1
    assert found > 200


def test_a_triple_in_two_graphs_counts_as_it_does_on_disk(tmp_path: Path) -> None:
    """A release has none; where there were, it would not matter where the query is answered."""
    lines = [
        f"<http://e/{s}> <http://e/{p}> <http://e/{o}> <http://e/{g}> .\n"
        for s, p, o, g in itertools.product("abc", "pq", "abc", "gh")
    ]
    path = stored(str(tmp_path / "store"), lines)
    query = "SELECT ?a ?b ?c WHERE { ?a <http://e/p> ?b . ?b <http://e/q> ?c }"
    answers = []
    for quads in (None, len(lines)):
        with WorkerPool(size=1, memory_quads=100) as pool:
            request = QueryRequest(store_path=path, query=query, media_type=CSV, quads=quads)
            with pool.execute(request) as answer:
                answers.append(Counter(b"".join(answer).splitlines()))
    assert answers[0] == answers[1]
    assert len(answers[0]) == 1 + 27


def test_only_joins_over_few_quads_are_answered_from_a_copy(
    pool: WorkerPool, release: Release, disk: ox.Store, copied: ox.Store
) -> None:
    in_memory = evaluated(copied, ROLES)
    with WorkerPool(size=1) as without:
        on_disk = ask(without, release, ROLES, quads=1)
    assert on_disk != in_memory  # the order tells which it was
    assert ask(pool, release, ROLES, quads=1_000_000) == in_memory
    assert ask(pool, release, ROLES, quads=1_000_001) == on_disk
    assert ask(pool, release, ROLES, quads=None) == on_disk
    assert evaluated(disk, CLASSES) != evaluated(copied, CLASSES)
    assert ask(pool, release, CLASSES) == evaluated(disk, CLASSES)


def test_the_first_query_and_a_later_one_have_the_same_bytes(release: Release) -> None:
    """The first comes before the worker has had a moment to copy anything."""
    with WorkerPool(size=1, timeout=20, memory_quads=1_000_000) as pool:
        first = ask(pool, release, ROLES)
        time.sleep(0.5)
        assert ask(pool, release, ROLES) == first


def test_a_copy_is_made_while_nobody_asks(release: Release, disk: ox.Store) -> None:
    made: list[tuple[object, set[str]]] = []
    copies = Copies(lambda work: work(), lambda key, copy: made.append((key, copy.predicates)))
    copies.expect("key", disk)
    pieces = 0
    while copies.go_on():
        pieces += 1
    assert pieces > len(disk) // 1_000
    assert copies.go_on() is False
    assert list(copies.whole("key"))[::-1] == list(disk)
    assert made == [("key", {str(quad.predicate) for quad in disk})]


def test_the_last_two_are_kept(disk: ox.Store) -> None:
    small = [ox.Store() for _ in range(3)]
    copies = Copies(lambda work: work())
    for name, store in zip("abc", small, strict=True):
        copies.expect(name, store)
    made = copies.whole("b")
    copies.expect("b", small[1])
    copies.expect("d", disk)  # "c" goes: "b" has been expected since
    assert copies.whole("b") is made
    with pytest.raises(KeyError):
        copies.whole("c")


def test_a_store_that_cannot_be_read_fails_the_joins_alone(disk: ox.Store) -> None:
    class Damaged:
        def __iter__(self) -> Iterator[ox.Quad]:
            yield from itertools.islice(disk, 300)
            raise OSError("Corruption: block checksum mismatch")

    copies = Copies(lambda work: work())
    copies.expect("key", Damaged())  # type: ignore[arg-type]
    while copies.go_on():  # what a worker does between queries: it goes on
        pass
    with pytest.raises(OSError, match="checksum mismatch"):
        copies.whole("key")


def test_several_releases_are_answered_in_turn(
    tmp_path: Path, release: Release, pool: WorkerPool
) -> None:
    query = "SELECT ?a ?c WHERE { ?a <http://e/p> ?b . ?b <http://e/q> ?c }"
    paths = [
        stored(
            str(tmp_path / f"store{n}"),
            [
                f"<http://e/a{n}> <http://e/p> <http://e/b> <http://e/g> .\n",
                f"<http://e/b> <http://e/q> <http://e/c{n}> <http://e/g> .\n",
            ],
        )
        for n in range(4)
    ]
    for n in (0, 1, 2, 3, 0, 1, 3, 2):
        request = QueryRequest(store_path=paths[n], query=query, media_type=CSV, quads=2)
        with pool.execute(request) as answer:
            assert b"".join(answer).split() == [
                b"a,c",
                f"http://e/a{n},http://e/c{n}".encode(),
            ]


def test_a_join_in_memory_keeps_the_limits(release: Release) -> None:
    """What the copy takes is none of the query's memory, and a query gets no more of it."""
    endless = "SELECT ?a ?g WHERE { ?a a ?b . ?c a ?d . ?e a ?f . ?g a ?h }"
    hungry = endless + " ORDER BY ?g ?a"
    with WorkerPool(size=1, timeout=1.5, memory_bytes=64 << 20, memory_quads=1_000_000) as pool:
        assert ask(pool, release, ROLES).count(b"\n") > 1
        started = time.monotonic()
        with pytest.raises((QueryTimeout, QueryOutOfMemory)):
            ask(pool, release, hungry)
        assert time.monotonic() - started < 2.5
        assert ask(pool, release, ROLES).count(b"\n") > 1
    with WorkerPool(size=1, timeout=30, memory_bytes=64 << 20, memory_quads=1_000_000) as pool:
        with pytest.raises(QueryOutOfMemory):
            ask(pool, release, hungry)
        assert ask(pool, release, ROLES).count(b"\n") > 1
