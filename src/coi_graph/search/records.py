"""A release → what is searched in: a record for each thing, with its names, texts and facets."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import pyoxigraph as ox

from ..description import kinds
from ..description.lookup import LABELS, Lookup
from ..namespaces import DCT, DEF, ID, OA, RDFS, SKOS, XSD

TERM = "term"  # the kind of what `def/` holds
_LONGEST = 8_000  # characters of text of one thing
_PREDICATES = frozenset(predicate.value for predicate in LABELS)
_DATES = frozenset(XSD + name for name in ("date", "dateTime", "gYear", "gYearMonth"))
#: When something was written down, not when it happened.
_NO_EVENTS = frozenset((DCT + "modified", DCT + "created"))
_YEAR = re.compile(r"(?:19|20)\d\d(?!\d)")
#: What most people look for comes before what stands behind it.
_WEIGHTS = {"framework": 3.0, "tools": 3.0, "actors": 2.0, "practice": 2.0, "sources": 0.5}


@dataclass(frozen=True, slots=True)
class Record:
    """``names`` and ``texts`` are language → text; "" is a text without one, for both.

    ``codes`` are identifiers, ``organisations`` and ``changes`` are IRIs, ``years`` are those in
    which something happened.
    """

    iri: str
    kind: str
    names: dict[str, str]
    texts: dict[str, str]
    codes: tuple[str, ...] = ()
    organisations: tuple[str, ...] = ()
    changes: tuple[str, ...] = ()
    years: tuple[int, ...] = ()
    is_example: bool = False
    weight: float = 1.0


def records(lookup: Lookup) -> Iterator[Record]:
    """Everything that has a page of its own and a name, kind by kind."""
    for kind in kinds.KINDS:
        weight = _WEIGHTS.get(kind.group, 1.0)
        for iri in lookup.of_kind(kind.prefix):
            yield from _record(lookup, iri, kind.slug, weight)
    for iri in lookup.subjects(RDFS + "isDefinedBy", DEF):
        yield from _record(lookup, iri, TERM, 1.5)


def _record(lookup: Lookup, iri: str, kind: str, weight: float) -> Iterable[Record]:
    names = lookup.labels(iri)
    texts: dict[str, list[str]] = {}
    organisations, changes, years = {iri} & _of(iri, "organisation"), _change(lookup, iri), set()
    is_example, codes = False, set()
    if kind == "passage":
        texts["da"] = [_quote(lookup, iri)]
    for quad in lookup.about(iri):
        predicate, value = quad.predicate.value, quad.object
        if isinstance(value, ox.NamedNode):
            organisations |= _of(value.value, "organisation")
            changes |= _change(lookup, value.value)
            if predicate == DEF + "statedIn":
                texts.setdefault("da", []).append(_quote(lookup, value.value))
        elif isinstance(value, ox.Literal):
            if predicate == DCT + "type":
                is_example |= value.value == "example"
            elif not value.language and not any(map(str.isspace, value.value)):
                codes |= {value.value} if value.datatype.value == XSD + "string" else set()
                found = _YEAR.match(value.value) if value.datatype.value in _DATES else None
                years |= {int(found[0])} if found and predicate not in _NO_EVENTS else set()
            elif value.language or value.datatype.value == XSD + "string":
                is_name = predicate in _PREDICATES and value.value in names.values()
                if not is_name:
                    texts.setdefault(value.language or "", []).append(value.value)
    if names:
        yield Record(
            iri,
            kind,
            names,
            {lang: "\n".join(dict.fromkeys(all_))[:_LONGEST] for lang, all_ in texts.items()},
            tuple(sorted(codes)),
            tuple(sorted(organisations)),
            tuple(sorted(changes)),
            tuple(sorted(years)),
            is_example,
            weight,
        )


def _of(iri: str, kind: str) -> set[str]:
    return {iri} if kinds.of(iri) == kind and iri.count("/") == ID.count("/") + 1 else set()


def _change(lookup: Lookup, iri: str) -> set[str]:
    """The ambition that ``iri`` is, or whose aim it is."""
    if _of(iri, "aim"):
        return {broader.value for broader in lookup.values(iri, SKOS + "broader")}
    return _of(iri, "ambition")


def _quote(lookup: Lookup, passage: str) -> str:
    """The words of the framework that a passage points to."""
    for target in lookup.values(passage, OA + "hasTarget"):
        for selector in lookup.values(target.value, OA + "hasSelector"):
            for exact in lookup.values(selector.value, OA + "exact"):
                return exact.value
    return ""
