"""The documentation in a real Chromium: accessible on every page, the drawn model by keyboard."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from looking import violations
from playwright.sync_api import Browser, Page, expect

from coi_graph.documentation.library import CONTENTS
from environment import Server

LISTED = [name for _, names in CONTENTS for name in names]


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    page = browser.new_page()
    yield page
    page.close()


@pytest.mark.parametrize("lang", ["da", "en"])
@pytest.mark.parametrize("name", ["", *LISTED])
def test_axe_finds_nothing_wrong_in_the_documentation(
    page: Page, server: Server, name: str, lang: str
) -> None:
    page.set_viewport_size({"width": 360 if lang == "da" else 1280, "height": 900})
    page.goto(f"{server.url}/docs/{name}?lang={lang}")
    assert violations(page) == []


def test_the_drawn_model_is_walked_by_keyboard(page: Page, server: Server) -> None:
    page.goto(f"{server.url}/docs/primer?lang=da")
    page.locator(".docs__picture").focus()
    names = []
    for _ in range(3):
        page.keyboard.press("Tab")
        names.append(page.evaluate("document.activeElement.textContent.trim().split('\\n')[0]"))
    assert names == ["strategisk ramme", "forandringsambition", "aktørkategori"]
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{server.url}/def/ActorCategory")
