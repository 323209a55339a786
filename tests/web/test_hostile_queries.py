"""Queries that mean harm, over HTTP: each gets an honest status in time, and harms nobody else."""

from __future__ import annotations

import contextlib
import gzip
import json
import os
import signal
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest
from live import (
    Got,
    all_workers,
    ask,
    burning,
    connect,
    fetch,
    query_workers,
    target,
    wait_until,
)
from web_answers import assert_problem

from environment import Server

DEADLINE = 0.6
MEMORY = 256 << 20
REFUSED = {400, 413}
STOPPED = {504, 507}
#: Its first megabyte may be there before the deadline: it is broken off then.
BROKEN = {-200, 504}

P = "<http://www.w3.org/2004/02/skos/core#broader>"
TYPE = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
CROSS = "?a ?b ?c . ?d ?e ?f"
# Works for hours and finds nothing.
ENDLESS = CROSS + " . ?g ?h ?i FILTER(?c = ?f && ?f = ?i && ?a = ?i && ?b = ?i)"


def nested(opening: str, inner: str, closing: str, depth: int) -> str:
    return opening * depth + inner + closing * depth


DOUBLING = "BIND('abcdefgh' AS ?x0) " + " ".join(
    f"BIND(CONCAT(?x{i}, ?x{i}) AS ?x{i + 1})" for i in range(40)
)
REPLACING = "'" + "a" * 40 + "'"
for _ in range(8):
    REPLACING = f"REPLACE({REPLACING}, 'a', '{'a' * 40}')"
COLUMNS = " ".join(f"VALUES ?v{i} {{ {' '.join(str(n) for n in range(1000))} }}" for i in range(10))
WORDS = " ".join(f"'{n}'" for n in range(8_000))

#: name → (query, statuses)
HOSTILE: dict[str, tuple[str, set[int]]] = {
    # products
    "cross product": (f"SELECT * {{ {ENDLESS} }}", STOPPED),
    "cross product, rows": (f"SELECT * {{ {CROSS} . ?g ?h ?i }}", BROKEN),
    "cross product, construct": (f"CONSTRUCT {{ ?a ?e ?i }} {{ {CROSS} . ?g ?h ?i }}", BROKEN),
    "cross product, ask": (f"ASK {{ {ENDLESS} }}", STOPPED),
    "cross product, describe": (f"DESCRIBE ?i {{ {ENDLESS} }}", STOPPED),
    "cross product, offset": (f"SELECT * {{ {CROSS} }} OFFSET 99999999999999", STOPPED),
    "cross product, order": (f"SELECT * {{ {CROSS} }} ORDER BY ?c ?f", STOPPED),
    "cross product, order and limit": (f"SELECT * {{ {CROSS} }} ORDER BY ?c ?f LIMIT 1", STOPPED),
    "cross product, distinct": (f"SELECT DISTINCT (STR(?c) AS ?x) {{ {CROSS} }}", STOPPED | BROKEN),
    "cross product, reduced": (
        f"SELECT (COUNT(*) AS ?n) {{ SELECT REDUCED ?a ?d {{ {CROSS} }} }}", STOPPED),
    "cross product, count distinct": (
        f"SELECT (COUNT(DISTINCT ?c) AS ?n) {{ {CROSS} }}", STOPPED),
    "cross product, group": (
        f"SELECT ?a ?d (MAX(?f) AS ?n) {{ {CROSS} }} GROUP BY ?a ?d", STOPPED),
    "cross product, group_concat": (f"SELECT (GROUP_CONCAT(STR(?c)) AS ?g) {{ {CROSS} }}", STOPPED),
    "cross product, having": (
        f"SELECT ?a {{ {CROSS} }} GROUP BY ?a HAVING (SUM(STRLEN(STR(?f))) < 0)", STOPPED),
    "cross product, random": (
        "SELECT (SUM(RAND()) AS ?n) (COUNT(DISTINCT ?u) AS ?m)"
        f" {{ {CROSS} BIND(UUID() AS ?u) }}", STOPPED),
    "cross product, subqueries": (
        "SELECT (COUNT(*) AS ?n) {"
        + " ".join(f"{{ SELECT ?s{i} {{ ?s{i} ?p{i} ?o{i} }} LIMIT 5000 }}" for i in range(9))
        + "}", STOPPED),
    "cross product, minus": (
        f"SELECT * {{ {CROSS} MINUS {{ ?a ?b ?c . ?d ?e ?f }} }}", STOPPED),
    "cross product, not exists": (
        f"SELECT * {{ {CROSS} FILTER NOT EXISTS {{ ?c ?g ?h . ?i ?j ?k FILTER(?k = ?h) }}"
        " FILTER(?b = ?d) }", STOPPED),
    "optional on optional": (
        "SELECT (COUNT(*) AS ?n) {"
        + " ".join(f"OPTIONAL {{ ?s{i} ?p{i} ?o{i} }}" for i in range(99)) + "}", STOPPED),
    "lateral": (
        "SELECT (COUNT(*) AS ?n) { ?a ?b ?c LATERAL { ?d ?e ?f } LATERAL { ?g ?h ?i } }",
        STOPPED | REFUSED),
    "values on values": (f"SELECT (COUNT(*) AS ?n) {{ {COLUMNS} }}", STOPPED),
    "a list of eight thousand words": (
        f"SELECT (COUNT(*) AS ?n) {{ {CROSS} FILTER(STR(?f) IN"
        f" ({WORDS.replace(' ', ', ')})) }}", STOPPED | REFUSED),
    # paths
    "unbounded path": (f"SELECT (COUNT(*) AS ?n) {{ ?a (!{P})* ?b }}", STOPPED),
    "unbounded path both ways": (f"SELECT (COUNT(*) AS ?n) {{ ?a (!{P}|!^{P})+ ?b }}", STOPPED),
    "path on path": (
        f"SELECT (COUNT(*) AS ?n) {{ ?a ((((!{P})*/(!^{P})*)*/(!{P})+)*)+ ?b }}", STOPPED),
    "path of zero length": (
        f"SELECT (COUNT(*) AS ?n) {{ ?a {P}? ?b . ?c {P}? ?d . ?e {P}* ?f }}", STOPPED),
    "long path": (f"ASK {{ ?s {'/'.join([P] * 1000)} ?o }}", REFUSED),
    "a hundred steps": (f"ASK {{ ?s {'/'.join([P] * 99)} ?o }}", STOPPED | {200}),
    "deep path": (f"ASK {{ ?s {nested('(', P, ')*', 5000)} ?o }}", REFUSED),
    "wide path": (f"SELECT * {{ ?s ({'|'.join([P] * 2000)})* ?o }}", REFUSED),
    # strings
    "doubling strings": (f"SELECT (STRLEN(?x40) AS ?n) {{ {DOUBLING} }}", STOPPED),
    "replacing": (f"SELECT (STRLEN({REPLACING}) AS ?x) {{}}", STOPPED),
    "a long separator": (
        "SELECT (STRLEN(GROUP_CONCAT(STR(?p); separator='" + "x" * 60_000 + "')) AS ?n)"
        " { ?s ?p ?o }", STOPPED),
    "regular expression": (
        f"SELECT (COUNT(*) AS ?n) {{ {CROSS} FILTER REGEX(CONCAT(STR(?c), STR(?f)),"
        " '(a|a|[a-z])*(e|s)*[0-9]{1,500}x{1,50}$') }", STOPPED),
    "regular expression that is compiled": (
        f"SELECT (COUNT(*) AS ?n) {{ {CROSS} FILTER REGEX(STR(?c), CONCAT('((a{{0,200}}){{0,200}}',"
        " STR(?f), ')')) }", STOPPED),
    "hashes": (
        "SELECT (COUNT(DISTINCT ?h) AS ?n)"
        f" {{ {CROSS} BIND(SHA512(CONCAT(STR(?a), STR(?d))) AS ?h) }}", STOPPED),
    # planning
    "three hundred patterns": (
        "SELECT * { " + " ".join(f"?x{i} {P} ?x{i + 1} ." for i in range(300)) + " }", REFUSED),
    "a hundred patterns in a chain": (
        "SELECT * { " + " ".join(f"?x{i} ?p{i} ?x{i + 1} ." for i in range(99)) + " }",
        STOPPED | BROKEN),
    "a hundred patterns in a clique": (
        "SELECT * { "
        + " ".join(f"?x{i} ?p{i}{j} ?x{j} ." for i in range(14) for j in range(i)) + " }",
        STOPPED | BROKEN | {200}),
    "a hundred patterns apart": (
        "SELECT (COUNT(*) AS ?n) { "
        + " ".join(f"?a{i} ?b{i} ?c{i} ." for i in range(99)) + " }", STOPPED),
    "a hundred patterns in groups": (
        "SELECT (COUNT(*) AS ?n) { "
        + " ".join(f"{{ ?a{i} ?b ?c{i} }}" for i in range(99)) + " }", STOPPED),
    "a thousand unions": (
        "SELECT (COUNT(*) AS ?n) { ?s ?p ?o "
        + " ".join(["{ {} UNION {} UNION {} }"] * 1000) + " }", STOPPED),
    # nesting
    "braces": ("SELECT * " + nested("{", "", "}", 2_240), REFUSED),
    "many braces": ("SELECT * " + nested("{", "", "}", 30_000), REFUSED),
    "open braces": ("{" * 60_000, REFUSED),
    "parentheses": ("SELECT * { FILTER" + nested("(", "1", ")", 30_000) + "}", REFUSED),
    "exists": ("SELECT * " + nested("{FILTER EXISTS", "{}", "}", 4_000), REFUSED),
    "ninety exists": (
        "SELECT (COUNT(*) AS ?n) { ?s ?p ?o "
        + nested("FILTER NOT EXISTS { ?s ?p ?o . ?x ?y ?z ", "", "}", 45) + "}",
        STOPPED | {200}),
    "not": ("ASK { FILTER(" + "!" * 60_000 + "1)}", REFUSED),
    "minus": ("ASK { FILTER(" + "- " * 30_000 + "1)}", REFUSED),
    "optionals": ("SELECT * {" + nested("OPTIONAL{", "", "}", 6_500) + "}", REFUSED),
    "blank nodes": ("SELECT * {" + nested("?s ?p [", "", "]", 8_000) + "}", REFUSED),
    "collections": ("SELECT * {?s ?p " + nested("(", "", ")", 30_000) + "}", REFUSED),
    "triple terms": ("SELECT * {?s ?p " + nested("<<(", "", ")>>", 9_000) + "}", REFUSED),
    "subqueries": ("SELECT * " + nested("{SELECT*", "{}", "}", 6_000), REFUSED),
    "functions": ("SELECT (" + nested("STR(", "1", ")", 9_000) + " AS ?x) {}", REFUSED),
    # many of one thing
    "ninety unions": (
        "SELECT (COUNT(*) AS ?n) { "
        + " ".join(["{ ?s ?p ?o } UNION { ?s ?p ?o }"] * 45) + " }", STOPPED),
    "ninety unions deep": (
        "SELECT (COUNT(*) AS ?n) " + nested("{ { ?s ?p ?o } UNION ", "{}", "}", 95),
        STOPPED | {200}),
    "ninety optionals deep": (
        "SELECT (COUNT(*) AS ?n) { ?s ?p ?o " + nested("OPTIONAL { ?s ?p ?o ", "", "}", 95) + "}",
        STOPPED),
    "ninety subqueries deep": (
        "SELECT * " + nested("{ SELECT * ", "{ ?s ?p ?o . ?a ?b ?c }", "}", 95), BROKEN),
    "forty laterals deep": (
        "SELECT (COUNT(*) AS ?n) { ?s ?p ?o " + nested("LATERAL { ?s ?x ?y ", "", "}", 40) + "}",
        STOPPED),
    "six thousand iris": (
        f"SELECT (COUNT(*) AS ?n) {{ {CROSS} FILTER(?a IN"
        f" ({', '.join(f'<x:{n}>' for n in range(6_000))})) }}", STOPPED),
    "six thousand alternatives": (
        f"SELECT (COUNT(*) AS ?n) {{ {CROSS} FILTER("
        + "||".join(f"?a = {n}" for n in range(5_000)) + ") }", STOPPED),
    "two thousand filters": (
        f"SELECT (COUNT(*) AS ?n) {{ {CROSS} "
        + " ".join(f"FILTER(?a != <x:{n}>)" for n in range(2_000)) + " }", STOPPED),
    "two thousand bindings": (
        "SELECT (COUNT(*) AS ?n) { ?s ?p ?o "
        + " ".join(f"BIND(STR(?s) AS ?b{n})" for n in range(2_000)) + " }", STOPPED),
    "thirty thousand sums": (f"SELECT ({'+'.join(['1'] * 30_000)} AS ?n) {{}}", STOPPED | {200}),
    "nine hundred aggregates": (
        "SELECT " + " ".join(f"(COUNT(DISTINCT CONCAT(STR(?s), '{n}')) AS ?n{n})"
                             for n in range(900)) + " { ?s ?p ?o }", STOPPED),
    "nine hundred sort keys": (
        "SELECT ?s { ?s ?p ?o } ORDER BY "
        + " ".join(f"SHA512(CONCAT(STR(?o), '{n}'))" for n in range(900)), STOPPED),
    "nine thousand variables": (
        f"SELECT {' '.join(f'?v{n}' for n in range(9_000))} {{ ?s ?p ?o }}", STOPPED | BROKEN),
    "a template of three thousand": (
        f"CONSTRUCT {{ {' . '.join(f'?s <x:{n}> ?o' for n in range(3_000))} }} {{ ?s ?p ?o }}",
        STOPPED | BROKEN),
    "a template of blank nodes": (
        "CONSTRUCT { " + " . ".join(f"[] <x:{n}> [ <x:a> [ <x:b> ?o ] ]" for n in range(900))
        + f" }} {{ {CROSS} }}", STOPPED | BROKEN),
    "a path of many steps back": (
        f"SELECT (COUNT(*) AS ?n) {{ ?s {nested('(', f'!{P}', f'*/(!{P})?)', 15)} ?o }}", STOPPED),
    "replacing by itself": (
        "SELECT (STRLEN(" + nested("REPLACE(", "?t", f", '.', '{'$0' * 20}')", 6) + ") AS ?n)"
        " { ?s ?p ?o BIND(STR(?o) AS ?t) }", STOPPED),
    "doubling for each row": (
        "SELECT (SUM(STRLEN(?x14)) AS ?n) { ?s ?p ?o BIND(STR(?o) AS ?x0) " + " ".join(
            f"BIND(CONCAT(?x{i}, ?x{i}) AS ?x{i + 1})" for i in range(14)) + " }", STOPPED),
    "concatenating what was concatenated": (
        "SELECT (STRLEN(GROUP_CONCAT(?g)) AS ?n) {"
        " { SELECT (GROUP_CONCAT(STR(?o)) AS ?g) { ?s ?p ?o } } ?x ?y ?z }", STOPPED),
    "an order by digests": (
        f"SELECT ?a {{ {CROSS} }} ORDER BY SHA512(CONCAT(STR(?a), STR(?f))) LIMIT 5", STOPPED),
    "the largest limit and offset": (
        "SELECT * { ?s ?p ?o } ORDER BY ?s LIMIT 18446744073709551615 OFFSET 18446744073709551615",
        STOPPED | {200}),
    "a hundred thousand million years": (
        'SELECT ("99999999999-01-01T00:00:00Z"^^<http://www.w3.org/2001/XMLSchema#dateTime> -'
        ' "-9999999-01-01T00:00:00Z"^^<http://www.w3.org/2001/XMLSchema#dateTime> AS ?x) {}',
        {200}),
    # reading
    "nothing but space": (" \n" * 32_000, REFUSED),
    "nothing but comments": ("#\n" * 32_000, REFUSED),
    "nothing but quotes": ("'" * 64_000, REFUSED),
    "nothing but backslashes": ("\\" * 64_000, REFUSED),
    "nothing but less-than": ("SELECT * { FILTER(1" + "<" * 60_000, REFUSED),
    "nothing but question marks": ("?" * 64_000, REFUSED),
    "a string that does not end": ("ASK { ?s ?p '''" + "''\\\\" * 15_000, REFUSED),
    "a name that does not end": ("ASK { x:" + "a." * 30_000 + "}", REFUSED),
    "an iri that does not end": ("ASK { <" + "a" * 60_000, REFUSED),
    "a million bytes": ("ASK {" + " " * 1_000_000 + "}", REFUSED),
        "a null character": ("ASK { ?s ?p '\0' }", REFUSED),
    "unknown escape": ("ASK { ?s ?p '\\U00110000' }", REFUSED),
    "an escaped keyword": ("S\\u0045LECT * { \\u0053ERVICE <http://127.0.0.1:9/> {} }", REFUSED),
    "an escaped brace": ("ASK \\u007B \\u007D", REFUSED),
    "an update": ("INSERT DATA { <x:a> <x:b> <x:c> }", REFUSED),
    "an update behind a query": ("ASK {} ; DROP ALL", REFUSED),
    "a function of nobody": ("SELECT (<http://127.0.0.1:9/f>(1) AS ?x) {}", REFUSED),
    "a large limit": ("SELECT * { ?s ?p ?o } LIMIT 99999999999999999999999", REFUSED),
}  # fmt: skip


@pytest.fixture(scope="module")
def small(home: Path, start_server: Callable[..., Server]) -> Server:
    """One web process with two query processes, and little of everything."""
    return start_server(
        home,
        COI_QUERY_TIMEOUT=str(DEADLINE),
        COI_QUERY_MEMORY=str(MEMORY),
        COI_WEB_WORKERS="1",
        COI_CLIENT_SECONDS="0",
    )


def next_answer(server: Server) -> Got:
    """The first answer that another client gets, uncached."""
    return ask(server, f"ASK {{}} #{time.monotonic_ns()}", client="127.0.0.2")


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_query_gets_an_honest_status_and_harms_nobody(small: Server, name: str) -> None:
    query, statuses = HOSTILE[name]
    got = ask(small, query, "*/*")
    assert got.seconds < DEADLINE + 1
    assert (-got.status if got.broken else got.status) in statuses
    if got.status != 200:
        assert_problem(got.problem(), got.status)
    following = next_answer(small)
    assert following.status == 200
    assert following.seconds < 0.5
    assert wait_until(lambda: burning(small, 0.05) <= 0.01, 1)  # a new worker takes a moment


@pytest.mark.parametrize(
    ("path", "statuses"),
    [
        ("/sparql?query=ASK%20%7B%20%3Fs%20%3Fp%20%22%ED%A0%80%22%7D", {400}),  # a lone surrogate
        ("/sparql?query=%FF%FE%00", {400}),
        ("/sparql?query=" + "%20" * 20_000 + "x", {400}),
        ("/sparql?query=" + "a" * 70_000, {400, 414, 431}),
        ("/sparql?query=ASK%7B%7D&" + "a&" * 9_000, {200}),
        ("/sparql?query=ASK%7B%7D&query=ASK%7B%7D", {400}),
        ("/sparql?query=ASK%7B%7D&release=" + "9" * 5_000, {400}),
        ("/sparql?query=ASK%7B%7D&release=%C2%B2", {400}),
        ("/sparql?query=ASK%7B%7D&default-graph-uri=" + "x" * 30_000, {400}),
        ("/sparql?query=ASK%7B%7D&format=" + "x" * 30_000, {400}),
        ("/%FF%00%ED%A0%80", {404}),
        ("/doc/%FF%00", {404}),
        ("/doc/" + "a/" * 20_000, {404, 414}),
    ],
    ids=lambda value: value[:48] if isinstance(value, str) else None,
)  # fmt: skip
def test_a_hostile_address_gets_an_honest_status(
    small: Server, path: str, statuses: set[int]
) -> None:
    got = fetch(small, path)
    assert got.status in statuses
    assert got.seconds < 1
    assert next_answer(small).status == 200


@pytest.mark.parametrize(
    ("headers", "body", "statuses"),
    [
        ({"Content-Type": "application/sparql-query"}, b"ASK { ?s ?p '\xff' }", {400}),
        ({"Content-Type": "application/sparql-query"}, b" " * 3_000_000, {413}),
        ({"Content-Type": "application/sparql-query; charset=utf-7"}, b"ASK {}", {400}),
        ({"Content-Type": "application/x-www-form-urlencoded"}, b"a&" * 400_000, {400, 413}),
        ({"Content-Type": "application/x-www-form-urlencoded"}, b"query=%FF", {400}),
        ({"Content-Type": "multipart/form-data; boundary=x"}, b"--x--", {415}),
        ({"Content-Type": "application/sparql-update"}, b"DROP ALL", {415}),
        ({"Content-Type": ""}, b"ASK {}", {415}),
        (
            {"Content-Type": "application/sparql-query", "Content-Encoding": "gzip"},
            gzip.compress(b"ASK {}", mtime=0),  # the same name of the test in each process
            {415},
        ),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_hostile_body_gets_an_honest_status(
    small: Server, headers: dict[str, str], body: bytes, statuses: set[int]
) -> None:
    got = fetch(small, "/sparql", method="POST", body=body, headers=headers)
    assert got.status in statuses
    assert got.seconds < 1
    assert_problem(got.problem(), got.status)
    assert next_answer(small).status == 200


def test_a_chunked_body_is_read_and_has_its_limit(small: Server) -> None:
    def send(blocks: int) -> int:
        with contextlib.closing(connect(small)) as connection:
            headers = {"Content-Type": "application/sparql-query", "Transfer-Encoding": "chunked"}
            body = iter([b"ASK {", *[b" " * 50_000] * blocks, b"}"])
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                connection.request("POST", "/sparql", body, headers, encode_chunked=True)
            return connection.getresponse().status

    assert send(1) == 200
    assert send(2) == 400  # more than 64 KB of query
    assert send(40) == 413


@pytest.mark.parametrize(
    "body",
    [b"ZZ\r\nASK {}\r\n", b"-6\r\nASK {}\r\n0\r\n\r\n", b"ffffffffffffffffff\r\nASK {}\r\n"],
)
def test_a_body_that_is_no_http_is_the_clients_error(small: Server, body: bytes) -> None:
    head = (
        b"POST /sparql HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n"
        b"Content-Type: application/sparql-query\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", urlsplit(small.url).port or 0), 5) as client:
        client.sendall(head + body)
        assert client.recv(1000).startswith(b"HTTP/1.1 400 ")
    assert next_answer(small).status == 200


def test_the_server_has_lost_none_of_its_processes(small: Server) -> None:
    assert small.process.poll() is None
    assert wait_until(lambda: [len(w) for w in query_workers(small).values()] == [2], 2)


# --- the client goes -------------------------------------------------------------------------


@pytest.fixture(scope="module")
def patient(home: Path, start_server: Callable[..., Server]) -> Server:
    """A deadline far away: what stops early is stopped by something else."""
    return start_server(
        home,
        COI_QUERY_TIMEOUT="60",
        COI_QUERY_RESULT_BYTES=str(1 << 40),
        COI_WEB_WORKERS="1",
        COI_QUERY_WORKERS="3",
        COI_CLIENT_SECONDS="0",
    )


@contextlib.contextmanager
def running(server: Server, query: str, client: str = "127.0.0.1") -> Iterator[socket.socket]:
    """A query that has been asked, and whose answer nobody has read."""
    with contextlib.closing(connect(server, client)) as connection:
        connection.request("GET", target(query), headers={"Accept": "text/csv"})
        assert connection.sock is not None
        yield connection.sock


def test_a_query_stops_when_its_client_has_gone(patient: Server) -> None:
    with running(patient, f"SELECT * {{ {ENDLESS} }}"):
        assert wait_until(lambda: burning(patient) > 0.02, 10)
    assert wait_until(lambda: burning(patient) <= 0.01, 2)


def test_a_stream_stops_when_its_client_has_gone(patient: Server) -> None:
    with running(patient, f"SELECT * {{ {CROSS} . ?g ?h ?i }}") as connection:
        assert connection.recv(1 << 16).startswith(b"HTTP/1.1 200")
        assert wait_until(lambda: burning(patient) > 0.02, 10)
    assert wait_until(lambda: burning(patient) <= 0.01, 2)


def test_a_query_in_the_queue_is_not_begun_when_its_client_has_gone(patient: Server) -> None:
    query = f"SELECT * {{ {ENDLESS} }}"
    with contextlib.ExitStack() as clients:
        for number in range(2, 5):  # three workers, two of them for one client
            clients.enter_context(running(patient, query, f"127.0.0.{number}"))
        assert wait_until(lambda: burning(patient) > 0.02, 10)
        for number in range(5, 15):
            with running(patient, query, f"127.0.0.{number}"):
                time.sleep(0.15)
    assert wait_until(lambda: burning(patient) <= 0.01, 2)
    assert next_answer(patient).seconds < 0.5


def test_a_query_that_ends_its_process_is_not_our_500(patient: Server) -> None:
    for number in (signal.SIGSEGV, signal.SIGABRT):
        with contextlib.closing(connect(patient)) as connection:
            connection.request("GET", target(f"SELECT * {{ {ENDLESS} }} #{number}"))
            assert wait_until(lambda: burning(patient) > 0.02, 10)
            killed = all_workers(patient)
            for pid in killed:
                os.kill(pid, number)
            response = connection.getresponse()
            assert response.status == 422
            assert_problem(json.loads(response.read()), 422)
        # None may be given the next query before the pool has seen it die.
        assert wait_until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in killed), 10)  # noqa: B023
        assert next_answer(patient).status == 200


# --- the network -----------------------------------------------------------------------------


def test_nothing_of_a_query_opens_a_connection(small: Server) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        listener.settimeout(0.3)
        port = listener.getsockname()[1]
        url = f"http://127.0.0.1:{port}/x"
        escaped = f"http\\u003A//127.0.0.1:{port}/x"
        service = "{ ?s ?p ?o }"
        for query in (
            f"SELECT * {{ SERVICE <{url}> {service} }}",
            f"SELECT * {{ SERVICE SILENT <{url}> {service} }}",
            f"SELECT * {{ SERVICESILENT<{url}>{service} }}",
            f"SELECT * {{ BIND(true AS ?t) FILTER(true)SERVICE<{url}>{service} }}",
            f"SELECT * {{ \\u0053ERVICE <{url}> {service} }}",
            f"SELECT * {{ SERVICE <{escaped}> {service} }}",
            f"SELECT * {{ BIND(<{url}> AS ?x) SERVICE ?x {service} }}",
            f"SELECT * {{ ?s ?p ?o FILTER EXISTS {{ SERVICE <{url}> {service} }} }}",
            f"PREFIX x: <{url}> SELECT * {{ SERVICE x: {service} }}",
            f"PREFIX serviceex: <{url}> SELECT * {{ serviceex:x {service} }}",
            f"BASE <{url}> SELECT * {{ SERVICE <> {service} }}",
            f"LOAD <{url}>",
            f"LOAD SILENT <{url}> INTO GRAPH <x:g>",
            f"SELECT * FROM <{url}> {{ ?s ?p ?o }}",
            f"SELECT * FROM NAMED <{url}> {{ GRAPH ?g {service} }}",
            f"BASE <{url}> SELECT * FROM <> {{ ?s ?p ?o }}",
            f"SELECT * FROM <{escaped}> {{ ?s ?p ?o }}",
            "SELECT * FROM <file:///etc/passwd> { ?s ?p ?o }",
            f"DESCRIBE <{url}> FROM <{url}>",
        ):
            assert ask(small, query, "*/*").status == 400, query
        for name in ("default-graph-uri", "named-graph-uri"):
            path = f"{target('ASK {}')}&{name}={quote(url, safe='')}"
            assert fetch(small, path).status == 400
        for name in ("using-graph-uri", "using-named-graph-uri", "graph", "service", "engine"):
            fetch(small, f"{target('ASK {}')}&{name}={quote(url, safe='')}")
        # what names it and does not ask for it
        assert ask(small, f"DESCRIBE <{url}>", "*/*").status == 200
        assert ask(small, f"SELECT * {{ GRAPH <{url}> {service} }}").body.count(b"\n") == 1
        with pytest.raises(TimeoutError):
            listener.accept()
        with socket.create_connection(listener.getsockname()):
            listener.accept()[0].close()  # it could have been reached
