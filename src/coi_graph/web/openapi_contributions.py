"""The OpenAPI description of `contributions_api`: sending, reviewing, the audit."""

from __future__ import annotations

from typing import Any

from .. import config
from ..ledger.states import State
from . import upload
from .api_answers import LONGEST_KEY, MOST
from .openapi_parts import CHECKED, SIGNED_IN, Schema, json_answer, path, problems, query, ref
from .openapi_schemas import AFTER, NUMBER, TEXT, list_of, object_of

_ID = path("id", NUMBER)
_REVISION = path("number", NUMBER)
_KEY: Schema = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": (
        "Of the client's own choosing, one for each request. A request that comes again with its "
        "key, because the answer was lost, is no second step: it is answered as things are now. "
        "The key of another request is refused (422)."
    ),
    "schema": {
        "type": "string",
        "minLength": 1,
        "maxLength": LONGEST_KEY,
        "pattern": "^[!-~]+$",
    },
}
_SUBMIT = query("submit", "Submit it at once.", {"enum": ["true", "false"]})
_SEEN = query("seen", "What has changed the record since (`changed_by`): it was looked at.", AFTER)


def paths(settings: config.Config) -> dict[str, Any]:
    """Each of them needs an account."""
    found = _paths(settings)
    for methods in found.values():
        for operation in methods.values():
            operation["security"] = [{"token": []}]
    return found


def _paths(settings: config.Config) -> dict[str, Any]:
    one = "/api/contributions/{id}"
    return {
        "/api/me": {"get": _get("whoAmI", "The account, and what the token may do", "Account")},
        "/api/contributions": {"get": _listed(), "post": _send(settings)},
        one: {
            "get": _get(
                "getContribution",
                "With its newest version, its waivers and its history",
                "WholeContribution",
                _ID,
            )
        },
        f"{one}/changes": {
            "get": _get(
                "getChanges",
                "What its newest version adds to, and removes from, the public release",
                "Changes",
                _ID,
            )
        },
        f"{one}/revisions": {"post": _revise(settings)},
        f"{one}/revisions/{{number}}/file": {"get": _file()},
        f"{one}/revisions/{{number}}/report": {
            "get": _get(
                "getReportOnRevision", "The report on it", "ReportOnRevision", _ID, _REVISION
            )
        },
        f"{one}/removal": {"post": _remove()},
        **{f"{one}/{name}": {"post": step} for name, step in _steps().items()},
        "/api/waivers": {"get": _waivers()},
        "/api/audit": {"get": _audit()},
        "/api/audit.csv": {"get": _audit_csv()},
    }


def _get(operation: str, summary: str, schema: str, *parameters: Schema) -> Schema:
    missing = ("404",) if parameters else ()
    return {
        "operationId": operation,
        "summary": summary,
        "parameters": list(parameters),
        "responses": {
            "200": json_answer("As it is now.", ref(schema)),
            **problems(*SIGNED_IN, *missing),
        },
    }


def _paged(name: str, of: str) -> Schema:
    link = {
        "description": "The address of the next page, `rel=next`; not there on the last one.",
        "schema": {"type": "string"},
    }
    return json_answer("A page.", object_of({name: list_of(ref(of))}), {"Link": link})


def _pages(default: int) -> list[Schema]:
    return [
        query("after", "Only those with a greater number: the last one of the page before.", AFTER),
        query(
            "limit",
            f"Rows of a page: {default} by default, {MOST} at most.",
            {"type": "integer", "minimum": 0, "maximum": 999_999_999},
        ),
    ]


def _listed() -> Schema:
    return {
        "operationId": "listContributions",
        "summary": "Contributions by number, a page at a time",
        "description": "Contributors see their own, reviewers all. Follow the Link header.",
        "parameters": [
            *_pages(50),
            query("state", "Several are possible.", list_of({"enum": [s.value for s in State]})),
            query("own", "Only one's own.", {"enum": ["true", "false"]}),
        ],
        "responses": {
            "200": _paged("contributions", "Contribution"),
            **problems("400", *SIGNED_IN),
        },
    }


def _files(settings: config.Config) -> Schema:
    files = {"files": {"type": "array", "items": {"type": "string", "format": "binary"}}}
    return {
        "required": True,
        "description": (
            "Files that belong together as a form, or one file as the body; at most "
            f"{settings.check_bytes} bytes a file, "
            f"{upload.largest_request(settings.check_bytes)} together."
        ),
        "content": {
            "multipart/form-data": {"schema": {"type": "object", "properties": files}},
            **{kind: {"schema": {}} for kind in upload.MEDIA_TYPES},
            "application/octet-stream": {"schema": {}},
        },
    }


_FILE_NAME = query(
    "filename", "The name of the file that is the body, with its ending.", {"type": "string"}
)
_LOCATION: Schema = {
    "Location": {
        "description": "Where the contribution is.",
        "schema": {"type": "string", "format": "uri"},
    }
}


def _send(settings: config.Config) -> Schema:
    amends = "Number of the contribution whose content this replaces."
    return {
        "operationId": "sendContribution",
        "summary": "Send a contribution: a draft with its report",
        "description": "Nothing that cannot be read is taken: check it at /validate first.",
        "parameters": [_KEY, query("amends", amends, AFTER), _SUBMIT, _FILE_NAME],
        "requestBody": _files(settings),
        "responses": {
            "201": json_answer("It is in the ledger.", ref("SentContribution"), _LOCATION),
            **problems(*SIGNED_IN, *CHECKED, "403", "404", "409", "422"),
        },
    }


def _revise(settings: config.Config) -> Schema:
    return {
        "operationId": "reviseContribution",
        "summary": "Send new content for a contribution that is still open",
        "parameters": [_ID, _KEY, _SEEN, _SUBMIT, _FILE_NAME],
        "requestBody": _files(settings),
        "responses": {
            "200": json_answer("It is in the ledger.", ref("SentContribution"), _LOCATION),
            **problems(*SIGNED_IN, *CHECKED, "403", "404", "409", "422"),
        },
    }


def _remove() -> Schema:
    submit = {"type": "boolean", "description": "Submit it at once."}
    return {
        "operationId": "removeContribution",
        "summary": "A new contribution that takes away what this one says",
        "parameters": [_ID, _KEY],
        "requestBody": _body(object_of({}, submit=submit), required=False),
        "responses": {
            "201": json_answer("It is in the ledger.", ref("SentContribution"), _LOCATION),
            **problems(*SIGNED_IN, *CHECKED, "403", "404", "409", "422"),
        },
    }


def _file() -> Schema:
    return {
        "operationId": "getFile",
        "summary": "The bytes as they were sent; the revision says their media type",
        "parameters": [_ID, _REVISION],
        "responses": {
            "200": {
                "description": "The file.",
                "content": {"application/octet-stream": {"schema": {}}},
            },
            **problems(*SIGNED_IN, "404"),
        },
    }


def _steps() -> dict[str, Schema]:
    day = {"type": "string", "format": "date", "description": "The last day: 2027-06-30."}
    key = {**TEXT, "description": "Key of a result in the report that is a violation."}
    seen = {"type": "integer", "description": "The version that the reviewer has seen."}
    why = object_of({}, reason={**TEXT, "minLength": 0})
    waiver = object_of({"finding": key, "reason": TEXT, "expires": day})
    return {
        "submit": _step("submitContribution", "Submit it for review", None),
        "withdraw": _step("withdrawContribution", "Withdraw it", why),
        "return": _step(
            "returnContribution", "Return it to its sender", object_of({"reason": TEXT})
        ),
        "accept": _step(
            "acceptContribution",
            "Accept it: the next release has it",
            object_of({"revision": seen}),
            "Durable before it is answered. Refused (422) while it has violations that nobody let "
            "pass, in conflict (409) where there is a newer version, or where the record has "
            "changed since. Nobody accepts their own (403).",
        ),
        "waive": _step(
            "waiveFinding", "Let a violation pass, with a reason and a last day", waiver
        ),
        "comment": _step(
            "comment", "Write to its sender, or to its reviewers", object_of({"text": TEXT})
        ),
    }


def _step(operation: str, summary: str, body: Schema | None, description: str = "") -> Schema:
    step: Schema = {
        "operationId": operation,
        "summary": summary,
        "description": description,
        "parameters": [_ID, _KEY],
        "responses": {
            "200": json_answer("As it is now.", ref("Contribution")),
            **problems(*SIGNED_IN, "400", "403", "404", "409", "422"),
        },
    }
    if body is not None:
        step["requestBody"] = _body(body, required=bool(body["required"]))
    return step


def _body(schema: Schema, *, required: bool) -> Schema:
    return {"required": required, "content": {"application/json": {"schema": schema}}}


def _waivers() -> Schema:
    return {
        "operationId": "listWaivers",
        "summary": "What was let pass in what is public or will be, by last day, a page at a time",
        "description": "For reviewers. Here `after` counts rows. Follow the Link header.",
        "parameters": _pages(50),
        "responses": {
            "200": _paged("waivers", "StandingWaiver"),
            **problems("400", "403", *SIGNED_IN),
        },
    }


def _audit() -> Schema:
    return {
        "operationId": "listEvents",
        "summary": "Everything that has happened, oldest first, a page at a time",
        "description": "For administrators. Follow the Link header.",
        "parameters": _pages(200),
        "responses": {"200": _paged("events", "Event"), **problems("400", "403", *SIGNED_IN)},
    }


def _audit_csv() -> Schema:
    return {
        "operationId": "exportEvents",
        "summary": "The same as one CSV file",
        "responses": {
            "200": {
                "description": "The whole history.",
                "content": {"text/csv": {"schema": {"type": "string"}}},
            },
            **problems("403", *SIGNED_IN),
        },
    }
