"""Bulk data: taken in whole or not at all, and part of every later release."""

from __future__ import annotations

import fcntl
import gzip
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pyoxigraph as ox
import pytest

from coi_graph.errors import BadRequest, Busy, CoiError, UnreadableInput
from coi_graph.namespaces import GENID
from coi_graph.publishing import durable, loads
from coi_graph.publishing.build import ViolationsFound
from coi_graph.publishing.history import rollback
from small_tree import A_NAMELESS_ROLE, ANOTHER_ROLE, GRAPH, HEAD, Tree, assert_whole

MINE = "https://example.org/graph/mine"
P = "http://example.org/p"
NT = '<http://example.org/a> <http://example.org/p> "1" .\n'
RDF_XML = (
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:e="http://example.org/">'
    '<rdf:Description rdf:about="http://example.org/a"><e:p>%s</e:p></rdf:Description></rdf:RDF>'
)
BOMB = (
    '<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a "aaaaaaaaaa">'
    + "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefg", "bcdefgh", strict=True))
    + "]>"
    + RDF_XML % "&h;"
)


def packed(data: bytes) -> bytes:
    return gzip.compress(data, mtime=0)


def no_progress(read: int) -> None:
    pass


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str, str | bytes], Path]:
    def make(name: str, content: str | bytes) -> Path:
        path = tmp_path / "in" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return make


Write = Callable[[str, str | bytes], Path]


def take(tree: Tree, *files: Path, graph: str = MINE) -> loads.Load:
    return loads.take_in(tree.home, list(files), graph, no_progress)


def objects(quads: object) -> list[str]:
    return sorted(str(quad.object) for quad in quads)  # type: ignore[attr-defined]


def state(tree: Tree) -> dict[str, bytes]:
    """Every file of the loads."""
    folder = tree.home / loads.FOLDER
    return {path.name: path.read_bytes() for path in folder.glob("*")} if folder.exists() else {}


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.ttl", f'<http://example.org/a> <{P}> "1" .'),
        ("a.nt", NT),
        ("a.nt.gz", packed(NT.encode())),
        ("a.NT", NT),
        ("a.nq", f'<http://example.org/a> <{P}> "1" <http://example.org/another/graph> .'),
        ("a.nq.gz", packed(NT.encode())),
        ("a.trig", f'<http://example.org/g> {{ <http://example.org/a> <{P}> "1" }}'),
        ("a.rdf", RDF_XML % "1"),
        ("a.rdf.gz", packed((RDF_XML % "1").encode())),
        ("a.jsonld", '{"@id": "http://example.org/a", "http://example.org/p": "1"}'),
        ("two.members.nt.gz", packed(b"# a comment\n") + packed(NT.encode())),
    ],
)
def test_every_format_goes_into_the_graph_that_was_named(
    tree: Tree, write: Write, name: str, content: str | bytes
) -> None:
    load = take(tree, write(name, content))
    assert load.quads == 1
    assert list(load.read()) == [
        ox.Quad(
            ox.NamedNode("http://example.org/a"),
            ox.NamedNode(P),
            ox.Literal("1"),
            ox.NamedNode(MINE),
        )
    ]
    assert loads.all_of(tree.home) == [load]


def test_relative_iris_are_relative_to_the_graph(tree: Tree, write: Write) -> None:
    load = take(tree, write("a.ttl", f'<x> <{P}> "1" .'))
    assert [q.subject for q in load.read()] == [ox.NamedNode("https://example.org/graph/x")]


def test_several_files_are_one_load(tree: Tree, write: Write) -> None:
    one, two = write("1.nt", NT), write("2.ttl", f'<http://example.org/a> <{P}> "2" .')
    assert objects(take(tree, one, two).read()) == ['"1"', '"2"']


def test_progress_is_told_in_bytes_of_the_files(tree: Tree, write: Write) -> None:
    lines = "".join(f'<http://example.org/{n}> <{P}> "{n}" .\n' for n in range(20_000))
    one, two = write("1.nt.gz", packed(lines.encode())), write("2.nt", NT)
    told: list[int] = []
    loads.take_in(tree.home, [one, two], MINE, told.append)
    assert told == sorted(told)
    assert len(set(told)) > 3, "not all at the end"
    assert told[-1] == one.stat().st_size + two.stat().st_size


class TestInAReleases:
    def test_it_is_part_of_this_and_every_later_one(self, tree: Tree, write: Write) -> None:
        tree.must_build()
        load = take(tree, write("a.nt", NT))
        release = tree.must_build()
        assert release.manifest.graphs[MINE] == 1
        assert release.manifest.sources[MINE] == load.digest
        assert_whole(release)
        assert tree.build() is None
        tree.append("data/roles.ttl", ANOTHER_ROLE)
        assert tree.must_build().manifest.graphs[MINE] == 1

    def test_a_new_load_of_the_graph_replaces_the_old(self, tree: Tree, write: Write) -> None:
        take(tree, write("a.nt", NT))
        take(tree, write("other.nt", NT), graph=MINE + "/other")
        tree.must_build()
        take(tree, write("a.nt", NT.replace('"1"', '"2"')))
        release = tree.must_build()
        assert objects(release.open().quads(graph=MINE)) == ['"2"']
        assert objects(release.open().quads(graph=MINE + "/other")) == ['"1"']
        assert (release.manifest.graphs[MINE], len(loads.all_of(tree.home))) == (1, 2)
        assert len(state(tree)) == 3, "the replaced file is gone: index and two loads"
        assert_whole(release)

    def test_the_same_data_again_makes_no_release(self, tree: Tree, write: Write) -> None:
        take(tree, write("a.nt", NT))
        tree.must_build()
        before = state(tree)
        take(tree, write("a.nt", NT))
        assert state(tree) == before
        assert tree.build() is None

    def test_nothing_empties_the_graph(self, tree: Tree, write: Write) -> None:
        take(tree, write("a.nt", NT))
        tree.must_build()
        assert take(tree, write("a.nt", "")).quads == 0
        release = tree.must_build()
        assert MINE not in release.manifest.graphs
        assert_whole(release)

    def test_it_is_validated_with_the_rest(self, tree: Tree, write: Write) -> None:
        tree.must_build()
        take(tree, write("a.ttl", HEAD + A_NAMELESS_ROLE))
        with pytest.raises(ViolationsFound):
            tree.build()
        assert tree.current.number == 1

    def test_a_rollback_over_a_load(self, tree: Tree, write: Write) -> None:
        tree.must_build()
        take(tree, write("a.nt", NT))
        tree.must_build()
        assert MINE not in rollback(tree.config(), 1).manifest.graphs
        assert tree.build() is None
        assert rollback(tree.config(), 2).manifest.graphs[MINE] == 1

    def test_a_file_that_was_changed_behind_its_back_is_refused(
        self, tree: Tree, write: Write
    ) -> None:
        load = take(tree, write("a.nt", NT))
        load.path.write_bytes(packed(NT.replace('"1"', '"2"').encode()))
        with pytest.raises(CoiError, match=load.path.name):
            tree.build()
        load.path.unlink()
        with pytest.raises(CoiError, match=load.path.name):
            tree.build()
        assert tree.leftovers() == []
        take(tree, write("a.nt", NT))
        tree.must_build()

    def test_a_damaged_index_is_named(self, tree: Tree, write: Write) -> None:
        take(tree, write("a.nt", NT))
        (tree.home / "loads/index.json").write_text("{")
        with pytest.raises(CoiError, match=r"index\.json"):
            tree.build()


class TestBlankNodes:
    TURTLE = (
        f"<http://example.org/s> <{P}> [ <{P}> ( 1 2 ) ] , _:x . _:x <{P}> [] . "
        f"_:y <{P}> _:x . [] <{P}> 5 ."
    )
    JSON = '{"@id": "http://example.org/s", "http://example.org/p": [{"http://example.org/p": 1}]}'

    @pytest.mark.parametrize(
        ("name", "content"),
        [
            ("a.nt", f"_:a <{P}> _:b .\n_:b <{P}> _:a .\n"),
            ("a.ttl", TURTLE),
            ("a.trig", TURTLE),
            ("a.jsonld", JSON),
            ("a.rdf", RDF_XML % "1</e:p><e:p><rdf:Description><e:p>2</e:p></rdf:Description>"),
        ],
    )
    def test_the_same_file_gives_the_same_names(
        self, tree: Tree, write: Write, name: str, content: str
    ) -> None:
        first = set(take(tree, write(name, content)).read())
        terms = [term for quad in first for term in (quad.subject, quad.object)]
        assert not any(isinstance(term, ox.BlankNode) for term in terms)
        assert any(isinstance(t, ox.NamedNode) and t.value.startswith(GENID) for t in terms)
        assert set(take(tree, write(name, content)).read()) == first

    def nodes(self, load: loads.Load) -> set[str]:
        return {
            term.value
            for quad in load.read()
            for term in (quad.subject, quad.object)
            if isinstance(term, ox.NamedNode) and term.value.startswith(GENID)
        }

    def test_nodes_stay_distinct(self, tree: Tree, write: Write) -> None:
        assert len(self.nodes(take(tree, write("a.ttl", self.TURTLE)))) == 1 + 2 + 1 + 1 + 1 + 1

    def test_files_are_kept_apart(self, tree: Tree, write: Write) -> None:
        text = f"_:a <{P}> 1 .".replace("1 .", '"1" .')
        for names in (("1.nt", "2.nt"), ("x/same.nt", "y/same.nt"), ("1.ttl", "1.nt")):
            load = take(tree, *(write(name, text) for name in names))
            assert load.quads == len(self.nodes(load)) == 2, names

    def test_graphs_are_kept_apart(self, tree: Tree, write: Write) -> None:
        path = write("a.nt", f'_:a <{P}> "1" .\n')
        assert not self.nodes(take(tree, path)) & self.nodes(take(tree, path, graph=MINE + "2"))

    def test_a_line_more_renames_nothing(self, tree: Tree, write: Write) -> None:
        before = self.nodes(take(tree, write("a.nt", f'_:b <{P}> "1" .\n')))
        after = self.nodes(take(tree, write("a.nt", f'_:a <{P}> "1" .\n_:b <{P}> "1" .\n')))
        assert before < after


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("bad.nt", NT + "<a> <b> .\n", ["bad.nt", "line 2"]),
        ("bad.ttl", "\n\n<a> a ;;; .", ["bad.ttl", "line 3"]),
        ("bad.nq", b'<a:a> <a:b> "\xff" .\n', ["bad.nq", "line 1"]),
        ("bad.nt.gz", NT, ["bad.nt.gz"]),
        ("bad.nt.gz", packed(NT.encode() * 99)[:-20], ["bad.nt.gz"]),
        ("bad.nt.gz", packed(NT.encode() * 99)[:-8] + b"\0" * 8, ["bad.nt.gz"]),
        ("bad.nt.gz", packed(bytes(range(99)))[:15] + b"\xff" * 99, ["bad.nt.gz"]),
        ("bad.rdf", BOMB, ["bad.rdf", "DOCTYPE"]),
        ("bad.rdf", " " * 100_000 + "<!doctype x>" + RDF_XML % "1", ["bad.rdf", "DOCTYPE"]),
        ("bad.rdf.gz", packed(BOMB.encode()), ["bad.rdf.gz", "DOCTYPE"]),
        ("bad.rdf", "<x", ["bad.rdf"]),
        ("bad.jsonld", '{"@context": "http://example.org/context"}', ["bad.jsonld", "context"]),
        ("bad.ttl", HEAD + "role:x coi:p <<( role:x a role:y )>> .", ["bad.ttl", "triple terms"]),
        ("bad.n3", "{ <a:a> <a:b> ?x } => { ?x <a:b> <a:a> } .", ["bad.n3", ".ttl"]),
        ("bad.csv", "a,b\n", ["bad.csv", ".ttl", ".gz"]),
        ("bad", "", ["bad", ".ttl"]),
        ("bad.gz", "", ["bad", ".ttl"]),
    ],
)
@pytest.mark.parametrize("earlier", [False, True], ids=["nothing before", "something before"])
def test_an_error_leaves_everything_as_it_was(
    tree: Tree, write: Write, name: str, content: str | bytes, words: list[str], earlier: bool
) -> None:
    if earlier:
        take(tree, write("good.nt", NT))
    before = state(tree)
    with pytest.raises(UnreadableInput) as caught:
        take(tree, write("good.nt", NT), write(name, content))
    message = f"{caught.value} {caught.value.remedy}"
    assert [word for word in words if word not in message] == []
    assert state(tree) == before


def test_a_folder_or_nothing_at_all_is_no_file(tree: Tree, tmp_path: Path) -> None:
    (tmp_path / "folder.ttl").mkdir()
    for name in ("folder.ttl", "missing.ttl"):
        with pytest.raises(UnreadableInput, match=name):
            take(tree, tmp_path / name)
    assert state(tree) == {}


@pytest.mark.parametrize(
    "graph",
    [
        "",
        "mine",
        "graph/mine",
        "//example.org/x",
        "http://exa mple.org/",
        "http://[x",
        "<http://example.org/>",
        "http://example.org/{x}",
        "http://example.org/\n",
        # what the build makes itself
        GRAPH + "release",
        GRAPH + "removed",
        GRAPH + "provenance",
        GRAPH + "validation",
        GRAPH + "data/roles",
        GRAPH + "shapes/mine",
        GRAPH + "ontology/coi",
    ],
)
def test_a_graph_that_is_none_or_not_yours_is_refused(tree: Tree, write: Write, graph: str) -> None:
    with pytest.raises(BadRequest) as caught:
        take(tree, write("a.nt", NT), graph=graph)
    assert graph in str(caught.value)
    assert state(tree) == {}


@pytest.mark.parametrize("graph", ["urn:x:y", "mailto:a@example.org", GRAPH + "loads/å", MINE])
def test_any_absolute_iri_will_do(tree: Tree, write: Write, graph: str) -> None:
    take(tree, write("a.nt", NT), graph=graph)
    assert tree.must_build().manifest.graphs[graph] == 1


def test_a_killed_load_leaves_what_was_and_the_next_one_cleans_up(
    tree: Tree, write: Write, tmp_path: Path
) -> None:
    take(tree, write("a.nt", NT))
    tree.must_build()
    before = state(tree)
    pipe = tmp_path / "endless.nt"
    os.mkfifo(pipe)
    code = (
        "import sys; from pathlib import Path; from coi_graph.publishing import loads\n"
        "loads.take_in(Path(sys.argv[1]), [Path(sys.argv[2])], sys.argv[3], print)"
    )
    child = subprocess.Popen(
        [sys.executable, "-c", code, str(tree.home), str(pipe), MINE], stdout=subprocess.DEVNULL
    )
    with pipe.open("w") as file:
        file.write(NT * 10_000)
        file.flush()
        deadline = time.monotonic() + 120
        while len(state(tree)) == len(before):
            assert time.monotonic() < deadline
            time.sleep(0.01)
        os.kill(child.pid, signal.SIGKILL)
        child.wait()
    assert {name: data for name, data in state(tree).items() if name[0] != "."} == before
    assert tree.build() is None
    take(tree, write("a.nt", NT))
    assert state(tree) == before


def test_a_load_waits_for_a_build(
    tree: Tree, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write("a.nt", NT)
    tree.must_build()
    with (tree.home / durable.LOCK).open("a") as publisher:
        fcntl.flock(publisher, fcntl.LOCK_EX)
        thread = threading.Thread(target=take, args=(tree, path))
        thread.start()
        thread.join(0.5)
        assert thread.is_alive()
        assert loads.all_of(tree.home) == []
        fcntl.flock(publisher, fcntl.LOCK_UN)
        thread.join(300)
    assert [load.graph for load in loads.all_of(tree.home)] == [MINE]
    monkeypatch.setattr(durable, "PATIENCE", 0.1)
    before = state(tree)
    with (tree.home / durable.LOCK).open("a") as publisher:
        fcntl.flock(publisher, fcntl.LOCK_EX)
        with pytest.raises(Busy):
            take(tree, write("b.nt", NT * 2))
    assert state(tree) == before


def test_loads_at_once_are_both_kept(tree: Tree, write: Write) -> None:
    threads = [
        threading.Thread(
            target=take, args=(tree, write(f"{n}.nt", NT)), kwargs={"graph": f"{MINE}{n}"}
        )
        for n in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(300)
    assert [load.graph for load in loads.all_of(tree.home)] == [f"{MINE}{n}" for n in range(4)]
    index = json.loads((tree.home / "loads/index.json").read_text())
    assert {path.name for path in (tree.home / "loads").iterdir()} == {
        "index.json",
        *(entry["file"] for entry in index.values()),
    }
