"""What shapes read from given focus nodes.

The read paths (`read_paths`) are gone forwards from many nodes at once: at each node along all
places that it stands for together, so that its statements are looked up once and not once for each
shape (as Rabin and Scott made one deterministic automaton of a nondeterministic one).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from rdflib.term import Literal, Node

from .overlay import Overlay, Triple
from .read_paths import Place
from .shortcut import Forward

# A node of which so few predicates are read is asked for each of them.
_FEW = 3

Places = frozenset[Place]


class TooLarge(Exception):
    """More statements are read than it is worth to copy."""


@dataclass(slots=True)
class _Steps:
    """Where a set of places leads: predicate → the places after it (none, where it is only
    read). ``inverse``: (predicate, the one subject that matters or None for any)."""

    outward: dict[Node | None, set[Place]] = field(default_factory=dict)
    inverse: dict[tuple[Node | None, Node | None], set[Place]] = field(default_factory=dict)


class Reader:
    """The read paths, for whole sets of places. Keeps what it has worked out."""

    def __init__(self, forward: Forward) -> None:
        self._forward = forward
        self._steps: dict[Places, _Steps] = {}

    def read(self, starts: Mapping[Node, Iterable[Place]], data: Overlay, most: int) -> set[Triple]:
        """The statements of ``data``, without those that its change adds, which are read from the
        nodes of ``starts`` at their places. Raises `TooLarge` beyond ``most`` of them."""
        found: set[Triple] = set()
        seen: dict[Node, Places] = {}
        waiting: dict[Node, set[Place]] = {node: set(places) for node, places in starts.items()}
        nothing: Places = frozenset()
        while waiting:
            node, given = waiting.popitem()
            known = seen.get(node, nothing)
            new = frozenset(given - known if known else given)
            if not new:
                continue
            seen[node] = known | new
            for triple, there, after, held in self._reads(node, self._of(new), data):
                if held:
                    found.add(triple)
                    if len(found) > most:
                        raise TooLarge
                if after:
                    waiting.setdefault(there, set()).update(after)
        return found

    def _reads(
        self, node: Node, steps: _Steps, data: Overlay
    ) -> Iterator[tuple[Triple, Node, set[Place], bool]]:
        """(statement, its other end, the places of that, whether the release holds it)."""
        if steps.outward and not isinstance(node, Literal):
            every = steps.outward.get(None)
            if every is None and len(steps.outward) <= _FEW:
                for predicate, after in steps.outward.items():
                    for triple, held in data.parted((node, predicate, None)):
                        yield triple, triple[2], after, held
            else:
                for triple, held in data.parted((node, None, None)):
                    places = steps.outward.get(triple[1], every)
                    if places is not None:
                        yield triple, triple[2], places | every if every else places, held
        for (predicate, end), after in steps.inverse.items():
            for triple, held in data.parted((end, predicate, node)):
                yield triple, triple[0], after, held

    def _of(self, places: Places) -> _Steps:
        steps = self._steps.get(places)
        if steps is None:
            steps = self._steps[places] = _Steps()
            for predicate, inverse, end, after in self._forward.onward(places):
                if inverse:
                    reached = steps.inverse.setdefault((predicate, end), set())
                else:
                    reached = steps.outward.setdefault(predicate, set())
                if after is not None:
                    reached.add(after)
        return steps
