"""A thing → the RDF document about it.

What it says, its parts, the sentences it is stated in, what points to it, the names of all that
is mentioned, and which release the document belongs to.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

import pyoxigraph as ox

from ..media import JSON_LD, N_QUADS, N_TRIPLES, RDF_XML, TRIG, TURTLE, Form
from ..namespaces import BASE, DCAT, DCT, DEF, FOAF, GENID, ID, PREFIXES, RDF
from ..publishing.metadata import DATASET, LICENCE, release_iri
from .lookup import MOST, Lookup

MOST_INCOMING = 1_000
_TYPE = ox.NamedNode(RDF + "type")
_STATED_IN = ox.NamedNode(DEF + "statedIn")
_FORMATS = {
    TURTLE: ox.RdfFormat.TURTLE,
    JSON_LD: ox.RdfFormat.JSON_LD,
    RDF_XML: ox.RdfFormat.RDF_XML,
    N_TRIPLES: ox.RdfFormat.N_TRIPLES,
    TRIG: ox.RdfFormat.TRIG,
    N_QUADS: ox.RdfFormat.N_QUADS,
}


@dataclass(frozen=True, slots=True)
class Description:
    """What ``document``, about ``iri``, says: what the release says of it (``quads``: of its parts
    and sentences, and what points to it, too), the names of what is mentioned in that, and which
    document of which release it is."""

    iri: str
    document: str
    release: int
    quads: list[ox.Quad]

    def types(self) -> list[str]:
        """The classes of the thing."""
        return _values(self.quads, self.iri, _TYPE)

    def about(self) -> Iterator[ox.Triple]:
        """Which document it is."""
        if self.document != self.iri:
            yield ox.Triple(
                ox.NamedNode(self.document),
                ox.NamedNode(FOAF + "primaryTopic"),
                ox.NamedNode(self.iri),
            )
            yield from about_document(self.document, self.release)
        yield from about_release(self.release)

    def triples(self, lookup: Lookup) -> set[ox.Triple]:
        triples = {quad.triple for quad in self.quads}
        mentioned = {
            term.value
            for triple in triples
            for term in (triple.subject, triple.predicate, triple.object)
            if isinstance(term, ox.NamedNode) and is_named(term.value)
        }
        triples.update(lookup.label_quads(mentioned - {self.iri}))
        triples.update(self.about())
        return triples


def describe(
    lookup: Lookup, iri: str, document: str, release: int, most: int = MOST
) -> Description | None:
    """The description of ``iri``; None when the release says nothing of it.

    ``most`` bounds each look-up: where there are fewer quads in all, nothing has been left out.
    """
    quads = lookup.closure(iri, most)
    passages = _values(quads, iri, _STATED_IN)
    quads += lookup.to(iri, min(most, MOST_INCOMING))
    if not quads:
        return None
    for passage in passages:
        if len(quads) >= most:
            break
        quads += lookup.closure(passage, most)
    return Description(iri, document, release, quads)


def _values(quads: list[ox.Quad], subject: str, predicate: ox.NamedNode) -> list[str]:
    """The IRIs that ``subject`` has for ``predicate``, sorted."""
    found = [quad for quad in quads if quad.predicate == predicate]
    about = ox.NamedNode(subject)
    return sorted(
        {
            quad.object.value
            for quad in found
            if isinstance(quad.object, ox.NamedNode) and quad.subject == about
        }
    )


def describe_graph(lookup: Lookup, graph: str, most: int) -> list[ox.Triple]:
    """The triples of a named graph, at most ``most``."""
    return [quad.triple for quad in lookup.graph(graph, most)]


def is_named(iri: str) -> bool:
    """Whether a document that mentions ``iri`` says what it is called."""
    return iri.startswith((ID, DEF))


def about_document(document: str, release: int) -> Iterator[ox.Triple]:
    """What every document of a release says of itself, beside its topic."""
    doc = ox.NamedNode(document)
    yield ox.Triple(doc, ox.NamedNode(RDF + "type"), ox.NamedNode(FOAF + "Document"))
    yield ox.Triple(doc, ox.NamedNode(DCT + "license"), ox.NamedNode(LICENCE))
    yield ox.Triple(doc, ox.NamedNode(DCT + "isPartOf"), ox.NamedNode(release_iri(release)))


def about_release(release: int) -> Iterator[ox.Triple]:
    """What every document of a release says of the release."""
    of = ox.NamedNode(release_iri(release))
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
        subject = unskolemized(subject)
    elif not (isinstance(value, ox.NamedNode) and value.value.startswith(GENID)):
        return triple
    if isinstance(value, ox.NamedNode) and value.value.startswith(GENID):
        value = unskolemized(value)
    return ox.Triple(subject, triple.predicate, value)


def unskolemized(node: ox.NamedNode) -> ox.BlankNode:
    """The blank node that a node of the release was in its source."""
    return ox.BlankNode(node.value[len(GENID) :])


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
    pairs = {pair for iri in iris if (pair := prefix_of(iri)) is not None}
    return dict(sorted(pairs))


@lru_cache(maxsize=50_000)
def prefix_of(iri: str) -> tuple[str, str] | None:
    """Our short name for the namespace of ``iri``, and that namespace."""
    namespace = iri[: max(iri.rfind("/"), iri.rfind("#")) + 1]
    if namespace in _UNIQUE:
        return _UNIQUE[namespace], namespace
    if namespace.startswith((ID, BASE + "doc/")) and namespace.count("/") == 6:
        kind = namespace[len(BASE) :].strip("/").replace("/", "-")
        return kind.removeprefix("id-"), namespace
    return None
