"""What every step of a contribution needs: finding it, and leading it from state to state."""

from __future__ import annotations

import json

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from ..errors import NotFound
from ..i18n import Message
from . import clock
from .actor import Actor
from .errors import Conflict
from .schema import Contribution, Revision
from .states import FOLLOWING, Role, State

#: Joins a contribution with its newest revision.
IS_NEWEST = (Revision.contribution_id == Contribution.id) & (
    Revision.number == Contribution.revision
)


def head(session: Session, graph: str) -> Contribution | None:
    """The contribution whose content ``graph`` holds, or will in the next release."""
    return session.scalar(
        select(Contribution)
        .where(Contribution.graph == graph, Contribution.accepted_number.is_not(None))
        .order_by(Contribution.accepted_number.desc())
        .limit(1)
    )


def newest_acceptances() -> Select[tuple[int | None]]:
    """Of each graph."""
    return (
        select(func.max(Contribution.accepted_number))
        .where(Contribution.accepted_number.is_not(None))
        .group_by(Contribution.graph)
    )


def newest_revision(session: Session, contribution: Contribution) -> Revision:
    return session.scalars(
        select(Revision).where(
            Revision.contribution_id == contribution.id, Revision.number == contribution.revision
        )
    ).one()


def blocking(revision: Revision) -> set[str]:
    return set(json.loads(revision.report)["blocking"])


def get(session: Session, contribution_id: int) -> Contribution:
    contribution = session.get(Contribution, contribution_id)
    if contribution is None:
        raise unknown(contribution_id)
    return contribution


def unknown(contribution_id: int) -> NotFound:
    return NotFound(Message("there is no contribution %(id)s", id=contribution_id))


def lead(contribution: Contribution, to: State) -> None:
    """Raises `Conflict` where that state cannot follow."""
    if to not in FOLLOWING[State(contribution.state)]:
        raise closed(contribution)
    contribution.state = to.value
    contribution.changed_at = clock.now()


def closed(contribution: Contribution) -> Conflict:
    return Conflict(
        Message(
            "contribution %(id)s is “%(state)s”: that is not possible now",
            id=contribution.id,
            state=contribution.state,
        ),
        state=contribution.state,
    )


def visible(session: Session, by: Actor, contribution_id: int) -> Contribution:
    """Raises `NotFound`, also for a contributor where it is another's."""
    contribution = get(session, contribution_id)
    if contribution.account_id != by.id and not by.role.includes(Role.REVIEWER):
        raise unknown(contribution_id)
    return contribution
