"""The pool with real processes: limits that hold, honest errors, nothing left behind."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest

from coi_graph.errors import CoiError, ReleaseCorrupt
from coi_graph.query.answer import Answer
from coi_graph.query.errors import (
    Overloaded,
    QueryCrashed,
    QueryFailed,
    QueryOutOfMemory,
    QueryRejected,
    QuerySyntaxError,
    QueryTimeout,
)
from coi_graph.query.guard import check
from coi_graph.query.pool import QueryRequest, WorkerPool
from coi_graph.query.store_size import size_of

QUADS = 100_000
DEADLINE = 2.0
MEMORY = 256 << 20
RESULTS = "application/sparql-results+json"
EVERYTHING = "SELECT * { ?s ?p ?o }"
# Works for hours and writes almost nothing.
ENDLESS = "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i FILTER(?c = ?f && ?f = ?i && ?a = ?i) }"
# Writes its first megabyte at once and the rest for hours.
ENDLESS_ROWS = "SELECT * { ?a ?b ?c . ?d ?e ?f }"


@pytest.fixture(scope="module")
def store_path(tmp_path_factory: pytest.TempPathFactory) -> str:
    """100,000 quads in 40 graphs: chains, so that paths have somewhere to go."""
    path = tmp_path_factory.mktemp("store") / "store"
    store = ox.Store(str(path))
    lines = (
        f"<http://e/s{i // 8}> <http://e/p{i % 8}> <http://e/s{i * 7919 % (QUADS // 8)}>"
        f" <http://g/{i % 40}> .\n"
        for i in range(QUADS)
    )
    store.bulk_load("".join(lines).encode(), format=ox.RdfFormat.N_QUADS)
    store.flush()
    del store
    return str(path)


@pytest.fixture(scope="module")
def ask(store_path: str) -> Callable[..., QueryRequest]:
    def request(query: str, media_type: str = RESULTS, **options: Any) -> QueryRequest:
        options.setdefault("expected_bytes", size_of(store_path))
        options.setdefault("store_path", store_path)
        return QueryRequest(query=query, media_type=media_type, **options)

    return request


@pytest.fixture(scope="module")
def pool() -> Iterator[WorkerPool]:
    with WorkerPool(size=2, timeout=DEADLINE, memory_bytes=MEMORY) as shared_pool:
        yield shared_pool


@pytest.fixture(scope="module")
def patient() -> Iterator[WorkerPool]:
    """For what is not about deadlines, on a machine that has other things to do."""
    with WorkerPool(size=1, timeout=60, memory_bytes=MEMORY) as patient_pool:
        yield patient_pool


Ask = Callable[..., QueryRequest]


def rows(answer: Answer) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(b"".join(answer))["results"]["bindings"]
    return found


def is_running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


def wait_until(condition: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


# --- answers ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "media_type", "holds"),
    [
        ("SELECT ?o { <http://e/s0> <http://e/p1> ?o }", RESULTS, b'"value":"http://e/s7919"'),
        ("SELECT ?o { <http://e/s0> <http://e/p1> ?o }", "text/csv", b"o\r\nhttp://e/s7919\r\n"),
        (
            "SELECT ?o { <http://e/s0> <http://e/p1> ?o }",
            "text/tab-separated-values",
            b"?o\n<http://e/s7919>\n",
        ),
        (
            "SELECT ?o { <http://e/s0> <http://e/p1> ?o }",
            "application/sparql-results+xml",
            b"<uri>http://e/s7919</uri>",
        ),
        ("ASK { <http://e/s0> ?p ?o }", RESULTS, b'"boolean":true'),
        ("ASK { <http://e/none> ?p ?o }", "application/sparql-results+xml", b">false<"),
        (
            "CONSTRUCT WHERE { <http://e/s0> <http://e/p1> ?o }",
            "application/n-triples",
            b"<http://e/s0> <http://e/p1> <http://e/s7919> .\n",
        ),
        ("DESCRIBE <http://e/s0>", "text/turtle", b"<http://e/p1> <http://e/s7919>"),
    ],
)
def test_answers_in_every_form(
    pool: WorkerPool, ask: Ask, query: str, media_type: str, holds: bytes
) -> None:
    answer = pool.execute(ask(query, media_type))
    assert holds in (answer.complete or b"")
    assert answer.media_type == media_type
    assert not answer.truncated


def test_the_dataset_is_the_union_or_what_is_named(pool: WorkerPool, ask: Ask) -> None:
    def count(pattern: str, **graphs: list[str]) -> int:
        answer = pool.execute(ask(f"SELECT (COUNT(*) AS ?n) {{ {pattern} }}", **graphs))
        return int(rows(answer)[0]["n"]["value"])

    one, each = "http://g/1", QUADS // 40
    assert count("?s ?p ?o") == QUADS
    assert count("GRAPH ?g { ?s ?p ?o }") == QUADS
    assert count("?s ?p ?o", default_graphs=[one]) == each
    assert count("?s ?p ?o", default_graphs=[one, "http://g/2"]) == 2 * each
    assert count("GRAPH ?g { ?s ?p ?o }", default_graphs=[one]) == 0
    assert count("?s ?p ?o", named_graphs=[one]) == 0
    assert count("GRAPH ?g { ?s ?p ?o }", default_graphs=[], named_graphs=[one]) == each
    assert count("?s ?p ?o", default_graphs=["http://g/none"]) == 0


def test_a_from_clause_counts_through_the_guard(pool: WorkerPool, ask: Ask) -> None:
    checked = check("SELECT (COUNT(*) AS ?n) FROM <http://g/1> { ?s ?p ?o }")
    answer = pool.execute(
        ask(
            checked.text,
            default_graphs=checked.default_graphs,
            named_graphs=checked.named_graphs,
        )
    )
    assert rows(answer)[0]["n"]["value"] == str(QUADS // 40)


@pytest.mark.parametrize(
    ("query", "line", "column", "words"),
    [
        ("SELECT * WHERE { ?s ?p }", 1, 24, "unexpected }"),
        ("SELECT * {\n  ?s ?p ?o .\n  FILTR(?s) }", 3, 3, "unexpected FILTR"),
        ("SELECT * { ?s ?p ?o }\nLIMIT ten", 2, 7, "unexpected ten"),
        ("SELECT * { ?s ?p ?o } ORDER ?s", 1, 29, "unexpected ?s"),
        ("CONSTRUCT { ?s ?p } WHERE { ?s ?p ?o }", 1, 19, "unexpected }"),
        ("SELECT * { ?s ?p ?o # done\n", 1, 10, "{ is not closed"),
        ("SELECT * { ?s ?p ?o }\nLIMIT # ten\n", 2, 12, "ends too early"),
        ("ASK { ?s <p> ?o }", 1, 10, "no valid IRI"),
        ("SELECT ?s { ?s ?p ?o } GROUP BY ?p", 1, 35, "grouped by"),
    ],
)
def test_a_syntax_error_has_its_place(
    pool: WorkerPool, ask: Ask, query: str, line: int, column: int, words: str
) -> None:
    with pytest.raises(QuerySyntaxError) as caught:
        pool.execute(ask(query))
    assert (caught.value.line, caught.value.column) == (line, column)
    assert words in str(caught.value)


def test_a_base_iri_holds_for_the_place_of_an_error_too(pool: WorkerPool, ask: Ask) -> None:
    base = "http://e/"
    assert pool.execute(ask("ASK { <s0> <p1> <s7919> }", base_iri=base)).complete == (
        b'{"head":{},"boolean":true}'
    )
    with pytest.raises(QuerySyntaxError) as caught:
        pool.execute(ask("ASK { <s0> <p1> }", base_iri=base))
    assert (caught.value.line, caught.value.column) == (1, 17)


def test_other_refusals_of_the_engine(pool: WorkerPool, ask: Ask) -> None:
    with pytest.raises(QueryRejected, match="custom function"):
        pool.execute(ask("SELECT (<http://e/f>(1) AS ?x) {}"))
    with pytest.raises(QueryRejected, match="cannot be written as text/csv"):
        pool.execute(ask("CONSTRUCT WHERE { ?s ?p ?o }", "text/csv"))


def test_a_store_that_is_not_what_the_manifest_says(
    pool: WorkerPool, ask: Ask, tmp_path: Path
) -> None:
    with pytest.raises(ReleaseCorrupt, match="bytes instead of 7"):
        pool.execute(ask("ASK {}", expected_bytes=7))
    with pytest.raises(ReleaseCorrupt):
        pool.execute(ask("ASK {}", store_path=str(tmp_path / "none")))
    assert pool.execute(ask("ASK {}")).complete


# --- large answers ---------------------------------------------------------------------------


def test_a_large_answer_is_the_engines_own(patient: WorkerPool, ask: Ask, store_path: str) -> None:
    query = "SELECT ?s ?o { ?s <http://e/p1> ?o } ORDER BY ?s ?o"
    answer = patient.execute(ask(query))
    assert answer.complete is None  # it has been spooled
    results = ox.Store.read_only(store_path).query(query, use_default_graph_as_union=True)
    assert isinstance(results, ox.QuerySolutions)
    assert b"".join(answer) == results.serialize(format=ox.QueryResultsFormat.JSON)
    assert not answer.truncated


CAP = 2_000_000


@pytest.fixture(scope="module")
def capped() -> Iterator[WorkerPool]:
    with WorkerPool(size=1, timeout=20, memory_bytes=MEMORY, max_result_bytes=CAP) as small:
        yield small


def strict_csv(body: bytes, delimiter: str) -> object:
    return list(csv.reader(io.StringIO(body.decode()), delimiter=delimiter, strict=True))


@pytest.mark.parametrize(
    ("media_type", "parse"),
    [
        (RESULTS, json.loads),
        ("application/sparql-results+xml", ElementTree.fromstring),
        ("text/csv", lambda body: strict_csv(body, ",")),
        ("text/tab-separated-values", lambda body: strict_csv(body, "\t")),
        ("application/n-triples", lambda b: list(ox.parse(b, format=ox.RdfFormat.N_TRIPLES))),
        ("text/turtle", lambda b: list(ox.parse(b, format=ox.RdfFormat.TURTLE))),
        ("application/rdf+xml", lambda b: list(ox.parse(b, format=ox.RdfFormat.RDF_XML))),
        ("application/ld+json", lambda b: list(ox.parse(b, format=ox.RdfFormat.JSON_LD))),
    ],
)
def test_a_cut_answer_is_marked_and_no_parser_takes_it_for_whole(
    capped: WorkerPool, ask: Ask, media_type: str, parse: Callable[[bytes], object]
) -> None:
    graph = media_type not in (RESULTS, "application/sparql-results+xml") and (
        not media_type.startswith("text/") or media_type == "text/turtle"
    )
    query = "CONSTRUCT WHERE { ?s ?p ?o }" if graph else EVERYTHING
    answer = capped.execute(ask(query, media_type))
    body = b"".join(answer)
    assert answer.truncated
    assert b"TRUNCATED" in body.splitlines()[-1]
    assert CAP - 100_000 < len(body) < CAP + 200
    with pytest.raises((ValueError, SyntaxError, csv.Error)):
        parse(body)
    if media_type in ("text/csv", "text/tab-separated-values", "application/n-triples"):
        parse(b"\n".join(body.splitlines()[:-1]) + b"\n")  # up to there it holds whole records


def test_a_cut_within_the_first_megabyte_is_known_at_once(ask: Ask) -> None:
    with WorkerPool(size=1, timeout=20, memory_bytes=MEMORY, max_result_bytes=5_000) as small:
        answer = small.execute(ask(EVERYTHING, "text/csv"))
        assert answer.truncated
        assert len(answer.complete or b"") < 5_200
        whole = small.execute(ask("SELECT * { ?s ?p ?o } LIMIT 10", "text/csv"))
        assert not whole.truncated
        assert small.execute(ask(EVERYTHING + " LIMIT 10", "text/csv", max_bytes=300)).truncated


def test_a_cut_csv_ends_with_a_record_though_fields_have_lines(ask: Ask) -> None:
    text = "\\n".join(["line"] * 10)
    query = f'SELECT ?s ("{text}" AS ?t) {{ ?s ?p ?o }}'
    with WorkerPool(size=1, timeout=20, memory_bytes=MEMORY, max_result_bytes=1_500_000) as small:
        body = b"".join(small.execute(ask(query, "text/csv")))
    kept, mark = body.rsplit(b'"TRUNCATED', 1)
    assert mark.startswith(b": this answer was cut at 1500000 bytes")
    parsed = list(csv.reader(io.StringIO(kept.decode(), newline=""), strict=True))
    assert {len(row) for row in parsed} == {2}
    assert {row[1].count("\n") for row in parsed[1:]} == {9}


# --- hostile queries -------------------------------------------------------------------------

DOUBLING = "BIND('abcdefgh' AS ?x0) " + " ".join(
    f"BIND(CONCAT(?x{i}, ?x{i}) AS ?x{i + 1})" for i in range(40)
)
REPLACING = "'" + "a" * 40 + "'"
for _ in range(8):
    REPLACING = f"REPLACE({REPLACING}, 'a', '{'a' * 40}')"

#: (query, what the pool may answer, whether the guard lets it pass)
HOSTILE: dict[str, tuple[str, tuple[type[CoiError], ...], bool]] = {
    "cross product": (ENDLESS, (QueryTimeout,), True),
    "sorted cross product": (
        "SELECT * { ?a ?b ?c . ?d ?e ?f } ORDER BY ?c ?f",
        (QueryOutOfMemory, QueryTimeout),
        True,
    ),
    "distinct cross product": (
        "SELECT (COUNT(*) AS ?n) { SELECT DISTINCT ?a ?d ?c { ?a ?b ?c . ?d ?e ?f } }",
        (QueryOutOfMemory, QueryTimeout),
        True,
    ),
    "grouped cross product": (
        "SELECT (GROUP_CONCAT(?c) AS ?g) { ?a ?b ?c . ?d ?e ?f }",
        (QueryOutOfMemory, QueryTimeout),
        True,
    ),
    "unbounded path": (
        "SELECT (COUNT(*) AS ?n) { ?a (<http://e/p1>|<http://e/p2>|!<http://e/x>)* ?b }",
        (QueryOutOfMemory, QueryTimeout),
        True,
    ),
    "doubling strings": (
        f"SELECT (STRLEN(?x40) AS ?n) {{ {DOUBLING} }}",
        (QueryOutOfMemory, QueryTimeout),
        True,
    ),
    "replacing": (f"SELECT ({REPLACING} AS ?x) {{}}", (QueryOutOfMemory, QueryTimeout), True),
    "regex": (
        "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f"
        " FILTER REGEX(CONCAT(STR(?c), STR(?f)), '(a|a|[a-z])*(e|s)*[0-9]{1,500}x{1,50}$') }",
        (QueryOutOfMemory, QueryTimeout),
        True,
    ),
    "300 patterns": (
        "SELECT (COUNT(*) AS ?n) { "
        + " ".join(f"?x{i} <http://e/p{i % 8}> ?x{i + 1} ." for i in range(300))
        + " }",
        (QueryTimeout, QueryOutOfMemory),
        False,
    ),
    "long path": (
        "ASK { ?s " + "/".join(["<http://e/p1>"] * 4_000) + " ?o }",
        (QueryTimeout, QueryCrashed),
        False,
    ),
    "long sum": (f"SELECT (1{'+1' * 30_000} AS ?x) {{}}", (QueryTimeout,), True),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_query_gets_an_honest_error_and_the_next_one_its_answer(
    pool: WorkerPool, ask: Ask, name: str
) -> None:
    query, allowed, passes = HOSTILE[name]
    if passes:
        assert check(query).text == query
    else:
        with pytest.raises(QueryRejected):
            check(query)
    started = time.monotonic()
    with pytest.raises(allowed):
        b"".join(pool.execute(ask(query)))
    assert time.monotonic() - started < DEADLINE + 1
    again = time.monotonic()
    assert pool.execute(ask("ASK {}")).complete
    assert time.monotonic() - again < 0.5


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * " + "{" * 2_240 + "}" * 2_240,
        "SELECT * " + "{" * 20_000 + "}" * 20_000,
        "SELECT * {" + "OPTIONAL{" * 6_500 + "}" * 6_501,
        "SELECT * { FILTER(" + "(" * 30_000 + "1" + ")" * 30_000 + ")}",
        "SELECT * { FILTER(" + "!" * 60_000 + "1)}",
        "SELECT * {" + "FILTER EXISTS {" * 4_000 + "}" * 4_001,
        "SELECT * {" + "?s ?p [" * 8_000 + "]" * 8_000 + "}",
        "SELECT * {?s ?p " + "(" * 30_000 + ")" * 30_000 + "}",
        "SELECT * {?s ?p " + "<<" * 15_000 + ">>" * 15_000 + "}",
    ],
    ids=lambda query: query[9:30],
)
def test_deep_nesting_is_refused_and_survived_without_the_guard(
    pool: WorkerPool, ask: Ask, query: str
) -> None:
    with pytest.raises(QueryRejected, match="nested"):
        check(query)
    started = time.monotonic()
    with contextlib.suppress(QueryTimeout, QueryOutOfMemory, QuerySyntaxError, QueryRejected):
        b"".join(pool.execute(ask(query)))
    assert time.monotonic() - started < DEADLINE + 1
    again = time.monotonic()
    assert pool.execute(ask("ASK {}")).complete
    assert time.monotonic() - again < 0.5


def test_a_failure_after_the_first_megabyte_breaks_the_stream(pool: WorkerPool, ask: Ask) -> None:
    started = time.monotonic()
    answer = pool.execute(ask(ENDLESS_ROWS + " LIMIT 1000000000"))
    assert time.monotonic() - started < DEADLINE  # before the engine is done
    body = answer.body()
    assert sum(len(next(body)) for _ in range(16)) >= 1 << 20
    with pytest.raises(QueryTimeout):
        b"".join(body)
    assert time.monotonic() - started < DEADLINE + 1


def test_memory_ends_before_time_does(patient: WorkerPool, ask: Ask) -> None:
    with pytest.raises(QueryOutOfMemory) as caught:
        patient.execute(ask("SELECT * { ?a ?b ?c . ?d ?e ?f } ORDER BY ?c ?f"))
    assert caught.value.status == 507
    assert "256 MiB" in str(caught.value)
    assert patient.execute(ask("ASK {}")).complete


def test_a_killed_worker_is_told_apart_and_replaced(ask: Ask) -> None:
    with WorkerPool(size=1, timeout=20, memory_bytes=MEMORY) as small:
        assert small.execute(ask("ASK {}")).complete
        for number, expected in [
            (signal.SIGSEGV, QueryCrashed),
            (signal.SIGKILL, QueryOutOfMemory),
        ]:
            assert wait_until(lambda: len(small.process_ids) == 1, 2)
            pid = small.process_ids[0]
            threading.Timer(0.3, os.kill, (pid, number)).start()
            with pytest.raises(expected):
                small.execute(ask(ENDLESS))
            assert small.execute(ask("ASK {}")).complete
            assert small.process_ids != [pid]


def test_a_worker_that_dies_idle_is_not_noticed(ask: Ask) -> None:
    with WorkerPool(size=1, timeout=5, memory_bytes=MEMORY) as small:
        for _ in range(5):
            assert small.execute(ask("ASK {}")).complete
            (pid,) = small.process_ids
            os.kill(pid, signal.SIGKILL)
            assert wait_until(lambda pid=pid: pid not in small.process_ids, 1)


# --- no network ------------------------------------------------------------------------------


def test_service_opens_no_connection(pool: WorkerPool, ask: Ask) -> None:
    assert pool.execute(ask("ASK {}")).complete
    assert pool.sandboxed
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        listener.settimeout(0.5)
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        for query in (
            f"SELECT * {{ SERVICE <{url}> {{ ?s ?p ?o }} }}",
            f"SELECT * FROM <{url}> {{ ?s ?p ?o }}",
        ):
            with pytest.raises(QueryRejected):
                check(query, allowed_graphs={"http://g/1"})
        # … and without the guard
        with pytest.raises(QueryFailed, match="not permitted"):
            pool.execute(ask(f"SELECT * {{ SERVICE <{url}> {{ ?s ?p ?o }} }}"))
        for query in (
            f"SELECT * {{ SERVICE SILENT <{url}> {{ ?s ?p ?o }} }}",
            f"SELECT * FROM <{url}> {{ ?s ?p ?o }} LIMIT 1",
        ):
            assert pool.execute(ask(query)).complete
        with pytest.raises(TimeoutError):
            listener.accept()
        # the listener can be reached: it is the worker that cannot
        with socket.create_connection(listener.getsockname()):
            listener.accept()[0].close()


@pytest.mark.skipif(sys.platform != "linux", reason="seccomp is Linux's")
@pytest.mark.parametrize(
    ("attempt", "refused"),
    [
        ("import _socket; _socket.socket()", True),
        ("import _socket; _socket.socketpair()", True),
        ("import os; os.fork()", True),
        ("import os; os.execv('/bin/true', ['true'])", True),
        ("import os; os.kill(os.getppid(), 0)", True),
        ("import os; os.unlink('victim')", True),
        ("import os; os.rename('victim', 'other')", True),
        ("open('victim', 'a')", True),
        ("open('new', 'w')", True),
        ("open('victim').read()", False),
        ("import _thread, time; _thread.start_new_thread(time.sleep, (0,))", False),
    ],
)
def test_what_the_sandbox_refuses(tmp_path: Path, attempt: str, refused: bool) -> None:
    (tmp_path / "victim").write_text("untouched")
    code = (
        "import os; from coi_graph.query import sandbox; print(sandbox.enter(os.getppid()));"
        f"\n{attempt}\nprint('done')"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert result.stdout.splitlines()[0] == "True"
    assert ("done" not in result.stdout) == refused
    assert ("PermissionError" in result.stderr) == refused
    assert (tmp_path / "victim").read_text() == "untouched"


# --- nothing is left behind ------------------------------------------------------------------


def children() -> set[int]:
    task = Path(f"/proc/{os.getpid()}/task")
    return {int(pid) for each in task.iterdir() for pid in (each / "children").read_text().split()}


def test_a_client_that_goes_stops_the_work(ask: Ask) -> None:
    with WorkerPool(size=1, timeout=30, memory_bytes=MEMORY, max_result_bytes=1 << 40) as small:
        answer = small.execute(ask(ENDLESS_ROWS))
        (pid,) = small.process_ids
        body = answer.body()
        assert next(body)
        assert is_running(pid)
        body.close()  # as a WSGI server does
        assert wait_until(lambda: not is_running(pid), 1)
        assert small.execute(ask("ASK {}")).complete


def test_an_answer_that_nobody_closes_stops_too(ask: Ask) -> None:
    with WorkerPool(size=1, timeout=30, memory_bytes=MEMORY, max_result_bytes=1 << 40) as small:
        small.execute(ask(ENDLESS_ROWS))
        assert wait_until(lambda: children() != set(), 1)
        assert small.execute(ask("ASK {}")).complete


def test_a_slow_reader_holds_no_worker(ask: Ask) -> None:
    """The deadline is the engine's, not the reader's."""
    with WorkerPool(size=1, timeout=DEADLINE, memory_bytes=MEMORY) as small:
        answers = [small.execute(ask(EVERYTHING + " LIMIT 20000")) for _ in range(3)]
        bodies = [answer.body() for answer in answers]
        sizes = [len(next(body)) for body in bodies]
        assert small.execute(ask("ASK {}")).complete
        time.sleep(DEADLINE + 0.5)
        for index, body in enumerate(bodies):
            sizes[index] += sum(map(len, body))
    assert sizes[0] == sizes[1] == sizes[2] > 1 << 20


@pytest.mark.skipif(sys.platform != "linux", reason="the parent-death signal is Linux's")
def test_workers_die_with_their_parent(ask: Ask, store_path: str) -> None:
    code = f"""
import threading
from coi_graph.query.pool import QueryRequest, WorkerPool
pool = WorkerPool(size=2, timeout=60, memory_bytes={MEMORY})
def ask(query):
    return QueryRequest(store_path={store_path!r}, query=query, media_type={RESULTS!r})
pool.execute(ask("ASK {{}}"))
threading.Thread(target=lambda: pool.execute(ask({ENDLESS!r})), daemon=True).start()
threading.Event().wait(0.5)
print(*pool.process_ids, flush=True)
threading.Event().wait()
"""
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        workers = [int(pid) for pid in parent.stdout.readline().split()]
        assert len(workers) == 2
        assert all(is_running(pid) for pid in workers)
        parent.kill()
    assert wait_until(lambda: not any(is_running(pid) for pid in workers), 1)


def open_descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


@pytest.mark.skipif(sys.platform != "linux", reason="counts in /proc")
def test_no_process_descriptor_or_thread_is_leaked(ask: Ask, tmp_path: Path) -> None:
    before = (children(), open_descriptors(), threading.active_count())
    with WorkerPool(
        size=2, timeout=1.5, memory_bytes=MEMORY, spool_folder=tmp_path, max_queries=3
    ) as small:
        for _ in range(2):
            with pytest.raises(QueryTimeout):
                small.execute(ask(ENDLESS))
            small.execute(ask(ENDLESS_ROWS)).close()
            with pytest.raises(QueryTimeout), small.execute(ask(ENDLESS_ROWS)) as answer:
                b"".join(answer)
            with pytest.raises(QuerySyntaxError):
                small.execute(ask("SELECT"))
            assert small.execute(ask("ASK {}")).complete
        assert wait_until(lambda: len(children() - before[0]) == 2, 2)
        assert list(tmp_path.iterdir()) == []
    assert (children(), open_descriptors(), threading.active_count()) == before


def test_closing_fails_what_runs_and_refuses_what_comes(ask: Ask) -> None:
    small = WorkerPool(size=1, timeout=30, memory_bytes=MEMORY)
    assert small.execute(ask("ASK {}")).complete
    with ThreadPoolExecutor(3) as threads:
        running = [threads.submit(small.execute, ask(ENDLESS)) for _ in range(3)]
        time.sleep(0.3)
        small.close()
        for each in running:
            with pytest.raises(Overloaded):
                each.result(timeout=2)
    with pytest.raises(Overloaded):
        small.execute(ask("ASK {}"))
    small.close()


# --- many at once ----------------------------------------------------------------------------


def test_many_threads_get_each_their_own_answer(pool: WorkerPool, ask: Ask) -> None:
    def one(i: int) -> bool:
        answer = pool.execute(ask(f"SELECT ?o {{ <http://e/s{i}> <http://e/p0> ?o }}"))
        return [row["o"]["value"] for row in rows(answer)] == [
            f"http://e/s{i * 8 * 7919 % (QUADS // 8)}"
        ]

    with ThreadPoolExecutor(20) as threads:
        assert all(threads.map(one, range(1_000)))


def test_a_full_queue_refuses_at_once_and_a_long_wait_is_ended(ask: Ask) -> None:
    with WorkerPool(size=1, timeout=60, memory_bytes=MEMORY, max_waiting=2, max_wait=3.0) as small:
        assert small.execute(ask("ASK {}")).complete
        with ThreadPoolExecutor(3) as threads:
            running = threads.submit(small.execute, ask(ENDLESS))
            time.sleep(0.5)
            waiting = [threads.submit(small.execute, ask("ASK {}")) for _ in range(2)]
            time.sleep(0.5)
            started = time.monotonic()
            with pytest.raises(Overloaded) as caught:
                small.execute(ask("ASK {}"))
            assert time.monotonic() - started < 1
            assert caught.value.status == 503
            assert caught.value.retry_after == 3
            for each in waiting:
                with pytest.raises(Overloaded):
                    each.result(timeout=10)
            assert not running.done()
            os.kill(small.process_ids[0], signal.SIGKILL)
            with pytest.raises(QueryOutOfMemory):
                running.result(timeout=10)
        assert small.execute(ask("ASK {}")).complete


def test_a_pool_without_a_queue_waits_for_its_own_start(ask: Ask) -> None:
    with WorkerPool(size=1, timeout=5, memory_bytes=MEMORY, max_waiting=0) as small:
        assert small.execute(ask("ASK {}")).complete


@pytest.mark.skipif(sys.platform != "linux", reason="reads its own size from /proc")
def test_a_worker_in_which_a_query_left_much_memory_is_replaced(ask: Ask) -> None:
    """What stays behind would be taken from the next query's memory."""
    query = """SELECT (COUNT(*) AS ?n) {
        SELECT DISTINCT ?a ?c { ?a <http://e/p1> ?b . ?c <http://e/p2> ?d } LIMIT 1000000 }"""
    with WorkerPool(size=1, timeout=60, memory_bytes=384 << 20) as small:
        assert small.execute(ask("ASK {}")).complete
        before = small.process_ids
        assert small.execute(ask("SELECT * { ?s ?p ?o } LIMIT 10")).complete
        assert small.process_ids == before
        assert rows(small.execute(ask(query)))[0]["n"]["value"] == "1000000"
        assert wait_until(lambda: small.process_ids != before, 2)
        assert small.execute(ask("ASK {}")).complete
