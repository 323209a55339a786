"""``/api/contributions``: send, follow and review contributions from a program.

Every answer is JSON, every error problem+json. What happened twice because an answer was lost is
one contribution: send an Idempotency-Key.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from flask import Blueprint, Response, request, url_for

from ..errors import BadRequest
from ..i18n import Message
from ..ledger.actor import Scope
from ..ledger.content import unpack
from ..ledger.states import Role, State
from . import identity, sending
from .desk import desk
from .entities import addresses
from .negotiation import opened

if TYPE_CHECKING:
    from ..ledger.schema import Contribution, Revision, Waiver

contributions_api = Blueprint("contributions_api", __name__, url_prefix="/api")

_MOST = 200
_LONGEST_KEY = 100
_MOST_STATEMENTS = 100_000  # of a graph


@contributions_api.get("/me")
def me() -> Response:
    who = identity.signed_in()
    scopes = sorted(who.scopes) if who.scopes is not None else None
    return _answer({"name": who.name, "role": who.role, "scopes": scopes})


@contributions_api.get("/contributions")
def listed() -> Response:
    """By number; ``after`` and ``limit`` page, ``state`` (several) filters."""
    who = identity.signed_in()
    after, limit = _number("after", 0), min(_number("limit", 50) or 1, _MOST)
    found = desk().contributions.listed(
        who, states=[_state(name) for name in request.args.getlist("state")],
        after=after, limit=limit + 1, own=request.args.get("own") == "true",
    )  # fmt: skip
    response = _answer({"contributions": [_describe(one) for one in found[:limit]]})
    if len(found) > limit:
        more = request.args.copy()
        more["after"] = str(found[limit - 1].id)
        query = urlencode(list(more.items(multi=True)))
        address = addresses().absolute(f"/api/contributions?{query}")
        response.headers["Link"] = f'<{address}>; rel="next"'
    return response


@contributions_api.post("/contributions")
def send() -> Response:
    """A new one; ``amends=N`` replaces what contribution N says, ``submit=true`` submits it."""
    who = identity.signed_in()
    key = request.headers.get("Idempotency-Key")
    if key is not None and not 1 <= len(key) <= _LONGEST_KEY:
        raise BadRequest(
            Message("an Idempotency-Key has 1 to %(most)s characters", most=_LONGEST_KEY)
        )
    amends = _number("amends", 0) or None
    content, fields = sending.content(replaces=_graph(amends))
    made = desk().contributions.begin(who, content, amends=amends, idempotency_key=key)
    return _sent(made, fields, 201)


@contributions_api.post("/contributions/<int:id>/revisions")
def revise(id: int) -> Response:
    """New content for one that is still open."""
    who = identity.signed_in()
    known, _ = desk().contributions.get(who, id)
    content, fields = sending.content(replaces=known.graph if known.base_id else None)
    return _sent(desk().contributions.revise(who, id, content), fields, 200)


@contributions_api.post("/contributions/<int:id>/removal")
def remove(id: int) -> Response:
    """A new one that takes away what contribution N says."""
    who = identity.signed_in()
    content = sending.checked([], replaces=_graph(id))
    made = desk().contributions.begin(who, content, amends=id, removes=True)
    return _sent(made, _body(), 201)


@contributions_api.get("/contributions/<int:id>")
def show(id: int) -> Response:
    """With its newest revision, its waivers and its history."""
    who = identity.signed_in()
    found, revision = desk().contributions.get(who, id)
    return _answer(
        {
            **_describe(found),
            "newest": _describe_revision(revision),
            "waivers": [_describe_waiver(one) for one in desk().contributions.waivers(id)],
            "history": desk().history(id),
        }
    )


@contributions_api.get("/contributions/<int:id>/revisions/<int:number>/file")
def file(id: int, number: int) -> Response:
    """The bytes as they were sent. A browser saves them; it does not show a stranger's file."""
    revision = desk().contributions.revision(identity.signed_in(), id, number)
    response = Response(revision.data, content_type=revision.media_type)
    response.headers.set("Content-Disposition", "attachment", filename=revision.file)
    return _private(response)


@contributions_api.get("/contributions/<int:id>/revisions/<int:number>/report")
def report(id: int, number: int) -> Response:
    revision = desk().contributions.revision(identity.signed_in(), id, number)
    return _private(Response(revision.report, content_type="application/json"))


@contributions_api.get("/contributions/<int:id>/changes")
def changes(id: int) -> Response:
    """What the newest revision would add to, and remove from, the release that is public now."""
    found, revision = desk().contributions.get(identity.signed_in(), id)
    before = set(opened().lookup.graph(found.graph, _MOST_STATEMENTS))
    after = set() if found.removes else set(unpack(revision.quads, found.graph))
    return _answer(
        {
            "release": opened().number,
            "graph": found.graph,
            "added": sorted(f"{quad.triple} ." for quad in after - before),
            "removed": sorted(f"{quad.triple} ." for quad in before - after),
        }
    )


@contributions_api.post("/contributions/<int:id>/<action>")
def act(id: int, action: str) -> Response:
    """``submit``, ``withdraw``, ``return``, ``accept``, ``waive`` or ``comment``."""
    who, said, make = identity.signed_in(), _body(), desk().contributions

    def waive() -> Contribution:
        make.waive(who, id, _text(said, "finding"), _text(said, "reason"), _text(said, "expires"))
        return make.get(who, id)[0]

    def comment() -> Contribution:
        make.comment(who, id, _text(said, "text"))
        return make.get(who, id)[0]

    actions: dict[str, Callable[[], Contribution]] = {
        "submit": lambda: make.submit(who, id),
        "withdraw": lambda: make.withdraw(who, id, _text(said, "reason", needed=False)),
        "return": lambda: make.give_back(who, id, _text(said, "reason")),
        "accept": lambda: make.accept(who, id, _whole(said, "revision")),
        "waive": waive,
        "comment": comment,
    }
    if action not in actions:
        raise BadRequest(
            Message("there is no action “%(name)s”", name=action[:40]),
            remedy=Message("The actions are: %(names)s", names=", ".join(actions)),
        )
    return _answer(_describe(actions[action]()))


@contributions_api.get("/audit")
def audit() -> Response:
    """Everything that happened, oldest first; ``after`` and ``limit`` page. For administrators."""
    identity.signed_in().must(Role.ADMINISTRATOR, Scope.ADMINISTER)
    after, limit = _number("after", 0), min(_number("limit", 200) or 1, _MOST)
    found = desk().events(after, limit)
    response = _answer({"events": found})
    if len(found) == limit:
        more = url_for("contributions_api.audit", after=found[-1]["id"], limit=limit)
        response.headers["Link"] = f'<{addresses().absolute(more)}>; rel="next"'
    return response


@contributions_api.get("/audit.csv")
def audit_csv() -> Response:
    identity.signed_in().must(Role.ADMINISTRATOR, Scope.ADMINISTER)
    return _private(Response(desk().events_as_csv(), content_type="text/csv"))


def _sent(made: Contribution, fields: dict[str, str], status: int) -> Response:
    if fields.get("submit") == "true" and State(made.state) is State.DRAFT:
        made = desk().contributions.submit(identity.signed_in(), made.id)
    _, revision = desk().contributions.get(identity.signed_in(), made.id)
    response = _answer({**_describe(made), "newest": _describe_revision(revision)}, status)
    response.headers["Location"] = _address(made.id)
    return response


def _describe(one: Contribution) -> dict[str, Any]:
    return {
        "id": one.id,
        "address": _address(one.id),
        "graph": one.graph,
        "amends": one.base_id,
        "removes": one.removes,
        "state": one.state,
        "title": one.title,
        "revision": one.revision,
        "release": one.release,
        "created_at": one.created_at,
        "changed_at": one.changed_at,
    }


def _describe_revision(one: Revision) -> dict[str, Any]:
    return {
        "number": one.number,
        "file": one.file,
        "media_type": one.media_type,
        "bytes": len(one.data),
        "sha256": one.sha256,
        "statements": one.quad_count,
        "violations": one.violations,
        "warnings": one.warnings,
        "checked_release": one.checked_release,
        "sent_at": one.sent_at,
    }


def _describe_waiver(one: Waiver) -> dict[str, Any]:
    return {
        "finding": one.finding,
        "reason": one.reason,
        "expires": one.expires_on,
        "at": one.at,
    }


def _address(id: int) -> str:
    return addresses().absolute(f"/api/contributions/{id}")


def _graph(amends: int | None) -> str | None:
    return desk().contributions.graph_of(amends) if amends else None


def _answer(document: dict[str, Any], status: int = 200) -> Response:
    body = json.dumps(document, ensure_ascii=False, indent=1)
    return _private(Response(body, status, content_type="application/json"))


def _private(response: Response) -> Response:
    response.cache_control.no_store = True
    return response


def _number(name: str, default: int) -> int:
    value = request.args.get(name)
    if value is None:
        return default
    if not (value.isascii() and value.isdigit() and len(value) <= 9):
        raise BadRequest(Message("“%(name)s” takes a number", name=name))
    return int(value)


def _state(name: str) -> State:
    try:
        return State(name)
    except ValueError:
        raise BadRequest(
            Message("there is no state “%(name)s”", name=name[:40]),
            remedy=Message("The states are: %(names)s", names=", ".join(State)),
        ) from None


def _body() -> dict[str, Any]:
    """A JSON object, or nothing."""
    data = request.get_data()
    if not data:
        return {}
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise BadRequest(Message("the body is no JSON object"))
    return found


def _text(said: dict[str, Any], name: str, *, needed: bool = True) -> str:
    value = said.get(name, "" if not needed else None)
    if not isinstance(value, str) or len(value) > 10_000 or "\x00" in value:
        raise BadRequest(Message("the body needs “%(name)s”, a text", name=name))
    return value


def _whole(said: dict[str, Any], name: str) -> int:
    value = said.get(name)
    if not isinstance(value, int) or isinstance(value, bool):
        raise BadRequest(Message("the body needs “%(name)s”, a number", name=name))
    return value
