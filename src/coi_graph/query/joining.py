"""A basic graph pattern rewritten so that the engine joins it by hash tables where that is faster.

Oxigraph joins the triple patterns of a basic graph pattern by looking up each row of one in the
next, which costs about 9 µs a row, in an order that knows no numbers. What stands in a subselect
is read once, in about 0.4 µs a row, and joined by a hash table. So patterns that are matched often
are put in subselects of their own. The rewrite never changes the rows (`pieces` takes only queries
of which that holds); whether it pays is decided from how often each pattern is matched, counted
exactly, so that the same query on the same release is always answered in the same way.

Loaded by every worker at its start: nothing but the interpreter's own modules.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from .pieces import Pattern, Pieces

# Measured on 160,000 and 1.6 million triples: what a look-up costs for each row that a scan reads
# and joins, all in all.
_LOOK_UP = 7.0
_MARGIN = 1.5  # by which the rewrite must be better, as the estimate is rough
_LEAST_ROWS = 500  # below that a query is fast in any case
#: Memory to allow for each row that is read; measured: 150.
ROW_BYTES = 1024
_KEPT_COUNTS = 4_000
_LONGEST_KEPT = 4_000  # characters of prologue and pattern of a count that is kept


def rewritten(pieces: Pieces, count: Callable[[str, int], int], most_rows: int) -> str | None:
    """The query to ask instead; None to leave it as it is.

    ``count`` tells how many times a triple pattern is matched, or one more than it is given where
    there are more. ``most_rows`` are the rows that may be read into hash tables.
    """
    prologue, head, patterns, tail = pieces
    counts: list[tuple[int, Pattern]] = []
    room = most_rows
    for pattern in sorted(patterns, key=_is_open):  # those with constants first: they are fewest
        matched = count(canonical(pattern), room)
        if not _LEAST_ROWS <= matched <= room:
            return None
        counts.append((matched, pattern))
        # So many look-ups at most: reading more rows does not pay, and is not even counted.
        fewest = min(matched for matched, _ in counts)
        paying = int(_LOOK_UP * fewest * (len(patterns) - 1) / _MARGIN)
        room = min(paying, most_rows) - sum(matched for matched, _ in counts)
    ordered = order(counts)
    if ordered is None or not _pays(ordered):
        return None
    return prologue + head + joined([pattern for _, pattern in ordered]) + tail


class Counts:
    """How often triple patterns are matched, each counted once and remembered."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, ...], tuple[int, int]] = {}  # matches, how far was counted

    def count(self, key: tuple[str, ...], most: int, ask: Callable[[int], int]) -> int:
        """The number for ``key``, which ``ask`` counts up to one more than it is given; here, too,
        at most one more than ``most``."""
        if most <= 0:
            return 1
        found, limit = self._known.get(key, (0, -1))
        if limit < found and limit < most:
            found = ask(most)
            if len(self._known) >= _KEPT_COUNTS:
                self._known.clear()
            if sum(map(len, key)) <= _LONGEST_KEPT:
                self._known[key] = (found, most)
        return min(found, most + 1)


def counting(prologue: str, triple: str, most_rows: int) -> str:
    """The query that tells how often ``triple`` is matched, up to one more than ``most_rows``."""
    rows = f"{{ SELECT * WHERE {{ {triple} }} LIMIT {most_rows + 1} }}"
    return f"{prologue} SELECT (COUNT(*) AS ?coi) WHERE {rows}"


def canonical(pattern: Pattern) -> str:
    """The same text for all patterns that are matched by the same triples."""
    subject, predicate, object, _ = pattern
    if object.startswith("?"):
        object = "?s" if object == subject else "?o"
    return f"?s {predicate} {object}"


def joined(patterns: list[Pattern]) -> str:
    """The patterns, each in a subselect."""
    parts = []
    for subject, predicate, object, test in patterns:
        variables = " ".join(
            dict.fromkeys((subject, object) if _is_variable(object) else (subject,))
        )
        parts.append(f"{{ SELECT {variables} WHERE {{ {subject} {predicate} {object} {test} }} }}")
    return " " + " ".join(parts) + " "


def order(counts: list[tuple[int, Pattern]]) -> list[tuple[int, Pattern]] | None:
    """From a variable from which all others can be reached by following properties forwards.

    A step then adds to a row the values of one property of a thing: there are few. None where
    there is no such variable: joining by a shared value can multiply the rows without end.
    """
    waiting = sorted(counts, key=_size)
    for root in dict.fromkeys(pattern[0] for _, pattern in waiting):
        bound = {root}
        ordered: list[tuple[int, Pattern]] = []
        rest = list(waiting)
        while rest:
            step = next((entry for entry in rest if entry[1][0] in bound), None)
            if step is None:
                break
            rest.remove(step)
            ordered.append(step)
            bound.add(step[1][2])
        else:
            return ordered
    return None


def _pays(ordered: list[tuple[int, Pattern]]) -> bool:
    """Look-ups begin with the rows of some pattern, so at least the fewest, and look each up in
    every other; a pattern with a constant object leaves fewer for those that follow."""
    rows = float(min(matched for matched, _ in ordered))
    look_ups = 0.0
    for _, pattern in sorted(ordered, key=_size)[1:]:
        look_ups += rows
        if not _is_open(pattern) and pattern[1] != "a":
            rows *= 0.3
    return _LOOK_UP * look_ups >= _MARGIN * sum(matched for matched, _ in ordered)


def _size(entry: tuple[int, Pattern]) -> int:
    return entry[0]


def _is_variable(term: str) -> bool:
    return term.startswith("?")


def _is_open(pattern: Pattern) -> bool:
    """Whether the object is a variable."""
    return _is_variable(pattern[2])
