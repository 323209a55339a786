"""Values that are not taken in, whatever the shapes say of them."""

from __future__ import annotations

import re

import pyoxigraph as ox

from ..i18n import Message
from .limits import Limits
from .lines import StatementPlaces
from .places import Place, Remark, Severity
from .syntax import printable

# What a browser would run, or a program would open on its own machine.
_BAD_SCHEME = re.compile(r"(?:javascript|vbscript|data|file|blob|about|view-source):", re.I)
_MOST_REMARKS = 50


def remarks(triples: list[ox.Triple], places: StatementPlaces, limits: Limits) -> list[Remark]:
    """Values that are not taken in, each thing once."""
    terms: set[object] = {triple.object for triple in triples}
    terms.update(triple.subject for triple in triples)
    terms.update(triple.predicate for triple in triples)
    bad = {term for term in terms if _is_bad(term, limits)}
    found: list[Remark] = []
    for triple in triples if bad else ():
        for term in triple:
            if term in bad and len(found) < _MOST_REMARKS:
                bad.discard(term)
                found.append(_about(term, _place(places, *triple), limits))
    return found


def _is_bad(term: object, limits: Limits) -> bool:
    if isinstance(term, ox.Literal):
        return len(term.value) > limits.text_chars or term.direction is not None
    if isinstance(term, ox.NamedNode):
        iri = term.value
        return iri[:1] not in "hH" and _BAD_SCHEME.match(iri) is not None
    return False


def _about(term: object, place: Place, limits: Limits) -> Remark:
    if isinstance(term, ox.NamedNode):
        return _bad_scheme(term.value, place)
    assert isinstance(term, ox.Literal)
    size = len(term.value)
    return _too_long(size, limits, place) if size > limits.text_chars else _directed(term, place)


def _place(places: StatementPlaces, *statement: ox.NamedNode | ox.Literal) -> Place:
    found = places.of(*statement)
    assert found is not None  # the statement is the file's own
    return found


def _bad_scheme(iri: str, place: Place) -> Remark:
    scheme = iri.partition(":")[0].lower()
    return Remark(
        Severity.VIOLATION,
        Message("an address that begins with “%(scheme)s:” is not taken in", scheme=scheme),
        Message("Write an address that everybody can open: https://…"),
        place,
        printable(iri)[:200],
    )


def _too_long(size: int, limits: Limits, place: Place) -> Remark:
    return Remark(
        Severity.VIOLATION,
        Message(
            "a text of %(size)s characters; at most %(limit)s are taken in",
            size=size,
            limit=limits.text_chars,
        ),
        Message("Shorten it, or publish it elsewhere and write its address here."),
        place,
    )


def _directed(term: ox.Literal, place: Place) -> Remark:
    return Remark(
        Severity.VIOLATION,
        Message("a text with a direction of writing (RDF 1.2) is not taken in"),
        Message('Write the language alone: “"tekst"@%(language)s”.', language=term.language),
        place,
        printable(term.value)[:200],
    )
