"""Many at once: bounded, shared fairly, and answered from memory where it can be."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from live import (
    Got,
    all_workers,
    ask,
    connect,
    fetch,
    query_workers,
    resident_bytes,
    target,
    wait_until,
)
from web_answers import assert_problem

from coi_graph.query.cache import AnswerCache, key_of
from coi_graph.query.errors import Overloaded
from coi_graph.query.fairness import FairShare, OverShare
from environment import Server

# Works for hours and finds nothing.
ENDLESS = "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i FILTER(?c = ?f && ?f = ?i && ?a = ?i) }"
ROLE = "<https://w3id.org/coi-graph/id/role/knowledge-ally>"
QUEUE = 6


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


# --- FairShare -------------------------------------------------------------------------------


def spend(share: FairShare, clock: Clock, client: str, seconds: float) -> None:
    ended = share.begin(client)
    clock.now += seconds
    ended()


def test_a_client_spends_its_minute_and_gets_it_back_in_time() -> None:
    clock = Clock()
    share = FairShare(30, 2, clock)
    spend(share, clock, "a", 90)  # what has begun may end; 45 seconds of it were its right
    with pytest.raises(OverShare) as caught:
        share.begin("a")
    assert caught.value.status == 429
    assert caught.value.details["retry_after"] == 30
    share.begin("b")()
    clock.now += 29
    with pytest.raises(OverShare):
        share.begin("a")
    clock.now += 2
    share.begin("a")()


def test_two_workers_cost_twice_the_time() -> None:
    clock = Clock()
    share = FairShare(60, 2, clock)
    both = [share.begin("a"), share.begin("a")]
    clock.now += 100
    for ended in both:
        ended()
    with pytest.raises(OverShare) as caught:
        share.begin("a")
    assert caught.value.details["retry_after"] == 40  # 200 − 100 forgiven − 60 allowed
    clock.now += 41
    share.begin("a")()


def test_what_a_second_thread_computes_counts_too() -> None:
    clock = Clock()
    share = FairShare(60, 2, clock)
    ended = share.begin("a")
    clock.now += 50
    ended(70.0)
    ended(70.0)  # told twice, counted once
    with pytest.raises(OverShare) as caught:
        share.begin("a")
    assert caught.value.details["retry_after"] == 10  # 120 − 50 forgiven − 60 allowed


def test_without_a_limit_nobody_is_refused() -> None:
    clock = Clock()
    share = FairShare(0, 2, clock)
    for _ in range(10):
        spend(share, clock, "a", 1000)


def test_what_ends_twice_is_counted_once() -> None:
    clock = Clock()
    share = FairShare(60, 1, clock, may_wait=0)
    first = share.begin("a")
    first()
    first()
    second = share.begin("a")
    with pytest.raises(OverShare):
        share.begin("a")
    second()
    share.begin("a")()


def test_one_place_is_waited_for_by_so_many() -> None:
    share = FairShare(0, 1, may_wait=2, all_may_wait=3)
    ended = share.begin("a")
    with ThreadPoolExecutor(3) as threads:
        waiting = [threads.submit(share.begin, "a") for _ in range(2)]
        assert wait_until(lambda: share._waiting == 2, 2)
        with pytest.raises(OverShare):
            share.begin("a")
        end_b = share.begin("b")  # who has places does not wait
        waiting.append(threads.submit(share.begin, "b"))
        assert wait_until(lambda: share._waiting == 3, 2)
        end_c = share.begin("c")
        with pytest.raises(Overloaded):
            share.begin("c")
        ended()
        assert wait_until(lambda: sum(each.done() for each in waiting) == 1, 2)
        time.sleep(0.1)
        assert sum(each.done() for each in waiting) == 1  # one place, one of them
        next(each for each in waiting if each.done()).result()()
        end_b()
        for each in waiting:
            each.result(timeout=2)()
        end_c()
    assert share._waiting == 0
    share.begin("a")()


def test_large_answers_are_counted_while_they_are_read() -> None:
    share = FairShare(0, 1, may_hold=2, all_may_hold=3)
    first, _ = share.hold("a"), share.hold("a")
    with pytest.raises(OverShare):
        share.hold("a")
    share.hold("b")
    with pytest.raises(Overloaded):
        share.hold("c")
    first()
    first()
    share.hold("c")
    with pytest.raises(Overloaded):
        share.hold("d")


def test_the_accounts_are_bounded_and_the_busy_are_kept() -> None:
    clock = Clock()
    share = FairShare(60, 1, clock, may_wait=0)
    ended = share.begin("busy")
    for number in range(12_000):
        share.begin(f"client {number}")()
    assert len(share._accounts) <= 10_001
    with pytest.raises(OverShare):
        share.begin("busy")
    ended()


# --- AnswerCache -----------------------------------------------------------------------------


def test_the_cache_keeps_within_its_bytes() -> None:
    cache = AnswerCache(100_000)
    chance = random.Random(1)
    for number in range(5_000):
        cache.put(f"key {number}", bytes(chance.randrange(30_000)))
        assert cache.size <= 100_000
    held = [body for n in range(5_000) if (body := cache.get(f"key {n}")) is not None]
    assert 0 < sum(map(len, held)) <= 100_000
    assert max(map(len, held)) < 25_000


def test_what_was_not_asked_for_longest_goes_first() -> None:
    cache = AnswerCache(10_000)
    for name in "abcd":
        cache.put(name, bytes(1_900))
    assert cache.get("a") is not None
    cache.put("e", bytes(1_900))
    assert [name for name in "abcde" if cache.get(name) is None] == ["b"]


def test_a_cache_of_nothing_keeps_nothing() -> None:
    cache = AnswerCache(0)
    cache.put("a", b"")
    assert cache.get("a") is None


def test_every_part_of_a_question_makes_another_key() -> None:
    parts = (1, "hash", "ASK {}", "http://b/", None, None, "text/csv")
    others = (2, "other", "ASK { }", "http://c/", ["x:g"], ["x:g"], "text/turtle")
    keys = {key_of(*parts)}  # type: ignore[arg-type]
    for at, other in enumerate(others):
        keys.add(key_of(*parts[:at], other, *parts[at + 1 :]))  # type: ignore[arg-type]
    keys.add(key_of(1, "hash", "ASK {}", "http://b/", [], None, "text/csv"))
    keys.add(key_of(1, "hash", "ASK {}", "http://b/", None, [], "text/csv"))
    assert len(keys) == len(parts) + 3


# --- over HTTP -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def busy(home: Path, start_server: Callable[..., Server]) -> Server:
    """Three query processes, of which a client may have two; six may wait, three of a client."""
    return start_server(
        home,
        COI_WEB_WORKERS="1",
        COI_QUERY_WORKERS="3",
        COI_QUERY_QUEUE=str(QUEUE),
        COI_QUERY_TIMEOUT="30",
        COI_CLIENT_SECONDS="0",
    )


@contextlib.contextmanager
def asked(server: Server, clients: list[str], **headers: str) -> Iterator[list[socket.socket]]:
    """Each client has asked an endless query of its own and waits."""
    with contextlib.ExitStack() as stack:
        sockets = []
        for number, client in enumerate(clients):
            connection = stack.enter_context(contextlib.closing(connect(server, client)))
            connection.request("GET", target(f"{ENDLESS} #{number} {time.time()}"), headers=headers)
            assert connection.sock is not None
            connection.sock.setblocking(False)
            sockets.append(connection.sock)
            time.sleep(0.02)  # in this order
        yield sockets


def answered(sockets: list[socket.socket]) -> list[bytes]:
    """The beginnings of the answers that are there."""
    found = []
    for each in sockets:
        with contextlib.suppress(BlockingIOError):
            found.append(each.recv(2000, socket.MSG_PEEK))
    return found


def others_are_answered(server: Server, client: str = "127.0.9.9") -> bool:
    query = ask(server, f"SELECT ?p {{ {ROLE} ?p ?o }} #{time.time()}", client=client)
    page = fetch(server, "/doc/role/knowledge-ally", client=client)
    return query.status == page.status == 200 and query.seconds < 1 and page.seconds < 1


def test_one_client_cannot_take_every_worker(busy: Server) -> None:
    with asked(busy, ["127.0.1.1"] * 12) as sockets:
        refused = 12 - 2 - QUEUE // 2
        assert wait_until(lambda: len(answered(sockets)) == refused, 3)
        assert others_are_answered(busy)
        for answer in answered(sockets):
            assert answer.startswith(b"HTTP/1.1 429 ")
            assert b"\r\nretry-after: 1\r\n" in answer.lower()
        assert len(answered(sockets)) == refused
    assert wait_until(lambda: others_are_answered(busy, "127.0.1.1"), 3)


def test_a_full_queue_says_when_to_come_again(busy: Server) -> None:
    clients = [f"127.0.2.{number}" for number in range(1, 16)]
    pages = ("/", "/doc/role/", "/release/")
    for path in pages:  # so that what is timed below is the queue, not the first use of a template
        assert fetch(busy, path, client="127.0.9.9").status == 200
    with asked(busy, clients) as sockets:
        refused = 15 - 3 - QUEUE
        assert wait_until(lambda: len(answered(sockets)) >= refused, 3)
        for answer in answered(sockets):
            assert answer.startswith(b"HTTP/1.1 503 ")
            assert b"\r\nretry-after: " in answer.lower()
            assert b"problem/overloaded" in answer
        assert len(answered(sockets)) == refused
        # pages need no worker, nor does what is at hand
        for path in pages:
            page = fetch(busy, path, client="127.0.9.9")
            assert page.status == 200
            assert page.seconds < 1
        got = ask(busy, f"ASK {{}} #{time.time()}", client="127.0.9.9")
        assert got.status == 503
        assert_problem(got.problem(), 503)
        assert int(got.headers["Retry-After"]) >= 1
    assert wait_until(lambda: others_are_answered(busy), 5)


def test_an_invented_address_is_not_believed(busy: Server) -> None:
    """X-Forwarded-For counts only where a proxy of ours has set it."""
    with contextlib.ExitStack() as stack:
        sockets = []
        for number in range(12):
            headers = {"X-Forwarded-For": f"10.2.2.{number}"}
            sockets += stack.enter_context(asked(busy, ["127.0.3.1"], **headers))
        assert wait_until(lambda: len(answered(sockets)) == 12 - 2 - QUEUE // 2, 3)
        assert all(answer.startswith(b"HTTP/1.1 429 ") for answer in answered(sockets))


def test_a_client_that_has_spent_its_share_waits_and_others_do_not(
    home: Path, start_server: Callable[..., Server]
) -> None:
    server = start_server(
        home, COI_WEB_WORKERS="1", COI_QUERY_TIMEOUT="1.5", COI_CLIENT_SECONDS="1"
    )
    known = f"SELECT ?p {{ {ROLE} ?p ?o }} ORDER BY ?p"
    whole = ask(server, known).body
    assert ask(server, ENDLESS).status == 504
    refused = ask(server, f"ASK {{}} #{time.time()}")
    assert refused.status == 429
    assert_problem(refused.problem(), 429)
    # spent 1.5 of 1 second a minute: half a minute for the other half
    assert 20 <= int(refused.headers["Retry-After"]) <= 40
    assert others_are_answered(server)
    # what costs nothing is given: a known answer, a page
    assert ask(server, known).body == whole
    assert fetch(server, "/doc/role/knowledge-ally").status == 200


def test_a_trusted_proxy_tells_clients_apart(
    home: Path, start_server: Callable[..., Server]
) -> None:
    server = start_server(
        home,
        COI_WEB_WORKERS="1",
        COI_QUERY_TIMEOUT="1.5",
        COI_CLIENT_SECONDS="1",
        COI_TRUSTED_PROXIES="1",
    )

    def by(forwarded: str, query: str = "ASK {}") -> int:
        query = f"{query} #{time.time()}"
        return ask(server, query, headers={"X-Forwarded-For": forwarded}).status

    assert by("10.0.0.1", ENDLESS) == 504
    assert by("10.0.0.1") == 429
    assert by("10.0.0.2") == 200
    # what stands before the proxy's own entry was said by the client
    assert by("10.0.0.3, 10.0.0.1") == 429
    assert by("10.0.0.1, 10.0.0.3") == 200


# --- the cache over HTTP ---------------------------------------------------------------------


@contextlib.contextmanager
def frozen(server: Server) -> Iterator[None]:
    """The query processes get no time: what needs them is not answered."""
    workers: set[int] = set()

    def all_stand() -> bool:
        """Also one that is only just started for one that the test before has cost its life."""
        new = set(all_workers(server)) - workers
        for pid in new:
            os.kill(pid, signal.SIGSTOP)
        workers.update(new)
        return not new and len(all_workers(server)) == 2

    try:
        assert wait_until(all_stand, 10)
        yield
    finally:
        for pid in workers:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)


@pytest.fixture(scope="module")
def cached(home: Path, start_server: Callable[..., Server]) -> Server:
    return start_server(
        home,
        COI_WEB_WORKERS="1",
        COI_QUERY_TIMEOUT="2",
        COI_QUERY_CACHE=str(4 << 20),
        COI_CLIENT_SECONDS="0",
    )


QUERY = f"SELECT ?p ?o {{ {ROLE} ?p ?o }} ORDER BY ?p ?o"


@pytest.mark.parametrize(
    ("query", "accept"),
    [
        (QUERY, "application/sparql-results+json"),
        (QUERY, "text/csv"),
        (QUERY, "text/html"),
        (f"DESCRIBE {ROLE}", "text/turtle"),
        ("ASK { { ?s ?p ?o } }", "application/sparql-results+xml"),
        ("SELECT * { ?s ?p ?o } LIMIT 5000", "text/csv"),  # streamed the first time
    ],
)
def test_a_repeated_query_does_not_touch_the_engine(
    cached: Server, query: str, accept: str
) -> None:
    first = ask(cached, query, accept)
    assert first.status == 200
    with frozen(cached):
        again = ask(cached, query, accept)
        posted = fetch(
            cached,
            "/sparql",
            method="POST",
            body=query.encode(),
            headers={"Accept": accept, "Content-Type": "application/sparql-query"},
        )
        other = ask(cached, query + " #", accept)
    assert (again.status, again.headers["ETag"]) == (200, first.headers["ETag"])
    assert posted.status == 200
    if accept != "text/html":  # the page says how long it took
        assert again.body == posted.body == first.body
    assert other.status == 504  # the proof that the engine was not at hand


def test_a_known_answer_is_304_without_the_engine(cached: Server) -> None:
    query = f"SELECT ?o {{ {ROLE} ?p ?o }} ORDER BY ?o"
    first = ask(cached, query)
    etag = first.headers["ETag"]
    with frozen(cached):
        for given in (etag, f'"other", {etag}', f"W/{etag}", "*"):
            got = ask(cached, query, headers={"If-None-Match": given})
            assert (got.status, got.body) == (304, b"")
            assert got.headers["ETag"] == etag
            assert got.headers["COI-Release"] == first.headers["COI-Release"]
        assert ask(cached, query, headers={"If-None-Match": '"other"'}).body == first.body
    # another form and another query are other answers
    assert ask(cached, query, "text/tab-separated-values").headers["ETag"] != etag
    assert ask(cached, QUERY).headers["ETag"] != etag


def test_head_has_the_headers_of_get_and_nothing_more(cached: Server) -> None:
    path = target(f"SELECT ?o {{ {ROLE} ?p ?o }} ORDER BY DESC(?o)")
    head = fetch(cached, path, method="HEAD", headers={"Accept": "text/csv"})
    get = fetch(cached, path, headers={"Accept": "text/csv"})
    assert (head.status, head.body) == (200, b"")
    for name in ("Content-Type", "Content-Length", "ETag", "COI-Release", "Vary"):
        assert head.headers[name] == get.headers[name], name
    assert int(get.headers["Content-Length"]) == len(get.body)


def test_the_cache_has_its_bound_in_memory_too(cached: Server) -> None:
    """Sixty megabytes of answers through a cache of four."""
    (web,) = query_workers(cached)
    row = "x" * 1000

    def answer(number: int) -> Got:
        return ask(cached, f"SELECT ('{row}{number}' AS ?x) {{ ?s ?p ?o }} LIMIT 600")

    for number in range(10):
        assert answer(number).status == 200
    before = resident_bytes(web)
    for number in range(10, 110):
        assert len(answer(number).body) > 600_000
    assert resident_bytes(web) - before < 40 << 20
