"""Errors as RFC 9457 problem+json for machines and as a page for people: one shape."""

from __future__ import annotations

import json
import logging
from typing import Any

from flask import Flask, Response, render_template, request
from werkzeug.exceptions import HTTPException

from ..errors import CoiError
from ..i18n import Message, both
from ..media import HTML, Form, negotiate
from ..namespaces import BASE
from .meter import PROBLEM_KEY, SCOPE_KEY
from .negotiation import language

PROBLEM = Form("problem", "application/problem+json", "Problem", ("application/json",))
_log = logging.getLogger(__name__)

_HTTP: dict[int, tuple[str, Message, Message | None]] = {
    404: (
        "not-found",
        Message("There is nothing at this address"),
        Message("Check the spelling, or look for it from the start page."),
    ),
    405: (
        "method-not-allowed",
        Message("This address does not take that method"),
        Message("The Allow header lists the methods that it takes."),
    ),
    413: ("too-large", Message("What was sent is too large"), None),
    416: ("range-not-satisfiable", Message("The range that was asked for is not there"), None),
    415: ("unsupported-media-type", Message("This media type is not taken here"), None),
}


def install(app: Flask) -> None:
    """Registers the one handler for each of: ours, the framework's, and everything else."""
    app.register_error_handler(CoiError, lambda error: told(error))
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _unexpected)


def told(error: CoiError) -> Response:
    """The answer that says one of our own errors."""
    response = problem(
        error.status, error.slug, error.title, error.message, error.remedy, error.details
    )
    if error.status == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="coi-graph"'
    retry_after = error.details.get("retry_after")
    if retry_after is not None:
        response.headers["Retry-After"] = str(retry_after)
    return response


def _http(error: HTTPException) -> Response:
    if error.code is not None and 300 <= error.code < 400:
        return error.get_response()  # type: ignore[return-value]
    status = error.code or 500
    slug, title, remedy = _HTTP.get(
        status, ("http-error", Message("The request cannot be answered"), None)
    )
    response = problem(status, slug, title, title, remedy, {})
    for name, value in error.get_headers():
        if name.lower() in ("allow", "content-range", "retry-after"):
            response.headers[name] = value
    return response


def _unexpected(error: Exception) -> Response:
    _log.exception("unexpected error at %s", request.path)
    return problem(
        CoiError.status,
        CoiError.slug,
        CoiError.title,
        Message("The error has been logged. Nothing that you sent is lost at your end."),
        Message("Try again; if it happens again, tell us what you did."),
        {},
    )


def problem(
    status: int,
    slug: str,
    title: Message,
    detail: Message,
    remedy: Message | None,
    details: dict[str, Any],
) -> Response:
    """The answer to a request that failed."""
    lang = language()
    if negotiate(request.headers.get("Accept"), (PROBLEM, HTML)) is HTML:
        page = render_template(
            "error.html",
            status=status,
            title=title,
            detail=detail,
            remedy=remedy,
            extra=details.get("links", []),
        )
        response = Response(page, status, content_type=HTML.content_type)
    else:
        document = {
            "type": f"{BASE}problem/{slug}",
            "title": title.in_language(lang),
            "status": status,
            "detail": detail.in_language(lang),
            "instance": request.path,
            "messages": both(detail),
        }
        if remedy is not None:
            document["remedy"] = remedy.in_language(lang)
        document.update({key: value for key, value in details.items() if _is_plain(value)})
        body = json.dumps(document, ensure_ascii=False, indent=1)
        response = Response(body, status, content_type=PROBLEM.media_type)
    if SCOPE_KEY in request.environ:
        request.environ[SCOPE_KEY][PROBLEM_KEY] = slug
    response.headers["Content-Language"] = lang
    response.vary.update(["Accept", "Accept-Language"])
    response.cache_control.no_store = True
    return response


def _is_plain(value: object) -> bool:
    return isinstance(value, str | int | float | list) and not (
        isinstance(value, list) and any(not isinstance(item, str | int) for item in value)
    )
