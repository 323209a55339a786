"""The matrix: which roles, working methods and changes go together in what was done."""

from __future__ import annotations

import threading
from collections import OrderedDict
from urllib.parse import urlencode

from flask import Blueprint, Response, current_app, render_template, request, url_for

from ..description import combinations
from ..description.combinations import Activity, Wanted
from ..description.view import Link
from ..errors import BadRequest
from ..i18n import Message
from ..media import HTML
from ..namespaces import ID
from .entities import addresses
from .negotiation import finish, language, opened
from .publication import Opened

matrix = Blueprint("matrix", __name__)

_LISTED = 200  # activities named on the page
_KEPT = 4  # releases whose activities are remembered
_SLUGS = {"role": "role", "method": "method", "change": "ambition"}


class Activities:
    """The activities of each release, read once. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._read: OrderedDict[int, list[Activity]] = OrderedDict()

    def of(self, release: Opened) -> list[Activity]:
        with self._lock:
            if release.number not in self._read:
                found = combinations.activities(release.lookup, release.describer)
                self._read[release.number] = found
                while len(self._read) > _KEPT:
                    self._read.popitem(last=False)
            return self._read[release.number]


@matrix.get("/matrix")
def table() -> Response:
    """``?role=capacity-builder`` and so on narrow it; ``examples=no`` leaves invented ones out."""
    of = opened()
    parts = {name: _things(slug) for name, slug in _SLUGS.items()}
    wanted = _wanted({name: {link.iri for link in links} for name, links in parts.items()})
    every = current_app.extensions["coi-activities"].of(of)
    found = [one for one in every if wanted.has(one)]
    shown = {
        name: [one for one in links if getattr(wanted, name) in ("", one.iri)]
        for name, links in parts.items()
    }
    counts = combinations.counts(found)
    cells = [
        (role, method, change, counts[role.iri, method.iri, change.iri])
        for role in shown["role"]
        for method in shown["method"]
        for change in shown["change"]
    ]
    page = render_template(
        "matrix.html",
        parts=parts,
        shown=shown,
        counts=counts,
        wanted=wanted,
        found=found,
        listed=found[:_LISTED],
        all_invented=bool(found) and all(one.is_example for one in found),
        years=sorted({year for one in every for year in one.years}, reverse=True),
        never=sum(1 for cell in cells if cell[3] == 0),
        cells=len(cells),
        most=max((cell[3] for cell in cells), default=0),
        cell=lambda **values: _address(wanted, values),
        short=_short,
        query_url=url_for("sparql.endpoint", query=wanted.query()),
        canonical=addresses().absolute("/matrix"),
    )
    return finish(Response(page, content_type=HTML.content_type), HTML, negotiated=False)


def _things(slug: str) -> list[Link]:
    """In alphabetical order: the framework ranks none of them."""
    of, lang = opened(), language()
    links = [of.describer.link(iri) for iri in of.lookup.of_kind(f"{ID}{slug}/")]
    return sorted(links, key=lambda link: (link.label(lang).casefold(), link.iri))


def _wanted(known: dict[str, set[str]]) -> Wanted:
    chosen = {}
    for name, slug in _SLUGS.items():
        given = request.args.get(name, "")
        iri = given if given.startswith("http") or not given else f"{ID}{slug}/{given}"
        if iri and iri not in known[name]:
            raise BadRequest(
                Message("there is no “%(value)s” in this release", value=given[:80]),
                remedy=Message("Choose from the lists on %(address)s.", address="/matrix"),
            )
        chosen[name] = iri
    year = request.args.get("year", "")
    if year and not (year.isascii() and year.isdigit() and len(year) == 4):
        raise BadRequest(Message("“%(value)s” is no year", value=year[:40]))
    return Wanted(**chosen, year=year, examples=request.args.get("examples") != "no")


def _short(iri: str) -> str:
    return iri.rpartition("/")[2]


def _address(wanted: Wanted, changed: dict[str, str]) -> str:
    """The address of what one cell counts."""
    values = {name: changed.get(name) or getattr(wanted, name) for name in _SLUGS}
    query = {name: _short(iri) for name, iri in values.items() if iri}
    query |= {"year": wanted.year} if wanted.year else {}
    query |= {} if wanted.examples else {"examples": "no"}
    return "/matrix?" + urlencode(query)
