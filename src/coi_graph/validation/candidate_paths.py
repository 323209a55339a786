"""SHACL property paths → SPARQL property paths that mean what pySHACL makes of them."""

from __future__ import annotations

from rdflib import Graph, URIRef
from rdflib.namespace import RDF, SH
from rdflib.term import Node

from .candidate_values import Unscreenable, sparql

# pySHACL raises at a depth of 10, where each member of a sequence counts as one.
_DEEPEST = 8


def text(shapes: Graph, path: Node, depth: int = 0) -> str:
    """The path as text. Raises `Unscreenable` for a path that is not well-formed or too deep, for
    the inverse of a sequence (pySHACL walks it in the wrong order), and for one of length nought,
    whose values may be nodes that the data do not hold."""
    if isinstance(path, URIRef):
        return sparql(path)
    if depth > _DEEPEST:
        raise Unscreenable
    if (path, RDF.first, None) in shapes:
        members = _members(shapes, path)
        steps = [text(shapes, one, depth + number + 1) for number, one in enumerate(members)]
        return f"({'/'.join(steps)})"
    properties = list(shapes.predicate_objects(path))
    if len(properties) != 1:
        raise Unscreenable
    kind, value = properties[0]
    if kind == SH.inversePath and isinstance(value, URIRef):
        return f"(^{sparql(value)})"
    if kind == SH.alternativePath:
        choices = [text(shapes, one, depth + 1) for one in _members(shapes, value)]
        return f"({'|'.join(choices)})"
    if kind == SH.oneOrMorePath:
        return f"({text(shapes, value, depth + 1)}+)"
    raise Unscreenable


def _members(shapes: Graph, head: Node) -> list[Node]:
    members = items(shapes, head)
    if len(members) < 2:
        raise Unscreenable
    return members


def items(shapes: Graph, head: Node) -> list[Node]:
    """The members of a well-formed list. Raises `Unscreenable` for any other."""
    found: list[Node] = []
    seen = set()
    while head != RDF.nil:
        first, rest = list(shapes.objects(head, RDF.first)), list(shapes.objects(head, RDF.rest))
        if len(first) != 1 or len(rest) != 1 or head in seen:
            raise Unscreenable
        seen.add(head)
        found.append(first[0])
        head = rest[0]
    return found
