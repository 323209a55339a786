"""A read replica: one command that follows a publisher and serves what it has."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from live import Watched, fetch, wait_until

from coi_graph.publishing.releases import Releases
from environment import Server
from small_tree import HEAD, Tree


def change(tree: Tree, number: int) -> None:
    tree.write("data/tools.ttl", HEAD + f"tool:guide coi:steps ( {number} 1 ) .\n")
    tree.must_build(validate=False)


def test_a_replica_serves_while_it_follows(
    tmp_path: Path, free_port: Callable[[], int], start_server: Callable[..., Server]
) -> None:
    """Readers see each release whole, and never an error; killed outright, it leaves nothing."""
    tree = Tree.make(tmp_path)
    tree.must_build()
    site, home, port = start_server(tree.home), tmp_path / "mirror", free_port()
    clean = {name: value for name, value in os.environ.items() if not name.startswith("COI_")}
    log = tmp_path / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "coi_graph", "follow", site.url, "--serve", "--interval",
             "0.3", "--home", str(home), "--port", str(port)],
            stderr=output, stdout=output, env=clean, start_new_session=True,
        )  # fmt: skip
    try:
        replica = Server(f"http://127.0.0.1:{port}", process, log)

        def number() -> object:
            try:
                return fetch(replica, "/healthz").problem()["release"]
            except OSError:
                return None

        assert wait_until(lambda: number() == 1, 60), log.read_text()
        with Watched(lambda: fetch(replica, "/doc/role/analyst.ttl")) as watched:
            for one in (7, 8, 9):
                change(tree, one)
                assert wait_until(lambda: number() == tree.current.number, 60), log.read_text()
        assert watched.failures == []
        ours = Releases(home / "releases").current()
        assert set(ours.open().quads()) == set(tree.current.open().quads())
    finally:
        process.kill()
        process.wait(20)
        # The follower ends with the server, whatever it dies of.
        try:
            assert wait_until(lambda: not _followers(str(home)), 20), _followers(str(home))
        finally:
            os.killpg(process.pid, signal.SIGKILL)


def _followers(home: str) -> list[str]:
    """The command lines of followers of a server, for ``home``."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            line = path.read_bytes().replace(b"\0", b" ").decode(errors="replace")
            if home in line and "--with-parent" in line:
                found.append(line)
    return found
