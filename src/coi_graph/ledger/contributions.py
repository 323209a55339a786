"""Contributions from draft to published: every step one transaction, every step an event."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from ..errors import NotFound
from ..i18n import Message
from . import steps
from .actor import Actor, Scope
from .content import Accepted, Content, unpack
from .outgoing import Outgoing
from .reviewing import Reviewing
from .schema import Contribution, Event, Revision, Waiver
from .sending import GRAPHS, Sending
from .states import OPEN, Role, State

__all__ = ["GRAPHS", "Accepted", "Content", "Contributions", "unpack"]


class Contributions(Sending, Reviewing, Outgoing):
    """Everything about contributions, in one ledger."""

    def get(self, by: Actor, contribution_id: int) -> tuple[Contribution, Revision]:
        """With its newest revision. Raises `NotFound`, also where it is another's."""
        with self._ledger.reading() as session:
            contribution = steps.visible(session, by, contribution_id)
            return contribution, steps.newest_revision(session, contribution)

    def graph_of(self, contribution_id: int) -> str:
        """The named graph that it is about. Raises `NotFound`."""
        with self._ledger.reading() as session:
            return steps.get(session, contribution_id).graph

    def head(self, graph: str) -> tuple[Contribution, Revision] | None:
        """The newest accepted or published contribution about ``graph``: what a change of it
        rests on, for everybody to see. None where there is none."""
        with self._ledger.reading() as session:
            found = steps.head(session, graph)
            return (found, steps.newest_revision(session, found)) if found else None

    def revision(self, by: Actor, contribution_id: int, number: int) -> Revision:
        with self._ledger.reading() as session:
            steps.visible(session, by, contribution_id)
            found = session.scalar(
                select(Revision).where(
                    Revision.contribution_id == contribution_id, Revision.number == number
                )
            )
            if found is None:
                raise NotFound(Message("there is no version %(number)s", number=number))
            return found

    def listed(
        self,
        by: Actor,
        *,
        states: Sequence[State] = (),
        after: int = 0,
        limit: int = 50,
        own: bool = False,
    ) -> list[Contribution]:
        """By number; reviewers see all, contributors their own."""
        with self._ledger.reading() as session:
            query = select(Contribution).where(Contribution.id > after)
            if own or not by.role.includes(Role.REVIEWER):
                query = query.where(Contribution.account_id == by.id)
            if states:
                query = query.where(Contribution.state.in_([state.value for state in states]))
            return list(session.scalars(query.order_by(Contribution.id).limit(limit)))

    def step_of(self, by: Actor, idempotency_key: str) -> tuple[str, int | None] | None:
        """What the request of that key has brought about: the event's kind, the contribution."""
        with self._ledger.reading() as session:
            found = session.execute(
                select(Event.kind, Event.contribution_id).where(
                    Event.account_id == by.id, Event.idempotency_key == idempotency_key
                )
            ).one_or_none()
            return (found[0], found[1]) if found else None

    def findings(self, ids: Sequence[int]) -> dict[int, tuple[int, int]]:
        """Of each contribution's newest version: violations, warnings."""
        with self._ledger.reading() as session:
            rows = session.execute(
                select(Contribution.id, Revision.violations, Revision.warnings)
                .join(Revision, steps.IS_NEWEST)
                .where(Contribution.id.in_(ids))
            )
            return {id: (violations, warnings) for id, violations, warnings in rows}

    def changed_by(self, contributions: Sequence[Contribution]) -> dict[int, int | None]:
        """The open ones whose record has changed since they began, with the acceptance that it
        has its content from now: they are in conflict."""
        with self._ledger.reading() as session:
            rows = session.execute(
                select(Contribution.graph, Contribution.id).where(
                    Contribution.graph.in_([one.graph for one in contributions]),
                    Contribution.accepted_number.in_(steps.newest_acceptances()),
                )
            )
            heads = {row.graph: row.id for row in rows}
        return {
            one.id: heads.get(one.graph)
            for one in contributions
            if State(one.state) in OPEN and heads.get(one.graph) != one.base_id
        }

    def base(self, contribution: Contribution) -> Revision | None:
        """What its graph held when its sender began; None for a new graph."""
        if contribution.base_id is None:
            return None
        with self._ledger.reading() as session:
            return steps.newest_revision(session, steps.get(session, contribution.base_id))

    def standing_waivers(
        self, by: Actor, after: int = 0, limit: int = 200
    ) -> list[tuple[Waiver, Contribution, Revision]]:
        """Of what is accepted and has not been replaced, by last day; for reviewers. ``after``:
        how many are left out."""
        by.must(Role.REVIEWER, Scope.REVIEW)
        with self._ledger.reading() as session:
            rows = session.execute(
                select(Waiver, Contribution, Revision)
                .join(Contribution, Contribution.id == Waiver.contribution_id)
                .join(Revision, steps.IS_NEWEST)
                .where(Contribution.accepted_number.in_(steps.newest_acceptances()))
                .order_by(Waiver.expires_on, Waiver.id)
                .offset(after)
                .limit(limit)
            )
            return [(waiver, contribution, revision) for waiver, contribution, revision in rows]

    def waivers(self, contribution_id: int) -> list[Waiver]:
        with self._ledger.reading() as session:
            return list(
                session.scalars(
                    select(Waiver)
                    .where(Waiver.contribution_id == contribution_id)
                    .order_by(Waiver.id)
                )
            )
