"""The page on which a person writes a query and sees its answer."""

from __future__ import annotations

import json
import time
from typing import Any

import pyoxigraph as ox
from flask import Response, current_app, render_template, request, url_for

from ..description.view import Link, Value
from ..errors import CoiError
from ..media import GRAPH_FORMS, HTML, RESULTS_FORMS, TURTLE
from ..namespaces import PREFIXES
from ..query.service import Served
from .negotiation import choose, finish, is_pinned, language, opened
from .publication import Opened

_ROWS_ON_PAGE = 1_000


def is_wanted() -> bool:
    """Whether the reader is a person: errors then come on the page."""
    return (
        request.values.get("format", "html") == "html"
        and choose((*RESULTS_FORMS, *GRAPH_FORMS, HTML)) is HTML
    )


def with_error(error: CoiError, query: str) -> Response:
    lang = language()
    described = {
        "title": error.title.in_language(lang),
        "detail": error.message.in_language(lang),
        "remedy": error.remedy.in_language(lang) if error.remedy else None,
        "line": error.details.get("line"),
        "column": error.details.get("column"),
    }
    response = render(query, None, described)
    response.status_code = error.status
    if "retry_after" in error.details:
        response.headers["Retry-After"] = str(error.details["retry_after"])
    response.cache_control.no_store = True
    return response


def with_result(query: str, served: Served, *, solutions: bool) -> Response:
    """The page with the answer as a table. ``served`` is JSON for solutions, else N-Triples.

    Raises the `CoiError` with which a long answer broke off.
    """
    started = time.monotonic()
    of = opened()
    body = b"".join(served.body())
    result = _table(body, of) if solutions else _triples(body, of)
    result["milliseconds"] = round(1000 * (time.monotonic() - started))
    result["truncated"] = result["truncated"] or served.truncated
    result["downloads"] = [
        (form.title, url_for("sparql.endpoint", query=query, format=form.name, **_pin()))
        for form in (RESULTS_FORMS if solutions else GRAPH_FORMS)
    ]
    return finish(render(query, result, None), HTML, negotiated=True)


def _pin() -> dict[str, Any]:
    return {"release": opened().number} if is_pinned() else {}


def _table(body: bytes, of: Opened) -> dict[str, Any]:
    """SPARQL JSON results → what the template shows, at most `_ROWS_ON_PAGE` rows."""
    document = json.loads(body)
    columns = document["head"].get("vars", [])
    bindings = document.get("results", {}).get("bindings", [])
    return {
        "columns": columns,
        "rows": [
            [_value(row.get(column), of) for column in columns] for row in bindings[:_ROWS_ON_PAGE]
        ],
        "count": len(bindings),
        "boolean": document.get("boolean"),
        "truncated": len(bindings) > _ROWS_ON_PAGE,
    }


def _value(term: dict[str, str] | None, of: Opened) -> Value | None:
    if term is None:
        return None
    if term["type"] == "uri":
        return Value(link=_link(term["value"], of))
    if term["type"] == "literal":
        return Value(
            text=term["value"],
            language=term.get("xml:lang", ""),
            datatype=term.get("datatype", ""),
        )
    return Value(text=json.dumps(term["value"], ensure_ascii=False))


def _link(iri: str, of: Opened) -> Link:
    # The IRI is what was asked for: a label instead would hide it.
    return Link(iri, {}, of.describer.link(iri).path)


def _triples(body: bytes, of: Opened) -> dict[str, Any]:
    """N-Triples of our own engine → rows of subject, predicate, object."""
    rows: list[list[Value | None]] = []
    lines = body.splitlines()
    for quad in ox.parse(b"\n".join(lines[:_ROWS_ON_PAGE]), format=ox.RdfFormat.N_TRIPLES):
        rows.append([_term(t, of) for t in (quad.subject, quad.predicate, quad.object)])
    return {
        "columns": ["subject", "predicate", "object"],
        "rows": rows,
        "count": len(lines),
        "boolean": None,
        "truncated": len(lines) > _ROWS_ON_PAGE,
    }


def _term(term: object, of: Opened) -> Value:
    if isinstance(term, ox.NamedNode):
        return Value(link=_link(term.value, of))
    if isinstance(term, ox.Literal):
        return Value(text=term.value, language=term.language or "", datatype=term.datatype.value)
    return Value(text=str(term))


def render(query: str, result: dict[str, Any] | None, error: dict[str, Any] | None) -> Response:
    page = render_template(
        "sparql.html",
        query=query,
        formats=[(form.name, form.title) for form in (HTML, *RESULTS_FORMS, TURTLE)],
        examples=[
            (one.name, one.titles, one.text)
            for one in current_app.extensions["coi-named-queries"].values()
        ],
        result=result,
        error=error,
        prefixes=PREFIXES,
    )
    return Response(page, content_type=HTML.content_type)
