"""JSON Schemas of what the API takes and gives, but for the report (report.schema.json)."""

from __future__ import annotations

from ..ledger.actor import Scope
from ..ledger.states import Role, State
from .api_answers import LONGEST_TEXT
from .openapi_parts import Schema, ref

NUMBER: Schema = {"type": "integer", "minimum": 1, "maximum": 2_147_483_647}
AFTER: Schema = {"type": "integer", "minimum": 0, "maximum": 999_999_999}
TEXT: Schema = {"type": "string", "minLength": 1, "maxLength": LONGEST_TEXT}
TIME: Schema = {"type": "string", "format": "date-time"}
COUNT: Schema = {"type": "integer", "minimum": 0}


def object_of(required: dict[str, Schema], **more: Schema) -> Schema:
    return {
        "type": "object",
        "required": list(required),
        "properties": {**required, **more},
    }


def or_null(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


def list_of(of: Schema) -> Schema:
    return {"type": "array", "items": of}


_CONTRIBUTION = object_of(
    {
        "id": NUMBER,
        "address": {"type": "string", "format": "uri"},
        "graph": {"type": "string", "format": "uri", "description": "The named graph it is about."},
        "amends": {
            **or_null(NUMBER),
            "description": "The contribution whose content its sender saw; null for a new graph.",
        },
        "removes": {"type": "boolean", "description": "The graph is to be emptied."},
        "state": {"enum": [state.value for state in State]},
        "title": {"type": "string"},
        "revision": {**NUMBER, "description": "Of its newest content."},
        "release": {**or_null(NUMBER), "description": "That published it."},
        "created_at": TIME,
        "changed_at": TIME,
    }
)
SCHEMAS: dict[str, Schema] = {
    "Contribution": _CONTRIBUTION,
    "Revision": object_of(
        {
            "number": NUMBER,
            "file": {"type": "string"},
            "media_type": {"type": "string"},
            "bytes": COUNT,
            "sha256": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
            "statements": COUNT,
            "violations": {**COUNT, "description": "Findings that block."},
            "warnings": COUNT,
            "checked_release": COUNT,
            "sent_at": TIME,
        }
    ),
    "SentContribution": {"allOf": [ref("Contribution"), object_of({"newest": ref("Revision")})]},
    "WholeContribution": {
        "allOf": [
            ref("SentContribution"),
            object_of(
                {
                    "changed_by": {
                        **or_null(NUMBER),
                        "description": "The contribution that changed the record since this one "
                        "began: a conflict. A new version rests on what there is now.",
                    },
                    "waivers": list_of(ref("Waiver")),
                    "history": list_of(ref("Event")),
                }
            ),
        ]
    },
    "Waiver": object_of(
        {
            "finding": {"type": "string", "description": "Key of the result in the report."},
            "reason": {"type": "string"},
            "expires": {"type": "string", "format": "date"},
            "at": TIME,
        }
    ),
    "StandingWaiver": {"allOf": [ref("Waiver"), object_of({"contribution": NUMBER})]},
    "Event": object_of(
        {
            "id": NUMBER,
            "at": TIME,
            "kind": {"type": "string"},
            "account": {**or_null({"type": "string"}), "description": "null: the publisher."},
            "contribution": or_null(NUMBER),
            "revision": or_null(NUMBER),
            "text": {"type": "string"},
            "details": {"type": "object"},
        }
    ),
    "Account": object_of(
        {
            "name": {"type": "string"},
            "role": {"enum": [role.value for role in Role]},
            "scopes": {
                **or_null(list_of({"enum": [scope.value for scope in Scope]})),
                "description": "Of the token; null for a person who is signed in.",
            },
        }
    ),
    "Changes": object_of(
        {
            "release": COUNT,
            "graph": {"type": "string", "format": "uri"},
            "added": list_of({"type": "string", "description": "N-Triples"}),
            "removed": list_of({"type": "string", "description": "N-Triples"}),
        }
    ),
}


def report_on_revision(report: Schema) -> Schema:
    """The schema of a report as the ledger keeps it: it says besides what blocks."""
    keys = {**list_of({"type": "string"}), "description": "Keys of the results that block."}
    return {
        **report,
        "properties": {**report["properties"], "blocking": keys},
        "required": [*report["required"], "blocking"],
    }
