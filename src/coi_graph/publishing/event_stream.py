"""The change feed as a Linked Data Event Stream: where it begins, and how its pages hang together.

The view (`/feed`) names each release's first page and grows; when fifty releases are full, it names
their block instead. Blocks and pages never change. Relations say of which time the members behind
them are, so that a client fetches what it has not seen, or what it wants.
LDES: https://w3id.org/ldes/specification; TREE: https://w3id.org/tree/specification.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import pyoxigraph as ox

from ..namespaces import AS, DCT, LDES, PREFIXES, RDF, TREE, XSD
from . import feed
from .metadata import DATASET, LICENCE
from .releases import Release

BLOCK = 50  # releases
PATH = "/feed"
_NAMES = ("as", "coi", "dct", "ldes", "prov", "rdf", "rdfs", "skos", "tree", "xsd")
_PREFIXES = {name: PREFIXES[name] for name in _NAMES}
_DATE_TIME = ox.NamedNode(XSD + "dateTime")
_GREATER, _LESS = "GreaterThanOrEqualToRelation", "LessThanOrEqualToRelation"


@dataclass(frozen=True, slots=True)
class Target:
    """A page that another one names, with the time of its oldest and its newest members."""

    path: str
    oldest: str
    newest: str


def block_of(number: int) -> tuple[int, int]:
    """The first and the last number of the block that release ``number`` is in."""
    first = (number - 1) // BLOCK * BLOCK + 1
    return first, first + BLOCK - 1


def page_path(release: int, page: int) -> str:
    return f"{PATH}/{release}/{page}"


def block_path(first: int, last: int) -> str:
    return f"{PATH}/{first}-{last}"


def targets_of_view(releases: list[Release]) -> Iterator[Target]:
    """What the view names, oldest first, where ``releases`` are all there are."""
    newest = releases[-1].number if releases else 0
    blocks: dict[tuple[int, int], list[Release]] = {}
    for release in releases:
        blocks.setdefault(block_of(release.number), []).append(release)
    for (first, last), own in blocks.items():
        if last <= newest:
            oldest, latest = own[0].manifest.issued, own[-1].manifest.issued
            yield Target(block_path(first, last), oldest, latest)
        else:
            yield from targets_of_block(own)


def targets_of_block(releases: Iterable[Release]) -> Iterator[Target]:
    for release in releases:
        issued = release.manifest.issued
        yield Target(page_path(release.number, 1), issued, issued)


def node(path: str, targets: Iterable[Target], absolute: Callable[[str], str]) -> list[ox.Quad]:
    """The page at ``path`` with its relations, and the stream that it belongs to."""
    here, view = ox.NamedNode(absolute(path)), ox.NamedNode(absolute(PATH))
    stream = ox.NamedNode(view.value + "#stream")
    quads = [
        _quad(stream, RDF + "type", ox.NamedNode(LDES + "EventStream")),
        _quad(stream, DCT + "title", ox.Literal("Ændringer i coi-graph", language="da")),
        _quad(stream, DCT + "title", ox.Literal("Changes to coi-graph", language="en")),
        _quad(stream, DCT + "license", ox.NamedNode(LICENCE)),
        _quad(stream, DCT + "subject", ox.NamedNode(DATASET)),
        _quad(stream, LDES + "timestampPath", ox.NamedNode(AS + "published")),
        _quad(stream, LDES + "versionOfPath", ox.NamedNode(AS + "object")),
        _quad(stream, TREE + "view", view),
        _quad(here, RDF + "type", ox.NamedNode(TREE + "Node")),
    ]
    for number, target in enumerate(targets, 1):
        for kind, value in ((_GREATER, target.oldest), (_LESS, target.newest)):
            relation = ox.NamedNode(f"{here.value}#relation-{number}-{kind[0].lower()}")
            quads += [
                _quad(here, TREE + "relation", relation),
                _quad(relation, RDF + "type", ox.NamedNode(TREE + kind)),
                _quad(relation, TREE + "node", ox.NamedNode(absolute(target.path))),
                _quad(relation, TREE + "path", ox.NamedNode(AS + "published")),
                _quad(relation, TREE + "value", ox.Literal(value, datatype=_DATE_TIME)),
            ]
    return quads


def page(
    release: Release, index: feed.Index, number: int, absolute: Callable[[str], str]
) -> list[ox.Quad]:
    """Page ``number`` of a release, members and all: the default graph first."""
    following = []
    if number < len(index.pages):
        path = page_path(release.number, number + 1)
        following.append(Target(path, index.issued, index.issued))
    quads = node(page_path(release.number, number), following, absolute)
    if not index.pages:  # a release that changed nothing but itself
        return quads
    stream = ox.NamedNode(absolute(PATH) + "#stream")
    held = list(feed.read_page(release.path, index.pages[number - 1]))
    for quad in held:
        if quad.predicate.value == AS + "object" and _is_default(quad):
            assert isinstance(quad.subject, ox.NamedNode)
            quads.append(_quad(stream, TREE + "member", quad.subject))
    quads += [quad for quad in held if _is_default(quad)]
    quads += [quad for quad in held if not _is_default(quad)]
    return quads


def serialize(quads: list[ox.Quad], form: ox.RdfFormat) -> bytes:
    prefixes = _PREFIXES if form == ox.RdfFormat.TRIG else None
    written = ox.serialize(quads, format=form, prefixes=prefixes)
    assert written is not None  # only where an output is given
    return written


def _is_default(quad: ox.Quad) -> bool:
    return isinstance(quad.graph_name, ox.DefaultGraph)


def _quad(subject: ox.NamedNode, predicate: str, value: ox.NamedNode | ox.Literal) -> ox.Quad:
    return ox.Quad(subject, ox.NamedNode(predicate), value)
