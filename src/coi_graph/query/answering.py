"""What answers queries by the settings: our own workers, or a remote engine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from ..config import Config
from .answer import Answer, QueryRequest
from .breaker import CircuitBreaker
from .engine import Engine
from .load import Load
from .marker import ReleaseMarker
from .pool import WorkerPool
from .remote_pool import RemotePool


class Answering(Protocol):
    """The pool over our own stores (`WorkerPool`), or a remote engine (`RemotePool`)."""

    def execute(self, request: QueryRequest) -> Answer: ...

    def load(self) -> Load: ...

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Remote:
    """A remote engine with what this process knows of it."""

    engine: Engine
    marker: ReleaseMarker
    pool: RemotePool


def own_pool(settings: Config, *, workers: int | None = None) -> WorkerPool:
    return WorkerPool(
        size=workers or settings.query_workers,
        timeout=settings.query_timeout,
        memory_bytes=settings.query_memory,
        max_result_bytes=settings.query_result_bytes,
        max_waiting=settings.query_queue,
        memory_quads=settings.memory_quads,
    )


def engine(settings: Config, breaker: CircuitBreaker | None = None) -> Engine:
    """The engine of the settings. Raises `BadSetting` for an address that is none."""
    return Engine(
        settings.engine,
        update_url=settings.engine_update,
        user=settings.engine_user,
        password=settings.engine_password,
        breaker=breaker,
    )


def remote(settings: Config, *, workers: int | None = None) -> Remote:
    """Raises `BadSetting`. The workers only parse."""
    there = engine(settings)
    marker = ReleaseMarker(there)
    pool = RemotePool(
        there,
        marker,
        own_pool(settings, workers=workers),
        timeout=settings.query_timeout,
        at_once=settings.engine_queries,
        max_waiting=settings.query_queue,
        max_result_bytes=settings.query_result_bytes,
    )
    return Remote(there, marker, pool)
