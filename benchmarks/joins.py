"""The rewriting to hash joins: the engine with the query as written, and with the one it is given.

    python benchmarks/joins.py [--size 160k|1.6m|both] [--queries 60] [--repeats 5]

In one process, so that nothing else is measured. The named queries are those of sparql.py; the
generated ones join two to five patterns of a kind of thing, and of what it points to. "left" are
those that the counts say are answered sooner by look-ups. Each answer is compared, too.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import pyoxigraph as ox
from generate import BASE, DEF, SIZES
from harness.data import prepared
from harness.table import Row, milliseconds, render
from sparql import AGGREGATES, PREFIXES, STAR_JOINS

from coi_graph.query import joining
from coi_graph.query.pieces import split

MEMORY = 2 << 30  # the default of COI_QUERY_MEMORY
#: Class → its properties (with what they point to, where that is a kind of ours).
_KINDS: dict[str, dict[str, str]] = {
    "Innovation": {
        **dict.fromkeys(("innovationType", "novelty", "achievedValue", "closeness"), ""),
        "implementedAt": "Workplace",
    },
    "SpreadCase": {
        **dict.fromkeys(("reuseMode", "spreadStatus", "spreadInitiator", "reachedStep"), ""),
        "spreads": "Innovation",
        "adopter": "Workplace",
        "origin": "Workplace",
    },
    "NetworkMeeting": {
        **dict.fromkeys(("hasRole", "usesMethod", "aimsAt", "usesTool", "targetGroup"), ""),
        "participant": "Workplace",
    },
    "Workplace": {"governmentLevel": "", "country": ""},
}
_CONSTANTS = {
    "innovationType": "innovation-type/product",
    "novelty": "novelty/first",
    "spreadStatus": "spread-status/stopped",
    "hasRole": "role/knowledge-ally",
    "usesMethod": "method/dialogue",
}


def generated(number: int, seed: int = 2017) -> Iterator[str]:
    chance = random.Random(seed)
    for _ in range(number):
        kind = chance.choice(("Innovation", "SpreadCase", "NetworkMeeting"))
        subject, names, patterns = "?a", 0, []
        if chance.random() < 0.5:
            patterns.append(f"?a a <{DEF}{kind}>")
        for _ in range(chance.randint(2, 4)):
            name = chance.choice(list(_KINDS[kind]))
            if name in _CONSTANTS and chance.random() < 0.3:
                patterns.append(f"{subject} <{DEF}{name}> <{BASE}id/{_CONSTANTS[name]}>")
                continue
            names += 1
            patterns.append(f"{subject} <{DEF}{name}> ?v{names}")
            if _KINDS[kind][name] and chance.random() < 0.6:
                subject, kind = f"?v{names}", _KINDS[kind][name]
        group = f"?v{names}" if names else "?a"
        yield (
            f"SELECT {group} (COUNT(*) AS ?n) WHERE {{ {' . '.join(patterns)} }} GROUP BY {group}"
        )


@dataclass
class Engine:
    store: ox.Store
    repeats: int

    def __post_init__(self) -> None:
        self.counts = joining.Counts()

    def given(self, query: str) -> str | None:
        """What the worker would give the engine instead."""
        pieces = split(query)
        if pieces is None:
            return None
        prologue = pieces[0]

        def count(triple: str, most: int) -> int:
            def ask(most: int) -> int:
                rows = self.ask(joining.counting(prologue, triple, most))
                return int(next(iter(rows))[0].value)

            return self.counts.count((prologue, triple), most, ask)

        most_rows = MEMORY // joining.ROW_BYTES
        numbers = joining.counted(pieces[2], count, most_rows)
        return joining.rewritten(pieces, numbers, most_rows)

    def ask(self, query: str) -> ox.QuerySolutions:
        answer = self.store.query(query, use_default_graph_as_union=True)
        assert isinstance(answer, ox.QuerySolutions)
        return answer

    def rows(self, query: str) -> Counter[str]:
        return Counter(str(row) for row in self.ask(query))

    def seconds(self, *queries: str) -> list[float]:
        """The median for each; they take turns."""
        times: list[list[float]] = [[] for _ in queries]
        for _ in range(self.repeats):
            for index, query in enumerate(queries):
                started = time.perf_counter()
                for _row in self.ask(query):
                    pass
                times[index].append(time.perf_counter() - started)
        return [statistics.median(each) for each in times]


def compare(engine: Engine, name: str, query: str) -> Row:
    """``query`` as written, as the peer, and as given."""
    started = time.perf_counter()
    given = engine.given(query)
    counted = time.perf_counter() - started
    if given is None:
        (before,) = engine.seconds(query)
        note = f"left; counted {milliseconds(counted)}"
        return Row(name, note, "as written", milliseconds(before), None, "", None)
    if "LIMIT" not in query and engine.rows(query) != engine.rows(given):
        sys.exit(f"“{name}” has another answer:\n{query}\n{given}")
    before, after = engine.seconds(query, given)
    return Row(
        name,
        f"{milliseconds(after)}; counted {milliseconds(counted)}",
        "as written",
        milliseconds(before),
        after / before,
        "< 1",
        after < before,
    )


def run(size: str, number: int, repeats: int) -> str:
    started = time.monotonic()
    data = prepared(size)
    engine = Engine(ox.Store.read_only(str(data.release.store_path)), repeats)
    rows = [
        compare(engine, name, PREFIXES + query.strip())
        for name, query in {**AGGREGATES, **STAR_JOINS}.items()
    ]
    engine.repeats = 1
    ratios = []
    for query in generated(number):
        ratio = compare(engine, query, query).ratio
        if ratio is not None:
            ratios.append(ratio)
    title = f"{size}: the engine's own time, {time.monotonic() - started:.0f} s"
    table = render(title, rows)
    if not ratios:
        return f"{table}\n\nNone of {number} generated queries was rewritten."
    return (
        f"{table}\n\n{len(ratios)} of {number} generated queries were rewritten: ratio median"
        f" {statistics.median(ratios):.2f}, best {min(ratios):.2f}, worst {max(ratios):.2f};"
        " all answers equal"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--size", choices=[*SIZES, "both"], default="both")
    parser.add_argument("--queries", type=int, default=60, help="generated ones")
    parser.add_argument("--repeats", type=int, default=5, help="of each named query")
    arguments, _ = parser.parse_known_args()  # `make bench ARGS=…` is for all benchmarks
    for size in SIZES if arguments.size == "both" else [arguments.size]:
        print(run(size, arguments.queries, arguments.repeats), flush=True)
        print()


if __name__ == "__main__":
    main()
