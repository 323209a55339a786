"""Copies in memory of small stores, which a worker makes while nobody asks it anything.

Oxigraph joins by look-ups, which are five times as fast in memory as on disk. Joins over a small
release are always answered from a copy, never from disk because the copy is not there yet: the two
give their rows in another order, and the same query on the same release shall always give the
same bytes. A copy's order follows from the store's own.

Loaded by every worker at its start: nothing but the interpreter's own modules.
"""

from __future__ import annotations

import pyoxigraph as ox

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator
    from typing import Any

_KEPT = 2
_PIECE = 250  # quads; 3 ms, for which a query waits at the most


class Copy:
    """Of ``store``, as far as it is made."""

    def __init__(self, store: ox.Store) -> None:
        self.made = ox.Store()
        self.error: Exception | None = None  # of a store that cannot be read to its end
        self.predicates: set[str] = set()  # each an IRI in brackets
        self._left: Iterator[ox.Quad] | None = iter(store)

    @property
    def is_whole(self) -> bool:
        return self._left is None

    def go_on(self) -> None:
        """Copies a little more, where there is more."""
        if self._left is None:
            return
        try:
            piece = [quad for _, quad in zip(range(_PIECE), self._left)]  # noqa: B905 (the rest stays)
        except (OSError, ValueError, RuntimeError) as error:
            self._left, self.error = None, error
            return
        self.made.extend(piece)
        self.predicates.update(str(quad.predicate) for quad in piece)
        if len(piece) < _PIECE:
            self._left = None


class Copies:
    """The last few. ``unlimited`` runs what may take memory that is no query's; ``made`` is told
    each copy that is whole, with its key."""

    def __init__(
        self,
        unlimited: Callable[[Callable[[], None]], None],
        made: Callable[[Any, Copy], None] = lambda key, copy: None,
    ) -> None:
        self._unlimited = unlimited
        self._made = made
        self._copies: dict[Hashable, Copy] = {}  # the last used one is last

    def expect(self, key: Hashable, store: ox.Store) -> None:
        """``store``, known by ``key``, is going to be read from a copy."""
        copy = self._copies.pop(key, None) or Copy(store)
        while len(self._copies) >= _KEPT:
            del self._copies[next(iter(self._copies))]
        self._copies[key] = copy

    def go_on(self) -> bool:
        """Makes a little more of what is expected; False where all is there."""
        for key, copy in reversed(self._copies.items()):
            if not copy.is_whole:
                self._unlimited(copy.go_on)
                if copy.is_whole:
                    self._made(key, copy)
                return True
        return False

    def whole(self, key: Hashable) -> ox.Store:
        """The copy of what is expected, made to its end. Raises what reading the store raises."""
        copy = self._copies[key]
        if not copy.is_whole:
            while not copy.is_whole:
                self._unlimited(copy.go_on)
            self._made(key, copy)
        if copy.error is not None:
            raise copy.error
        return copy.made
