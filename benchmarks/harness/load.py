"""Load: many requests from a process of its own, and single ones with exact times.

``wrk`` (Debian's package of that name) where it is installed: it takes least of the machine's
time. Otherwise a client in Python, which with 8 connections needs most of a core for itself.
"""

from __future__ import annotations

import http.client
import json
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from .servers import Endpoint

SOLUTIONS = "application/sparql-results+json"
_IDLE_SECONDS = 5.0  # after which a server may have closed a connection that is kept
_TARGETS = 20_000  # distinct requests of one load; they are repeated where a load is longer

# The targets are read from a file, one a line.
_LUA = """
local targets, at = {{}}, 0
for line in io.lines("{file}") do targets[#targets + 1] = line end
local headers = {{ ["Accept"] = "{accept}" }}
request = function()
  at = at % #targets + 1
  return wrk.format("GET", targets[at], headers)
end
"""


@dataclass(frozen=True)
class Throughput:
    per_second: float
    failed: int


def targets_of(endpoint: Endpoint, query: Callable[[int], str]) -> list[str]:
    """Requests of ``query(0)``, ``query(1)`` …"""
    return [endpoint.target(query(number)) for number in range(_TARGETS)]


def requests_a_second(
    endpoint: Endpoint, targets: list[str], accept: str, clients: int, seconds: float
) -> Throughput:
    """Requests a second of ``targets`` in turn, over connections that are kept."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "targets"
        file.write_text("".join(target + "\n" for target in targets))
        if shutil.which("wrk"):
            return _wrk(endpoint, file, accept, clients, seconds)
        command = [
            sys.executable,
            str(Path(__file__).with_name("client.py")),
            str(endpoint.port),
            str(file),
        ]
        done = subprocess.run(
            [*command, str(clients), str(seconds), accept],
            check=True,
            capture_output=True,
            text=True,
        )
        return Throughput(**json.loads(done.stdout))


def _wrk(endpoint: Endpoint, file: Path, accept: str, clients: int, seconds: float) -> Throughput:
    script = file.with_name("targets.lua")
    script.write_text(_LUA.format(file=file, accept=accept))
    options = ["-t1", f"-c{clients}", f"-d{seconds:.0f}s", "-s", str(script)]
    done = subprocess.run(
        ["wrk", *options, f"http://127.0.0.1:{endpoint.port}"],
        check=True,
        capture_output=True,
        text=True,
    )
    rate = re.search(r"Requests/sec:\s*([\d.]+)", done.stdout)
    failed = re.search(r"Non-2xx or 3xx responses: (\d+)", done.stdout)
    errors = re.search(r"Socket errors: connect (\d+), read (\d+), write (\d+)", done.stdout)
    assert rate is not None, done.stdout
    count = int(failed[1]) if failed else 0
    count += sum(map(int, errors.groups())) if errors else 0
    return Throughput(float(rate[1]), count)


class Client:
    """One client with one connection."""

    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint = endpoint
        self.connection = http.client.HTTPConnection("127.0.0.1", endpoint.port, timeout=300)
        self.connection.connect()
        self._last = time.monotonic()

    def ask(self, query: str, accept: str = SOLUTIONS) -> tuple[float, float, bytes]:
        """Seconds to the first byte of the body, seconds to the last, and the body."""
        target = self.endpoint.target(query)
        if time.monotonic() - self._last > _IDLE_SECONDS:
            self.connection.close()
            self.connection.connect()
        started = time.perf_counter()
        self.connection.request("GET", target, headers={"Accept": accept})
        response = self.connection.getresponse()
        first = response.read(1)
        first_byte = time.perf_counter() - started
        body = first + response.read()
        whole = time.perf_counter() - started
        self._last = time.monotonic()
        if response.status != 200:
            raise RuntimeError(f"{self.endpoint.name}: {response.status} {body[:500]!r}")
        return first_byte, whole, body


def side_by_side(
    endpoints: list[Endpoint], query: str, repeats: int, accept: str = SOLUTIONS
) -> list[tuple[float, float, int]]:
    """For each endpoint: median seconds to the first byte and to the last, and bytes.

    The endpoints take turns, so that what else the machine does falls on all alike. Space at its
    end makes each query's text new: what is measured is an answer that is computed.
    """
    clients = [Client(endpoint) for endpoint in endpoints]
    times: list[list[tuple[float, float]]] = [[] for _ in clients]
    sizes = [0 for _ in clients]
    for turn in range(repeats + 1):
        for index, client in enumerate(clients):
            first, whole, body = client.ask(query + " " * turn, accept)
            sizes[index] = len(body)
            if turn:  # the first warms the caches
                times[index].append((first, whole))
    return [
        (statistics.median(f for f, _ in all_), statistics.median(w for _, w in all_), size)
        for all_, size in zip(times, sizes, strict=True)
    ]
