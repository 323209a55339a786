"""`/catalog`: the DCAT-AP catalogue; `/dataset/…`: one data set of it; `/void`: VoID."""

from __future__ import annotations

from flask import Blueprint, Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from ..catalogue import dcat, schema_org, void
from ..catalogue.model import CATALOG, Entry
from ..catalogue.services import SERVICES
from ..description import document
from ..errors import NotFound
from ..i18n import Message
from ..media import DOCUMENT_FORMS, HTML, Form
from ..namespaces import BASE, DCAT, VOID
from ..publishing import counts
from ..publishing.dumps import folder_of
from ..publishing.metadata import DATASET
from . import links
from .dumps import shelf
from .entities import OFFERED, addresses, form_links, split_form
from .links import LINKSETS, Document
from .negotiation import choose, finish, language, opened

catalogue = Blueprint("catalogue", __name__)

_ABOUT = Document(CATALOG, "/catalog")


@catalogue.get("/catalog")
def catalog() -> Response:
    return _catalog(None)


@catalogue.get("/catalog.<name>")
def catalog_in_a_form(name: str) -> Response:
    return _catalog(_form(f"catalog.{name}"))


def _catalog(form: Form | None) -> Response:
    """Whole, or `?page=N` with controls that lead on. Both list the same, in the same order."""
    of = opened()
    source, entries = shelf().source(of)
    number = _page_number(dcat.pages_of(entries))
    negotiated, form = form is None, form or choose(OFFERED)
    if form in LINKSETS:
        targets = links.targets(_ABOUT, [DCAT + "Catalog"], addresses())
        body = links.linkset(form, addresses().absolute(_ABOUT.path), targets)
    elif form is HTML:
        body = render_template(
            "catalog.html",
            entries=[(entry, entry.iri.removeprefix(BASE)) for entry in entries],
            services=[(one, one.named.title, one.named.description) for one in SERVICES],
            forms=form_links(_ABOUT),
            pages=dcat.pages_of(entries),
            site=shelf().site,
            structured=schema_org.script(schema_org.catalogue(entries, language(), shelf().site)),
            canonical=addresses().absolute("/catalog"),
        ).encode()
    else:
        chosen = form

        def make() -> bytes:
            whole = number is None
            triples = (
                dcat.whole(source, entries) if whole else dcat.page(source, entries, number or 1)
            )
            return document.serialize(triples, chosen)

        body = shelf().body(of, f"catalog-{number}-{form.name}", make)
    response = Response(body, content_type=form.content_type)
    return _finish(
        response, _ABOUT, form, DCAT + "Catalog", negotiated, f"{number}-{shelf().tag()}"
    )


def _page_number(last: int) -> int | None:
    """`?page=`, or None. Raises `NotFound` beyond the last: an empty page with a link to the next
    would be walked for ever."""
    asked = request.args.get("page")
    if asked is None:
        return None
    if asked.isascii() and asked.isdigit() and len(asked) <= 9 and 1 <= int(asked) <= last:
        return int(asked)
    raise NotFound(
        Message("the catalogue has no page “%(page)s”", page=asked[:40]),
        remedy=Message("The pages are numbered from 1 to %(last)s.", last=last),
    )


@catalogue.get("/dataset/<path:name>")
def dataset(name: str) -> Response:
    """One data set, as the catalogue describes it."""
    name, form = split_form(name)
    of = opened()
    source, entries = shelf().source(of)
    iri = f"{DATASET}/{name}"
    entry = next((one for one in entries if one.iri == iri), None)
    if entry is None:
        raise NotFound(
            Message("release %(number)s says nothing of %(iri)s", number=of.number, iri=iri),
            remedy=Message("/catalog lists the data sets."),
        )
    about = Document(iri, f"/dataset/{name}")
    negotiated, form = form is None, form or choose(OFFERED)
    if form in LINKSETS:
        targets = links.targets(about, [DCAT + "Dataset"], addresses())
        body = links.linkset(form, addresses().absolute(about.path), targets)
    elif form is HTML:
        body = _dataset_page(entry, about).encode()
    else:
        body = document.serialize(dcat.one(source, entry), form)
    response = Response(body, content_type=form.content_type)
    return _finish(response, about, form, DCAT + "Dataset", negotiated, f"{name}-{shelf().tag()}")


def _dataset_page(entry: Entry, about: Document) -> str:
    return render_template(
        "dataset.html",
        entry=entry,
        structured=shelf().structured(opened(), entry.iri, language()),
        forms=form_links(about),
        canonical=addresses().absolute(about.path),
    )


@catalogue.get("/void")
def void_() -> Response:
    return _void(None)


@catalogue.get("/void.<name>")
def void_in_a_form(name: str) -> Response:
    return _void(_form(f"void.{name}"))


@catalogue.get("/.well-known/void")
def well_known_void() -> BaseResponse:
    """Where VoID's own text says that one looks (section 7.2): a redirect."""
    query = request.query_string.decode("ascii", "replace")
    return redirect(url_for(".void_") + (f"?{query}" if query else ""), 302)


def _void(form: Form | None) -> Response:
    of, about = opened(), Document(BASE + "void", "/void")
    source, _ = shelf().source(of)
    negotiated, form = form is None, form or choose(DOCUMENT_FORMS)

    def make() -> bytes:
        kept = counts.of(folder_of(of.release), of.number)
        return document.serialize(void.describe(source, kept), form)

    body = shelf().body(of, f"void-{form.name}", make)
    response = Response(body, content_type=form.content_type)
    kind = VOID + "DatasetDescription"
    return _finish(response, about, form, kind, negotiated, f"void-{shelf().tag()}")


def _form(name: str) -> Form:
    form = split_form(name)[1]
    if form is None:
        raise NotFound(
            Message("“%(name)s” is no form of this answer", name=name[:40]),
            remedy=Message("There is: %(forms)s", forms=", ".join(one.name for one in OFFERED)),
        )
    return form


def _finish(
    response: Response, about: Document, form: Form, kind: str, negotiated: bool, tag: str
) -> Response:
    response.headers["Link"] = links.header(links.targets(about, [kind], addresses()))
    if negotiated:
        response.headers["Content-Location"] = about.form_path(form)
    finished = finish(response, form, negotiated=negotiated, tag=f"{tag}-{language()}")
    # Dumps come after the switch, and a release's dumps may go: even pinned it may change.
    finished.headers["Cache-Control"] = "public, max-age=0, must-revalidate"
    return finished
