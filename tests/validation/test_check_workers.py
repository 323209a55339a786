"""The pool that checks files: real processes, real releases, and everything that can stop one."""

from __future__ import annotations

import os
import shutil
import signal
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from coi_graph.errors import CoiError, ReleaseCorrupt
from coi_graph.intake.limits import Limits
from coi_graph.publishing.releases import Release
from coi_graph.query.cancellation import Cancellation, ClientGone
from coi_graph.validation.basis import Basis
from coi_graph.validation.check import check
from coi_graph.validation.check_errors import (
    CheckCrashed,
    CheckOutOfMemory,
    ChecksBusy,
    CheckTimeout,
)
from coi_graph.validation.checks import Checks, ReleaseAt

SMALL = [(
    "f.ttl",
    b"@prefix coi: <https://w3id.org/coi-graph/def/> .\n"
    b"<https://e.example/a> a coi:Activity .\n",
)]  # fmt: skip
#: Takes seconds to read and to check.
LARGE = [(
    "large.ttl",
    "".join(
        f"<https://e.example/{i}> a <https://w3id.org/coi-graph/def/Activity> .\n"
        for i in range(240_000)
    ).encode(),
)]  # fmt: skip


@pytest.fixture(scope="module")
def at(release: Release) -> ReleaseAt:
    known = release.manifest
    return ReleaseAt(str(release.store_path), known.release, known.content_hash, known.store_bytes)


@pytest.fixture(scope="module")
def checks(at: ReleaseAt) -> Iterator[Checks]:
    with Checks(size=1, max_wait=60) as pool:
        yield pool


def in_thread(work: Callable[[], Any]) -> tuple[threading.Thread, list[Any]]:
    """Starts ``work``; its result, or what it raised, comes into the list."""
    found: list[Any] = []

    def run() -> None:
        try:
            found.append(work())
        except BaseException as error:
            found.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    return thread, found


def started(pool: Checks, at: ReleaseAt, **more: Any) -> tuple[threading.Thread, list[Any]]:
    """A large check that a worker has begun with."""
    reading = threading.Event()
    work = in_thread(lambda: pool.run(LARGE, at, told=lambda *_: reading.set(), **more))
    assert reading.wait(60)
    return work


def test_the_report_is_that_of_a_check_without_a_worker(
    checks: Checks, at: ReleaseAt, release: Release
) -> None:
    found = checks.run(SMALL, at)
    basis = Basis(release.open(), release=at.number, content_hash=at.content_hash)
    own = check(SMALL, basis)
    assert {**found, "created": None} == {**own, "created": None}
    assert found["counts"]["violation"] > 0
    assert found["release"]["number"] == at.number


def test_a_check_tells_how_far_it_is(checks: Checks, at: ReleaseAt) -> None:
    told: list[tuple[str, int, int]] = []
    checks.run(SMALL * 2, at, told=lambda *step: told.append(step))
    assert [what for what, _, _ in told] == ["reading", "reading", "checking", "explaining"]


def test_the_same_worker_serves_one_check_after_another(checks: Checks, at: ReleaseAt) -> None:
    workers = checks.process_ids
    for _ in range(5):
        checks.run(SMALL, at)
    assert checks.process_ids == workers


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs /proc")
def test_workers_are_sandboxed(checks: Checks, at: ReleaseAt) -> None:
    checks.run(SMALL, at)
    assert checks.sandboxed
    status = Path(f"/proc/{checks.process_ids[0]}/status").read_text()
    assert "Seccomp:\t2" in status  # a filter
    assert "NoNewPrivs:\t1" in status


def test_a_check_that_takes_too_long_is_stopped_and_the_worker_replaced(at: ReleaseAt) -> None:
    with Checks(size=1, timeout=0.5, max_wait=60) as pool:
        pool.prepare(at)
        with pytest.raises(CheckTimeout) as stopped:
            pool.run(LARGE, at)
        assert stopped.value.status == 504
    with Checks(size=1, timeout=60, max_wait=60) as pool:
        first = _first(pool, at)
        os.kill(first, signal.SIGSTOP)  # the pool's own kill ends a stopped process as well
        try:
            pool._timeout = 0.5
            with pytest.raises(CheckTimeout):
                pool.run(SMALL, at)
        finally:
            pool._timeout = 60
        assert pool.run(SMALL, at)["counts"]
        assert pool.process_ids != [first]


def test_a_check_that_takes_too_much_memory_is_stopped(at: ReleaseAt) -> None:
    with Checks(size=1, memory_bytes=288 << 20, max_wait=60) as pool:
        first = _first(pool, at)
        with pytest.raises(CheckOutOfMemory) as stopped:
            pool.run(LARGE, at)
        assert stopped.value.status == 507
        assert stopped.value.details["limit_bytes"] == 288 << 20
        assert pool.run(SMALL, at)["counts"]
        assert pool.process_ids != [first]


def test_a_worker_that_crashes_is_replaced_and_the_error_is_clear(
    checks: Checks, at: ReleaseAt
) -> None:
    first = _first(checks, at)
    thread, found = started(checks, at)
    os.kill(first, signal.SIGSEGV)
    thread.join(30)
    assert isinstance(found[0], CheckCrashed)
    assert found[0].status == 422
    assert checks.run(SMALL, at)["counts"]
    assert checks.process_ids != [first]


def test_a_worker_that_dies_while_idle_costs_nobody_a_check(checks: Checks, at: ReleaseAt) -> None:
    os.kill(_first(checks, at), signal.SIGKILL)
    time.sleep(0.2)
    assert checks.run(SMALL, at)["counts"]


def test_the_clients_going_stops_the_work(checks: Checks, at: ReleaseAt) -> None:
    first = _first(checks, at)
    cancellation = Cancellation()
    thread, found = started(checks, at, cancellation=cancellation)
    begun = time.monotonic()
    cancellation.cancel()
    thread.join(30)
    assert isinstance(found[0], ClientGone)
    assert time.monotonic() - begun < 5
    assert not _alive(first)
    assert checks.run(SMALL, at)["counts"]


def test_who_has_gone_already_is_not_served(checks: Checks, at: ReleaseAt) -> None:
    first = _first(checks, at)
    cancellation = Cancellation()
    cancellation.cancel()
    with pytest.raises(ClientGone):
        checks.run(SMALL, at, cancellation=cancellation)
    assert checks.process_ids == [first]


def test_a_full_queue_is_said_with_the_time_to_wait(at: ReleaseAt) -> None:
    with Checks(size=1, max_waiting=0, max_wait=60) as pool:
        _first(pool, at)
        cancellation = Cancellation()
        thread, _ = started(pool, at, cancellation=cancellation)
        with pytest.raises(ChecksBusy) as busy:
            pool.run(SMALL, at)
        cancellation.cancel()
        thread.join(30)
    assert busy.value.status == 503
    assert busy.value.details["retry_after"] == 60


def test_many_at_once_are_served_in_turn(checks: Checks, at: ReleaseAt) -> None:
    work = [in_thread(lambda: checks.run(SMALL, at)) for _ in range(8)]
    for thread, _ in work:
        thread.join(60)
    counts = [found[0]["counts"] for _, found in work]
    assert counts == [counts[0]] * 8


def test_closing_ends_what_runs_and_refuses_what_comes(at: ReleaseAt) -> None:
    pool = Checks(size=1, max_wait=60)
    first = _first(pool, at)
    thread, found = started(pool, at)
    pool.close()
    thread.join(30)
    assert isinstance(found[0], CoiError)
    assert not _alive(first)
    with pytest.raises(ChecksBusy):
        pool.run(SMALL, at)


def test_a_new_release_is_taken_up_by_the_same_worker(
    checks: Checks, at: ReleaseAt, tmp_path: Path
) -> None:
    first = _first(checks, at)
    shutil.copytree(at.store, tmp_path / "store")
    later = replace(at, store=str(tmp_path / "store"), number=7)
    assert checks.run(SMALL, later)["release"]["number"] == 7
    assert checks.run(SMALL, at)["release"]["number"] == at.number
    assert checks.process_ids == [first]


def test_a_release_that_is_not_whole_is_never_checked_against(
    checks: Checks, at: ReleaseAt, tmp_path: Path
) -> None:
    assert at.bytes is not None
    with pytest.raises(ReleaseCorrupt):
        checks.run(SMALL, replace(at, bytes=at.bytes + 1))
    with pytest.raises(ReleaseCorrupt):
        checks.run(SMALL, replace(at, store=str(tmp_path / "none")))
    assert checks.run(SMALL, at)["counts"]


def test_the_limits_are_the_pools(at: ReleaseAt) -> None:
    with Checks(size=1, max_wait=60, limits=Limits(statements=3)) as pool:
        statements = b"".join(b"<a:a> <a:%d> <a:c> .\n" % i for i in range(4))
        found = pool.run([("f.nt", statements)], at)
        fewer = pool.run([("f.nt", statements[: len(statements) // 2])], at)
    assert fewer["readable"] is True
    assert found["readable"] is False
    assert "3" in found["results"][0]["problem"]["da"]


def test_every_syntax_error_of_a_file_is_in_the_report(checks: Checks, at: ReleaseAt) -> None:
    text = b"@prefix : <https://e.example/> .\n:a :b True .\n:c :d 1 .\n:e :f no .\n:g :h 1 .\n"
    found = checks.run([("f.ttl", text)], at)
    assert [one["place"]["line"] for one in found["results"]] == [2, 4]


def test_the_line_of_a_utf16_file_is_shown_as_people_see_it(checks: Checks, at: ReleaseAt) -> None:
    text = '@prefix : <https://e.example/> .\r\n:a :b "nærhed" ; :c True .\r\n'
    found = checks.run([("f.ttl", text.encode("utf-16"))], at)
    place = found["results"][0]["place"]
    assert (place["line"], place["text"], place["mark"]) == (2, ':a :b "nærhed" ; :c True .', 20)


def test_empty_files_and_many_files_are_taken(checks: Checks, at: ReleaseAt) -> None:
    files = [(f"{i}.ttl", SMALL[0][1] if i % 2 else b"") for i in range(20)]
    found = checks.run(files, at)
    assert len(found["data"]["files"]) == 20
    assert [one["readable"] for one in found["data"]["files"]] == [False, True] * 10


def _first(pool: Checks, at: ReleaseAt) -> int:
    """The process id of the pool's worker, once it has checked something."""
    pool.run(SMALL, at)
    return pool.process_ids[0]


def _alive(process_id: int) -> bool:
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    return True
