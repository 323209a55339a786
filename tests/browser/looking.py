"""What tests look at on a page: axe-core's findings, its width, and a picture of it for people."""

from __future__ import annotations

import os
import time
from typing import Any

from playwright.sync_api import Page

from environment import ROOT, require

SCREENSHOTS = ROOT / "screenshots"
_AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
#: Of what is right, nothing needs to be told; WCAG 2.2's size of targets is left out otherwise.
_RUN = """
axe.run({resultTypes: ["violations"], rules: {"target-size": {enabled: true}}})
  .then((result) => result.violations)
"""
_ROOM = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def violations(page: Page) -> list[str]:
    """What axe-core finds: rule, and the element that breaks it."""
    require(_AXE.is_file(), "axe-core (make install)")
    page.evaluate(_AXE.read_text(encoding="utf-8"))
    found: list[dict[str, Any]] = page.evaluate(_RUN)
    return [f"{one['id']}: {node['html'][:200]}" for one in found for node in one["nodes"]]


def picture(page: Page, name: str, *, full_page: bool = True) -> None:
    """Into the folder of screenshots; not in CI, where nobody looks and it takes a third of the
    time."""
    if not os.environ.get("CI"):
        SCREENSHOTS.mkdir(exist_ok=True)
        page.screenshot(path=SCREENSHOTS / f"{name}.png", full_page=full_page)


def pictures(page: Page, name: str, widths: tuple[int, ...] = (1280, 360)) -> None:
    """One in each width, in which nothing may be wider than the window; ends in the first."""
    for width in widths:
        page.set_viewport_size({"width": width, "height": 900})
        picture(page, f"{name}-{width}")
        end = time.monotonic() + 3
        while (room := page.evaluate(_ROOM)) > 0 and time.monotonic() < end:
            page.wait_for_timeout(50)  # a script may hear of the new width a moment later
        assert room <= 0, f"{name} is {room} px wider than a window of {width}"
    page.set_viewport_size({"width": widths[0], "height": 900})
