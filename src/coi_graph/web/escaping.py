"""Texts made markup, kept: a page escapes some 250, mostly names and paths of many other pages."""

from __future__ import annotations

from functools import lru_cache

import markupsafe
from markupsafe import Markup

_LONGEST = 200  # characters of a text that is kept


def escape(value: object) -> Markup:
    """As markupsafe's."""
    if type(value) is str and len(value) <= _LONGEST:
        return _kept(value)
    return markupsafe.escape(value)


@lru_cache(20_000)
def _kept(text: str) -> Markup:
    return markupsafe.escape(text)
