"""The graphs that a release says of itself: where each named graph came from, and its number."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pyoxigraph as ox

from ..namespaces import BASE, DCAT, DCT, GRAPH, PROV, RDF, RDFS, XSD
from ..store import graph_of

PROVENANCE = GRAPH + "provenance"
RELEASE = GRAPH + "release"
#: Things that are no longer there: one time stamp each, so that their address can answer 410.
REMOVED = GRAPH + "removed"
#: What a release says of itself; two releases with the same content may differ here.
SELF_DESCRIPTION = frozenset({RELEASE, REMOVED})
LICENCE = "https://creativecommons.org/licenses/by/4.0/"
#: The published graph as such, whatever its release.
DATASET = BASE + "dataset"

_TYPE = ox.NamedNode(RDF + "type")


def content_only(quads: Iterable[ox.Quad]) -> Iterator[ox.Quad]:
    """Without what the release says of itself."""
    return (quad for quad in quads if graph_of(quad) not in SELF_DESCRIPTION)


def release_iri(number: int) -> str:
    return f"{BASE}release/{number}"


def tombstone(thing: ox.NamedNode, issued: str) -> ox.Quad:
    """That ``thing`` is gone since the release of that time; its successor, if it has one, says
    `dct:replaces`."""
    return ox.Quad(
        thing,
        ox.NamedNode(PROV + "invalidatedAtTime"),
        ox.Literal(issued, datatype=ox.NamedNode(XSD + "dateTime")),
        ox.NamedNode(REMOVED),
    )


def description(number: int, parent: int | None, issued: str) -> Iterator[ox.Quad]:
    """The release as a thing: number, date, what it revises."""
    where, node = ox.NamedNode(RELEASE), ox.NamedNode(release_iri(number))

    def quad(predicate: str, value: ox.NamedNode | ox.Literal) -> ox.Quad:
        return ox.Quad(node, ox.NamedNode(predicate), value, where)

    yield ox.Quad(node, _TYPE, ox.NamedNode(DCAT + "Dataset"), where)
    yield quad(RDFS + "label", ox.Literal(f"Udgivelse {number}", language="da"))
    yield quad(RDFS + "label", ox.Literal(f"Release {number}", language="en"))
    yield quad(DCAT + "version", ox.Literal(str(number)))
    yield quad(DCT + "isVersionOf", ox.NamedNode(DATASET))
    yield quad(DCT + "license", ox.NamedNode(LICENCE))
    yield quad(DCT + "issued", ox.Literal(issued, datatype=ox.NamedNode(XSD + "dateTime")))
    for predicate, value in (
        (RDF + "type", ox.NamedNode(DCAT + "Dataset")),
        (
            RDFS + "label",
            ox.Literal("coi-graph: COI's strategiske ramme som linkede data", language="da"),
        ),
        (
            RDFS + "label",
            ox.Literal("coi-graph: COI's strategic framework as linked data", language="en"),
        ),
        (DCT + "license", ox.NamedNode(LICENCE)),
        (DCAT + "hasCurrentVersion", node),
    ):
        yield ox.Quad(ox.NamedNode(DATASET), ox.NamedNode(predicate), value, where)
    if parent is not None:
        yield quad(PROV + "wasRevisionOf", ox.NamedNode(release_iri(parent)))
