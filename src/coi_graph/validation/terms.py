"""pyoxigraph's terms ↔ rdflib's: pySHACL works on rdflib graphs, the store holds pyoxigraph's.

pySHACL is never handed a pyoxigraph store, nor oxrdflib (measured: 14 of 23 SPARQL tests, and a
count of the whole store for each result).
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterable
from functools import lru_cache

import pyoxigraph as ox
from rdflib import BNode, Graph, Literal, URIRef
from rdflib.term import Node

from ..namespaces import GENID, XSD

_STRING = XSD + "string"

# A value that is not what its datatype says is for the shapes to find; rdflib would print a
# traceback for each.
logging.getLogger("rdflib.term").setLevel(logging.CRITICAL)
warnings.filterwarnings("ignore", "Parsing weird boolean", UserWarning)


def to_graph(quads: Iterable[ox.Quad] | Iterable[ox.Triple], graph: Graph | None = None) -> Graph:
    """The triples as an rdflib graph; nodes that were blank before the release was made
    (`intake.skolem`) are blank again, as property paths and lists need them."""
    graph = Graph() if graph is None else graph
    add = graph.store.add
    for quad in quads:
        add(
            (to_rdflib(quad.subject), to_rdflib(quad.predicate), to_rdflib(quad.object)),
            graph,
        )
    return graph


@lru_cache(maxsize=65536)
def to_rdflib(term: object) -> Node:
    if isinstance(term, ox.NamedNode):
        value = term.value
        return BNode(value[len(GENID) :]) if value.startswith(GENID) else URIRef(value)
    if isinstance(term, ox.Literal):
        if term.language:
            return Literal(term.value, lang=term.language)
        datatype = term.datatype.value
        # rdflib holds "x" and "x"^^xsd:string to be different terms; RDF 1.1 does not.
        kind = None if datatype == _STRING else URIRef(datatype)
        # Normalised, 1e999999999 would be a decimal of a thousand million digits, and 007 a
        # value that stands nowhere in the data.
        return Literal(term.value, datatype=kind, normalize=False)
    if isinstance(term, ox.BlankNode):
        return BNode(term.value)
    raise TypeError(f"no rdflib term for {term!r}")


def to_oxigraph(term: Node) -> ox.NamedNode | ox.Literal:
    """The way back; a blank node becomes its IRI under ``.well-known/genid/``."""
    if isinstance(term, URIRef):
        return ox.NamedNode(str(term))
    if isinstance(term, BNode):
        return ox.NamedNode(GENID + str(term))
    if isinstance(term, Literal):
        if term.language:
            return ox.Literal(str(term), language=term.language)
        if term.datatype is not None:
            return ox.Literal(str(term), datatype=ox.NamedNode(str(term.datatype)))
        return ox.Literal(str(term))
    raise TypeError(f"no pyoxigraph term for {term!r}")
