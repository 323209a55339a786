"""The history of a thing: which releases changed it, who contributed that, and who reviewed it.

Made from the timeline's index, never from a store: a release whose store was pruned still counts.
"""

from __future__ import annotations

from collections.abc import Iterator

import pyoxigraph as ox
from flask import Blueprint, Response, render_template

from ..description import document
from ..description.view import Link
from ..errors import NotFound
from ..i18n import Message
from ..media import HTML
from ..namespaces import AS, BASE, PROV, RDF, XSD
from ..publishing.feed_members import activity_iri
from ..publishing.metadata import release_iri
from ..publishing.timeline import Change, Reviewed
from . import links
from .entities import OFFERED, addresses, form_links, split_form
from .links import Document
from .negotiation import choose, finish, opened, timeline

history = Blueprint("history", __name__)


@history.get("/history/<path:name>")
def of_thing(name: str) -> Response:
    """Which releases created, changed or removed ``id/<name>``."""
    name, form = split_form(name)
    iri = addresses().iri(f"id/{name}")
    negotiated, form = form is None, form or choose(OFFERED)
    of = opened()
    found = timeline().of_thing(iri, of.number)
    if not found:
        raise NotFound(
            Message("no release has changed %(iri)s", iri=iri),
            remedy=Message("Check the spelling, or look for it from the start page."),
        )
    reviewed = timeline().reviews_of_thing(iri, of.number)
    about = Document(f"{BASE}history/{name}", f"/history/{name}")
    targets = links.targets(about, [], addresses())
    if form is HTML:
        body: str | bytes = render_template(
            "history.html",
            thing=of.describer.link(iri),
            history=found[::-1],
            reviewed={release: named(by) for release, by in reviewed.items()},
            forms=form_links(about),
            canonical=addresses().absolute(about.path),
        )
    elif form in links.LINKSETS:
        body = links.linkset(form, addresses().absolute(about.path), targets)
    else:
        triples = {*activities(iri, found), *_origins(found, reviewed)}
        body = document.serialize(triples, form)
    response = Response(body, content_type=form.content_type)
    response.headers["Link"] = links.header(targets)
    return finish(response, form, negotiated=negotiated, tag=f"history-{found[-1].release}")


def activities(thing: str, found: list[Change]) -> Iterator[ox.Triple]:
    """The members of the feed that are about ``thing``, without their payload."""
    for change in found:
        activity = ox.NamedNode(activity_iri(change.release, change.number))
        issued = ox.Literal(change.issued, datatype=ox.NamedNode(XSD + "dateTime"))
        release = ox.NamedNode(release_iri(change.release))
        yield ox.Triple(activity, ox.NamedNode(RDF + "type"), ox.NamedNode(AS + change.what))
        yield ox.Triple(activity, ox.NamedNode(AS + "object"), ox.NamedNode(thing))
        yield ox.Triple(activity, ox.NamedNode(AS + "published"), issued)
        yield ox.Triple(release, ox.NamedNode(PROV + "hadMember"), activity)


def _origins(found: list[Change], reviewed: dict[int, list[Reviewed]]) -> Iterator[ox.Triple]:
    """Which reviewed contributions the changes came from (PROV-O)."""
    for change in found:
        activity = ox.NamedNode(activity_iri(change.release, change.number))
        for one in reviewed.get(change.release, ()):
            review = ox.NamedNode(one.iri)
            yield ox.Triple(activity, ox.NamedNode(PROV + "wasInformedBy"), review)
            yield from one.said


def named(found: list[Reviewed]) -> list[tuple[Reviewed, Link, Link]]:
    """With contributor and reviewer, and their names."""
    link = opened().describer.link
    return [(one, link(one.contributor), link(one.reviewer)) for one in found]
