"""The change feed: replayed from nothing, it gives each release exactly."""

from __future__ import annotations

import itertools
import random
import shutil
from pathlib import Path

import pyoxigraph as ox
import pytest

from coi_graph.namespaces import GENID
from coi_graph.publishing import feed
from coi_graph.publishing.changes import ChangeSet
from coi_graph.publishing.feed_members import Member, members
from coi_graph.publishing.history import rollback
from coi_graph.publishing.releases import Release
from coi_graph.store import Store
from small_tree import ANOTHER_ROLE, BASE, FILES, GRAPH, HEAD, ROLE, Tree, content

LICENCE = "https://creativecommons.org/licenses/by/4.0/"
PROV = "http://www.w3.org/ns/prov#"


def members_of(release: Release) -> list[Member]:
    index = feed.read_index(release.path)
    return [
        member for page in index.pages for member in members(feed.read_page(release.path, page))
    ]


class Replay:
    """What somebody holds who applies one release after another, thing by thing."""

    def __init__(self) -> None:
        self.things: dict[str, frozenset[ox.Quad]] = {}

    def apply(self, found: list[Member]) -> None:
        assert len({member.thing for member in found}) == len(found), "a member for each thing"
        for member in found:
            known = member.thing in self.things
            assert known == (member.what != "Create"), member
            if member.what == "Delete":
                assert member.quads == frozenset()
                del self.things[member.thing]
            else:
                assert member.quads
                assert member.quads != self.things.get(member.thing), "nothing changed"
                self.things[member.thing] = member.quads

    def quads(self) -> set[ox.Quad]:
        every = [quad for quads in self.things.values() for quad in quads]
        assert len(every) == len(set(every)), "each statement belongs to one thing"
        return set(every)


def test_replaying_the_feed_of_everything_gives_the_release(release: Release) -> None:
    replay = Replay()
    replay.apply(members_of(release))
    assert replay.quads() == content(release.open())
    assert not any(thing.startswith(GENID) for thing in replay.things), "parts are no things"
    index = feed.read_index(release.path)
    assert index.counts == {"Create": len(replay.things)}
    assert index.kinds["role"] == {"Create": 3}
    assert sum(page.members for page in index.pages) == index.members == len(replay.things)
    assert [page.first for page in index.pages] == sorted(page.first for page in index.pages)


def test_replaying_each_release_gives_that_release(tree: Tree) -> None:
    replay = Replay()

    def check(release: Release | None) -> list[tuple[str, str]]:
        assert release is not None
        found = members_of(release)
        replay.apply(found)
        assert replay.quads() == content(release.open())
        return [(member.what, member.thing.removeprefix(BASE)) for member in found]

    assert ("Create", "id/role/analyst") in check(tree.build())
    tree.append("data/roles.ttl", ANOTHER_ROLE)
    assert check(tree.build()) == [("Create", "id/role/adviser")]
    tree.write("data/roles.ttl", FILES["data/roles.ttl"])
    (tree.sources / "data/tools.ttl").unlink()
    assert check(tree.build()) == [
        ("Delete", "graph/data/tools"),
        ("Delete", "id/role/adviser"),
        ("Delete", "id/tool/guide"),
    ]
    tree.write("data/tools.ttl", HEAD + "tool:guide coi:steps ( 1 2 ) .\n")
    tree.append("data/roles.ttl", "tool:guide skos:note 'another graph' .\n")
    assert check(tree.build()) == [
        ("Create", "graph/data/tools"),
        ("Create", "id/tool/guide"),
    ]
    tree.write("data/tools.ttl", HEAD + "tool:guide coi:steps ( 1 2 3 ) .\n")
    assert check(tree.build()) == [("Update", "id/tool/guide")], "a list belongs to its thing"
    assert ("Create", "id/role/adviser") in check(rollback(tree.config(), 2))
    # the clock of a release is always later than its parent's, however fast they come
    issued = [release.manifest.issued for release in tree.releases.all()]
    assert issued == sorted(set(issued))


def test_a_statement_in_another_graph_than_its_thing_says_so(tree: Tree) -> None:
    """As a stranger reads it: no more than what decision 45 says."""
    tree.append("data/roles.ttl", "tool:guide skos:note 'in the graph of roles' .\n")
    release = tree.must_build()
    index = feed.read_index(release.path)
    quads = [q for page in index.pages for q in feed.read_page(release.path, page)]
    (activity,) = (q.subject for q in quads if str(q.object) == f"<{BASE}id/tool/guide>"
                   and q.predicate.value.endswith("activitystreams#object"))  # fmt: skip
    payload = [q for q in quads if q.graph_name == activity]
    had = {(q.subject.value, q.object.value) for q in payload
           if q.predicate.value == PROV + "hadMember"}  # fmt: skip
    assert had == {
        (BASE + "release/1", activity.value),
        (GRAPH + "data/tools", activity.value),
        (GRAPH + "data/roles", activity.value + "/1"),
    }
    node = ox.NamedNode(activity.value + "/1")
    reified = {q.predicate.value.rpartition("#")[2]: q.object for q in payload if q.subject == node}
    note = next(
        q for q in payload if "in the graph of roles" in str(q.object) and q.subject != node
    )
    assert (reified["subject"], reified["predicate"], reified["object"]) == (
        note.subject, note.predicate, note.object)  # fmt: skip


NODES = [*(ox.NamedNode(f"{GENID}{n}") for n in range(6)),
         *(ox.NamedNode(f"{BASE}id/x/{n}") for n in range(4))]  # fmt: skip
LINKS = [ox.NamedNode("http://example.org/p"), ox.NamedNode("http://example.org/q")]
GRAPHS = [ox.NamedNode(GRAPH + name) for name in ("a", "b")]


@pytest.mark.parametrize("seed", range(60))
def test_any_graph_of_parts_and_any_change_of_it_replays(tmp_path: Path, seed: int) -> None:
    """Parts that hang on several things, on none, in circles, and move: whatever there is."""
    rng = random.Random(seed)

    def some(most: int) -> set[ox.Quad]:
        values = [*NODES, ox.Literal("1")]
        return {
            ox.Quad(rng.choice(NODES), rng.choice(LINKS), rng.choice(values), rng.choice(GRAPHS))
            for _ in range(rng.randint(0, most))
        }

    store = Store.create(tmp_path / "store")
    replay, now = Replay(), set[ox.Quad]()
    for number in range(1, 7):
        wanted = some(14) if rng.random() < 0.3 else (now | some(4)) - set(
            rng.sample(sorted(now, key=str), min(len(now), rng.randint(0, 4)))
        )  # fmt: skip
        change = ChangeSet(added=wanted - now, removed=now - wanted)
        store.apply(removed=change.removed, added=change.added)
        now = wanted
        folder = tmp_path / f"{number:06d}"
        folder.mkdir()
        known = store if number > 1 else None
        feed.make(folder, number, f"2026-01-0{number}T00:00:00Z", change, known)
        replay.apply(members_of(Release(folder)))
        assert replay.quads() == now, (seed, number)


def test_a_long_list_is_read_once(tmp_path: Path) -> None:
    """A chain of 20,000 parts: the way from each to its thing must not be walked from each."""
    store = Store.create(tmp_path / "store")
    chain = [ox.NamedNode(BASE + "id/x/1"), *(ox.NamedNode(f"{GENID}{n}") for n in range(20_000))]
    quads = {ox.Quad(a, LINKS[0], b, GRAPHS[0]) for a, b in itertools.pairwise(chain)}
    store.apply(removed=(), added=quads)
    folder = tmp_path / "000002"
    folder.mkdir()
    index = feed.make(folder, 2, "2026-01-01T00:00:00Z", ChangeSet(added=quads), store)
    assert (index.members, index.counts) == (1, {"Create": 1})
    (member,) = members_of(Release(folder))
    assert member.quads == quads


def test_the_feed_of_a_change_reads_the_change_only(tree: Tree) -> None:
    """The pages of a release hold the things that it changed, and survive pruning."""
    tree.must_build()
    tree.append("data/roles.ttl", ANOTHER_ROLE)
    tree.must_build()
    tree.append("data/roles.ttl", 'role:adviser skos:altLabel "x" .\n')
    tree.must_build(keep_releases=1)
    assert not tree.releases.get(2).is_readable
    assert [(m.what, m.thing) for m in members_of(tree.releases.get(2))] == [
        ("Create", ROLE + "adviser")
    ]
    assert [m.what for m in members_of(tree.releases.get(3))] == ["Update"]


def test_a_feed_that_is_missing_is_made_the_same_again(tree: Tree) -> None:
    tree.must_build()
    tree.append("data/roles.ttl", ANOTHER_ROLE)
    tree.must_build()
    tree.append("data/roles.ttl", 'role:adviser skos:altLabel "x" .\n')
    tree.must_build(keep_releases=1)

    def pages() -> dict[str, bytes]:
        files = (tree.home / "releases").glob("[0-9]*/feed/*")
        return {str(path): path.read_bytes() for path in files}

    before = pages()
    for number in (1, 2, 3):
        shutil.rmtree(tree.releases.get(number).path / feed.FOLDER)
    feed.keep_up(tree.releases)
    assert pages() == before
    assert tree.leftovers() == []
