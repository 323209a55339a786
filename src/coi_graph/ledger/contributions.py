"""Contributions from draft to published: every step one transaction, every step an event."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyoxigraph as ox
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ..errors import NotFound
from ..i18n import Message
from ..namespaces import GRAPH
from . import clock
from .accounts import Actor, Scope
from .database import Ledger
from .errors import Conflict, Forbidden, Refused
from .events import record
from .schema import Contribution, Revision, Waiver
from .states import FOLLOWING, Role, State

GRAPHS = GRAPH + "contribution/"
_OPEN = (State.DRAFT, State.SUBMITTED, State.RETURNED)


@dataclass(frozen=True, slots=True)
class Content:
    """What is sent: bytes, what they say (their graph does not matter), and the report on it."""

    file: str
    media_type: str
    data: bytes
    quads: tuple[ox.Quad, ...]
    #: Plain data (docs/reference/reports.md); its release is ``checked_release``.
    report: dict[str, Any] = field(repr=False)
    #: Keys of the findings that block.
    violations: tuple[str, ...]
    warnings: int
    checked_release: int
    title: str = ""


@dataclass(frozen=True, slots=True)
class Accepted:
    """What a graph shall hold, as the ledger says; nothing where it was removed."""

    contribution_id: int
    graph: str
    digest: str


class Contributions:
    """Everything about contributions, in one ledger."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    # -- the contributor

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
        `Conflict` for content that another contribution has already, `NotFound`, `Forbidden`.
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
                    return known
            base = None
            if amends is not None:
                graph = _get(session, amends).graph
                base = head(session, graph)
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

    def revise(self, by: Actor, contribution_id: int, content: Content) -> Contribution:
        """New content for one that is still open; it becomes a draft again.

        Where the graph has changed since, that is what this revision now rests on: its sender has
        seen it. Raises `Conflict` for one that is closed.
        """
        with self._ledger.writing() as session:
            contribution = self._own(session, by, contribution_id)
            _lead(contribution, State.DRAFT)
            if not contribution.removes:
                _refuse_known(session, content_digest(content.quads), contribution_id)
            if contribution.base_id is not None:
                newest = head(session, contribution.graph)
                contribution.base_id = newest.id if newest else None
            _add_revision(session, contribution, content)
            record(session, "revised", by, contribution)
            return contribution

    def submit(self, by: Actor, contribution_id: int) -> Contribution:
        with self._ledger.writing() as session:
            contribution = self._own(session, by, contribution_id)
            _lead(contribution, State.SUBMITTED)
            record(session, "submitted", by, contribution)
            return contribution

    def withdraw(self, by: Actor, contribution_id: int, reason: str = "") -> Contribution:
        with self._ledger.writing() as session:
            contribution = self._own(session, by, contribution_id)
            _lead(contribution, State.WITHDRAWN)
            record(session, "withdrawn", by, contribution, text=reason)
            return contribution

    def comment(self, by: Actor, contribution_id: int, text: str) -> None:
        """By the contributor or a reviewer. Raises `Refused` for an empty one."""
        if not text.strip():
            raise Refused(Message("a comment without words"))
        with self._ledger.writing() as session:
            contribution = self._visible(session, by, contribution_id)
            record(session, "commented", by, contribution, text=text.strip())

    # -- the reviewer

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
                raise _closed(contribution)  # a decision stands: only the publisher sets aside
            _lead(contribution, State.RETURNED)
            record(session, "returned", by, contribution, text=reason.strip())
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
                raise _closed(contribution)
            if finding not in _blocking(_revision(session, contribution)):
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

    def accept(self, by: Actor, contribution_id: int, revision: int) -> Contribution:
        """``revision`` is the one that the reviewer has seen.

        Raises `Conflict` where it is not the newest, or where the graph has changed since the
        contribution began; `Refused` while it has Violations that nobody waived; `Forbidden` for
        one's own.
        """
        with self._ledger.writing() as session:
            contribution = _reviewed(session, by, contribution_id)
            if contribution.revision != revision:
                raise Conflict(
                    Message("there is a newer version of contribution %(id)s", id=contribution_id),
                    remedy=Message("Look at it, then decide again."),
                    revision=contribution.revision,
                )
            found = _revision(session, contribution)
            open_ones = _blocking(found) - _waived(session, contribution_id)
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
            newest = head(session, contribution.graph)
            if (newest.id if newest else None) != contribution.base_id:
                raise Conflict(
                    Message(
                        "the record has changed since contribution %(id)s began", id=contribution_id
                    ),
                    remedy=Message("Return it: its sender can compare the two and send it anew."),
                    changed_by=newest.id if newest else None,
                )
            _lead(contribution, State.ACCEPTED)
            last = session.scalar(select(func.max(Contribution.accepted_number))) or 0
            contribution.accepted_number = last + 1
            record(session, "accepted", by, contribution)
            return contribution

    # -- the publisher

    def for_publisher(self) -> tuple[list[Accepted], list[tuple[int, str]]]:
        """What each contributed graph shall hold by the newest acceptance (one that was emptied is
        left out), and the contributions that no release holds yet, each with its graph, in the
        order of their acceptance. Both of the same moment."""
        with self._ledger.reading() as session:
            newest = (
                select(func.max(Contribution.accepted_number))
                .where(Contribution.accepted_number.is_not(None))
                .group_by(Contribution.graph)
            )
            wanted = session.execute(
                select(Contribution.id, Contribution.graph, Revision.content_digest)
                .join(
                    Revision,
                    (Revision.contribution_id == Contribution.id)
                    & (Revision.number == Contribution.revision),
                )
                .where(Contribution.accepted_number.in_(newest), Contribution.removes.is_(False))
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
                .join(
                    Contribution,
                    (Revision.contribution_id == Contribution.id)
                    & (Revision.number == Contribution.revision),
                )
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
                contribution = _get(session, contribution_id)
                if State(contribution.state) is State.ACCEPTED:
                    _lead(contribution, State.PUBLISHED)
                    contribution.release = release
                    record(session, "published", None, contribution, details={"release": release})

    def set_aside(self, contribution_id: int, report: dict[str, Any]) -> None:
        """An accepted one that no longer conforms, beside what was accepted before it."""
        with self._ledger.writing() as session:
            contribution = _get(session, contribution_id)
            if State(contribution.state) is not State.ACCEPTED:
                return
            _lead(contribution, State.RETURNED)
            contribution.accepted_number = None
            record(session, "set-aside", None, contribution, details={"report": report})

    # -- reading

    def get(self, by: Actor, contribution_id: int) -> tuple[Contribution, Revision]:
        """With its newest revision. Raises `NotFound`, also where it is another's."""
        with self._ledger.reading() as session:
            contribution = self._visible(session, by, contribution_id)
            return contribution, _revision(session, contribution)

    def revision(self, by: Actor, contribution_id: int, number: int) -> Revision:
        with self._ledger.reading() as session:
            self._visible(session, by, contribution_id)
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

    def _visible(self, session: Session, by: Actor, contribution_id: int) -> Contribution:
        contribution = _get(session, contribution_id)
        if contribution.account_id != by.id and not by.role.includes(Role.REVIEWER):
            raise _unknown(contribution_id)
        return contribution

    def _own(self, session: Session, by: Actor, contribution_id: int) -> Contribution:
        by.must(Role.CONTRIBUTOR, Scope.CONTRIBUTE)
        contribution = self._visible(session, by, contribution_id)
        if contribution.account_id != by.id:
            raise Forbidden(Message("only its sender can do that"))
        return contribution


def head(session: Session, graph: str) -> Contribution | None:
    """The contribution whose content ``graph`` holds, or will in the next release."""
    return session.scalar(
        select(Contribution)
        .where(Contribution.graph == graph, Contribution.accepted_number.is_not(None))
        .order_by(Contribution.accepted_number.desc())
        .limit(1)
    )


def pack(quads: Iterable[ox.Quad]) -> bytes:
    """Triples as sorted N-Triples, gzipped: the same statements, the same bytes."""
    lines = sorted({str(quad.triple) for quad in quads})
    return gzip.compress("".join(f"{line} .\n" for line in lines).encode(), 6, mtime=0)


def unpack(packed: bytes, graph: str) -> list[ox.Quad]:
    name = ox.NamedNode(graph)
    return [
        ox.Quad(quad.subject, quad.predicate, quad.object, name)
        for quad in ox.parse(gzip.decompress(packed), format=ox.RdfFormat.N_TRIPLES)
    ]


def content_digest(quads: Iterable[ox.Quad]) -> str:
    """Of the statements, whatever their graph, order, or form."""
    whole = hashlib.sha256()
    for line in sorted({str(quad.triple) for quad in quads}):
        whole.update(line.encode() + b"\n")
    return whole.hexdigest()


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
        .join(
            Revision,
            (Revision.contribution_id == Contribution.id)
            & (Revision.number == Contribution.revision),
        )
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
    newest = head(session, contribution.graph)
    return newest is not None and newest.id != contribution.id


def _revision(session: Session, contribution: Contribution) -> Revision:
    return session.scalars(
        select(Revision).where(
            Revision.contribution_id == contribution.id, Revision.number == contribution.revision
        )
    ).one()


def _blocking(revision: Revision) -> set[str]:
    return set(json.loads(revision.report)["blocking"])


def _waived(session: Session, contribution_id: int) -> set[str]:
    return set(
        session.scalars(
            select(Waiver.finding).where(
                Waiver.contribution_id == contribution_id, Waiver.expires_on >= clock.today()
            )
        )
    )


def _get(session: Session, contribution_id: int) -> Contribution:
    contribution = session.get(Contribution, contribution_id)
    if contribution is None:
        raise _unknown(contribution_id)
    return contribution


def _unknown(contribution_id: int) -> NotFound:
    return NotFound(Message("there is no contribution %(id)s", id=contribution_id))


def _reviewed(session: Session, by: Actor, contribution_id: int) -> Contribution:
    """For a reviewer's decision: nobody reviews their own."""
    by.must(Role.REVIEWER, Scope.REVIEW)
    contribution = _get(session, contribution_id)
    if contribution.account_id == by.id:
        raise Forbidden(
            Message("nobody reviews their own contribution"),
            remedy=Message("Ask another reviewer."),
        )
    return contribution


def _lead(contribution: Contribution, to: State) -> None:
    """Raises `Conflict` where that state cannot follow."""
    if to not in FOLLOWING[State(contribution.state)]:
        raise _closed(contribution)
    contribution.state = to.value
    contribution.changed_at = clock.now()


def _closed(contribution: Contribution) -> Conflict:
    return Conflict(
        Message(
            "contribution %(id)s is “%(state)s”: that is not possible now",
            id=contribution.id,
            state=contribution.state,
        ),
        state=contribution.state,
    )
