"""Releases as things: pages and RDF, also of one whose store is gone; and each thing's history."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable

import pytest
from live import Got, fetch, wait_until
from rdflib import RDF, Graph, Literal, Namespace, URIRef
from rdflib.namespace import DCAT, DCTERMS, PROV

from coi_graph.publishing.history import rollback
from environment import Server
from small_tree import ANOTHER_ROLE, BASE, FILES, ROLE, Tree

AS = Namespace("https://www.w3.org/ns/activitystreams#")
SPDX = Namespace("http://spdx.org/rdf/terms#")
HTML = {"Accept": "text/html"}


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Tree:
    """1: the files; 2: a role more; 3: it goes; 4: release 2 again. Releases 1 and 2 are pruned."""
    tree = Tree.make(tmp_path_factory.mktemp("releases"))
    tree.must_build()
    tree.append("data/roles.ttl", ANOTHER_ROLE)
    tree.must_build()
    tree.write("data/roles.ttl", FILES["data/roles.ttl"])
    tree.must_build()
    rollback(tree.config(keep_releases=2), 2)
    return tree


@pytest.fixture(scope="module")
def site(tree: Tree, start_server: Callable[..., Server]) -> Server:
    return start_server(tree.home)


def text(got: Got) -> str:
    assert got.status == 200
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", got.body.decode()))


@pytest.mark.parametrize(("number", "is_kept"), [(1, False), (2, False), (3, True), (4, True)])
@pytest.mark.parametrize("lang", ["da", "en"])
def test_the_page_of_a_release(
    tree: Tree, site: Server, number: int, is_kept: bool, lang: str
) -> None:
    m = tree.releases.get(number).manifest
    got = fetch(site, f"/release/{number}?lang={lang}", headers=HTML)
    shown = text(got)
    assert m.content_hash in shown
    assert m.files["added.nq.gz"]["sha256"] in shown
    assert f"{BASE}release/{number}" in shown, "how to cite it"
    assert (f'href="/?release={number}"' in got.body.decode()) == is_kept
    changed = {1: "analyst", 2: "adviser", 3: "adviser", 4: "adviser"}[number]
    assert f"/doc/role/{changed}" in got.body.decode()
    created, removed = {"da": ("oprettet", "fjernet"), "en": ("created", "removed")}[lang]
    assert (removed if number == 3 else created) in shown


@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_a_release_in_rdf(tree: Tree, site: Server, number: int) -> None:
    release = tree.releases.get(number)
    graph = Graph().parse(data=fetch(site, f"/release/{number}.ttl").body, format="turtle")
    node = URIRef(f"{BASE}release/{number}")
    assert (node, RDF.type, DCAT.Dataset) in graph
    assert (node, URIRef(str(DCAT) + "version"), Literal(str(number))) in graph
    before = URIRef(f"{BASE}release/{number - 1}")
    assert ((node, PROV.wasRevisionOf, before) in graph) == (number > 1)
    assert ((node, PROV.wasDerivedFrom, URIRef(f"{BASE}release/2")) in graph) == (number == 4)
    for name in ("added.nq.gz", "removed.nq.gz"):
        file = URIRef(f"{BASE}release/{number}/{name}")
        checksum = graph.value(graph.value(file, SPDX.checksum), SPDX.checksumValue)
        assert str(checksum) == release.manifest.files[name]["sha256"]
        address = str(graph.value(file, DCAT.downloadURL))
        assert (
            fetch(site, address.removeprefix(site.url)).body == (release.path / name).read_bytes()
        )
    assert str(graph.value(node, DCTERMS.issued)) == str(
        Literal(release.manifest.issued, datatype="http://www.w3.org/2001/XMLSchema#dateTime")
    )


def test_the_timeline(site: Server) -> None:
    got = fetch(site, "/release/", headers=HTML)
    assert re.findall(r'href="/release/(\d+)"', got.body.decode())[:4] == ["4", "3", "2", "1"]
    listed = fetch(site, "/release/", headers={"Accept": "text/turtle"})
    graph = Graph().parse(data=listed.body, format="turtle")
    assert len(set(graph.subjects(RDF.type, DCAT.Dataset))) == 4


def test_a_damaged_release_is_listed_with_the_others(tree: Tree, site: Server) -> None:
    manifest = tree.releases.get(1).path / "manifest.json"
    whole = manifest.read_bytes()
    manifest.write_bytes(whole[:100])
    try:
        got = fetch(site, "/release/?lang=da", headers=HTML)
        assert "Udgivelse 1 Beskrivelsen af denne udgivelse kan ikke læses." in text(got)
        assert re.findall(r'href="/release/(\d+)[?"]', got.body.decode())[:4] == [
            "4",
            "3",
            "2",
            "1",
        ]
        listed = fetch(site, "/release/", headers={"Accept": "text/turtle"})
        graph = Graph().parse(data=listed.body, format="turtle")
        assert len(set(graph.subjects(RDF.type, DCAT.Dataset))) == 3
    finally:
        manifest.write_bytes(whole)


def test_the_history_of_a_thing(site: Server) -> None:
    got = fetch(site, "/history/role/adviser", headers=HTML)
    assert re.findall(r'href="/release/(\d+)"', got.body.decode())[:3] == ["4", "3", "2"]
    graph = Graph().parse(data=fetch(site, "/history/role/adviser.ttl").body, format="turtle")
    whats = {
        str(graph.value(release, RDF.type)).rpartition("#")[2]: str(release)
        for release in graph.subjects(AS.object, URIRef(ROLE + "adviser"))
    }
    assert set(whats) == {"Create", "Delete"}
    for activity in graph.subjects(AS.object, URIRef(ROLE + "adviser")):
        got = fetch(site, "/" + str(activity).removeprefix(BASE))
        assert got.status == 303
        page = fetch(site, got.headers["Location"], headers={"Accept": "application/n-quads"})
        assert f"<{activity}> <{AS.object}> <{ROLE}adviser>" in page.body.decode()
    assert re.findall(r'href="/release/(\d+)"',
                      fetch(site, "/doc/role/adviser", headers=HTML).body.decode())[:3]  # fmt: skip
    pinned = fetch(site, "/history/role/adviser.ttl?release=3")
    assert len(set(Graph().parse(data=pinned.body, format="turtle").subjects(AS.object))) == 2


@pytest.mark.parametrize(
    ("path", "status"),
    [("/release/5", 404), ("/release/0", 404), ("/release/x", 404), ("/release/1?page=2", 404),
     ("/release/1?page=0", 400), ("/release/1?page=x", 400), ("/release/?page=99", 404),
     ("/release/?page=" + "9" * 3000, 400), ("/history/role/nobody", 404), ("/history/", 404),
     ("/release/1/rehearsal", 404), ("/release/9/rehearsal", 404), ("/release/1/x", 404)],
)  # fmt: skip
def test_what_is_not_there(site: Server, path: str, status: int) -> None:
    for accept in ("text/html",) if "page=" in path else ("text/html", "application/json"):
        assert fetch(site, path, headers={"Accept": accept}).status == status


class TestRehearsal:
    def rehearse(self, tree: Tree, site: Server) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "coi_graph", "release", "rehearse", "--home", str(tree.home),
             "--url", site.url],
            capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip

    def test_passes_and_publishes_its_proof(self, tree: Tree, site: Server) -> None:
        done = self.rehearse(tree, site)
        assert (done.returncode, "passed" in done.stderr) == (0, True), done.stderr
        json_only = {"Accept": "application/json"}
        found = json.loads(fetch(site, "/release/4/rehearsal", headers=json_only).body)
        assert found["passed"] is True
        names = {check["name"]: check["found"] for check in found["checks"]}
        content = tree.current.manifest.content_hash
        assert names["content hash of the dump"] == content
        assert names["content hash of the feed, replayed"] == content
        assert names["statements of the dump"] == str(tree.current.manifest.quads)
        assert content in text(fetch(site, "/release/4/rehearsal", headers=HTML))
        tree.current.verify()

    @pytest.mark.parametrize("damage", ["dump", "feed"])
    def test_that_fails_is_loud(
        self,
        tmp_path_factory: pytest.TempPathFactory,
        start_server: Callable[..., Server],
        damage: str,
    ) -> None:
        tree = Tree.make(tmp_path_factory.mktemp("loud"))
        tree.must_build()
        site = start_server(tree.home)
        if damage == "dump":
            path = tree.current.path / "dumps" / "coi-graph.nq.gz"
            path.write_bytes(path.read_bytes()[:-1] + b"x")
        else:
            other = Tree.make(tmp_path_factory.mktemp("other"))
            other.append("data/roles.ttl", "role:analyst skos:altLabel 'x' .\n")
            other.must_build()
            (page,) = (other.current.path / "feed").glob("*.nq.gz")
            (tree.current.path / "feed" / page.name).write_bytes(page.read_bytes())
        done = self.rehearse(tree, site)
        assert done.returncode == 1
        assert "FAILED" in done.stderr
        assert "Traceback" not in done.stderr
        shown = fetch(site, "/release/1?lang=en", headers=HTML).body.decode()
        assert "cannot be copied as it should" in shown
        assert (
            '"passed": false' in fetch(site, "/release/1/rehearsal").body.decode()
            or fetch(
                site, "/release/1/rehearsal", headers={"Accept": "application/json"}
            ).problem()["passed"]
            is False
        )

    def test_happens_beside_the_server_at_each_release(
        self, tmp_path_factory: pytest.TempPathFactory, start_server: Callable[..., Server]
    ) -> None:
        tree = Tree.make(tmp_path_factory.mktemp("beside"))
        tree.must_build()
        site = start_server(tree.home, COI_REHEARSE="1")
        json_only = {"Accept": "application/json"}
        assert wait_until(
            lambda: fetch(site, "/release/1/rehearsal", headers=json_only).status == 200, 60
        ), site.log.read_text()
        tree.append("data/roles.ttl", ANOTHER_ROLE)
        tree.must_build()
        assert wait_until(
            lambda: fetch(site, "/release/2/rehearsal", headers=json_only).status == 200, 60
        ), site.log.read_text()
        assert fetch(site, "/release/2/rehearsal", headers=json_only).problem()["passed"] is True


def test_what_changed_is_named_in_words(site: Server) -> None:
    """Also what is no kind of thing: terms of the ontology, named graphs."""
    got = fetch(site, "/release/1?lang=da", headers={"Accept": "text/html"})
    names = re.findall(r'<th scope="row">(.*?)</th>', got.body.decode())
    assert {"Roller", "Ontologiens termer", "Navngivne grafer"} <= set(names)
    assert len(names) == len(set(names))
    assert not {"def", "shapes", "graph", "slice"} & set(names)
    graphs = re.findall(r'<a href="/graph/[^"]*"[^>]*>([^<]*)</a>', got.body.decode())
    assert "data/roles" in graphs
    assert not [one for one in graphs if one.startswith(BASE)], "by their paths"
