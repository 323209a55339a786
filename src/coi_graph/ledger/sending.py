"""What a contributor does: drafts, new versions, submitting, withdrawing."""

from __future__ import annotations

import hashlib
import json

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..i18n import Message
from ..namespaces import GRAPH
from . import clock, steps
from .actor import Actor, Scope
from .content import Content, content_digest, pack
from .database import Ledger
from .errors import Conflict, Forbidden, Refused, other_request
from .events import record
from .schema import Contribution, Revision
from .states import Role, State

GRAPHS = GRAPH + "contribution/"


class Sending:
    """The contributor's steps."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def begin(
        self,
        by: Actor,
        content: Content,
        *,
        amends: int | None = None,
        removes: bool = False,
        idempotency_key: str | None = None,
    ) -> Contribution:
        """A new draft. ``amends`` is the contribution whose content it replaces or ``removes``.

        The same key of the same account gives the contribution that it gave before. Raises
        `Conflict` for content that another contribution has already, `Refused` for a key that
        came with something else before, `NotFound`, `Forbidden`.
        """
        by.must(Role.CONTRIBUTOR, Scope.CONTRIBUTE)
        with self._ledger.writing() as session:
            if idempotency_key is not None:
                known = session.scalar(
                    select(Contribution).where(
                        Contribution.account_id == by.id,
                        Contribution.idempotency_key == idempotency_key,
                    )
                )
                if known is not None:
                    if not _is_the_same(session, known, content, removes):
                        raise other_request()
                    return known
            base = None
            if amends is not None:
                graph = steps.get(session, amends).graph
                base = steps.head(session, graph)
                if base is None:
                    raise Conflict(
                        Message("contribution %(id)s has not been accepted", id=amends),
                        remedy=Message("Send a new version of it instead."),
                    )
            if not removes:
                _refuse_known(session, content_digest(content.quads), None)
            contribution = Contribution(
                account_id=by.id,
                graph="",
                base_id=base.id if base else None,
                removes=removes,
                state=State.DRAFT.value,
                revision=0,
                idempotency_key=idempotency_key,
                created_at=clock.now(),
                changed_at=clock.now(),
            )
            session.add(contribution)
            session.flush()
            contribution.graph = base.graph if base else f"{GRAPHS}{contribution.id}"
            _add_revision(session, contribution, content)
            record(session, "drafted", by, contribution)
            return contribution

    def revise(
        self, by: Actor, contribution_id: int, content: Content, *, seen: int | None = None
    ) -> Contribution:
        """New content for one that is still open; it becomes a draft again.

        Where another contribution has changed the graph since, ``seen`` is its number: that its
        sender has looked at it, and this revision rests on it from now. Raises `Conflict` for
        another number, and for a contribution that is closed.
        """
        with self._ledger.writing() as session:
            contribution = _own(session, by, contribution_id)
            steps.lead(contribution, State.DRAFT)
            if not contribution.removes:
                _refuse_known(session, content_digest(content.quads), contribution_id)
            if contribution.base_id is not None:
                newest = steps.head(session, contribution.graph)
                head = newest.id if newest else None
                if head not in (contribution.base_id, seen):
                    raise _changed_meanwhile(head)
                contribution.base_id = head
            _add_revision(session, contribution, content)
            record(session, "revised", by, contribution)
            return contribution

    def submit(self, by: Actor, contribution_id: int) -> Contribution:
        with self._ledger.writing() as session:
            contribution = _own(session, by, contribution_id)
            steps.lead(contribution, State.SUBMITTED)
            record(session, "submitted", by, contribution)
            return contribution

    def withdraw(self, by: Actor, contribution_id: int, reason: str = "") -> Contribution:
        with self._ledger.writing() as session:
            contribution = _own(session, by, contribution_id)
            steps.lead(contribution, State.WITHDRAWN)
            record(session, "withdrawn", by, contribution, text=reason)
            return contribution

    def comment(self, by: Actor, contribution_id: int, text: str) -> None:
        """By the contributor or a reviewer. Raises `Refused` for an empty one."""
        if not text.strip():
            raise Refused(Message("a comment without words"))
        with self._ledger.writing() as session:
            contribution = steps.visible(session, by, contribution_id)
            record(session, "commented", by, contribution, text=text.strip())


def _is_the_same(session: Session, known: Contribution, content: Content, removes: bool) -> bool:
    """Whether ``known`` began with this content."""
    first = session.scalar(
        select(Revision.sha256).where(Revision.contribution_id == known.id, Revision.number == 1)
    )
    return known.removes == removes and first == hashlib.sha256(content.data).hexdigest()


def _changed_meanwhile(by: int | None) -> Conflict:
    return Conflict(
        Message("the record was changed by contribution %(id)s in the meantime", id=by),
        remedy=Message(
            "Look at what it says now, then send what shall take its place. A program adds "
            "“seen=%(id)s”: that it has looked.",
            id=by,
        ),
        changed_by=by,
    )


def _own(session: Session, by: Actor, contribution_id: int) -> Contribution:
    by.must(Role.CONTRIBUTOR, Scope.CONTRIBUTE)
    contribution = steps.visible(session, by, contribution_id)
    if contribution.account_id != by.id:
        raise Forbidden(Message("only its sender can do that"))
    return contribution


def _add_revision(session: Session, contribution: Contribution, content: Content) -> None:
    contribution.revision += 1
    contribution.title = content.title[:500]
    contribution.changed_at = clock.now()
    session.add(
        Revision(
            contribution_id=contribution.id,
            number=contribution.revision,
            file=content.file[:255],
            media_type=content.media_type[:100],
            data=content.data,
            sha256=hashlib.sha256(content.data).hexdigest(),
            quads=pack(content.quads),
            content_digest=content_digest(content.quads),
            quad_count=len(content.quads),
            report=json.dumps({**content.report, "blocking": list(content.violations)}),
            violations=len(content.violations),
            warnings=content.warnings,
            checked_release=content.checked_release,
            sent_at=clock.now(),
        )
    )


def _refuse_known(session: Session, digest: str, but: int | None) -> None:
    """The same statements as another contribution that is open, accepted or published."""
    known = session.scalar(
        select(Contribution)
        .join(Revision, steps.IS_NEWEST)
        .where(
            Revision.content_digest == digest,
            Contribution.state != State.WITHDRAWN.value,
            Contribution.id != (but or 0),
        )
        .limit(1)
    )
    if known is not None and not (
        known.state == State.PUBLISHED.value and _is_replaced(session, known)
    ):
        raise Conflict(
            Message("contribution %(id)s says exactly the same", id=known.id),
            remedy=Message("There is nothing to send: see that one."),
            contribution=known.id,
        )


def _is_replaced(session: Session, contribution: Contribution) -> bool:
    newest = steps.head(session, contribution.graph)
    return newest is not None and newest.id != contribution.id
