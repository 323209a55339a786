"""Stories told by keyboard alone; those of search, editor and forms are in their own files."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from environment import Server


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    yield page
    page.close()


def focused(page: Page) -> str:
    """What a screen reader would say of the element with the focus."""
    return str(
        page.evaluate(
            "(document.activeElement.getAttribute('aria-label')"
            " || document.activeElement.textContent).replace(/\\s+/g, ' ').trim()"
        )
    )


def tab_to(page: Page, name: str, most: int = 80) -> None:
    for _ in range(most):
        page.keyboard.press("Tab")
        if focused(page) == name:
            assert page.evaluate(
                "(() => { const box = document.activeElement.getBoundingClientRect();"
                " return box.width > 0 && box.height > 0; })()"
            ), f"{name} has the focus and cannot be seen"
            return
    raise AssertionError(f"{name} is not reached; the focus is on {focused(page)}")


def test_from_the_start_page_to_a_part_of_the_picture_and_its_neighbour(
    page: Page, server: Server
) -> None:
    page.goto(server.url + "/?lang=da")
    page.keyboard.press("Tab")
    assert focused(page) == "Gå til indholdet"
    page.keyboard.press("Enter")
    tab_to(page, "Kapacitetsopbygger", 12)  # past the search and the first role
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Kapacitetsopbygger")
    tab_to(page, "træningsforløb")
    assert page.evaluate("!!document.activeElement.closest('svg.neighbours')")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("træningsforløb")


def test_every_part_of_the_picture_is_reached_in_its_order(page: Page, server: Server) -> None:
    page.goto(server.url + "/?lang=en")
    seen = []
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("!!document.activeElement.closest('svg.picture')"):
            seen.append(focused(page))
    assert len(seen) == 3 + 15  # headings and parts, once each: the phone's picture is hidden
    assert [seen[0], seen[4], seen[14]] == ["Roles", "Working methods", "Changes"]


def test_the_menu_of_a_phone_opens_and_leads_on(page: Page, server: Server) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto(server.url + "/doc/role/knowledge-ally?lang=en")
    tab_to(page, "Menu")
    page.keyboard.press("Enter")
    tab_to(page, "Matrix", 4)
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text("matrix")


def test_the_table_of_a_chart_opens(page: Page, server: Server) -> None:
    page.goto(server.url + "/barometer?indicator=innovative-share&lang=en")
    summary = page.locator("main details summary").first
    summary.focus()
    page.keyboard.press("Enter")
    expect(page.locator("main details table").first).to_be_visible()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('role')") == "region"


def test_a_release_is_left_and_the_language_changed_without_a_mouse(
    page: Page, server: Server
) -> None:
    page.goto(server.url + "/spread?release=1&lang=en")
    tab_to(page, "Dansk")
    page.keyboard.press("Enter")
    expect(page.locator("html")).to_have_attribute("lang", "da")
    tab_to(page, "den nyeste")
    page.keyboard.press("Enter")
    expect(page.locator("aside.pinned")).to_have_count(0)
