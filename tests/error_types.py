"""Every error that coi-graph tells, as its classes say it."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from dataclasses import dataclass

import coi_graph
from coi_graph.errors import CoiError
from coi_graph.i18n import Message
from coi_graph.web.errors import _HTTP


@dataclass(frozen=True)
class Told:
    """``exit_code`` is None for what only HTTP has."""

    slug: str
    status: int
    exit_code: int | None
    title: Message


def _below(kind: type[CoiError]) -> Iterator[type[CoiError]]:
    for one in kind.__subclasses__():
        yield one
        yield from _below(one)


def errors() -> list[Told]:
    """One for each name, sorted by it; a class that only says more of its parent is none of its
    own."""
    for module in pkgutil.walk_packages(coi_graph.__path__, "coi_graph."):
        if not {"__main__", "bundled", "migrations"} & set(module.name.split(".")):
            importlib.import_module(module.name)
    found = {}
    for kind in (CoiError, *_below(CoiError)):
        if kind.__module__.startswith("coi_graph."):
            found.setdefault(kind.slug, Told(kind.slug, kind.status, kind.exit_code, kind.title))
    for status, (slug, title, _) in _HTTP.items():
        found.setdefault(slug, Told(slug, status, None, title))
    return sorted(found.values(), key=lambda told: told.slug)
