"""`/tpf`: Triple Pattern Fragments. A page is one query of ours, under the limits of `/sparql`.

Programs get TriG with Hydra's controls; a browser gets a form and a table.
"""

from __future__ import annotations

import hashlib
from urllib.parse import urlencode

import pyoxigraph as ox
from flask import Blueprint, Response, render_template, request

from ..catalogue import fragments
from ..catalogue.fragments import Fragment
from ..description.view import Value
from ..errors import BadRequest, NotFound
from ..i18n import Message
from ..media import HTML, RESULTS_TSV, TRIG
from ..publishing import counts
from ..publishing.dumps import folder_of
from ..store import Term
from . import sparql
from .entities import addresses
from .negotiation import choose, finish, is_pinned, opened

tpf = Blueprint("tpf", __name__)

_FURTHEST = 1_000_000_000  # of a page's number


@tpf.get("/tpf")
def fragment() -> Response:
    of = opened()
    form = choose((TRIG, HTML))
    pattern = fragments.parse(request.args.to_dict())
    page = _page()
    kept = counts.of(folder_of(of.release), of.number)
    asked = Fragment(
        address=addresses().absolute("tpf"),
        asked=request.query_string.decode("latin-1"),
        pattern=pattern,
        page=page,
        total=fragments.estimate(pattern, of.lookup, kept, of.manifest.quads),
        release=of.number,
        pinned=is_pinned(),
    )
    rows = pattern.triples(_answer(pattern.query(page)))
    if page > 1 and not rows:
        raise NotFound(
            Message("this fragment has no page %(page)s", page=page),
            remedy=Message("Follow hydra:next from its first page."),
        )
    body = _page_of(asked, rows) if form is HTML else asked.trig(rows)
    response = Response(body, content_type=form.content_type)
    return finish(response, form, negotiated=True, tag=_tag(asked))


def _page_of(asked: Fragment, statements: list[str]) -> str:
    """The same for people: a form with the pattern, a table, and the way to the other pages."""
    shown = "".join(statements[: fragments.PAGE_SIZE])
    given = {place: request.args.get(place, "").strip() for place in fragments.PLACES}
    kept = {place: text for place, text in given.items() if text}
    has_next = len(statements) > fragments.PAGE_SIZE
    return render_template(
        "tpf.html",
        given=given,
        # A term in TSV is written as in Turtle.
        rows=[
            [_value(term) for term in (quad.subject, quad.predicate, quad.object)]
            for quad in ox.parse(shown.encode(), format=ox.RdfFormat.TURTLE)
        ],
        first=(asked.page - 1) * fragments.PAGE_SIZE + 1,
        total=asked.total,
        earlier=_address(kept, asked.page - 1) if asked.page > 1 else "",
        later=_address(kept, asked.page + 1) if has_next else "",
    )


def _address(given: dict[str, str], page: int) -> str:
    return "/tpf?" + urlencode({**given, "page": page})


def _value(term: Term) -> Value:
    if isinstance(term, ox.Literal):
        return Value(text=term.value, language=term.language or "", datatype=term.datatype.value)
    return Value(
        link=opened().describer.link(term.value if isinstance(term, ox.NamedNode) else str(term))
    )


def _answer(query: str) -> str:
    served = sparql.serve(query, RESULTS_TSV)
    try:
        return b"".join(served.body()).decode()
    finally:
        served.close()


def _page() -> int:
    text = request.args.get("page", "1")
    if text.isascii() and text.isdigit() and 1 <= int(text[:12]) <= _FURTHEST:
        return int(text)
    raise BadRequest(
        Message("“%(page)s” is no page number", page=text[:40]),
        remedy=Message("Pages are numbered 1, 2, 3 …; follow hydra:next."),
    )


def _tag(asked: Fragment) -> str:
    return hashlib.sha256(f"{asked.asked} {asked.total}".encode()).hexdigest()[:20]
