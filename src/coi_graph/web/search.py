"""Search: a page, the same as JSON, and suggestions while somebody types."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, current_app, render_template, request

from ..description import kinds
from ..errors import BadRequest, CoiError
from ..i18n import Message
from ..media import HTML, JSON, Form
from ..namespaces import ID
from ..search import asking
from ..search.asking import Found, Hit
from ..search.index import Index
from ..search.records import TERM
from .entities import addresses
from .negotiation import choose, finish, language, opened
from .search_shelf import SearchShelf

search = Blueprint("search", __name__)

_FACETS = {
    "kind": Message("Kind"),
    "organisation": Message("Organisation"),
    "change": Message("Change"),
    "year": Message("Year"),
}
_ONTOLOGY = Message("Ontology")


class NoIndexYet(CoiError):
    """A release that has just been published."""

    status = 503
    slug = "no-index-yet"
    title = Message("This release cannot be searched yet")


@search.get("/search")
def find() -> Response:
    """``?q=``, ``kind``, ``organisation`` and ``change`` (an IRI, or its last part), ``year``,
    ``page``. Raises `NoIndexYet` while the index is made."""
    form = _form()
    index = _index()
    text = request.args.get("q", "").strip()
    chosen = {name: _full(name, value) for name in _FACETS if (value := request.args.get(name))}
    page = _page()
    found = asking.search(index, text, chosen, page, language()) if text or chosen else None
    if form is JSON:
        body = json.dumps(_as_json(found, text, chosen, page), ensure_ascii=False, indent=1)
        response = Response(body, content_type=JSON.content_type)
    else:
        response = Response(_as_page(found, text, chosen, page), content_type=HTML.content_type)
    return finish(response, form, negotiated="format" not in request.args)


@search.get("/search/suggest")
def suggest() -> Response:
    """The names that begin as ``?q=`` does, in the language of the page."""
    index, lang = _index(), language()
    hits = asking.suggest(index, request.args.get("q", ""))
    rows = [
        {
            "iri": hit.iri,
            "label": _name(hit, lang),
            "kind": str(_kind_title(hit.kind).in_language(lang)),
            "url": addresses().local(hit.iri),
        }
        for hit in hits
    ]
    response = Response(json.dumps(rows, ensure_ascii=False), content_type=JSON.content_type)
    response.headers["Vary"] = "Accept-Language"
    return finish(response, JSON, negotiated=False, tag=f"suggestions-{lang}")


def _form() -> Form:
    asked = request.args.get("format")
    if asked is None:
        return choose((HTML, JSON))
    if asked not in ("json", "html"):
        raise BadRequest(
            Message("“%(value)s” is no form of this answer", value=asked[:40]),
            remedy=Message("There is: %(forms)s", forms="html, json"),
        )
    return JSON if asked == "json" else HTML


def _index() -> Index:
    shelf: SearchShelf = current_app.extensions["coi-search"]
    index = shelf.index(opened())
    if index is None:
        raise NoIndexYet(
            Message("The search index of release %(number)s is not there", number=opened().number),
            remedy=Message(
                "For the newest release it is being made: try again in a minute. Everything can be "
                "read and queried meanwhile."
            ),
            retry_after=5,
        )
    return index


def _page() -> int:
    asked = request.args.get("page", "1")
    if asked.isascii() and asked.isdigit() and 1 <= int(asked[:6]) <= asking.MOST_PAGES:
        return int(asked)
    raise BadRequest(
        Message("“%(value)s” is no page of hits", value=asked[:40]),
        remedy=Message("Pages are numbered from 1 to %(most)s.", most=asking.MOST_PAGES),
    )


def _full(facet: str, value: str) -> str:
    """The IRI that ``?change=system-changes`` is short for."""
    slug = {"organisation": "organisation", "change": "ambition"}.get(facet)
    return f"{ID}{slug}/{value}" if slug and not value.startswith("http") else value


def _short(facet: str, value: str) -> str:
    return value.rpartition("/")[2] if facet in ("organisation", "change") else value


def _kind_title(slug: str) -> Message:
    kind = kinds.by_slug(slug)
    return _ONTOLOGY if slug == TERM or kind is None else kind.title


def _name(hit: Hit, lang: str) -> str:
    return hit.names.get(lang) or next(iter(hit.names.values()), hit.iri)


def _value_title(facet: str, value: str) -> str:
    if facet == "kind":
        return _kind_title(value).in_language(language())
    return value if facet == "year" else opened().describer.link(value).label(language())


def _address(text: str, chosen: dict[str, str], page: int = 1) -> str:
    """The query part of the address of another page of hits."""
    values = {"q": text, **{name: _short(name, value) for name, value in chosen.items()}}
    return "/search?" + urlencode({**values, **({"page": page} if page > 1 else {})})


def _as_page(found: Found | None, text: str, chosen: dict[str, str], page: int) -> str:
    facets: list[tuple[Message, str, list[tuple[str, int, str]], str]] = []
    for facet, title in _FACETS.items() if found else ():
        assert found is not None
        rest = {name: value for name, value in chosen.items() if name != facet}
        values = [
            (_value_title(facet, value), number, _address(text, {**rest, facet: value}))
            for value, number in found.facets[facet]
        ]
        if facet in chosen:
            facets.append((title, _value_title(facet, chosen[facet]), [], _address(text, rest)))
        elif values:
            facets.append((title, "", values, ""))
    pages = min(asking.MOST_PAGES, -(-found.total // asking.PAGE)) if found else 0
    return render_template(
        "search.html",
        found=found,
        text=text,
        chosen={name: _short(name, value) for name, value in chosen.items()},
        hits=[
            (opened().describer.link(hit.iri), _kind_title(hit.kind), hit)
            for hit in (found.hits if found else ())
        ],
        facets=facets,
        page=page,
        pages=pages,
        earlier=_address(text, chosen, page - 1) if page > 1 else None,
        later=_address(text, chosen, page + 1) if page < pages else None,
        first=(page - 1) * asking.PAGE + 1,
    )


def _as_json(found: Found | None, text: str, chosen: dict[str, str], page: int) -> dict[str, Any]:
    of = opened()
    hits = [
        {
            "iri": hit.iri,
            "kind": hit.kind,
            "names": hit.names,
            "is_example": hit.is_example,
            "snippet": "".join(part for part, _ in hit.snippet),
        }
        for hit in (found.hits if found else ())
    ]
    return {
        "release": of.number,
        "q": text,
        "filters": chosen,
        "page": page,
        "page_size": asking.PAGE,
        "total": found.total if found else 0,
        "hits": hits,
        "facets": {
            facet: [{"value": value, "count": number} for value, number in values]
            for facet, values in (found.facets if found else {}).items()
        },
        "similar_words_for": found.forgiven if found else [],
        "some_words_only": found.some if found else False,
    }
