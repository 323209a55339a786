"""The whole way from a contribution to its publication, with the ledger in a real PostgreSQL."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import postgresql
from coi_graph.publishing.releases import Releases
from contributing_site import BASE, Site, open_site, workplace
from environment import Server, require


@pytest.fixture(scope="module")
def site(
    home: Path, tmp_path_factory: pytest.TempPathFactory, start_server: Callable[..., Server]
) -> Iterator[Site]:
    found = postgresql.binaries()
    require(found is not None, "PostgreSQL (Debian's package postgresql)")
    assert found is not None
    with postgresql.running(found) as url:
        site = open_site(home, tmp_path_factory.mktemp("site"), start_server, url)
        yield site
        os.killpg(site.server.process.pid, signal.SIGTERM)  # before its database goes
        site.server.process.wait(30)


def accepted(site: Site, name: str) -> int:
    made = site.send("contributor", workplace(name, f"Eksempel: {name}"), "?submit=true")
    assert made.status == 201
    number: int = made.json["id"]
    path = f"/api/contributions/{number}/accept"
    assert site.ask("reviewer", path, {"revision": 1}).status == 200
    return number


def test_a_contribution_is_published_and_tells_where_it_comes_from(site: Site) -> None:
    number = accepted(site, "pg-first")
    site.published(number)
    assert site.ask(None, "/doc/workplace/pg-first.ttl").status == 200
    told = site.ask(None, "/history/workplace/pg-first.nt").body.decode()
    assert f"{BASE}graph/contribution/{number}#review-{number}" in told
    release = site.ask("reviewer", f"/api/contributions/{number}").json["release"]
    assert f"{BASE}release/{release}#publication" in (
        site.ask(None, f"/release/{release}.nt").body.decode()
    )
    assert not (site.home / "ledger.sqlite").exists()


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("da", ("Bidraget af:", "Godkendt af:", "0 fejl", "bidragyder uden angivet organisation")),
        ("en", ("Contributed by:", "Reviewed by:", "0 violations", "of no given organisation")),
    ],
)
def test_people_read_it_too(site: Site, lang: str, words: tuple[str, ...]) -> None:
    number = accepted(site, f"pg-{lang}")
    site.published(number)
    release = site.ask("reviewer", f"/api/contributions/{number}").json["release"]
    for path in (f"/release/{release}", f"/history/workplace/pg-{lang}"):
        page = site.ask(None, f"{path}?lang={lang}", Accept="text/html").body.decode()
        for word in words:
            assert word in page, path


def test_the_health_page_says_how_the_publisher_is(site: Site) -> None:
    found = site.ask(None, "/healthz").json
    assert found["status"] == "ok"
    assert found["publishing"]["state"] in ("waiting", "publishing")


def test_a_publisher_that_is_killed_publishes_once(site: Site) -> None:
    made = [accepted(site, f"pg-{name}") for name in "abc"]
    for children in Path(f"/proc/{site.server.process.pid}/task").glob("*/children"):
        for child in map(int, children.read_text().split()):
            if b"--watch" in Path(f"/proc/{child}/cmdline").read_bytes():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(child, signal.SIGKILL)
    for number in made:
        site.published(number)
        history = site.ask("reviewer", f"/api/contributions/{number}").json["history"]
        assert [row["kind"] for row in history].count("published") == 1
    store = Releases(site.home / "releases").current().open()
    for number in made:
        assert next(store.quads(graph=f"{BASE}graph/contribution/{number}"), None) is not None
