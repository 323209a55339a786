"""The start page: what this is, the framework's picture, the doors, and what is new."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, Response, render_template

from ..description import framework_picture, kinds
from ..description.framework_picture import Entry
from ..description.view import Link
from ..i18n import Message
from ..media import HTML
from ..namespaces import ID, SKOS
from ..publishing import feed
from ..publishing.metadata import DATASET
from .dumps import shelf
from .entities import addresses
from .negotiation import finish, language, opened

start = Blueprint("start", __name__)

_KINDS_NAMED = 5
_THINGS_NAMED = 6


@dataclass(frozen=True, slots=True)
class News:
    """What a release changed: ``kinds`` with how many things, the most first; some ``things``."""

    is_first: bool
    members: int
    kinds: list[tuple[Message, int]]
    things: list[tuple[Link, str]]


@start.get("/")
def page() -> Response:
    of, lang = opened(), language()
    roles, methods, ambitions = (_listed(slug) for slug in ("role", "method", "ambition"))
    body = render_template(
        "start.html",
        groups=_groups(),
        wide=framework_picture.wide(roles, methods, ambitions, lang),
        narrow=framework_picture.narrow(roles, methods, ambitions, lang),
        roles=roles,
        methods=methods,
        ambitions=ambitions,
        aims={
            ambition: of.describer.list_of(of.lookup.subjects(SKOS + "broader", ambition))
            for ambition in of.lookup.of_kind(f"{ID}ambition/")
        },
        news=_news(),
        totals={"quads": of.manifest.quads, "graphs": len(of.manifest.graphs)},
        canonical=addresses().absolute("/"),
        structured=shelf().structured(of, DATASET, lang),
    )
    return finish(Response(body, content_type=HTML.content_type), HTML, negotiated=False)


def _listed(slug: str) -> list[Entry]:
    of = opened()
    return of.describer.list_of(of.lookup.of_kind(f"{ID}{slug}/"))


def _groups() -> list[tuple[Message, list[tuple[kinds.Kind, int]]]]:
    """Every kind of which there is something, with how many, by heading."""
    counts = opened().lookup.counts()
    found = []
    for slug, title in kinds.GROUPS.items():
        there = [
            (kind, counts[kind.prefix])
            for kind in kinds.KINDS
            if kind.group == slug and counts.get(kind.prefix)
        ]
        if there:
            found.append((title, there))
    return found


def _news() -> News | None:
    """What the release being read changed; None until its feed is there."""
    of = opened()
    path = of.release.path
    if not feed.exists(path):
        return None
    index = feed.read_index(path)
    is_first = of.manifest.parent is None
    named = [
        (kind.title, sum(counts.values()))
        for slug, counts in index.kinds.items()
        if not is_first and (kind := kinds.by_slug(slug)) is not None
    ]
    things = feed.things_of_page(path, index.pages[0]) if index.pages and not is_first else ()
    return News(
        is_first=is_first,
        members=index.members,
        kinds=sorted(named, key=lambda one: -one[1])[:_KINDS_NAMED],
        things=[
            (of.describer.link(thing), what)
            for (thing, what), _ in zip(things, range(_THINGS_NAMED), strict=False)
        ],
    )
