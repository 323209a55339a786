"""In which order, and by which way, the triple patterns of a query are best joined.

Two ways lead from the rows so far to those with one pattern more. A *look-up* asks the engine's
index for each row; a *scan* reads all that matches the pattern once and joins it by a hash table.
Which is cheaper depends on numbers that Oxigraph does not have: how often each pattern is matched.

The search is greedy: at each step the pattern that leaves the fewest rows, where a pattern counts
with those that it leads to. The numbers are exact, so the same query on the same release has the
same plan in every worker.

Loaded by every worker at its start: nothing but the interpreter's own modules.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .pieces import Pattern

# Microseconds, measured on 160,000 and 1.6 million triples.
LOOK_UP = 9.0  # one row, in the index
SCAN = 0.9  # one row that matches a pattern: read, and put into the hash table or looked for there
_READ = 0.4  # the same where it is the first pattern: only read
_TEST = 2.2  # the language of one literal, which must be read for it
#: Values of one property of a thing: a guess, the only one.
_VALUES = 1.5
#: What the plan must be better by, as an estimate is none too exact.
_MARGIN = 1.25
#: Microseconds below which a query is fast in any case.
FAST = 3_000.0


class Counted:
    """A triple pattern with its numbers.

    matches    how often it is matched; one that is not ``exact`` was not counted to its end
    instances  how many triples have its predicate, or as many as are of interest
    """

    def __init__(self, pattern: Pattern, matches: int, instances: int, *, exact: bool) -> None:
        self.pattern = pattern
        self.subject, _, self.object, self.test = pattern
        self.matches = matches
        self.instances = instances
        self.exact = exact

    @property
    def is_open(self) -> bool:
        """Whether it gives a thing's values, and does not only choose among things."""
        return is_open(self.pattern)


class Step:
    """``scan``: by a scan; otherwise by look-ups."""

    def __init__(self, counted: Counted, *, scan: bool) -> None:
        self.counted = counted
        self.scan = scan


def is_open(pattern: Pattern) -> bool:
    return pattern[2].startswith("?") and pattern[2] != pattern[0]


def best(patterns: list[Counted], most_rows: int) -> list[Step] | None:
    """The steps to take instead of the engine's own; None where its own are about as good.

    A step leads from a thing to the values of one property: there are few. Where no variable
    leads to all others in that way there is no plan: joining by a shared value alone can multiply
    the rows without end. Scans read no more than ``most_rows`` in all.
    """
    engines = engines_own(patterns)
    if engines < FAST:
        return None
    plans = [
        plan
        for root in dict.fromkeys(counted.subject for counted in patterns)
        if (plan := _Plan(patterns, most_rows).steps_from(root)) is not None
    ]
    if not plans:
        return None
    cost, steps = min(plans, key=lambda plan: plan[0])
    if cost * _MARGIN > engines or not any(step.scan for step in steps[1:]):
        return None
    return steps


def worth_scanning(rows: int, patterns: int) -> int:
    """How many rows a scan may read where look-ups would begin with ``rows``: more than that is
    not even counted."""
    return int(LOOK_UP / SCAN * _VALUES * rows * (patterns - 1))


class _Plan:
    def __init__(self, patterns: list[Counted], most_rows: int) -> None:
        self.patterns = patterns
        self.room = most_rows

    def steps_from(self, root: str) -> tuple[float, list[Step]] | None:
        """Microseconds and steps, beginning with a pattern of ``root``."""
        first = min(
            (counted for counted in self.patterns if counted.subject == root and counted.exact),
            key=lambda counted: counted.matches,
            default=None,
        )
        if first is None:
            return None
        cost, rows = first.matches * _READ, float(first.matches)
        if first.test:
            cost += rows * _TEST
            rows /= 2
        self.room -= first.matches
        steps, bound = [Step(first, scan=True)], {root, first.object}
        rest = [counted for counted in self.patterns if counted is not first]
        while rest:
            reachable = [counted for counted in rest if counted.subject in bound]
            if not reachable:
                return None
            step = min(reachable, key=lambda counted: self.worth(counted, bound))
            rest.remove(step)
            scan, more = self.way(step, rows)
            if scan:
                self.room -= step.matches
            cost += more
            rows *= factor(step, self.patterns, bound)
            bound.add(step.object)
            steps.append(Step(step, scan=scan))
        return cost, steps

    def way(self, step: Counted, rows: float) -> tuple[bool, float]:
        """Whether to scan, and the microseconds of the better way."""
        look_ups = rows * _look_up(step)
        if not step.exact or step.matches > self.room:
            return False, look_ups
        scan = rows * _READ + step.matches * (SCAN + (_TEST if step.test else 0.0))
        return scan < look_ups, min(scan, look_ups)

    def worth(self, counted: Counted, bound: set[str], depth: int = 4) -> float:
        """By how much the rows grow or shrink with ``counted`` and what it leads to."""
        own = factor(counted, self.patterns, bound)
        if not counted.is_open or counted.object in bound or not depth:
            return own
        further = 1.0
        for other in self.patterns:
            if other.subject == counted.object:
                further *= min(1.0, self.worth(other, {*bound, counted.object}, depth - 1))
        return own * further


def factor(counted: Counted, patterns: list[Counted], bound: set[str]) -> float:
    """Rows for each row before, once the subject is known."""
    if counted.is_open and counted.object not in bound:
        return 1.0 if counted.test else _VALUES
    # The things in question have all these properties, so there are no more than of the rarest.
    things = min(other.instances for other in patterns if other.subject == counted.subject)
    return min(1.0, counted.matches / max(1, things))


def _look_up(counted: Counted) -> float:
    return LOOK_UP + (_VALUES * _TEST if counted.test else 0.0)


def engines_own(patterns: list[Counted]) -> float:
    """Microseconds of Oxigraph's own plan (its sparopt/src/optimizer.rs, ``reorder_joins``):
    look-ups, beginning with the first pattern that has a constant object, then those that only
    choose, then a thing's values, each in the order of the text."""
    rest = list(patterns)
    first = next((counted for counted in rest if not counted.is_open), rest[0])
    rest.remove(first)
    cost, rows = first.matches * _READ, float(first.matches)
    if first.test:
        cost += rows * _TEST
        rows /= 2
    bound = {first.subject, first.object}
    while rest:
        step = min(rest, key=lambda counted: _engines_estimate(counted, bound))
        rest.remove(step)
        cost += rows * _look_up(step)
        rows *= factor(step, patterns, bound)
        bound |= {step.subject, step.object}
    return cost


def _engines_estimate(counted: Counted, bound: set[str]) -> int:
    fixed = not counted.is_open or counted.object in bound
    if counted.subject in bound:
        return 1 if fixed else 10
    return 10_000 if fixed else 1_000_000
