"""What the pool costs: the same queries in this process and through the pool, in one run.

    python benchmarks/pool.py [TRIPLES]

Prints microseconds and the ratio to the same query in process; for large answers, seconds; and
how long a replaced worker is missed.
"""

from __future__ import annotations

import os
import signal
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pyoxigraph as ox

from coi_graph.query.guard import check
from coi_graph.query.pool import QueryRequest, WorkerPool
from coi_graph.query.store_size import size_of

POINT = "SELECT ?p ?o { <http://example.org/s77> ?p ?o }"
AGGREGATE = "SELECT ?p (COUNT(*) AS ?n) { ?s ?p ?o } GROUP BY ?p"
EVERYTHING = "SELECT * { ?s ?p ?o }"
GRAPH = "CONSTRUCT WHERE { ?s ?p ?o }"
RESULTS = "application/sparql-results+json"


def make_store(path: Path, triples: int) -> None:
    store = ox.Store(str(path))
    lines = (
        f"<http://example.org/s{i // 8}> <http://example.org/p{i % 8}>"
        f" <http://example.org/s{i * 7919 % (triples // 8)}> <http://example.org/g{i % 40}> .\n"
        for i in range(triples)
    )
    store.bulk_load("".join(lines).encode(), format=ox.RdfFormat.N_QUADS)
    store.flush()
    store.optimize()


def seconds(work: Callable[[], object], times: int, rounds: int = 5) -> float:
    """Of one piece of work: the median over rounds of the mean within one."""
    work()
    means = []
    for _ in range(rounds):
        started = time.perf_counter()
        for _ in range(times):
            work()
        means.append((time.perf_counter() - started) / times)
    return statistics.median(means)


def row(name: str, peer: float, ours: float, unit: str, factor: float) -> None:
    print(
        f"{name:<34}{peer * factor:>10.1f} {unit}{ours * factor:>10.1f} {unit}{ours / peer:>8.2f}"
    )


def main() -> None:
    triples = int(sys.argv[1]) if sys.argv[1:] and sys.argv[1].isdigit() else 160_000
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "store"
        make_store(path, triples)
        store = ox.Store.read_only(str(path))
        with WorkerPool(size=2, timeout=120, max_result_bytes=1 << 40) as pool:

            def ask(query: str, media_type: str = RESULTS) -> QueryRequest:
                return QueryRequest(
                    store_path=str(path),
                    query=query,
                    media_type=media_type,
                    expected_bytes=size_of(str(path)),
                )

            def in_process(query: str) -> int:
                results = store.query(query, use_default_graph_as_union=True)
                if isinstance(results, ox.QueryTriples):
                    return len(results.serialize(format=ox.RdfFormat.N_TRIPLES) or b"")
                return len(results.serialize(format=ox.QueryResultsFormat.JSON) or b"")

            def pooled(query: str, media_type: str = RESULTS) -> int:
                return sum(len(block) for block in pool.execute(ask(query, media_type)))

            print(f"{triples} triples; sandboxed: {pool.execute(ask('ASK {}')) and pool.sandboxed}")
            print(f"{'':<34}{'in process':>13}{'pool':>13}{'ratio':>8}")
            point = seconds(lambda: in_process(POINT), 1_000)
            row("point query", point, seconds(lambda: pooled(POINT), 1_000), "us", 1e6)
            row("aggregate", seconds(lambda: in_process(AGGREGATE), 3),
                seconds(lambda: pooled(AGGREGATE), 3), "ms", 1e3)  # fmt: skip
            row("all rows, JSON", seconds(lambda: in_process(EVERYTHING), 1, 3),
                seconds(lambda: pooled(EVERYTHING), 1, 3), "ms", 1e3)  # fmt: skip
            triples_type = "application/n-triples"
            row("all triples, N-Triples", seconds(lambda: in_process(GRAPH), 1, 3),
                seconds(lambda: pooled(GRAPH, triples_type), 1, 3), "ms", 1e3)  # fmt: skip

            started = time.perf_counter()
            answer = pool.execute(ask(GRAPH, triples_type))
            print(f"first byte of all triples: {(time.perf_counter() - started) * 1e3:.0f} ms")
            answer.close()

            with ThreadPoolExecutor(8) as threads:
                started = time.perf_counter()
                list(threads.map(lambda _: pooled(POINT), range(4_000)))
                rate = 4_000 / (time.perf_counter() - started)
            print(f"point queries with 8 threads, 2 workers: {rate:.0f}/s")
            print(f"guard, point query: {seconds(lambda: check(POINT), 1_000) * 1e6:.0f} us")

        with WorkerPool(size=1, timeout=120) as single:
            single.execute(ask("ASK {}"))
            missed = []
            for _ in range(10):
                (pid,) = single.process_ids
                os.kill(pid, signal.SIGKILL)
                started = time.perf_counter()
                while pid in single.process_ids:
                    time.sleep(0.0002)
                single.execute(ask("ASK {}"))
                missed.append(time.perf_counter() - started)
            print(
                f"a killed worker's place is filled, store open and counted, after"
                f" {statistics.median(missed) * 1e3:.0f} ms (worst {max(missed) * 1e3:.0f} ms)"
            )


if __name__ == "__main__":
    main()
