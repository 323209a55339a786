"""`/metrics` of a real server: numbers of all its processes, for who has the token, of nobody."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from live import ask, connect, fetch, query_workers, wait_until
from prometheus_client.parser import text_string_to_metric_families

from environment import Server

TOKEN = "a token of the tests"
AUTHORIZED = {"Authorization": f"Bearer {TOKEN}"}
Numbers = dict[tuple[str, tuple[tuple[str, str], ...]], float]


@pytest.fixture(scope="module")
def measured(home: Path, start_server: Callable[..., Server]) -> Server:
    return start_server(home, COI_METRICS_TOKEN=TOKEN, COI_QUERY_TIMEOUT="1", COI_WEB_WORKERS="2")


def numbers(server: Server) -> Numbers:
    got = fetch(server, "/metrics", headers=AUTHORIZED)
    assert got.status == 200, got.body
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(got.body.decode())
        for sample in family.samples
    }


def value(found: Numbers, name: str, **labels: str) -> float:
    return found.get((name, tuple(sorted(labels.items()))), 0.0)


def test_nobody_reads_them_without_the_token(server: Server, measured: Server) -> None:
    assert fetch(server, "/metrics", headers=AUTHORIZED).status == 404  # not set there
    assert fetch(measured, "/metrics").status == 401
    wrong = fetch(measured, "/metrics", headers={"Authorization": "Bearer another"})
    assert wrong.status == 401
    assert b"coi_requests" not in wrong.body
    # Coming through a proxy of the same machine makes no difference.
    proxied = {"X-Forwarded-For": "192.0.2.7"}
    assert fetch(measured, "/metrics", headers=proxied).status == 401


def test_requests_of_all_processes_are_counted(measured: Server) -> None:
    wanted = {"route": "/doc/<path:name>", "method": "GET", "status": "200"}
    before = value(numbers(measured), "coi_requests_total", **wanted)
    for _ in range(40):  # on connections of their own: both processes get some
        assert fetch(measured, "/doc/role/capacity-builder.ttl").status == 200
    found = numbers(measured)
    assert value(found, "coi_requests_total", **wanted) == before + 40
    assert value(found, "coi_request_seconds_count", route="/doc/<path:name>") >= 40
    assert 0 < value(found, "coi_request_seconds_sum", route="/doc/<path:name>") < 40


def test_routes_are_patterns_and_say_nothing_of_who_asks(measured: Server) -> None:
    secret = "birthe-070761-4285"
    fetch(measured, f"/doc/role/{secret}")
    fetch(measured, f"/{secret}?q={secret}", headers={"User-Agent": secret})
    fetch(measured, "/healthz", method="BREW")
    got = fetch(measured, "/metrics", headers=AUTHORIZED)
    assert secret.encode() not in got.body
    assert b"127.0.0.1" not in got.body
    found = numbers(measured)
    assert value(found, "coi_requests_total", route="(none)", method="GET", status="404") >= 1
    assert value(found, "coi_problems_total", problem="not-found") >= 2
    assert {dict(labels)["method"] for name, labels in found if name == "coi_requests_total"} <= {
        *("GET", "HEAD", "POST", "OPTIONS", "other"),
    }


def test_queries_are_counted_by_what_came_of_them(measured: Server) -> None:
    before = numbers(measured)
    slow = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i FILTER(?a != ?d || ?c != ?i) }"
    assert ask(measured, slow).status == 504
    assert ask(measured, "SELECT (SUM(?n) AS ?s) { VALUES ?n { 1 2 } }").status == 200

    def grown(name: str, **labels: str) -> float:
        return value(numbers(measured), name, **labels) - value(before, name, **labels)

    # The other process looks at its workers once a second.
    assert wait_until(lambda: grown("coi_queries_total", outcome="query-timeout") == 1, 10)
    assert wait_until(lambda: grown("coi_queries_total", outcome="computed") == 1, 10)
    assert grown("coi_query_workers_given_up_total") == 1
    assert grown("coi_problems_total", problem="query-timeout") == 1


def test_workers_and_the_line_before_them_are_seen(measured: Server) -> None:
    found = numbers(measured)
    assert value(found, "coi_query_workers") == 4  # two processes of two
    assert value(found, "coi_queries_waiting") == 0


def test_the_state_of_the_site_is_told(measured: Server) -> None:
    found = numbers(measured)
    assert value(found, "coi_release_number") == 1
    assert time.time() - 86_400 < value(found, "coi_release_issued_timestamp_seconds") < time.time()
    assert value(found, "coi_publisher_state", state="off") == 1
    assert value(found, "coi_publisher_state", state="stopped") == 0
    assert value(found, "coi_disk_free_bytes") > 0


def test_a_process_that_has_died_leaves_its_counts_and_not_its_workers(measured: Server) -> None:
    wanted = {"route": "/healthz", "method": "GET", "status": "200"}
    for _ in range(10):
        fetch(measured, "/healthz")
    before = value(numbers(measured), "coi_requests_total", **wanted)
    victim = min(query_workers(measured))
    os.kill(victim, signal.SIGKILL)
    assert wait_until(lambda: len(query_workers(measured)) == 2 and _answers(measured), 30)
    assert victim not in query_workers(measured)
    assert wait_until(lambda: value(numbers(measured), "coi_query_workers") == 4, 15)
    assert value(numbers(measured), "coi_requests_total", **wanted) >= before


def _answers(server: Server) -> bool:
    try:
        connection = connect(server, timeout=5)
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def test_files_that_nothing_was_written_to_are_no_error(measured: Server) -> None:
    """What a process leaves that is killed, or looked at, in the moment in which it starts."""
    (folder,) = _shared_folders(measured)
    empty = [folder / "counter_999999.db", folder / "gauge_livesum_999999.db"]
    for path in empty:
        path.touch()
    try:
        assert value(numbers(measured), "coi_query_workers") == 4
    finally:
        for path in empty:
            path.unlink(missing_ok=True)


def _shared_folders(server: Server) -> set[Path]:
    """Where the web processes keep the files that they count in, by what they have mapped."""
    return {
        Path(line.split()[-1]).parent
        for process in query_workers(server)
        for line in Path(f"/proc/{process}/maps").read_text().splitlines()
        if line.endswith(".db") and "coi-metrics-" in line
    }
