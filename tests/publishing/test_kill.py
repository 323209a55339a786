"""A publisher killed at any moment leaves the old release or the new one, readable and whole.

Real `coi-graph build` processes are killed with SIGKILL: before each step that they take in the
file system, and at random moments, most of them while the release is made, as what the store
itself writes is no step of Python's. Each build ends with
pruning the release before it, so that this is killed too.
"""

from __future__ import annotations

import itertools
import os
import random
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace

import pyoxigraph as ox
import pytest

from coi_graph.publishing import dumps
from coi_graph.publishing.dump_plan import plan
from small_tree import ANOTHER_ROLE, Tree, assert_whole, content

RANDOM_KILLS = 50
AT_ONCE = 2
KEEP = 1
WELL_AFTER = 60  # steps, of which the switch is one
ENVIRONMENT = {
    **{name: value for name, value in os.environ.items() if not name.startswith("COI_")},
    "COI_KEEP_RELEASES": str(KEEP),
}

#: Kills itself before the n-th step in the file system of its home; 0 only counts them.
STEPS = """
import atexit, os, signal, sys
at, home, taken = int(sys.argv.pop(1)), sys.argv.pop(1), 0
CHANGES = {"os.mkdir", "os.rename", "os.symlink", "os.remove", "os.rmdir"}
def watch(event, args):
    global taken
    if event == "open":
        change = isinstance(args[2], int) and args[2] & (os.O_WRONLY | os.O_RDWR)
        here = home in str(args[0])
    else:
        change = event in CHANGES
        # shutil.rmtree names files by the descriptor of their folder
        here = any(home in str(arg) or isinstance(arg, int) and arg > 2 for arg in args)
    if change and here:
        taken += 1
        if taken == at:
            os.kill(os.getpid(), signal.SIGKILL)
if not at:
    atexit.register(lambda: print(taken))
from coi_graph.cli import main
sys.addaudithook(watch)
main()
"""


@dataclass
class Scene:
    """A home with release 1, and files that have changed since."""

    tree: Tree
    old: set[ox.Quad]
    new: set[ox.Quad]
    counter: itertools.count[int] = field(default_factory=itertools.count)

    def copy(self) -> Tree:
        """The same files and a home of its own."""
        tree = replace(self.tree, home_name=f"home-{next(self.counter)}")
        shutil.copytree(self.tree.home, tree.home, symlinks=True)
        return tree

    def arguments(self, tree: Tree) -> list[str]:
        return ["build", "--home", str(tree.home), "--sources", str(tree.sources)]

    def start(self, tree: Tree) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-m", "coi_graph", *self.arguments(tree)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            bufsize=0,
            env=ENVIRONMENT,
        )

    def step(self, tree: Tree, at: int) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-c", STEPS, str(at), str(tree.home), *self.arguments(tree)],
            capture_output=True,
            text=True,
            env=ENVIRONMENT,
            timeout=300,
        )

    def check(self, tree: Tree) -> int:
        """Old or new, and whole; then a fresh build ends with what the files say.

        Returns the number of the release that was left.
        """
        left = tree.current
        assert left.number in (1, 2)
        assert_whole(left)
        assert content(left.open()) == {1: self.old, 2: self.new}[left.number]
        tree.build(keep_releases=KEEP)
        current = tree.current
        assert current.number == 2
        assert_whole(current)
        assert content(current.open()) == self.new
        assert [release.number for release in tree.releases.all()] == [1, 2]
        assert [release.is_readable for release in tree.releases.all()] == [False, True]
        assert tree.leftovers() == []
        assert dumps.verify(current) == len(list(plan(current.manifest.graphs)))
        assert tree.build(keep_releases=KEEP) is None
        shutil.rmtree(tree.home)
        return left.number


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    tree = Tree.make(tmp_path_factory.mktemp("kill"))
    old = content(tree.must_build().open())
    tree.append("data/roles.ttl", ANOTHER_ROLE)
    (tree.sources / "data/tools.ttl").unlink()
    wanted = replace(tree, home_name="wanted")
    new = content(wanted.must_build().open())
    assert old - new
    assert new - old
    return Scene(tree, old, new)


@pytest.mark.slow
def test_killed_at_any_moment(scene: Scene) -> None:
    with ThreadPoolExecutor(AT_ONCE) as pool:
        counted = scene.step(whole := scene.copy(), 0)
        assert counted.returncode == 0, counted.stderr
        steps = int(counted.stdout)
        assert scene.check(whole) == 2
        assert steps > 10

        def before_step(at: int) -> int:
            tree = scene.copy()
            done = scene.step(tree, at)
            assert done.returncode == -9, f"step {at} of {steps}: {done.stderr}"
            return scene.check(tree)

        # Each step until well after the switch; from then on files for download are made, each in
        # the same five steps.
        chosen = [*range(1, WELL_AFTER), *range(WELL_AFTER, steps + 1, 17)]
        left = list(pool.map(before_step, chosen))
        # Threads take some of the steps, so that the switch is not always at the same number.
        assert (left[0], left[-1]) == (1, 2), "both sides of the switch"

        # Random moments: of the whole process (every third), or from its first word on.
        timed = [timing(scene) for _ in range(3)]
        till_word, after_word = (sorted(times)[1] for times in zip(*timed, strict=True))
        rng = random.Random(2017)

        def at_random(number: int) -> bool:
            tree = scene.copy()
            child = scene.start(tree)
            assert child.stderr is not None
            if number % 3 == 0:
                delay = rng.uniform(0, till_word + after_word)
            else:
                child.stderr.readline()
                delay = rng.uniform(0, after_word)
            time.sleep(delay)
            child.kill()
            child.communicate()
            assert child.returncode in (0, -9)
            scene.check(tree)
            return child.returncode == -9

        killed, numbers = 0, itertools.count()
        while killed < RANDOM_KILLS:
            batch = [next(numbers) for _ in range(max(AT_ONCE, RANDOM_KILLS - killed))]
            killed += sum(pool.map(at_random, batch))
            assert batch[-1] < 10 * RANDOM_KILLS, "the children finish before they are killed"


def timing(scene: Scene) -> tuple[float, float]:
    """Seconds of a build that is left alone: until it says something, and from then on."""
    tree = scene.copy()
    start = time.monotonic()
    child = scene.start(tree)
    assert child.stderr is not None
    child.stderr.readline()
    spoke = time.monotonic()
    _, rest = child.communicate()
    assert child.returncode == 0, rest
    ended = time.monotonic()
    assert scene.check(tree) == 2
    return spoke - start, ended - spoke
