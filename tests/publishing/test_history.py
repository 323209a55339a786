"""Comparing releases, and going back."""

from __future__ import annotations

import gzip
import shutil

import pyoxigraph as ox
import pytest

from coi_graph.errors import BadRequest, NoRelease, NotFound, ReleaseCorrupt
from coi_graph.publishing import changes
from coi_graph.publishing.history import compare, rollback
from small_tree import (
    ANOTHER_ROLE,
    GRAPH,
    HEAD,
    ROLE,
    Tree,
    assert_whole,
    content,
    three_releases,
)


@pytest.fixture
def history(tree: Tree) -> Tree:
    """Those of `three_releases`; 4: the tools back, otherwise."""
    three_releases(tree)
    tree.write("data/tools.ttl", HEAD + 'tool:guide skos:prefLabel "vejledning"@da .\n')
    tree.must_build()
    return tree


def quads(tree: Tree, number: int) -> set[ox.Quad]:
    return set(tree.releases.get(number).open().quads())


class TestCompare:
    def test_is_what_turns_one_into_the_other(self, history: Tree) -> None:
        states = {number: quads(history, number) for number in (1, 2, 3, 4)}
        for first in states:
            for second in states:
                change = compare(history.releases, first, second)
                assert change.added == states[second] - states[first], (first, second)
                assert change.removed == states[first] - states[second], (first, second)

    def test_needs_no_stores(self, history: Tree) -> None:
        expected = compare(history.releases, 1, 4)
        for number in (1, 2, 3, 4):
            shutil.rmtree(history.releases.get(number).store_path)
        assert compare(history.releases, 1, 4) == expected

    @pytest.mark.parametrize(("first", "second"), [(0, 1), (1, 5), (5, 1), (-1, 1), (5, 5)])
    def test_of_a_number_that_was_never_published(
        self, history: Tree, first: int, second: int
    ) -> None:
        with pytest.raises(NotFound):
            compare(history.releases, first, second)

    @pytest.mark.parametrize("damage", ["gone", "empty", "no gzip", "cut", "bit", "no quads"])
    def test_of_a_damaged_change_set_names_it(self, history: Tree, damage: str) -> None:
        path = history.releases.get(2).path / changes.ADDED
        data = path.read_bytes()
        if damage == "gone":
            path.unlink()
        else:
            path.write_bytes(
                {
                    "empty": b"",
                    "no gzip": b"not gzip",
                    "cut": data[:-9],
                    "bit": data[:-5] + bytes([data[-5] ^ 1]) + data[-4:],
                    "no quads": gzip.compress(b"no quads"),
                }[damage]
            )
        with pytest.raises(ReleaseCorrupt, match=r"000002/added\.nq\.gz"):
            compare(history.releases, 1, 4)
        with pytest.raises(ReleaseCorrupt, match=r"000002/added\.nq\.gz"):
            rollback(history.config(), 1)
        assert history.current.number == 4
        assert history.leftovers() == []


class TestRollback:
    def test_is_a_new_release_with_the_old_content(self, history: Tree) -> None:
        for number in (1, 2, 3):
            made = rollback(history.config(), number)
            old = history.releases.get(number)
            assert made.number == history.releases.current_number()
            assert made.manifest.content_hash == old.manifest.content_hash
            assert made.manifest.rolled_back_to == number
            assert made.manifest.sources == old.manifest.sources
            assert content(made.open()) == content(old.open())
            assert_whole(made)
        assert [r.number for r in history.releases.all()] == [1, 2, 3, 4, 5, 6, 7]
        assert history.leftovers() == []

    def test_states_its_own_number_and_parent(self, history: Tree) -> None:
        made = rollback(history.config(), 1)
        assert (made.manifest.release, made.manifest.parent) == (5, 4)
        described = {q.subject for q in made.open().quads(graph=GRAPH + "release")}
        assert ox.NamedNode("https://w3id.org/coi-graph/release/5") in described
        assert ox.NamedNode("https://w3id.org/coi-graph/release/1") not in described

    def test_leaves_tombstones_for_what_goes_and_none_for_what_comes_back(
        self, history: Tree
    ) -> None:
        def gone(number: int) -> set[str]:
            stones = history.releases.get(number).open().quads(graph=GRAPH + "removed")
            return {q.subject.value for q in stones if isinstance(q.subject, ox.NamedNode)}

        assert gone(4) == {ROLE + "adviser"}
        assert rollback(history.config(), 2).number == 5
        assert gone(5) == set()
        assert rollback(history.config(), 1).number == 6
        assert gone(6) == {ROLE + "adviser"}

    def test_stays_until_a_file_changes(self, history: Tree) -> None:
        rollback(history.config(), 1)
        assert history.build() is None
        assert history.build() is None
        assert history.releases.current_number() == 5
        history.append("data/roles.ttl", 'role:analyst skos:altLabel "x"@da .\n')
        made = history.must_build()
        # everything is as the files say, not only the file that changed
        state = content(made.open())
        expected = content(history.releases.get(4).open())
        tools = ox.NamedNode(GRAPH + "data/tools")
        assert {q for q in state if q.graph_name == tools} == {
            q for q in expected if q.graph_name == tools
        }
        assert len(state - expected) == 1
        assert made.manifest.rolled_back_to is None
        assert made.manifest.sources == made.manifest.seen
        assert_whole(made)

    def test_stays_until_any_file_changes_even_in_a_comment(self, history: Tree) -> None:
        rollback(history.config(), 1)
        history.append("data/tools.ttl", "# a comment\n")
        made = history.must_build()
        assert made.manifest.content_hash == history.releases.get(4).manifest.content_hash

    def test_can_be_taken_back(self, history: Tree) -> None:
        rollback(history.config(), 1)
        made = rollback(history.config(), 4)
        assert made.manifest.content_hash == history.releases.get(4).manifest.content_hash
        assert made.manifest.sources == made.manifest.seen
        assert history.build() is None

    def test_of_a_pruned_release(self, history: Tree) -> None:
        expected = content(history.releases.get(1).open())
        made = rollback(history.config(keep_releases=1), 1)
        assert not history.releases.get(1).is_readable
        assert content(made.open()) == expected
        again = rollback(history.config(keep_releases=1), 2)
        assert again.manifest.content_hash == history.releases.get(2).manifest.content_hash
        assert_whole(again)

    def test_to_the_current_one_is_refused(self, history: Tree) -> None:
        with pytest.raises(BadRequest, match="4"):
            rollback(history.config(), 4)
        assert history.releases.current_number() == 4

    @pytest.mark.parametrize("number", [0, 5, -3])
    def test_to_one_that_was_never_published_is_refused(self, history: Tree, number: int) -> None:
        with pytest.raises(NotFound):
            rollback(history.config(), number)
        assert history.releases.current_number() == 4
        assert history.leftovers() == []

    def test_of_nothing(self, tree: Tree) -> None:
        with pytest.raises(NoRelease):
            rollback(tree.config(), 1)

    @pytest.mark.parametrize("number", [1, 2, 3, 4])
    def test_works_when_the_current_release_is_damaged(self, history: Tree, number: int) -> None:
        """That is when somebody needs it: the error of a damaged release says so."""
        expected = {n: content(history.releases.get(n).open()) for n in (1, 2, 3, 4)}
        (rocks,) = (history.current.store_path).glob("MANIFEST-*")
        data = rocks.read_bytes()
        rocks.write_bytes(data[: len(data) // 2])
        with pytest.raises(ReleaseCorrupt) as caught:
            history.current.verify()
        assert "rollback" in str(caught.value.remedy)
        made = rollback(history.config(), number)
        assert made.number == 5
        assert content(made.open()) == expected[number]
        assert_whole(made)

    def test_that_does_not_arrive_at_the_old_content_is_refused(self, history: Tree) -> None:
        path = history.releases.get(2).path / changes.ADDED
        lines = gzip.decompress(path.read_bytes()).splitlines(keepends=True)
        path.write_bytes(gzip.compress(b"".join(line for line in lines if b"adviser" not in line)))
        with pytest.raises(ReleaseCorrupt, match="release 1 cannot be made again"):
            rollback(history.config(), 1)
        assert history.current.number == 4
        assert history.leftovers() == []

    def test_of_a_release_that_was_not_validated_says_so(self, tree: Tree) -> None:
        tree.must_build(validate=False)
        tree.append("data/roles.ttl", ANOTHER_ROLE)
        assert tree.must_build().manifest.validated is True
        assert rollback(tree.config(), 1).manifest.validated is False
