"""Releases as things: the timeline, one release, its rehearsal.

Made from manifests, feeds and the timeline's index, never from a store: a release whose store was
pruned still has its page.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pyoxigraph as ox
from flask import Blueprint, Response, g, render_template, request

from ..description import document, kinds
from ..errors import BadRequest, NotFound, ReleaseCorrupt
from ..i18n import Message
from ..media import HTML
from ..namespaces import AS, BASE, DCAT, DCT, PROV, RDF, RDFS, VOID, XSD
from ..publishing import changes, dumps, feed, metadata, proof, provenance
from ..publishing.manifest import Manifest
from ..publishing.metadata import DATASET, release_iri
from ..publishing.releases import Release
from ..publishing.timeline import Reviewed
from . import links
from .changes import JSON
from .dumps import shelf
from .entities import OFFERED, addresses, form_links, split_form
from .feed import number, release_named
from .history import named
from .links import Document
from .negotiation import choose, finish, language, opened, publication, timeline

releases = Blueprint("releases", __name__)

_ON_A_PAGE = 50  # releases
_SIDES = (changes.ADDED, changes.REMOVED)
_SPDX = "http://spdx.org/rdf/terms#"
_SHA256 = ox.NamedNode(_SPDX + "checksumAlgorithm_sha256")
_GZIP = ox.NamedNode("https://www.iana.org/assignments/media-types/application/gzip")
#: What a rehearsal compares, in both languages.
CHECKS = {
    "catalogue, paged and whole": Message("data sets of the catalogue, paged and whole"),
    "release that the catalogue names": Message("release that the catalogue names"),
    "statements of the dump": Message("statements of the dump"),
    "content hash of the dump": Message("content hash of the dump"),
    "releases since the one before": Message("releases since the one before"),
    "statements added": Message("statements added"),
    "statements removed": Message("statements removed"),
    "members of the feed": Message("members of the change feed"),
    "content hash of the feed, replayed": Message("content hash of the change feed, replayed"),
    "members of the newest release": Message("changes of the newest release"),
}


#: What is changed besides the kinds of things.
_KINDS = {
    "": Message("Others"),
    "def": Message("Terms of the ontology"),
    "graph": Message("Named graphs"),
    "shapes": Message("Rules for contributions"),
    "slice": Message("Slices of the barometer"),
}
_CODES = Message("Codes of the lists")


@releases.get("/release/")
def every() -> Response:
    """Every release, newest first, fifty a page."""
    form = choose(OFFERED)
    newest = publication().current().number
    found = [one for one in publication().releases.all() if one.number <= newest][::-1]
    pages = max(1, -(-len(found) // _ON_A_PAGE))
    at = _page(pages)
    shown = found[(at - 1) * _ON_A_PAGE : at * _ON_A_PAGE]
    about = Document(BASE + "release/", "/release/")
    if form is HTML:
        body: str | bytes = render_template(
            "releases.html",
            releases=[(one.number, _manifest(one), one.number == newest) for one in shown],
            page=at,
            pages=pages,
            forms=form_links(about),
            canonical=None,
        )
    else:
        quads = {quad for one in shown if _manifest(one) for quad in _numbers(one)}
        body = document.serialize(quads, form)
    response = Response(body, content_type=form.content_type)
    return finish(response, form, negotiated=True, tag=f"releases-{at}-{opened().number}")


def _manifest(of: Release) -> Manifest | None:
    """None where it cannot be read: one damaged release must not take the others' list away."""
    try:
        return of.manifest
    except ReleaseCorrupt:
        return None


@releases.get("/release/<name>")
def one(name: str) -> Response:
    """One release: numbers, what changed, checksums, how to cite it."""
    name, form = split_form(name)
    if not number(name):
        raise NotFound(Message("“%(value)s” is no release number", value=name[:40]))
    of = release_named(name)
    negotiated, form = form is None, form or choose(OFFERED)
    if of.is_readable:
        g.opened = publication().at(of.number)  # the names of things as they were
    about = Document(release_iri(of.number), f"/release/{of.number}")
    index = feed.read_index(of.path) if feed.exists(of.path) else None
    found = proof.read(of.path)
    reviewed = timeline().reviews_of_release(of.number)
    listed = [dump for dump in dumps.listed(of) if dump.graph is None and dump.part is None]
    targets = links.targets(about, [DCAT + "Dataset"], addresses())
    at = 1
    if form is HTML:
        at = _page(max(1, len(index.pages)) if index else 1)
        body: str | bytes = render_template(
            "release.html",
            manifest=of.manifest,
            is_current=of.number == publication().current().number,
            is_kept=of.is_readable,
            index=index,
            kinds=_kinds(index),
            changed=_changed(of, index, at),
            reviewed=named(reviewed),
            page=at,
            pages=len(index.pages) if index else 0,
            proof=found,
            dumps=listed,
            sides=[(side, of.manifest.files.get(side, {})) for side in _SIDES],
            cite=_citation(of),
            forms=form_links(about),
            iri=about.iri,
            structured=shelf().structured(publication().current(), about.iri, language()),
            canonical=addresses().absolute(about.path),
        )
    elif form in links.LINKSETS:
        body = links.linkset(form, addresses().absolute(about.path), targets)
    else:
        body = document.serialize(set(_described(of, index, reviewed, found is not None)), form)
    response = Response(body, content_type=form.content_type)
    response.headers["Link"] = links.header(targets)
    if negotiated:
        response.headers["Content-Location"] = about.form_path(form)
    started = found.started if found else ""
    made = f"{len(listed)}-{started}-{index is not None}-{len(reviewed)}-{at}"
    return finish(response, form, negotiated=negotiated, tag=f"release-{of.number}-{made}")


@releases.get("/release/<name>/rehearsal")
def rehearsal(name: str) -> Response:
    """What came of copying this release from here, as a stranger does."""
    of = release_named(name)
    found = proof.read(of.path)
    if found is None:
        raise NotFound(
            Message("release %(number)s has not been rehearsed", number=of.number),
            remedy=Message("“coi-graph release rehearse” does it while the site runs."),
        )
    form = choose((HTML, JSON))
    if form is HTML:
        body = render_template(
            "rehearsal.html", proof=found, names=CHECKS, number=of.number, canonical=None
        )
    else:
        body = found.to_json()
    response = Response(body, content_type=form.content_type)
    return finish(response, form, negotiated=True, tag=f"rehearsal-{of.number}-{found.started}")


def _page(pages: int) -> int:
    """``?page=``. Raises `BadRequest` and `NotFound`."""
    asked = request.args.get("page", "1")
    at = number(asked)
    if not at:
        raise BadRequest(Message("“%(value)s” is no page number", value=asked[:40]))
    if at > pages:
        raise NotFound(
            Message("there is no page %(page)s", page=at),
            remedy=Message("The pages are numbered from 1 to %(last)s.", last=pages),
        )
    return at


def _kinds(index: feed.Index | None) -> list[tuple[Message, dict[str, int]]]:
    """What was created, updated and deleted, by kind, the most changed first."""
    found: dict[str, tuple[Message, Counter[str]]] = {}
    for slug, counts in index.kinds.items() if index else ():
        kind = kinds.by_slug(slug)
        title = kind.title if kind else _KINDS.get(slug, _CODES)  # a code's path begins as its list
        found.setdefault(title.msgid, (title, Counter()))[1].update(counts)
    by_number = sorted(found.values(), key=lambda row: (-row[1].total(), row[0].msgid))
    return [(title, dict(counts)) for title, counts in by_number]


def _changed(of: Release, index: feed.Index | None, at: int) -> list[tuple[object, str]]:
    """The things on page ``at`` of the feed, with their names."""
    if index is None or not index.pages:
        return []
    describer = opened().describer
    found = feed.things_of_page(of.path, index.pages[at - 1])
    return [(describer.link(thing), what) for thing, what in found]


def _citation(of: Release) -> Message:
    return Message(
        "%(title)s. coi-graph, release %(release)s, %(date)s. %(iri)s",
        title=Message("COI’s strategic framework as linked data"),
        release=of.number,
        date=of.manifest.issued[:10],
        iri=release_iri(of.number),
    )


def _numbers(of: Release) -> Iterator[ox.Triple]:
    """A release in a list."""
    m = of.manifest
    node = ox.NamedNode(release_iri(of.number))
    for quad in metadata.description(of.number, m.parent, m.issued):
        if quad.subject == node:
            yield quad.triple
    yield ox.Triple(node, ox.NamedNode(VOID + "triples"), _integer(m.quads))
    if m.rolled_back_to is not None:
        back = ox.NamedNode(release_iri(m.rolled_back_to))
        yield ox.Triple(node, ox.NamedNode(PROV + "wasDerivedFrom"), back)


def _described(
    of: Release, index: feed.Index | None, reviewed: list[Reviewed], is_rehearsed: bool
) -> Iterator[ox.Triple]:
    """A release with its counts, and the files of its change with their checksums."""
    yield from _numbers(of)
    node = ox.NamedNode(release_iri(of.number))
    yield ox.Triple(
        node,
        ox.NamedNode(DCT + "bibliographicCitation"),
        ox.Literal(_citation(of).in_language("en"), language="en"),
    )
    yield ox.Triple(node, ox.NamedNode(DCT + "isVersionOf"), ox.NamedNode(DATASET))
    if index is not None:
        yield ox.Triple(node, ox.NamedNode(AS + "totalItems"), _integer(index.members))
    made = provenance.of_publication(of.number, of.manifest.issued, (one.iri for one in reviewed))
    for quad in made:
        yield quad.triple
    for one in reviewed:
        yield from one.said
    if is_rehearsed:
        page = ox.NamedNode(addresses().absolute(f"/release/{of.number}/rehearsal"))
        yield ox.Triple(node, ox.NamedNode(RDFS + "seeAlso"), page)
    for name in _SIDES:
        known = of.manifest.files.get(name)
        if known is None:
            continue
        file = ox.NamedNode(f"{node.value}/{name}")
        checksum = ox.NamedNode(f"{file.value}#checksum")
        address = ox.NamedNode(addresses().absolute(f"/release/{of.number}/{name}"))
        digest = ox.Literal(known["sha256"], datatype=ox.NamedNode(XSD + "hexBinary"))
        for subject, predicate, value in (
            (node, DCAT + "distribution", file),
            (file, RDF + "type", ox.NamedNode(DCAT + "Distribution")),
            (file, DCT + "title", ox.Literal(name)),
            (file, DCT + "license", ox.NamedNode(metadata.LICENCE)),
            (file, DCAT + "accessURL", address),
            (file, DCAT + "downloadURL", address),
            (file, DCAT + "compressFormat", _GZIP),
            (file, DCAT + "byteSize", _integer(known["bytes"])),
            (file, _SPDX + "checksum", checksum),
            (checksum, RDF + "type", ox.NamedNode(_SPDX + "Checksum")),
            (checksum, _SPDX + "algorithm", _SHA256),
            (checksum, _SPDX + "checksumValue", digest),
        ):
            yield ox.Triple(subject, ox.NamedNode(predicate), value)


def _integer(value: int) -> ox.Literal:
    return ox.Literal(str(value), datatype=ox.NamedNode(XSD + "nonNegativeInteger"))
