"""A thing in other vocabularies: SKOS mappings with the note that says whose reading they are, and
the foreign terms that a term of ours specialises."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import pyoxigraph as ox

from ..namespaces import BASE, OWL, RDF, RDFS, SKOS
from .lookup import Lookup
from .view import Link, Match, Value

MAPPINGS = tuple(SKOS + name for name in (
    "exactMatch", "closeMatch", "broadMatch", "narrowMatch", "relatedMatch",
))  # fmt: skip
_SPECIALISES = (
    RDFS + "subClassOf",
    RDFS + "subPropertyOf",
    OWL + "equivalentClass",
    OWL + "equivalentProperty",
)
Term = ox.NamedNode | ox.Literal


class Matches:
    """Finds them in one release."""

    def __init__(self, lookup: Lookup) -> None:
        self._lookup = lookup

    def of(
        self, iri: str, by_predicate: Mapping[str, Sequence[Term]], link: Callable[[str], Link]
    ) -> list[Match]:
        """Mappings first, in SKOS's order from same to related; then what the term specialises."""
        notes = self._notes(iri) if any(by_predicate.get(name) for name in MAPPINGS) else {}
        found = []
        for predicate in (*MAPPINGS, *_SPECIALISES):
            others = sorted(
                term.value
                for term in by_predicate.get(predicate, ())
                if isinstance(term, ox.NamedNode) and is_match(predicate, term.value)
            )
            found += [
                Match(link(predicate), link(other), notes.get((predicate, other), []))
                for other in others
            ]
        return found

    def _notes(self, iri: str) -> dict[tuple[str, str], list[Value]]:
        """(predicate, other) → the editorial notes of the rdf:Statement about that mapping."""
        found = {}
        for statement in self._lookup.subjects(RDF + "subject", iri):
            predicates = self._lookup.values(statement, RDF + "predicate")
            others = self._lookup.values(statement, RDF + "object")
            if predicates and others and predicates[0].value in MAPPINGS:
                notes = [
                    Value(text=term.value, language=term.language or "")
                    for term in self._lookup.values(statement, SKOS + "editorialNote")
                    if isinstance(term, ox.Literal)
                ]
                found[predicates[0].value, others[0].value] = notes
        return found


def is_match(predicate: str, other: str) -> bool:
    """Whether a statement belongs to the part on other vocabularies."""
    return predicate in MAPPINGS or (predicate in _SPECIALISES and not other.startswith(BASE))
