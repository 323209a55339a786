"""A property shape as the description of a field: how many values, and of which kinds.

Read from the shapes for people — what is expected, worked examples — never to judge data: that is
pySHACL's work. Sections of https://www.w3.org/TR/shacl/ stand beside what reads them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from rdflib import Graph
from rdflib.collection import Collection
from rdflib.namespace import RDF, RDFS, SH, SKOS
from rdflib.term import Literal, Node, URIRef

_MOST = 500  # values of a list that are looked at


@dataclass(frozen=True, slots=True)
class Choice:
    """A kind of value: exactly what the shape names, by one of these."""

    kind: str  # "class", "scheme", "in", "datatype", "node", "language"
    of: Node
    values: tuple[Node, ...] = ()  # of "in": the values, of "node": the classes it allows


@dataclass(frozen=True, slots=True)
class Field:
    """What a property shape asks for. ``choices`` are alternatives."""

    shape: Node
    path: Node | None
    at_least: int | None
    at_most: int | None
    choices: tuple[Choice, ...]
    languages: tuple[str, ...]
    unique_language: bool
    pattern: str | None
    lowest: Literal | None
    highest: Literal | None
    node_kind: Node | None
    excluded: tuple[Node, ...]  # values of sh:not [ sh:in ( … ) ]


def read(shapes: Graph, shape: Node) -> Field:
    """The field that ``shape`` describes."""
    return Field(
        shape=shape,
        path=shapes.value(shape, SH.path),
        at_least=_number(shapes, shape, SH.minCount),
        at_most=_number(shapes, shape, SH.maxCount),
        choices=tuple(_choices(shapes, shape)),
        languages=tuple(
            str(one)
            for head in shapes.objects(shape, SH.languageIn)
            for one in Collection(shapes, head)
        ),
        unique_language=any(str(one) == "true" for one in shapes.objects(shape, SH.uniqueLang)),
        pattern=_text(shapes.value(shape, SH.pattern)),
        lowest=_literal(shapes.value(shape, SH.minInclusive)),
        highest=_literal(shapes.value(shape, SH.maxInclusive)),
        node_kind=shapes.value(shape, SH.nodeKind),
        excluded=tuple(
            value
            for no in shapes.objects(shape, SH["not"])
            for head in shapes.objects(no, SH["in"])
            for value in Collection(shapes, head)
        ),
    )


def _choices(shapes: Graph, shape: Node) -> Iterator[Choice]:
    """Section 4.1 (class, datatype), 4.6.2 (or), 4.7.1 (node), 4.8.3 (in)."""
    for head in shapes.objects(shape, SH["in"]):
        values = tuple(Collection(shapes, head))[:_MOST]
        yield Choice("in", head, values)
    for kind in _sorted(shapes.objects(shape, SH["class"])):
        yield Choice("class", kind)
    for kind in _sorted(shapes.objects(shape, SH.datatype)):
        yield Choice("datatype", kind)
    for node in _sorted(shapes.objects(shape, SH.node)):
        yield _of_node(shapes, node)
    for head in shapes.objects(shape, SH["or"]):
        for member in Collection(shapes, head):
            yield from _choices(shapes, member)


def _of_node(shapes: Graph, node: Node) -> Choice:
    """A code list's shape asks for `skos:inScheme`; another one for one of some classes."""
    for one in shapes.objects(node, SH.property):
        if shapes.value(one, SH.path) == SKOS.inScheme:
            scheme = shapes.value(one, SH.hasValue)
            if scheme is not None:
                return Choice("scheme", scheme)
    classes = (choice.of for choice in _choices(shapes, node) if choice.kind == "class")
    return Choice("node", node, tuple(classes))


def members(choice: Choice, data: Graph) -> list[Node]:
    """The values that there are to choose from, at most a bounded number, in a stable order:
    what is no example first, then by notation and IRI."""
    found: list[Node] = []
    if choice.kind == "in":
        return list(choice.values)
    if choice.kind == "scheme":
        found = _first(data.subjects(SKOS.inScheme, choice.of))
    elif choice.kind == "class":
        found = _instances(data, choice.of)
    elif choice.kind == "node":
        found = [one for kind in choice.values for one in _instances(data, kind)]
    unique = dict.fromkeys(one for one in found if isinstance(one, URIRef))
    return sorted(unique, key=lambda one: (_is_example(data, one), _notation(data, one), str(one)))


def _instances(data: Graph, kind: Node) -> list[Node]:
    kinds = dict.fromkeys(data.transitive_subjects(RDFS.subClassOf, kind))
    return [one for each in kinds for one in _first(data.subjects(RDF.type, each))]


def _first(nodes: Iterator[Node]) -> list[Node]:
    return list(islice(nodes, _MOST))


def _is_example(data: Graph, node: Node) -> bool:
    return "/eksempel" in str(node) or "/example" in str(node)


def _notation(data: Graph, node: Node) -> str:
    return str(data.value(node, SKOS.notation) or "~")


def _number(shapes: Graph, shape: Node, parameter: Node) -> int | None:
    value = shapes.value(shape, parameter)
    return int(str(value)) if value is not None else None


def _text(value: Node | None) -> str | None:
    return None if value is None else str(value)


def _literal(value: Node | None) -> Literal | None:
    return value if isinstance(value, Literal) else None


def _sorted(nodes: Iterator[Node]) -> list[Node]:
    return sorted(nodes, key=str)
