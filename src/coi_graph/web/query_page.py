"""The page on which a person writes a query and sees its answer."""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import islice
from typing import Any

import pyoxigraph as ox
from flask import Response, current_app, render_template, request, url_for

from ..description.view import Link, Value
from ..errors import CoiError
from ..media import GRAPH_FORMS, HTML, RESULTS_FORMS, SPREADSHEET, TURTLE, Form
from ..query.service import Served
from .entities import addresses
from .negotiation import choose, finish, is_pinned, language, opened
from .publication import Opened
from .terms import prefixes

_ROWS_ON_PAGE = 1_000
_NAMED_ON_PAGE = 2_000  # things whose names are looked up for one answer


def is_wanted() -> bool:
    """Whether the reader is a person: errors then come on the page."""
    return (
        request.values.get("format", "html") == "html"
        and choose((*RESULTS_FORMS, *GRAPH_FORMS, HTML, SPREADSHEET)) is HTML
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
    """The page with the answer as a table. ``served`` is JSON for solutions, else N-Triples."""
    result = table(served, solutions=solutions)
    result["downloads"] = [
        (
            form.title,
            url_for("sparql.endpoint", query=query, format=form.name, **_pin(), **_words(form)),
        )
        for form in (*(RESULTS_FORMS if solutions else GRAPH_FORMS), SPREADSHEET)
    ]
    result["cite_url"] = url_for(
        "queries.cite", query=query, release=opened().number, **_words(HTML)
    )
    return finish(render(query, result, None), HTML, negotiated=True)


def table(served: Served, *, solutions: bool) -> dict[str, Any]:
    """The first `_ROWS_ON_PAGE` rows of an answer, as the templates show them.

    The answer is read as a stream and given up after these rows. Raises the `CoiError` with which
    a long answer broke off.
    """
    started = time.monotonic()
    of = opened()
    stream = Stream(served.body())
    try:
        result = _solutions(stream, of) if solutions else _triples(stream, of)
    finally:
        served.close()
    result["milliseconds"] = round(1000 * (time.monotonic() - started))
    result["truncated"] = result["truncated"] or served.truncated
    return result


class Stream:
    """Blocks of bytes as a file to read from."""

    def __init__(self, blocks: Iterator[bytes]) -> None:
        self._blocks = blocks
        self._rest = b""

    def read(self, size: int = -1) -> bytes:
        if not self._rest:
            self._rest = next(self._blocks, b"")
        if size < 0:
            size = len(self._rest)
        taken, self._rest = self._rest[:size], self._rest[size:]
        return taken

    def readable(self) -> bool:
        return True


def _pin() -> dict[str, Any]:
    return {"release": opened().number} if is_pinned() else {}


def _words(form: Form) -> dict[str, Any]:
    """What keeps the reader's language, for a form that has words of ours."""
    return {"lang": language()} if form in (HTML, SPREADSHEET) else {}


def _solutions(stream: Any, of: Opened) -> dict[str, Any]:
    answer = ox.parse_query_results(input=stream, format=ox.QueryResultsFormat.JSON)
    if isinstance(answer, ox.QueryBoolean):
        return {"columns": [], "rows": [], "boolean": bool(answer), "truncated": False}
    assert isinstance(answer, ox.QuerySolutions)  # the form has no other
    columns = [variable.value for variable in answer.variables]
    found = [[solution[column] for column in columns] for solution in islice(answer, _ROWS_ON_PAGE)]
    more = next(iter(answer), None) is not None
    return {"columns": columns, "rows": _values(found, of), "boolean": None, "truncated": more}


def _triples(stream: Any, of: Opened) -> dict[str, Any]:
    quads = ox.parse(input=stream, format=ox.RdfFormat.N_TRIPLES)
    found = [[q.subject, q.predicate, q.object] for q in islice(quads, _ROWS_ON_PAGE)]
    more = next(iter(quads), None) is not None
    columns = ["subject", "predicate", "object"]
    return {"columns": columns, "rows": _values(found, of), "boolean": None, "truncated": more}


def _values(rows: list[list[Any]], of: Opened) -> list[list[Value | None]]:
    """The cells as values; things have their names, the first `_NAMED_ON_PAGE` of them."""
    iris = dict.fromkeys(t.value for row in rows for t in row if isinstance(t, ox.NamedNode))
    named = list(iris)[:_NAMED_ON_PAGE]
    of.lookup.expect(named)
    links = {iri: of.describer.link(iri) for iri in named}
    return [[None if term is None else _value(term, links) for term in row] for row in rows]


def _value(term: object, links: dict[str, Link]) -> Value:
    if isinstance(term, ox.NamedNode):
        link = links.get(term.value)
        return Value(link=link or Link(term.value, {}, addresses().local(term.value)))
    if isinstance(term, ox.Literal):
        return Value(text=term.value, language=term.language or "", datatype=term.datatype.value)
    return Value(text=str(term))


def render(query: str, result: dict[str, Any] | None, error: dict[str, Any] | None) -> Response:
    page = render_template(
        "sparql.html",
        query=query,
        formats=[(form.name, form.title) for form in (HTML, *RESULTS_FORMS, SPREADSHEET, TURTLE)],
        examples=[
            (one.name, one.titles, one.text)
            for one in current_app.extensions["coi-named-queries"].values()
        ],
        result=result,
        error=error,
        prefixes=prefixes(),
    )
    return Response(page, content_type=HTML.content_type)
