"""Accepted contributions into a draft, one after the other, each judged by what it would change.

A contribution was checked when it was sent; what came in between may stand against it now. Such a
one goes back to its sender with the report, and holds up no other.
"""

from __future__ import annotations

from collections.abc import Callable

from ..i18n import Message
from ..validation.report import Report, Severity, of
from . import changes
from .accepted import Acceptances, unsaid
from .changes import ChangeSet
from .draft import Draft

Tell = Callable[[Message], None]


def admit(draft: Draft, accepted: Acceptances, tell: Tell) -> None:
    """Applies to ``draft`` what is waiting, in the order of acceptance; sets aside in the ledger
    what has Violations that nobody waived."""
    done: dict[str, str | None] = {}
    while True:
        graph = next(
            (
                one.graph
                for one in accepted.waiting
                if one.graph not in done or done[one.graph] != accepted.digest(one.graph)
            ),
            None,
        )
        if graph is None:
            return
        newest = max(one.contribution_id for one in accepted.waiting if one.graph == graph)
        change = _change(draft, accepted, graph)
        blocking = _blocking(draft.judge(change), accepted.waived(newest))
        if blocking.results:
            tell(
                Message(
                    "contribution %(id)s no longer conforms and goes back to its sender", id=newest
                )
            )
            accepted.set_aside(newest, blocking)
            continue  # an earlier acceptance for that graph may stand
        draft.admit(change)
        done[graph] = accepted.digest(graph)


def _change(draft: Draft, accepted: Acceptances, graph: str) -> ChangeSet:
    quads = unsaid(accepted.read(graph), draft.store)
    return changes.between(draft.store.quads(graph=graph), quads)


def _blocking(found: Report, waived: frozenset[str]) -> Report:
    return of(
        one for one in found.results if one.severity is Severity.VIOLATION and one.key not in waived
    )
