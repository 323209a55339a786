"""What stands around every page, rendered once for each release, language and part of the site."""

from __future__ import annotations

import threading

from flask import render_template, request
from markupsafe import Markup

_MOST = 256
#: What the main menu marks as the reader's place (frame_menu.html).
_SECTIONS = (
    "/framework", "/doc/role/", "/doc/method/", "/doc/ambition/", "/doc/aim/", "/matrix",
    "/barometer", "/spread", "/def/", "/sparql", "/queries", "/cite", "/research", "/harvest",
    "/catalog", "/dataset", "/dump/", "/feed", "/release/", "/contribut", "/validate", "/api",
)  # fmt: skip
_OWN = ("/", "/search")

Release = dict[str, object]


class Frame:
    """One a web process; thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._parts: dict[tuple[object, ...], Markup] = {}

    def part(self, lang: str, kept: str, release: Release | None, name: str) -> Markup:
        """The template ``name``, which depends on nothing but these and the section."""
        key = (name, lang, kept, release and (release["number"], release["issued"]), _section())
        found = self._parts.get(key)
        if found is None:
            found = Markup(render_template(name))
            with self._lock:
                if len(self._parts) >= _MOST:
                    self._parts.clear()
                self._parts[key] = found
        return found


def _section() -> str:
    path = request.path
    if path in _OWN:
        return path
    return next((section for section in _SECTIONS if path.startswith(section)), "")
