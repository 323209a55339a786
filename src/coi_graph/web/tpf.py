"""`/tpf`: Triple Pattern Fragments. A page is one query of ours, under the limits of `/sparql`."""

from __future__ import annotations

import hashlib

from flask import Blueprint, Response, request

from ..catalogue import fragments
from ..catalogue.fragments import Fragment
from ..errors import BadRequest, NotFound
from ..i18n import Message
from ..media import RESULTS_TSV, TRIG
from ..publishing import counts
from ..publishing.dumps import folder_of
from . import sparql
from .entities import addresses
from .negotiation import choose, finish, is_pinned, opened

tpf = Blueprint("tpf", __name__)

_FURTHEST = 1_000_000_000  # of a page's number


@tpf.get("/tpf")
def fragment() -> Response:
    of = opened()
    form = choose((TRIG,))
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
    response = Response(asked.trig(rows), content_type=form.content_type)
    return finish(response, form, negotiated=True, tag=_tag(asked))


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
