"""The chain over HTTP, with a real server, its publisher, and programs that send and review."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from coi_graph import config
from coi_graph.ledger.accounts import Accounts, Scope
from coi_graph.ledger.database import Ledger
from coi_graph.ledger.states import Role
from environment import ROOT, Server

BASE = "https://w3id.org/coi-graph/"
PREFIXES = f"""@prefix coi: <{BASE}def/> .
@prefix dct: <http://purl.org/dc/terms/> .
@prefix org: <http://www.w3.org/ns/org#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
"""
PATIENCE = 30.0


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Any
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Site:
    """A server with a publisher, and tokens of a contributor, a reviewer and an administrator."""

    server: Server
    home: Path
    tokens: dict[str, str]

    def ask(
        self,
        who: str | None,
        path: str,
        body: bytes | dict[str, Any] | None = None,
        method: str | None = None,
        **headers: str,
    ) -> Answer:
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        if who is not None:
            given["Authorization"] = f"Bearer {self.tokens[who]}"
        if isinstance(body, dict):
            body = json.dumps(body).encode()
            given.setdefault("Content-Type", "application/json")
        request = urllib.request.Request(
            self.server.url + path, data=body, headers=given, method=method
        )
        try:
            with urllib.request.urlopen(request, timeout=120) as response:
                return Answer(response.status, response.headers, response.read())
        except urllib.error.HTTPError as error:
            return Answer(error.code, error.headers, error.read())

    def send(self, who: str, turtle: str, query: str = "", **headers: str) -> Answer:
        headers.setdefault("Content_Type", "text/turtle")
        return self.ask(who, f"/api/contributions{query}", (PREFIXES + turtle).encode(), **headers)

    def state(self, id: int) -> str:
        found: str = self.ask("reviewer", f"/api/contributions/{id}").json["state"]
        return found

    def published(self, id: int) -> float:
        """Seconds until it is; fails after `PATIENCE`."""
        started = time.monotonic()
        while self.state(id) != "published":
            assert time.monotonic() - started < PATIENCE, self.server.log.read_text()
            time.sleep(0.1)
        return time.monotonic() - started


def workplace(name: str, title: str = "Eksempel: Biblioteket på torvet") -> str:
    """A record that conforms: two titles, a kind, a level and a place."""
    return f"""<{BASE}id/workplace/{name}> a coi:Workplace ;
  skos:prefLabel "{title}"@da , "Example: The library on the square"@en ;
  org:classification <{BASE}id/actor-category/public-workplace> ;
  coi:governmentLevel <{BASE}id/government-level/municipality> ;
  coi:country <http://publications.europa.eu/resource/authority/country/DNK> .
"""


@pytest.fixture(scope="module")
def site(
    home: Path, tmp_path_factory: pytest.TempPathFactory, start_server: Callable[..., Server]
) -> Site:
    own = tmp_path_factory.mktemp("site") / "home"
    shutil.copytree(home, own, symlinks=True)
    ledger = Ledger.open(config.load({}, home=own))
    accounts = Accounts(ledger)
    tokens = {}
    for role in Role:
        accounts.create(role.value, role)
        tokens[role.value] = accounts.make_token(role.value, "test", frozenset(Scope))
    ledger.close()
    server = start_server(own, COI_SOURCES=str(ROOT), COI_EXAMPLES="1",
                          COI_PUBLISH="at once")  # fmt: skip
    return Site(server, own, tokens)


def test_from_sending_to_publication(site: Site) -> None:
    sent = site.send("contributor", workplace("chain"), "?submit=true")
    assert sent.status == 201, sent.body
    made = sent.json
    assert (made["state"], made["newest"]["violations"]) == ("submitted", 0)
    assert sent.headers["Location"].endswith(f"/api/contributions/{made['id']}")
    changes = site.ask("reviewer", f"/api/contributions/{made['id']}/changes").json
    assert changes["removed"] == []
    assert any("Biblioteket på torvet" in line for line in changes["added"])
    accepted = site.ask(
        "reviewer", f"/api/contributions/{made['id']}/accept", {"revision": made["revision"]}
    )
    assert accepted.json["state"] == "accepted"
    site.published(made["id"])
    document = site.ask(None, "/id/workplace/chain", Accept="text/turtle")
    assert "Biblioteket på torvet" in document.body.decode()
    query = f"ASK {{ GRAPH <{made['graph']}> {{ <{BASE}id/workplace/chain> ?p ?o }} }}"
    asked = site.ask(None, "/sparql", query.encode(), Content_Type="application/sparql-query",
                     Accept="application/sparql-results+json")  # fmt: skip
    assert asked.json["boolean"] is True
    history = site.ask("contributor", f"/api/contributions/{made['id']}").json["history"]
    assert [row["kind"] for row in history] == ["drafted", "submitted", "accepted", "published"]

    edit = site.send("contributor", workplace("chain", "Eksempel: Et nyt navn"),
                     f"?submit=true&amends={made['id']}").json  # fmt: skip
    assert edit["newest"]["violations"] == 0
    changes = site.ask("reviewer", f"/api/contributions/{edit['id']}/changes").json
    assert [len(changes[side]) for side in ("added", "removed")] == [1, 1]
    site.ask("reviewer", f"/api/contributions/{edit['id']}/accept", {"revision": 1})
    site.published(edit["id"])
    assert "Et nyt navn" in site.ask(None, "/doc/workplace/chain.ttl").body.decode()

    end = site.ask("contributor", f"/api/contributions/{edit['id']}/removal", {"submit": "true"})
    assert end.status == 201, end.body
    site.ask("reviewer", f"/api/contributions/{end.json['id']}/accept", {"revision": 1})
    site.published(end.json["id"])
    assert site.ask(None, "/doc/workplace/chain.ttl").status == 410


def test_what_violates_is_not_accepted_until_it_is_waived(site: Site) -> None:
    bad = (
        f'<{BASE}id/workplace/bad> a coi:Workplace ; skos:prefLabel "Eksempel: Uden niveau"@da .\n'
    )
    made = site.send("contributor", bad, "?submit=true").json
    assert made["newest"]["violations"] > 0
    refused = site.ask("reviewer", f"/api/contributions/{made['id']}/accept", {"revision": 1})
    assert refused.status == 422
    report = site.ask("reviewer", f"/api/contributions/{made['id']}/revisions/1/report").json
    keys = {one["key"] for one in report["results"] if one["severity"] == "violation"}
    assert keys == set(refused.json["findings"])
    returned = site.ask(
        "reviewer", f"/api/contributions/{made['id']}/return", {"reason": "Niveauet mangler."}
    )
    assert returned.json["state"] == "returned"
    mended = site.ask(
        "contributor",
        f"/api/contributions/{made['id']}/revisions?submit=true",
        (PREFIXES + workplace("bad")).encode(),
        Content_Type="text/turtle",
    )
    assert (mended.json["state"], mended.json["revision"]) == ("submitted", 2)
    assert mended.json["newest"]["violations"] == 0
    file = site.ask("reviewer", f"/api/contributions/{made['id']}/revisions/1/file")
    assert file.body == (PREFIXES + bad).encode()
    assert file.headers["Content-Disposition"].startswith("attachment")
    assert site.ask("contributor", f"/api/contributions/{made['id']}/withdraw", {}).status == 200


def test_sent_twice_is_one(site: Site) -> None:
    first = site.send("contributor", workplace("twice"), Idempotency_Key="k-1")
    again = site.send("contributor", workplace("twice"), Idempotency_Key="k-1")
    assert first.json["id"] == again.json["id"]
    other = site.send("contributor", workplace("twice"))
    assert other.status == 409
    assert other.json["contribution"] == first.json["id"]


def test_without_an_account_nothing_can_be_sent(site: Site) -> None:
    for path in ("/api/me", "/api/contributions", "/api/audit"):
        refused = site.ask(None, path)
        assert refused.status == 401
        assert refused.headers["WWW-Authenticate"].startswith("Bearer")
        assert refused.headers["Content-Type"] == "application/problem+json"
    # A form of another site: no session, no token.
    sent = site.ask(None, "/api/contributions", workplace("x").encode(), Content_Type="text/turtle")
    assert sent.status in (400, 401)
    wrong = site.ask(None, "/api/me", Authorization="Bearer coi_guess")
    assert wrong.status == 401


def test_roles_reach_so_far(site: Site) -> None:
    made = site.send("contributor", workplace("roles"), "?submit=true").json
    assert site.ask("contributor", f"/api/contributions/{made['id']}/accept",
                    {"revision": 1}).status == 403  # fmt: skip
    assert site.ask("reviewer", "/api/audit").status == 403
    audit = site.ask("administrator", "/api/audit?limit=2").json["events"]
    assert len(audit) == 2
    exported = site.ask("administrator", "/api/audit.csv").body.decode()
    assert exported.splitlines()[0] == "id,at,kind,account,contribution,revision,text,details"
    assert "submitted" in exported


def test_pages_follow_each_other(site: Site) -> None:
    for number in range(3):
        site.send("contributor", workplace(f"page-{number}"))
    seen, path = [], "/api/contributions?limit=2&state=draft"
    while path:
        answer = site.ask("reviewer", path)
        seen += [one["id"] for one in answer.json["contributions"]]
        link = answer.headers["Link"]
        path = link[1 : link.index(">")].removeprefix(site.server.url) if link else ""
    assert seen == sorted(set(seen))
    assert len(seen) >= 3


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/api/contributions/999999", None, 404),
        ("/api/contributions/999999/accept", {"revision": 1}, 404),
        ("/api/contributions/1/explode", {}, 400),
        ("/api/contributions?after=x", None, 400),
        ("/api/contributions?state=lost", None, 400),
        ("/api/contributions/1/accept", {"revision": "one"}, 400),
        ("/api/contributions/1/return", {}, 400),
        ("/api/contributions/1/comment", b"{", 400),
        ("/api/contributions/1/comment", b"[" * 100_000, 400),
    ],
)
def test_what_makes_no_sense_is_said(site: Site, path: str, body: Any, status: int) -> None:
    answer = site.ask("reviewer", path, body)
    assert answer.status == status, answer.body
    assert answer.json["status"] == status
    assert {"da", "en"} == set(answer.json["messages"])


def test_a_file_that_cannot_be_read_is_not_taken(site: Site) -> None:
    answer = site.send("contributor", "this is <no turtle")
    assert answer.status == 400
    assert answer.json["findings"]
    nothing = site.ask("contributor", "/api/contributions", b"", Content_Type="text/turtle")
    assert nothing.status == 400


def test_the_command_sends_and_shows_the_report(site: Site, tmp_path: Path) -> None:
    good, bad = tmp_path / "good.ttl", tmp_path / "bad.ttl"
    good.write_text(PREFIXES + workplace("from-command"), encoding="utf-8")
    bad.write_text(PREFIXES + f"<{BASE}id/workplace/none> a coi:Workplace .\n", encoding="utf-8")

    def contribute(*arguments: str, token: str = site.tokens["contributor"]) -> Any:
        return subprocess.run(
            [sys.executable, "-m", "coi_graph", "contribute", *arguments, "--to", site.server.url],
            env={**os.environ, "COI_TOKEN": token}, capture_output=True, text=True, timeout=120,
        )  # fmt: skip

    sent = contribute(str(good))
    assert sent.returncode == 0, sent.stderr
    assert "submitted" in sent.stderr
    again = contribute(str(good))
    assert again.returncode == 0, again.stderr
    assert again.stderr == sent.stderr, "the same files are the same contribution"
    wrong = contribute(str(bad), "--lang", "da", "--draft")
    assert wrong.returncode == 1
    assert "bad.ttl" in wrong.stdout
    refused = contribute(str(good), token="coi_wrong")
    assert refused.returncode == 1
    assert "token" in refused.stderr
    assert contribute(str(good), token="").returncode == 2
