"""Pages of the contributor and the reviewer: what was sent, what it changes, and the decision."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyoxigraph as ox
from flask import Blueprint, Response, redirect, request
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as WerkzeugResponse

from ..description.view import Link, Value
from ..errors import BadRequest, CoiError
from ..i18n import Message
from ..ledger.actor import Actor
from ..ledger.content import unpack
from ..ledger.states import FOLLOWING, Role, State
from ..namespaces import DCT, RDFS, SKOS
from . import identity, sending
from .accounts import page
from .desk import desk
from .negotiation import language, opened

if TYPE_CHECKING:
    from ..ledger.schema import Contribution

contributions = Blueprint("contributions", __name__, url_prefix="/contributions")

_PAGE = 50
_MOST_STATEMENTS = 100_000  # of a graph
_SHOWN = 500  # statements of a change on the page
_NAMES = (SKOS + "prefLabel", DCT + "title", RDFS + "label")


class Form(FlaskForm):  # type: ignore[misc]
    """Nothing but the token that says where the form comes from."""


@dataclass(frozen=True, slots=True)
class Statement:
    """One line of a change, with labels."""

    subject: Link
    predicate: Link
    value: Value


@contributions.get("/")
def listed() -> Response | WerkzeugResponse:
    """One's own, or with ``?queue`` everything that waits for a review."""
    who = identity.actor()
    if who is None:
        return _to_sign_in()
    is_reviewer = who.role.includes(Role.REVIEWER)
    queue = is_reviewer and "queue" in request.args
    wanted = [State(one) for one in request.args.getlist("state") if one in set(State)]
    if queue and not wanted:
        wanted = [State.SUBMITTED]
    after = request.args.get("after", "0")
    found = desk().contributions.listed(
        who,
        states=wanted,
        after=int(after) if after.isascii() and after.isdigit() and len(after) < 10 else 0,
        limit=_PAGE + 1,
        own=not queue,
    )
    return page(
        "contributions.html",
        who=who,
        queue=queue,
        is_reviewer=is_reviewer,
        found=found[:_PAGE],
        more=found[_PAGE - 1].id if len(found) > _PAGE else None,
        wanted=wanted,
        states=list(State),
    )


@contributions.route("/new", methods=["GET", "POST"])
def new() -> Response | WerkzeugResponse:
    """A file as a contribution; ``?amends=N`` replaces what N says."""
    who = identity.actor()
    if who is None:
        return _to_sign_in()
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


@contributions.get("/<int:id>")
def show(id: int) -> Response | WerkzeugResponse:
    who = identity.actor()
    if who is None:
        return _to_sign_in()
    return _page(who, id, None)


@contributions.post("/<int:id>/<action>")
def act(id: int, action: str) -> Response | WerkzeugResponse:
    """One step; what it refuses is said on the contribution's page, with what was written."""
    who, make, said = identity.signed_in(), desk().contributions, request.form

    def revise() -> object:
        known, _ = make.get(who, id)
        content, _ = sending.content(replaces=known.graph if known.base_id else None)
        return make.revise(who, id, content)

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
    added, removed = _change(found, revision.quads)
    own = found.account_id == who.id
    state = State(found.state)
    return page(
        "contribution.html",
        who=who,
        one=found,
        revision=revision,
        report=report,
        waivers=waivers,
        open_findings=[key for key in report["blocking"] if key not in waivers],
        added=_labelled(added, [*added, *removed]),
        removed=_labelled(removed, [*added, *removed]),
        counts=(len(added), len(removed)),
        history=desk().history(id),
        own=own,
        may_review=who.role.includes(Role.REVIEWER) and not own and state is State.SUBMITTED,
        may_submit=own and State.SUBMITTED in FOLLOWING[state],
        may_withdraw=own and State.WITHDRAWN in FOLLOWING[state],
        may_revise=own and State.DRAFT in FOLLOWING[state] and not found.removes,
        form=Form(),
        wrong=wrong,
        said=request.form if wrong else {},
        status=wrong.status if wrong else 200,
    )


def _change(found: Contribution, packed: bytes) -> tuple[list[ox.Quad], list[ox.Quad]]:
    """What it adds to the public release, and takes from it."""
    before = set(opened().lookup.graph(found.graph, _MOST_STATEMENTS))
    after = set() if found.removes else set(unpack(packed, found.graph))
    if State(found.state) is State.PUBLISHED:
        before = set()  # it is there already: what it brought
    return sorted(after - before, key=str), sorted(before - after, key=str)


def _labelled(quads: Sequence[ox.Quad], all_quads: Sequence[ox.Quad]) -> list[Statement]:
    """With the names of the release, and those that the change itself gives."""
    own: dict[str, dict[str, str]] = {}
    for quad in all_quads:
        if quad.predicate.value in _NAMES and isinstance(quad.object, ox.Literal):
            names = own.setdefault(str(quad.subject), {})
            names.setdefault(quad.object.language or "", quad.object.value)
    describer = opened().describer

    def link(node: ox.NamedNode) -> Link:
        found = describer.link(node.value)
        if found.labels:
            return found
        return Link(node.value, own.get(str(node), {}), None)  # it has no page yet

    rows = []
    for quad in quads[:_SHOWN]:
        if not isinstance(quad.subject, ox.NamedNode):
            continue  # a release has none
        value = quad.object
        if isinstance(value, ox.Literal):
            shown = Value(
                text=value.value,
                language=value.language or "",
                datatype="" if value.language else value.datatype.value,
            )
        elif isinstance(value, ox.NamedNode):
            shown = Value(link=link(value))
        else:
            continue
        rows.append(Statement(link(quad.subject), link(quad.predicate), shown))
    return rows


def _page_of(id: int) -> str:
    return f"/contributions/{id}?lang={language()}"


def _to_sign_in() -> WerkzeugResponse:
    return redirect(f"/sign-in?lang={language()}&next={request.path}", 303)
