"""What the publisher asks and says."""

from __future__ import annotations

from collections.abc import Iterable
from operator import itemgetter
from typing import Any

import pyoxigraph as ox
from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from . import letters, steps
from .content import Accepted, Origin, Outbox, Waiting, unpack
from .database import Ledger
from .events import record
from .schema import Account, Contribution, Event, Revision, Waiver
from .states import State

_AT_ONCE = 500  # graphs in one question; databases allow a few thousand parameters


class Outgoing:
    """Accepted contributions on their way into a release."""

    _ledger: Ledger

    def for_publisher(self, most: int | None = None, until: int | None = None) -> Outbox:
        """Of what waits, the first ``most``; of all acceptances, those up to number ``until``:
        what was accepted later is as if it were not there."""
        with self._ledger.reading() as session:
            waiting = session.execute(
                select(Contribution.id, Contribution.graph, Contribution.accepted_number)
                .where(
                    Contribution.state == State.ACCEPTED.value,
                    *([] if until is None else [Contribution.accepted_number <= until]),
                )
                .order_by(Contribution.accepted_number)
                .limit(most)
            ).all()
            if until is None:
                until = session.scalar(select(func.max(Contribution.accepted_number))) or 0
                if most is not None and len(waiting) == most:
                    until = waiting[-1].accepted_number or until
            newest = (
                select(func.max(Contribution.accepted_number))
                .where(Contribution.accepted_number <= until)
                .group_by(Contribution.graph)
            )
            wanted = session.execute(
                select(Contribution.id, Contribution.graph, Revision.content_digest)
                .join(Revision, steps.IS_NEWEST)
                .where(Contribution.accepted_number.in_(newest), Contribution.removes.is_(False))
                .order_by(Contribution.graph)
            )
            return Outbox(
                [Accepted(*row) for row in wanted],
                [Waiting(contribution_id, graph) for contribution_id, graph, _ in waiting],
                until,
            )

    def is_anything_waiting(self) -> bool:
        """Cheap enough to ask several times a second."""
        with self._ledger.reading() as session:
            query = select(Contribution.id).where(Contribution.state == State.ACCEPTED.value)
            return session.scalar(query.limit(1)) is not None

    def read(self, accepted: Accepted) -> list[ox.Quad]:
        """The statements, in their graph."""
        with self._ledger.reading() as session:
            packed = session.scalars(
                select(Revision.quads)
                .join(Contribution, steps.IS_NEWEST)
                .where(Contribution.id == accepted.contribution_id)
            ).one()
        return unpack(packed, accepted.graph)

    def origins(self, graphs: Iterable[str], until: int) -> list[Origin]:
        """How each contribution about ``graphs`` came about that was accepted up to number
        ``until``, in the order of acceptance."""
        names = sorted(set(graphs))
        with self._ledger.reading() as session:
            found = [
                origin
                for start in range(0, len(names), _AT_ONCE)
                for origin in _origins(session, names[start : start + _AT_ONCE], until)
            ]
        return [origin for _, origin in sorted(found, key=itemgetter(0))]

    def mark_published(self, ids: Iterable[int], release: int) -> None:
        """Those that ``release`` holds; doing it twice changes nothing."""
        with self._ledger.writing() as session:
            for contribution_id in ids:
                contribution = steps.get(session, contribution_id)
                if State(contribution.state) is State.ACCEPTED:
                    steps.lead(contribution, State.PUBLISHED)
                    contribution.release = release
                    record(session, "published", None, contribution, details={"release": release})

    def set_aside(self, contribution_id: int, report: dict[str, Any]) -> None:
        """An accepted one that no longer conforms, beside what was accepted before it."""
        with self._ledger.writing() as session:
            contribution = steps.get(session, contribution_id)
            if State(contribution.state) is not State.ACCEPTED:
                return
            steps.lead(contribution, State.RETURNED)
            contribution.accepted_number = None
            record(session, "set-aside", None, contribution, details={"report": report})
            letters.write(session, "set-aside", contribution)

    def waived(self) -> frozenset[str]:
        """Keys of the findings of accepted contributions that somebody waived."""
        with self._ledger.reading() as session:
            return frozenset(
                session.scalars(
                    select(Waiver.finding)
                    .join(Contribution, Contribution.id == Waiver.contribution_id)
                    .where(Contribution.accepted_number.is_not(None))
                )
            )


def _origins(session: Session, graphs: list[str], until: int) -> list[tuple[int, Origin]]:
    """With the number of each acceptance."""
    sender, reviewer = aliased(Account), aliased(Account)
    rows = session.execute(
        select(Contribution, Revision, sender.organisation)
        .join(Revision, steps.IS_NEWEST)
        .join(sender, sender.id == Contribution.account_id)
        .where(Contribution.graph.in_(graphs), Contribution.accepted_number <= until)
    ).all()
    last: dict[tuple[int | None, str], tuple[str, str | None]] = {}
    for contribution_id, kind, at, organisation in session.execute(
        select(Event.contribution_id, Event.kind, Event.at, reviewer.organisation)
        .outerjoin(reviewer, reviewer.id == Event.account_id)
        .join(Contribution, Contribution.id == Event.contribution_id)
        .where(Contribution.graph.in_(graphs), Event.kind.in_(("submitted", "accepted")))
        .order_by(Event.id)
    ):
        last[contribution_id, kind] = at, organisation
    found = []
    for one, revision, organisation in rows:
        accepted, by = last.get((one.id, "accepted"), (one.changed_at, ""))
        origin = Origin(
            contribution_id=one.id,
            graph=one.graph,
            removes=one.removes,
            contributor=organisation,
            submitted=last.get((one.id, "submitted"), (one.changed_at, ""))[0],
            reviewer=by or "",
            accepted=accepted,
            sha256=revision.sha256,
            violations=revision.violations,
            warnings=revision.warnings,
            checked_release=revision.checked_release,
        )
        found.append((one.accepted_number or 0, origin))
    return found
