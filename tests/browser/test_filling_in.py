"""A form in a real Chromium: filled in wrong, mended, submitted, accepted, changed afterwards."""

from __future__ import annotations

import pytest
from looking import pictures, violations
from playwright.sync_api import Browser, Page, expect

from contributing_site import PASSWORD, Site

WORDS = {
    "da": {"form": "Udfyld en formular", "collaboration": "Samarbejde",
           "workplace": "Arbejdsplads", "submit": "Send til godkendelse",
           "save": "Gem som udkast", "wrong": "Dette skal rettes", "remove": "Fjern",
           "change": "Ret det i en formular", "accept": "Godkend", "fine": "Udkastet er gemt"},
    "en": {"form": "Fill in a form", "collaboration": "Collaboration", "workplace": "Workplace",
           "submit": "Submit it for review", "save": "Save as a draft",
           "wrong": "This must be mended", "remove": "Remove", "change": "Change it in a form",
           "accept": "Accept", "fine": "The draft is saved"},
}  # fmt: skip


def signed_in(browser: Browser, site: Site, name: str, lang: str, *, scripts: bool = True) -> Page:
    """Somebody's browser that complains aloud, of errors in scripts and of what the policy bars."""
    page = browser.new_context(java_script_enabled=scripts).new_page()
    page.set_default_timeout(20_000)
    page.on("pageerror", lambda error: pytest.fail(str(error)))
    page.on(
        "console", lambda said: pytest.fail(said.text) if "Content Security" in said.text else 0
    )
    page.goto(f"{site.server.url}/sign-in?lang={lang}")
    page.fill("#name", name)
    page.fill("#password", PASSWORD)
    page.click("main button[type=submit]")
    expect(page.locator("h1")).to_be_visible()
    assert "/account" in page.url
    return page


def box(page: Page, name: str, ending: str) -> None:
    """Ticks the choice of the list ``name`` whose value ends so."""
    page.locator(f"[id='{name}'] input[value$='{ending}']").check()


@pytest.mark.parametrize("lang", ["da", "en"])
def test_a_form_is_filled_in_wrong_mended_and_submitted(
    browser: Browser, site: Site, lang: str
) -> None:
    words = WORDS[lang]
    name = f"formular-{lang}"
    page = signed_in(browser, site, "contributor", lang)
    page.get_by_role("link", name=words["form"]).click()
    pictures(page, f"form-kinds-{lang}")
    page.get_by_role("link", name=words["collaboration"], exact=True).click()
    assert violations(page) == []
    pictures(page, f"form-empty-{lang}")

    page.get_by_role("textbox", name="dansk" if lang == "da" else "Danish").first.fill(
        f"Eksempel: {name}"
    )
    page.fill("#identifier", name)
    page.fill("#prov-startedAtTime", "31-02-2026")
    page.fill("[name=coi-participant-0]", "Aarhuss komune")
    # With the keyboard alone: one more row, which has the focus at once.
    page.locator("[id='add-coi-participant']").focus()
    page.keyboard.press("Enter")
    page.keyboard.type("Region Midtjylland")
    page.locator("[id='add-coi-learningSharing']").click()
    page.keyboard.type("Vi deler det, vi har lært.")
    inner = page.locator("[id='coi-learningSharing'] [data-rows] .part")
    inner.locator("[data-add]").click()
    assert page.locator("[data-rows] [name*='__']").count() == 0
    # A long list is searched.
    methods = page.locator("[id='coi-usesMethod']")
    search = methods.get_by_role("searchbox")
    search.fill("netværk" if lang == "da" else "network")
    assert methods.locator(".form-group-checkbox:visible").count() < 9
    search.fill("")
    methods.locator("input[type=checkbox]").first.check()
    page.get_by_role("button", name=words["submit"]).click()

    expect(page.locator("#errors"), site.server.log.read_text()[-2000:]).to_contain_text(
        words["wrong"]
    )
    pictures(page, f"form-errors-{lang}")
    assert violations(page) == []
    assert page.input_value("#prov-startedAtTime") == "31-02-2026"
    assert page.input_value("[name=coi-participant-1]") == "Region Midtjylland"
    page.locator("#errors a[href='#prov-startedAtTime']").click()
    expect(page.locator("#prov-startedAtTime")).to_be_focused()
    expect(page.locator("#prov-startedAtTime-said-1")).to_contain_text("31-02-2026")

    page.fill("#prov-startedAtTime", "01-02-2026 09:00")
    page.fill("[name=coi-participant-0]", "Aarhus Kommune")
    page.fill("[name=dct-title-en]", f"Example: {name}")
    page.fill("[name=dct-description-da]", "Opdigtet samarbejde om måltider.")
    page.fill("[name=dct-description-en]", "Invented collaboration on meals.")
    page.locator("[id='coi-hasRole'] input[type=checkbox]").first.check()
    page.locator("[id='coi-aimsAt'] input[type=checkbox]").first.check()
    page.locator("#coi-managementSupport").select_option(index=1)
    page.locator("[id='add-coi-continuation']").click()
    page.keyboard.type("Kommunen viderefører det.")
    part = page.locator("[id='coi-continuation'] [data-rows] .part")
    part.locator("[name$='coi-responsible-0']").fill("Aarhus Kommune")
    page.fill("[name='coi-learningSharing-0-coi-sharedWith-0']", "Odense Kommune")
    page.get_by_role("button", name=words["save"]).last.click()
    if page.locator("#errors").count():
        pictures(page, f"form-unexpected-{lang}")
        pytest.fail(page.locator("#errors").inner_text())
    expect(page.locator("main .alert-success")).to_contain_text(words["fine"])
    pictures(page, f"form-fine-{lang}")
    page.get_by_role("button", name=words["submit"]).click()
    expect(page.locator("h1")).to_contain_text(name)
    number = int(page.url.split("/")[-1].split("?")[0])
    assert site.state(number) == "submitted"

    reviewer = signed_in(browser, site, "reviewer", lang)
    reviewer.goto(f"{site.server.url}/contributions/{number}?lang={lang}")
    expect(reviewer.locator("table.change--added")).to_contain_text("Kommunen viderefører det.")
    reviewer.get_by_role("button", name=words["accept"], exact=True).click()
    site.published(number)

    # What is public is changed in the same form: only what is different is the change.
    page.reload()
    page.get_by_role("link", name=words["change"]).click()
    expect(page.locator("#identifier")).to_have_value(name)
    expect(page.locator("#prov-startedAtTime")).to_have_value("01-02-2026 09:00")
    page.fill("[name=dct-title-da]", f"Eksempel: {name}, ændret")
    page.get_by_role("button", name=words["submit"]).click()
    expect(page.locator("table.change--added td").first).to_be_visible()
    assert page.locator("table.change--added tbody tr").count() == 1
    assert page.locator("table.change--removed tbody tr").count() == 1


def test_without_scripts(browser: Browser, site: Site) -> None:
    page = signed_in(browser, site, "contributor", "en", scripts=False)
    page.goto(f"{site.server.url}/contributions/form/collaboration?lang=en")
    page.fill("#identifier", "without-scripts")
    page.fill("[name=coi-participant-0]", "Aarhus Kommune")
    page.locator("[id='add-coi-participant']").click()
    page.fill("[name=coi-participant-1]", "Region Midtjylland")
    page.locator("[id='add-coi-continuation']").click()
    page.fill("[name=coi-continuation-0-dct-description-en]", "It goes on.")
    page.locator("[id='coi-participant'] button", has_text="Remove").first.click()
    assert page.input_value("[name=coi-participant-0]") == "Region Midtjylland"
    assert page.input_value("[name=coi-continuation-0-dct-description-en]") == "It goes on."
    page.get_by_role("button", name="Save as a draft").last.click()
    assert "must be mended" in page.locator("#errors").inner_text()
    assert page.input_value("#identifier") == "without-scripts"
    page.locator("#errors a").first.click()
