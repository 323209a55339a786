"""Accepted contributions into a draft, judged by what they would change.

A contribution was checked when it was sent; what came in between may stand against it now. Such a
one goes back to its sender with the report, and holds up no other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pyoxigraph as ox

from ..i18n import Message
from ..store import Store, as_kept, graph_of
from ..validation.report import Report, Severity, of
from . import changes
from .accepted import Acceptances
from .changes import ChangeSet
from .draft import Draft
from .workbench import Workbench

if TYPE_CHECKING:
    from ..validation.impact import Checker

Tell = Callable[[Message], None]


def admit(draft: Draft, accepted: Acceptances, bench: Workbench, tell: Tell) -> None:
    """Brings into ``draft`` what is waiting; what has Violations that nobody waived is set aside
    in the ledger.

    All at once where nothing stands against it; else in halves, in the order of acceptance, so
    that one among many costs few checks.
    """
    if not accepted.waiting:
        return
    gate = _Gate(draft.store, accepted, bench.checker(draft), tell)
    gate.let_in(list(dict.fromkeys(one.graph for one in accepted.waiting)))
    draft.admit(gate.admitted.change(), gate.checked.report, gate.checked.mended)


class _Gate:
    """Lets contributed graphs in. ``checked``: what those that are in add to the report."""

    def __init__(self, store: Store, accepted: Acceptances, checker: Checker, tell: Tell) -> None:
        self.admitted, self.checked = _Admitted(store), checker.check(())
        self._accepted, self._checker, self._tell = accepted, checker, tell

    def let_in(self, graphs: list[str]) -> None:
        trial = self.admitted.with_all(graphs, self._accepted)
        change = trial.change()
        now = self._checker.check(change.added, change.removed)
        new = now.report.without(self.checked.report)
        blocking = _blocking(new, self._accepted.all_waived())
        if not blocking.results:
            self.admitted, self.checked = trial, now
        elif len(graphs) > 1:
            half = len(graphs) // 2
            self.let_in(graphs[:half])
            self.let_in(graphs[half:])
        else:
            self._set_aside(graphs[0], blocking)

    def _set_aside(self, graph: str, blocking: Report) -> None:
        newest = max(one.contribution_id for one in self._accepted.waiting if one.graph == graph)
        self._tell(
            Message("contribution %(id)s no longer conforms and goes back to its sender", id=newest)
        )
        self._accepted.set_aside(newest, blocking)
        if any(one.graph == graph for one in self._accepted.waiting):
            self.let_in([graph])  # an earlier acceptance for that graph


@dataclass(frozen=True, slots=True)
class _Admitted:
    """What has been let in so far: the change to each graph of ``store``, and where each new
    statement stands."""

    store: Store
    changes: dict[str, ChangeSet] = field(default_factory=dict)
    said: dict[ox.Triple, str] = field(default_factory=dict)

    def with_all(self, graphs: Iterable[str], accepted: Acceptances) -> _Admitted:
        whole = _Admitted(self.store, dict(self.changes), dict(self.said))
        for graph in graphs:
            quads = [
                quad
                for quad in unsaid(accepted.read(graph), self.store)
                if whole.said.setdefault(quad.triple, graph) == graph
            ]
            whole.changes[graph] = changes.between(self.store.quads(graph=graph), quads)
        return whole

    def change(self) -> ChangeSet:
        whole = ChangeSet()
        for one in self.changes.values():
            whole.added |= one.added
            whole.removed |= one.removed
        return whole


def unsaid(quads: Iterable[ox.Quad], store: Store) -> list[ox.Quad]:
    """As ``store`` would give them back, without the statements that another graph has: none
    stands in two (decision 7)."""
    return [
        quad
        for quad in as_kept(quads)
        if all(
            graph_of(other) == graph_of(quad)
            for other in store.quads(quad.subject, quad.predicate, quad.object)
        )
    ]


def _blocking(found: Report, waived: frozenset[str]) -> Report:
    return of(
        one for one in found.results if one.severity is Severity.VIOLATION and one.key not in waived
    )
