"""A mirror against real servers: exact, resumed, and never lost, whatever the publisher does."""

from __future__ import annotations

import itertools
import os
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from coi_graph.publishing.feed import read_index
from coi_graph.publishing.history import rollback
from coi_graph.publishing.releases import Releases
from environment import Server
from small_tree import ANOTHER_ROLE, HEAD, Tree, assert_whole

KILLS = int(os.environ.get("COI_TEST_KILLS", "25"))


@dataclass
class Pair:
    """A publisher with its server, and a home that follows it."""

    tree: Tree
    site: Server
    home: Path

    def follow(self, *more: str, code: int = 0, url: str = "") -> str:
        """Runs the command once; what it said."""
        done = subprocess.run(self.command(*more, url=url), capture_output=True, text=True,
                              env=environment(), timeout=120)  # fmt: skip
        assert "Traceback" not in done.stderr
        assert done.returncode == code, done.stderr
        return done.stderr

    def command(self, *more: str, url: str = "") -> list[str]:
        return [sys.executable, "-m", "coi_graph", "follow", url or self.site.url, "--once",
                "--home", str(self.home), *more]  # fmt: skip

    @property
    def mirrored(self) -> Releases:
        return Releases(self.home / "releases")

    def check(self) -> None:
        """The mirror's newest release is the publisher's, to the statement, and whole."""
        ours, theirs = self.mirrored.current(), self.tree.current
        assert ours.number == theirs.number
        assert ours.manifest.content_hash == theirs.manifest.content_hash
        assert set(ours.open().quads()) == set(theirs.open().quads())
        for name in ("issued", "graphs", "sources", "seen", "validated", "rolled_back_to"):
            assert getattr(ours.manifest, name) == getattr(theirs.manifest, name), name
        assert_whole(ours)
        left = [path.name for path in (self.home / "releases").glob(".*")]
        assert left == []


def environment(**more: str) -> dict[str, str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("COI_")}
    return {**clean, **more}


@pytest.fixture
def pair(tmp_path: Path, start_server: Callable[..., Server]) -> Pair:
    """A publisher at release 2, and nothing yet on the other side."""
    tree = Tree.make(tmp_path)
    tree.must_build()
    tree.append("data/roles.ttl", ANOTHER_ROLE)
    tree.must_build()
    return Pair(tree, start_server(tree.home), tmp_path / "mirror")


def change(tree: Tree, number: int) -> None:
    tree.write("data/tools.ttl", HEAD + f"tool:guide coi:steps ( {number} 1 ) .\n")
    tree.must_build(validate=False)


class TestRounds:
    def test_copies_then_applies_then_has_nothing_to_do(self, pair: Pair) -> None:
        assert "copying release 2" in pair.follow()
        pair.check()
        for number in (7, 8, 9):
            change(pair.tree, number)
        said = pair.follow()
        assert "copying" not in said
        assert [line.split(":")[0] for line in said.splitlines()] == [
            "release 3", "release 4", "release 5"]  # fmt: skip
        pair.check()
        assert "nothing new" in pair.follow()
        before = {path: path.stat().st_mtime_ns for path in pair.home.rglob("*")
                  if path.name not in ("LOCK", "publish.lock")}  # fmt: skip
        assert "nothing new" in pair.follow()
        assert before == {path: path.stat().st_mtime_ns for path in before}

    def test_every_release_in_between_is_the_publishers(self, pair: Pair) -> None:
        pair.follow()
        for number in (7, 8):
            change(pair.tree, number)
        pair.follow()
        for number in (2, 3, 4):
            ours, theirs = pair.mirrored.get(number), pair.tree.releases.get(number)
            assert set(ours.open().quads()) == set(theirs.open().quads())
            assert_whole(ours)
        # its feed begins with everything, and goes on like the publisher's
        assert read_index(pair.mirrored.get(2).path).counts.keys() == {"Create"}
        for number in (3, 4):
            ours, theirs = pair.mirrored.get(number), pair.tree.releases.get(number)
            assert read_index(ours.path) == read_index(theirs.path)

    def test_takes_over_a_rollback(self, pair: Pair) -> None:
        pair.follow()
        rollback(pair.tree.config(), 1)
        pair.follow()
        pair.check()
        assert pair.mirrored.current().manifest.rolled_back_to == 1

    def test_of_a_publisher_that_has_pruned(self, pair: Pair) -> None:
        pair.follow()
        for number in (7, 8, 9):
            pair.tree.write("data/tools.ttl", HEAD + f"tool:guide coi:steps {number} .\n")
            pair.tree.must_build(validate=False, keep_releases=1, keep_dumps=1)
        assert "copying" not in pair.follow()
        pair.check()

    def test_of_one_that_does_not_go_back_so_far(
        self, pair: Pair, tmp_path: Path, start_server: Callable[..., Server]
    ) -> None:
        """A mirror of a mirror that began later."""
        pair.follow()
        change(pair.tree, 7)
        middle = Pair(pair.tree, pair.site, tmp_path / "middle")
        middle.follow()
        change(pair.tree, 8)
        middle.follow("--dumps")
        server = start_server(middle.home)
        shutil.copytree(pair.home, tmp_path / "late", symlinks=True)
        (tmp_path / "late" / "follow.json").write_text(f'{{"url": "{server.url}/"}}')
        late = Pair(pair.tree, server, tmp_path / "late")
        said = late.follow()
        assert "does not go on from release 2" in said
        assert "copied anew" in said
        late.check()
        assert [release.number for release in late.mirrored.all()] == [4]

    @pytest.mark.parametrize("behind", [True, False])
    def test_of_one_that_was_built_anew(
        self, pair: Pair, start_server: Callable[..., Server], behind: bool
    ) -> None:
        pair.follow()
        other = Tree.make(pair.tree.folder / "other")
        other.append("data/roles.ttl", "role:other a coi:StrategicRole ; skos:prefLabel 'x'@da .\n")
        other.must_build(validate=False)
        if not behind:
            change(other, 7)
            change(other, 8)
        again = Pair(other, pair.site, pair.home)
        shutil.rmtree(pair.tree.home)
        shutil.copytree(other.home, pair.tree.home, symlinks=True)
        again.site = start_server(pair.tree.home)
        (pair.home / "follow.json").write_text(f'{{"url": "{again.site.url}/"}}')
        said = again.follow()
        assert "copied anew" in said
        again.check()
        assert len(again.mirrored.all()) == 1
        assert "nothing new" in again.follow()

    def test_a_damaged_mirror_is_copied_anew(self, pair: Pair) -> None:
        pair.follow()
        change(pair.tree, 7)
        (table,) = [*pair.mirrored.current().store_path.glob("*.sst")][:1]
        table.write_bytes(b"x" + table.read_bytes()[1:])
        assert "copied anew" in pair.follow()
        pair.check()

    def test_goes_on_when_the_publisher_is_away(self, pair: Pair) -> None:
        pair.follow()
        pair.site.process.terminate()
        pair.site.process.wait(20)
        said = pair.follow(code=4)
        assert "does not answer" in said
        pair.check()


class TestHomes:
    def test_that_publish_are_refused(self, pair: Pair) -> None:
        pair.home = pair.tree.home
        assert "releases of its own" in pair.follow(code=2)

    def test_that_follow_another_are_refused(self, pair: Pair) -> None:
        pair.follow()
        assert pair.site.url in pair.follow(code=2, url="http://127.0.0.1:9/")

    def test_of_mirrors_publish_nothing_else(self, pair: Pair) -> None:
        pair.follow()
        for command in (["build"], ["release", "rollback", "2"]):
            done = subprocess.run(
                [sys.executable, "-m", "coi_graph", *command, "--home", str(pair.home)],
                capture_output=True, text=True, env=environment(), timeout=60,
            )  # fmt: skip
            assert done.returncode == 2
            assert "is a mirror" in done.stderr

    @pytest.mark.parametrize("url", ["ftp://x/", "file:///etc/passwd", "x", "http://", "http://a:b@c/",
                                     "http://x:99999999/", "http://x/?a"])  # fmt: skip
    def test_of_no_address_are_refused(self, pair: Pair, url: str) -> None:
        assert "no address" in pair.follow(code=2, url=url)
        assert not (pair.home / "releases" / "current").exists()


@pytest.mark.slow
def test_killed_at_random_moments(pair: Pair) -> None:
    """kill -9 while it copies and while it applies: the mirror is at one of the publisher's
    releases, whole, and goes on from there."""
    rng = random.Random(2017)
    pair.follow()  # how long does it take?
    started = time.monotonic()
    shutil.rmtree(pair.home)
    pair.follow()
    whole = time.monotonic() - started
    killed, numbers = 0, itertools.count(10)
    while killed < KILLS:
        if rng.random() < 0.3:
            shutil.rmtree(pair.home)
        else:
            change(pair.tree, next(numbers))
        for _ in range(3):
            child = subprocess.Popen(pair.command(), stderr=subprocess.DEVNULL, env=environment())
            time.sleep(rng.uniform(0.3, 1.0) * whole)
            child.kill()
            if child.wait() != -9:
                break
            killed += 1
            number = pair.mirrored.current_number()
            if number is not None:
                ours = pair.mirrored.get(number)
                assert_whole(ours)
                theirs = pair.tree.releases.get(number)
                assert set(ours.open().quads()) == set(theirs.open().quads())
        pair.follow()
        pair.check()
