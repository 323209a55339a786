"""Large answers: streamed in constant memory, cut with a mark, never passed off as whole."""

from __future__ import annotations

import contextlib
import http.client
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from live import (
    Got,
    all_workers,
    ask,
    burning,
    connect,
    query_workers,
    resident_bytes,
    wait_until,
)

from coi_graph.publishing import loads
from environment import Server
from small_tree import Tree

ROWS = 1_000_000
CAP = 4_000_000
# Ten thousand things with ten values each of two properties.
THINGS, VALUES = 10_000, 10
LOADED = "{ ?thing <http://e/with> ?s ; <http://e/and> ?o }"
ALL = f"SELECT ?s ?o {LOADED}"
# Goes on for hours.
ENDLESS = "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose release holds data as `coi-graph load` takes them in; joined, a million rows."""
    tree = Tree.make(tmp_path_factory.mktemp("million"))
    file = tree.folder / "million.nt"
    with file.open("w", encoding="utf-8") as lines:
        for number in range(THINGS):
            thing = f"http://e/n{number}"
            for value in range(VALUES):
                lines.write(f"<{thing}> <http://e/with> <{thing}-{value}> .\n")
                lines.write(f"<{thing}> <http://e/and> <http://e/m{number}-{value}> .\n")
    loads.take_in(tree.home, [file], "http://e/graph", lambda read: None)
    release = tree.must_build(validate=False)
    assert release.manifest.graphs["http://e/graph"] == 2 * THINGS * VALUES
    assert THINGS * VALUES**2 == ROWS
    return tree.home


@pytest.fixture(scope="module")
def large(loaded: Path, start_server: Callable[..., Server]) -> Server:
    return start_server(loaded, COI_WEB_WORKERS="1", COI_CLIENT_SECONDS="0", COI_QUERY_TIMEOUT="60")


@pytest.fixture(scope="module")
def capped(loaded: Path, start_server: Callable[..., Server]) -> Server:
    return start_server(
        loaded,
        COI_WEB_WORKERS="1",
        COI_CLIENT_SECONDS="0",
        COI_QUERY_TIMEOUT="60",
        COI_QUERY_RESULT_BYTES=str(CAP),
    )


@contextlib.contextmanager
def response(server: Server, query: str, accept: str) -> Iterator[http.client.HTTPResponse]:
    with contextlib.closing(connect(server, timeout=60)) as connection:
        headers = {"Accept": accept, "Content-Type": "application/sparql-query"}
        connection.request("POST", "/sparql", query, headers)
        yield connection.getresponse()


class Peak:
    """The most memory that a process has while the block lasts, in bytes, and at its start."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self.before = self.most = resident_bytes(pid)

    def _run(self) -> None:
        while not self._over.wait(0.01):
            self.most = max(self.most, resident_bytes(self._pid))

    def __enter__(self) -> Peak:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()


@pytest.mark.parametrize(
    ("query", "accept", "count"),
    [
        (ALL, "text/csv", lambda body: body.count(b"\n") - 1),
        (ALL, "application/sparql-results+json", lambda body: body.count(b'"s":{')),
        (f"CONSTRUCT {{ ?s <http://e/beside> ?o }} {LOADED}", "application/n-triples",
         lambda body: body.count(b"\n")),
    ],
    ids=["csv", "json", "n-triples"],
)  # fmt: skip
def test_a_million_rows_stream_in_constant_memory(
    large: Server, query: str, accept: str, count: Callable[[bytes], int]
) -> None:
    assert ask(large, "ASK {}").status == 200
    (web,) = query_workers(large)
    started = time.monotonic()
    with Peak(web) as peak, response(large, query, accept) as answer:
        assert answer.status == 200
        assert answer.headers["Transfer-Encoding"] == "chunked"
        assert answer.headers["COI-Truncated"] is None
        blocks = [answer.read(1000)]
        first = time.monotonic() - started
        while block := answer.read(1 << 16):
            blocks.append(block)
        whole = time.monotonic() - started
    assert count(b"".join(blocks)) == ROWS
    assert peak.most - peak.before < 50 << 20
    assert first < whole / 2


def test_a_slow_reader_costs_no_memory(large: Server) -> None:
    """The engine has long finished; what waits is on disk."""
    (web,) = query_workers(large)
    with Peak(web) as peak, response(large, ALL, "text/csv") as answer:
        assert answer.read(1000)
        assert wait_until(lambda: burning(large) <= 0.01, 30)
        time.sleep(0.5)
        assert peak.most - peak.before < 50 << 20
        assert answer.read().count(b"\n") > ROWS - 100


def test_rows_on_a_page_are_not_a_million(large: Server) -> None:
    (web,) = query_workers(large)
    with Peak(web) as peak:
        page = ask(large, ALL, "text/html", lang="en")
    assert page.status == 200
    assert page.body.count(b"<tr") < 1_100
    assert peak.most - peak.before < 50 << 20
    assert wait_until(lambda: burning(large) <= 0.01, 2)  # nobody needs the rest


@pytest.mark.parametrize("accept", ["text/csv", "text/tab-separated-values"])
def test_a_cut_answer_ends_with_the_mark(capped: Server, accept: str) -> None:
    got = ask(capped, ALL, accept)
    assert got.status == 200
    assert not got.broken
    *rows, mark = got.body.splitlines()
    assert mark == f'"TRUNCATED: this answer was cut at {CAP} bytes and is not complete'.encode()
    assert CAP - 200 < len(got.body) < CAP + 200
    assert len(rows) > 50_000
    assert {row.count(b"," if accept == "text/csv" else b"\t") for row in rows} == {1}


def test_where_the_cut_is_known_in_time_a_header_says_so(
    loaded: Path, start_server: Callable[..., Server]
) -> None:
    server = start_server(loaded, COI_WEB_WORKERS="1", COI_QUERY_RESULT_BYTES="50000")
    got = ask(server, ALL)
    assert got.headers["COI-Truncated"] == "true"
    assert b"TRUNCATED" in got.body.splitlines()[-1]
    whole = ask(server, ALL + " LIMIT 10")
    assert whole.headers["COI-Truncated"] is None
    assert len(whole.body.splitlines()) == 11
    # a part is never kept as if it were the whole
    again = ask(server, ALL)
    assert again.headers["COI-Truncated"] == "true"


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV])
def test_a_stream_whose_worker_dies_never_ends_cleanly(large: Server, number: int) -> None:
    with response(large, ENDLESS, "text/csv") as answer:
        assert answer.status == 200
        assert answer.read(1000)
        for pid in all_workers(large):
            os.kill(pid, number)
        with pytest.raises(http.client.IncompleteRead):
            answer.read()
    assert ask(large, "ASK {}").status == 200


def test_a_stream_that_meets_its_deadline_never_ends_cleanly(
    home: Path, start_server: Callable[..., Server]
) -> None:
    server = start_server(home, COI_WEB_WORKERS="1", COI_QUERY_TIMEOUT="2")
    got: Got = ask(server, ENDLESS)
    assert got.status == 200
    assert got.broken
    assert got.seconds < 3
    assert "broken off" in server.log.read_text()
