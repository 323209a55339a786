"""The reviewer's pages over HTTP, without scripts: how a record will look, what else is affected,
three versions of a conflict, many accepted at once, waivers that expire."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from web_people import Person, signed_in

from contributing_site import BASE, Site, open_site, workplace
from environment import Server


@pytest.fixture(scope="module")
def site(
    home: Path, tmp_path_factory: pytest.TempPathFactory, start_server: Callable[..., Server]
) -> Site:
    return open_site(home, tmp_path_factory.mktemp("site"), start_server)


@pytest.fixture(scope="module")
def reviewer(site: Site) -> Person:
    return signed_in(site.server.url, "reviewer")


@pytest.fixture(scope="module")
def contributor(site: Site) -> Person:
    return signed_in(site.server.url, "contributor")


def section(text: str, heading: str) -> str:
    """From the heading to the next one of its level."""
    found = re.search(rf"<h2>{heading}</h2>(.*?)(?=<h2>|</main>)", text, re.DOTALL)
    return html.unescape(found[1]) if found else ""


def publish(site: Site, name: str, title: str = "Eksempel: Et sted") -> int:
    made = site.send("contributor", workplace(name, title), "?submit=true").json
    site.ask("reviewer", f"/api/contributions/{made['id']}/accept", {"revision": 1})
    site.published(made["id"])
    return int(made["id"])


class TestTheRecord:
    def test_as_it_will_look(self, site: Site, reviewer: Person) -> None:
        made = site.send("contributor", workplace("preview", "Eksempel: Kommende"), "?submit=true")
        page = reviewer.get(f"/contributions/{made.json['id']}?lang=en")
        shown = section(page.text, "How it will look")
        assert "Example: The library on the square" in shown
        # Its links have the names that the release gives, as on a page of its own.
        assert "/doc/actor-category/public-workplace" in shown
        assert ">Denmark<" in shown or "DNK" in shown
        assert reviewer.get("/doc/workplace/preview").status_code == 404, "nothing is public"

    def test_a_change_shows_the_new_state_and_a_removal_nothing(
        self, site: Site, reviewer: Person
    ) -> None:
        id = publish(site, "to-change", "Eksempel: Gammelt navn")
        edit = site.send("contributor", workplace("to-change", "Eksempel: Nyt navn"),
                         f"?submit=true&amends={id}").json  # fmt: skip
        page = reviewer.get(f"/contributions/{edit['id']}?lang=da")
        shown = section(page.text, "Sådan kommer det til at se ud")
        assert "Nyt navn" in shown
        assert "Gammelt navn" not in shown
        end = site.ask("contributor", f"/api/contributions/{id}/removal", {"submit": True}).json
        page = reviewer.get(f"/contributions/{end['id']}?lang=da")
        assert section(page.text, "Sådan kommer det til at se ud") == ""

    def test_what_else_is_affected(self, site: Site, reviewer: Person) -> None:
        """Another record refers to one that is to be removed."""
        id = publish(site, "referred", "Eksempel: Den omtalte")
        refers = workplace("referring", "Eksempel: Den omtalende").rstrip(" .\n")
        refers += f" ;\n  dct:relation <{BASE}id/workplace/referred> .\n"
        made = site.send("contributor", refers, "?submit=true").json
        assert made["newest"]["violations"] == 0, made
        site.ask("reviewer", f"/api/contributions/{made['id']}/accept", {"revision": 1})
        site.published(made["id"])
        end = site.ask("contributor", f"/api/contributions/{id}/removal", {"submit": True}).json
        page = reviewer.get(f"/contributions/{end['id']}?lang=en")
        shown = section(page.text, "What else is affected")
        assert "will lead nowhere:" in shown
        assert "/doc/workplace/referring" in shown
        assert "records again because of the change" in shown
        edit = site.send("contributor", workplace("referred", "Eksempel: Omdøbt"),
                         f"?submit=true&amends={id}").json  # fmt: skip
        page = reviewer.get(f"/contributions/{edit['id']}?lang=en")
        shown = section(page.text, "What else is affected")
        assert "/doc/workplace/referring" in shown
        assert "will lead nowhere:" not in shown


class TestAConflict:
    def begun(self, site: Site, name: str) -> tuple[int, int, int]:
        """Published; then two changes of it, of which the first is accepted: all three numbers."""
        id = publish(site, name, "Eksempel: Begyndelsen")
        mine = workplace(name, "Eksempel: Mit navn")
        theirs = workplace(name, "Eksempel: Deres navn").replace("municipality", "region")
        second = site.send("contributor", mine, f"?submit=true&amends={id}").json["id"]
        first = site.send("administrator", theirs, f"?submit=true&amends={id}").json["id"]
        site.ask("reviewer", f"/api/contributions/{first}/accept", {"revision": 1})
        site.published(first)
        return id, first, second

    def is_not_revised_unseen(self, site: Site, id: int, by: int) -> None:
        """By a program that does not know what the record says by now."""
        again = workplace("torn", "Eksempel: Mit andet navn")
        for query in ("", "?seen=1"):
            refused = site.send("contributor", again, f"/{id}/revisions{query}")
            assert (refused.status, refused.json["changed_by"]) == (409, by)
            assert f"seen={by}" in refused.json["remedy"]
        assert site.ask("contributor", f"/api/contributions/{id}").json["revision"] == 1

    def test_is_shown_in_three_versions_and_resolved_by_its_sender(
        self, site: Site, reviewer: Person, contributor: Person
    ) -> None:
        _, first, second = self.begun(site, "torn")
        torn = site.ask("contributor", f"/api/contributions/{second}").json
        assert torn["changed_by"] == first
        queue = reviewer.get("/contributions/?queue&lang=en").text
        assert "in conflict" in queue
        assert f'value="{second}-1"' not in queue, "not to be accepted with others"
        refused = site.ask("reviewer", f"/api/contributions/{second}/accept", {"revision": 1})
        assert (refused.status, refused.json["changed_by"]) == (409, first)
        self.is_not_revised_unseen(site, second, first)
        page = reviewer.get(f"/contributions/{second}?lang=en")
        table = section(page.text, "Three versions")
        for word in ("Begyndelsen", "Deres navn", "Mit navn", "changed by both"):
            assert word in table
        assert 'type="radio"' not in table, "its sender chooses"
        page = contributor.get(f"/contributions/{second}?lang=en")
        rows = re.findall(r"<tr>.*?</tr>", section(page.text, "Three versions"), re.DOTALL)[1:]
        assert len(rows) == 2
        (level,) = [row for row in rows if "changed by both" not in row]
        (name,) = [row for row in rows if "changed by both" in row]
        assert re.search(r'value="now" required checked', level), "only the others changed it"
        assert "checked" not in name
        fields = {re.findall(r'name="(choice-\d+)"', row)[0]: choice
                  for row, choice in ((level, "now"), (name, "proposed"))}  # fmt: skip
        head = re.findall(r'name="head" value="(\d+)"', page.text)[0]
        path = f"/contributions/{second}/resolve"
        missing = contributor.send(page, path, head=head, **dict([next(iter(fields.items()))]))
        assert missing.status_code == 422
        stale = contributor.send(page, path, head="0", **fields)
        assert stale.status_code == 409
        done = contributor.send(page, path, head=head, **fields)
        assert done.status_code == 200
        assert section(done.text, "Three versions") == ""
        changes = site.ask("reviewer", f"/api/contributions/{second}/changes").json
        assert [len(changes[side]) for side in ("added", "removed")] == [1, 1]
        assert "Mit navn" in changes["added"][0]
        site.ask("contributor", f"/api/contributions/{second}/submit", {})
        accepted = site.ask("reviewer", f"/api/contributions/{second}/accept", {"revision": 2})
        assert accepted.status == 200, accepted.body
        site.published(second)
        turtle = site.ask(None, "/doc/workplace/torn.ttl").body.decode()
        assert "Mit navn" in turtle, "mine"
        assert "government-level:region" in turtle, "and theirs"

    def test_nobody_resolves_for_another(self, site: Site, reviewer: Person) -> None:
        _, first, second = self.begun(site, "torn-2")
        page = reviewer.get(f"/contributions/{second}?lang=en")
        refused = reviewer.send(page, f"/contributions/{second}/resolve", head=str(first),
                                **{"choice-0": "now", "choice-1": "now"})  # fmt: skip
        assert refused.status_code == 403

    def test_a_removal_goes_on(self, site: Site, contributor: Person) -> None:
        id = publish(site, "torn-3", "Eksempel: Et")
        end = site.ask("contributor", f"/api/contributions/{id}/removal", {"submit": True}).json
        edit = site.send("administrator", workplace("torn-3", "Eksempel: To"),
                         f"?submit=true&amends={id}").json["id"]  # fmt: skip
        site.ask("reviewer", f"/api/contributions/{edit}/accept", {"revision": 1})
        page = contributor.get(f"/contributions/{end['id']}?lang=en")
        assert "Remove it all the same" in page.text
        done = contributor.send(page, f"/contributions/{end['id']}/resolve", head=str(edit))
        assert done.status_code == 200
        assert "Remove it all the same" not in done.text


class TestManyAtOnce:
    def test_what_has_no_findings_is_accepted_each_by_itself(
        self, site: Site, reviewer: Person
    ) -> None:
        clean = [
            site.send("contributor", workplace(f"bulk-{n}", f"Eksempel: Nr. {n}"), "?submit=true")
            .json["id"] for n in range(3)
        ]  # fmt: skip
        bad_record = f'<{BASE}id/workplace/bulk-x> a coi:Workplace ; skos:prefLabel "Eksempel"@da .'
        bad = site.send("contributor", bad_record, "?submit=true").json["id"]
        own = site.send("reviewer", workplace("bulk-own"), "?submit=true").json["id"]
        page = reviewer.get("/contributions/?queue&lang=en")
        offered = {int(id) for id in re.findall(r'name="chosen" value="(\d+)-1"', page.text)}
        assert set(clean) <= offered
        assert not {bad, own} & offered
        # Also what was not offered can be asked for; the ledger decides.
        chosen = [f"{id}-1" for id in (clean[0], clean[1], bad, own)] + [f"{clean[2]}-7", "x", "-"]
        done = reviewer.send(page, "/contributions/accept", chosen=chosen)
        assert "2 contributions have been accepted" in done.text
        assert done.text.count("Not accepted:") == 3
        states = {id: site.state(id) for id in (*clean, bad, own)}
        assert all(states[id] in ("accepted", "published") for id in clean[:2])
        assert {states[id] for id in (clean[2], bad, own)} == {"submitted"}
        for id in clean[:2]:
            history = site.ask("reviewer", f"/api/contributions/{id}").json["history"]
            decisions = [one for one in history if one["kind"] == "accepted"]
            assert [one["account"] for one in decisions] == ["reviewer"]

    def test_only_reviewers_may(self, site: Site, contributor: Person) -> None:
        id = site.send("administrator", workplace("bulk-y"), "?submit=true").json["id"]
        page = contributor.get("/account?lang=en")
        refused = contributor.send(page, "/contributions/accept", chosen=[f"{id}-1"])
        assert refused.status_code == 403
        assert site.state(id) == "submitted"


def test_waivers_are_listed_by_their_last_day(
    site: Site, reviewer: Person, contributor: Person
) -> None:
    days = ("2099-06-30", "2098-01-01")
    for number, day in enumerate(days):
        bad = (
            f"<{BASE}id/workplace/waived-{number}> a coi:Workplace ;"
            f' skos:prefLabel "Eksempel {number}"@da .\n'
        )
        made = site.send("contributor", bad, "?submit=true").json
        report = site.ask("reviewer", f"/api/contributions/{made['id']}/revisions/1/report").json
        assert report["blocking"], "a test needs a violation"
        for key in report["blocking"]:
            waiver = {"finding": key, "reason": f"Grund {number}", "expires": day}
            site.ask("reviewer", f"/api/contributions/{made['id']}/waive", waiver)
        page = reviewer.get("/contributions/waivers?lang=en")
        assert f"Grund {number}" not in page.text, "not before it is accepted"
        site.ask("reviewer", f"/api/contributions/{made['id']}/accept", {"revision": 1})
    page = reviewer.get("/contributions/waivers?lang=en")
    assert page.text.index("Grund 1") < page.text.index("Grund 0")
    assert contributor.get("/contributions/waivers").status_code == 403
    listed = site.ask("reviewer", "/api/waivers?limit=1")
    assert [one["expires"] for one in listed.json["waivers"]] == ["2098-01-01"]
    assert "after=1" in listed.headers["Link"]
    assert site.ask("contributor", "/api/waivers").status == 403


def test_a_request_that_comes_again_is_no_second_step(site: Site) -> None:
    id = site.send("contributor", workplace("again")).json["id"]
    path = f"/api/contributions/{id}"
    for _ in range(2):
        said = site.ask("contributor", f"{path}/comment", {"text": "Hej"}, Idempotency_Key="c-1")
        assert said.status == 200
    for _ in range(2):
        sent = site.ask("contributor", f"{path}/submit", {}, Idempotency_Key="s-1")
        assert (sent.status, sent.json["state"]) == (200, "submitted")
    kinds = [one["kind"] for one in site.ask("contributor", path).json["history"]]
    assert kinds == ["drafted", "commented", "submitted"]
    other = site.ask("contributor", f"{path}/withdraw", {}, Idempotency_Key="s-1")
    assert other.status == 422
    first = site.send("contributor", workplace("again-2"), Idempotency_Key="n-1")
    changed = site.send("contributor", workplace("again-3"), Idempotency_Key="n-1")
    assert (first.status, changed.status) == (201, 422)
    long = site.send("contributor", workplace("again-4"), Idempotency_Key="x" * 101)
    assert long.status == 400
