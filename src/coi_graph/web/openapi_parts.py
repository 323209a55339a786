"""Pieces of the OpenAPI description that several of its paths use."""

from __future__ import annotations

from typing import Any

from .errors import PROBLEM

Schema = dict[str, Any]

_PROBLEMS = {
    "400": "Nothing was sent, or the request cannot be understood.",
    "401": "There is no account: send `Authorization: Bearer TOKEN`.",
    "403": "The account's role, or the token's scope, does not reach so far; or it is one's own.",
    "404": "There is no such thing, or not for this account.",
    "406": "None of the accepted forms exists.",
    "409": "It does not fit the state of things; the problem's members say what is in the way.",
    "410": "It is not kept any more.",
    "413": "What was sent is too large; the limits are settings of the server.",
    "415": "This media type is not taken.",
    "422": "It cannot go on as it is; or the Idempotency-Key came with another request before.",
    "429": "Your share of the checks is used up; Retry-After says when to come back.",
    "503": "Too many checks are waiting, or the ledger cannot be used; Retry-After where known.",
    "504": "The check took too long.",
    "507": "The check needed too much memory.",
}
#: What every request to the ledger may be answered.
SIGNED_IN = ("401", "503")
#: What every check of files may be answered.
CHECKED = ("400", "413", "415", "429", "503", "504", "507")

PROBLEM_SCHEMA: Schema = {
    "type": "object",
    "description": "RFC 9457. Other members depend on the problem.",
    "required": ["type", "title", "status", "detail", "instance", "messages"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "remedy": {"type": "string", "description": "How to mend it."},
        "instance": {"type": "string"},
        "messages": {
            "type": "object",
            "description": "detail in both languages",
            "required": ["da", "en"],
            "additionalProperties": {"type": "string"},
        },
    },
}

LANGUAGE: Schema = {
    "name": "lang",
    "in": "query",
    "description": "Language, where Accept-Language is not to decide.",
    "schema": {"enum": ["da", "en"]},
}


def path(name: str, schema: Schema) -> Schema:
    return {"name": name, "in": "path", "required": True, "schema": schema}


def query(name: str, description: str, schema: Schema) -> Schema:
    return {"name": name, "in": "query", "description": description, "schema": schema}


def ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def json_answer(description: str, schema: Schema, headers: Schema | None = None) -> Schema:
    content = {"application/json": {"schema": schema}}
    return {"description": description, "content": content, "headers": headers or {}}


def problem(description: str) -> Schema:
    answer: Schema = {
        "description": description,
        "content": {PROBLEM.media_type: {"schema": ref("Problem")}},
    }
    return answer


def problems(*statuses: str) -> Schema:
    return {status: problem(_PROBLEMS[status]) for status in sorted(set(statuses))}


def embedded(schema: Schema, name: str) -> Schema:
    """``schema`` and its definitions, as components called ``name`` and ``name.definition``: no
    reader has to fetch anything. (RFC 3986 references inside it are rewritten.)"""
    definitions = schema.get("$defs", {})
    own = {key: value for key, value in schema.items() if key not in ("$defs", "$id", "$schema")}
    named = {name: own, **{f"{name}.{key}": value for key, value in definitions.items()}}
    found: Schema = _with_references(named, f"#/components/schemas/{name}.")
    return found


def _with_references(value: Any, before: str) -> Any:
    if isinstance(value, list):
        return [_with_references(one, before) for one in value]
    if not isinstance(value, dict):
        return value
    return {
        key: before + one.removeprefix("#/$defs/")
        if key == "$ref" and isinstance(one, str)
        else _with_references(one, before)
        for key, one in value.items()
    }
