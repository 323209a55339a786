"""Web, worker and publisher processes killed with SIGKILL while people send and accept.

Everything that was acknowledged is there; no release is partial; readers never go backwards; each
contribution is published exactly once. ``KILLS`` kills here; more with COI_TEST_KILLS.
"""

from __future__ import annotations

import contextlib
import http.client
import os
import random
import signal
import subprocess
import threading
import time
import urllib.error
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from coi_graph import config
from coi_graph.ledger import events
from coi_graph.ledger.database import Ledger
from coi_graph.publishing.releases import Releases
from contributing_site import Site, open_site, workplace
from environment import ROOT, Server
from small_tree import assert_whole

KILLS = int(os.environ.get("COI_TEST_KILLS", "30"))
SENDERS = 2


@pytest.fixture(scope="module")
def site(
    home: Path, tmp_path_factory: pytest.TempPathFactory, start_server: Callable[..., Server]
) -> Site:
    return open_site(home, tmp_path_factory.mktemp("site"), start_server)


class Service:
    """What systemd does: the server is started again when it has ended."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.process = site.server.process
        self.over = threading.Event()
        self.groups = [self.process.pid]
        self.thread = threading.Thread(target=self.keep)
        self.thread.start()

    def keep(self) -> None:
        while not self.over.is_set():
            if self.process.poll() is None:
                time.sleep(0.1)
                continue
            with self.site.server.log.open("ab") as log:
                self.process = subprocess.Popen(
                    self.process.args, stdout=log, stderr=log, start_new_session=True, cwd=ROOT,
                    env={**os.environ, **self.site.environment},
                )  # fmt: skip
            self.groups.append(self.process.pid)

    def end(self) -> None:
        self.over.set()
        self.thread.join()
        if self.process is not self.site.server.process:
            self.process.terminate()
            self.process.wait(30)
        for group in self.groups:  # what a killed server leaves behind ends by itself, later
            with contextlib.suppress(ProcessLookupError):
                os.killpg(group, signal.SIGKILL)


def children(pid: int) -> Iterator[int]:
    """All processes below ``pid``."""
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            for child in map(int, task.read_text().split()):
                yield child
                yield from children(child)


def is_publisher(pid: int) -> bool:
    with contextlib.suppress(OSError):
        return b"--watch" in Path(f"/proc/{pid}/cmdline").read_bytes()
    return False


@pytest.mark.slow
def test_killed_at_random_nothing_acknowledged_is_lost(site: Site) -> None:
    rng = random.Random(1848)
    over = threading.Event()
    service = Service(site)
    sent: list[int] = []  # acknowledged: in the ledger
    accepted: list[int] = []  # acknowledged: will be published
    seen: list[int] = []  # releases, in the order in which readers saw them

    def patiently(step: Callable[[], int]) -> int | None:
        """What a client does whose connection breaks: the same again."""
        for _ in range(200):  # a minute: killed again while it starts, it takes its time
            with contextlib.suppress(OSError, http.client.HTTPException, urllib.error.URLError):
                status = step()
                if status < 500:
                    return status
            if over.is_set():
                return None
            time.sleep(0.2)
        raise AssertionError(
            "the server does not come back: " + site.server.log.read_text()[-2000:]
        )

    def work(who: int) -> None:
        number = 0
        while not over.is_set():
            number += 1
            time.sleep(0.1)  # people take longer; what counts is the kills
            name, made = f"lost-{who}-{number}", 0

            def send(name: str = name) -> int:
                nonlocal made
                answer = site.send("contributor", workplace(name, f"Eksempel: {name}"),
                                   "?submit=true", Idempotency_Key=name)  # fmt: skip
                if answer.status == 201:
                    made = answer.json["id"]
                return answer.status

            if patiently(send) != 201:
                continue
            sent.append(made)

            def accept(made: int = made) -> int:
                path = f"/api/contributions/{made}/accept"
                return site.ask("reviewer", path, {"revision": 1}).status

            # 409: it was accepted by the try whose answer was lost.
            if patiently(accept) in (200, 409):
                accepted.append(made)

    def read() -> None:
        while not over.is_set():
            with contextlib.suppress(OSError, http.client.HTTPException, urllib.error.URLError):
                answer = site.ask(None, "/doc/role/capacity-builder.ttl")
                if answer.status == 200:
                    seen.append(int(answer.headers["COI-Release"]))
            time.sleep(0.05)

    with ThreadPoolExecutor(SENDERS + 1) as pool:
        tasks = [pool.submit(work, who) for who in range(SENDERS)] + [pool.submit(read)]
        try:
            releases = Releases(site.home / "releases")
            kills, published = 0, 0
            while kills < KILLS:
                time.sleep(rng.uniform(0.2, 1.5))
                # The server, its web processes, their workers, or the publisher.
                victims = [service.process.pid, *sorted(set(children(service.process.pid)))]
                victim = rng.choice(victims)
                if victim == victims[0] or is_publisher(victim):
                    # Both end the publisher, which on a slow machine would never get anywhere:
                    # every other time it has published before it is killed again.
                    if releases.current_number() == published and rng.random() < 0.5:
                        continue
                    published = releases.current_number() or 0
                with contextlib.suppress(ProcessLookupError):
                    os.kill(victim, signal.SIGKILL)
                    kills += 1
            time.sleep(1)
        finally:
            over.set()
        for task in tasks:
            task.result()
    try:
        check(site, sent, accepted, seen)
    finally:
        service.end()


def check(site: Site, sent: list[int], accepted: list[int], seen: list[int]) -> None:
    assert len(accepted) >= 5, "too little was going on"
    for contribution in accepted:
        site.published(contribution)
    ledger = Ledger.open(config.load({}, home=site.home))
    history = [row for row in events.since(ledger, limit=100_000) if row["contribution"]]
    ledger.close()
    drafted = {row["contribution"] for row in history if row["kind"] == "drafted"}
    assert set(sent) <= drafted
    assert len({row["contribution"] for row in history if row["kind"] == "published"}) == len(
        [row for row in history if row["kind"] == "published"]
    )
    assert seen == sorted(seen), "readers went backwards"
    releases = Releases(site.home / "releases")
    for release in releases.all():
        assert_whole(release)
    store = releases.current().open()
    for contribution in accepted:
        graph = f"https://w3id.org/coi-graph/graph/contribution/{contribution}"
        assert next(store.quads(graph=graph), None) is not None
