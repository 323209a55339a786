"""`/robots.txt` and `/sitemap.xml` (https://www.sitemaps.org/protocol.html): what web search reads.

A sitemap lists at most 50,000 addresses; where there are more, `/sitemap.xml` is an index of
several. No dates: a release does not say of each page when it changed last.
"""

from __future__ import annotations

from itertools import chain, islice
from xml.sax.saxutils import escape

from flask import Blueprint, Response

from ..errors import NotFound
from ..i18n import Message
from ..media import Form
from ..namespaces import BASE, DEF, ID, RDFS
from .entities import addresses
from .negotiation import finish, opened

sitemap = Blueprint("sitemap", __name__)

MOST = 50_000
_XML = Form("sitemap", "application/xml", "Sitemap")
_TEXT = Form("robots", "text/plain", "Robots")
_NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"
_PAGES = (
    *("", "framework", "matrix", "barometer", "spread", "search"),
    *("research", "harvest", "contribute", "accessibility", "docs/"),
    *("def/", "shapes/", "catalog", "queries/", "release/", "dump/", "sparql"),
)
#: What computes for each address: a crawler would walk it without end.
_NOT_FOR_CRAWLERS = ("/sparql?", "/tpf", "/cite", "/feed", "/changes", "/queries/*?", "/*?release=")


@sitemap.get("/robots.txt")
def robots() -> Response:
    lines = [
        "User-agent: *",
        *(f"Disallow: {path}" for path in _NOT_FOR_CRAWLERS),
        "",
        f"Sitemap: {addresses().absolute('sitemap.xml')}",
        "",
    ]
    response = Response("\n".join(lines), content_type=_TEXT.content_type)
    return finish(response, _TEXT, negotiated=False, tag="robots")


@sitemap.get("/sitemap.xml")
def whole() -> Response:
    count = _count()
    if count <= MOST:
        return _answer(_urls(0), "all")
    site = addresses()
    parts = (
        f"<sitemap><loc>{site.absolute(f'sitemap-{number}.xml')}</loc></sitemap>\n"
        for number in range(1, -(-count // MOST) + 1)
    )
    return _answer(
        f'<sitemapindex xmlns="{_NAMESPACE}">\n{"".join(parts)}</sitemapindex>\n', "index"
    )


@sitemap.get("/sitemap-<int:number>.xml")
def part(number: int) -> Response:
    if not 1 <= number <= -(-_count() // MOST):
        raise NotFound(Message("there is no sitemap %(number)s", number=number))
    return _answer(_urls(number - 1), str(number))


def _count() -> int:
    lookup = opened().lookup
    terms = len(lookup.subjects(RDFS + "isDefinedBy", DEF))
    return len(_PAGES) + terms + sum(lookup.counts().values())


def _urls(part: int) -> str:
    lookup, site = opened().lookup, addresses()
    things = (
        f"doc/{iri[len(ID) :]}"
        for prefix in sorted(lookup.counts())
        for iri in lookup.of_kind(prefix)
    )
    terms = (iri[len(BASE) :] for iri in lookup.subjects(RDFS + "isDefinedBy", DEF))
    paths = islice(chain(_PAGES, terms, things), part * MOST, (part + 1) * MOST)
    urls = (f"<url><loc>{escape(site.absolute(path))}</loc></url>\n" for path in paths)
    return f'<urlset xmlns="{_NAMESPACE}">\n{"".join(urls)}</urlset>\n'


def _answer(body: str, tag: str) -> Response:
    text = f'<?xml version="1.0" encoding="UTF-8"?>\n{body}'
    response = Response(text, content_type=f"{_XML.media_type}; charset=utf-8")
    return finish(response, _XML, negotiated=False, tag=f"sitemap-{tag}")
