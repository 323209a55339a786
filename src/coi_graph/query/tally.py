"""A query that asks how often each value of a property occurs, answered from the release's tally.

The text must be, from its first character to its last,

    PREFIX ex: <http://absolute/>   (any number)
    SELECT ?value (COUNT(…) AS ?number)   or the other way round; COUNT of *, ?thing or ?value
    WHERE { ?thing ex:property ?value }
    GROUP BY ?value
    ORDER BY ?number DESC(?value) …   LIMIT 10   OFFSET 10   (or none)

A release never changes, so each property is tallied once by each worker, by the engine, and the
numbers are put into the query as VALUES, in the order in which the engine gave them: the rows, and
their order, are those of the query as it was written. Properties with many values, as titles are,
are left alone.

Of a release that is small enough for a copy in memory (`copies`), all properties are tallied while
nobody asks the worker anything.

Loaded by every worker at its start: nothing but the interpreter's own modules.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

#: Prologue, property as an IRI in brackets, what SELECT gives, the variables of value and number,
#: what follows GROUP BY. A plain tuple, as it goes to a worker.
Tally = tuple[str, str, str, str, str, str]

MOST_VALUES = 200
_PROBED = 3 * MOST_VALUES  # triples
_KEPT = 500  # tallies
_LONGEST = 32 * 1024  # characters of one


class Tallies:
    """The tallies that a worker knows, as rows of VALUES."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, ...], str | None] = {}
        self._expected: list[tuple[str, tuple[str, ...], Callable[[str], Iterable[Any]]]] = []

    def expect(
        self, predicates: Iterable[str], where: tuple[str, ...], ask: Callable[[str], Iterable[Any]]
    ) -> None:
        """These properties, each an IRI in brackets, may be asked for."""
        self._expected = [
            (predicate, where, ask)
            for predicate in sorted(predicates, reverse=True)
            if (*where, predicate) not in self._known
        ]

    def go_on(self) -> bool:
        """Tallies the next that is expected; False where there is none."""
        if not self._expected:
            return False
        try:  # noqa: SIM105 (contextlib is slow to load)
            self._tally(*self._expected.pop())
        except Exception:
            pass  # whoever asks for it will be told
        return True

    def rewritten(
        self, tally: Tally, where: tuple[str, ...], ask: Callable[[str], Iterable[Any]]
    ) -> str | None:
        """The query to ask instead; None to leave it as it is.

        ``ask`` evaluates a query; ``where`` is what the answers depend on besides its text.
        """
        prologue, predicate, projection, value, number, tail = tally
        rows = self._tally(predicate, where, ask)
        if rows is None:
            return None
        values = f"VALUES ({value} {number}) {{ {rows} }}"
        return f"{prologue} SELECT {projection} WHERE {{ {values} }} {tail}"

    def _tally(
        self, predicate: str, where: tuple[str, ...], ask: Callable[[str], Iterable[Any]]
    ) -> str | None:
        key = (*where, predicate)
        if key not in self._known:
            if len(self._known) >= _KEPT:
                self._known.clear()
            self._known[key] = _rows(predicate, ask)
        return self._known[key]


def _rows(predicate: str, ask: Callable[[str], Iterable[Any]]) -> str | None:
    """None where there are many values, or some that cannot be written.

    Many are mostly found out by reading a few triples: the index that is read has equal values
    side by side.
    """
    pattern = f"?s {predicate} ?v"
    first = f"{{ SELECT ?v WHERE {{ {pattern} }} LIMIT {_PROBED} }}"
    (found,) = ask(f"SELECT (COUNT(DISTINCT ?v) AS ?n) WHERE {first}")
    if int(found[0].value) > MOST_VALUES:
        return None
    rows: list[str] = []
    for value, number in ask(f"SELECT ?v (COUNT(*) AS ?n) WHERE {{ {pattern} }} GROUP BY ?v"):
        term = str(value)
        if len(rows) == MOST_VALUES or term.startswith("<<") or not term.startswith(("<", '"')):
            return None
        rows.append(f"({term} {number.value})")
    text = " ".join(rows)
    return text if len(text) <= _LONGEST else None
