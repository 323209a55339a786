"""`/queries/`: the named queries with their parameters; `/cite`: a query with its citation."""

from __future__ import annotations

from itertools import dropwhile
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, current_app, render_template, request

from ..errors import BadRequest, NotFound
from ..i18n import Message
from ..media import (
    HTML,
    N_TRIPLES,
    RESULTS_FORMS,
    RESULTS_JSON,
    SPREADSHEET,
    by_name,
)
from ..publishing import checks
from ..query.binding import bind
from ..query.named import NamedQuery
from . import query_page, sparql
from .citation import Citation
from .entities import addresses
from .negotiation import choose, finish, opened

queries = Blueprint("queries", __name__)

_PYTHON = """\
import io

import pandas
from SPARQLWrapper import CSV, SPARQLWrapper

endpoint = SPARQLWrapper("{endpoint}")
endpoint.addParameter("release", "{release}")
endpoint.setReturnFormat(CSV)
endpoint.setQuery({query})
rows = pandas.read_csv(io.BytesIO(endpoint.query().convert()))
print(rows)
"""


def _all() -> dict[str, NamedQuery]:
    found: dict[str, NamedQuery] = current_app.extensions["coi-named-queries"]
    return found


@queries.get("/queries/")
def listing() -> Response:
    """Every named query with its question."""
    page = render_template("queries.html", queries=list(_all().values()))
    return finish(Response(page, content_type=HTML.content_type), HTML, negotiated=False)


@queries.get("/queries/<name>")
def named(name: str) -> Response:
    """A named query's page, or its answer in the form asked for; ``?variable=value`` binds."""
    query = _all().get(name)
    if query is None:
        raise NotFound(
            Message("there is no named query “%(name)s”", name=name),
            remedy=Message("/queries/ lists them."),
        )
    values = {p: request.args[p] for p in query.parameters if request.args.get(p)}
    text = bind(query.text, values)
    chosen = request.args.get("format")
    offered = (*RESULTS_FORMS, HTML, SPREADSHEET)
    form = by_name(chosen, offered) if chosen else choose(offered)
    if form is None:
        raise BadRequest(
            Message("“%(name)s” is no form of this answer", name=(chosen or "")[:40]),
            remedy=Message("There is: %(forms)s", forms=", ".join(one.name for one in offered)),
        )
    if form is not HTML:
        return sparql.answer(sparql.Asked(text, (), ()), form, negotiated=chosen is None)
    free = query_page.table(sparql.serve(query.text, RESULTS_JSON), solutions=True)
    result = query_page.table(sparql.serve(text, RESULTS_JSON), solutions=True) if values else free
    pin = {"release": str(opened().number)}
    result["downloads"] = [
        (one.title, f"/queries/{name}?" + urlencode({**values, "format": one.name, **pin}))
        for one in (*RESULTS_FORMS, SPREADSHEET)
    ]
    known = checks.of(opened().release)
    address = f"{addresses().absolute(f'/queries/{name}')}?" + urlencode(values)
    page = render_template(
        "named_query.html",
        query=query,
        text=text,
        values=values,
        choices=_choices(query, free),
        result=result,
        checked=checks.is_checked(query, known),
        verified=known.get(name, {}).get("release"),
        snippets=_snippets(text, address),
        cite_url="/cite?" + urlencode({"query": text, **pin}),
    )
    response = Response(page, content_type=HTML.content_type)
    verified = known.get(name, {}).get("release")  # it may be asked after the release
    return finish(response, HTML, negotiated=True, tag=f"query-{verified}")


def _choices(query: NamedQuery, free: dict[str, Any]) -> dict[str, list[tuple[str, Any]]]:
    """Parameter → the values that it takes in the unbound answer, each with its link."""
    describer = opened().describer
    choices: dict[str, list[tuple[str, Any]]] = {}
    for name in query.parameters:
        column = free["columns"].index(name)
        found: dict[str, Any] = {}
        for row in free["rows"]:
            value = row[column]
            if value is not None:
                key = value.link.iri if value.link else value.text
                found.setdefault(key, describer.link(value.link.iri) if value.link else None)
        choices[name] = sorted(found.items())
    return choices


def _snippets(text: str, url: str) -> list[tuple[str, str]]:
    """(tool, program): how to get the answer as a table. Executed in tests/web/test_queries."""
    number = opened().number
    separator = "" if url.endswith("?") else "&"
    address = f"{url}{separator}format=csv&release={number}"
    python = _PYTHON.format(
        endpoint=addresses().absolute("/sparql"), release=number, query=_as_python(text)
    )
    return [
        ("curl", f"curl --fail --silent --show-error '{address}'\n"),
        ("Python", python),
        ("R", f'rows <- read.csv("{address}", fileEncoding = "UTF-8")\nprint(rows)\n'),
    ]


def _as_python(text: str) -> str:
    """A query without its header as a string of Python's, readable where that can be."""
    lines = text.strip().splitlines()
    body = "\n".join(dropwhile(lambda line: not line or line.startswith("#"), lines))
    return repr(body) if "\\" in body or '"""' in body else f'"""\n{body}\n"""'


@queries.get("/cite")
def cite() -> Response:
    """The permalink page of a query: what to write in a paper. ``format=bib|csl`` for programs."""
    query = request.args.get("query", "")
    checked = sparql.check(query)
    of = opened()
    url = addresses().absolute("/sparql?" + urlencode({"query": query, "release": of.number}))
    citation = Citation(query, of.number, of.manifest.issued, url)
    chosen = request.args.get("format", "html")
    if chosen != "html":
        body, media_type = citation.in_form(chosen)
        response = Response(body, content_type=f"{media_type}; charset=utf-8")
        return finish(response, HTML, negotiated=False, tag=citation.hash + chosen)
    solutions = checked.kind in sparql.SOLUTIONS
    result = query_page.table(
        sparql.serve(query, RESULTS_JSON if solutions else N_TRIPLES), solutions=solutions
    )
    result["downloads"] = []
    address = "/cite?" + urlencode({"query": query, "release": of.number})
    page = render_template(
        "cite.html",
        query=query,
        citation=citation,
        result=result,
        forms=[("BibTeX", f"{address}&format=bib"), ("CSL-JSON", f"{address}&format=csl")],
        permalink=addresses().absolute(address),
    )
    response = Response(page, content_type=HTML.content_type)
    return finish(response, HTML, negotiated=False, tag=citation.hash)
