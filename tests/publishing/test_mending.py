"""A damaged release is noticed by the next publisher, and made again: from change sets, from the
dump, from files and ledger."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pyoxigraph as ox
import pytest
from test_contributed import Desk, role

from coi_graph.publishing import changes, feed
from coi_graph.publishing.build import Built, build, mend
from coi_graph.publishing.dumps import folder_of
from coi_graph.publishing.releases import Release
from coi_graph.publishing.workbench import Workbench
from small_tree import ANOTHER_ROLE, Tree, assert_whole, content


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Tree:
    """Three releases: files, a contribution, and changed files. Not to be changed."""
    tree = Tree.make(tmp_path_factory.mktemp("mending"))
    tree.must_build()
    desk = Desk.open(tree)
    desk.accept(role("contributed"))
    tree.must_build()
    desk.ledger.close()
    tree.append("data/roles.ttl", ANOTHER_ROLE)
    tree.must_build()
    return tree


@pytest.fixture
def tree(history: Tree, tmp_path: Path) -> Tree:
    """A copy with a home of its own."""
    shutil.copytree(history.folder, tmp_path / "copy", symlinks=True)
    return replace(history, folder=tmp_path / "copy")


def one(release: Release, pattern: str) -> Path:
    """The largest such file of its store; no longer shared with another release."""
    path = max(release.store_path.glob(pattern), key=lambda path: path.stat().st_size)
    whole = path.read_bytes()
    path.unlink()
    path.write_bytes(whole)
    return path


def flipped(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0x40
    path.write_bytes(data)


def cut(path: Path, keep: float = 0.5) -> None:
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * keep)])


DAMAGE: dict[str, Callable[[Release], None]] = {
    "a byte of the data": lambda release: flipped(one(release, "*.sst")),
    "data cut short": lambda release: cut(one(release, "*.sst")),
    "data gone": lambda release: one(release, "*.sst").unlink(),
    "RocksDB's manifest cut short": lambda release: cut(one(release, "MANIFEST-*")),
    "RocksDB's manifest empty": lambda release: cut(one(release, "MANIFEST-*"), 0),
    "a byte of RocksDB's manifest": lambda release: flipped(one(release, "MANIFEST-*")),
    "CURRENT gone": lambda release: one(release, "CURRENT").unlink(),
    "CURRENT empty": lambda release: cut(one(release, "CURRENT"), 0),
    "the whole store gone": lambda release: shutil.rmtree(release.store_path),
}


def mended(tree: Tree, expected: set[ox.Quad]) -> Built:
    """What a build does; it must end with a whole release of the same content."""
    made = tree.built()
    current = tree.current
    assert_whole(current)
    assert content(current.open()) == expected
    assert tree.build() is None, "once is enough"
    assert tree.leftovers() == []
    return made


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_store_is_made_again(tree: Tree, damage: str) -> None:
    expected = content(tree.current.open())
    DAMAGE[damage](tree.current)
    made = mended(tree, expected)
    assert made.release is not None
    assert (made.release.number, made.release.manifest.rolled_back_to) == (4, 3)
    assert made.release.manifest.added == made.release.manifest.removed, "only its own description"


def test_from_the_dump_where_the_change_sets_are_damaged_too(tree: Tree) -> None:
    expected = content(tree.current.open())
    for release in tree.releases.all():
        flipped(one(release, "*.sst"))
        cut(release.path / changes.ADDED)
    assert mended(tree, expected).release is not None


def test_from_files_and_ledger_where_nothing_else_is_left(tree: Tree) -> None:
    expected = content(tree.current.open())
    issued = tree.current.manifest.issued
    for release in tree.releases.all():
        flipped(one(release, "*.sst"))
        cut(release.path / changes.ADDED)
        shutil.rmtree(folder_of(release))
    made = mended(tree, expected)
    assert made.release is not None
    assert (made.release.number, made.release.manifest.parent) == (4, None)
    assert made.release.manifest.issued > issued
    assert feed.read_index(made.release.path).counts.keys() == {"Create"}


def test_a_manifest_that_cannot_be_read(tree: Tree) -> None:
    expected = content(tree.current.open())
    cut(tree.current.path / "manifest.json")
    assert mended(tree, expected).release is not None


def test_a_publisher_begins_by_looking(tree: Tree) -> None:
    expected = content(tree.current.open())
    told: list[str] = []
    bench = Workbench()

    def tell(text: object) -> None:
        told.append(str(text))

    mend(tree.config(), tell=tell, bench=bench)
    assert (tree.current.number, told) == (3, [])
    flipped(one(tree.current, "*.sst"))
    mend(tree.config(), tell=tell, bench=bench)
    assert (tree.current.number, content(tree.current.open())) == (4, expected)
    assert told[0] == "release 3 is damaged; it is made again"


def test_what_waits_is_published_on_top(tree: Tree) -> None:
    desk = Desk.open(tree)
    made = desk.accept(role("waiting"))
    flipped(one(tree.current, "*.sst"))
    release = build(tree.config()).release
    assert release is not None
    assert release.number == 5
    assert_whole(release)
    assert desk.held(made) == {"waiting"}
    desk.ledger.close()
