"""What requests of the API ask for, and answers to them: the parts that its routes share."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from flask import Response, request

from ..errors import BadRequest
from ..i18n import Message
from ..ledger.states import State
from .entities import addresses

if TYPE_CHECKING:
    from ..ledger.schema import Contribution, Revision, Waiver

#: Of a contribution and a version: what a database column holds, in a path of Flask's.
WHOLE = "int(max=2147483647)"
MOST = 200  # rows of a page
LONGEST_KEY = 100
LONGEST_TEXT = 10_000


def describe(one: Contribution) -> dict[str, Any]:
    return {
        "id": one.id,
        "address": address(one.id),
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


def describe_revision(one: Revision) -> dict[str, Any]:
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


def describe_waiver(one: Waiver) -> dict[str, Any]:
    return {
        "finding": one.finding,
        "reason": one.reason,
        "expires": one.expires_on,
        "at": one.at,
    }


def address(id: int) -> str:
    return addresses().absolute(f"/api/contributions/{id}")


def answer(document: dict[str, Any], status: int = 200, more: str | None = None) -> Response:
    """``more``: the address of the next page (RFC 8288)."""
    body = json.dumps(document, ensure_ascii=False, indent=1)
    response = private(Response(body, status, content_type="application/json"))
    if more is not None:
        response.headers["Link"] = f'<{more}>; rel="next"'
    return response


def private(response: Response) -> Response:
    response.cache_control.no_store = True
    return response


def page_of(rows: list[Any], name: str, limit: int) -> tuple[list[Any], str | None]:
    """The first ``limit`` of ``rows``, and the address of what follows where there are more. A row
    has its number as ``id``, or under that key."""
    if len(rows) <= limit:
        return rows, None
    last = rows[limit - 1]
    more = request.args.copy()
    more["after"] = str(last["id"] if isinstance(last, dict) else last.id)
    query = urlencode(list(more.items(multi=True)))
    return rows[:limit], addresses().absolute(f"/api/{name}?{query}")


def asked_limit(default: int) -> int:
    return min(asked_number("limit", default) or 1, MOST)


def asked_number(name: str, default: int) -> int:
    value = request.args.get(name)
    if value is None:
        return default
    if not (value.isascii() and value.isdigit() and len(value) <= 9):
        raise BadRequest(Message("“%(name)s” takes a number", name=name))
    return int(value)


def asked_state(name: str) -> State:
    try:
        return State(name)
    except ValueError:
        raise BadRequest(
            Message("there is no state “%(name)s”", name=name[:40]),
            remedy=Message("The states are: %(names)s", names=", ".join(State)),
        ) from None


def json_body() -> dict[str, Any]:
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


def said_text(said: dict[str, Any], name: str, *, needed: bool = True) -> str:
    value = said.get(name, "" if not needed else None)
    if not isinstance(value, str) or len(value) > LONGEST_TEXT or not _is_text(value):
        raise BadRequest(Message("the body needs “%(name)s”, a text", name=name))
    return value


def _is_text(value: str) -> bool:
    """Whether every database takes it: no NUL, no half of a surrogate pair."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return "\x00" not in value


def said_whole(said: dict[str, Any], name: str) -> int:
    value = said.get(name)
    if not isinstance(value, int) or isinstance(value, bool):
        raise BadRequest(Message("the body needs “%(name)s”, a number", name=name))
    return value
