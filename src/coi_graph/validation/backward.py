"""The read paths, backwards: for a triple the places that read it, for places how they are reached.

Places that a node stands for are followed together, as one state of a deterministic automaton; a
thousand records of one kind share a few such states. Keeps what it has worked out.
"""

from __future__ import annotations

from dataclasses import dataclass

from rdflib import URIRef
from rdflib.term import Node

from .read_paths import Link, Place, ReadPaths, Unit

Places = frozenset[Place]


@dataclass(frozen=True, slots=True)
class Reads:
    """What reads the triples of one predicate in one direction: ``places`` all of them, each of
    ``choosy`` those that suit it."""

    inverse: bool
    places: Places
    choosy: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class Steps:
    """From a set of places back: ``places`` are they and those that are the same; ``units`` are
    evaluated there; ``ways``: (predicate or None for any, inverse) → the places before."""

    places: Places
    units: tuple[Unit, ...]
    ways: dict[tuple[URIRef | None, bool], Places]


class Backward:
    """For one shapes graph."""

    def __init__(self, paths: ReadPaths) -> None:
        self._paths = paths
        self._reads: dict[Node, tuple[Reads, ...]] = {}
        self._steps: dict[Places, Steps] = {}

    def reads(self, predicate: Node) -> tuple[Reads, ...]:
        """What reads triples of ``predicate``."""
        found = self._reads.get(predicate)
        if found is None:
            found = tuple(self._find_reads(predicate))
            self._reads[predicate] = found
        return found

    def steps(self, places: Places) -> Steps:
        """How ``places`` are reached."""
        found = self._steps.get(places)
        if found is None:
            found = self._steps[places] = self._find_steps(places)
        return found

    def _find_reads(self, predicate: Node) -> list[Reads]:
        links = [*self._paths.links.get(predicate, ()), *self._paths.links.get(None, ())]
        found = []
        for inverse in (False, True):
            those = [link for link in links if link.inverse is inverse]
            choosy = tuple(link for link in those if link.ends is not None or link.conditions)
            plain = frozenset(link.place for link in those if link not in choosy)
            if those:
                found.append(Reads(inverse, plain, choosy))
        return found

    def _find_steps(self, places: Places) -> Steps:
        seen, waiting = set(places), list(places)
        ways: dict[tuple[URIRef | None, bool], set[Place]] = {}
        while waiting:
            for way in self._paths.back.get(waiting.pop(), ()):
                if not isinstance(way, int):
                    before, predicate, inverse = way
                    ways.setdefault((predicate, inverse), set()).add(before)
                elif way not in seen:
                    seen.add(way)
                    waiting.append(way)
        units = [unit for place in seen for unit in self._paths.starts.get(place, ())]
        return Steps(
            frozenset(seen), tuple(units), {way: frozenset(them) for way, them in ways.items()}
        )
