"""The chain over HTTP, with a real server, its publisher, and programs that send and review."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from contributing_site import BASE, PREFIXES, Site, open_site, workplace
from environment import Server


@pytest.fixture(scope="module")
def site(
    home: Path, tmp_path_factory: pytest.TempPathFactory, start_server: Callable[..., Server]
) -> Site:
    return open_site(home, tmp_path_factory.mktemp("site"), start_server)


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
        ("/api/contributions/1/explode", {}, 404),
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
