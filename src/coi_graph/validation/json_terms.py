"""Terms as SPARQL's JSON results write them (https://www.w3.org/TR/sparql11-results-json/)."""

from __future__ import annotations

import pyoxigraph as ox
from rdflib.term import Node

from ..namespaces import XSD
from .terms import to_oxigraph


def as_json(node: Node) -> dict[str, str]:
    """A blank node is written as the IRI that a release gives it."""
    term = to_oxigraph(node)
    if isinstance(term, ox.NamedNode):
        return {"type": "uri", "value": term.value}
    written = {"type": "literal", "value": term.value}
    if term.language:
        return {**written, "xml:lang": term.language}
    datatype = term.datatype.value
    return written if datatype == XSD + "string" else {**written, "datatype": datatype}


def from_json(written: dict[str, str]) -> ox.NamedNode | ox.Literal:
    value = written["value"]
    if written["type"] == "uri":
        return ox.NamedNode(value)
    if "xml:lang" in written:
        return ox.Literal(value, language=written["xml:lang"])
    if "datatype" in written:
        return ox.Literal(value, datatype=ox.NamedNode(written["datatype"]))
    return ox.Literal(value)
