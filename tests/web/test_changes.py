"""The plain change list: exact, in files and in RDF; clear answers for what is not there."""

from __future__ import annotations

import gzip
import hashlib
import json
import shutil
from collections.abc import Callable

import pyoxigraph as ox
import pytest
from live import fetch

from environment import Server
from small_tree import Tree, content, content_hash, four_releases

AS = "https://www.w3.org/ns/activitystreams#"


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Tree:
    return four_releases(tmp_path_factory.mktemp("changes"))


@pytest.fixture(scope="module")
def site(tree: Tree, start_server: Callable[..., Server]) -> Server:
    return start_server(tree.home)


@pytest.mark.parametrize("since", [0, 1, 2, 3, 4])
def test_the_files_lead_from_any_release_to_the_newest(
    tree: Tree, site: Server, since: int
) -> None:
    listed = json.loads(fetch(site, f"/changes?since={since}").body)
    assert (listed["since"], listed["until"], listed["newest"]) == (since, 4, 4)
    assert [one["release"] for one in listed["releases"]] == list(range(since + 1, 5))
    state = set(tree.releases.get(since).open().quads()) if since else set()
    for one in listed["releases"]:
        for side in ("removed", "added"):
            file = one[side]
            assert file["address"].startswith(site.url)
            data = fetch(site, file["address"].removeprefix(site.url)).body
            assert (len(data), hashlib.sha256(data).hexdigest()) == (file["bytes"], file["sha256"])
            quads = set(ox.parse(gzip.decompress(data), format=ox.RdfFormat.N_QUADS))
            assert len(quads) == file["statements"]
            state = state - quads if side == "removed" else state | quads
        store = tree.releases.get(one["release"]).open()
        assert state == set(store.quads())
        assert one["content_hash"] == content_hash(store)
        manifest = fetch(site, one["manifest"].removeprefix(site.url))
        assert json.loads(manifest.body)["content_hash"] == one["content_hash"]


@pytest.mark.parametrize("accept", ["application/trig", "application/n-quads",
                                    "application/ld+json"])  # fmt: skip
@pytest.mark.parametrize("since", [0, 1, 2, 3, 4])
def test_the_difference_in_rdf(tree: Tree, site: Server, since: int, accept: str) -> None:
    got = fetch(site, f"/changes?since={since}", headers={"Accept": accept})
    assert got.status == 200
    quads = list(ox.parse(got.body, format=ox.RdfFormat.from_media_type(accept)))
    default = [q for q in quads if isinstance(q.graph_name, ox.DefaultGraph)]
    state = content(tree.releases.get(since).open()) if since else set()
    for kind, where in (("Remove", "origin"), ("Add", "target")):
        activities = {q.subject for q in default if q.object == ox.NamedNode(AS + kind)}
        graphs = {q.subject: q.object for q in default if q.predicate.value == AS + where}
        assert activities == graphs.keys()
        found = {ox.Quad(q.subject, q.predicate, q.object, graphs[q.graph_name])  # type: ignore[arg-type]
                 for q in quads if q.graph_name in graphs}  # fmt: skip
        assert state.isdisjoint(found) if kind == "Add" else state >= found
        state = state | found if kind == "Add" else state - found
    assert state == content(tree.current.open())


def test_a_poll_with_nothing_new_is_one_conditional_request(site: Server) -> None:
    got = fetch(site, "/changes?since=4")
    assert json.loads(got.body)["releases"] == []
    again = fetch(site, "/changes?since=4", headers={"If-None-Match": got.headers["ETag"]})
    assert (again.status, again.body) == (304, b"")


def test_files_can_be_resumed(tree: Tree, site: Server) -> None:
    whole = (tree.releases.get(1).path / "added.nq.gz").read_bytes()
    got = fetch(site, "/release/1/added.nq.gz")
    rest = fetch(site, "/release/1/added.nq.gz",
                 headers={"Range": "bytes=100-", "If-Range": got.headers["ETag"]})  # fmt: skip
    assert (rest.status, rest.body) == (206, whole[100:])
    stale = {"Range": "bytes=100-", "If-Range": '"x"'}
    other = fetch(site, "/release/1/added.nq.gz", headers=stale)
    assert (other.status, other.body) == (200, whole)


@pytest.mark.parametrize(
    ("query", "status"),
    [("", 400), ("?since=", 400), ("?since=x", 400), ("?since=-1", 400), ("?since=1.5", 400),
     ("?since=99999999999999999999", 400), ("?since=" + "9" * 5000, 400), ("?since=%C2%B2", 400),
     ("?since=5", 404), ("?since=999999999", 404), ("?since=1&release=9", 404),
     ("?since=1&release=x", 400)],
)  # fmt: skip
def test_absurd_cursors(site: Server, query: str, status: int) -> None:
    got = fetch(site, "/changes" + query)
    assert got.status == status
    assert got.headers["Content-Type"] == "application/problem+json"
    assert len(got.body) < 2000


def test_a_copy_that_began_later_says_so(
    tree: Tree, tmp_path_factory: pytest.TempPathFactory, start_server: Callable[..., Server]
) -> None:
    """Only release 4 and its whole content are there: as in a mirror."""
    home = tmp_path_factory.mktemp("later") / "home"
    shutil.copytree(tree.home, home, symlinks=True)
    for number in (1, 2, 3):
        shutil.rmtree(home / "releases" / f"{number:06d}")
    site = start_server(home)
    for since in (0, 1, 2):
        got = fetch(site, f"/changes?since={since}")
        assert got.status == 410
        assert got.problem()["newest"] == 4
    assert fetch(site, "/changes?since=4").status == 200


def test_too_much_for_one_answer(tmp_path_factory: pytest.TempPathFactory,
                                 start_server: Callable[..., Server]) -> None:  # fmt: skip
    tree = Tree.make(tmp_path_factory.mktemp("much"))
    lines = "".join(f"role:analyst coi:n {number} .\n" for number in range(60_000))
    tree.append("data/roles.ttl", lines)
    tree.must_build(validate=False)
    site = start_server(tree.home)
    got = fetch(site, "/changes?since=0", headers={"Accept": "application/trig"})
    assert got.status == 413
    assert "application/json" in str(got.problem()["remedy"])
    assert fetch(site, "/changes?since=0").status == 200
