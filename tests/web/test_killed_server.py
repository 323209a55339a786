"""How a server ends: killed, what it started ends too; told to at any moment, it does."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
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
    assert wait_until(lambda: len(query_workers(server)) == 2, 15)
    web_processes = query_workers(server)
    server.process.kill()
    server.process.wait(10)
    assert wait_until(lambda: not any(map(_runs, web_processes)), 15)
    assert wait_until(lambda: _is_free(urlsplit(server.url).port), 5)


def test_it_ends_when_told_while_its_web_processes_start(home: Path) -> None:
    command = [sys.executable, "-m", "coi_graph", "serve", "--no-build", "--home", str(home)]
    environment = {"COI_PUBLISH": "never", "COI_REHEARSE": "0", "COI_WEB_WORKERS": "2"}
    server = subprocess.Popen(
        [*command, "--port", "0"], env={**os.environ, **environment}, start_new_session=True
    )
    try:
        assert wait_until(lambda: len(_children(server.pid)) == 2, 30)
        server.terminate()
        server.wait(10)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(server.pid, signal.SIGKILL)
        server.wait()


def _is_free(port: int | None) -> bool:
    """A process whose first thread has ended keeps its port until its others have."""
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            taken.bind(("127.0.0.1", port))
            taken.listen()
        except OSError:
            return False
    return True


def _children(process: int) -> list[str]:
    return Path(f"/proc/{process}/task/{process}/children").read_text().split()


def _runs(process: int) -> bool:
    """Whether it has not ended; one that nobody has waited for is still listed, as a zombie."""
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"
