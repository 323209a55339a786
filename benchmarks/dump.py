"""A dump's whole file from our server and from nginx, in one run.

    python benchmarks/dump.py [--size 160k|1.6m] [--repeats N]

The file is the largest of the release's dumps, in the page cache. curl takes it, one connection at
a time and eight at once; the servers take turns. nginx with sendfile, two workers, no log. Ours
is measured as it is deployed (deploy/nginx.conf: nginx in front sends the file itself, once the
program has said which), and by itself. Target: at least 0.8 of nginx.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import subprocess
import time

from harness import data, servers, table
from harness.servers import Endpoint

from coi_graph.publishing import dump_making, dumps

AT_ONCE = 8
_LEAST_TIMES = 4
LEAST_BYTES = 200_000_000  # of one measurement: small files are taken many times
TARGET = 0.8


def rate(endpoint: Endpoint, times: int, at_once: int) -> float:
    """Bytes a second, ``times`` files over each of ``at_once`` connections."""
    url = f"http://127.0.0.1:{endpoint.port}{endpoint.path}"
    output = ["-o", "/dev/null"] * times
    command = ["curl", "-sf", "-w", "%{size_download}\n", *output, *[url] * times]
    started = time.perf_counter()
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(at_once)]
    taken = 0
    for process in running:
        out, _ = process.communicate()
        if process.returncode != 0:
            raise RuntimeError(f"{endpoint.name}: curl ended with {process.returncode}")
        taken += sum(int(line) for line in out.split())
    return taken / (time.perf_counter() - started)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--size", default="160k")
    parser.add_argument("--repeats", type=int, default=7)
    options = parser.parse_args()
    if shutil.which("nginx") is None:
        print("nginx is not installed: apt-get install nginx-light")
        return
    prepared = data.prepared(options.size)
    release = prepared.release
    largest = max(dump_making.complete(release), key=lambda dump: dump.bytes)
    path = dumps.path_of(release, largest)
    times = max(_LEAST_TIMES, LEAST_BYTES // largest.bytes // AT_ONCE)
    rows = []
    for start in (servers.deployed, servers.ours):
        with start(prepared) as our, servers.nginx(path, prepared.home) as peer:
            ours = Endpoint(our.name, our.port, f"/dump/{release.number}/{largest.name}")
            rows += [row(ours, peer, times, at_once, options.repeats) for at_once in (1, AT_ONCE)]
    title = f"{largest.name}, {largest.bytes / 1e6:.1f} MB, {times} times a connection"
    print(table.render(title, rows))


def row(ours: Endpoint, peer: Endpoint, times: int, at_once: int, repeats: int) -> table.Row:
    rates: dict[str, list[float]] = {ours.name: [], peer.name: []}
    for turn in range(repeats + 1):
        for endpoint in (ours, peer) if turn % 2 else (peer, ours):
            measured = rate(endpoint, times, at_once)
            if turn:  # the first warms up
                rates[endpoint.name].append(measured)
    our, their = (statistics.median(found) for found in rates.values())
    return table.Row(
        what=f"{ours.name}, {at_once} connection{'s' if at_once > 1 else ''}",
        ours=f"{our / 1e6:,.0f} MB/s",
        peer=peer.name,
        theirs=f"{their / 1e6:,.0f} MB/s",
        ratio=our / their,
        target=f">= {TARGET}",
        met=our / their >= TARGET,
    )


if __name__ == "__main__":
    main()
