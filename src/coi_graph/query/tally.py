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

Loaded by every worker at its start: nothing but the interpreter's own modules.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

#: Prologue, property, what SELECT gives, the variables of value and number, what follows GROUP BY.
#: A plain tuple, as it goes to a worker.
Tally = tuple[str, str, str, str, str, str]

MOST_VALUES = 200
_KEPT = 500  # tallies
_LONGEST = 32 * 1024  # characters of one


class Tallies:
    """The tallies that a worker knows, as rows of VALUES."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, ...], str | None] = {}

    def rewritten(
        self, tally: Tally, where: tuple[str, str], ask: Callable[[str], Iterable[Any]]
    ) -> str | None:
        """The query to ask instead; None to leave it as it is.

        ``ask`` evaluates a query; ``where`` is what the answers depend on besides its text: store
        and base IRI.
        """
        prologue, predicate, projection, value, number, tail = tally
        key = (*where, prologue, predicate)
        if key not in self._known:
            if len(self._known) >= _KEPT:
                self._known.clear()
            self._known[key] = _rows(prologue, predicate, ask)
        rows = self._known[key]
        if rows is None:
            return None
        values = f"VALUES ({value} {number}) {{ {rows} }}"
        return f"{prologue} SELECT {projection} WHERE {{ {values} }} {tail}"


def _rows(prologue: str, predicate: str, ask: Callable[[str], Iterable[Any]]) -> str | None:
    """None where there are many values, or some that cannot be written. Many are found out before
    any is counted: the index that is read has equal values side by side."""
    pattern = f"?s {predicate} ?v"
    few = f"{{ SELECT DISTINCT ?v WHERE {{ {pattern} }} LIMIT {MOST_VALUES + 1} }}"
    (found,) = ask(f"{prologue} SELECT (COUNT(*) AS ?n) WHERE {few}")
    if int(found[0].value) > MOST_VALUES:
        return None
    rows = []
    for value, number in ask(
        f"{prologue} SELECT ?v (COUNT(*) AS ?n) WHERE {{ {pattern} }} GROUP BY ?v"
    ):
        term = str(value)
        if not term.startswith(("<", '"')) or term.startswith("<<"):
            return None
        rows.append(f"({term} {number.value})")
    text = " ".join(rows)
    return text if len(text) <= _LONGEST else None
