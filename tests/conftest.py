"""Fixtures: the repository, a release built once for all tests, the application, a real server."""

from __future__ import annotations

import fcntl
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from coi_graph import config
from coi_graph.publishing.build import build
from coi_graph.publishing.releases import Release, Releases
from coi_graph.search import making
from coi_graph.store import Store
from environment import ROOT, SHARED, Server, require

#: Files that take longest; begun first, so that no worker is left with one at the end.
LONG = (
    "web/test_nothing_lost.py",
    "publishing/test_kill.py",
    "intake/test_corpus.py",
    "web/test_hostile_queries.py",
    "following/test_follow.py",
    "validation/",
    "web/",
    "browser/",
    "engine/",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    def rank(item: pytest.Item) -> int:
        path = item.path.as_posix()
        return next((n for n, name in enumerate(LONG) if f"/tests/{name}" in path), len(LONG))

    items.sort(key=rank)


@pytest.fixture(scope="session")
def shared() -> Path:
    """The project's shared folder: domain files and conformance suites."""
    require(SHARED.is_dir(), "../shared")
    return SHARED


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home folder with one release of everything, examples included, and with its search index.
    Read-only for tests.

    Built once for all of pytest-xdist's workers.
    """
    base = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        base = base.parent
    folder = base / "shared-home"
    with (base / "shared-home.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "releases" / "current").exists():
            build(config.load({}, home=folder, sources=ROOT, examples=True))
            making.make(Releases(folder / "releases").current())
    return folder


@pytest.fixture(scope="session")
def release(home: Path) -> Release:
    return Releases(home / "releases").current()


@pytest.fixture(scope="session")
def built_store(release: Release) -> Store:
    """The store of the built release, read-only."""
    return release.open()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture(scope="session")
def free_port() -> Callable[[], int]:
    return _free_port


@contextmanager
def _servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Server]]:
    running: list[subprocess.Popen[bytes]] = []

    def start(home: Path, **environment: str) -> Server:
        port = _free_port()
        log = tmp_path_factory.mktemp("server") / "log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", "coi_graph", "serve", "--no-build",
                 "--home", str(home), "--port", str(port)],
                stdout=output, stderr=output, start_new_session=True, cwd=ROOT,
                # Where a release is made or rehearsed beside the server, a test asks for it.
                env={**os.environ, "COI_PUBLISH": "never", "COI_REHEARSE": "0", **environment},
            )  # fmt: skip
        running.append(process)
        server = Server(f"http://127.0.0.1:{port}", process, log)
        deadline = time.monotonic() + 30
        while True:
            try:
                urllib.request.urlopen(server.url + "/healthz", timeout=5).close()
                return server
            except OSError:
                if process.poll() is not None or time.monotonic() > deadline:
                    raise AssertionError(log.read_text()) from None
                time.sleep(0.05)

    try:
        yield start
    finally:
        for process in running:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGTERM)
        for process in running:
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


@pytest.fixture(scope="module")
def start_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Server]]:
    """Starts real servers: ``start_server(home, COI_QUERY_TIMEOUT="2")``. They end with the module:
    each has a dozen processes."""
    with _servers(tmp_path_factory) as start:
        yield start


@pytest.fixture(scope="session")
def server(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One real server over the built release."""
    with _servers(tmp_path_factory) as start:
        yield start(home)
