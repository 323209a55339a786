"""What an engine does wrong, and the status that is made of it: over real sockets."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator

import pytest
from bad_engine import BadEngine, answer

from coi_graph.errors import BadSetting, CoiError
from coi_graph.query.breaker import CLOSED, OPEN, CircuitBreaker
from coi_graph.query.engine import Engine
from coi_graph.query.errors import EngineResting

ROWS = json.dumps({"head": {"vars": ["x"]}, "results": {"bindings": []}}).encode()
LIMIT = 0.5  # seconds


@pytest.fixture
def bad() -> Iterator[BadEngine]:
    engine = BadEngine()
    yield engine
    engine.close()


@pytest.fixture
def engine(bad: BadEngine) -> Engine:
    return Engine(bad.url, breaker=CircuitBreaker(3, 60.0))


def ask(engine: Engine, *, trusted: bool = False) -> bytes:
    with engine.ask("SELECT * {}", "*/*", timeout=LIMIT, trusted=trusted) as reply:
        return reply.read()


def error(engine: Engine, *, trusted: bool = False) -> CoiError:
    """The error of a request, which must come within the time-out and a second."""
    started = time.monotonic()
    with pytest.raises(CoiError) as caught:
        ask(engine, trusted=trusted)
    assert time.monotonic() - started < LIMIT + 1
    return caught.value


def silent(connection: socket.socket) -> None:
    time.sleep(LIMIT + 2)


def drip_headers(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    for number in range(100):
        time.sleep(0.2)
        connection.sendall(f"X-{number}: x\r\n".encode())


def drip_body(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n")
    for _ in range(100):
        time.sleep(0.2)
        connection.sendall(b" ")


def test_an_answer_comes_through(engine: Engine, bad: BadEngine) -> None:
    bad.behaviour = answer(ROWS)
    assert ask(engine) == ROWS


@pytest.mark.parametrize(
    ("behaviour", "status", "slug"),
    [
        (silent, 504, "query-timeout"),
        (drip_headers, 504, "query-timeout"),
        (drip_body, 504, "query-timeout"),
        (lambda connection: None, 503, "engine-unreachable"),
        (lambda connection: connection.sendall(b"SSH-2.0-x\r\n"), 502, "engine-failed"),
        (answer(ROWS, length=len(ROWS) + 10), 502, "engine-failed"),
        (answer(b"no", "500 Internal Server Error"), 502, "engine-failed"),
        (answer(b"no", "503 Service Unavailable"), 502, "engine-failed"),
        (answer(b"no", "401 Unauthorized"), 502, "engine-failed"),
        (answer(b"no", "302 Found", headers="Location: http://127.0.0.1:9/\r\n"),
         502, "engine-failed"),
        (answer(b"line 1: no", "400 Bad Request"), 400, "query-rejected"),
        (answer(b"slow", "504 Gateway Timeout"), 504, "query-timeout"),
        (answer(b"Virtuoso S1T00 Error SR171: Transaction timed out", "500 Error"),
         504, "query-timeout"),
        (answer(ROWS, headers="X-SQL-State: S1TAT\r\n"), 504, "query-timeout"),
    ],
)  # fmt: skip
def test_every_failure_has_its_status(
    engine: Engine, bad: BadEngine, behaviour: object, status: int, slug: str
) -> None:
    bad.behaviour = behaviour  # type: ignore[assignment]
    found = error(engine)
    assert (found.status, found.slug) == (status, slug)


def test_nobody_there() -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    found = error(Engine(f"http://127.0.0.1:{port}/sparql"))
    assert (found.status, found.slug) == (503, "engine-unreachable")
    assert found.details["retry_after"] > 0


def test_the_words_of_the_engine_are_passed_on_without_the_query(
    engine: Engine, bad: BadEngine
) -> None:
    bad.behaviour = answer(b"SP031: what?\n\nSPARQL query:\nSELECT * {}", "400 Bad Request")
    found = error(engine)
    assert "SP031: what?" in str(found)
    assert "SELECT" not in str(found)


@pytest.mark.parametrize(
    "behaviour", [silent, answer(b"no", "500 Error"), answer(b"no", "400 Bad Request")]
)
def test_what_a_strangers_query_causes_does_not_open_the_breaker(
    engine: Engine, bad: BadEngine, behaviour: object
) -> None:
    bad.behaviour = behaviour  # type: ignore[assignment]
    for _ in range(3):
        error(engine)
    assert engine.breaker.state == CLOSED


@pytest.mark.parametrize("behaviour", [silent, answer(b"no", "500 Error"), lambda connection: None])
def test_what_our_own_look_ups_meet_opens_it(
    engine: Engine, bad: BadEngine, behaviour: object
) -> None:
    bad.behaviour = behaviour  # type: ignore[assignment]
    for _ in range(3):
        error(engine, trusted=True)
    asked = bad.requests
    assert isinstance(error(engine), EngineResting)
    assert (engine.breaker.state, bad.requests) == (OPEN, asked), "it is left alone"


def test_a_slow_query_for_half_a_minute_of_regular_expressions_is_sent_at_once(
    engine: Engine, bad: BadEngine
) -> None:
    """SPARQLWrapper's setQuery takes 30 seconds for this text (measured)."""
    bad.behaviour = answer(ROWS)
    started = time.monotonic()
    with engine.ask("\n" * 60_000 + "ASK {}", "*/*", timeout=30, trusted=False) as reply:
        reply.read()
    assert time.monotonic() - started < 5


def test_the_password_is_in_no_text(bad: BadEngine) -> None:
    bad.behaviour = answer(
        b"no", "401 Unauthorized", headers='WWW-Authenticate: Basic realm="x"\r\n'
    )
    engine = Engine(bad.url, user="dba", password="geheim")
    found = error(engine)
    assert "geheim" not in f"{found} {found.details} {engine!r} {vars(engine)!r}"


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://x/", "localhost:8890/sparql"])
def test_an_address_that_is_no_http_is_a_wrong_setting(url: str) -> None:
    with pytest.raises(BadSetting, match="http"):
        Engine(url)
