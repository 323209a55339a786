"""What a mirror costs: a whole copy beside `oxigraph load` of the same dump, and each change.

    python benchmarks/follow.py [--sizes 25k,160k,1.6m,2.5m] [--repeats 3]

A copy is measured from the start of `coi-graph follow` until the mirror can be served: request,
download, checksum, load, content hash, switch. The peer only loads: from the dump on this disk.
A round is measured in the process that follows, from the question for news to the switch: time by
the clock, its own processor time, and how many requests it sends. A release of the publisher's, and
a round, take in the changed things; what they cost beside that is the same for one and a thousand.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyoxigraph as ox
from generate import BASE, SIZES
from harness.data import FOLDER, Data, prepared
from harness.servers import _oxigraph, ours
from harness.table import Row, milliseconds, render

from coi_graph import config
from coi_graph.following.follow import Follower
from coi_graph.publishing import dump_making, dumps, feed
from coi_graph.publishing.changes import ChangeSet
from coi_graph.publishing.draft import Draft
from coi_graph.publishing.releases import Releases

MOST = 1.2  # times the peer
CHANGES = (1, 10, 100, 1000)
GRAPH = ox.NamedNode(BASE + "graph/benchmark-changes")
NOTE = ox.NamedNode("http://www.w3.org/2004/02/skos/core#note")


def copy_seconds(url: str, folder: Path) -> tuple[float, float]:
    """Until the switch, and until the process has ended: the mirror's own feed comes after."""
    home = folder / "mirror"
    shutil.rmtree(home, ignore_errors=True)
    started = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "coi_graph", "follow", url, "--once", "--home", str(home)],
        stderr=subprocess.DEVNULL,
    )
    current = home / "releases" / "current"
    while not current.exists():
        assert process.poll() in (None, 0)
        time.sleep(0.002)
    switched = time.perf_counter() - started
    assert process.wait() == 0
    return switched, time.perf_counter() - started


def load_seconds(dump: Path, folder: Path) -> float:
    command = _oxigraph()
    assert command is not None, "the extra bench has it"
    location = folder / "oxigraph"
    shutil.rmtree(location, ignore_errors=True)
    started = time.perf_counter()
    subprocess.run(
        [command, "load", "--location", str(location), "--file", str(dump)],
        check=True, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    return time.perf_counter() - started


def publish(home: Path, count: int, round_: int) -> None:
    """A release with ``count`` statements more, of as many things."""
    releases = Releases(home / "releases")
    draft = Draft.begin(releases, releases.current(), datetime.now(UTC))
    draft.apply(
        ChangeSet(
            added={
                ox.Quad(
                    ox.NamedNode(f"{BASE}id/activity/g-{number}"),
                    NOTE,
                    ox.Literal(f"{count} {round_}"),
                    GRAPH,
                )
                for number in range(count)
            }
        )
    )
    m = releases.current().manifest
    draft.publish(sources=m.sources, seen=m.seen, ontology_version=m.ontology_version,
                  validated=False)  # fmt: skip


def measured(size: str, repeats: int) -> list[Row]:
    data = prepared(size)
    with tempfile.TemporaryDirectory(dir=FOLDER) as name:
        folder = Path(name)
        home = folder / "publisher"
        # Hard links: the publisher gets releases more, and the data of the size stays as it is.
        subprocess.run(["cp", "-al", str(data.home / "releases"), str(folder / "r")], check=True)
        home.mkdir()
        (folder / "r").rename(home / "releases")
        feed.keep_up(Releases(home / "releases"))
        dump_making.keep_up(Releases(home / "releases"), 1)
        release = Releases(home / "releases").current()
        dump = dumps.folder_of(release) / "coi-graph.nq.gz"
        with ours(Data(size, home), COI_REHEARSE="0") as endpoint:
            url = f"http://127.0.0.1:{endpoint.port}/"
            copies, loads, ends = [], [], []
            for _ in range(repeats):
                switched, ended = copy_seconds(url, folder)
                copies.append(switched)
                ends.append(ended)
                loads.append(load_seconds(dump, folder))
            copied, loaded = statistics.median(copies), statistics.median(loads)
            ratio = copied / loaded
            rows = [
                Row(f"{size}: whole copy", f"{copied:.2f} s", "oxigraph load", f"{loaded:.2f} s",
                    ratio, f"≤ {MOST}", ratio <= MOST),
                Row(f"{size}: … with the mirror's own feed", f"{statistics.median(ends):.2f} s",
                    "", "", None, "", None),
            ]  # fmt: skip
            follower = Follower(config.load({}, home=folder / "mirror"), url, lambda text: None)
            follower.round()
            rows.append(_row(f"{size}: no news", _rounds(follower, None, home, 20)))
            for count in CHANGES:
                found = _rounds(follower, count, home, repeats + 1)
                rows.append(_row(f"{size}: {count} changed things", found))
    return rows


@dataclass(frozen=True, order=True)
class Round:
    seconds: float
    processor: float
    requests: int


def _rounds(follower: Follower, count: int | None, home: Path, times: int) -> Round:
    """The median; the first round of changes reads the mirror through, and does not count."""
    found = []
    client = follower._client
    send, sent = client._request, [0]

    def counted(*arguments: Any) -> Any:
        sent[0] += 1
        return send(*arguments)

    client._request = counted  # type: ignore[method-assign]
    for number in range(times):
        if count is not None:
            publish(home, count, number)
        sent[0] = 0
        started, processor = time.perf_counter(), time.process_time()
        made = follower.round()
        taken = time.perf_counter() - started, time.process_time() - processor
        found.append(Round(*taken, sent[0]))
        assert len(made) == (0 if count is None else 1)
    client._request = send  # type: ignore[method-assign]
    return sorted(found[1:])[len(found[1:]) // 2]


def _row(what: str, found: Round) -> Row:
    shown = f"{milliseconds(found.seconds)}, processor {milliseconds(found.processor)}"
    requests = f"{found.requests} request{'s' if found.requests > 1 else ''}"
    return Row(what, shown, requests, "", None, "", None)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default=",".join(SIZES))
    parser.add_argument("--size", help="one of them", default="")
    parser.add_argument("--repeats", type=int, default=3)
    given = parser.parse_args()
    rows = []
    for size in (given.size or given.sizes).split(","):
        rows += measured(size, given.repeats)
    print(render("Following: a whole copy, and each change", rows))


if __name__ == "__main__":
    main()
