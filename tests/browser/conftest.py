"""One Chromium for the tests of a file, and for those who contribute a site with accounts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from chromium import QUIET, SHELL
from playwright.sync_api import Browser, sync_playwright

from contributing_site import Site, open_site
from environment import Server, require


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    require(bool(SHELL), "Chromium (Debian's package chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=SHELL, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def site(
    home: Path, tmp_path_factory: pytest.TempPathFactory, start_server: Callable[..., Server]
) -> Site:
    return open_site(home, tmp_path_factory.mktemp("site"), start_server)
