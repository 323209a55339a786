"""A basic graph pattern rewritten so that the engine joins it in the order and way that is best.

Oxigraph joins the triple patterns of a basic graph pattern by looking up each row of one in the
next, which costs about 9 µs a row, in an order that knows no numbers. What stands in a subselect
is read once, in under 1 µs a row, and joined by a hash table; what stands in a LATERAL is looked
up. `planning` decides which patterns should be which. The rewrite never changes the rows (`pieces`
takes only queries of which that holds); whether it pays is decided from how often each pattern is
matched, counted exactly, so that the same query on the same release is always answered in the
same way.

Loaded by every worker at its start: nothing but the interpreter's own modules.
"""

from __future__ import annotations

from . import planning
from .planning import Counted, Step

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from .pieces import Pattern, Pieces

#: Memory to allow for each row that is read; measured: 150.
ROW_BYTES = 1024
_KEPT_COUNTS = 4_000
_LONGEST_KEPT = 4_000  # characters of prologue and pattern of a count that is kept


def rewritten(pieces: Pieces, numbers: list[Counted], most_rows: int) -> str | None:
    """The query to ask instead; None to leave it as it is. ``numbers`` are what `counted` gives."""
    prologue, head, _, tail = pieces
    steps = planning.best(numbers, most_rows)
    return None if steps is None else prologue + head + joined(steps) + tail


def counted(
    patterns: list[Pattern], count: Callable[[str, int], int], most_rows: int
) -> list[Counted]:
    """The patterns with their numbers; what is matched too often for a scan is not counted to
    its end.

    ``count`` tells how many times a triple pattern is matched, or one more than it is given where
    there are more. ``most_rows`` are the rows that may be read into hash tables.
    """
    # The engine begins with this one, and looks up its rows.
    first = next((pattern for pattern in patterns if not planning.is_open(pattern)), patterns[0])
    matches = count(canonical(first), most_rows)
    room = min(most_rows, planning.worth_scanning(matches, len(patterns)))
    found = []
    for pattern in patterns:
        most = most_rows if pattern is first else room
        matches = count(canonical(pattern), most)
        instances = matches
        if pattern[1] == "a":  # all things have a class
            instances = max(most_rows, matches)
        elif not planning.is_open(pattern):
            instances = max(matches, count(f"?s {pattern[1]} ?o", room))
        found.append(Counted(pattern, matches, instances, exact=matches <= most))
    return found


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


def joined(steps: list[Step]) -> str:
    """What stands between the braces for the ``steps``.

    Each scan after the second joins two subselects, as the engine would choose an order of its
    own among three.
    """
    first = steps[0].counted
    variables = dict.fromkeys(_variables(first))
    text, alone = scan(first), True
    for step in steps[1:]:
        if step.scan:
            text = text if alone else f"{{ SELECT {' '.join(variables)} WHERE {{ {text} }} }}"
            text += " " + scan(step.counted)
        else:
            text += f" LATERAL {{ {written(step.counted)} }}"
        alone = False
        variables |= dict.fromkeys(_variables(step.counted))
    return f" {text} "


def scan(counted: Counted) -> str:
    """The pattern in a subselect."""
    return select(counted, written(counted))


def select(counted: Counted, group: str, part: str = "") -> str:
    """The pattern's variables of ``group``; ``part`` says which of its rows."""
    return f"{{ SELECT {' '.join(_variables(counted))} WHERE {{ {group} }}{part} }}"


def written(counted: Counted) -> str:
    """The pattern and its FILTER."""
    return " ".join(counted.pattern).strip()


def _variables(counted: Counted) -> list[str]:
    return [counted.subject, counted.object] if counted.is_open else [counted.subject]
