"""The change feed at `/feed`, for LDES clients (docs/decisions/0045 and 0046).

Pages are read from a release's files, never from its store: they outlive it.
"""

from __future__ import annotations

import hashlib

import pyoxigraph as ox
from flask import Blueprint, Response, redirect, render_template, request
from werkzeug.wrappers import Response as BaseResponse

from .. import __version__
from ..errors import NotFound
from ..i18n import Message
from ..media import HTML, JSON_LD, N_QUADS, TRIG, Form
from ..publishing import event_stream
from ..publishing import feed as files
from ..publishing.event_stream import PATH, Target
from ..publishing.releases import Release
from . import headers
from .entities import addresses
from .negotiation import choose, finish, publication

feed = Blueprint("feed", __name__)

_FORMS = {
    TRIG: ox.RdfFormat.TRIG,
    JSON_LD: ox.RdfFormat.JSON_LD,
    N_QUADS: ox.RdfFormat.N_QUADS,
}
_DIGITS = 9  # of the largest number that is looked up


@feed.get("/feed")
def view() -> Response:
    """Where a client begins, and what it asks again: the releases, or their blocks."""
    form = choose((*_FORMS, HTML))
    releases = published()
    if form is HTML:
        newest = publication().current()
        page = render_template(
            "feed.html",
            address=addresses().absolute(PATH),
            newest=newest.number,
            index=files.read_index(newest.release.path) if newest.release in releases else None,
            canonical=addresses().absolute(PATH),
        )
        response = Response(page, content_type=form.content_type)
    else:
        targets = list(event_stream.targets_of_view(releases))
        response = _node(PATH, targets, form)
    return finish(response, form, negotiated=True, tag=f"feed-{len(releases)}")


@feed.get("/feed/<first>-<last>")
def block(first: str, last: str) -> Response:
    """Fifty releases, once they are all there."""
    form = choose(tuple(_FORMS))
    low, high = number(first), number(last)
    releases = published()
    newest = publication().current()
    own = [release for release in releases if low <= release.number <= high]
    if (low, high) != event_stream.block_of(low) or high > newest.number or not own:
        raise NotFound(
            Message("there is no such part of the change feed"),
            remedy=Message("Begin at %(address)s.", address=addresses().absolute(PATH)),
        )
    targets = list(event_stream.targets_of_block(own))
    response = _node(event_stream.block_path(low, high), targets, form)
    return immutable(response, own[-1], f"block-{own[0].number}-{form.name}")


@feed.get("/feed/<release>/<page>")
def page(release: str, page: str) -> Response:
    """A page of what a release changed."""
    form = choose(tuple(_FORMS))
    of = release_named(release)
    index = files.read_index(of.path)
    at, most = number(page), max(1, len(index.pages))
    if not 1 <= at <= most:
        raise NotFound(
            Message(
                "the change feed of release %(number)s has %(pages)s pages",
                number=of.number,
                pages=most,
            ),
            remedy=Message("Begin at %(address)s.", address=addresses().absolute(PATH)),
        )
    tag = index.pages[at - 1].sha256[:12] if index.pages else "empty"
    quads = event_stream.page(of, index, at, addresses().absolute)
    body = event_stream.serialize(quads, _FORMS[form])
    return immutable(Response(body, content_type=form.content_type), of, f"{tag}-{form.name}")


@feed.get("/release/<release>/change/<change>")
def change(release: str, change: str) -> BaseResponse:
    """An Activity's own address: 303 to the page that it is on."""
    of = release_named(release)
    index, wanted = files.read_index(of.path), number(change)
    for at, one in enumerate(index.pages, 1):
        if one.start < wanted <= one.start + one.members:
            return redirect(event_stream.page_path(of.number, at), 303)
    raise NotFound(
        Message("release %(number)s has %(count)s changes", number=of.number, count=index.members)
    )


def published() -> list[Release]:
    """The releases that are served and have a feed, oldest first."""
    newest = publication().current().number
    return [
        release
        for release in publication().releases.all()
        if release.number <= newest and files.exists(release.path)
    ]


def release_named(text: str) -> Release:
    """Raises `NotFound` for what is no number of a release that is served."""
    wanted, newest = number(text), publication().current().number
    if wanted > newest:
        raise NotFound(
            Message("there is no release %(number)s", number=wanted),
            remedy=Message("The newest release is %(newest)s.", newest=newest),
        )
    return publication().releases.get(wanted)


def number(text: str) -> int:
    """A path's digits; 0, which nothing is called, for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _DIGITS else 0


def immutable(response: Response, of: Release, tag: str, size: int | None = None) -> Response:
    """The headers of what a release's files say: it will never be otherwise. ``size`` of a
    file makes `Range` work."""
    site = hashlib.sha256(addresses().site.encode()).hexdigest()[:8]
    for name, value in headers.of_release(of.number, of.manifest.issued, never_changes=True):
        response.headers[name] = value
    response.set_etag(f"{of.number}-{tag}-{site}-{__version__}")
    response.vary.add("Accept")
    # werkzeug says the parent class
    return response.make_conditional(  # type: ignore[return-value]
        request, accept_ranges=size is not None, complete_length=size
    )


def _node(path: str, targets: list[Target], form: Form) -> Response:
    quads = event_stream.node(path, targets, addresses().absolute)
    body = event_stream.serialize(quads, _FORMS[form])
    return Response(body, content_type=form.content_type)


__all__ = ["feed", "immutable", "number", "published", "release_named"]
