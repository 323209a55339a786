"""Pages of the contributor and the reviewer: what was sent, what it changes, and the decision."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING

import pyoxigraph as ox
from flask import Blueprint, Response, redirect, request
from werkzeug.wrappers import Response as WerkzeugResponse

from ..errors import BadRequest, CoiError
from ..i18n import Message
from ..ledger.actor import Actor
from ..ledger.content import unpack
from ..ledger.errors import Conflict
from ..ledger.states import FOLLOWING, OPEN, Role, State
from ..store import as_kept
from . import conflicts, identity, review, sending
from .accounts import Form, page
from .api_answers import WHOLE
from .desk import desk
from .feed import number
from .negotiation import language, opened
from .review_queue import to_sign_in
from .statements import Labels, labelled

if TYPE_CHECKING:
    from ..ledger.schema import Contribution

contributions = Blueprint("contributions", __name__, url_prefix="/contributions")

_MOST_STATEMENTS = 100_000  # of a graph


@contributions.route("/new", methods=["GET", "POST"])
def new() -> Response | WerkzeugResponse:
    """A file as a contribution; ``?amends=N`` replaces what N says."""
    who = identity.actor()
    if who is None:
        return to_sign_in()
    amends = request.args.get("amends", "")
    known = int(amends) if amends.isascii() and amends.isdigit() and len(amends) < 10 else None
    wrong: CoiError | None = None
    if request.method == "POST":
        try:
            graph = desk().contributions.graph_of(known) if known else None
            content, _ = sending.content(replaces=graph)
            made = desk().contributions.begin(who, content, amends=known)
            return redirect(_page_of(made.id), 303)
        except CoiError as error:
            wrong = error
    return page(
        "contribution_new.html",
        form=Form(),
        amends=known,
        wrong=wrong,
        status=wrong.status if wrong else 200,
    )


@contributions.get(f"/<{WHOLE}:id>")
def show(id: int) -> Response | WerkzeugResponse:
    who = identity.actor()
    if who is None:
        return to_sign_in()
    return _page(who, id, None)


@contributions.post(f"/<{WHOLE}:id>/<action>")
def act(id: int, action: str) -> Response | WerkzeugResponse:
    """One step; what it refuses is said on the contribution's page, with what was written."""
    who, make, said = identity.signed_in(), desk().contributions, request.form

    def revise() -> object:
        known, _ = make.get(who, id)
        content, _ = sending.content(replaces=known.graph if known.base_id else None)
        return make.revise(who, id, content, seen=number(said.get("seen", "")) or None)

    def resolve() -> object:
        known, revision = make.get(who, id)
        found = conflicts.versions(known, revision)
        if found is None:
            raise Conflict(Message("nothing is in conflict any more"))
        files = [] if known.removes else [("resolved.nt", conflicts.resolved(found, said))]
        return make.revise(who, id, sending.checked(files, replaces=known.graph), seen=found.head)

    steps: dict[str, Callable[[], object]] = {
        "submit": lambda: make.submit(who, id),
        "withdraw": lambda: make.withdraw(who, id, said.get("text", "")),
        "comment": lambda: make.comment(who, id, said.get("text", "")),
        "return": lambda: make.give_back(who, id, said.get("text", "")),
        "accept": lambda: make.accept(who, id, int(said.get("revision", "0") or 0)),
        "waive": lambda: make.waive(
            who, id, said.get("finding", ""), said.get("text", ""), said.get("expires", "")
        ),
        "revise": revise,
        "resolve": resolve,
    }
    if action not in steps:
        raise BadRequest(Message("there is no action “%(name)s”", name=action[:40]))
    try:
        steps[action]()
    except ValueError:
        raise BadRequest(Message("the body needs “%(name)s”, a number", name="revision")) from None
    except CoiError as error:
        if error.status in (404, 403):
            raise
        return _page(who, id, error)
    return redirect(_page_of(id), 303)


def _page(who: Actor, id: int, wrong: CoiError | None) -> Response:
    found, revision = desk().contributions.get(who, id)
    report = json.loads(revision.report)
    waivers = {one.finding: one for one in desk().contributions.waivers(id)}
    before, after = _contents(found, revision.quads)
    added = sorted(set(after) - set(before), key=str)
    removed = sorted(set(before) - set(after), key=str)
    labels = Labels([*added, *removed])
    own = found.account_id == who.id
    state = State(found.state)
    records, count = review.records(found.graph, after) if state in OPEN else ([], 0)
    conflict = conflicts.versions(found, revision)
    return page(
        "contribution.html",
        who=who,
        one=found,
        revision=revision,
        report=report,
        waivers=waivers,
        open_findings=[key for key in report["blocking"] if key not in waivers],
        added=labelled(added, labels),
        removed=labelled(removed, labels),
        counts=(len(added), len(removed)),
        records=records,
        more_records=count - len(records),
        affected=review.affected(found.graph, before, after, report) if state in OPEN else None,
        conflict=conflict,
        conflict_rows=conflicts.rows(conflict) if conflict else [],
        history=desk().history(id),
        own=own,
        may_review=who.role.includes(Role.REVIEWER) and not own and state is State.SUBMITTED,
        may_submit=own and State.SUBMITTED in FOLLOWING[state],
        may_withdraw=own and State.WITHDRAWN in FOLLOWING[state],
        may_resolve=own and State.DRAFT in FOLLOWING[state],
        may_revise=own and State.DRAFT in FOLLOWING[state] and not found.removes,
        form=Form(),
        wrong=wrong,
        said=request.form if wrong else {},
        status=wrong.status if wrong else 200,
    )


def _contents(found: Contribution, packed: bytes) -> tuple[list[ox.Quad], list[ox.Quad]]:
    """What its graph holds in the public release, and what it will hold."""
    before = opened().lookup.graph(found.graph, _MOST_STATEMENTS)
    if State(found.state) is State.PUBLISHED:
        before = []  # it is there already: what it brought
    return before, [] if found.removes else list(as_kept(unpack(packed, found.graph)))


def _page_of(id: int) -> str:
    return f"/contributions/{id}?lang={language()}"
