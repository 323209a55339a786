"""Building releases from a small tree of files."""

from __future__ import annotations

import fcntl
import gzip
import json
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

import pyoxigraph as ox
import pytest

from coi_graph import config
from coi_graph.errors import Busy, OutOfSpace, ReleaseCorrupt, UnreadableInput
from coi_graph.publishing import build as building
from coi_graph.publishing import changes, durable
from coi_graph.publishing.build import ViolationsFound, build
from coi_graph.publishing.manifest import AFTERWARDS
from coi_graph.publishing.releases import Release
from small_tree import (
    A_NAMELESS_ROLE,
    ANOTHER_ROLE,
    BASE,
    FILES,
    GRAPH,
    HEAD,
    ROLE,
    Tree,
    assert_whole,
    content,
    graph_counts,
)

INVALIDATED = ox.NamedNode("http://www.w3.org/ns/prov#invalidatedAtTime")
TYPE = ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
LABEL = ox.NamedNode("http://www.w3.org/2004/02/skos/core#prefLabel")


def lines(path: Path) -> list[str]:
    return gzip.decompress(path.read_bytes()).decode().splitlines()


def said(release: Release, *, of: set[str] | None = None) -> dict[str, set[ox.Quad]]:
    """Added and removed quads of a change set, in the graphs ``of`` (None: in those of files)."""
    change = changes.read(release.path)
    wanted = of or {GRAPH + f for f in ("ontology/coi", "data/roles", "data/tools", "data/places")}
    return {
        side: {q for q in quads if q.graph_name.value in wanted}  # type: ignore[union-attr]
        for side, quads in (("added", change.added), ("removed", change.removed))
    }


def quad(subject: str, predicate: ox.NamedNode, object: object, graph: str) -> ox.Quad:
    return ox.Quad(ox.NamedNode(subject), predicate, object, ox.NamedNode(GRAPH + graph))  # type: ignore[arg-type]


class TestTheFirstRelease:
    def test_holds_what_the_files_say(self, tree: Tree) -> None:
        release = tree.must_build()
        assert (release.number, tree.releases.current_number()) == (1, 1)
        assert_whole(release)
        store = release.open()
        assert quad(ROLE + "analyst", LABEL, ox.Literal("analytiker", language="da"),
                    "data/roles") in store  # fmt: skip
        assert quad(BASE + "id/municipality/0101", LABEL,
                    ox.Literal("København", language="da"), "data/places") in store  # fmt: skip
        counts = graph_counts(store)
        # 3 classes and terms; 2 roles of 3; guide: 3, list: link + 3 * 2; 2 places of 2
        assert counts[GRAPH + "ontology/coi"] == 2 + 3 + 3
        assert counts[GRAPH + "data/roles"] == 6
        assert counts[GRAPH + "data/tools"] == 3 + 1 + 6
        assert counts[GRAPH + "data/places"] == 4
        assert not any(
            isinstance(term, ox.BlankNode) for q in store.quads() for term in (q.subject, q.object)
        )

    def test_is_one_change_set(self, tree: Tree) -> None:
        release = tree.must_build()
        change = changes.read(release.path)
        assert change.added == set(release.open().quads())
        assert change.removed == set()
        assert release.manifest.parent is None
        assert (release.manifest.added, release.manifest.removed) == (len(change.added), 0)

    def test_names_the_file_of_each_graph(self, tree: Tree) -> None:
        store = tree.must_build().open()
        rows = store.query(
            "PREFIX dct: <http://purl.org/dc/terms/> "
            f"SELECT ?g ?f {{ GRAPH <{GRAPH}provenance> {{ ?g dct:identifier ?f }} }}"
        )
        assert {row["g"].value.removeprefix(GRAPH): row["f"].value for row in rows} == {
            "ontology/coi": "ontology/coi.ttl",
            "data/roles": "data/roles.ttl",
            "data/tools": "data/tools.ttl",
            "data/places": "data/places.csv-metadata.json",
            "shapes/roles": "shapes/roles.ttl",
        }

    def test_manifest(self, tree: Tree) -> None:
        now = datetime(2026, 2, 3, 4, 5, 6, 7, tzinfo=UTC)
        built = build(tree.config(), now=now)
        assert built.release is not None
        m = built.release.manifest
        assert (m.release, m.issued, m.ontology_version) == (1, "2026-02-03T04:05:06Z", "0.0.1")
        assert (m.validated, m.rolled_back_to) == (True, None)
        assert m.sources == m.seen
        assert m.sources.keys() < m.graphs.keys()

    def test_says_when_it_was_made_in_universal_time(self, tree: Tree) -> None:
        now = datetime.fromisoformat("2026-01-01T00:30:00+01:00")
        built = build(tree.config(), now=now)
        assert built.release is not None
        assert built.release.manifest.issued == "2025-12-31T23:30:00Z"

    def test_has_its_report(self, tree: Tree) -> None:
        tree.append("data/roles.ttl", 'role:analyst skos:note "en note"@da .\n')
        built = tree.built()
        assert built.release is not None
        assert built.report is not None
        assert built.report.conforms
        assert len(built.report.results) == 1
        store = built.release.open()
        shape = ox.NamedNode("http://www.w3.org/ns/shacl#sourceShape")
        found = {q.object for q in store.quads(predicate=shape, graph=GRAPH + "validation")}
        assert found == {ox.NamedNode(BASE + "shapes/StrategicRole-note")}


def test_nothing_changed_no_release(tree: Tree) -> None:
    tree.must_build()
    assert tree.build() is None
    assert tree.build(validate=False) is None
    assert [release.number for release in tree.releases.all()] == [1]
    assert tree.leftovers() == []


def test_touching_a_file_changes_nothing(tree: Tree) -> None:
    tree.must_build()
    (tree.sources / "data/roles.ttl").touch()
    assert tree.build() is None


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("data/roles.ttl", "# a comment\n"),
        ("data/roles.ttl", "role:analyst a coi:StrategicRole .\n"),  # said already
        ("data/tools.ttl", "@prefix unused: <http://example.org/> .\n"),
        ("data/places.csv-metadata.json", "\n"),
    ],
)
def test_a_change_that_says_nothing_makes_no_release(tree: Tree, name: str, text: str) -> None:
    tree.must_build()
    tree.append(name, text)
    assert tree.build() is None
    assert tree.releases.current_number() == 1
    assert tree.leftovers() == []


def test_labels_of_blank_nodes_and_order_say_nothing(tree: Tree) -> None:
    tree.write("data/tools.ttl", HEAD + "tool:x coi:has [ coi:a 1 ] , [ coi:b 2 ] .")
    tree.must_build()
    tree.write("data/tools.ttl", HEAD + "tool:x coi:has _:z , _:y . _:y coi:a 1 . _:z coi:b 2 .")
    assert tree.build() is None


def test_a_changed_file_is_exactly_its_quads(tree: Tree) -> None:
    tree.must_build()
    text = FILES["data/roles.ttl"].replace('"analyst"@en', '"the analyst"@en')
    tree.write("data/roles.ttl", text + ANOTHER_ROLE)
    release = tree.must_build()
    assert said(release) == {
        "added": {
            quad(ROLE + "analyst", LABEL, ox.Literal("the analyst", language="en"), "data/roles"),
            quad(ROLE + "adviser", LABEL, ox.Literal("adviser", language="en"), "data/roles"),
            quad(ROLE + "adviser", LABEL, ox.Literal("rådgiver", language="da"), "data/roles"),
            quad(ROLE + "adviser", TYPE, ox.NamedNode(BASE + "def/StrategicRole"), "data/roles"),
        },
        "removed": {
            quad(ROLE + "analyst", LABEL, ox.Literal("analyst", language="en"), "data/roles")
        },
    }
    change = changes.read(release.path)
    touched = {q.graph_name for q in change.added | change.removed}
    assert touched == {ox.NamedNode(GRAPH + "data/roles"), ox.NamedNode(GRAPH + "release")}
    assert_whole(release)


def test_a_changed_cell_is_its_quad(tree: Tree) -> None:
    tree.must_build()
    tree.write("data/places.csv", FILES["data/places.csv"].replace("Frederiksberg", "Ballerup"))
    place = BASE + "id/municipality/0147"
    assert said(tree.must_build()) == {
        "added": {quad(place, LABEL, ox.Literal("Ballerup", language="da"), "data/places")},
        "removed": {quad(place, LABEL, ox.Literal("Frederiksberg", language="da"), "data/places")},
    }


def test_a_new_file_is_a_new_graph(tree: Tree) -> None:
    tree.must_build()
    tree.write("data/deep/er.ttl", HEAD + 'tool:x skos:prefLabel "x"@da .')
    release = tree.must_build()
    assert release.manifest.graphs[GRAPH + "data/deep/er"] == 1
    assert_whole(release)


def test_a_removed_file_takes_its_graph_along(tree: Tree) -> None:
    tree.must_build()
    (tree.sources / "data/tools.ttl").unlink()
    release = tree.must_build()
    assert_whole(release)
    assert GRAPH + "data/tools" not in release.manifest.graphs | release.manifest.sources
    assert said(release)["added"] == set()
    assert len(said(release)["removed"]) == 10
    rows = release.open().query("SELECT DISTINCT ?g { GRAPH ?g {} }")
    assert ox.NamedNode(GRAPH + "data/tools") not in {row["g"] for row in rows}, "not even empty"


def test_a_moved_file_moves_its_quads(tree: Tree) -> None:
    tree.must_build()
    (tree.sources / "data/tools.ttl").rename(tree.sources / "data/instruments.ttl")
    release = tree.must_build()
    assert_whole(release)
    assert release.manifest.graphs[GRAPH + "data/instruments"] == 10
    removed = release.open().quads(graph=GRAPH + "removed")
    assert list(removed) == [], "the tool is still there, in another graph"


def test_examples_come_and_go_with_the_setting(tree: Tree) -> None:
    tree.write("data/examples/invented.ttl", HEAD + ANOTHER_ROLE)
    assert GRAPH + "data/examples/invented" not in tree.must_build().manifest.graphs
    assert GRAPH + "data/examples/invented" in tree.must_build(examples=True).manifest.graphs
    assert tree.build(examples=True) is None
    release = tree.must_build(examples=False)
    assert GRAPH + "data/examples/invented" not in release.manifest.graphs


class TestViolations:
    def test_stop_the_first_release(self, tree: Tree) -> None:
        tree.append("data/roles.ttl", A_NAMELESS_ROLE)
        with pytest.raises(ViolationsFound) as caught:
            tree.build()
        (result,) = caught.value.report.results
        assert str(result.focus) == ROLE + "nobody"
        assert str(result.shape) == BASE + "shapes/StrategicRole-prefLabel"
        assert tree.releases.current_number() is None
        assert tree.leftovers() == []

    def test_keep_the_old_release(self, tree: Tree) -> None:
        before = tree.must_build()
        tree.append("data/roles.ttl", A_NAMELESS_ROLE)
        for _ in range(2):
            with pytest.raises(ViolationsFound):
                tree.build()
        assert tree.releases.current_number() == 1
        assert_whole(before)
        assert tree.leftovers() == []
        tree.write("data/roles.ttl", FILES["data/roles.ttl"])
        assert tree.build() is None

    def test_in_a_graph_that_did_not_change_count_too(self, tree: Tree) -> None:
        """The files are fine one by one; together they are not."""
        tree.must_build()
        tree.append("data/tools.ttl", A_NAMELESS_ROLE)
        with pytest.raises(ViolationsFound):
            tree.build()

    def test_can_be_skipped_and_the_manifest_says_so(self, tree: Tree) -> None:
        tree.append("data/roles.ttl", 'role:analyst skos:note "en note"@da .\n')
        tree.must_build()
        tree.append("data/roles.ttl", A_NAMELESS_ROLE)
        release = tree.must_build(validate=False)
        assert release.manifest.validated is False
        assert_whole(release)
        assert list(release.open().quads(graph=GRAPH + "validation")) == [], (
            "the old report says nothing of this release"
        )

    def test_a_tombstone_is_not_validated(self, tree: Tree) -> None:
        """A record of what is gone is ours, not something that people wrote."""
        tree.append(
            "shapes/roles.ttl",
            "coish:Gone a sh:NodeShape ; sh:targetSubjectsOf "
            "<http://www.w3.org/ns/prov#invalidatedAtTime> ; sh:property coish:Gone-label .\n"
            "coish:Gone-label a sh:PropertyShape ; sh:path skos:prefLabel ; sh:minCount 1 ; "
            'sh:message "nej"@da, "no"@en .\n',
        )
        tree.append("data/roles.ttl", ANOTHER_ROLE)
        tree.must_build()
        tree.write("data/roles.ttl", FILES["data/roles.ttl"])
        tree.must_build()
        tree.append("data/tools.ttl", "# again\ntool:guide coi:a 1 .\n")
        tree.must_build()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("data/roles.ttl", HEAD + "role:x a ;;; ."),
        ("data/places.csv", "code,name\n,x\n"),
        ("data/places.csv-metadata.json", "{}"),
        ("ontology/coi.ttl", HEAD + "coi:x a owl:Class ."),
        ("data/triples.ttl", HEAD + "role:x coi:p <<( role:x a role:y )>> ."),
    ],
)
def test_a_file_that_cannot_be_read_keeps_the_old_release(tree: Tree, name: str, text: str) -> None:
    before = tree.must_build()
    tree.write(name, text)
    with pytest.raises(UnreadableInput) as caught:
        tree.build()
    assert Path(name).name.removesuffix("-metadata.json") in str(caught.value)
    assert tree.current.number == 1
    assert_whole(before)
    assert tree.leftovers() == []


class TestTooLittleSpace:
    def test_nothing_is_published(self, tree: Tree) -> None:
        tree.must_build()
        tree.append("data/roles.ttl", ANOTHER_ROLE)
        with pytest.raises(OutOfSpace, match=str(tree.home)):
            tree.build(min_free=2**60)
        assert tree.current.number == 1
        assert_whole(tree.current)
        assert tree.leftovers() == []
        assert tree.must_build().number == 2

    def test_what_a_killed_build_left_is_freed_first(self, tree: Tree) -> None:
        tree.must_build()
        leftover = tree.home / "releases/.building-000002"
        leftover.mkdir()
        (leftover / "large").write_text("")
        with pytest.raises(OutOfSpace):
            tree.build(min_free=2**60)
        assert tree.leftovers() == []

    def test_keeping_fewer_releases_frees_space(self, tree: Tree) -> None:
        tree.must_build()
        tree.append("data/roles.ttl", ANOTHER_ROLE)
        tree.must_build()
        with pytest.raises(OutOfSpace):
            tree.build(min_free=2**60, keep_releases=1)
        assert [release.is_readable for release in tree.releases.all()] == [False, True]


class TestTwoAtOnce:
    def test_one_waits_for_the_other(self, tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
        inside = threading.Event()
        at_once = 0
        find = building.sources.find

        def slow_find(*args: object, **options: object) -> object:
            nonlocal at_once
            at_once += 1
            assert at_once == 1, "two publishers are at work"
            inside.set()
            time.sleep(0.3)
            at_once -= 1
            return find(*args, **options)  # type: ignore[arg-type]

        monkeypatch.setattr(building.sources, "find", slow_find)
        monkeypatch.setattr(durable, "PATIENCE", 600)
        results: list[object] = []
        threads = [threading.Thread(target=lambda: results.append(tree.build())) for _ in range(3)]
        for thread in threads:
            thread.start()
        assert inside.wait(300)
        for thread in threads:
            thread.join(300)
        assert sorted(r is None for r in results) == [False, True, True]
        assert [release.number for release in tree.releases.all()] == [1]
        assert_whole(tree.current)

    def test_patience_ends(self, tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
        tree.must_build()
        tree.append("data/roles.ttl", ANOTHER_ROLE)
        monkeypatch.setattr(durable, "PATIENCE", 0.2)
        with (tree.home / durable.LOCK).open("a") as other:
            fcntl.flock(other, fcntl.LOCK_EX)
            start = time.monotonic()
            with pytest.raises(Busy, match=r"publish\.lock"):
                tree.build()
            assert 0.2 <= time.monotonic() - start < 60
        assert tree.current.number == 1
        assert tree.must_build().number == 2


class TestChangeSets:
    def test_say_what_the_store_holds(self, tree: Tree) -> None:
        """Oxigraph keeps values, not spellings; a change set of spellings would lead elsewhere."""
        tree.append(
            "data/roles.ttl",
            "@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .\n"
            'role:analyst coi:n 89.0, "007"^^xsd:nonNegativeInteger, 1.50e0, "1"^^xsd:boolean,'
            ' "2017-01-01T00:00:00.000+00:00"^^xsd:dateTime, "2017-01-01Z"^^xsd:date,'
            ' "1"^^xsd:byte, "+3"^^xsd:integer, "x"^^xsd:integer, "-0.0"^^xsd:float,'
            ' "P1Y12M"^^xsd:duration, "12:00:00.0"^^xsd:time, "2017"^^xsd:gYear, "1"^^coi:own .\n',
        )
        release = tree.must_build(validate=False)
        assert changes.read(release.path).added == set(release.open().quads())
        assert_whole(release)
        tree.append("data/roles.ttl", "role:networker coi:n 89.00 .\n")
        release = tree.must_build(validate=False)
        quads = changes.read(release.path).added
        assert [q.object.value for q in quads if q.predicate.value.endswith("/n")] == ["89"]  # type: ignore[union-attr]
        assert_whole(release)

    def test_are_the_same_bytes_for_the_same_change(self, tmp_path: Path) -> None:
        now = datetime(2026, 1, 1, tzinfo=UTC)
        made = []
        for name in ("one", "two"):
            tree = Tree.make(tmp_path / name)
            build(tree.config(), now=now)
            tree.append("data/roles.ttl", ANOTHER_ROLE)
            (tree.sources / "data/tools.ttl").unlink()
            build(tree.config(), now=now)
            made.append(
                {
                    str(path.relative_to(tree.home)): path.read_bytes()
                    for path in tree.home.rglob("*.nq.gz")
                }
            )
            time.sleep(1.1)  # gzip's own time stamp counts seconds
        sides = [name for name in made[0] if Path(name).parent.name.isdigit()]
        assert len(sides) == 4
        assert made[0] == made[1]

    def test_are_sorted_n_quads(self, tree: Tree) -> None:
        path = tree.must_build().path / changes.ADDED
        text = lines(path)
        assert text == sorted(text)
        assert len(text) == tree.current.manifest.quads
        assert len(list(ox.parse("\n".join(text), format=ox.RdfFormat.N_QUADS))) == len(text)

    def test_hold_any_literal(self, tree: Tree) -> None:
        value = 'a\n\r\t"\\\u0000\u0007\u2028\ufffe\U0001f600 æ'
        text = str(ox.Literal(value))
        tree.append("data/tools.ttl", f"tool:guide coi:says {text} .\n")
        release = tree.must_build()
        says = ox.NamedNode(BASE + "def/says")
        assert [q.object for q in release.open().quads(predicate=says)] == [ox.Literal(value)]
        added = changes.read(release.path).added
        assert [q.object for q in added if q.predicate == says] == [ox.Literal(value)]
        assert_whole(release)

    def test_replayed_from_nothing_are_the_newest_release(self, tree: Tree) -> None:
        steps = [
            lambda: tree.append("data/roles.ttl", ANOTHER_ROLE),
            lambda: (tree.sources / "data/tools.ttl").unlink(),
            lambda: tree.write("data/roles.ttl", FILES["data/roles.ttl"]),
            lambda: tree.write("data/tools.ttl", FILES["data/tools.ttl"] + "tool:a coi:p [] .\n"),
            lambda: tree.append("data/roles.ttl", ANOTHER_ROLE),
        ]
        tree.must_build()
        for step in steps:
            step()
            tree.must_build()
        state: set[ox.Quad] = set()
        for release in tree.releases.all():
            change = changes.read(release.path)
            assert change.removed <= state, "only what was there is removed"
            assert not change.added & state, "only what was not there is added"
            assert not change.added & change.removed
            state = (state - change.removed) | change.added
            assert state == set(release.open().quads())
            assert_whole(release)
        assert len(tree.releases.all()) == 6


class TestTombstones:
    def stones(self, release: Release) -> dict[str, object]:
        found = {}
        for q in release.open().quads(graph=GRAPH + "removed"):
            assert q.predicate == INVALIDATED
            assert isinstance(q.subject, ox.NamedNode)
            found[q.subject.value] = q.object
        return found

    def test_a_removed_thing_has_one_and_one_that_comes_back_has_none(self, tree: Tree) -> None:
        tree.append("data/roles.ttl", ANOTHER_ROLE)
        assert self.stones(tree.must_build()) == {}
        tree.write("data/roles.ttl", FILES["data/roles.ttl"])
        gone = build(tree.config(), now=datetime(2030, 1, 1, tzinfo=UTC)).release
        assert gone is not None
        time_stamp = ox.Literal(
            "2030-01-01T00:00:00Z",
            datatype=ox.NamedNode("http://www.w3.org/2001/XMLSchema#dateTime"),
        )
        assert self.stones(gone) == {ROLE + "adviser": time_stamp}
        tree.append("data/tools.ttl", "tool:guide coi:other 1 .\n")
        assert self.stones(tree.must_build()) == {ROLE + "adviser": time_stamp}, "it stays"
        tree.append("data/roles.ttl", ANOTHER_ROLE)
        back = tree.must_build()
        assert self.stones(back) == {}
        assert GRAPH + "removed" not in back.manifest.graphs
        assert_whole(back)

    def test_only_what_has_an_address_and_is_wholly_gone(self, tree: Tree) -> None:
        tree.append("data/roles.ttl", '<http://example.org/x> skos:prefLabel "x"@da .\n')
        tree.append("data/tools.ttl", 'role:analyst skos:altLabel "y"@da .\n')
        tree.must_build()
        tree.write("data/roles.ttl", HEAD)  # both roles and the foreign thing
        (tree.sources / "data/places.csv").write_text("code,name\n0101,København\n")
        stones = self.stones(tree.must_build())
        # the analyst still has a label in tools.ttl
        assert stones.keys() == {ROLE + "networker", BASE + "id/municipality/0147"}

    def test_a_term_of_the_ontology_has_one(self, tree: Tree) -> None:
        tree.append("ontology/coi.ttl", "coi:Old a owl:Class .\n")
        tree.must_build()
        tree.write("ontology/coi.ttl", FILES["ontology/coi.ttl"])
        assert self.stones(tree.must_build()).keys() == {BASE + "def/Old"}

    def test_a_finding_that_was_mended_leaves_none(self, tree: Tree) -> None:
        """Results of the validation are made anew each time; nobody links to them."""
        tree.append("data/roles.ttl", 'role:analyst skos:note "en note"@da .\n')
        tree.must_build()
        tree.write("data/roles.ttl", FILES["data/roles.ttl"])
        assert self.stones(tree.must_build()) == {}


class TestPruning:
    def test_keeps_manifest_and_changes(self, tree: Tree) -> None:
        for number in range(3):
            tree.append("data/roles.ttl", f"role:analyst coi:number {number} .\n")
            tree.must_build(keep_releases=1)
        one, two, three = tree.releases.all()
        assert [r.is_readable for r in (one, two, three)] == [False, False, True]
        for release in (one, two):
            assert {path.name for path in release.path.iterdir()} - AFTERWARDS == {
                "added.nq.gz", "manifest.json", "removed.nq.gz",
            }  # fmt: skip
            assert release.manifest.release == release.number
        assert changes.read(two.path).added
        assert_whole(three)
        assert tree.leftovers() == []

    def test_zero_keeps_all(self, tree: Tree) -> None:
        for number in range(3):
            tree.append("data/roles.ttl", f"role:analyst coi:number {number} .\n")
            tree.must_build(keep_releases=0)
        assert all(release.is_readable for release in tree.releases.all())

    def test_goes_on_after_a_pruned_release(self, tree: Tree) -> None:
        for number in range(4):
            tree.append("data/roles.ttl", f"role:analyst coi:number {number} .\n")
            assert_whole(tree.must_build(keep_releases=2))
        assert [r.is_readable for r in tree.releases.all()] == [False, False, True, True]


class TestCleaningUp:
    """What `recover` finds after a publisher was killed, made by hand."""

    def test_a_complete_release_that_missed_the_switch_is_switched_to(self, tree: Tree) -> None:
        tree.must_build()
        tree.append("data/roles.ttl", ANOTHER_ROLE)
        tree.must_build()
        durable.point(tree.home / "releases/current", "000001")
        assert tree.build() is None, "what it says is what the files say"
        assert tree.current.number == 2

    def test_one_that_does_not_verify_goes(self, tree: Tree) -> None:
        tree.must_build()
        tree.append("data/roles.ttl", ANOTHER_ROLE)
        second = tree.must_build()
        (second.path / "added.nq.gz").write_bytes(b"")
        durable.point(tree.home / "releases/current", "000001")
        again = tree.must_build()
        assert again.number == 2
        assert_whole(again)
        assert tree.leftovers() == []

    @pytest.mark.parametrize("what", ["store", "manifest.json", "added.nq.gz"])
    def test_half_of_one_goes(self, tree: Tree, what: str) -> None:
        """As a killed clean-up would leave it."""
        tree.must_build()
        tree.append("data/roles.ttl", ANOTHER_ROLE)
        second = tree.must_build()
        durable.point(tree.home / "releases/current", "000001")
        path = second.path / what
        path.unlink() if path.is_file() else durable.rename(path, tree.folder / "elsewhere")
        again = tree.must_build()
        assert again.number == 2
        assert_whole(again)
        assert tree.leftovers() == []

    @pytest.mark.parametrize("parent", [None, 7])
    def test_a_release_of_another_parent_goes(self, tree: Tree, parent: int | None) -> None:
        tree.must_build()
        tree.append("data/roles.ttl", ANOTHER_ROLE)
        path = tree.must_build().path / "manifest.json"
        document = json.loads(path.read_text(encoding="utf-8"))
        path.write_text(json.dumps({**document, "parent": parent}), encoding="utf-8")
        durable.point(tree.home / "releases/current", "000001")
        again = tree.must_build()
        assert (again.number, again.manifest.parent) == (2, 1)
        assert_whole(again)

    def test_a_release_of_another_line_goes(self, tree: Tree) -> None:
        tree.must_build()
        for number in range(2):
            tree.append("data/roles.ttl", f"role:analyst coi:number {number} .\n")
            tree.must_build()
        durable.point(tree.home / "releases/current", "000001")
        (tree.home / "releases/000002").rename(tree.folder / "elsewhere")
        again = tree.must_build()
        assert again.number == 2
        assert [r.number for r in tree.releases.all()] == [1, 2]
        assert not (tree.home / "releases/000003").exists()

    def test_other_files_are_left_alone(self, tree: Tree) -> None:
        tree.must_build()
        for name in ("000001-backup", "notes.txt", "00000x"):
            (tree.home / "releases" / name).mkdir()
        tree.append("data/roles.ttl", ANOTHER_ROLE)
        assert tree.must_build().number == 2
        assert len(list((tree.home / "releases").iterdir())) == 6

    def test_a_lost_current_is_found_again(self, tree: Tree) -> None:
        """A copy that left out symbolic links must not cost the history."""
        for number in range(3):
            tree.append("data/roles.ttl", f"role:analyst coi:number {number} .\n")
            tree.must_build(keep_releases=1)
        (tree.home / "releases/current").unlink()
        assert tree.build(keep_releases=1) is None
        assert tree.current.number == 3
        assert [r.number for r in tree.releases.all()] == [1, 2, 3]

    def test_a_lost_current_and_a_damaged_release_touch_nothing(self, tree: Tree) -> None:
        release = tree.must_build()
        (release.path / "added.nq.gz").write_bytes(b"")
        (tree.home / "releases/current").unlink()
        with pytest.raises(ReleaseCorrupt, match=r"added\.nq\.gz"):
            tree.build()
        assert release.path.is_dir()


class TestADamagedParent:
    @pytest.fixture
    def damaged(self, tree: Tree) -> Tree:
        tree.must_build()
        tree.append("data/roles.ttl", ANOTHER_ROLE)
        second = tree.must_build()
        table = max((second.path / "store").glob("*.sst"), key=lambda path: path.stat().st_size)
        data = bytearray(table.read_bytes())
        table.unlink()  # a hard link: the first release has the same file
        data[len(data) // 2] ^= 0xFF
        table.write_bytes(data)
        with pytest.raises(ReleaseCorrupt):
            second.verify()
        return tree

    def test_hands_no_damage_on(self, damaged: Tree) -> None:
        damaged.append("data/tools.ttl", "tool:guide coi:more 1 .\n")
        third = damaged.must_build()
        assert third.number == 4, "the third is the second, made again"
        assert_whole(damaged.releases.get(3))
        assert_whole(third)
        assert third.manifest.added == 1 + len(said(third, of={GRAPH + "release"})["added"]), (
            "the change is against what the damaged release should hold"
        )

    def test_can_be_made_again_from_the_first_release_on(self, damaged: Tree) -> None:
        first = damaged.releases.get(1)
        for table in (first.path / "store").glob("*.sst"):
            table.unlink()
        damaged.append("data/tools.ttl", "tool:guide coi:more 1 .\n")
        assert_whole(damaged.must_build())

    def test_is_made_again_from_its_dump_when_the_change_sets_are_damaged_too(
        self, damaged: Tree
    ) -> None:
        path = damaged.current.path / "added.nq.gz"
        path.write_bytes(
            gzip.compress(b"\n".join(gzip.decompress(path.read_bytes()).split(b"\n")[1:]))
        )
        damaged.append("data/tools.ttl", "tool:guide coi:more 1 .\n")
        assert damaged.must_build().number == 4
        assert_whole(damaged.releases.get(3))
        assert_whole(damaged.current)
        assert damaged.leftovers() == []


def test_an_incremental_release_equals_one_made_from_nothing(tree: Tree, tmp_path: Path) -> None:
    tree.must_build()
    tree.append("data/roles.ttl", ANOTHER_ROLE)
    tree.must_build()
    (tree.sources / "data/tools.ttl").unlink()
    tree.write("data/new.ttl", HEAD + "tool:x coi:list ( 1 [ coi:a 2 ] ) .")
    incremental = tree.must_build()
    fresh = build(config.load({}, home=tmp_path / "fresh", sources=tree.sources)).release
    assert fresh is not None
    assert content(incremental.open()) == content(fresh.open())
    assert incremental.manifest.content_hash == fresh.manifest.content_hash
