"""A server that is killed with SIGKILL: what it started ends too, and its port is free again."""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from live import fetch, query_workers, wait_until

from environment import Server


def test_its_web_processes_end_and_another_can_take_its_port(
    home: Path, start_server: Callable[..., Server]
) -> None:
    server = start_server(home, COI_WEB_WORKERS="2")
    assert fetch(server, "/healthz").status == 200
    web_processes = query_workers(server)
    assert len(web_processes) == 2
    server.process.kill()
    server.process.wait(10)
    assert wait_until(lambda: not any(map(_runs, web_processes)), 15)
    port = urlsplit(server.url).port
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(("127.0.0.1", port))
        taken.listen()


def _runs(process: int) -> bool:
    """Whether it has not ended; one that nobody has waited for is still listed, as a zombie."""
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"
