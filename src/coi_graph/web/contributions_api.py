"""``/api/contributions``: send, follow and review contributions from a program.

Every answer is JSON, every error problem+json. A request that is sent again because its answer was
lost is one request: send an Idempotency-Key. What is here is described in `openapi_contributions`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, request

from ..errors import BadRequest
from ..i18n import Message
from ..ledger.actor import Actor, Scope
from ..ledger.content import unpack
from ..ledger.errors import other_request
from ..ledger.states import Role, State
from ..store import as_kept
from . import identity, sending
from .api_answers import (
    LONGEST_KEY,
    WHOLE,
    address,
    answer,
    asked_limit,
    asked_number,
    asked_state,
    describe,
    describe_revision,
    describe_waiver,
    json_body,
    page_of,
    private,
    said_text,
    said_whole,
)
from .desk import desk
from .negotiation import opened

if TYPE_CHECKING:
    from ..ledger.schema import Contribution

contributions_api = Blueprint("contributions_api", __name__, url_prefix="/api")

_ONE = f"/contributions/<{WHOLE}:id>"
_REVISION = f"{_ONE}/revisions/<{WHOLE}:number>"
_MOST_STATEMENTS = 100_000  # of a graph
#: A step's name in its address → the kind of its event.
EVENTS = {
    "submit": "submitted",
    "withdraw": "withdrawn",
    "return": "returned",
    "accept": "accepted",
    "waive": "waived",
    "comment": "commented",
}


@contributions_api.get("/me")
def me() -> Response:
    who = identity.signed_in()
    scopes = sorted(who.scopes) if who.scopes is not None else None
    return answer({"name": who.name, "role": who.role, "scopes": scopes})


@contributions_api.get("/contributions")
def listed() -> Response:
    """By number; ``after`` and ``limit`` page, ``state`` (several) filters."""
    who, limit = identity.signed_in(), asked_limit(50)
    found = desk().contributions.listed(
        who, states=[asked_state(name) for name in request.args.getlist("state")],
        after=asked_number("after", 0), limit=limit + 1, own=request.args.get("own") == "true",
    )  # fmt: skip
    found, more = page_of(found, "contributions", limit)
    return answer({"contributions": [describe(one) for one in found]}, more=more)


@contributions_api.post("/contributions")
def send() -> Response:
    """A new one; ``amends=N`` replaces what contribution N says, ``submit=true`` submits it."""
    who, key = identity.signed_in(), _key()
    amends = asked_number("amends", 0) or None
    content, fields = sending.content(replaces=_graph(amends))
    made = desk().contributions.begin(who, content, amends=amends, idempotency_key=key)
    return _sent(made, fields, 201)


@contributions_api.post(f"{_ONE}/revisions")
def revise(id: int) -> Response:
    """New content for one that is still open. Where another contribution has changed the record
    since, ``seen=N`` says that this was looked at."""
    who, known = _once(id, "revised")
    if known is not None:
        return _sent(known, request.args, 200)
    known, _ = desk().contributions.get(who, id)
    content, fields = sending.content(replaces=known.graph if known.base_id else None)
    seen = asked_number("seen", 0) or None
    return _sent(desk().contributions.revise(who, id, content, seen=seen), fields, 200)


@contributions_api.post(f"{_ONE}/removal")
def remove(id: int) -> Response:
    """A new one that takes away what contribution N says."""
    who, key, said = identity.signed_in(), _key(), json_body()
    content = sending.checked([], replaces=_graph(id))
    made = desk().contributions.begin(who, content, amends=id, removes=True, idempotency_key=key)
    return _sent(made, said, 201)


@contributions_api.get(_ONE)
def show(id: int) -> Response:
    """With its newest revision, its waivers and its history."""
    found, revision = desk().contributions.get(identity.signed_in(), id)
    return answer(
        {
            **describe(found),
            "newest": describe_revision(revision),
            "changed_by": desk().contributions.changed_by([found]).get(found.id),
            "waivers": [describe_waiver(one) for one in desk().contributions.waivers(id)],
            "history": desk().history(id),
        }
    )


@contributions_api.get(f"{_REVISION}/file")
def file(id: int, number: int) -> Response:
    """The bytes as they were sent. A browser saves them; it does not show a stranger's file, nor
    does a program take it for what its sender called it: that is the revision's ``media_type``."""
    revision = desk().contributions.revision(identity.signed_in(), id, number)
    response = Response(revision.data, content_type="application/octet-stream")
    response.headers.set("Content-Disposition", "attachment", filename=revision.file)
    return private(response)


@contributions_api.get(f"{_REVISION}/report")
def report(id: int, number: int) -> Response:
    revision = desk().contributions.revision(identity.signed_in(), id, number)
    return private(Response(revision.report, content_type="application/json"))


@contributions_api.get(f"{_ONE}/changes")
def changes(id: int) -> Response:
    """What the newest revision would add to, and remove from, the release that is public now."""
    found, revision = desk().contributions.get(identity.signed_in(), id)
    before = set(opened().lookup.graph(found.graph, _MOST_STATEMENTS))
    after = set() if found.removes else set(as_kept(unpack(revision.quads, found.graph)))
    return answer(
        {
            "release": opened().number,
            "graph": found.graph,
            "added": sorted(f"{quad.triple} ." for quad in after - before),
            "removed": sorted(f"{quad.triple} ." for quad in before - after),
        }
    )


@contributions_api.post(f"{_ONE}/<any({', '.join(EVENTS)}):action>")
def act(id: int, action: str) -> Response:
    """``submit``, ``withdraw``, ``return``, ``accept``, ``waive`` or ``comment``."""
    (who, known), said, make = _once(id, EVENTS[action]), json_body(), desk().contributions
    if known is not None:
        return answer(describe(known))

    def waive() -> Contribution:
        finding, reason = said_text(said, "finding"), said_text(said, "reason")
        make.waive(who, id, finding, reason, said_text(said, "expires"))
        return make.get(who, id)[0]

    def comment() -> Contribution:
        make.comment(who, id, said_text(said, "text"))
        return make.get(who, id)[0]

    actions: dict[str, Callable[[], Contribution]] = {
        "submit": lambda: make.submit(who, id),
        "withdraw": lambda: make.withdraw(who, id, said_text(said, "reason", needed=False)),
        "return": lambda: make.give_back(who, id, said_text(said, "reason")),
        "accept": lambda: make.accept(who, id, said_whole(said, "revision")),
        "waive": waive,
        "comment": comment,
    }
    return answer(describe(actions[action]()))


@contributions_api.get("/waivers")
def waivers() -> Response:
    """What was let pass in what is public or will be, by last day; ``after`` rows are left out."""
    who, limit, after = identity.signed_in(), asked_limit(50), asked_number("after", 0)
    found = desk().contributions.standing_waivers(who, after, limit + 1)
    rows = [
        {"id": after + number, **describe_waiver(waiver), "contribution": contribution.id}
        for number, (waiver, contribution, _) in enumerate(found, 1)
    ]
    rows, more = page_of(rows, "waivers", limit)
    shown = [{name: value for name, value in row.items() if name != "id"} for row in rows]
    return answer({"waivers": shown}, more=more)


@contributions_api.get("/audit")
def audit() -> Response:
    """Everything that happened, oldest first; ``after`` and ``limit`` page. For administrators."""
    identity.signed_in().must(Role.ADMINISTRATOR, Scope.ADMINISTER)
    limit = asked_limit(200)
    found, more = page_of(desk().events(asked_number("after", 0), limit + 1), "audit", limit)
    return answer({"events": found}, more=more)


@contributions_api.get("/audit.csv")
def audit_csv() -> Response:
    identity.signed_in().must(Role.ADMINISTRATOR, Scope.ADMINISTER)
    return private(Response(desk().events_as_csv(), content_type="text/csv"))


def _key() -> str | None:
    key = request.headers.get("Idempotency-Key")
    if key is not None and not (1 <= len(key) <= LONGEST_KEY and key.isascii()):
        raise BadRequest(
            Message("an Idempotency-Key has 1 to %(most)s ASCII characters", most=LONGEST_KEY)
        )
    return key


def _once(id: int, kind: str) -> tuple[Actor, Contribution | None]:
    """Who asks, for a step whose event has that ``kind``; and the contribution, where the same
    request has taken that step already. Raises `Refused` for a key of another request."""
    who, key = identity.signed_in(), _key()
    if key is None:
        return who, None
    taken = desk().contributions.step_of(who, key)
    if taken is None:
        return replace(who, idempotency_key=key), None
    if taken != (kind, id):
        raise other_request()
    return who, desk().contributions.get(who, id)[0]


def _sent(made: Contribution, fields: Mapping[str, Any], status: int) -> Response:
    if fields.get("submit") in ("true", True) and State(made.state) is State.DRAFT:
        made = desk().contributions.submit(identity.signed_in(), made.id)
    _, revision = desk().contributions.get(identity.signed_in(), made.id)
    response = answer({**describe(made), "newest": describe_revision(revision)}, status)
    response.headers["Location"] = address(made.id)
    return response


def _graph(amends: int | None) -> str | None:
    return desk().contributions.graph_of(amends) if amends else None
