"""Which releases changed a thing: looked up, not searched for."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from coi_graph.publishing import feed, timeline
from coi_graph.publishing.history import rollback
from coi_graph.publishing.releases import Releases
from coi_graph.publishing.timeline import Timeline
from small_tree import ANOTHER_ROLE, BASE, FILES, ROLE, Tree


def changes(tree: Tree, thing: str, until: int = 99) -> list[tuple[int, str]]:
    return [(one.release, one.what) for one in Timeline(tree.releases).of_thing(thing, until)]


def grown(tree: Tree) -> Tree:
    tree.must_build()
    tree.append("data/roles.ttl", ANOTHER_ROLE)
    tree.must_build()
    tree.append("data/roles.ttl", 'role:adviser skos:altLabel "x" .\n')
    tree.must_build()
    tree.write("data/roles.ttl", FILES["data/roles.ttl"])
    tree.must_build(keep_releases=1)
    rollback(tree.config(keep_releases=1), 2)
    return tree


def test_each_change_of_a_thing(tree: Tree) -> None:
    grown(tree)
    every = [(2, "Create"), (3, "Update"), (4, "Delete"), (5, "Create")]
    assert changes(tree, ROLE + "adviser") == every
    assert changes(tree, ROLE + "adviser", until=3) == every[:2]
    assert changes(tree, ROLE + "analyst") == [(1, "Create")]
    assert changes(tree, ROLE + "nobody") == []
    assert changes(tree, BASE + "graph/data/roles") == [(1, "Create")]
    for one in Timeline(tree.releases).of_thing(ROLE + "adviser", 9):
        release = tree.releases.get(one.release)
        assert one.issued == release.manifest.issued
        (page,) = feed.read_index(release.path).pages
        things = [thing for thing, _ in feed.things_of_page(release.path, page)]
        assert things[one.number - 1] == ROLE + "adviser"


def test_an_index_that_is_lost_or_damaged_is_made_again(tree: Tree) -> None:
    grown(tree)
    expected = changes(tree, ROLE + "adviser")
    path = tree.home / timeline.NAME
    for damage in (path.unlink, lambda: path.write_bytes(b"no database" * 500)):
        damage()
        assert changes(tree, ROLE + "adviser") == []
        tree.build()
        assert changes(tree, ROLE + "adviser") == expected


def test_other_releases_under_the_same_numbers_replace_it(tree: Tree) -> None:
    grown(tree)
    other = Tree.make(tree.folder / "other")
    other.append("data/roles.ttl", "role:other a coi:StrategicRole ; skos:prefLabel 'x'@da .\n")
    for number in range(2):
        other.append("data/roles.ttl", f"role:other skos:altLabel 'x{number}' .\n")
        other.must_build()
        shutil.rmtree(tree.home / "releases", ignore_errors=True)
        shutil.copytree(other.home / "releases", tree.home / "releases", symlinks=True)
        timeline.keep_up(tree.releases)
        assert changes(tree, ROLE + "adviser") == []
        assert changes(tree, ROLE + "other")[0] == (1, "Create")


def test_a_home_may_be_given_from_here(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    grown(tree)
    monkeypatch.chdir(tree.home.parent)
    releases = Releases(Path(tree.home.name) / "releases")
    assert Timeline(releases).of_thing(ROLE + "adviser", 99)
    assert Timeline(releases).reviews_of_release(2) == []  # the files changed, nobody contributed


def test_a_thread_that_has_it_open_reads_the_one_that_replaces_it(tree: Tree) -> None:
    grown(tree)
    path, kept = tree.home / timeline.NAME, Timeline(tree.releases)
    assert kept.of_thing(ROLE + "adviser", 99)
    copy = path.with_suffix(".copy")
    shutil.copy(path, copy)
    with closing(sqlite3.connect(copy)) as database, database:
        database.execute("DELETE FROM change")
    copy.rename(path)
    assert kept.of_thing(ROLE + "adviser", 99) == []
    path.unlink()
    assert kept.of_thing(ROLE + "adviser", 99) == []
