"""The whole story in a real Chromium: invited, sent, mended, reviewed by another, public."""

from __future__ import annotations

from pathlib import Path

import pytest
from looking import pictures, violations
from playwright.sync_api import Browser, Page, expect

from coi_graph import config
from coi_graph.ledger.accounts import Accounts
from coi_graph.ledger.database import Ledger
from coi_graph.ledger.states import Role
from contributing_site import BASE, PASSWORD, PREFIXES, Site, workplace

WORDS = {
    "da": {"new": "Send et bidrag", "draft": "Send som udkast", "submit": "Send til godkendelse",
           "accept": "Godkend", "return": "Send tilbage", "mended": "Send en ny version",
           "public": "offentligt", "mend": "Skal rettes", "sign-in": "Log ind"},
    "en": {"new": "Send a contribution", "draft": "Send as a draft",
           "submit": "Submit it for review", "accept": "Accept", "return": "Return it",
           "mended": "Send a new version", "public": "public", "mend": "Must be mended",
           "sign-in": "Sign in"},
}  # fmt: skip


def person(browser: Browser, site: Site, lang: str) -> Page:
    """Somebody's browser, with cookies of its own, that complains aloud."""
    page = browser.new_context().new_page()
    page.on("pageerror", lambda error: pytest.fail(str(error)))

    def ours_only(route) -> None:  # type: ignore[no-untyped-def]
        assert route.request.url.startswith(site.server.url), route.request.url
        route.continue_()

    page.route("**/*", ours_only)
    return page


def signed_in(browser: Browser, site: Site, name: str, lang: str) -> Page:
    page = person(browser, site, lang)
    page.goto(f"{site.server.url}/sign-in?lang={lang}")
    page.fill("#name", name)
    page.fill("#password", PASSWORD)
    page.click("main button[type=submit]")
    expect(page.locator("h1")).to_be_visible()
    assert "/account" in page.url
    return page


def shot(page: Page, name: str, lang: str) -> None:
    """Pictures, and axe-core finds nothing, with all details open."""
    pictures(page, f"contributing-{name}-{lang}")
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true })")
    assert violations(page) == []


@pytest.mark.parametrize("lang", ["da", "en"])
def test_the_story(browser: Browser, site: Site, tmp_path: Path, lang: str) -> None:
    words = WORDS[lang]
    name = f"story-{lang}"
    title = f"Eksempel: Biblioteket i {name}"
    file = tmp_path / "workplace.ttl"
    file.write_text(
        PREFIXES + f'<{BASE}id/workplace/{name}> a coi:Workplace ; skos:prefLabel "{title}"@da .\n',
        encoding="utf-8",
    )
    sender = signed_in(browser, site, "contributor", lang)
    shot(sender, "account", lang)
    sender.goto(f"{site.server.url}/contributions/new?lang={lang}")
    shot(sender, "new", lang)
    sender.set_input_files("#file", file)
    sender.get_by_role("button", name=words["draft"]).click()
    expect(sender.locator("h1"), site.server.log.read_text()[-2000:]).to_have_text(title)
    assert sender.locator("article.finding", has_text=words["mend"]).count() > 0
    shot(sender, "draft", lang)
    sender.get_by_role("button", name=words["submit"], exact=True).click()

    reviewer = signed_in(browser, site, "reviewer", lang)
    reviewer.goto(f"{site.server.url}/contributions/?queue&lang={lang}")
    shot(reviewer, "queue", lang)
    reviewer.get_by_role("link", name=title).click()
    assert reviewer.get_by_role("button", name=words["accept"], exact=True).count() == 0
    reviewer.fill("#return-text", "Skriv, hvilket niveau arbejdspladsen hører til.")
    reviewer.get_by_role("button", name=words["return"], exact=True).click()

    sender.reload()
    expect(sender.locator(".history")).to_contain_text("hvilket niveau")
    file.write_text(PREFIXES + workplace(name, title), encoding="utf-8")
    sender.set_input_files("#revise-file", file)
    sender.get_by_role("button", name=words["mended"]).click()
    expect(sender.locator("article.finding", has_text=words["mend"])).to_have_count(0)
    sender.get_by_role("button", name=words["submit"], exact=True).click()

    reviewer.reload()
    expect(reviewer.locator("table.change--added")).to_contain_text(title)
    expect(reviewer.locator("details.preview summary")).to_contain_text(
        title if lang == "da" else "library"
    )
    shot(reviewer, "review", lang)
    reviewer.get_by_role("button", name=words["accept"], exact=True).click()
    number = int(reviewer.url.split("/")[-1].split("?")[0])
    site.published(number)
    sender.reload()
    expect(sender.locator("main .badge").first).to_have_text(words["public"])
    visitor = person(browser, site, lang)
    visitor.goto(f"{site.server.url}/doc/workplace/{name}?lang={lang}")
    expect(visitor.locator("h1")).to_contain_text(title if lang == "da" else "library")
    assert visitor.context.cookies() == [], "who only reads gets no cookie"


def test_an_invitation_and_what_a_stranger_may_not(browser: Browser, site: Site) -> None:
    ledger = Ledger.open(config.load({}, home=site.home))
    accounts = Accounts(ledger)
    accounts.create("invited", Role.CONTRIBUTOR)
    secret = accounts.invite("invited")
    ledger.close()
    page = person(browser, site, "da")
    page.goto(f"{site.server.url}/invitation/{secret}?lang=da")
    page.fill("#password", "et langt kodeord")
    page.click("main button[type=submit]")
    expect(page.locator("h1")).to_have_text("Din konto")
    (cookie,) = page.context.cookies()
    assert cookie["httpOnly"]
    assert cookie["sameSite"] == "Lax"
    # A form of another site has no token of this session.
    answer = page.request.post(f"{site.server.url}/contributions/1/withdraw", form={"text": "x"})
    assert answer.status == 400
    page.goto(f"{site.server.url}/contributions/1?lang=da")
    assert page.locator("h1").inner_text() != ""
    assert page.request.get(f"{site.server.url}/contributions/1").status == 404
    page.goto(f"{site.server.url}/account?lang=da")
    page.locator("form[action^='/sign-out'] button").click()
    page.goto(f"{site.server.url}/contributions/?lang=da")
    expect(page.locator("h1")).to_have_text(WORDS["da"]["sign-in"])


def test_the_queue_works_without_scripts(browser: Browser, site: Site) -> None:
    sent = site.send("contributor", workplace("bulk", "Eksempel: I køen"), "?submit=true").json
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site.server.url}/sign-in?lang=en")
    page.fill("#name", "reviewer")
    page.fill("#password", PASSWORD)
    page.click("main button[type=submit]")
    page.goto(f"{site.server.url}/contributions/?queue&lang=en")
    expect(page.locator("h1")).to_have_text("Waiting for a review")
    page.check(f"#chosen-{sent['id']}")
    page.get_by_role("button", name="Accept the chosen ones").click()
    expect(page.get_by_role("status")).to_contain_text("1 contribution has been accepted")
    site.published(sent["id"])
    context.close()


def test_a_conflict_and_the_waivers_are_accessible(browser: Browser, site: Site) -> None:
    first = site.send("contributor", workplace("torn"), "?submit=true").json["id"]
    site.ask("reviewer", f"/api/contributions/{first}/accept", {"revision": 1})
    mine = site.send("contributor", workplace("torn", "Mit"), f"?submit=true&amends={first}").json
    theirs = site.send("administrator", workplace("torn", "Deres"),
                       f"?submit=true&amends={first}").json  # fmt: skip
    site.ask("reviewer", f"/api/contributions/{theirs['id']}/accept", {"revision": 1})
    sender = signed_in(browser, site, "contributor", "da")
    sender.goto(f"{site.server.url}/contributions/{mine['id']}?lang=da")
    expect(sender.locator("table.versions")).to_contain_text("Deres")
    shot(sender, "conflict", "da")
    reviewer = signed_in(browser, site, "reviewer", "da")
    reviewer.goto(f"{site.server.url}/contributions/waivers?lang=da")
    shot(reviewer, "waivers", "da")
    sender.goto(f"{site.server.url}/contributions/{mine['id']}?lang=en")
    shot(sender, "conflict", "en")
    reviewer.goto(f"{site.server.url}/contributions/waivers?lang=en")
    shot(reviewer, "waivers", "en")
    sender.goto(f"{site.server.url}/contributions/?lang=da&state=withdrawn")
    shot(sender, "none", "da")
