"""One contributed record checked against releases of 25,000, 250,000 and 2.5 million triples.

    python benchmarks/validation_one.py [--sizes 25k 250k 2.5m] [--records 200] [--profile]

From the bytes of a Turtle file to the report as a document, reading and explanations included, with
the release's store on disk and in memory; 50 records in one file, too. Shapes and store are ready
beforehand, as they are in a check worker. Stock pySHACL is measured in the same run, on the
smallest release (on 250,000 triples it takes minutes: --stock 250k).
"""

from __future__ import annotations

import argparse
import cProfile
import itertools
import pstats
import random
import shutil
import statistics
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import conforming
import generate
import pyoxigraph as ox
from harness.data import FOLDER, ROOT
from harness.table import Row, milliseconds, render

from coi_graph.intake import sources
from coi_graph.namespaces import PREFIXES
from coi_graph.store import Store
from coi_graph.validation import engine
from coi_graph.validation.basis import Basis
from coi_graph.validation.check import check

SIZES = {"25k": 25_000, "250k": 250_000, "2.5m": 2_500_000}
#: seconds: median and 95th percentile in memory, median on disk, median of 50 records
P50, P95, P50_DISK, P50_MANY = 0.010, 0.020, 0.015, 0.150
GROWTH = 1.3
MANY = 50
KINDS = ("activity", "innovation", "spread_case", "workplace")


def units_of(size: str, shipped: int) -> int:
    return max(1, round((SIZES[size] - shipped) / conforming.TRIPLES_IN_UNIT))


def store_of(size: str) -> tuple[Store, int]:
    """(the store, how many units of generated records it holds); made once, kept on disk."""
    shipped = [quad for one in sources.find(ROOT, examples=True) for quad in sources.read(one)]
    units = units_of(size, len(shipped))
    path = FOLDER / f"validation-{size}"
    if not path.exists():
        print(f"making the release of {size}, once", file=sys.stderr)
        aside = path.with_suffix(".aside")
        shutil.rmtree(aside, ignore_errors=True)
        aside.parent.mkdir(parents=True, exist_ok=True)
        store = Store.create(aside)
        store.add_bulk(itertools.chain(shipped, _quads(conforming.lines(units))))
        store.optimize()
        store.flush()
        del store
        aside.rename(path)
    return Store.open(path), units


def in_memory(store: Store) -> Store:
    """A copy in memory, built in a thread: what the building leaves free then lies in that thread's
    heap. In this one's it would be given to the checks, cold memory for whatever they make: a query
    of 20 triples takes 158 µs instead of 60 (measured), and the copy is not even asked."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(lambda: Store.in_memory(store.quads())).result()


def _quads(lines: Iterator[str]) -> Iterator[ox.Quad]:
    graph = ox.NamedNode(generate.GRAPH)
    while block := "\n".join(itertools.islice(lines, 20_000)):
        for quad in ox.parse(block, format=ox.RdfFormat.N_TRIPLES):
            yield ox.Quad(quad.subject, quad.predicate, quad.object, graph)


def files(count: int, units: int, records: int = 1) -> list[tuple[str, bytes]]:
    """``count`` Turtle files of so many new records each, of the four kinds in turn; every fifth
    record lacks a statement."""
    random_ = random.Random(7)
    maker = conforming._Maker(random_, units)
    made = []
    numbers = itertools.count()
    for number in range(count):
        lines: list[str] = []
        for _ in range(records):
            at = next(numbers)
            statements = list(getattr(maker, KINDS[at % len(KINDS)])(10_000_000 + at))
            if at % 5 == 0:
                del statements[random_.randrange(1, len(statements))]
            lines += statements
        triples = ox.parse("\n".join(lines), format=ox.RdfFormat.N_TRIPLES)
        data = ox.serialize(
            [quad.triple for quad in triples], format=ox.RdfFormat.TURTLE, prefixes=PREFIXES
        )
        made.append((f"contribution-{number}.ttl", data))
    return made


def times(basis: Basis, what: list[tuple[str, bytes]]) -> list[float]:
    """Seconds for each file, sorted. Some are checked first, as in a worker that has served."""
    for one in what[:20]:
        check([one], basis)
    taken = []
    for one in what[20:]:
        started = time.perf_counter()
        document = check([one], basis)
        taken.append(time.perf_counter() - started)
        assert document["scope"]["kind"] == "bounded"
    return sorted(taken)


def stock(store: Store, what: tuple[str, bytes], basis: Basis) -> float:
    """Seconds for pySHACL alone: the release with the record added, everything judged."""
    both = engine.add(engine.from_store(store), basis.read(*what).quads)
    started = time.perf_counter()
    engine.validate(both)
    return time.perf_counter() - started


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--sizes", nargs="+", choices=SIZES, default=list(SIZES))
    parser.add_argument("--records", type=int, default=200)
    parser.add_argument("--stock", choices=(*SIZES, "none"), default="25k")
    parser.add_argument("--profile", action="store_true")
    arguments = parser.parse_args()
    rows: list[Row] = []
    medians: dict[tuple[str, str], float] = {}
    peer = None
    for size in arguments.sizes:
        on_disk, units = store_of(size)
        single = files(20 + arguments.records, units)
        many = files(20 + max(5, arguments.records // 10), units, MANY)
        for place in ("memory", "disk"):
            store = on_disk if place == "disk" else in_memory(on_disk)
            basis = Basis(store)
            taken = times(basis, single)
            middle, high = statistics.median(taken), taken[int(len(taken) * 0.95)]
            medians[size, place] = middle
            if peer is None and arguments.stock == size:
                peer = stock(store, single[0], basis)
            theirs = milliseconds(peer) if peer and arguments.stock == size else ""
            ratio = peer / middle if peer and arguments.stock == size else None
            name = f"{size}, in {place}" if place == "memory" else f"{size}, on disk"
            target = P50 if place == "memory" else P50_DISK
            rows.append(_row(f"{name}: 1 record, p50", middle, target, theirs, ratio))
            if place == "memory":
                rows.append(_row(f"{name}: 1 record, p95", high, P95))
            fifty = statistics.median(times(basis, many))
            rows.append(_row(f"{name}: {MANY} records, p50", fifty, P50_MANY))
            if arguments.profile:
                profile(basis, single)
            del basis, store
    first, last = arguments.sizes[0], arguments.sizes[-1]
    if first != last:
        for place in ("memory", "disk"):
            growth = medians[last, place] / medians[first, place]
            rows.append(
                Row(f"{place}: {last} to {first}", f"{growth:.2f}", "", "", growth,
                    f"≤ {GROWTH}", growth <= GROWTH)
            )  # fmt: skip
    print(render("One contribution against a release: from Turtle to report", rows))


def _row(
    what: str, ours: float, target: float, theirs: str = "", ratio: float | None = None
) -> Row:
    peer = "stock pySHACL" if theirs else ""
    return Row(
        what, milliseconds(ours), peer, theirs, ratio, f"≤ {milliseconds(target)}", ours <= target
    )


def profile(basis: Basis, what: list[tuple[str, bytes]]) -> None:
    profiler = cProfile.Profile(time.process_time)
    profiler.enable()
    for one in what[:100]:
        check([one], basis)
    profiler.disable()
    pstats.Stats(profiler).sort_stats("cumtime").print_stats(60)


if __name__ == "__main__":
    main()
