"""A real file system that is full: publishing stops and says so, reading goes on, and when there is
space again everything that was accepted is published, once."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from test_contributed import Desk, role

from coi_graph.i18n import Message
from coi_graph.ledger import events
from coi_graph.ledger.states import State
from coi_graph.publishing import state
from coi_graph.publishing.releases import Releases
from coi_graph.publishing.watch import Publisher
from environment import require
from small_tree import Tree, assert_whole

MIB = 1 << 20
BOUND = 16 * MIB


@dataclass
class Disk:
    """A small file system of its own, with a home, a desk and a publisher on it."""

    tree: Tree
    desk: Desk
    told: list[str] = field(default_factory=list)
    publishers: list[Publisher] = field(default_factory=list)

    @property
    def ballast(self) -> Path:
        return self.tree.home.parent / "ballast"

    @property
    def free(self) -> int:
        return shutil.disk_usage(self.tree.home).free

    def fill(self, but: int) -> None:
        """Takes all space but so many bytes."""
        with self.ballast.open("ab") as file:
            while (over := self.free - but) > 0:
                try:
                    file.write(bytes(min(over, MIB)))
                    file.flush()
                except OSError:
                    break

    def publisher(self, min_free: int) -> Publisher:
        def tell(message: Message) -> None:
            self.told.append(message.in_language("en"))

        config = self.tree.config(min_free=min_free)
        made = Publisher(config, tell, lambda: None, lambda: subprocess.Popen(["true"]))
        made.run(lambda _: True)  # over at once, having said that it is there
        self.publishers.append(made)
        return made

    def close(self) -> None:
        for publisher in self.publishers:
            publisher.close()
        self.desk.ledger.close()

    def said(self) -> str:
        found: str = state.read(self.tree.home)["state"]
        return found

    def must_be_readable(self) -> int:
        """As by a server that starts now; the release's number."""
        current = Releases(self.tree.home / "releases").current()
        assert_whole(current)
        return current.number

    def must_have_published(self, contributions: list[int]) -> None:
        assert [self.desk.state(one)[0] for one in contributions] == [
            State.PUBLISHED for _ in contributions
        ]
        history = events.since(self.desk.ledger, limit=10_000)
        published = [row["contribution"] for row in history if row["kind"] == "published"]
        assert sorted(published) == sorted(contributions)
        for one in contributions:
            assert self.desk.held(one)
        for release in self.tree.releases.all():
            assert_whole(release)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=96m", "none", str(place)]
    mounted = not os.geteuid() and not subprocess.run(mount, check=False).returncode
    require(mounted, "the right to mount a file system")
    try:
        tree = Tree.make(tmp_path)
        tree = Tree(tree.folder, "disk/home")
        tree.must_build(min_free=0)
        desk = Desk.open(tree)
        disk = Disk(tree, desk)
        yield disk
        disk.close()
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=True)


def test_below_the_bound_publishing_stops_and_goes_on_by_itself(disk: Disk) -> None:
    publisher = disk.publisher(BOUND)
    made = disk.desk.accept(role("adviser"))
    disk.fill(BOUND - MIB)
    publisher.step()
    assert disk.said() == "stopped"
    why = state.read(disk.tree.home)["why"]
    assert "MiB er ledige" in why["da"]
    assert "publishing needs 16" in why["en"]
    assert disk.told[-1].startswith("publishing has stopped: ")
    before = len(disk.told)
    publisher.step()
    assert len(disk.told) == before, "said once"
    assert disk.must_be_readable() == 1
    assert disk.desk.state(made)[0] == State.ACCEPTED
    disk.ballast.unlink()
    publisher.step()
    assert disk.said() == "waiting"
    assert disk.told[-1] == "publishing goes on"
    assert disk.must_be_readable() == 2
    disk.must_have_published([made])


def test_full_at_any_moment_of_a_release(disk: Disk) -> None:
    """Without the bound: whatever is written next fails."""
    publisher = disk.publisher(0)
    made, seen, stops = [], [1], 0
    for kilobytes in (0, 4, 16, 64, 128, 256, 512, 1024, 2048, 4096):
        made.append(disk.desk.accept(role(f"role-{kilobytes}")))
        disk.fill(kilobytes << 10)
        publisher.step()
        stopped = disk.said() == "stopped"
        stops += stopped
        if stopped and disk.free < MIB // 2:
            assert "er fuld" in state.read(disk.tree.home)["why"]["da"]
        seen.append(disk.must_be_readable())
        assert stopped == (disk.desk.state(made[-1])[0] != State.PUBLISHED)
        disk.ballast.unlink()
        publisher.step()
        assert disk.said() == "waiting"
        seen.append(disk.must_be_readable())
        disk.must_have_published(made)
    assert stops >= 3, "the disk was full"
    assert seen == sorted(seen)
    assert disk.tree.leftovers() == []


def test_a_publisher_that_starts_on_a_full_disk(disk: Disk) -> None:
    disk.publisher(0)  # an earlier one, of which the state file is left
    made = disk.desk.accept(role("adviser"))
    disk.fill(0)
    publisher = disk.publisher(0)
    publisher.step()
    assert disk.said() == "stopped"
    assert disk.must_be_readable() == 1
    disk.ballast.unlink()
    publisher.step()
    disk.must_have_published([made])
