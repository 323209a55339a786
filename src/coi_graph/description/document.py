"""A thing → the RDF document about it.

What it says, its parts, the sentences it is stated in, what points to it, the names of all that
is mentioned, and which release the document belongs to.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache

import pyoxigraph as ox

from ..media import JSON_LD, N_QUADS, N_TRIPLES, RDF_XML, TRIG, TURTLE, Form
from ..namespaces import BASE, DCAT, DCT, DEF, FOAF, GENID, ID, PREFIXES, RDF
from ..publishing.metadata import DATASET, LICENCE, release_iri
from .lookup import Lookup

MOST_INCOMING = 1_000
_STATED_IN = DEF + "statedIn"
_FORMATS = {
    TURTLE: ox.RdfFormat.TURTLE,
    JSON_LD: ox.RdfFormat.JSON_LD,
    RDF_XML: ox.RdfFormat.RDF_XML,
    N_TRIPLES: ox.RdfFormat.N_TRIPLES,
    TRIG: ox.RdfFormat.TRIG,
    N_QUADS: ox.RdfFormat.N_QUADS,
}


def describe(lookup: Lookup, iri: str, document: str, release: int) -> set[ox.Triple] | None:
    """The triples of the document about ``iri``; None when the release says nothing of it."""
    own = list(lookup.closure(iri))
    incoming = lookup.to(iri, MOST_INCOMING)
    if not own and not incoming:
        return None
    triples = {quad.triple for quad in own}
    triples.update(quad.triple for quad in incoming)
    for passage in lookup.values(iri, _STATED_IN):
        if isinstance(passage, ox.NamedNode):
            triples.update(quad.triple for quad in lookup.closure(passage.value))
    triples.update(lookup.label_quads(_mentioned(triples) - {iri}))
    triples.update(_about_document(iri, document, release))
    return triples


def describe_graph(lookup: Lookup, graph: str, most: int) -> list[ox.Triple]:
    """The triples of a named graph, at most ``most``."""
    return [quad.triple for quad in lookup.graph(graph, most)]


def _mentioned(triples: Iterable[ox.Triple]) -> set[str]:
    return {
        term.value
        for triple in triples
        for term in (triple.subject, triple.predicate, triple.object)
        if isinstance(term, ox.NamedNode) and term.value.startswith((ID, DEF))
    }


def _about_document(iri: str, document: str, release: int) -> Iterator[ox.Triple]:
    doc, of = ox.NamedNode(document), ox.NamedNode(release_iri(release))
    if document != iri:
        yield ox.Triple(doc, ox.NamedNode(RDF + "type"), ox.NamedNode(FOAF + "Document"))
        yield ox.Triple(doc, ox.NamedNode(FOAF + "primaryTopic"), ox.NamedNode(iri))
        yield ox.Triple(doc, ox.NamedNode(DCT + "license"), ox.NamedNode(LICENCE))
        yield ox.Triple(doc, ox.NamedNode(DCT + "isPartOf"), of)
    yield ox.Triple(of, ox.NamedNode(DCT + "isVersionOf"), ox.NamedNode(DATASET))
    yield ox.Triple(of, ox.NamedNode(DCAT + "version"), ox.Literal(str(release)))


def serialize(triples: Iterable[ox.Triple], form: Form) -> bytes:
    """The triples in ``form``, in an order that does not change between calls. Nodes that were
    blank in the source are blank again: lists and property paths need it."""
    written = ox.serialize(
        sorted(map(_unskolemized, triples), key=str),
        format=_FORMATS[form],
        prefixes=_used_prefixes(triples) if form in (TURTLE, RDF_XML, TRIG) else None,
    )
    assert written is not None  # only where an output is given
    return written


def _unskolemized(triple: ox.Triple) -> ox.Triple:
    subject, value = triple.subject, triple.object
    if isinstance(subject, ox.NamedNode) and subject.value.startswith(GENID):
        subject = ox.BlankNode(subject.value[len(GENID) :])
    elif not (isinstance(value, ox.NamedNode) and value.value.startswith(GENID)):
        return triple
    if isinstance(value, ox.NamedNode) and value.value.startswith(GENID):
        value = ox.BlankNode(value.value[len(GENID) :])
    return ox.Triple(subject, triple.predicate, value)


_UNIQUE = {iri: name for name, iri in PREFIXES.items()}


def _used_prefixes(triples: Iterable[ox.Triple]) -> dict[str, str]:
    """Our short names for the namespaces that occur, and one for each kind of thing."""
    iris: set[str] = set()
    for subject, predicate, value in triples:
        iris.add(predicate.value)
        if isinstance(subject, ox.NamedNode):
            iris.add(subject.value)
        if isinstance(value, ox.NamedNode):
            iris.add(value.value)
        elif isinstance(value, ox.Literal):
            iris.add(value.datatype.value)
    pairs = {pair for iri in iris if (pair := _prefix_of(iri)) is not None}
    return dict(sorted(pairs))


@lru_cache(maxsize=50_000)
def _prefix_of(iri: str) -> tuple[str, str] | None:
    namespace = iri[: max(iri.rfind("/"), iri.rfind("#")) + 1]
    if namespace in _UNIQUE:
        return _UNIQUE[namespace], namespace
    if namespace.startswith((ID, BASE + "doc/")) and namespace.count("/") == 6:
        kind = namespace[len(BASE) :].strip("/").replace("/", "-")
        return kind.removeprefix("id-"), namespace
    return None
