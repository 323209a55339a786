"""Lists of contributions: one's own, what waits for a review, and waivers that will expire."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, redirect, request
from werkzeug.wrappers import Response as WerkzeugResponse

from ..errors import CoiError
from ..ledger import clock
from ..ledger.actor import Actor, Scope
from ..ledger.states import Role, State
from . import identity
from .accounts import Form, page
from .desk import desk
from .negotiation import language

if TYPE_CHECKING:
    from ..ledger.schema import Contribution, Revision, Waiver

review_queue = Blueprint("review_queue", __name__, url_prefix="/contributions")

_PAGE = 50


@dataclass(frozen=True, slots=True)
class Decision:
    """What came of one contribution that was to be accepted with others."""

    id: int
    refused: CoiError | None


@dataclass(frozen=True, slots=True)
class Standing:
    """A waiver with what it lets pass."""

    waiver: Waiver
    contribution: Contribution
    problem: dict[str, str]
    has_expired: bool


@review_queue.get("/")
def listed() -> Response | WerkzeugResponse:
    """One's own, or with ``?queue`` everything that waits for a review."""
    who = identity.actor()
    if who is None:
        return to_sign_in()
    return _listed(who)


@review_queue.post("/accept")
def accept() -> Response:
    """Accepts those that were chosen in the queue, each by a decision of its own. What has
    findings, is one's own, or has changed meanwhile is left as it is, and said."""
    who = identity.signed_in()
    who.must(Role.REVIEWER, Scope.REVIEW)
    decisions = []
    for chosen in dict.fromkeys(request.form.getlist("chosen")[:_PAGE]):
        id, _, revision = chosen.partition("-")
        if not all(part.isascii() and part.isdigit() and len(part) < 10 for part in (id, revision)):
            continue
        try:
            desk().contributions.accept(who, int(id), int(revision), without_findings=True)
            decisions.append(Decision(int(id), None))
        except CoiError as error:
            decisions.append(Decision(int(id), error))
    return _listed(who, decisions)


@review_queue.get("/waivers")
def waivers() -> Response | WerkzeugResponse:
    """What was let pass in what is public or will be, by last day."""
    who = identity.actor()
    if who is None:
        return to_sign_in()
    after = _number("after")
    found = desk().contributions.standing_waivers(who, after, _PAGE + 1)
    return page(
        "waivers.html",
        found=[_standing(*one) for one in found[:_PAGE]],
        more=after + _PAGE if len(found) > _PAGE else None,
    )


def to_sign_in() -> WerkzeugResponse:
    return redirect(f"/sign-in?lang={language()}&next={request.path}", 303)


def _listed(who: Actor, decisions: list[Decision] | None = None) -> Response:
    is_reviewer = who.role.includes(Role.REVIEWER)
    queue = is_reviewer and ("queue" in request.args or decisions is not None)
    wanted = [State(one) for one in request.args.getlist("state") if one in set(State)]
    if queue and not wanted:
        wanted = [State.SUBMITTED]
    found = desk().contributions.listed(
        who, states=wanted, after=_number("after"), limit=_PAGE + 1, own=not queue
    )
    shown = found[:_PAGE]
    findings = desk().contributions.findings([one.id for one in shown])
    torn = desk().contributions.changed_by(shown)
    clean = {
        one.id
        for one in shown
        if queue
        and State(one.state) is State.SUBMITTED
        and one.account_id != who.id
        and findings.get(one.id) == (0, 0)
        and one.id not in torn
    }
    return page(
        "contributions.html",
        who=who,
        queue=queue,
        is_reviewer=is_reviewer,
        found=shown,
        findings=findings,
        clean=clean,
        torn=torn,
        decisions=decisions or [],
        form=Form(formdata=None),
        more=shown[-1].id if len(found) > _PAGE else None,
        wanted=wanted,
        states=list(State),
    )


def _standing(waiver: Waiver, contribution: Contribution, revision: Revision) -> Standing:
    results: list[dict[str, Any]] = json.loads(revision.report).get("results", [])
    problem: dict[str, str] = next(
        (one["problem"] for one in results if one["key"] == waiver.finding), {}
    )
    return Standing(waiver, contribution, problem, waiver.expires_on < clock.today())


def _number(name: str) -> int:
    said = request.args.get(name, "")
    return int(said) if said.isascii() and said.isdigit() and len(said) < 10 else 0
