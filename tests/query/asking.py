"""Queries asked of a pool over a store that a test has made."""

from __future__ import annotations

from collections.abc import Iterable

import pyoxigraph as ox

from coi_graph.query.answer import QueryRequest
from coi_graph.query.pool import WorkerPool


def stored(path: str, lines: Iterable[str]) -> str:
    """``path``, where there now is a store with these N-Quads."""
    store = ox.Store(path)
    store.bulk_load("".join(lines).encode(), format=ox.RdfFormat.N_QUADS)
    store.flush()
    return path


def by_pool(pool: WorkerPool, store_path: str, query: str) -> bytes:
    """The answer as CSV."""
    request = QueryRequest(store_path=store_path, query=query, media_type="text/csv")
    with pool.execute(request) as answer:
        return b"".join(answer)
