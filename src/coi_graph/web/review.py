"""What a reviewer looks at besides the change itself: the records as they will look, and what else
in the graph is affected."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyoxigraph as ox
from flask import current_app

from ..description import kinds, preview
from ..description.describer import Describer
from ..description.lookup import Lookup
from ..description.view import EntityView, Link
from ..namespaces import DEF, GENID, ID, RDF
from ..query.named import NamedQuery
from ..store import graph_of
from .entities import addresses
from .negotiation import opened
from .statements import Labels

_MOST_RECORDS = 5  # that are shown as they will look
_MOST_REFERRING = 50
_MOST_LOOKED_AT = 200  # changed things whose references are looked up
_TERM = re.compile(r"\bcoi:(\w+)")


@dataclass(frozen=True, slots=True)
class Reference:
    """Something else that refers to what is changed; ``dangling``: to what will not be there."""

    subject: Link
    predicate: Link
    object: Link
    dangling: bool


@dataclass(frozen=True, slots=True)
class Affected:
    """``elsewhere``: findings of the report about other records; ``mends``: those that go away.
    ``looked_at``: how many things the check has judged again, None for all."""

    references: list[Reference]
    more_references: int
    elsewhere: list[Mapping[str, Any]]
    mends: list[Mapping[str, Any]]
    looked_at: int | None
    queries: list[NamedQuery]

    def __bool__(self) -> bool:
        return bool(self.references or self.elsewhere or self.mends or self.queries)


def records(graph: str, after: Sequence[ox.Quad]) -> tuple[list[EntityView], int]:
    """The first records as their pages will show them, and how many there are."""
    changed = preview.lookup(opened().lookup, graph, after)
    describer = Describer(changed, addresses())
    iris = [iri for iri in _subjects(after) if _is_whole(iri)]
    views = (describer.entity(iri) for iri in iris[:_MOST_RECORDS])
    return [view for view in views if view is not None], len(iris)


def affected(
    graph: str,
    before: Sequence[ox.Quad],
    after: Sequence[ox.Quad],
    report: Mapping[str, Any],
) -> Affected:
    """What the change does beyond its own graph."""
    changed = preview.lookup(opened().lookup, graph, after)
    differing = set(before) ^ set(after)
    touched = _subjects(sorted(differing, key=str))
    references = _references(graph, touched, changed, Labels([*after, *before]))
    own = {*_subjects(before), *_subjects(after)}
    elsewhere = [
        one for one in report["results"] if one["record"] and one["record"].get("iri") not in own
    ]
    return Affected(
        references[:_MOST_REFERRING],
        max(0, len(references) - _MOST_REFERRING),
        elsewhere,
        report.get("mends") or [],
        (report.get("scope") or {}).get("focus_nodes"),
        _queries(differing),
    )


def _references(
    graph: str, touched: Sequence[str], changed: Lookup, labels: Labels
) -> list[Reference]:
    """Those that will lead nowhere first."""
    found = {}
    for iri in touched[:_MOST_LOOKED_AT]:
        dangling = not changed.about(iri, 1)
        for quad in opened().lookup.to(iri, _MOST_REFERRING * 2):
            subject = quad.subject
            if (
                graph_of(quad) != graph
                and isinstance(subject, ox.NamedNode)
                and not subject.value.startswith(GENID)
            ):
                found[quad.triple] = Reference(
                    labels.link(subject), labels.link(quad.predicate),
                    labels.link(ox.NamedNode(iri)), dangling,
                )  # fmt: skip
    return sorted(found.values(), key=_reference_order)


def _queries(differing: set[ox.Quad]) -> list[NamedQuery]:
    """The named queries that name a property or a class of ours that the change has."""
    terms = {quad.predicate.value for quad in differing}
    terms |= {
        quad.object.value
        for quad in differing
        if quad.predicate.value == RDF + "type" and isinstance(quad.object, ox.NamedNode)
    }
    names = {term.removeprefix(DEF) for term in terms if term.startswith(DEF)}
    known: Mapping[str, NamedQuery] = current_app.extensions["coi-named-queries"]
    return [one for one in known.values() if names & set(_TERM.findall(one.text))]


def _is_whole(iri: str) -> bool:
    """A thing of ours: its parts stand on its own page."""
    return kinds.of(iri) is not None and "/" not in iri.removeprefix(ID).partition("/")[2]


def _subjects(quads: Sequence[ox.Quad]) -> list[str]:
    """In the order in which they come."""
    return list(
        dict.fromkeys(q.subject.value for q in quads if isinstance(q.subject, ox.NamedNode))
    )


def _reference_order(one: Reference) -> tuple[bool, str, str, str]:
    return not one.dangling, one.subject.iri, one.predicate.iri, one.object.iri
