"""Clients that stall or read slowly, by the hundred: others are answered meanwhile.

Every client has an address of its own in the loopback network: what one client may hold is
counted, and these are many.
"""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from live import (
    Got,
    Watched,
    all_workers,
    ask,
    fetch,
    query_workers,
    resident_bytes,
    target,
    wait_until,
)

from environment import Server

MANY = 300
READERS = 300
# Quickly computed, and more than is held in memory.
LARGE = f"SELECT ?s ('{'x' * 300}' AS ?x) {{ ?s ?p ?o }} LIMIT 6000"


@pytest.fixture(scope="module")
def besieged(home: Path, start_server: Callable[..., Server]) -> Server:
    """Without a cache: each slow reader shall have an answer of its own under way."""
    return start_server(home, COI_CLIENT_SECONDS="0", COI_QUERY_TIMEOUT="20", COI_QUERY_CACHE="0")


def address(number: int) -> str:
    return f"127.1.{number // 200}.{number % 200 + 1}"


@contextlib.contextmanager
def stalled(
    server: Server, beginning: bytes, count: int = MANY, *, at_once: int | None = None
) -> Iterator[list[socket.socket]]:
    """``count`` clients that have sent ``beginning`` and say nothing more. With ``at_once`` no
    more than so many wait for their answer to begin."""
    port = urlsplit(server.url).port
    with contextlib.ExitStack() as closing:
        clients = []
        for number in range(count):
            client = socket.socket()
            closing.callback(client.close)
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
            client.bind((address(number), 0))
            client.connect(("127.0.0.1", port))
            client.sendall(beginning)
            clients.append(client)
            if at_once is not None and number >= at_once:
                client = clients[number - at_once]
                client.settimeout(30)
                assert client.recv(12, socket.MSG_PEEK) == b"HTTP/1.1 200"
        time.sleep(0.3)
        yield clients


def point_query(server: Server) -> Got:
    """Of another client, and never asked before."""
    role = "<https://w3id.org/coi-graph/id/role/knowledge-ally>"
    return ask(server, f"SELECT ?p {{ {role} ?p ?o }} #{time.monotonic_ns()}", client="127.0.0.9")


def page(server: Server) -> Got:
    path = "/doc/role/knowledge-ally"
    return fetch(server, path, headers={"Accept": "text/html"}, client="127.0.0.9")


def assert_others_are_answered(server: Server, seconds: float = 2.0) -> None:
    with Watched(lambda: point_query(server)) as queries, Watched(lambda: page(server)) as pages:
        time.sleep(seconds)
    for watched in (queries, pages):
        assert watched.failures == []
        assert len(watched.seconds) >= 5
        assert watched.p95 < 1


BODY = b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Type: application/sparql-query\r\n"


@pytest.mark.parametrize(
    "beginning",
    [
        b"",
        b"G",
        b"GET /sparql?query=ASK%7B%7D HTTP/1.1\r\nHost: x\r\nX-Slow: ",
        BODY + b"Content-Length: 1000\r\n\r\nASK",
        BODY + b"Content-Length: 1000\r\n\r\n",
        BODY + b"Transfer-Encoding: chunked\r\n\r\n5\r\nASK {\r\n",
    ],
    ids=["nothing", "a letter", "headers", "body", "no body", "chunks"],
)
def test_stalled_clients_stop_nobody(besieged: Server, beginning: bytes) -> None:
    with stalled(besieged, beginning):
        assert_others_are_answered(besieged)


def test_a_stalled_client_is_closed_in_the_end(besieged: Server) -> None:
    beginnings = {
        b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ": (b"", b"HTTP/1.1 408"),
        BODY + b"Content-Length: 1000\r\n\r\nASK": (b"HTTP/1.1 408",),
    }
    with contextlib.ExitStack() as open_clients:
        clients = [
            (open_clients.enter_context(stalled(besieged, beginning, 1))[0], answers)
            for beginning, answers in beginnings.items()
        ]
        for client, answers in clients:
            client.settimeout(15)
            assert client.recv(1000).startswith(answers)
            assert client.recv(1000) == b""


def test_slow_readers_stop_nobody(besieged: Server) -> None:
    """Each has a large answer under way, and does not read it."""
    whole = ask(besieged, LARGE, client="127.0.0.8", timeout=60)
    assert whole.status == 200
    assert not whole.broken
    assert len(whole.body) > 1_500_000
    before = sum(resident_bytes(pid) for pid in query_workers(besieged))
    request = f"GET {target(LARGE, format='csv')} HTTP/1.1\r\nHost: x\r\n\r\n".encode()
    with stalled(besieged, request, READERS, at_once=8) as clients:
        assert_others_are_answered(besieged)
        # what waits is in files; some blocks of each are in memory
        grown = sum(resident_bytes(pid) for pid in query_workers(besieged)) - before
        assert grown < READERS * 1_000_000
        # one who reads after all gets every byte
        received = bytearray()
        clients[-1].settimeout(30)
        while not received.endswith(b"\r\n0\r\n\r\n"):
            block = clients[-1].recv(1 << 20)
            assert block
            received += block
        assert len(received) > len(whole.body)
    assert wait_until(lambda: point_query(besieged).seconds < 0.5, 5)
    assert len(all_workers(besieged)) == 4
