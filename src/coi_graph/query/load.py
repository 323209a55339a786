"""How busy workers are, and what came of what they were asked: numbers for who watches a site."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Load:
    """Of the workers of one process, at this moment. ``busy`` counts those that start too;
    ``given_up`` how many were ended and replaced so far: at a deadline, over their memory, after
    a crash or a reader that left, or old."""

    workers: int = 0
    busy: int = 0
    waiting: int = 0
    given_up: int = 0


class Outcomes:
    """Counts by a short name. Thread-safe."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._lock = threading.Lock()

    def add(self, name: str) -> None:
        with self._lock:
            self._counts[name] += 1

    def counts(self) -> dict[str, int]:
        with self._lock:
            return dict(self._counts)
