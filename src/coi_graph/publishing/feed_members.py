"""A member of the change feed: an Activity, and what its thing says after the change.

The Activity (`as:Create`, `as:Update`, `as:Delete`) stands in the default graph; a named graph of
its name holds the thing's whole description. The form is that of DCAT-AP Feeds
(https://semiceu.github.io/LDES-DCAT-AP-feeds/), whose shape allows an Activity no other properties
than its type, `as:object` and `as:published`; so the rest is said in its graph (decision 45).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

import pyoxigraph as ox

from ..namespaces import AS, PROV, RDF, XSD
from ..store import graph_of
from .metadata import release_iri

What = Literal["Create", "Update", "Delete"]


@dataclass(frozen=True, slots=True)
class Member:
    """What a release did to ``thing``; ``quads`` is its description afterwards."""

    thing: str
    what: What
    quads: frozenset[ox.Quad] = frozenset()


def activity_iri(release: int, number: int) -> str:
    """The IRI of a release's member; they are numbered from 1, by the IRI of their thing."""
    return f"{release_iri(release)}/change/{number}"


def lines(member: Member, release: int, activity: str, issued: str) -> Iterator[str]:
    """The member as N-Quads without their dots, in an order that is always the same."""
    yield f"<{activity}> <{RDF}type> <{AS}{member.what}>"
    yield f"<{activity}> <{AS}object> <{member.thing}>"
    yield f'<{activity}> <{AS}published> "{issued}"^^<{XSD}dateTime>'
    graph = f"<{activity}>"
    yield f"<{release_iri(release)}> <{PROV}hadMember> {graph} {graph}"
    if member.quads:
        quads: dict[str, list[ox.Quad]] = {}
        for quad in member.quads:
            quads.setdefault(str(quad.triple), []).append(quad)
        yield from (f"{triple} {graph}" for triple in sorted(quads))
        yield from (f"{line} {graph}" for line in placement(quads, activity))


def placement(quads: dict[str, list[ox.Quad]], activity: str) -> Iterator[str]:
    """Which named graph of the release each statement stands in, as N-Triples without dots.

    ``<graph> prov:hadMember <activity>``: the statements of the Activity's graph stand in this
    one, save those with a place of their own: ``<graph> prov:hadMember <activity>/1`` where
    ``<activity>/1`` is an `rdf:Statement`. Nothing else in the description names the Activity.
    ``quads`` are given by their triples' text.
    """
    sizes = Counter(graph_of(quad) for same in quads.values() for quad in same)
    home = min(sizes, key=lambda graph: (-sizes[graph], graph))
    yield f"<{home}> <{PROV}hadMember> <{activity}>"
    if len(sizes) == 1:
        return
    away = sorted(text for text, same in quads.items() if {graph_of(q) for q in same} != {home})
    for number, text in enumerate(away, 1):
        node, quad = f"<{activity}/{number}>", quads[text][0]
        yield f"{node} <{RDF}type> <{RDF}Statement>"
        yield f"{node} <{RDF}subject> {quad.subject}"
        yield f"{node} <{RDF}predicate> {quad.predicate}"
        yield f"{node} <{RDF}object> {quad.object}"
        for graph in sorted(map(graph_of, quads[text])):
            yield f"<{graph}> <{PROV}hadMember> {node}"


def _placed(activity: str, quads: Iterable[ox.Quad]) -> Iterator[ox.Quad]:
    """The statements of an Activity's graph, put back into the graphs of the release."""
    home: ox.NamedNode | None = None
    own, release = f"{activity}/", activity.rpartition("/change/")[0]
    parts: dict[str, dict[str, object]] = {}
    places: dict[str, list[ox.NamedNode]] = {}
    statements: list[ox.Triple] = []
    for quad in quads:
        subject, value = _text(quad.subject), _text(quad.object)
        if quad.predicate.value == PROV + "hadMember" and value == activity:
            if subject != release:
                home = ox.NamedNode(subject)
        elif quad.predicate.value == PROV + "hadMember" and value.startswith(own):
            places.setdefault(value, []).append(ox.NamedNode(subject))
        elif subject.startswith(own):
            parts.setdefault(subject, {})[quad.predicate.value.removeprefix(RDF)] = quad.object
        else:
            statements.append(quad.triple)
    elsewhere: dict[ox.Triple, list[ox.NamedNode]] = {}
    for node, part in parts.items():
        triple = ox.Triple(part["subject"], part["predicate"], part["object"])  # type: ignore[arg-type]
        elsewhere[triple] = places.get(node, [])
    for triple in statements:
        for graph in elsewhere.get(triple, [home] if home else []):
            yield ox.Quad(triple.subject, triple.predicate, triple.object, graph)


def members(quads: Iterable[ox.Quad]) -> list[Member]:
    """A page's quads → its members, each with the statements in the graphs of the release.

    The reverse of what `make` writes, for whoever replays a feed.
    """
    objects: dict[str, str] = {}
    kinds: dict[str, What] = {}
    graphs: dict[str, list[ox.Quad]] = {}
    for quad in quads:
        graph = graph_of(quad)
        if graph:
            graphs.setdefault(graph, []).append(quad)
        elif quad.predicate.value == AS + "object":
            objects[_iri(quad.subject)] = _iri(quad.object)
        elif quad.predicate.value == RDF + "type":
            what = _iri(quad.object).removeprefix(AS)
            if what in ("Create", "Update", "Delete"):
                kinds[_iri(quad.subject)] = what  # type: ignore[assignment]
    return [
        Member(thing, kinds[activity], frozenset(_placed(activity, graphs.get(activity, ()))))
        for activity, thing in objects.items()
    ]


def _text(term: object) -> str:
    return term.value if isinstance(term, ox.NamedNode) else ""


def _iri(term: object) -> str:
    assert isinstance(term, ox.NamedNode)
    return term.value
