"""Pages that are about more than one thing: the ontology, the shapes, the data set."""

from __future__ import annotations

import json
from collections.abc import Callable

from flask import Blueprint, Response, current_app, render_template

from ..description import document
from ..description.view import EntityView
from ..media import HTML, Form
from ..namespaces import DCT, DEF, GRAPH, OWL, RDF, RDFS, SH, SHAPES
from ..publishing import state as publisher_state
from ..publishing.metadata import DATASET
from . import links
from .catalogue_shelf import CatalogueShelf
from .entities import OFFERED, addresses, form_links, respond, split_form
from .links import LINKSETS, Document
from .negotiation import choose, finish, language, opened, publication

pages = Blueprint("pages", __name__)

#: The graphs that together are the document of the ontology; alignments and code lists have
#: their own.
_ONTOLOGY = ("ontology/coi", "ontology/barometer")
_CLASSES = (OWL + "Class", RDFS + "Class")
_PROPERTIES = (OWL + "ObjectProperty", OWL + "DatatypeProperty", RDF + "Property")


def _shelf() -> CatalogueShelf:
    found: CatalogueShelf = current_app.extensions["coi-catalogue"]
    return found


@pages.get("/def/")
def ontology() -> Response:
    return _ontology(None)


@pages.get("/def/<path:name>")
def term(name: str) -> Response:
    """A term of the ontology; ``def/0.1.0`` is the ontology in that version."""
    name, form = split_form(name)
    if name == "index" and form is not None:
        return _ontology(form)
    if name == opened().manifest.ontology_version:
        return _ontology(form)
    iri = DEF + name
    return respond(iri, Document(iri, f"/def/{name}"), form)


def _ontology(form: Form | None) -> Response:
    of, about = opened(), Document(DEF, "/def/")

    def page() -> str:
        classes, properties = _terms(_CLASSES), _terms(_PROPERTIES)
        listed = {view.iri for view in (*classes, *properties)}
        own = _views(of.lookup.subjects(RDFS + "isDefinedBy", DEF))
        return render_template(
            "ontology.html",
            header=of.describer.entity(DEF),
            structured=_shelf().structured(of, DEF, language()),
            classes=classes,
            properties=properties,
            others=[view for view in own if view.iri not in listed],
            forms=form_links(about),
            canonical=addresses().absolute("/def/"),
        )

    return _collection(about, form, OWL + "Ontology", [GRAPH + one for one in _ONTOLOGY], page)


@pages.get("/shapes/")
def shapes() -> Response:
    return _shapes(None)


@pages.get("/shapes/index.<name>")
def shapes_in_a_form(name: str) -> Response:
    """``/shapes/index.ttl``: all shapes in one document, to validate with."""
    return _shapes(split_form(f"index.{name}")[1])


def _shapes(form: Form | None) -> Response:
    of, about = opened(), Document(SHAPES, "/shapes/")

    def page() -> str:
        shapes = of.lookup.subjects(RDF + "type", SH + "PropertyShape")
        shapes += of.lookup.subjects(RDF + "type", SH + "NodeShape")
        return render_template(
            "graph.html",
            iri=SHAPES,
            labels=of.lookup.labels(SHAPES),
            count=sum(of.manifest.graphs[graph] for graph in graphs),
            file="shapes/",
            rows=of.describer.list_of([iri for iri in shapes if iri.startswith(SHAPES)]),
            forms=form_links(about),
        )

    graphs = [name for name in of.manifest.graphs if name.startswith(GRAPH + "shapes/")]
    return _collection(about, form, DCT + "Standard", graphs, page)


def _collection(
    about: Document, form: Form | None, kind: str, graphs: list[str], page: Callable[[], str]
) -> Response:
    """A document that is several named graphs together, or the page about them."""
    of = opened()
    negotiated, form = form is None, form or choose(OFFERED)
    targets = links.targets(about, [kind], addresses())
    if form is HTML:
        body: str | bytes = page()
    elif form in LINKSETS:
        body = links.linkset(form, addresses().absolute(about.path), targets)
    else:
        triples = {quad.triple for name in graphs for quad in of.lookup.graph(name, 100_000)}
        body = document.serialize(triples, form)
    response = Response(body, content_type=form.content_type)
    response.headers["Link"] = links.header(targets)
    if negotiated:
        response.headers["Content-Location"] = about.form_path(form)
    return finish(response, form, negotiated=negotiated)


def _terms(types: tuple[str, ...]) -> list[EntityView]:
    lookup = opened().lookup
    iris = {
        iri for kind in types for iri in lookup.subjects(RDF + "type", kind) if iri.startswith(DEF)
    }
    return _views(sorted(iris))


def _views(iris: list[str]) -> list[EntityView]:
    describer = opened().describer
    views = (describer.entity(iri, with_parts=False, with_incoming=False) for iri in iris)
    return [view for view in views if view is not None]


@pages.get("/dataset")
def dataset() -> Response:
    """What is published, whatever its release."""
    return respond(DATASET, Document(DATASET, "/dataset"), None)


@pages.get("/healthz")
def healthz() -> Response:
    """For a load balancer: 200 with the release's number while something is served; and how the
    publisher is doing, which readers do not depend on."""
    of = publication().current()
    home = current_app.extensions["coi-config"].home
    found = {"status": "ok", "release": of.number, "publishing": publisher_state.read(home)}
    body = json.dumps(found, ensure_ascii=False)
    response = Response(body, content_type="application/json")
    response.cache_control.no_store = True
    return response


@pages.get("/favicon.ico")
def favicon() -> Response:
    return current_app.send_static_file("logo.svg")
