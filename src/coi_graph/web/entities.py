"""Dereferencing: things, the ontology's terms, shapes, named graphs (design.md, section 4)."""

from __future__ import annotations

from functools import lru_cache
from urllib.parse import quote_plus

from flask import Blueprint, Response, current_app, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from ..description import document, fitting_query, kinds, neighbourhood
from ..description.paths import Addresses
from ..description.view import EntityView, Link
from ..errors import Gone, NotFound
from ..i18n import Message, both, day
from ..media import DOCUMENT_FORMS, HTML, TURTLE, Form
from ..namespaces import DCT, DEF, GENID, GRAPH, ID, RDF, SHAPES, shorten
from . import links
from .catalogue_shelf import CatalogueShelf
from .links import LINKSETS, Document
from .negotiation import choose, finish, language, opened, timeline

entities = Blueprint("entities", __name__)

OFFERED = (*DOCUMENT_FORMS, HTML)
_MOST_OF_A_GRAPH = 200_000  # triples; more is a dump's work


def addresses() -> Addresses:
    found: Addresses = current_app.extensions["coi-addresses"]
    return found


def _shelf() -> CatalogueShelf:
    found: CatalogueShelf = current_app.extensions["coi-catalogue"]
    return found


@entities.get("/id/<path:name>")
def thing(name: str) -> BaseResponse:
    """303: the thing itself cannot be sent, the document about it can."""
    query = request.query_string.decode("ascii", "replace")
    target = url_for(".doc", name=name) + (f"?{query}" if query else "")
    response = redirect(target, 303)
    response.vary.update(["Accept", "Accept-Language"])
    return response


@entities.get("/doc/<path:name>")
def doc(name: str) -> Response:
    """The document about ``id/<name>``, or about a kind where the path ends with a slash."""
    name, form = split_form(name)
    if name.endswith("/"):
        return _kind(name, form)
    iri = addresses().iri(f"id/{name}")
    return respond(iri, Document(iri, f"/doc/{name}"), form)


@entities.get("/shapes/<path:name>")
def shape(name: str) -> Response:
    name, form = split_form(name)
    iri = SHAPES + name
    return respond(iri, Document(iri, f"/shapes/{name}"), form)


@entities.get("/.well-known/genid/<name>")
def genid(name: str) -> Response:
    name, form = split_form(name)
    iri = GENID + name
    return respond(iri, Document(iri, f"/.well-known/genid/{name}"), form)


@entities.get("/graph/<path:name>")
def graph(name: str) -> Response:
    """All triples of a named graph, or a page about it."""
    name, form = split_form(name)
    iri = GRAPH + name
    of = opened()
    count = of.manifest.graphs.get(iri)
    if count is None:
        raise NotFound(Message("release %(number)s has no such graph", number=of.number))
    about = Document(iri, f"/graph/{name}")
    negotiated, form = form is None, form or choose(OFFERED)
    if form in LINKSETS:
        return _finish(_linkset(form, about, []), about, form, [], negotiated=False)
    if form is HTML:
        file = of.lookup.values(iri, DCT + "identifier")
        page = render_template(
            "graph.html",
            iri=iri,
            labels=of.lookup.labels(iri),
            count=count,
            file=file[0].value if file else "",
            rows=of.describer.list_of_subjects(iri, 200),
            forms=form_links(about),
        )
        response = Response(page, content_type=form.content_type)
    elif count > _MOST_OF_A_GRAPH:
        raise NotFound(
            Message("this graph has %(count)s triples, too many for one document", count=count),
            remedy=Message("Query it by SPARQL with FROM <%(graph)s>.", graph=iri),
        )
    else:
        triples = document.describe_graph(of.lookup, iri, _MOST_OF_A_GRAPH)
        response = Response(document.serialize(triples, form), content_type=form.content_type)
    return _finish(response, about, form, [], negotiated=negotiated)


def split_form(name: str) -> tuple[str, Form | None]:
    """``x.ttl`` → (``x``, Turtle); ``index.ttl`` at the end of a folder is the folder's."""
    for form in (*OFFERED, *LINKSETS):
        ending = f".{form.name}"
        if name.endswith(ending):
            stem = name.removesuffix(ending)
            return (stem.removesuffix("index") if stem.endswith("/index") else stem), form
    return name, None


def respond(iri: str, about: Document, form: Form | None) -> Response:
    """The description of ``iri`` in the form asked for. Raises `NotFound` and `Gone`."""
    of = opened()
    negotiated, form = form is None, form or choose(OFFERED)
    types = sorted(term.value for term in of.lookup.values(iri, RDF + "type"))
    if not types and not of.lookup.about(iri, 1):
        removed_at = of.lookup.removed_at(iri)
        if removed_at is not None:
            raise _gone(iri, removed_at)
    if form is HTML:
        view = of.describer.entity(iri)
        if view is None:
            raise _unknown(iri)
        page = render_template(
            "entity.html",
            view=view,
            forms=form_links(about),
            cite=Message(
                "%(title)s. coi-graph, release %(release)s, %(date)s. %(iri)s",
                title=view.thing.label(language()),
                release=of.number,
                date=of.manifest.issued[:10],
                iri=iri,
            ),
            **_neighbours(view),
            query_url=f"/sparql?query={_query(view)}",
            history=timeline().of_thing(iri, of.number),
            structured=_shelf().structured(of, iri, language()),
            canonical=addresses().absolute(about.path),
        )
        response = Response(page, content_type=form.content_type)
    elif form in LINKSETS:
        response = _linkset(form, about, types)
    else:
        described = document.describe(of.lookup, iri, addresses().document(iri), of.number)
        if described is None:
            raise _unknown(iri)
        body = (
            of.turtle.write(described)
            if form is TURTLE
            else document.serialize(described.triples(of.lookup), form)
        )
        response = Response(body, content_type=form.content_type)
    return _finish(response, about, form, types, negotiated=negotiated)


def _neighbours(view: EntityView) -> dict[str, neighbourhood.Picture | None]:
    """The picture of a thing among its neighbours, for wide screens and for phones."""
    lang = language()
    properties, things = current_app.extensions["coi-vocabulary"].in_the_readers_language()

    def named(link: Link) -> str:
        short = shorten(link.iri)
        words = properties.get(short) or things.get(short)
        return link.label(lang) if link.labels or not words else str(words)

    into, out = neighbourhood.chosen(view.incoming), neighbourhood.chosen(view.relations)
    return {
        "wide": neighbourhood.wide(view.thing, into, out, lang, named),
        "narrow": neighbourhood.narrow(view.thing, into, out, lang, named),
    }


def _query(view: EntityView) -> str:
    """What a reader would ask next, as it stands in an address."""
    types = [link.iri.rpartition("#")[2].rpartition("/")[2] for link in view.types]
    query = fitting_query.of(view.iri, language(), types)
    return quote_plus(view.iri).join(map(_quoted, query.split(view.iri)))


#: What is the same for all things of a kind is quoted once.
_quoted = lru_cache(256)(quote_plus)


def _kind(name: str, form: Form | None) -> Response:
    """All things of a kind, by name."""
    of = opened()
    kind = kinds.by_slug(name.rstrip("/"))
    if kind is None:
        raise NotFound(Message("there is no kind of things called “%(name)s”", name=name))
    iris = of.lookup.of_kind(kind.prefix)
    about = Document(addresses().iri(f"id/{name}"), f"/doc/{name}")
    negotiated, form = form is None, form or choose(OFFERED)
    if form is HTML:
        page = render_template(
            "kind.html",
            kind=kind,
            rows=of.describer.list_of(iris),
            forms=form_links(about),
            canonical=addresses().absolute(about.path),
        )
        response = Response(page, content_type=form.content_type)
    elif form in LINKSETS:
        response = _linkset(form, about, [])
    else:
        triples = set(of.lookup.label_quads(iris)) | set(of.lookup.type_quads(iris))
        response = Response(document.serialize(triples, form), content_type=form.content_type)
    return _finish(response, about, form, [], negotiated=negotiated)


def form_links(about: Document) -> list[tuple[Form, str]]:
    """The forms for download, with their addresses; a pinned release stays pinned."""
    pinned = request.args.get("release")
    suffix = f"?release={pinned}" if pinned else ""
    return [(form, about.form_path(form) + suffix) for form in DOCUMENT_FORMS]


def _linkset(form: Form, about: Document, types: list[str]) -> Response:
    targets = links.targets(about, types, addresses())
    body = links.linkset(form, addresses().absolute(about.path), targets)
    return Response(body, content_type=form.media_type)


def _finish(
    response: Response, about: Document, form: Form, types: list[str], *, negotiated: bool
) -> Response:
    response.headers["Link"] = links.header(links.targets(about, types, addresses()))
    if negotiated:
        response.headers["Content-Location"] = about.form_path(form)
    return finish(response, form, negotiated=negotiated)


def _unknown(iri: str) -> NotFound:
    return NotFound(
        Message("release %(number)s says nothing of %(iri)s", number=opened().number, iri=iri),
        remedy=Message("Check the spelling, or look for it from the start page."),
    )


def _gone(iri: str, removed_at: str) -> Gone:
    of = opened()
    successors = of.lookup.subjects(DCT + "replaces", iri)
    message = Message("%(iri)s was removed on %(date)s", iri=iri, date=day(removed_at))
    remedy = (
        Message("It was replaced by %(iris)s", iris=", ".join(successors))
        if successors
        else Message("Nothing replaces it. Older releases still describe it: ?release=N")
    )
    listed = [of.describer.link(successor) for successor in successors]
    if iri.startswith(ID):
        listed.append(Link(iri, both(Message("History")), "/history/" + iri.removeprefix(ID)))
    return Gone(
        message,
        remedy=remedy,
        removed_at=removed_at,
        replaced_by=successors,
        links=listed,
    )


__all__ = ["DEF", "addresses", "entities", "respond", "split_form"]
