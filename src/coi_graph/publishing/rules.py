"""The shapes as a publisher keeps them: derived once, used for release after release."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..namespaces import GRAPH
from ..store import graph_of
from .draft import Draft

if TYPE_CHECKING:
    from ..validation.impact import Checker

_RULES = (GRAPH + "shapes/", GRAPH + "ontology/")


class Rules:
    """Holds what was derived from the shapes of the last release that was asked for."""

    def __init__(self) -> None:
        self._checker: Checker | None = None
        self._made_of: frozenset[tuple[str, str]] = frozenset()

    def checker(self, draft: Draft) -> Checker:
        """Checks changes to what ``draft`` holds now."""
        from ..validation.impact import Checker  # it takes long, and most builds need none

        made_of = _rules(draft)
        if self._checker is None or made_of is None or made_of != self._made_of:
            self._checker = Checker(draft.store)
            self._made_of = made_of or frozenset()
        else:
            self._checker = self._checker.over(draft.store)
        return self._checker


def _rules(draft: Draft) -> frozenset[tuple[str, str]] | None:
    """The files of the rules with their digests; None where the draft changes one."""
    touched = {graph_of(quad) for quad in (*draft.change.added, *draft.change.removed)}
    if draft.parent is None or any(graph.startswith(_RULES) for graph in touched):
        return None
    sources = draft.parent.manifest.sources
    return frozenset(item for item in sources.items() if item[0].startswith(_RULES))
