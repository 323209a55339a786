"""A running server from outside: raw requests, and what the kernel says of its processes."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from environment import Server

_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True)
class Got:
    """An answer as it came. ``broken``: it ended before its end."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes
    seconds: float
    broken: bool = False

    def problem(self) -> dict[str, object]:
        found: dict[str, object] = json.loads(self.body)
        return found


def connect(
    server: Server, client: str = "127.0.0.1", timeout: float = 30
) -> http.client.HTTPConnection:
    """``client`` is an address of the loopback network: each is another client to the server."""
    port = urlsplit(server.url).port
    return http.client.HTTPConnection(
        "127.0.0.1", port, timeout=timeout, source_address=(client, 0)
    )


def fetch(
    server: Server,
    path: str,
    *,
    method: str = "GET",
    body: bytes | None = None,
    headers: dict[str, str] | None = None,
    client: str = "127.0.0.1",
    timeout: float = 30,
) -> Got:
    started = time.monotonic()
    with contextlib.closing(connect(server, client, timeout)) as connection:
        connection.request(method, path, body, headers or {})
        response = connection.getresponse()
        broken = False
        try:
            content = response.read()
        except http.client.IncompleteRead as error:
            content, broken = error.partial, True
        seconds = time.monotonic() - started
        return Got(response.status, response.headers, content, seconds, broken)


def target(query: str, **parameters: str) -> str:
    return "/sparql?" + urlencode({"query": query, **parameters})


def ask(
    server: Server,
    query: str,
    accept: str = "text/csv",
    *,
    client: str = "127.0.0.1",
    headers: dict[str, str] | None = None,
    timeout: float = 30,
    **parameters: str,
) -> Got:
    """By GET, or by POST where the address would be too long."""
    headers = {"Accept": accept, **(headers or {})}
    path = target(query, **parameters)
    if len(path) < 8000:
        return fetch(server, path, headers=headers, client=client, timeout=timeout)
    return fetch(
        server,
        "/sparql" + ("?" + urlencode(parameters) if parameters else ""),
        method="POST",
        body=query.encode("utf-8", "surrogatepass"),
        headers={**headers, "Content-Type": "application/sparql-query"},
        client=client,
        timeout=timeout,
    )


# --- processes -------------------------------------------------------------------------------


def _children(pid: int) -> list[int]:
    found: list[int] = []
    with contextlib.suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            found += map(int, (task / "children").read_text().split())
    return found


def _is_worker(pid: int) -> bool:
    with contextlib.suppress(OSError):
        return b"coi_graph.query.worker" in Path(f"/proc/{pid}/cmdline").read_bytes()
    return False


def query_workers(server: Server) -> dict[int, list[int]]:
    """Web process → its query processes."""
    found: dict[int, list[int]] = {}
    waiting = [server.process.pid]
    while waiting:
        pid = waiting.pop()
        children = _children(pid)
        workers = [child for child in children if _is_worker(child)]
        if workers:
            found[pid] = workers
        waiting += [child for child in children if child not in workers]
    return found


def all_workers(server: Server) -> list[int]:
    return [worker for workers in query_workers(server).values() for worker in workers]


def cpu_seconds(pid: int) -> float:
    """That the process has used so far; 0 for one that has gone."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / _TICKS


def burning(server: Server, seconds: float = 0.3) -> float:
    """CPU seconds that the query processes use within ``seconds`` from now."""
    workers = all_workers(server)
    before = {pid: cpu_seconds(pid) for pid in workers}
    time.sleep(seconds)
    return sum(max(0.0, cpu_seconds(pid) - before[pid]) for pid in workers)


def resident_bytes(pid: int) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE


def memory_of(server: Server) -> int:
    """Resident bytes of the web processes together."""
    return sum(resident_bytes(pid) for pid in query_workers(server))


def wait_until(condition: Callable[[], bool], seconds: float) -> bool:
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


class Watched:
    """Asks ``probe`` again and again while the block lasts, in a thread; ``seconds`` it took."""

    def __init__(self, probe: Callable[[], Got], pause: float = 0.05) -> None:
        self._probe = probe
        self._pause = pause
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self.seconds: list[float] = []
        self.failures: list[object] = []

    def _run(self) -> None:
        while not self._over.is_set():
            try:
                got = self._probe()
            except OSError as error:
                self.failures.append(error)
                continue
            self.seconds.append(got.seconds)
            if got.status != 200 or got.broken:
                self.failures.append((got.status, got.body[:200]))
            self._over.wait(self._pause)

    def __enter__(self) -> Watched:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    @property
    def p95(self) -> float:
        return sorted(self.seconds)[int(len(self.seconds) * 0.95)]
