"""One release's look-ups → the values that its pages show."""

from __future__ import annotations

from collections import defaultdict

import pyoxigraph as ox

from ..namespaces import DCT, DEF, GENID, OA, PROV, RDF, RDFS, SKOS
from ..store import graph_of
from . import kinds
from .lookup import LABELS, MOST, Lookup
from .matches import Matches, is_match
from .paths import Addresses
from .view import EntityView, Link, Relation, Sentence, Value

_CONTEXT = 320  # characters of the framework's text shown on either side of a sentence
_SHOWN = 60  # values of one relation shown on a page
_NAMED = 300  # so many are named in order to put them in order
_TEXTS = (SKOS + "definition", DCT + "description", RDFS + "comment")
_NOTES = (SKOS + "scopeNote", SKOS + "editorialNote", SKOS + "note", SKOS + "changeNote")
_SOURCES = (DCT + "source", PROV + "wasDerivedFrom")
#: Shown elsewhere on the page, or of no use to a reader.
_HIDDEN = {
    RDF + "type",
    DEF + "statedIn",
    SKOS + "inScheme",
    SKOS + "topConceptOf",
    RDFS + "isDefinedBy",
    *(label.value for label in LABELS),
    *_TEXTS,
    *_NOTES,
    *_SOURCES,
}
_HIDDEN_INCOMING = {OA + "hasBody", SKOS + "hasTopConcept", RDF + "subject", RDF + "object"}
EXAMPLE_TYPE = "example"


class Describer:
    """Makes views from one release's look-ups."""

    def __init__(self, lookup: Lookup, addresses: Addresses) -> None:
        self._lookup = lookup
        self._addresses = addresses
        self._matches = Matches(lookup)

    def link(self, iri: str) -> Link:
        return Link(iri, self._lookup.labels(iri), self._addresses.local(iri))

    def entity(
        self, iri: str, *, with_parts: bool = True, with_incoming: bool = True
    ) -> EntityView | None:
        """The view of ``iri``; None when the release says nothing of it."""
        quads = self._lookup.about(iri)
        incoming = self._lookup.to(iri, MOST) if with_incoming else []
        if not quads and not incoming:
            return None
        by_predicate: dict[str, list[ox.NamedNode | ox.Literal]] = defaultdict(list)
        for quad in quads:
            value = quad.object
            known = by_predicate[quad.predicate.value]
            if isinstance(value, ox.NamedNode | ox.Literal) and value not in known:
                known.append(value)
        parts = self._parts(iri, by_predicate) if with_parts else []
        slug = kinds.of(iri)
        return EntityView(
            iri=iri,
            thing=self.link(iri),
            kind=kinds.by_slug(slug) if slug else None,
            types=self._links(by_predicate[RDF + "type"]),
            schemes=self._links(by_predicate[SKOS + "inScheme"]),
            names=self._lookup.labels(iri),
            other_names=self._values(by_predicate[SKOS + "altLabel"]),
            definitions=_texts(by_predicate),
            notes=self._named(by_predicate, _NOTES),
            sentences=self._sentences(iri),
            relations=self._relations(by_predicate, {part.iri for part in parts}),
            incoming=self._incoming(iri, incoming),
            sources=[v for p in _SOURCES for v in self._values(by_predicate[p])],
            parts=parts,
            graphs=sorted({graph_of(quad) for quad in quads}),
            matches=self._matches.of(iri, by_predicate, self.link),
            is_example=any(
                isinstance(term, ox.Literal) and term.value == EXAMPLE_TYPE
                for term in by_predicate[DCT + "type"]
            ),
        )

    def _links(self, terms: list[ox.NamedNode | ox.Literal]) -> list[Link]:
        links = [self.link(term.value) for term in terms if isinstance(term, ox.NamedNode)]
        return sorted(links, key=lambda link: link.iri)

    def _value(self, term: ox.NamedNode | ox.Literal) -> Value:
        if isinstance(term, ox.NamedNode):
            return Value(link=self.link(term.value))
        return Value(text=term.value, language=term.language or "", datatype=term.datatype.value)

    def _values(self, terms: list[ox.NamedNode | ox.Literal]) -> list[Value]:
        values = [self._value(term) for term in terms]
        return sorted(values, key=_value_order)

    def _named(
        self, by_predicate: dict[str, list[ox.NamedNode | ox.Literal]], names: tuple[str, ...]
    ) -> list[Relation]:
        return [
            Relation(self.link(name), self._values(by_predicate[name]))
            for name in names
            if by_predicate.get(name)
        ]

    def _relations(
        self, by_predicate: dict[str, list[ox.NamedNode | ox.Literal]], parts: set[str]
    ) -> list[Relation]:
        found = []
        for predicate, terms in by_predicate.items():
            rest = [
                term
                for term in terms
                if term.value not in parts and not is_match(predicate, term.value)
            ]
            if predicate in _HIDDEN or not rest:
                continue
            values = self._values(rest)
            found.append(
                Relation(self.link(predicate), values[:_SHOWN], max(0, len(values) - _SHOWN))
            )
        return sorted(found, key=_relation_order)

    def _incoming(self, iri: str, quads: list[ox.Quad]) -> list[Relation]:
        by_predicate: dict[str, dict[str, None]] = defaultdict(dict)
        for quad in quads:
            subject = quad.subject
            if not isinstance(subject, ox.NamedNode) or subject.value.startswith(GENID):
                continue
            if quad.predicate.value not in _HIDDEN_INCOMING and not subject.value.startswith(
                iri + "/"
            ):
                by_predicate[quad.predicate.value][subject.value] = None
        found = []
        for predicate, subjects in by_predicate.items():
            # By name; where there are very many, by address: to name them all takes a look-up each.
            some = list(subjects) if len(subjects) <= _NAMED else sorted(subjects)[:_SHOWN]
            values = sorted((Value(link=self.link(s)) for s in some), key=_value_order)[:_SHOWN]
            more = len(subjects) - len(values)
            found.append(Relation(self.link(predicate), values, more, True))
        return sorted(found, key=_relation_order)

    def _parts(
        self, iri: str, by_predicate: dict[str, list[ox.NamedNode | ox.Literal]]
    ) -> list[EntityView]:
        """Things whose IRI goes on from this one, such as a collaboration's continuation."""
        parts = sorted(
            {
                term.value
                for predicate, terms in by_predicate.items()
                if predicate != DEF + "statedIn"
                for term in terms
                if isinstance(term, ox.NamedNode) and term.value.startswith(iri + "/")
            }
        )
        views = (self.entity(part, with_parts=False) for part in parts)
        return [view for view in views if view is not None]

    def _sentences(self, iri: str) -> list[Sentence]:
        passages = {
            term.value
            for term in self._lookup.values(iri, DEF + "statedIn")
            if isinstance(term, ox.NamedNode)
        }
        if kinds.of(iri) == "passage":
            passages.add(iri)
        found = [self._sentence(passage) for passage in passages]
        return sorted((s for s in found if s is not None), key=lambda s: (s.start, s.passage.iri))

    def _sentence(self, passage: str) -> Sentence | None:
        target = self._first(passage, OA + "hasTarget")
        quote = self._first(target, OA + "hasSelector")
        position = self._first(quote, OA + "refinedBy")
        text_iri = self._first(target, OA + "hasSource")
        exact = self._first(quote, OA + "exact")
        start, end = self._first(position, OA + "start"), self._first(position, OA + "end")
        if not (exact and start and end and text_iri):
            return None
        text = self._first(text_iri, RDF + "value") or ""
        first, last = int(start), int(end)
        return Sentence(
            passage=self.link(passage),
            exact=exact,
            before=_tail(text[:first]),
            after=_head(text[last:]),
            start=first,
            end=last,
            source=self._addresses.local(text_iri) or text_iri,
        )

    def _first(self, iri: str | None, predicate: str) -> str | None:
        terms = self._lookup.values(iri, predicate) if iri else []
        return terms[0].value if terms else None

    def list_of_subjects(self, graph: str, most: int) -> list[tuple[Link, dict[str, str]]]:
        """The first things that a named graph speaks of."""
        subjects = dict.fromkeys(
            quad.subject.value
            for quad in self._lookup.graph(graph, most * 20)
            if isinstance(quad.subject, ox.NamedNode) and not quad.subject.value.startswith(GENID)
        )
        return self.list_of(list(subjects)[:most])

    def list_of(self, iris: list[str]) -> list[tuple[Link, dict[str, str]]]:
        """Links and definitions for a page that lists things, by Danish name."""
        rows = []
        for iri in iris:
            texts: dict[str, list[ox.NamedNode | ox.Literal]] = {
                predicate: self._lookup.values(iri, predicate) for predicate in _TEXTS
            }
            rows.append((self.link(iri), _texts(texts)))
        return sorted(rows, key=lambda row: (row[0].label("da").casefold(), row[0].iri))


def _texts(by_predicate: dict[str, list[ox.NamedNode | ox.Literal]]) -> dict[str, str]:
    """Language → the first text, in their order, that defines or describes."""
    texts: dict[str, str] = {}
    for predicate in _TEXTS:
        for term in sorted(by_predicate.get(predicate, ()), key=str):
            if isinstance(term, ox.Literal):
                texts.setdefault(term.language or "", term.value)
    return texts


def _value_order(value: Value) -> tuple[int, str, str]:
    if value.link is not None:
        return (0, value.link.label("da").casefold(), value.link.iri)
    return (1, value.language, value.text)


def _relation_order(relation: Relation) -> tuple[int, str, str]:
    # Our own properties first: they are what a reader came for.
    name = relation.name
    return (0 if name.iri.startswith(DEF) else 1, name.label("da"), name.iri)


def _tail(text: str) -> str:
    """The last characters, from the beginning of a word."""
    if len(text) <= _CONTEXT:
        return text.lstrip()
    cut = text[-_CONTEXT:]
    return "… " + cut[cut.find(" ") + 1 :]


def _head(text: str) -> str:
    if len(text) <= _CONTEXT:
        return text.rstrip()
    cut = text[:_CONTEXT]
    return cut[: cut.rfind(" ")] + " …"
