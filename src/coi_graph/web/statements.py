"""Statements as people read them: with the names that the release has, or the change itself."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pyoxigraph as ox

from ..description.view import Link, Value
from ..namespaces import DCT, RDFS, SKOS
from .negotiation import opened

_NAMES = (SKOS + "prefLabel", DCT + "title", RDFS + "label")
SHOWN = 500  # statements of a change on the page


@dataclass(frozen=True, slots=True)
class Statement:
    """One line of a change, with labels."""

    subject: Link
    predicate: Link
    value: Value


class Labels:
    """Names of things; ``quads`` name what the release does not know yet."""

    def __init__(self, quads: Iterable[ox.Quad]) -> None:
        self._describer = opened().describer
        self._own: dict[str, dict[str, str]] = {}
        for quad in quads:
            if quad.predicate.value in _NAMES and isinstance(quad.object, ox.Literal):
                names = self._own.setdefault(str(quad.subject), {})
                names.setdefault(quad.object.language or "", quad.object.value)

    def link(self, node: ox.NamedNode) -> Link:
        found = self._describer.link(node.value)
        if found.labels:
            return found
        return Link(node.value, self._own.get(str(node), {}), None)  # it has no page yet

    def value(self, term: object) -> Value | None:
        """None for what a release does not hold."""
        if isinstance(term, ox.Literal):
            datatype = "" if term.language else term.datatype.value
            return Value(text=term.value, language=term.language or "", datatype=datatype)
        return Value(link=self.link(term)) if isinstance(term, ox.NamedNode) else None


def labelled(quads: Sequence[ox.Quad], labels: Labels) -> list[Statement]:
    """The first `SHOWN` of them."""
    rows = []
    for quad in quads[:SHOWN]:
        value = labels.value(quad.object)
        if isinstance(quad.subject, ox.NamedNode) and value is not None:  # a release has no other
            rows.append(Statement(labels.link(quad.subject), labels.link(quad.predicate), value))
    return rows
