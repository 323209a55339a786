"""A publisher that lies, breaks off, swells or redirects: a clear error, and the mirror stays."""

from __future__ import annotations

import gzip
import hashlib
import json
import shutil
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from bad_publisher import BadPublisher, Spoil, in_front_of

from coi_graph import config
from coi_graph.errors import CoiError
from coi_graph.following.client import BadAnswer, Unreachable
from coi_graph.following.follow import Follower
from coi_graph.publishing.releases import Releases
from environment import Server
from small_tree import ANOTHER_ROLE, Tree, assert_whole

Answer = tuple[int, dict[str, str], bytes]


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Tree:
    tree = Tree.make(tmp_path_factory.mktemp("publisher"))
    tree.must_build()
    tree.append("data/roles.ttl", ANOTHER_ROLE)
    tree.must_build()
    return tree


@pytest.fixture(scope="module")
def publisher(tree: Tree, start_server: Callable[..., Server]) -> Iterator[BadPublisher]:
    with in_front_of(start_server(tree.home).url) as bad:
        yield bad


@pytest.fixture(scope="module")
def at_one(tree: Tree, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A mirror at release 1."""
    home = tmp_path_factory.mktemp("at-one") / "home"
    shutil.copytree(tree.home, home, symlinks=True)
    releases = home / "releases"
    (releases / "current").unlink()
    (releases / "current").symlink_to("000001")
    shutil.rmtree(releases / "000002")
    return home


class Mirror:
    def __init__(self, home: Path, publisher: BadPublisher, timeout: float = 5.0) -> None:
        self.home = home
        self.said: list[str] = []
        settings = config.load({}, home=home)
        self.follower = Follower(
            settings, publisher.url, lambda text: self.said.append(str(text)), timeout=timeout
        )

    @property
    def releases(self) -> Releases:
        return Releases(self.home / "releases")


@pytest.fixture
def new(tmp_path: Path, publisher: BadPublisher) -> Mirror:
    publisher.spoil = None
    publisher.requests.clear()
    return Mirror(tmp_path / "home", publisher)


@pytest.fixture
def old(tmp_path: Path, publisher: BadPublisher, at_one: Path) -> Mirror:
    publisher.spoil = None
    publisher.requests.clear()
    shutil.copytree(at_one, tmp_path / "home", symlinks=True)
    (tmp_path / "home" / "follow.json").write_text(json.dumps({"url": publisher.url}))
    return Mirror(tmp_path / "home", publisher)


def at(name: str, change: Callable[[int, dict[str, str], bytes], Answer | None]) -> Spoil:
    def spoil(path: str, status: int, headers: dict[str, str], body: bytes) -> Answer | None:
        return change(status, headers, body) if name in path else (status, headers, body)

    return spoil


def other(body: bytes) -> Callable[[int, dict[str, str], bytes], Answer | None]:
    return lambda status, headers, _: (status, headers, body)


def edited(**members: object) -> Callable[[int, dict[str, str], bytes], Answer | None]:
    """JSON with other members."""
    return lambda s, h, body: (s, h, json.dumps({**json.loads(body), **members}).encode())


def answers(status: int, **headers: str) -> Callable[[int, dict[str, str], bytes], Answer | None]:
    return lambda s, h, b: (status, headers, b"")


def cut(status: int, headers: dict[str, str], body: bytes) -> Answer | None:
    return status, {**headers, "Content-Length": str(len(body))}, body[: len(body) // 2]


def flipped(status: int, headers: dict[str, str], body: bytes) -> Answer | None:
    return status, headers, body[:50] + bytes([body[50] ^ 1]) + body[51:]


BAD = {
    "a catalogue that is HTML": ("catalog", other(b"<html>"), "catalog"),
    "a catalogue of nothing": ("catalog", other(b""), "names no dump"),
    "a catalogue without end": ("catalog", other(b"#" * (33 << 20)), "larger"),
    "a catalogue that says it is": (
        "catalog", answers(200, **{"Content-Length": "99999999999999"}), "larger"),
    "a catalogue of deep terms": (
        "catalog", other(b"<a:b> <a:c> " + b"<<( <a:b> <a:c> " * 20_000), "triple terms"),
    "another site": ("catalog", answers(302, Location="http://127.0.0.1:9/"), "another site"),
    "a file": ("catalog", answers(301, Location="file:///etc/passwd"), "another site"),
    "a redirect of nonsense": ("catalog", answers(302, Location="http://[::1"), "another site"),
    "itself": ("catalog", answers(302, Location="/catalog"), "without an end"),
    "no page": ("catalog", answers(404), "404"),
    "an error": ("catalog", answers(503), "503"),
    "no answer": ("catalog", lambda s, h, b: None, "does not answer"),
    "half a dump": ("dump/", cut, "too short"),
    "a dump that has changed": ("dump/", flipped, "checksum"),
    "another dump": ("dump/", other(gzip.compress(b"")), "of"),
    "more than a dump": ("dump/", lambda s, h, b: (s, h, b + b"x" * 1_000_000), "larger"),
    "a manifest of another release": ("manifest", edited(release=7), "another release"),
    "a manifest of nonsense": ("manifest", other(b"[" * 100_000), "manifest"),
    "a manifest with a wrong hash": ("manifest", edited(content_hash="0" * 64), "content_hash"),
    "a manifest with a wrong count": ("manifest", edited(quads=1), "quads"),
    "a manifest with other graphs": ("manifest", edited(graphs={}), "graphs"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_nothing_is_taken_of_a_bad_copy(new: Mirror, publisher: BadPublisher, case: str) -> None:
    name, change, word = BAD[case]
    publisher.spoil = at(name, change)
    with pytest.raises((BadAnswer, Unreachable)) as caught:
        new.follower.round()
    assert word in str(caught.value)
    assert len(str(caught.value)) < 600
    assert new.releases.current_number() is None
    assert list((new.home / "releases").glob("*")) == []
    publisher.spoil = None
    assert new.follower.round() == [2]
    assert_whole(new.releases.current())


BAD_CHANGES = {
    "no JSON": ("changes?", other(b"<html>"), "changes"),
    "a list": ("changes?", other(b"[]"), "changes"),
    "deep JSON": ("changes?", other(b"[" * 100_000), "changes"),
    "no releases": ("changes?", edited(releases=None), "changes"),
    "a gap": (
        "changes?",
        lambda s, h, b: (s, h, b.replace(b'"release": 2', b'"release": 3')),
        "row",
    ),
    "a list without end": ("changes?", other(b" " * (33 << 20)), "larger"),
    "a wrong checksum": ("added.nq.gz", flipped, "checksum"),
    "half a file": ("added.nq.gz", cut, "too short"),
    "another count": ("manifest", edited(added=77), "added"),
    "another hash": ("manifest", edited(content_hash="f" * 64), "content_hash"),
    "an error": ("changes?", answers(500), "500"),
    "a teapot": ("changes?", answers(418), "418"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD_CHANGES)
def test_the_mirror_stays_at_a_bad_change(old: Mirror, publisher: BadPublisher, case: str) -> None:
    name, change, word = BAD_CHANGES[case]
    publisher.spoil = at(name, change)
    with pytest.raises((BadAnswer, Unreachable)) as caught:
        old.follower.round()
    assert word in str(caught.value)
    assert old.releases.current_number() == 1
    assert_whole(old.releases.current())
    publisher.spoil = None
    assert old.follower.round() == [2]
    assert_whole(old.releases.current())


def lying_file(name: str, content: bytes) -> Spoil:
    """A change file of the publisher's choice, with the right size and checksum in the list."""
    digest = hashlib.sha256(content).hexdigest()

    def spoil(path: str, status: int, headers: dict[str, str], body: bytes) -> Answer:
        if name in path:
            return 200, {}, content
        if "changes?" in path:
            listed = json.loads(body)
            listed["releases"][0]["added"] |= {"bytes": len(content), "sha256": digest}
            return status, headers, json.dumps(listed).encode()
        return status, headers, body

    return spoil


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (gzip.compress(b"<a:b> <a:c> <a:d> <a:e> .\n"), "differs"),
        (gzip.compress(b"no quads\n"), "nq.gz"),
        (gzip.compress(b"<a:b> <a:c> " + b"<<( <a:b> <a:c> " * 50_000), "triple terms"),
        (gzip.compress(b"<a:b> <a:c> <a:d> <a:e> .\n" * 4_000_000), "swells"),
        (b"no gzip at all", "nq.gz"),
        (gzip.compress(b"<a:b> <a:c> <a:d> <a:e> .\n")[:-4], "nq.gz"),
    ],
    ids=["another quad", "no quads", "deep terms", "a bomb", "no gzip", "cut gzip"],
)
def test_a_file_with_a_right_checksum_is_not_believed_either(
    old: Mirror, publisher: BadPublisher, content: bytes, word: str
) -> None:
    publisher.spoil = lying_file("added.nq.gz", content)
    with pytest.raises(BadAnswer) as caught:
        old.follower.round()
    assert word in str(caught.value)
    assert old.releases.current_number() == 1
    publisher.spoil = None
    assert old.follower.round() == [2]


def test_a_change_that_adds_what_is_there_is_refused(old: Mirror, publisher: BadPublisher) -> None:
    """Its numbers would not be those of what the mirror holds afterwards."""
    there = next(iter(old.releases.current().open().quads()))
    publisher.spoil = lying_file("added.nq.gz", gzip.compress(f"{there} .\n".encode()))
    with pytest.raises(BadAnswer) as caught:
        old.follower.round()
    assert "does not follow" in str(caught.value)
    assert old.releases.current_number() == 1
    publisher.spoil = None
    assert old.follower.round() == [2]


def test_an_interrupted_dump_goes_on_where_it_stopped(
    new: Mirror, publisher: BadPublisher, tree: Tree
) -> None:
    publisher.spoil = at("dump/", cut)
    with pytest.raises(Unreachable):
        new.follower.round()
    publisher.spoil = None
    publisher.requests.clear()
    assert new.follower.round() == [2]
    size = (tree.releases.get(2).path / "dumps" / "coi-graph.nq.gz").stat().st_size
    (asked,) = (headers for path, headers in publisher.requests if "dump/" in path)
    assert asked["range"] == f"bytes={size // 2}-"
    assert not (new.home / "follow").exists()


def test_a_server_that_knows_no_ranges_sends_it_whole(
    new: Mirror, publisher: BadPublisher, tree: Tree
) -> None:
    whole = (tree.releases.get(2).path / "dumps" / "coi-graph.nq.gz").read_bytes()
    publisher.spoil = at("dump/", cut)
    with pytest.raises(Unreachable):
        new.follower.round()
    publisher.spoil = at("dump/", lambda s, h, b: (200, {}, whole))
    assert new.follower.round() == [2]
    assert_whole(new.releases.current())


def test_a_poll_with_nothing_new_is_one_conditional_request(
    new: Mirror, publisher: BadPublisher
) -> None:
    new.follower.round()
    publisher.requests.clear()
    assert new.follower.round() == []
    ((path, headers),) = publisher.requests
    assert path == "/changes?since=2"
    assert headers["if-none-match"]
    # also by another process
    again = Mirror(new.home, publisher)
    assert again.follower.round() == []
    assert len(publisher.requests) == 2


def test_too_little_space_is_said_before_anything_is_fetched(
    tmp_path: Path, publisher: BadPublisher
) -> None:
    publisher.spoil = None
    settings = config.load({}, home=tmp_path / "home", min_free=1 << 60)
    with pytest.raises(CoiError, match="MiB"):
        Follower(settings, publisher.url, lambda text: None).round()


def test_a_stalled_publisher_is_given_up(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        settings = config.load({}, home=tmp_path / "home")
        with pytest.raises(Unreachable):
            Follower(settings, url, lambda text: None, timeout=0.5).round()
