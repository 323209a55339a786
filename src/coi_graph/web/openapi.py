"""The API for programs: OpenAPI 3.1 (https://spec.openapis.org/oas/v3.1.0), and a page of it."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, current_app, render_template

from .. import __version__, config
from .. import validation as validation_package
from ..media import HTML
from . import openapi_contributions, upload
from .entities import addresses
from .negotiation import finish
from .openapi_parts import (
    CHECKED,
    LANGUAGE,
    PROBLEM_SCHEMA,
    embedded,
    path,
    problem,
    problems,
    query,
    ref,
)
from .openapi_schemas import SCHEMAS, report_on_revision
from .validation import FORMS

api = Blueprint("api", __name__)

_SCHEMA_FILE = Path(validation_package.__file__).parent / "report.schema.json"
_NAME = {"type": "string", "pattern": "^[0-9a-f]{32}$"}
_COMMON = (
    LANGUAGE,
    query(
        "format", "Form, where Accept is not to decide.", {"enum": [form.name for form in FORMS]}
    ),
)


@cache
def schema() -> dict[str, Any]:
    """The JSON Schema of a report."""
    found: dict[str, Any] = json.loads(_SCHEMA_FILE.read_text(encoding="utf-8"))
    return found


@api.get("/schema/validation-report")
def report_schema() -> Response:
    """The JSON Schema that the `$schema` of every report names."""
    response = Response(json.dumps(schema(), indent=1), content_type="application/schema+json")
    return finish(response, HTML, negotiated=False, tag="schema")


@api.get("/api/openapi.json")
def openapi() -> Response:
    response = Response(
        json.dumps(description(), ensure_ascii=False, indent=1),
        content_type="application/vnd.oai.openapi+json;version=3.1",
    )
    return finish(response, HTML, negotiated=False, tag="openapi")


@api.get("/api/")
def page() -> Response:
    """The same, to be read."""
    response = Response(
        render_template("api.html", api=description(), canonical=addresses().absolute("/api/")),
        content_type=HTML.content_type,
    )
    return finish(response, HTML, negotiated=False)


def description() -> dict[str, Any]:
    """The OpenAPI document, for this server's settings."""
    settings: config.Config = current_app.extensions["coi-config"]
    report = embedded(schema(), "Report")
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "coi-graph",
            "version": __version__,
            "summary": "Check contributed files, send them, review them.",
            "license": {"name": "CC BY 4.0", "identifier": "CC-BY-4.0"},
        },
        "servers": [{"url": addresses().absolute("/").rstrip("/")}],
        "paths": {
            "/validate": {"get": _form(), "post": _check(settings)},
            "/validate/report/{id}": {
                "get": {
                    "operationId": "getReport",
                    "summary": "A report that is kept, in the form that Accept asks for",
                    "parameters": [path("id", _NAME), *_COMMON],
                    "responses": {
                        "200": _report("The report."),
                        **problems("400", "406", "410"),
                        "404": problem("There is no such report."),
                    },
                }
            },
            "/validate/report/{id}/delete": {
                "post": {
                    "operationId": "deleteReport",
                    "summary": "Delete a report, and what is kept of the files, before its time",
                    "parameters": [path("id", _NAME)],
                    "responses": {
                        "200": {
                            "description": "It has been deleted.",
                            "content": {"text/html": {"schema": {"type": "string"}}},
                        },
                        **problems("410"),
                        "404": problem("There is no such report."),
                    },
                }
            },
            "/validate/templates/{kind}.{form}": {
                "get": {
                    "operationId": "getTemplate",
                    "summary": "An empty table for one kind of record",
                    "parameters": [
                        path("kind", {"type": "string"}),
                        path("form", {"enum": ["xlsx", "csv"]}),
                        LANGUAGE,
                    ],
                    "responses": {
                        "200": {"description": "The table.", "content": {"*/*": {}}},
                        "404": problem("There is no such template."),
                    },
                }
            },
            **openapi_contributions.paths(settings),
        },
        "components": {
            "schemas": {
                **report,
                "ReportOnRevision": report_on_revision(report["Report"]),
                **SCHEMAS,
                "Problem": PROBLEM_SCHEMA,
            },
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _form() -> dict[str, Any]:
    return {
        "operationId": "getForm",
        "summary": "The page to check files from",
        "parameters": [query("previous", "Of a report on an earlier version.", _NAME), LANGUAGE],
        "responses": {
            "200": {
                "description": "The page.",
                "content": {"text/html": {"schema": {"type": "string"}}},
            },
            **problems("404", "410"),
        },
    }


def _check(settings: config.Config) -> dict[str, Any]:
    raw: dict[str, Any] = {kind: {"schema": {}} for kind in upload.MEDIA_TYPES}
    fields = {
        "files": {"type": "array", "items": {"type": "string", "format": "binary"}},
        "text": {"type": "string", "description": "A pasted text instead of files."},
        "text_format": {"type": "string", "description": "Its ending: ttl, csv, jsonld …"},
        "previous": {**_NAME, "description": "The id of the report on an earlier version."},
    }
    return {
        "operationId": "checkFiles",
        "summary": "Check files that belong together; nothing is published",
        "description": (
            "Also files with errors get 200, with a report that says what to mend. At most "
            f"{settings.check_bytes} bytes a file, {upload.largest_request(settings.check_bytes)} "
            f"together, and {upload.MOST_FILES} files. The report's address is in Location; "
            "browsers that ask for HTML are sent there (303)."
        ),
        "parameters": [
            {
                "name": "strict",
                "in": "query",
                "description": "Answer 422 where there are violations.",
                "allowEmptyValue": True,
                "schema": {"type": "string"},
            },
            {
                "name": "filename",
                "in": "query",
                "description": "The name of the file that is the body, with its ending.",
                "schema": {"type": "string"},
            },
            {
                "name": "previous",
                "in": "query",
                "description": "The id of the report on an earlier version.",
                "schema": _NAME,
            },
            *_COMMON,
        ],
        "requestBody": {
            "required": True,
            "content": {
                "multipart/form-data": {"schema": {"type": "object", "properties": fields}},
                **raw,
                "application/octet-stream": {"schema": {}},
            },
        },
        "responses": {
            "200": _report("The report."),
            "303": {"description": "For browsers: to the report's address."},
            "422": _report("The report, with violations; only with strict."),
            **problems("404", "406", "410", *CHECKED),
        },
    }


def _report(description: str) -> dict[str, Any]:
    content: dict[str, Any] = {form.media_type: {"schema": {"type": "string"}} for form in FORMS}
    content["application/json"] = {"schema": ref("Report")}
    headers = {
        "Location": {
            "description": "The report's own address, where reports are kept.",
            "schema": {"type": "string", "format": "uri"},
        },
        "COI-Release": {
            "description": "The release that the files were checked against.",
            "schema": {"type": "integer"},
        },
    }
    return {"description": description, "headers": headers, "content": content}
