"""More than 200 bad and odd files through the real workers: each gets its word, in both languages,
with its place and a mend, within its time; nothing is fetched, nothing crashes."""

from __future__ import annotations

import json
import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from coi_graph.publishing.releases import Release
from coi_graph.validation.checks import Checks, ReleaseAt

sys.path.insert(0, str(Path(__file__).parents[1] / "corpus"))
from case import Case
from make import CASES

MOST_MEMORY = 1_500_000  # kB that a worker has ever had at once


@pytest.fixture(scope="module")
def trap() -> Iterator[tuple[str, socket.socket]]:
    """A server that nothing may connect to, and its address."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        server.setblocking(False)
        yield f"http://127.0.0.1:{server.getsockname()[1]}", server


@pytest.fixture(scope="module")
def at(release: Release) -> ReleaseAt:
    manifest = release.manifest
    return ReleaseAt(
        str(release.store_path), manifest.release, manifest.content_hash, manifest.store_bytes
    )


@pytest.fixture(scope="module")
def checks(at: ReleaseAt) -> Iterator[Checks]:
    with Checks(size=1, timeout=120, max_wait=120) as pool:
        pool.run([("f.ttl", b"# ready\n")], at)
        yield pool


def test_there_are_more_than_200_files_with_names_of_their_own() -> None:
    assert len(CASES) > 200
    assert len({case.name for case in CASES}) == len(CASES)


def of_reading(document: dict[str, Any]) -> list[dict[str, Any]]:
    """The findings that come from reading alone; what a shape says too has a rule."""
    return [one for one in document["results"] if one["rule"] is None]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_each_file_gets_its_word(
    case: Case, checks: Checks, at: ReleaseAt, trap: tuple[str, socket.socket]
) -> None:
    address, server = trap
    data = case.make(address)
    workers = checks.process_ids
    begun = time.monotonic()
    document = checks.run([(case.file, data)], at)
    took = time.monotonic() - begun
    assert checks.process_ids[:1] == workers[:1] or took > 1, "the worker had to be replaced"
    with pytest.raises(BlockingIOError):
        server.accept()
    assert took < case.seconds
    said = of_reading(document)
    assert "Traceback" not in json.dumps(document)
    shown = [(one["place"], one["problem"], one["mend"], one["severity"]) for one in said]
    if case.said == "quiet":
        assert document["readable"], shown
        assert said == [], shown
        return
    assert document["readable"] is (case.said != "refused"), shown
    assert any(fits(case, one) for one in document["results"]), shown


def fits(case: Case, finding: dict[str, Any]) -> bool:
    texts = {
        language: f"{finding['problem'][language]} {(finding['mend'] or {}).get(language, '')}"
        for language in ("da", "en")
    }
    return (
        case.da in texts["da"]
        and case.en in texts["en"]
        and (finding["mend"] is not None or not case.mend)
        and (case.severity is None or finding["severity"] == case.severity)
        and stands(case.at, finding["place"])
    )


def stands(expected: str | None, place: dict[str, Any] | None) -> bool:
    """Whether the place is the expected one: exactly; from "2:" on that line; "*" anywhere."""
    if expected is None or expected == "*":
        return True
    if place is None:
        return False
    found = place["shown"].split(", ")[-1] if place["line"] is None else place["shown"]
    if place["line"] is not None:
        found = f"{place['line']}:{place['column'] or ''}"
        if ":" not in expected:
            return expected == str(place["line"])
        if expected.endswith(":"):
            return found.startswith(expected)
    return found == expected


def test_no_worker_took_too_much_memory(checks: Checks) -> None:
    for process_id in checks.process_ids:
        status = Path(f"/proc/{process_id}/status")
        if not status.exists():
            pytest.skip("needs /proc")
        peak = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        assert int(peak.split()[1]) < MOST_MEMORY


def test_workers_are_sandboxed(checks: Checks) -> None:
    assert checks.sandboxed or sys.platform != "linux"
