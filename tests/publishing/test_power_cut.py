"""The power is cut while people send and accept, and a publisher publishes.

The home is on a real file system (ext4) on a loop device. What its backing file holds at a moment
is what a disk would hold when the power went at that moment: what nobody has synced is not in it.
So the processes are stopped, the backing file is copied, and everything goes on from the copy, as
after a restart. Journal commits by the clock are off, and data is not written before its metadata:
only what is synced counts.

Everything that was acknowledged is there; no release is partial; readers never go backwards; each
contribution is published exactly once. ``CUTS`` cuts here; more with COI_TEST_CUTS.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from test_contributed import Desk

from coi_graph.ledger import events
from coi_graph.ledger.states import State
from coi_graph.publishing.build import build
from coi_graph.publishing.releases import Releases
from environment import ROOT, require
from small_tree import Tree, assert_whole

CUTS = int(os.environ.get("COI_TEST_CUTS", "4"))
KEEP = 3
PATIENCE = 120.0  # seconds until there is a release
_MOUNT = "loop,commit=300,data=writeback"
_OPEN = (State.SUBMITTED, State.ACCEPTED, State.PUBLISHED)
SENDER = """
import sys, time
from pathlib import Path
from test_contributed import Desk, role
from small_tree import Tree
desk, number = Desk.open(Tree(Path(sys.argv[1]), "disk/home")), int(sys.argv[2])
while True:
    number += 1
    made = desk.send(role(f"role-{number}"))
    print("sent", made, flush=True)
    if number % 5:
        desk.contributions.accept(desk.rikke, made, 1)
        print("accepted", made, flush=True)
    time.sleep(0.02)
"""
PUBLISHER = """
import subprocess, sys, time
from pathlib import Path
from coi_graph.publishing.watch import Publisher
from small_tree import Tree
config = Tree(Path(sys.argv[1]), "disk/home").config(keep_releases=int(sys.argv[2]), min_free=0)
publisher = Publisher(config, print, lambda: None, lambda: subprocess.Popen(["true"]))
publisher.run(lambda seconds: time.sleep(min(seconds, 0.02)) or False)
"""


@dataclass
class Machine:
    """Sources, and a home on a disk whose power can be cut."""

    folder: Path
    sent: set[int] = field(default_factory=set)
    accepted: set[int] = field(default_factory=set)
    seen: list[int] = field(default_factory=list)
    runs: int = 0

    @property
    def tree(self) -> Tree:
        return Tree(self.folder, "disk/home")

    @property
    def image(self) -> Path:
        return self.folder / "image"

    @property
    def mounted(self) -> Path:
        return self.folder / "disk"

    def make_disk(self) -> bool:
        self.mounted.mkdir()
        self.image.touch()
        os.truncate(self.image, 256 << 20)
        # Small, and nothing left to do in the background once it is mounted.
        options = "lazy_itable_init=0,lazy_journal_init=0"
        made = subprocess.run(
            ["mkfs.ext4", "-q", "-F", "-E", options, str(self.image)], check=False
        )
        return not made.returncode and self.mount()

    def mount(self) -> bool:
        command = ["mount", "-o", _MOUNT, str(self.image), str(self.mounted)]
        return not subprocess.run(command, check=False, capture_output=True).returncode

    def unmount(self) -> None:
        subprocess.run(["umount", str(self.mounted)], check=True)

    def run(self, seconds: float) -> None:
        """Everybody works until there is a release more, and so long after that; then the power is
        cut, and comes back."""
        self.runs += 1
        told = self.folder / "told"
        with ExitStack() as stack:
            output = stack.enter_context(told.open("w"))
            working = [
                self._start(SENDER, str(self.runs * 100_000), output),
                self._start(PUBLISHER, str(KEEP), subprocess.DEVNULL),
            ]
            began = time.monotonic()
            self._look()
            before, end = self.seen[-1], None
            try:
                while end is None or time.monotonic() < end:
                    self._look()
                    if end is None and self.seen[-1] > before:
                        end = time.monotonic() + seconds
                    assert time.monotonic() - began < PATIENCE, "nothing is published"
                    time.sleep(0.005)
                for process in working:
                    assert process.poll() is None
                    process.send_signal(signal.SIGSTOP)
                for process in working:
                    _wait_until_stopped(process.pid)
                self._look()
                copy = self._copied()
            finally:
                for process in working:
                    process.kill()
                    process.wait()
        for line in told.read_text().splitlines():
            kind, number = line.split()
            {"sent": self.sent, "accepted": self.accepted}[kind].add(int(number))
        self.unmount()
        copy.replace(self.image)
        assert self.mount()

    def _start(self, script: str, argument: str, output: Any) -> subprocess.Popen[bytes]:
        tests = ROOT / "tests"
        paths = os.pathsep.join((str(ROOT / "src"), str(tests), str(tests / "publishing")))
        return subprocess.Popen(
            [sys.executable, "-c", script, str(self.folder), argument],
            stdout=output,
            env={**os.environ, "PYTHONPATH": paths},
        )

    def _look(self) -> None:
        self.seen.append(Releases(self.tree.home / "releases").current_number() or 0)

    def _copied(self) -> Path:
        """The disk, twice the same: the kernel may still be writing."""
        copy = self.folder / "copy"
        for _ in range(20):
            command = ["cp", "--sparse=always", str(self.image), str(copy)]
            subprocess.run(command, check=True)
            compare = ["cmp", "-s", str(self.image), str(copy)]
            if not subprocess.run(compare, check=False).returncode:
                return copy
        raise AssertionError("the disk does not come to rest")


def _wait_until_stopped(pid: int) -> None:
    deadline = time.monotonic() + 30
    tasks = Path(f"/proc/{pid}/task")
    while any("State:\tT" not in (task / "status").read_text() for task in tasks.iterdir()):
        assert time.monotonic() < deadline
        time.sleep(0.005)


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    found = Machine(tmp_path)
    Tree.make(tmp_path)
    require(not os.geteuid() and found.make_disk(), "the right to mount a file system")
    try:
        yield found
    finally:  # whatever a test that has failed still holds open
        subprocess.run(["umount", "--lazy", str(found.mounted)], check=True)


@pytest.mark.slow
def test_nothing_acknowledged_is_lost_when_the_power_is_cut(machine: Machine) -> None:
    rng = random.Random(2017)
    machine.tree.must_build(keep_releases=KEEP, min_free=0)
    Desk.open(machine.tree).ledger.close()
    os.sync()
    for _ in range(CUTS):
        machine.run(rng.uniform(0, 2))
        check(machine)
    assert len(machine.accepted) > CUTS, "too little was going on"


def check(machine: Machine) -> None:
    """What somebody finds who starts everything again after the cut."""
    tree = machine.tree
    left = tree.current
    assert_whole(left)  # before anybody has mended anything
    desk = Desk.open(tree)
    states = {one: State(desk.state(one)[0]) for one in machine.sent | machine.accepted}
    assert set(states.values()) <= set(_OPEN)
    assert {one for one in machine.accepted if states[one] is State.SUBMITTED} == set()
    while build(tree.config(keep_releases=KEEP, min_free=0), dumps=False).release is not None:
        pass
    current = tree.current.number
    assert current >= max(machine.seen), "readers go backwards"
    assert machine.seen == sorted(machine.seen)
    machine.seen.append(current)
    history = events.since(desk.ledger, limit=100_000)
    published = [row["contribution"] for row in history if row["kind"] == "published"]
    assert len(published) == len(set(published))
    assert machine.accepted <= set(published)
    for one in machine.accepted:
        assert desk.held(one), f"contribution {one} is in its graph"
    for release in tree.releases.all():
        if release.is_readable:
            assert_whole(release)
    assert tree.leftovers() == []
    desk.ledger.close()
