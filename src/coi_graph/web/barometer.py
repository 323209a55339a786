"""The Innovation Barometer: charts, each with its table, query, CSV and a picture to save."""

from __future__ import annotations

import threading
from collections import OrderedDict
from urllib.parse import urlencode

from flask import Blueprint, Response, current_app, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from ..description import figures
from ..description.figures import Figure, Panel
from ..description.view import Link
from ..errors import BadRequest, NotFound
from ..i18n import Message
from ..media import HTML, Form
from ..namespaces import ID
from . import bitmaps
from .entities import addresses
from .negotiation import finish, language, opened
from .publication import Opened

barometer = Blueprint("barometer", __name__)

SVG = Form("svg", "image/svg+xml", "SVG")
PNG = Form("png", "image/png", "PNG")
_KEPT = 4  # releases whose figures are remembered
_SHOWN = 16  # panels on one page: it is to weigh less than 100 KB uncompressed
_FILTERS = {
    "indicator": Message("Indicator"),
    "level": Message("Level"),
    "edition": Message("Edition"),
    "area": Message("Country"),
}


class Figures:
    """The figures of each release, read once. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._read: OrderedDict[int, list[Figure]] = OrderedDict()

    def of(self, release: Opened) -> list[Figure]:
        with self._lock:
            if release.number not in self._read:
                self._read[release.number] = figures.read(release.lookup, release.describer)
                while len(self._read) > _KEPT:
                    self._read.popitem(last=False)
            return self._read[release.number]


@barometer.get("/barometer")
def charts() -> Response:
    """``indicator``, ``level``, ``edition``, ``area`` (the last part of an IRI) narrow it."""
    of, lang = opened(), language()
    every = _figures()
    chosen = {name: value for name in _FILTERS if (value := request.args.get(name))}
    options = {name: _options(every, name, lang) for name in _FILTERS}
    for name, value in chosen.items():
        if value not in {short for short, _ in options[name]}:
            raise BadRequest(
                Message("there is no “%(value)s” in this release", value=value[:80]),
                remedy=Message("Choose from the lists on %(address)s.", address="/barometer"),
            )
    found = [one for one in every if all(_part(one, n) == v for n, v in chosen.items())]
    panels = figures.panels(found)
    pages = max(1, -(-len(panels) // _SHOWN))
    number = _page_number(pages)
    page = render_template(
        "barometer.html",
        panels=panels[(number - 1) * _SHOWN : number * _SHOWN],
        page=number,
        pages=pages,
        page_address=lambda n: "/barometer?" + urlencode({**chosen, "page": n}),
        count=len(found),
        filters=[
            (name, title, options[name], chosen.get(name)) for name, title in _FILTERS.items()
        ],
        conflicts=of.describer.list_of(of.lookup.of_kind(f"{ID}conflict/")),
        canonical=addresses().absolute("/barometer"),
    )
    return finish(Response(page, content_type=HTML.content_type), HTML, negotiated=False)


@barometer.get("/barometer/<name>.svg")
def picture(name: str) -> Response:
    """One chart as a file; it names its source and its release."""
    panel = _panel(name)
    return _picture(panel, _drawn(panel), SVG)


@barometer.get("/barometer/<name>.png")
def bitmap(name: str) -> Response:
    """The same as pixels, for a text program or a slide: 1504 of them across."""
    panel = _panel(name)
    return _picture(panel, bitmaps.of(_drawn(panel)), PNG)


def _drawn(panel: Panel) -> str:
    return render_template("chart.svg", panel=panel, iri=panel.first.thing.iri)


def _picture(panel: Panel, body: str | bytes, form: Form) -> Response:
    response = Response(body, content_type=form.media_type)
    response.headers["Content-Disposition"] = (
        f'inline; filename="barometer-{panel.name}.{form.name}"'
    )
    response.headers["Vary"] = "Accept-Language"
    return finish(response, form, negotiated=False, tag=f"chart-{language()}")


@barometer.get("/barometer/<name>/query")
def query(name: str) -> BaseResponse:
    """The figures of a chart as a query in the editor: its address is too long for a page of
    many."""
    return _to_query(name)


@barometer.get("/barometer/<name>.csv")
def rows(name: str) -> BaseResponse:
    """The answer to that query as CSV."""
    return _to_query(name, format="csv")


def _to_query(name: str, **more: str) -> BaseResponse:
    kept = {key: value for key in ("lang", "release") if (value := request.args.get(key))}
    asked = urlencode({"query": _panel(name).query, **kept, **more})
    return redirect(f"{url_for('sparql.endpoint')}?{asked}", 303)


def _page_number(pages: int) -> int:
    asked = request.args.get("page", "1")
    if asked.isascii() and asked.isdigit() and 1 <= int(asked[:6]) <= pages:
        return int(asked)
    raise BadRequest(
        Message("“%(value)s” is no page of charts", value=asked[:40]),
        remedy=Message("Pages are numbered from 1 to %(most)s.", most=pages),
    )


def _panel(name: str) -> Panel:
    """The chart with the figure called ``name``."""
    for panel in figures.panels(_figures()):
        if any(figure.name == name for figure in panel.figures):
            return panel
    raise NotFound(
        Message("there is no chart “%(name)s” in this release", name=name[:80]),
        remedy=Message("All charts are on %(address)s.", address="/barometer"),
    )


def _figures() -> list[Figure]:
    read: Figures = current_app.extensions["coi-figures"]
    return read.of(opened())


def _part(figure: Figure, name: str) -> str:
    link: Link | None = getattr(figure, name)
    return link.iri.rpartition("/")[2] if link else ""


def _options(every: list[Figure], name: str, lang: str) -> list[tuple[str, Link]]:
    """The last part of the IRI of each value there is, and the value, by label."""
    links = {link.iri: link for one in every if (link := getattr(one, name)) is not None}
    values = sorted(links.values(), key=lambda link: link.label(lang).casefold())
    return [(link.iri.rpartition("/")[2], link) for link in values]
