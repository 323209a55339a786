"""Contributions from draft to published: every step one transaction, every step an event."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from ..errors import NotFound
from ..i18n import Message
from . import steps
from .actor import Actor
from .content import Accepted, Content, unpack
from .outgoing import Outgoing
from .reviewing import Reviewing
from .schema import Contribution, Revision, Waiver
from .sending import GRAPHS, Sending
from .states import Role, State

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

    def waivers(self, contribution_id: int) -> list[Waiver]:
        with self._ledger.reading() as session:
            return list(
                session.scalars(
                    select(Waiver)
                    .where(Waiver.contribution_id == contribution_id)
                    .order_by(Waiver.id)
                )
            )
