"""The search box in a real Chromium: suggestions by keyboard and mouse, and without scripts."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from looking import violations
from playwright.sync_api import Browser, Page, expect

from environment import Server


@pytest.fixture
def page(browser: Browser, server: Server) -> Iterator[Page]:
    deadline = time.monotonic() + 60
    with browser.new_page() as waiting:
        while waiting.goto(server.url + "/search?q=x").status == 503:  # type: ignore[union-attr]
            assert time.monotonic() < deadline
            time.sleep(0.2)
    page = browser.new_page()
    yield page
    page.close()


def test_a_suggestion_is_chosen_by_keyboard(page: Page, server: Server) -> None:
    page.goto(server.url + "/?lang=da")
    box = page.get_by_role("combobox", name="Søg i det hele")
    box.press_sequentially("vidensal")
    options = page.get_by_role("option")
    expect(options.first).to_contain_text("Vidensallieret")
    expect(box).to_have_attribute("aria-expanded", "true")
    box.press("ArrowDown")
    active = box.get_attribute("aria-activedescendant")
    assert active
    expect(page.locator(f"#{active}")).to_have_attribute("aria-selected", "true")
    box.press("Escape")
    expect(box).to_have_attribute("aria-expanded", "false")
    expect(box).to_have_value("vidensal")
    box.press("ArrowDown")
    expect(options.first).to_be_visible()
    box.press("ArrowDown")
    box.press("Enter")
    expect(page.locator("h1")).to_have_text("Vidensallieret")
    assert "lang=da" in page.url


def test_a_suggestion_is_clicked_in_the_header(page: Page, server: Server) -> None:
    page.set_viewport_size({"width": 360, "height": 800})
    page.goto(server.url + "/doc/role/?lang=en")
    page.get_by_role("combobox").press_sequentially("capacity bu")
    option = page.get_by_role("option").first
    expect(option).to_contain_text("Capacity builder")  # not what fits the first letters
    option.click()
    expect(page.locator("h1")).to_have_text("Capacity builder")


def test_enter_without_a_choice_searches(page: Page, server: Server) -> None:
    page.goto(server.url + "/?lang=da")
    box = page.get_by_role("combobox")
    box.fill("kapasitetsopbyger")
    box.press("Enter")
    expect(page.locator(".hits a").first).to_have_text("Kapacitetsopbygger")
    expect(page.locator(".search__note")).to_contain_text("kapasitetsopbyger")


def test_it_works_without_javascript(browser: Browser, page: Page, server: Server) -> None:
    context = browser.new_context(java_script_enabled=False)
    plain = context.new_page()
    plain.goto(server.url + "/?lang=da")
    plain.get_by_label("Søg i det hele").fill("værktøjerne")
    plain.get_by_role("button", name="Søg").click()
    assert plain.locator(".hits li").count() == 20
    plain.get_by_role("link", name="Flere resultater").click()
    assert plain.locator(".hits li").count() == 18
    plain.get_by_role("link", name="Adfærdsændringer").click()
    assert "5 resultater" in plain.locator("main").inner_text()
    context.close()


@pytest.mark.parametrize("lang", ["da", "en"])
@pytest.mark.parametrize(
    "path",
    ["/framework?", "/search?", "/search?q=innovation&", "/search?q=zzzqqq&", "/matrix?",
     "/matrix?examples=no&", "/barometer?", "/barometer?area=NOR&"],
)  # fmt: skip
def test_axe_finds_nothing_wrong(page: Page, server: Server, path: str, lang: str) -> None:
    page.set_viewport_size({"width": 360 if lang == "da" else 1280, "height": 900})
    page.goto(f"{server.url}{path}lang={lang}")
    for details in page.locator("main details").all():
        details.evaluate("element => { element.open = true }")
    assert violations(page) == []
