"""The index beside a release: made once, trusted only whole, no part of the manifest."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from pathlib import Path

import pytest

from coi_graph.namespaces import ID
from coi_graph.publishing.releases import Release
from coi_graph.search import asking, making
from small_tree import Tree


@pytest.fixture
def release(tmp_path: Path) -> Release:
    return Tree.make(tmp_path).must_build()


def found(release: Release, text: str) -> list[str]:
    index = making.opened(release)
    assert index is not None
    return [hit.iri for hit in asking.search(index, text, {}).hits]


def test_it_is_made_once_and_found(release: Release) -> None:
    assert making.opened(release) is None
    assert making.make(release)
    written = {p: p.stat().st_mtime_ns for p in (release.path / "search" / "index").iterdir()}
    assert found(release, "netværkeren") == [ID + "role/networker"]
    assert found(release, "vejledning") == [ID + "tool/guide"]
    assert making.make(release)
    assert all(path.stat().st_mtime_ns == time for path, time in written.items())


def test_a_release_with_an_index_verifies(release: Release) -> None:
    making.make(release)
    release.verify()


def test_a_damaged_index_is_not_trusted_and_made_again(release: Release) -> None:
    making.make(release)
    largest = max((release.path / "search/index").iterdir(), key=lambda path: path.stat().st_size)
    with largest.open("r+b") as file:
        file.seek(3)
        file.write(b"\xff\x00\xff")
    assert making.opened(release) is None
    assert making.make(release)
    assert found(release, "analytiker") == [ID + "role/analyst"]


def test_an_index_of_other_content_is_not_trusted(tmp_path: Path) -> None:
    tree = Tree.make(tmp_path)
    first = tree.must_build()
    making.make(first)
    tree.append(
        "data/roles.ttl",
        'role:adviser a coi:StrategicRole ; skos:prefLabel "rådgiver"@da, "adviser"@en .\n',
    )
    second = tree.must_build()
    (first.path / "search").rename(second.path / "search")
    assert making.opened(second) is None
    making.make(second)
    assert found(second, "rådgivere") == [ID + "role/adviser"]


def test_what_a_killed_process_left_is_no_obstacle(release: Release) -> None:
    aside = release.path / "search" / ".making"
    aside.mkdir(parents=True)
    (aside / "meta.json").write_text("{")
    (release.path / "search" / "index").mkdir()
    assert making.opened(release) is None
    assert making.make(release)
    assert found(release, "analysts") == [ID + "role/analyst"]


def test_one_process_at_a_time(release: Release) -> None:
    (release.path / "search").mkdir()
    with (release.path / "search" / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert not making.make(release)
    assert making.make(release)


def test_the_process_of_its_own(release: Release) -> None:
    subprocess.run(
        [sys.executable, "-m", "coi_graph.search", os.fspath(release.path)], check=True, timeout=60
    )
    assert found(release, "guides") == [ID + "tool/guide"]
