"""The whole graph: screening beside stock pySHACL.

    python benchmarks/validation_whole.py                    250,000 triples; pySHACL on 25,000
    python benchmarks/validation_whole.py --stock-250k       pySHACL on the 250,000, too (minutes)
    python benchmarks/validation_whole.py --size 2.5m

Each measurement runs in a process of its own, and prints its peak of resident memory, with that of
the processes that it asks. The data are
made by `conforming.py`, with the repository's own files; the results of both are compared.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import conforming
import generate
import pyoxigraph as ox
from rdflib import Graph

from coi_graph.intake import sources
from coi_graph.store import Store
from coi_graph.validation import asking, engine

ROOT = Path(__file__).resolve().parents[1]
SIZES = {"25k": 25_000, "250k": 250_000, "2.5m": 2_500_000}
#: Seconds, and bytes of resident memory at most.
TARGETS = {"250k": (2.5, None), "2.5m": (25.0, 1.2e9)}
_LEAST_RATIO = 80
_BATCH = 50_000


def make(path: Path, size: str) -> None:
    """A store with the data of ``size`` (the repository's own files, some 22,000, included)."""
    store = Store.create(path)
    own = [quad for source in sources.find(ROOT, examples=True) for quad in sources.read(source)]
    units = max((SIZES[size] - len(own)) // conforming.TRIPLES_IN_UNIT, 10)
    store.add_bulk(own)
    for batch in _batches(conforming.lines(units)):
        store.add_bulk(batch)
    store.flush()
    store.optimize()


def _batches(lines: Iterator[str]) -> Iterator[list[ox.Quad]]:
    graph = ox.NamedNode(generate.GRAPH)
    waiting: list[str] = []

    def quads() -> list[ox.Quad]:
        parsed = ox.parse("\n".join(waiting), format=ox.RdfFormat.N_TRIPLES)
        return [ox.Quad(q.subject, q.predicate, q.object, graph) for q in parsed]

    for line in lines:
        waiting.append(line)
        if len(waiting) == _BATCH:
            yield quads()
            waiting.clear()
    yield quads()


def measure(how: str, path: Path) -> dict[str, object]:
    """Seconds from the store to the report, modules loaded and shapes read; its results."""
    store = Store.open(path)
    shapes = engine.shapes_of(store)
    if how == "screening":
        from coi_graph.validation import screening

        started, before = time.perf_counter(), time.process_time()
        found = screening.validate_whole(store, shapes)
    else:
        import pyshacl
        from rdflib import Graph as Stock

        # Stock: a plain rdflib graph, and pySHACL as anybody would call it.
        both, data = engine.from_store(store), Stock()
        for triple in both.data:
            data.add(triple)
        del both
        started, before = time.perf_counter(), time.process_time()
        _, results, _ = pyshacl.validate(data, shacl_graph=shapes, inplace=True)
        assert isinstance(results, Graph)
        found = engine.from_pyshacl(results, shapes, data)
    seconds, cpu = time.perf_counter() - started, time.process_time() - before
    # Each of the processes that are asked counts as the largest of them.
    helpers = asking.processes() if how == "screening" else 0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    peak += helpers * resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
    keys = sorted(result.key for result in found.results)
    return {
        "seconds": seconds, "cpu": cpu, "peak": peak, "results": keys, "triples": len(store)
    }  # fmt: skip


def apart(how: str, path: Path) -> dict[str, object]:
    """The same in a process of its own."""
    done = subprocess.run(
        [sys.executable, __file__, "--measure", how, str(path)],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    answer: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
    return answer


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--size", choices=SIZES, default="250k")
    parser.add_argument("--stock-250k", action="store_true", help="pySHACL on 250,000 triples")
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--measure", nargs=2, metavar=("HOW", "STORE"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.measure:
        print(json.dumps(measure(arguments.measure[0], Path(arguments.measure[1]))))
        return
    with tempfile.TemporaryDirectory(prefix="coi-bench-") as folder:
        stock = [] if arguments.size == "2.5m" else ["25k"]
        stock += ["250k"] if arguments.stock_250k else []
        for size in dict.fromkeys([*stock, arguments.size]):
            path = Path(folder) / size
            make(path, size)
            runs = [apart("screening", path) for _ in range(arguments.repeat)]
            best = min(runs, key=lambda run: float(str(run["seconds"])))
            _report(size, best, apart("stock", path) if size in stock else None)


def _report(size: str, ours: dict[str, object], stock: dict[str, object] | None) -> None:
    seconds, peak = float(str(ours["seconds"])), float(str(ours["peak"]))
    print(
        f"{size}: {ours['triples']:,} triples, {len(list(ours['results']))} results;"  # type: ignore[call-overload]
        f" screening {seconds:.2f} s, peak {peak / 1e6:.0f} MB"
    )
    if size in TARGETS:
        most, memory = TARGETS[size]
        met = seconds <= most and (memory is None or peak <= memory)
        bound = f"{most} s" + (f", {memory / 1e9} GB" if memory else "")
        print(f"  target {bound}: {'met' if met else 'NOT MET'}")
    if stock is not None:
        theirs = float(str(stock["seconds"]))
        same = stock["results"] == ours["results"]
        print(
            f"  stock pySHACL {theirs:.2f} s, peak {float(str(stock['peak'])) / 1e6:.0f} MB;"
            f" ratio {theirs / seconds:.0f}"
            + (f" (target {_LEAST_RATIO})" if size == "250k" else "")
            + f"; results {'equal' if same else 'DIFFER'}"
        )


if __name__ == "__main__":
    main()
