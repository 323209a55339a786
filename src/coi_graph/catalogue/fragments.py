"""Triple Pattern Fragments: a pattern, the query for one page of its triples, and the page as TriG
with Hydra's controls.

https://linkeddatafragments.org/specification/triple-pattern-fragments/
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote, urlencode

import pyoxigraph as ox

from ..description.lookup import Lookup
from ..errors import BadRequest
from ..i18n import Message
from ..namespaces import DCT, FOAF, RDF, VOID, XSD
from ..publishing.counts import Counts
from ..publishing.metadata import DATASET, LICENCE

HYDRA = "http://www.w3.org/ns/hydra/core#"
PAGE_SIZE = 100
PLACES = ("subject", "predicate", "object")
#: Triples that an estimate looks at; beyond, the release's counts say how many there may be.
_LOOKED_AT = 1_000
_LITERAL = re.compile(r'"(.*)"(?:@([A-Za-z]+(?:-[A-Za-z0-9]+)*)|\^\^<?([^<>"\s]+)>?)?', re.DOTALL)
_LONGEST = 8_192  # characters of a term

_NOT_IN_IRIS = frozenset('<>"{}|^`\\ ')

Term = ox.NamedNode | ox.Literal


@dataclass(frozen=True, slots=True)
class Pattern:
    """None stands for any term."""

    subject: ox.NamedNode | None
    predicate: ox.NamedNode | None
    object: Term | None

    @property
    def terms(self) -> tuple[ox.NamedNode | None, ox.NamedNode | None, Term | None]:
        return self.subject, self.predicate, self.object

    def query(self, page: int) -> str:
        """For the page's triples, and one more if there is a next page. The order is the store's
        own: a release never changes, so it is the same each time."""
        names = [f"?{name[0]}" for name in PLACES]
        parts = [
            name if term is None else str(term)
            for name, term in zip(names, self.terms, strict=True)
        ]
        wanted = [name for name, term in zip(names, self.terms, strict=True) if term is None]
        chosen = " ".join(wanted) or "(1 AS ?x)"
        offset = (page - 1) * PAGE_SIZE
        return (
            f"SELECT {chosen} WHERE {{ {' '.join(parts)} }} LIMIT {PAGE_SIZE + 1} OFFSET {offset}"
        )

    def triples(self, tsv: str) -> list[str]:
        """The rows of the query's answer as TriG statements: a term in TSV is written as in
        Turtle."""
        found = []
        for row in tsv.splitlines()[1:]:
            values = iter(row.split("\t"))
            terms = [next(values) if term is None else str(term) for term in self.terms]
            found.append(" ".join(terms) + " .\n")
        return found


def parse(values: dict[str, str]) -> Pattern:
    """``values`` are the request's; an empty one and a variable match anything.

    Raises `BadRequest` that names the parameter.
    """
    terms: dict[str, Term | None] = {}
    for place in PLACES:
        text = values.get(place, "").strip()
        try:
            terms[place] = _term(text)
        except ValueError as error:
            raise BadRequest(
                Message("“%(place)s” is no term: %(text)s", place=place, text=text[:80]),
                remedy=Message(
                    'Give an IRI, a literal such as "x"@da or "1"^^%(type)s, or nothing.',
                    type=XSD + "integer",
                ),
            ) from error
    subject, predicate = terms["subject"], terms["predicate"]
    for place, term in (("subject", subject), ("predicate", predicate)):
        if isinstance(term, ox.Literal):
            raise BadRequest(Message("“%(place)s” cannot be a literal", place=place))
    assert not isinstance(subject, ox.Literal)
    assert not isinstance(predicate, ox.Literal)
    return Pattern(subject, predicate, terms["object"])


def _term(text: str) -> Term | None:
    """Raises ``ValueError`` for what is no term."""
    if not text or text.startswith("?"):
        return None
    if len(text) > _LONGEST:
        raise ValueError("it is too long")
    if text.startswith('"'):
        match = _LITERAL.fullmatch(text)
        if match is None:
            raise ValueError("it is no literal")
        value, language, datatype = match.groups()
        if datatype is not None:
            return ox.Literal(value, datatype=ox.NamedNode(datatype))
        return ox.Literal(value, language=language) if language else ox.Literal(value)
    if text.startswith("<") and text.endswith(">"):
        text = text[1:-1]
    if not text.isprintable() or any(c in _NOT_IN_IRIS for c in text):
        raise ValueError("it is no IRI")
    return ox.NamedNode(text)


def estimate(pattern: Pattern, lookup: Lookup, counts: Counts | None, total: int) -> int:
    """How many triples there are: exactly up to a bound, beyond it what the counts say. ``total``
    is the release's number of quads."""
    if pattern.terms == (None, None, None):
        return counts.triples if counts else total
    subject, predicate, value = pattern.terms
    if subject is None and value is None and counts and predicate is not None:
        return counts.properties.get(predicate.value, 0)
    looked_at = lookup.matching(*pattern.terms, most=_LOOKED_AT + 1)
    if looked_at <= _LOOKED_AT:
        return looked_at
    if counts is not None and predicate is not None and value is not None:
        if predicate.value == RDF + "type":
            return counts.classes.get(value.value, looked_at)
        return max(looked_at, counts.properties.get(predicate.value, 0) // 2)
    return 2 * looked_at


@dataclass(frozen=True, slots=True)
class Fragment:
    """A page of what a pattern matches. ``address`` is where fragments are asked for, ``asked``
    the query string as the client wrote it: it looks for its own request in the controls."""

    address: str
    asked: str
    pattern: Pattern
    page: int
    total: int
    release: int
    pinned: bool

    def url(self, page: int | None = None) -> str:
        """The fragment's address, or its page's."""
        given = {
            place: _text(term)
            for place, term in zip(PLACES, self.pattern.terms, strict=True)
            if term is not None
        }
        if self.pinned:
            given["release"] = str(self.release)
        if page is not None:
            given["page"] = str(page)
        return f"{self.address}?{urlencode(given)}" if given else self.address

    def _here(self) -> str:
        # What may not stand in an IRI is encoded: a query string is a stranger's text.
        query = quote(self.asked, safe="%/?:@!$&'()*+,;=-._~")
        return f"{self.address}?{query}" if query else self.address

    def trig(self, statements: list[str]) -> bytes:
        """``statements`` as `Pattern.triples` gives them; one more than a page holds says that
        there is a next page."""
        has_next = len(statements) > PAGE_SIZE
        data = "".join(statements[:PAGE_SIZE])
        return (self._controls(has_next) + data).encode()

    def _controls(self, has_next: bool) -> str:
        fragment, here, dataset = self.url(), self._here(), f"{self.address}#dataset"
        template = f"{self.address}{{?subject,predicate,object}}"
        if self.pinned:
            template = f"{self.address}?release={self.release}{{&subject,predicate,object}}"
        mappings = " , ".join(
            f'[ hydra:variable "{place}" ; hydra:property rdf:{place} ]' for place in PLACES
        )
        paging = f"hydra:first <{self.url(1)}>"
        if self.page > 1:
            paging += f" ; hydra:previous <{self.url(self.page - 1)}>"
        if has_next:
            paging += f" ; hydra:next <{self.url(self.page + 1)}>"
        return f"""@prefix dct: <{DCT}> .
@prefix foaf: <{FOAF}> .
@prefix hydra: <{HYDRA}> .
@prefix rdf: <{RDF}> .
@prefix void: <{VOID}> .

<{here}#metadata> {{
  <{here}#metadata> foaf:primaryTopic <{dataset}> .
  <{dataset}> a void:Dataset , hydra:Collection ;
    dct:source <{DATASET}> ;
    dct:license <{LICENCE}> ;
    void:subset <{here}> , <{fragment}> ;
    hydra:search [
      hydra:template "{template}" ;
      hydra:variableRepresentation hydra:ExplicitRepresentation ;
      hydra:mapping {mappings}
    ] .
  <{fragment}> void:subset <{here}> .
  <{here}> a hydra:PartialCollectionView ;
    dct:source <{dataset}> ;
    void:triples {self.total} ;
    hydra:totalItems {self.total} ;
    hydra:itemsPerPage {PAGE_SIZE} ;
    {paging} .
}}

"""


def _text(term: Term) -> str:
    """A term as a value of the address."""
    if isinstance(term, ox.NamedNode):
        return term.value
    if term.language:
        return f'"{term.value}"@{term.language}'
    if term.datatype.value == XSD + "string":
        return f'"{term.value}"'
    return f'"{term.value}"^^{term.datatype.value}'
