"""Accepted contributions into a draft, judged by what they would change.

A contribution was checked when it was sent; what came in between may stand against it now. Such a
one goes back to its sender with the report, and holds up no other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import pyoxigraph as ox

from ..i18n import Message
from ..store import Store, as_kept, graph_of
from ..validation.report import Report, Severity, of
from . import changes
from .accepted import Acceptances
from .changes import ChangeSet
from .draft import Draft
from .workbench import Workbench

Tell = Callable[[Message], None]


def admit(draft: Draft, accepted: Acceptances, bench: Workbench, tell: Tell) -> None:
    """Brings into ``draft`` what is waiting; what has Violations that nobody waived is set aside
    in the ledger.

    All at once where nothing stands against it; else in the order of acceptance.
    """
    if not accepted.waiting:
        return
    checker = bench.checker(draft)
    whole = _Admitted(draft.store)
    for graph in dict.fromkeys(one.graph for one in accepted.waiting):
        whole.add(graph, accepted)
    checked = checker.check(whole.change.added, whole.change.removed)
    waived = accepted.all_waived()
    if _blocking(checked.report, waived).results:
        whole, checked = _Admitted(draft.store), checker.check(())
        while (following := whole.next(accepted)) is not None:
            trial = whole.copy()
            trial.add(following, accepted)
            now = checker.check(trial.change.added, trial.change.removed)
            blocking = _blocking(now.report.without(checked.report), waived)
            if not blocking.results:
                whole, checked = trial, now
                continue
            newest = max(one.contribution_id for one in accepted.waiting if one.graph == following)
            tell(
                Message(
                    "contribution %(id)s no longer conforms and goes back to its sender", id=newest
                )
            )
            accepted.set_aside(newest, blocking)  # an earlier acceptance for that graph may stand
    draft.admit(whole.change, checked.report, checked.mended)


@dataclass(slots=True)
class _Admitted:
    """What has been let in so far: one change to ``store``, and the content of each graph."""

    store: Store
    change: ChangeSet = field(default_factory=ChangeSet)
    digests: dict[str, str | None] = field(default_factory=dict)

    def copy(self) -> _Admitted:
        return _Admitted(self.store, self.change.then(ChangeSet()), dict(self.digests))

    def next(self, accepted: Acceptances) -> str | None:
        """The first graph that waits and is not let in as the ledger now says."""
        return next(
            (
                one.graph
                for one in accepted.waiting
                if self.digests.get(one.graph, "") != accepted.digest(one.graph)
            ),
            None,
        )

    def add(self, graph: str, accepted: Acceptances) -> None:
        said = {quad.triple for quad in self.change.added if graph_of(quad) != graph}
        quads = [
            quad for quad in unsaid(accepted.read(graph), self.store) if quad.triple not in said
        ]
        now = changes.between(self.store.quads(graph=graph), quads)
        earlier = ChangeSet(
            added={quad for quad in self.change.added if graph_of(quad) == graph},
            removed={quad for quad in self.change.removed if graph_of(quad) == graph},
        )
        self.change = self.change.then(earlier.reversed()).then(now)
        self.digests[graph] = accepted.digest(graph)


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
