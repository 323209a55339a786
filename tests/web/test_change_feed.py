"""The change feed over HTTP: what harvesters' own clients make of it, caching, and bad clients."""

from __future__ import annotations

import os
import re
import subprocess
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pyoxigraph as ox
import pytest
from live import fetch, query_workers, resident_bytes, wait_until
from pyshacl import validate
from rdflib import RDF, Dataset, Graph, Namespace, URIRef

from coi_graph.publishing.feed import read_index
from coi_graph.publishing.feed_members import Member, members
from coi_graph.publishing.releases import Release
from environment import Server
from npm_clients import client
from small_tree import ANOTHER_ROLE, BASE, FILES, HEAD, Tree, content, four_releases

DCAT = Namespace("http://www.w3.org/ns/dcat#")
AS = Namespace("https://www.w3.org/ns/activitystreams#")
LDES = Namespace("https://w3id.org/ldes#")
TREE = Namespace("https://w3id.org/tree#")
SH = Namespace("http://www.w3.org/ns/shacl#")
FEEDS = Namespace("https://semiceu.github.io/LDES-DCAT-AP-feeds/shape.ttl#")


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Tree:
    return four_releases(tmp_path_factory.mktemp("feed"))


@pytest.fixture(scope="module")
def site(tree: Tree, start_server: Callable[..., Server]) -> Server:
    return start_server(tree.home)


def page(server: Server, path: str, accept: str = "application/n-quads") -> list[ox.Quad]:
    got = fetch(server, path, headers={"Accept": accept})
    assert got.status == 200, got.body[:500]
    assert got.headers["Content-Type"] == accept
    return list(ox.parse(got.body, format=ox.RdfFormat.from_media_type(accept)))


def crawl(server: Server, accept: str = "application/n-quads") -> dict[str, list[ox.Quad]]:
    """Every page, found by `tree:node` only; in the order in which they were met."""
    found: dict[str, list[ox.Quad]] = {}
    waiting = [server.url + "/feed"]
    while waiting:
        url = waiting.pop(0)
        assert url.startswith(server.url), "absolute, and on this site"
        if url not in found:
            found[url] = page(server, url.removeprefix(server.url), accept)
            waiting += [q.object.value for q in found[url] if q.predicate.value == str(TREE.node)]  # type: ignore[union-attr]
    return found


def state(found: list[Member]) -> set[ox.Quad]:
    """What is left when members have been applied one after another."""
    things: dict[str, frozenset[ox.Quad]] = {}
    for member in found:
        if member.what == "Delete":
            del things[member.thing]
        else:
            things[member.thing] = member.quads
    return {quad for quads in things.values() for quad in quads}


@pytest.mark.parametrize("accept", ["application/trig", "application/ld+json"])
def test_crawling_the_feed_gives_the_release(tree: Tree, site: Server, accept: str) -> None:
    pages = crawl(site, accept)
    found = [member for quads in pages.values() for member in members(quads)]
    assert state(found) == content(tree.current.open())
    listed = {q.object for quads in pages.values() for q in quads
              if q.predicate.value == str(TREE.member)}  # fmt: skip
    assert len(listed) == len(found)
    whats = [(m.what, m.thing.removeprefix(BASE)) for m in found[-3:]]
    assert whats == [("Create", "graph/data/tools"), ("Create", "id/role/adviser"),
                     ("Create", "id/tool/guide")]  # fmt: skip


def test_pages_are_what_ldes_and_tree_ask_for(site: Server) -> None:
    for url, quads in crawl(site).items():
        graph = Dataset(default_union=True)
        graph.parse(data="\n".join(f"{q} ." for q in quads), format="nquads")
        here, stream = URIRef(url), URIRef(site.url + "/feed#stream")
        assert (stream, RDF.type, LDES.EventStream) in graph
        assert (stream, TREE.view, URIRef(site.url + "/feed")) in graph
        assert (stream, LDES.timestampPath, AS.published) in graph
        assert (stream, LDES.versionOfPath, AS.object) in graph
        for relation in graph.objects(here, TREE.relation):
            assert graph.value(relation, TREE.path) == AS.published
            assert graph.value(relation, TREE.node) != here
            assert graph.value(relation, TREE.value) is not None
        for member in graph.objects(stream, TREE.member):
            assert graph.value(member, AS.object) is not None


def test_pages_conform_to_dcat_ap_feeds(server: Server, shared: Path) -> None:
    """SEMIC's shape: the only thing ours may differ in is the class of the things, which there
    are those of DCAT-AP; that part is asked of those only that say they are one."""
    shapes = Graph().parse(shared / "conformance" / "ldes" / "shape.ttl")
    checked = of_dcat = 0
    for number in range(1, 5):
        data = Graph()
        quads = page(server, f"/feed/1/{number}")
        data.parse(data="\n".join(f"{q.triple} ." for q in quads), format="nt")
        _, report, text = validate(data, shacl_graph=shapes, advanced=False)
        assert isinstance(report, Graph)
        refused = {report.value(result, SH.value)
                   for result in report.subjects(SH.resultPath, AS.object)}  # fmt: skip
        datasets = set(data.subjects(RDF.type, DCAT.Dataset))
        assert refused.isdisjoint(datasets), text
        of_dcat += len(datasets)
        without = Graph() + shapes
        without.remove((FEEDS.EntityShape, SH["or"], None))
        conforms, _, text = validate(data, shacl_graph=without, advanced=False)
        assert conforms, text
        checked += len(list(data.subjects(RDF.type, AS.Create)))
    assert checked > 900
    assert of_dcat > 0
    # and it would notice
    activity = next(data.subjects(RDF.type, AS.Create))
    data.add((activity, AS.endTime, next(data.objects(activity, AS.published))))
    assert not validate(data, shacl_graph=without, advanced=False)[0]


_SHORT = re.compile(r"(?m)(?<=> )([-+.\deE]+|true|false)(?= (?:<[^<> ]+> )?\.$)")


def _written_out(found: re.Match[str]) -> str:
    text = found[1]
    kind = "boolean" if text in ("true", "false") else "double" if "e" in text.lower() else (
        "decimal" if "." in text else "integer")  # fmt: skip
    return f'"{text}"^^<http://www.w3.org/2001/XMLSchema#{kind}>'


class TestLdesClient:
    """https://www.npmjs.com/package/ldes-client, as a harvester runs it."""

    def arguments(self, url: str, *more: str) -> list[str]:
        return [str(client("ldes-client")), url + "/feed", "--ordered", "ascending", *more]

    def read(self, text: str) -> list[Member]:
        """Its output: materialised members, in the order in which it gave them."""
        found = []
        for block in text.split("\n\n"):
            # N3.js abbreviates these as in Turtle
            block = _SHORT.sub(_written_out, block)
            quads = list(ox.parse(block, format=ox.RdfFormat.N_QUADS))
            if not quads:
                continue
            # Materialising has put the thing in the Activity's place.
            what = next(q for q in quads if q.object.value.startswith(str(AS))  # type: ignore[union-attr]
                        and isinstance(q.graph_name, ox.DefaultGraph))  # fmt: skip
            graph = next(q.graph_name for q in quads
                         if not isinstance(q.graph_name, ox.DefaultGraph))  # fmt: skip
            activity = [
                ox.Quad(graph, ox.NamedNode(str(AS.object)), what.subject),
                ox.Quad(graph, what.predicate, what.object),
            ]
            payload = [q for q in quads if not isinstance(q.graph_name, ox.DefaultGraph)]
            found += members([*activity, *payload])
        return found

    def test_replicates_everything(self, server: Server, built_store: object) -> None:
        done = subprocess.run(self.arguments(server.url, "--materialize"), capture_output=True,
                              text=True, timeout=120, check=True)  # fmt: skip
        assert state(self.read(done.stdout)) == content(built_store)  # type: ignore[arg-type]

    def test_replicates_history_and_follows(
        self, tmp_path: Path, start_server: Callable[..., Server]
    ) -> None:
        tree = Tree.make(tmp_path)
        tree.must_build()
        tree.append("data/roles.ttl", ANOTHER_ROLE)
        tree.must_build()
        site = start_server(tree.home)
        output = tmp_path / "members"
        with output.open("wb") as file, (tmp_path / "log").open("wb") as log:
            follower = subprocess.Popen(
                self.arguments(site.url, "--materialize", "--follow", "--poll-interval", "200"),
                stdout=file, stderr=log, start_new_session=True,
            )  # fmt: skip
        try:
            for text in (FILES["data/roles.ttl"], HEAD + 'role:analyst skos:note "x" .\n', None):
                expected = content(tree.current.open())
                arrived = wait_until(lambda: state(self.so_far(output)) == expected, 30)  # noqa: B023
                assert arrived, (tmp_path / "log").read_text()[-2000:]
                if text is not None:
                    tree.write("data/roles.ttl", text)
                    tree.must_build(validate=False)
        finally:
            os.killpg(follower.pid, 9)
            follower.wait()
        things = [m.thing for m in self.read(output.read_text()) if m.what == "Delete"]
        assert BASE + "id/role/adviser" in things

    def so_far(self, output: Path) -> list[Member]:
        text = output.read_text(encoding="utf-8")
        return self.read(text[: text.rfind("\n\n")] if "\n\n" in text else "")


class TestCaching:
    def test_finished_pages_never_change(self, site: Server) -> None:
        for path in ("/feed/1/1", "/feed/3/1"):
            got = fetch(site, path)
            assert got.headers["Cache-Control"] == "public, max-age=31536000, immutable"
            again = fetch(site, path, headers={"If-None-Match": got.headers["ETag"]})
            assert (again.status, again.body) == (304, b"")
            other = fetch(site, path, headers={"Accept": "application/ld+json"})
            assert other.headers["ETag"] != got.headers["ETag"]
            assert "Accept" in got.headers["Vary"]

    def test_the_view_must_be_asked_again(self, site: Server) -> None:
        got = fetch(site, "/feed")
        assert got.headers["Cache-Control"] == "public, max-age=0, must-revalidate"
        assert got.headers["COI-Release"] == "4"
        assert fetch(site, "/feed", headers={"If-None-Match": got.headers["ETag"]}).status == 304

    def test_fifty_releases_become_a_block_that_never_changes(
        self, tmp_path: Path, start_server: Callable[..., Server]
    ) -> None:
        tree = Tree.make(tmp_path)
        tree.must_build()
        for number in range(2, 53):
            tree.write("data/tools.ttl", HEAD + f"tool:guide coi:steps {number} .\n")
            tree.must_build(validate=False, keep_releases=2, keep_dumps=1)
        site = start_server(tree.home)
        view = page(site, "/feed")
        nodes = {q.object.value for q in view if q.predicate.value == str(TREE.node)}  # type: ignore[union-attr]
        assert nodes == {site.url + path for path in ("/feed/1-50", "/feed/51/1", "/feed/52/1")}
        block = fetch(site, "/feed/1-50")
        assert "immutable" in block.headers["Cache-Control"]
        found = [member for quads in crawl(site).values() for member in members(quads)]
        by_release = [m for m in found if m.thing == BASE + "id/tool/guide"]
        assert len(by_release) == 52
        for path in ("/feed/51-100", "/feed/1-49", "/feed/2-51", "/feed/0-0"):
            assert fetch(site, path).status == 404, path


class TestBadClients:
    @pytest.mark.parametrize(
        "path",
        ["/feed/1/2", "/feed/1/0", "/feed/0/1", "/feed/5/1", "/feed/99999999999999999999/1",
         "/feed/1/" + "9" * 5000, "/feed/one/1", "/feed/-1/1", "/feed/1/1/1", "/feed/1",
         "/feed/%2e%2e/1",
         "/feed/1-50", "/feed/a-b", "/feed/%C2%B2/1", "/release/1/change/0",
         "/release/1/change/999999",
         "/release/9/change/1", "/release/x/change/1"],
    )  # fmt: skip
    def test_get_a_clear_answer(self, site: Server, path: str) -> None:
        got = fetch(site, path)
        assert got.status == 404, path
        assert got.headers["Content-Type"] == "application/problem+json"
        assert got.problem()["title"]

    def test_get_what_there_is_instead(self, site: Server) -> None:
        got = fetch(site, "/feed/1/1", headers={"Accept": "text/turtle"})
        assert got.status == 406
        assert got.problem()["available"] == [
            "application/trig", "application/ld+json", "application/n-quads"]  # fmt: skip

    def test_do_not_choose_the_addresses(self, site: Server) -> None:
        hostile = {"Host": "evil.example", "X-Forwarded-Host": "evil.example"}
        for path in ("/feed", "/feed/1/1", "/changes?since=1"):
            got = fetch(site, path, headers=hostile)
            assert got.status == 200
            assert b"evil.example" not in got.body + str(got.headers).encode()

    def test_an_activity_leads_to_its_page(self, site: Server) -> None:
        got = fetch(site, "/release/2/change/1")
        assert (got.status, got.headers["Location"]) == (303, "/feed/2/1")


@pytest.mark.slow
def test_a_hundred_parallel_copies_stay_bounded(server: Server, release: Release) -> None:
    """A hundred clients that copy the whole feed at once: right answers, and memory for a few."""
    pages = len(read_index(release.path).pages)
    paths = ["/feed", *(f"/feed/1/{number}" for number in range(1, pages + 1)),
             "/changes?since=0", "/release/1/added.nq.gz"]  # fmt: skip
    expected = {path: fetch(server, path).body for path in paths}

    def copy(number: int) -> list[str]:
        mine = [*paths[number % len(paths) :], *paths[: number % len(paths)]]
        found = []
        for path in mine:
            got = fetch(server, path, client=f"127.0.1.{number + 1}", timeout=120)
            if got.status != 200 or got.body != expected[path]:
                found.append(f"{path}: {got.status}")
        return found

    web = query_workers(server).keys()
    before = {pid: resident_bytes(pid) for pid in web}
    most = dict(before)
    with ThreadPoolExecutor(100) as pool:
        futures = [pool.submit(copy, number) for number in range(100)]
        while not all(future.done() for future in futures):
            for pid in web:
                most[pid] = max(most[pid], resident_bytes(pid))
            time.sleep(0.05)
    assert [future.result() for future in futures] == [[]] * 100
    grown = {pid: (most[pid] - before[pid]) >> 20 for pid in web}
    assert all(mebibytes < 200 for mebibytes in grown.values()), grown
