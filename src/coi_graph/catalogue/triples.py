"""Triples, gathered one subject at a time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pyoxigraph as ox

from ..namespaces import RDF, XSD

Value = str | ox.NamedNode | ox.Literal


class Triples(set[ox.Triple]):
    """A set of triples that is written to in few words. A text is the IRI of a thing; what else
    there is, the functions below make."""

    def add_to(self, subject: str, *pairs: tuple[str, Value | Iterable[Value]]) -> None:
        """``pairs`` are (predicate's IRI, one value or several)."""
        node = ox.NamedNode(subject)
        for predicate, values in pairs:
            several = [values] if isinstance(values, str | ox.NamedNode | ox.Literal) else values
            for value in several:
                term = ox.NamedNode(value) if isinstance(value, str) else value
                self.add(ox.Triple(node, ox.NamedNode(predicate), term))

    def add_types(self, subject: str, *types: str) -> None:
        self.add_to(subject, (RDF + "type", types))


def texts(by_language: Mapping[str, str]) -> list[ox.Literal]:
    return [
        ox.Literal(text, language=language) if language else ox.Literal(text)
        for language, text in by_language.items()
    ]


def date_time(text: str) -> ox.Literal:
    return _typed(text, "dateTime")


def date(text: str) -> ox.Literal:
    return _typed(text, "date")


def integer(number: int) -> ox.Literal:
    """Not negative, as sizes and counts are."""
    return _typed(str(number), "nonNegativeInteger")


def plain_integer(number: int) -> ox.Literal:
    return _typed(str(number), "integer")


def _typed(text: str, name: str) -> ox.Literal:
    return ox.Literal(text, datatype=ox.NamedNode(XSD + name))
