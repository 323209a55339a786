"""What a publisher keeps from one release to the next, so that cost follows the change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..namespaces import GRAPH
from ..store import graph_of
from .draft import Draft
from .verified import Verified

if TYPE_CHECKING:
    from ..validation.impact import Checker, Rules

_RULES = (GRAPH + "shapes/", GRAPH + "ontology/")


class Workbench:
    """What was verified, and what was derived from the shapes."""

    def __init__(self) -> None:
        self.verified = Verified()
        self._rules: Rules | None = None
        self._made_of: frozenset[tuple[str, str]] = frozenset()

    def checker(self, draft: Draft) -> Checker:
        """Checks changes to what ``draft`` holds now."""
        # It takes long, and most builds need none.
        from ..validation.impact import MOST_PAIRS, TRIPLES_PER_PAIR, Checker

        most = max(MOST_PAIRS, draft.quads // TRIPLES_PER_PAIR)
        made_of = _rules(draft)
        known = self._rules if made_of is not None and made_of == self._made_of else None
        checker = Checker(draft.store, rules=known, most_pairs=most)
        self._rules, self._made_of = checker.rules, made_of or frozenset()
        return checker


def _rules(draft: Draft) -> frozenset[tuple[str, str]] | None:
    """The files of the rules with their digests; None where the draft changes one."""
    touched = {graph_of(quad) for quad in (*draft.change.added, *draft.change.removed)}
    if draft.parent is None or any(graph.startswith(_RULES) for graph in touched):
        return None
    sources = draft.parent.manifest.sources
    return frozenset(item for item in sources.items() if item[0].startswith(_RULES))
