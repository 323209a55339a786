"""What a reviewer does: returning, waiving, accepting."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ..errors import NotFound
from ..i18n import Message
from . import clock, letters, steps
from .actor import Actor, Scope
from .database import Ledger
from .errors import Conflict, Forbidden, Refused
from .events import record
from .schema import Contribution, Waiver
from .states import Role, State


class Reviewing:
    """The reviewer's steps."""

    _ledger: Ledger

    def give_back(self, by: Actor, contribution_id: int, reason: str) -> Contribution:
        """Raises `Refused` without a reason: the contributor must know what to do."""
        if not reason.strip():
            raise Refused(
                Message("a contribution is returned with a reason"),
                remedy=Message("Say what should be different."),
            )
        with self._ledger.writing() as session:
            contribution = _reviewed(session, by, contribution_id)
            if State(contribution.state) is State.ACCEPTED:
                raise steps.closed(contribution)  # a decision stands: only the publisher sets aside
            steps.lead(contribution, State.RETURNED)
            record(session, "returned", by, contribution, text=reason.strip())
            letters.write(session, "returned", contribution)
            return contribution

    def waive(
        self, by: Actor, contribution_id: int, finding: str, reason: str, expires_on: str
    ) -> None:
        """Lets one Violation pass until a day (``2027-06-30``)."""
        if not reason.strip():
            raise Refused(Message("a waiver needs a reason"))
        if not clock.is_future_day(expires_on):
            raise Refused(
                Message("“%(day)s” is no day to come", day=expires_on[:20]),
                remedy=Message("A waiver ends on a day, for instance %(day)s.", day="2027-06-30"),
            )
        with self._ledger.writing() as session:
            contribution = _reviewed(session, by, contribution_id)
            if State(contribution.state) is not State.SUBMITTED:
                raise steps.closed(contribution)
            if finding not in steps.blocking(steps.newest_revision(session, contribution)):
                raise NotFound(Message("the report has no such violation"))
            waiver = session.scalar(
                select(Waiver).where(
                    Waiver.contribution_id == contribution_id, Waiver.finding == finding
                )
            )
            if waiver is None:
                waiver = Waiver(contribution_id=contribution_id, finding=finding)
                session.add(waiver)
            waiver.reason, waiver.expires_on = reason.strip(), expires_on
            waiver.account_id, waiver.at = by.id, clock.now()
            record(
                session,
                "waived",
                by,
                contribution,
                text=reason.strip(),
                details={"finding": finding, "expires": expires_on},
            )

    def accept(
        self, by: Actor, contribution_id: int, revision: int, *, without_findings: bool = False
    ) -> Contribution:
        """``revision`` is the one that the reviewer has seen.

        Raises `Conflict` where it is not the newest, or where the graph has changed since the
        contribution began; `Refused` while it has Violations that nobody waived (with
        ``without_findings``, where there is anything to be read about it); `Forbidden` for one's
        own.
        """
        with self._ledger.writing() as session:
            contribution = _reviewed(session, by, contribution_id)
            if contribution.revision != revision:
                raise Conflict(
                    Message("there is a newer version of contribution %(id)s", id=contribution_id),
                    remedy=Message("Look at it, then decide again."),
                    revision=contribution.revision,
                )
            found = steps.newest_revision(session, contribution)
            if without_findings and (found.violations or found.warnings):
                raise Refused(
                    Message("contribution %(id)s has findings", id=contribution_id),
                    remedy=Message("Read them, then decide on it by itself."),
                )
            open_ones = steps.blocking(found) - _waived(session, contribution_id)
            if open_ones:
                raise Refused(
                    Message(
                        "contribution %(id)s has %(count)s violations",
                        id=contribution_id,
                        count=len(open_ones),
                    ),
                    remedy=Message("Return it, or waive each with a reason and a last day."),
                    findings=sorted(open_ones),
                )
            newest = steps.head(session, contribution.graph)
            if (newest.id if newest else None) != contribution.base_id:
                raise Conflict(
                    Message(
                        "the record has changed since contribution %(id)s began", id=contribution_id
                    ),
                    remedy=Message("Return it: its sender can compare the two and send it anew."),
                    changed_by=newest.id if newest else None,
                )
            steps.lead(contribution, State.ACCEPTED)
            last = session.scalar(select(func.max(Contribution.accepted_number))) or 0
            contribution.accepted_number = last + 1
            record(session, "accepted", by, contribution)
            letters.write(session, "accepted", contribution)
            return contribution


def _waived(session: Session, contribution_id: int) -> set[str]:
    return set(
        session.scalars(
            select(Waiver.finding).where(
                Waiver.contribution_id == contribution_id, Waiver.expires_on >= clock.today()
            )
        )
    )


def _reviewed(session: Session, by: Actor, contribution_id: int) -> Contribution:
    """For a reviewer's decision: nobody reviews their own."""
    by.must(Role.REVIEWER, Scope.REVIEW)
    contribution = steps.get(session, contribution_id)
    if contribution.account_id == by.id:
        raise Forbidden(
            Message("nobody reviews their own contribution"),
            remedy=Message("Ask another reviewer."),
        )
    return contribution
