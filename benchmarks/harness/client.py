"""A load of GET requests over connections that are kept, for machines without ``wrk``.

    python client.py PORT FILE CLIENTS SECONDS ACCEPT   the targets stand in FILE, one a line

A program of its own, so that it shares no interpreter with what it measures. Prints JSON.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from pathlib import Path


async def _connection(
    port: int, targets: list[str], accept: str, state: dict[str, int], end: float
) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    while time.perf_counter() < end:
        target = targets[state["sent"] % len(targets)]
        state["sent"] += 1
        request = f"GET {target} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAccept: {accept}\r\n\r\n"
        writer.write(request.encode())
        head = await reader.readuntil(b"\r\n\r\n")
        lower = head.lower()
        if b"\r\ncontent-length:" in lower:
            await reader.readexactly(int(lower.split(b"\r\ncontent-length:")[1].split(b"\r\n")[0]))
        else:
            while size := int(await reader.readline(), 16):
                await reader.readexactly(size + 2)
            await reader.readline()
        state["failed"] += head[9:12] != b"200"
        state["done"] += 1
    writer.close()


async def _load(
    port: int, file: str, clients: int, seconds: float, accept: str
) -> dict[str, float]:
    targets = Path(file).read_text().split()
    state = {"sent": 0, "done": 0, "failed": 0}
    started = time.perf_counter()
    await asyncio.gather(
        *(_connection(port, targets, accept, state, started + seconds) for _ in range(clients))
    )
    rate = state["done"] / (time.perf_counter() - started)
    return {"per_second": rate, "failed": state["failed"]}


if __name__ == "__main__":
    _, port_, file_, clients_, seconds_, accept_ = sys.argv
    print(
        json.dumps(asyncio.run(_load(int(port_), file_, int(clients_), float(seconds_), accept_)))
    )
