"""Names for blank nodes that are shared or form a cycle.

Colour refinement, then a search that tries each of the nodes that it could not tell apart and
keeps the smallest outcome: isomorphic inputs get the same names. The work is bounded; RDFC-1.0
(https://www.w3.org/TR/rdf-canon/), which answers the same question, is not in pyoxigraph: ten
nodes that all point to each other would keep it busy for minutes (measured: 8 nodes 4 s, each
further one ten times as long).
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import Any

import pyoxigraph as ox

_WORK = 600_000  # triples looked at: a few seconds
_DEPTH = 50  # guesses upon guesses; each at least doubles the work

Colours = Mapping[ox.BlankNode, str]


class Tangled(ValueError):
    """Blank nodes that look too much alike to be told apart in bounded time."""


def digest(*parts: str) -> str:
    return hashlib.sha256("\x00".join(parts).encode("utf-8")).hexdigest()


def names(
    nodes: Collection[ox.BlankNode], triples: Collection[ox.Triple], contents: Colours
) -> dict[ox.BlankNode, str]:
    """A digest for each of ``nodes``, which ``triples`` connect; no two are equal.

    ``contents`` tells nodes apart beforehand, where it has any. Raises `Tangled`.
    """
    knot = _Knot(nodes, triples)
    start = {node: digest(contents.get(node, ""), knot.ground[node]) for node in nodes}
    whole, colours = knot.search(start, 0)
    shape = digest(*whole)
    return {node: digest(shape, colours[node]) for node in nodes}


class _Knot:
    def __init__(self, nodes: Collection[ox.BlankNode], triples: Collection[ox.Triple]) -> None:
        self.nodes = nodes
        self.triples = triples
        self.work = 0
        self.around: dict[ox.BlankNode, list[tuple[str, ox.BlankNode]]] = defaultdict(list)
        ground: dict[ox.BlankNode, list[str]] = defaultdict(list)
        for subject, predicate, object in triples:
            if isinstance(subject, ox.BlankNode) and isinstance(object, ox.BlankNode):
                self.around[subject].append((f"{predicate} →", object))
                self.around[object].append((f"{predicate} ←", subject))
            elif isinstance(subject, ox.BlankNode):
                ground[subject].append(f"{predicate} {object}")
            elif isinstance(object, ox.BlankNode):
                ground[object].append(f"{subject} {predicate}")
        self.ground = {node: digest(*sorted(ground[node])) for node in nodes}

    def search(self, colours: Colours, depth: int) -> tuple[list[str], Colours]:
        """The smallest way to write the knot down in which every node has its own colour."""
        colours = self.refine(colours)
        classes = defaultdict(list)
        for node in self.nodes:
            classes[colours[node]].append(node)
        alike = [colour for colour, members in classes.items() if len(members) > 1]
        if not alike:
            return self.written(colours), colours
        if depth == _DEPTH:
            raise Tangled
        colour = min(alike, key=lambda one: (len(classes[one]), one))
        return min(
            (
                self.search({**colours, node: digest(colour, "chosen")}, depth + 1)
                for node in classes[colour]
            ),
            key=lambda outcome: outcome[0],
        )

    def refine(self, colours: Colours) -> Colours:
        """Tells nodes apart by the colours around them, until that tells nothing more."""
        while True:
            before = len(set(colours.values()))
            if before == len(self.nodes):
                return colours
            self.work += len(self.triples)
            if self.work > _WORK:
                raise Tangled
            colours = {
                node: digest(
                    colours[node],
                    *sorted(f"{edge} {colours[other]}" for edge, other in self.around[node]),
                )
                for node in self.nodes
            }
            if len(set(colours.values())) == before:
                return colours

    def written(self, colours: Colours) -> list[str]:
        def term(value: Any) -> str:
            return colours[value] if isinstance(value, ox.BlankNode) else str(value)

        return sorted(f"{term(s)} {p} {term(o)}" for s, p, o in self.triples)
