"""Debian's Chromium, and how it is started: without asking anybody for anything.

Where Debian's package chromium-headless-shell is installed, pages are looked at with that: the same
engine without a window around it, which takes a third of the time away.
"""

from __future__ import annotations

import shutil

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or ""
SHELL = shutil.which("chromium-headless-shell") or CHROMIUM
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
