"""What is counted for `/metrics`, in each web process.

prometheus_client keeps the numbers of several processes in files that they share
(https://prometheus.github.io/client_python/multiprocess/); `serve` makes the folder. Requests are
counted as they come; workers are looked at once a second, so a burst within a second may not show.
No label says who asked, what was asked, or for which thing: routes, methods, statuses and the names
of our own problems only.
"""

from __future__ import annotations

import contextlib
import os
import re
import threading
import time
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from pathlib import Path
from typing import Any

from ..query.load import Load, Outcomes

#: In an ASGI scope: the pattern of the address, and the name of our error, for `Meter`.
ROUTE_KEY, PROBLEM_KEY = "coi.route", "coi.problem"
#: In a WSGI environment: the ASGI scope that it was made from.
SCOPE_KEY = "coi.scope"

_METHODS = frozenset(("GET", "HEAD", "POST", "OPTIONS"))
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_LOOK_SECONDS = 1.0

Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class Meter:
    """One a web process. ``queries`` and ``checks`` tell the load of their workers; outcomes are
    counted where they happen."""

    def __init__(
        self,
        queries: tuple[Callable[[], Load], Outcomes],
        checks: tuple[Callable[[], Load], Outcomes],
    ) -> None:
        from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

        self._here = CollectorRegistry()
        self._requests = Counter(
            "coi_requests",
            "Requests answered, by the pattern of their address.",
            ("route", "method", "status"),
            registry=self._here,
        )
        self._seconds = Histogram(
            "coi_request_seconds",
            "Seconds until an answer begins.",
            ("route",),
            buckets=_SECONDS,
            registry=self._here,
        )
        self._of_requests: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}
        self._problems = Counter(
            "coi_problems", "Errors told to clients.", ("problem",), registry=self._here
        )
        self._broken = Counter(
            "coi_answers_broken", "Answers that broke off before their end.", registry=self._here
        )
        self._watched = []
        for name, (load, outcomes) in (("query", queries), ("check", checks)):
            plural = {"query": "queries", "check": "checks"}[name]
            gauges = {
                key: Gauge(f"coi_{label}", text, registry=self._here, multiprocess_mode="livesum")
                for key, label, text in (
                    ("workers", f"{name}_workers", "Worker processes."),
                    ("busy", f"{name}_workers_busy", "Worker processes at work, or starting."),
                    ("waiting", f"{plural}_waiting", "Waiting for a worker."),
                )
            }
            given_up = Counter(
                f"coi_{name}_workers_given_up",
                "Worker processes that were ended and replaced.",
                registry=self._here,
            )
            counted = Counter(
                f"coi_{plural}", "By what came of them.", ("outcome",), registry=self._here
            )
            self._watched.append((load, outcomes, gauges, given_up, counted))
        self._told: dict[tuple[int, str], int] = {}
        self._looking = threading.Lock()
        threading.Thread(target=self._look_on, name="meter", daemon=True).start()

    def watching(self, scope: MutableMapping[str, Any], send: Send) -> Send:
        """``send``, which counts the request when its answer begins."""
        started = time.perf_counter()

        async def counted(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                self._count(scope, message["status"], time.perf_counter() - started)
            await send(message)

        return counted

    def broken(self) -> None:
        self._broken.inc()

    def look(self) -> None:
        """Takes over what workers and outcomes say now."""
        with self._looking:
            for place, (load, outcomes, gauges, given_up, counted) in enumerate(self._watched):
                now = load()
                for name, gauge in gauges.items():
                    gauge.set(getattr(now, name))
                given_up.inc(self._since(place, "", now.given_up))
                for outcome, count in outcomes.counts().items():
                    counted.labels(outcome).inc(self._since(place, outcome, count))

    def registry(self) -> Any:
        """What all web processes have counted."""
        from prometheus_client import CollectorRegistry, values
        from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

        self.look()
        # Which of the two it is was decided when the package was imported.
        if values.ValueClass.__name__ != "MmapedValue":
            return self._here
        collector = MultiProcessCollector(None)  # type: ignore[no-untyped-call]
        folder = Path(collector._path)
        for pid in _gone(folder):
            # Another process may be asked at the same moment, and remove the same files.
            with contextlib.suppress(FileNotFoundError):
                mark_process_dead(pid, str(folder))  # type: ignore[no-untyped-call]
        registry = CollectorRegistry()
        registry.register(_Shared(collector, folder))
        return registry

    def _count(self, scope: MutableMapping[str, Any], status: int, seconds: float) -> None:
        route = scope.get(ROUTE_KEY, "(none)")
        method = scope["method"] if scope["method"] in _METHODS else "other"
        found = self._of_requests.get((route, method, status))
        if found is None:  # looking labels up takes as long as counting
            found = (self._requests.labels(route, method, status), self._seconds.labels(route))
            self._of_requests[route, method, status] = found
        found[0].inc()
        found[1].observe(seconds)
        if PROBLEM_KEY in scope:
            self._problems.labels(scope[PROBLEM_KEY]).inc()

    def _since(self, place: int, name: str, count: int) -> int:
        before = self._told.get((place, name), 0)
        self._told[place, name] = count
        return count - before

    def _look_on(self) -> None:
        while True:
            time.sleep(_LOOK_SECONDS)
            with contextlib.suppress(OSError):
                self.look()


class _Shared:
    """What the files of all processes say, without those that nothing was written to: a process
    that starts (or that was killed as it started) has made its file before it fills it, and
    prometheus_client reads no empty one."""

    def __init__(self, collector: Any, folder: Path) -> None:
        self._collector = collector
        self._folder = folder

    def collect(self) -> Iterable[Any]:
        filled = [str(path) for path in self._folder.glob("*.db") if _size(path)]
        return self._collector.merge(filled, accumulate=True)  # type: ignore[no-any-return]


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:  # of a process that has ended, removed as we looked
        return 0


def _gone(folder: Path) -> set[int]:
    """Processes that have left files and ended: their gauges count no more, their counters do."""
    found = set()
    for path in folder.glob("gauge_live*.db"):
        pid = int(re.sub(r"\D", "", path.stem.rpartition("_")[2]) or 0)
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            found.add(pid)
        except PermissionError:
            pass
    return found
