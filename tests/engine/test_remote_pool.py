"""Answers of an engine that misbehaves in the middle of one, and the text that it is given."""

from __future__ import annotations

import contextlib
import json
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from bad_engine import BadEngine, answer

from coi_graph import config
from coi_graph.errors import BadSetting, CoiError
from coi_graph.query.answer import Answer, QueryRequest
from coi_graph.query.cancellation import Cancellation, ClientGone
from coi_graph.query.engine import FAILURES, Engine
from coi_graph.query.errors import EngineFailed, Overloaded, QueryRejected, ReleaseMoved
from coi_graph.query.marker import ReleaseMarker
from coi_graph.query.pool import WorkerPool
from coi_graph.query.portable import text_for_engine
from coi_graph.query.remote_pool import RemotePool

JSON = "application/sparql-results+json"
CSV = "text/csv"
HEAD = b'{"head":{"vars":["x"]},"results":{"bindings":['
ROW = json.dumps({"x": {"type": "literal", "value": "æ" * 500}}).encode()
CAP = 3 << 20


class Marker(ReleaseMarker):
    """Says what it is told to say."""

    held: int | None = 1

    def number(self) -> int | None:
        return self.held


@pytest.fixture(scope="module")
def parser() -> Iterator[WorkerPool]:
    with WorkerPool(size=1) as pool:
        yield pool


@pytest.fixture
def bad() -> Iterator[BadEngine]:
    engine = BadEngine()
    yield engine
    engine.close()


@pytest.fixture
def make(bad: BadEngine, parser: WorkerPool) -> Callable[..., RemotePool]:
    def pool(held: int | None = 1, at_once: int = 1) -> RemotePool:
        engine = Engine(bad.url)
        marker = Marker(engine)
        marker.held = held
        return RemotePool(
            engine, marker, parser, timeout=5, at_once=at_once, max_waiting=0, max_result_bytes=CAP
        )

    return pool


def request(query: str = "SELECT ?x { ?x ?y ?z }", media_type: str = CSV) -> QueryRequest:
    return QueryRequest(
        store_path="", query=query, media_type=media_type, release=1, graphs=["http://g/"]
    )


def endless(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: " + JSON.encode() + b"\r\n\r\n" + HEAD)
    while True:  # until the client has gone
        connection.sendall((ROW + b",") * 100)


def two_megabytes(end: bytes, more: int = 0) -> Callable[[socket.socket], None]:
    body = HEAD + b",".join([ROW] * 2000) + end
    return answer(body, length=len(body) + more)


def test_rows_are_written_in_the_form_asked_for(
    make: Callable[..., RemotePool], bad: BadEngine
) -> None:
    bad.behaviour = answer(HEAD + b'{"x":{"type":"typed-literal","datatype":"http://d/",'
                           b'"value":"a,b"}}]}}')  # fmt: skip
    with make().execute(request()) as given:
        assert b"".join(given) == b'x\r\n"a,b"\r\n'


@pytest.mark.parametrize(
    ("body", "media_type"),
    [(b"<html>", JSON), (b"", JSON), (b"<html>", "text/html"), (HEAD + ROW, JSON),
     (b"\xff\xfe", "application/sparql-results+xml"), (b"{}", "application/x-binary-rdf")],
)  # fmt: skip
def test_garbage_is_a_502(
    make: Callable[..., RemotePool], bad: BadEngine, body: bytes, media_type: str
) -> None:
    bad.behaviour = answer(body, media_type=media_type)
    with pytest.raises(EngineFailed):
        make().execute(request())


def test_a_graph_that_is_cut_off_at_a_line_is_not_taken_for_the_whole(
    make: Callable[..., RemotePool], bad: BadEngine
) -> None:
    line = b"<http://a/> <http://b/> <http://c/> .\n"
    bad.behaviour = answer(line, media_type="application/n-triples", length=2 * len(line))
    query = "CONSTRUCT WHERE { ?s ?p ?o }"
    with pytest.raises(EngineFailed, match="broke off"):
        make().execute(request(query, "text/turtle"))


@pytest.mark.parametrize("behaviour", [two_megabytes(b""), two_megabytes(b"]}}", more=10)])
def test_what_breaks_off_after_a_megabyte_is_never_ended_well(
    make: Callable[..., RemotePool], bad: BadEngine, behaviour: Callable[[socket.socket], None]
) -> None:
    bad.behaviour = behaviour
    with make().execute(request()) as given, pytest.raises(CoiError):
        list(given)


def test_an_endless_answer_is_cut_with_a_mark(
    make: Callable[..., RemotePool], bad: BadEngine
) -> None:
    bad.behaviour = endless
    with make().execute(request()) as given:
        body = b"".join(given)
    assert given.truncated
    assert CAP - 2000 < len(body) < CAP + 200
    assert b"TRUNCATED" in body[-200:]


def test_who_stops_reading_frees_the_place_at_the_engine(
    make: Callable[..., RemotePool], bad: BadEngine
) -> None:
    bad.behaviour = endless
    pool = make()
    pool.execute(request()).close()
    bad.behaviour = answer(HEAD + b"]}}")
    with execute_when_free(pool, request()) as given:
        assert b"".join(given) == b"x\r\n"


def silent(connection: socket.socket) -> None:
    connection.recv(1)  # until the client has gone


def headers_only(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: " + JSON.encode() + b"\r\n\r\n" + HEAD)
    silent(connection)


@pytest.mark.parametrize("behaviour", [silent, headers_only])
def test_a_client_that_goes_frees_the_place_and_is_no_failure_of_the_engine(
    make: Callable[..., RemotePool], bad: BadEngine, behaviour: Callable[[socket.socket], None]
) -> None:
    bad.behaviour = behaviour
    pool = make()
    for number in range(FAILURES + 1):
        cancellation = Cancellation()
        asked = replace(request(), cancellation=cancellation)
        gone = threading.Timer(0.1, cancellation.cancel)
        gone.start()
        started = time.monotonic()
        with pytest.raises(ClientGone):
            execute_when_free(pool, asked)
        assert time.monotonic() - started < 1  # of 5
        gone.join()
        assert bad.requests == number + 1
    bad.behaviour = answer(HEAD + b"]}}")
    with execute_when_free(pool, request()) as given:
        assert b"".join(given) == b"x\r\n"


def test_a_reader_who_stops_is_no_failure_of_the_engine(
    make: Callable[..., RemotePool], bad: BadEngine
) -> None:
    bad.behaviour = endless
    pool = make()
    for _ in range(FAILURES + 1):
        execute_when_free(pool, request()).close()
    bad.behaviour = answer(HEAD + b"]}}")
    with execute_when_free(pool, request()) as given:
        assert b"".join(given) == b"x\r\n"


def test_a_query_whose_client_has_gone_is_not_asked(
    make: Callable[..., RemotePool], bad: BadEngine
) -> None:
    cancellation = Cancellation()
    cancellation.cancel()
    with pytest.raises(ClientGone):
        make().execute(replace(request(), cancellation=cancellation))
    assert bad.requests == 0


def execute_when_free(pool: RemotePool, asked: QueryRequest) -> Answer:
    """The place of the query before is given back by the thread that read its answer."""
    for _ in range(100):
        with contextlib.suppress(Overloaded):
            return pool.execute(asked)
        threading.Event().wait(0.02)
    pytest.fail("the place is still taken")


def test_more_queries_than_places_are_refused(
    make: Callable[..., RemotePool], bad: BadEngine
) -> None:
    bad.behaviour = lambda connection: bad.closing.wait(3) and None
    pool = make()

    def ask() -> None:
        with pytest.raises(CoiError):
            pool.execute(request())

    slow = threading.Thread(target=ask)
    slow.start()
    while bad.requests == 0:
        threading.Event().wait(0.01)
    with pytest.raises(Overloaded):
        pool.execute(request())
    bad.closing.set()
    slow.join()


@pytest.mark.parametrize("held", [None, 2])
def test_an_answer_of_another_release_is_not_given(
    make: Callable[..., RemotePool], bad: BadEngine, held: int | None
) -> None:
    bad.behaviour = answer(HEAD + b"]}}")
    with pytest.raises(ReleaseMoved) as caught:
        make(held).execute(request())
    assert (caught.value.status, caught.value.details["retry_after"]) == (503, 1)


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("SELECT ?x { ?x ?y ?z }", "SELECT ?x FROM <d> FROM NAMED <n> { ?x ?y ?z }"),
        ("SELECT (EXISTS { ?a ?b ?c } AS ?x) WHERE {}",
         "SELECT (EXISTS { ?a ?b ?c } AS ?x) FROM <d> FROM NAMED <n> WHERE {}"),
        ("CONSTRUCT { ?s ?p ?o } { ?s ?p ?o }",
         "CONSTRUCT { ?s ?p ?o } FROM <d> FROM NAMED <n> { ?s ?p ?o }"),
        ("CONSTRUCT WHERE { ?s ?p ?o }", "CONSTRUCT FROM <d> FROM NAMED <n> WHERE { ?s ?p ?o }"),
        ("DESCRIBE <http://x/> LIMIT 5", "DESCRIBE <http://x/> FROM <d> FROM NAMED <n> LIMIT 5"),
        ("DESCRIBE <http://x/> # {", "DESCRIBE <http://x/> FROM <d> FROM NAMED <n> # {"),
        ("ASK FROM <http://g/> FROM NAMED <http://h/> {}", "ASK FROM <d> FROM NAMED <n> {}"),
        ("ASK { <x> ?p ?o }", "BASE <http://base/> ASK FROM <d> FROM NAMED <n> { <x> ?p ?o }"),
    ],
)  # fmt: skip
def test_the_dataset_stands_in_the_text(query: str, text: str) -> None:
    given = text_for_engine(query, "http://base/", ["d"], ["n"])
    assert re.sub(r"\s+", " ", given).strip() == text


@pytest.mark.parametrize(
    "query",
    ["SELECT (<bif:f>(1) AS ?x) {}", "PREFIX b: <bif:> ASK { FILTER(b:f(1)) }",
     "ASK { FILTER(false && <http://f/x>(1)) }", "ASK { ?s <JAVA:x> ?o }",
     "PREFIX b: <b> ASK { ?s b:if:contains ?o }", "BASE <sql:> ASK { ?s <f> ?o }"],
)  # fmt: skip
def test_commands_of_engines_are_not_passed_on(query: str) -> None:
    with pytest.raises(QueryRejected):
        text_for_engine(query, "http://base/", [], [])


def test_casts_and_collections_are(parser: WorkerPool) -> None:
    query = (
        "PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>"
        " ASK { ?s <http://p/> (1 2) FILTER(xsd:integer('1') = 1) }"
    )
    parser.parse(query, "http://base/")
    assert "xsd:integer('1')" in text_for_engine(query, "http://base/", [], [])


def test_a_password_is_taken_from_the_environment_only(tmp_path) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "coi-graph.toml").write_text('engine_password = "geheim"')
    with pytest.raises(BadSetting, match="engine_password") as caught:
        config.load({}, home=tmp_path)
    assert "COI_ENGINE_PASSWORD" in str(caught.value.remedy)
    assert "geheim" not in f"{caught.value} {caught.value.remedy}"
