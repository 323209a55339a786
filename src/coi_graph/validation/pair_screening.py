"""Screen, then confirm, for the pairs that a large contribution concerns.

What a thousand new records say is nearly all in order, and pySHACL takes milliseconds to say so for
each. So Oxigraph is asked first, as for the whole graph (`screening`), but over no more than what
the shapes read from the focus nodes in question (`neighbourhood`): the cost follows the
contribution, and nothing of the release is copied. pySHACL judges what is left, and writes every
result.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Final

import pyoxigraph as ox
from rdflib.namespace import RDFS, SH
from rdflib.term import Literal, Node

from ..store import Store, as_kept
from .candidate_rows import Rows
from .candidates import Candidates
from .judge import Judge
from .neighbourhood import Reader, TooLarge
from .overlay import Base, Overlay, Triple
from .read_paths import Place, ReadPaths, Unit
from .shortcut import Forward
from .terms import to_oxigraph, to_rdflib

Pairs = set[tuple[Unit, Node]]
#: The pairs whose verdict some triples can touch: `walk.Walk.reading`.
Reading = Callable[[Iterable[Triple]], Pairs]

# Statements of the release for each pair, and in any case, that are copied at most.
_PER_PAIR: Final = 200
_LEAST: Final = 20_000
_FOCUS: Final = "?this"
_MARK: Final = "urn:x-coi:asked"
_ASKED: Final = ox.NamedNode(_MARK)
# The focus nodes in question are in a graph of their own, where no pattern sees them by chance.
_ROWS: Final = Rows(f"GRAPH <{_MARK}> {{ <{_MARK}> <{_MARK}> {_FOCUS} }}", _FOCUS, literals=False)


class PairScreen:
    """For the shapes and the release of one checker. Keeps the patterns that it has made."""

    def __init__(self, judge: Judge, paths: ReadPaths, forward: Forward, base: Base) -> None:
        self._shapes = judge.shapes
        self._reader = Reader(forward)
        self._forward = forward
        self._places: dict[Unit, Place] = {
            unit: place for place, units in paths.starts.items() for unit in units
        }
        # A change of the hierarchy is a whole run, so that it stays what it is.
        self._hierarchy = tuple(base.triples((None, RDFS.subClassOf, None)))
        self._candidates = Candidates(judge.shapes, lru_cache(None)(self._beneath))
        self._patterns: dict[Unit, tuple[str, ...] | None] = {}

    def suspects(self, pairs: Pairs, data: Overlay, reading: Reading) -> Pairs:
        """The pairs among which all are whose node violates the unit's shape in ``data``."""
        asked: dict[Unit, set[Node]] = defaultdict(set)
        found: Pairs = set()
        for pair in pairs:
            unit, node = pair
            if isinstance(node, Literal) or self._patterns_of(unit) is None:
                found.add(pair)
            else:
                asked[unit].add(node)
        try:
            store = self._copy(asked, data)
        except TooLarge:
            return pairs
        altered = _altered(data.added)
        if altered:
            found |= reading(altered) & pairs
        for nodes, units in _by_nodes(asked).items():
            _ask_about(store, nodes)
            for unit in units:
                suspected = self._find(unit, store)
                found.update((unit, node) for node in suspected)
        return found

    def _copy(self, asked: dict[Unit, set[Node]], data: Overlay) -> Store:
        starts: dict[Node, set[Place]] = defaultdict(set)
        for unit, nodes in asked.items():
            for node in nodes:
                starts[node].add(self._places[unit])
        most = _LEAST + _PER_PAIR * len(starts)
        read = self._reader.read(starts, data, most)
        return Store.in_memory(map(_quad, (*self._hierarchy, *data.added, *read)))

    def _find(self, unit: Unit, store: Store) -> Iterable[Node]:
        for pattern in self._patterns_of(unit) or ():
            text = f"SELECT DISTINCT {_FOCUS} WHERE {{ {pattern} }}"
            for solution in store.query(text, default_graph=ox.DefaultGraph()):
                yield to_rdflib(solution[0])

    def _patterns_of(self, unit: Unit) -> tuple[str, ...] | None:
        """One for each constraint; None where pySHACL must see all nodes."""
        if unit not in self._patterns:
            self._patterns[unit] = self._make_patterns(unit)
        return self._patterns[unit]

    def _make_patterns(self, unit: Unit) -> tuple[str, ...] | None:
        members = (
            () if self._has_path(unit.owner) else self._shapes.objects(unit.owner, SH.property)
        )
        # As in `screening`, where the reasons are.
        if self._candidates.goes_whole(unit.owner) or not all(map(self._has_path, members)):
            return None
        if not self._forward.is_readable(self._places[unit]):
            return None
        found = self._candidates.violating(unit.shape, _ROWS, own=unit.own)
        return None if any(one.all for one in found) else tuple(one.pattern for one in found)

    def _has_path(self, shape: Node) -> bool:
        return (shape, SH.path, None) in self._shapes

    def _beneath(self, wanted: Node) -> tuple[Node, ...]:
        kinds = {wanted: None}
        for kind in (waiting := [wanted]):
            for beneath, _, above in self._hierarchy:
                if above == kind and beneath not in kinds:
                    kinds[beneath] = None
                    waiting.append(beneath)
        return tuple(kinds)


def _by_nodes(asked: dict[Unit, set[Node]]) -> dict[frozenset[Node], list[Unit]]:
    """The units that are asked about the same nodes together."""
    units: dict[frozenset[Node], list[Unit]] = defaultdict(list)
    for unit, nodes in asked.items():
        units[frozenset(nodes)].append(unit)
    return units


def _ask_about(store: Store, nodes: Iterable[Node]) -> None:
    store.drop(_MARK)
    store.apply(
        removed=(), added=[ox.Quad(_ASKED, _ASKED, to_oxigraph(node), _ASKED) for node in nodes]
    )


def _altered(triples: Iterable[Triple]) -> list[Triple]:
    """Those whose value a store holds in another form (of 007 it makes 7)."""
    typed = [one for one in triples if isinstance(one[2], Literal) and one[2].datatype is not None]
    quads = [_quad(one) for one in typed]
    kept = as_kept(quads)
    return [one for one, quad, held in zip(typed, quads, kept, strict=True) if held != quad]


def _quad(triple: Triple) -> ox.Quad:
    subject, predicate, value = map(to_oxigraph, triple)
    return ox.Quad(subject, predicate, value)  # type: ignore[arg-type]
