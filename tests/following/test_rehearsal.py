"""In which order a rehearsal reads the feed; the rest is in tests/web/test_releases.py."""

from __future__ import annotations

from http.client import HTTPMessage

from coi_graph.following.client import Answer, Client
from coi_graph.following.rehearsal import _walk
from coi_graph.namespaces import TREE

SITE = "https://data.example.org/"
NODES = {"feed": ["feed/1/1", "feed/2/1"], "feed/1/1": ["feed/1/2"], "feed/1/2": ["feed/1/3"]}


class FeedOfTwoReleases(Client):
    def __init__(self) -> None:
        super().__init__(SITE)
        self.read: list[str] = []

    def get(self, path: str, most: int, *, accept: str, etag: str = "") -> Answer:
        self.read.append(path)
        lines = [f"<{SITE}{path}> <{TREE}node> <{SITE}{node}> .\n" for node in NODES.get(path, [])]
        return Answer(200, HTTPMessage(), "".join(lines).encode())


def test_all_pages_of_a_release_come_before_the_next() -> None:
    """Or a description of the first release would replace what the second one says."""
    client = FeedOfTwoReleases()
    assert len(list(_walk(client, "feed"))) == 5
    assert client.read == ["feed", "feed/1/1", "feed/1/2", "feed/1/3", "feed/2/1"]
