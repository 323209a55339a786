"""What the publisher asks and says."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pyoxigraph as ox
from sqlalchemy import select

from . import letters, steps
from .content import Accepted, unpack
from .database import Ledger
from .events import record
from .schema import Contribution, Revision, Waiver
from .states import State


class Outgoing:
    """Accepted contributions on their way into a release."""

    _ledger: Ledger

    def for_publisher(self) -> tuple[list[Accepted], list[tuple[int, str]]]:
        """What each contributed graph shall hold by the newest acceptance (one that was emptied is
        left out), and the contributions that no release holds yet, each with its graph, in the
        order of their acceptance. Both of the same moment."""
        with self._ledger.reading() as session:
            wanted = session.execute(
                select(Contribution.id, Contribution.graph, Revision.content_digest)
                .join(Revision, steps.IS_NEWEST)
                .where(
                    Contribution.accepted_number.in_(steps.newest_acceptances()),
                    Contribution.removes.is_(False),
                )
                .order_by(Contribution.graph)
            )
            waiting = session.execute(
                select(Contribution.id, Contribution.graph)
                .where(Contribution.state == State.ACCEPTED.value)
                .order_by(Contribution.accepted_number)
            )
            return [Accepted(*row) for row in wanted], [(row[0], row[1]) for row in waiting]

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

    def wanted(self) -> list[Accepted]:
        return self.for_publisher()[0]

    def unpublished(self) -> list[int]:
        return [contribution for contribution, _ in self.for_publisher()[1]]

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
