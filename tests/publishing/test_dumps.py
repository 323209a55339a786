"""The dumps of a release: complete, exact, made once, and resumable."""

from __future__ import annotations

import gzip
import hashlib
import json
import shutil
from pathlib import Path

import pyoxigraph as ox
import pytest
from rdflib import Dataset, Graph

from coi_graph.errors import ReleaseCorrupt
from coi_graph.publishing import dumps
from coi_graph.publishing.dump_plan import plan
from coi_graph.publishing.dumps import Dump
from coi_graph.publishing.history import rollback
from coi_graph.publishing.releases import Release
from small_tree import ANOTHER_ROLE, BASE, GRAPH, HEAD, Tree

FORMS = {"nq", "trig", "ttl", "jsonld", "rdf"}
FORMATS = {
    "nq": ox.RdfFormat.N_QUADS,
    "trig": ox.RdfFormat.TRIG,
    "ttl": ox.RdfFormat.TURTLE,
    "jsonld": ox.RdfFormat.JSON_LD,
    "rdf": ox.RdfFormat.RDF_XML,
}


def by_name(release: Release) -> dict[str, Dump]:
    return {dump.name: dump for dump in dumps.listed(release)}


def unpacked(release: Release, dump: Dump) -> bytes:
    return gzip.decompress(dumps.path_of(release, dump).read_bytes())


def read(release: Release, dump: Dump) -> set[ox.Quad]:
    return set(ox.parse(unpacked(release, dump), format=FORMATS[dump.form]))


def union(quads: set[ox.Quad]) -> set[ox.Quad]:
    return {ox.Quad(quad.subject, quad.predicate, quad.object) for quad in quads}


class TestWhatIsInThem:
    def test_the_whole_release_in_five_forms(self, tree: Tree) -> None:
        release = tree.must_build()
        quads, found = set(release.open().quads()), by_name(release)
        assert read(release, found["coi-graph.nq.gz"]) == quads
        assert read(release, found["coi-graph.trig.gz"]) == quads
        for form in ("ttl", "jsonld", "rdf"):
            dump = found[f"coi-graph.{form}.gz"]
            assert read(release, dump) == union(quads), form
            assert dump.statements == len(union(quads))

    def test_each_graph_and_each_part_in_five_forms(self, tree: Tree) -> None:
        release = tree.must_build()
        store, found = release.open(), by_name(release)
        for graph in release.manifest.graphs:
            own = set(store.quads(graph=graph))
            stem = "graph/" + graph.removeprefix(GRAPH)
            assert read(release, found[f"{stem}.nq.gz"]) == own
            assert read(release, found[f"{stem}.ttl.gz"]) == union(own)
        assert {name.rpartition("/")[2].split(".")[-2] for name in found} == FORMS
        shapes = set(store.quads(graph=GRAPH + "shapes/roles"))
        assert read(release, found["part/shapes.trig.gz"]) == shapes

    def test_another_reader_finds_the_same(self, tree: Tree) -> None:
        """rdflib, which shares no code with pyoxigraph."""
        release = tree.must_build()
        found = by_name(release)
        count = len(union(set(release.open().quads())))
        for form, name in (("ttl", "turtle"), ("jsonld", "json-ld"), ("rdf", "xml")):
            dump = found[f"coi-graph.{form}.gz"]
            assert len(Graph().parse(data=unpacked(release, dump), format=name)) == count
        whole = Dataset()
        whole.parse(data=unpacked(release, found["coi-graph.trig.gz"]), format="trig")
        assert len(list(whole.quads())) == release.manifest.quads

    def test_sizes_and_checksums(self, tree: Tree) -> None:
        release = tree.must_build()
        for dump in dumps.listed(release):
            packed, content = dumps.path_of(release, dump).read_bytes(), unpacked(release, dump)
            assert (len(packed), len(content)) == (dump.bytes, dump.content_bytes)
            assert hashlib.sha256(packed).hexdigest() == dump.sha256
            assert hashlib.sha256(content).hexdigest() == dump.content_sha256
            assert dump.statements == len(read(release, dump))

    def test_a_statement_of_two_graphs_stands_once_where_there_are_no_graphs(
        self, tree: Tree
    ) -> None:
        twice = 'role:analyst a coi:StrategicRole ; skos:prefLabel "analytiker"@da .\n'
        tree.write("data/again.ttl", HEAD + twice)
        release = tree.must_build()
        found = by_name(release)
        assert found["coi-graph.nq.gz"].statements == release.manifest.quads
        assert found["coi-graph.ttl.gz"].statements == release.manifest.quads - 2
        assert unpacked(release, found["coi-graph.ttl.gz"]).count(b'"analytiker"@da') == 1

    @pytest.mark.parametrize(
        "statement",
        ['role:analyst coi:says "a\\u0001b" .\n', "role:analyst <https://e.example/1/> 2 .\n"],
    )
    def test_what_rdf_xml_cannot_hold_is_not_offered_as_rdf_xml(
        self, tree: Tree, statement: str
    ) -> None:
        tree.append("data/roles.ttl", statement)
        release = tree.must_build()
        names = by_name(release).keys()
        assert {"coi-graph.ttl.gz", "graph/data/roles.jsonld.gz"} <= names
        assert "coi-graph.rdf.gz" not in names
        assert "graph/data/roles.rdf.gz" not in names
        assert "graph/data/tools.rdf.gz" in names

    def test_a_graph_whose_name_makes_no_path_has_no_file(self, tree: Tree) -> None:
        release = tree.must_build()
        for graph in (
            GRAPH + "../x",
            GRAPH + ".x",
            GRAPH + "%2e%2e/x",
            GRAPH,
            "https://e.example/g",
        ):
            release.manifest.graphs[graph] = 1
        names = {one.name for one in plan(release.manifest.graphs)}
        assert len(names) == 5 * (1 + 2 + len(release.manifest.graphs) - 5)
        assert not any(".." in name or "example" in name for name in names)


class TestMadeOnce:
    def test_what_a_release_leaves_as_it_was_is_its_parents_file(self, tree: Tree) -> None:
        first = tree.must_build()
        tree.append("data/roles.ttl", ANOTHER_ROLE)
        second = tree.must_build()

        def inode(release: Release, name: str) -> int:
            return dumps.path_of(release, by_name(release)[name]).stat().st_ino

        for name in ("graph/data/tools.ttl.gz", "part/shapes.nq.gz", "part/ontology.rdf.gz"):
            assert inode(first, name) == inode(second, name)
        for name in ("graph/data/roles.ttl.gz", "coi-graph.nq.gz"):
            assert inode(first, name) != inode(second, name)
        assert dumps.verify(second) == dumps.verify(first) > 0
        assert "rådgiver" in unpacked(second, by_name(second)["graph/data/roles.ttl.gz"]).decode()

    def test_nothing_is_written_again(self, tree: Tree) -> None:
        release = tree.must_build()

        def times() -> dict[Path, int]:
            folder = dumps.folder_of(release)
            return {p: p.stat().st_mtime_ns for p in folder.rglob("*") if p.is_file()}

        before = times()
        assert tree.build() is None
        assert times() == before

    def test_a_release_still_verifies(self, tree: Tree) -> None:
        release = tree.must_build()
        assert dumps.listed(release)
        release.verify()

    def test_a_rollback_has_dumps(self, tree: Tree) -> None:
        first = tree.must_build()
        tree.append("data/roles.ttl", ANOTHER_ROLE)
        tree.must_build()
        third = rollback(tree.config(), 1)
        dumps.verify(third)
        assert by_name(third).keys() - by_name(first).keys() == {
            f"graph/removed.{form}.gz" for form in FORMS
        }


class TestInterrupted:
    def test_goes_on_where_it_stopped(self, tree: Tree) -> None:
        release = tree.must_build()
        folder, whole = dumps.folder_of(release), by_name(release)
        index = json.loads((folder / "dumps.json").read_text())
        index["dumps"] = [one for one in index["dumps"] if one["name"] == "coi-graph.nq.gz"]
        (folder / "dumps.json").write_text(json.dumps(index))
        (folder / "graph" / ".partial-x.ttl.gz").write_bytes(b"half")
        (folder / "coi-graph.trig.gz").write_bytes(b"never listed")
        assert [dump.name for dump in dumps.listed(release)] == ["coi-graph.nq.gz"]
        kept = (folder / "coi-graph.nq.gz").stat().st_mtime_ns
        assert tree.build() is None
        assert by_name(release) == whole
        assert dumps.verify(release) == len(whole)
        assert (folder / "coi-graph.nq.gz").stat().st_mtime_ns == kept
        assert tree.leftovers() == []

    @pytest.mark.parametrize(
        "text", ["", "{", "[]", '{"format": 9}', '{"format": 1, "release": 1}']
    )
    def test_a_damaged_index_is_told_and_made_again(self, tree: Tree, text: str) -> None:
        release = tree.must_build()
        whole = by_name(release)
        (dumps.folder_of(release) / "dumps.json").write_text(text)
        with pytest.raises(ReleaseCorrupt, match=r"000001/dumps/dumps\.json is damaged"):
            dumps.listed(release)
        assert tree.build() is None
        assert by_name(release) == whole

    def test_a_shortened_file_is_made_again(self, tree: Tree) -> None:
        release = tree.must_build()
        path = dumps.path_of(release, by_name(release)["coi-graph.ttl.gz"])
        path.write_bytes(path.read_bytes()[:-1])
        with pytest.raises(ReleaseCorrupt, match=r"coi-graph\.ttl\.gz has changed"):
            dumps.verify(release)
        tree.build()
        assert dumps.verify(release) > 0


class TestKept:
    def test_as_many_releases_as_the_setting_says(self, tree: Tree) -> None:
        for number in range(3):
            tree.append("data/roles.ttl", f"role:analyst coi:number {number} .\n")
            tree.must_build(keep_dumps=2)
        assert [bool(dumps.listed(release)) for release in tree.releases.all()] == [
            False, True, True,
        ]  # fmt: skip
        assert all(release.is_readable for release in tree.releases.all())

    def test_longer_than_stores(self, tree: Tree) -> None:
        for number in range(2):
            tree.append("data/roles.ttl", f"role:analyst coi:number {number} .\n")
            tree.must_build(keep_releases=1)
        old = tree.releases.get(1)
        assert not old.is_readable
        assert dumps.verify(old) > 0

    def test_made_for_a_release_that_was_published_without(self, tree: Tree) -> None:
        release = tree.must_build()
        shutil.rmtree(dumps.folder_of(release))
        assert dumps.listed(release) == []
        tree.build()
        assert dumps.verify(release) > 0


def test_names_are_those_of_the_documentation(tree: Tree) -> None:
    release = tree.must_build()
    assert f"{BASE}graph/data/roles" in release.manifest.graphs
    assert {
        "coi-graph.nq.gz", "coi-graph.trig.gz", "coi-graph.ttl.gz", "coi-graph.jsonld.gz",
        "coi-graph.rdf.gz", "graph/data/roles.ttl.gz", "part/ontology.rdf.gz",
    } <= by_name(release).keys()  # fmt: skip
