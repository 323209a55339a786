"""One Chromium for the tests of a file."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from chromium import CHROMIUM, QUIET
from playwright.sync_api import Browser, sync_playwright

from environment import require


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    require(bool(CHROMIUM), "Chromium (Debian's package chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        browser.close()
