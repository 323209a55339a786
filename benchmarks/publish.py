"""From a reviewer's decision until everybody sees it, on a real server with its publisher.

    python benchmarks/publish.py [--sizes 250k,2.5m] [--repeats 10]

One record is accepted; measured is the time until its document is served, and until SPARQL finds
it. The peer publishes without change sets: `oxigraph load` of the whole dump, which the same new
statement would need. What counts is that our time does not grow with the graph: the last row.
"""

from __future__ import annotations

import argparse
import http.client
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import quote

from follow import load_seconds
from generate import BASE
from harness.data import FOLDER, ROOT, Data, prepared
from harness.servers import Endpoint, free_port, running
from harness.table import Row, render

from coi_graph import config
from coi_graph.ledger.accounts import Accounts, Scope
from coi_graph.ledger.database import Ledger
from coi_graph.ledger.states import Role

MOST_SECONDS = 2.0
MOST_RATIO = 1.5  # of ten times as much data
_PATIENCE = 60.0
_RECORD = """@prefix coi: <{base}def/> .
@prefix org: <http://www.w3.org/ns/org#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
<{base}id/workplace/{name}> a coi:Workplace ;
  skos:prefLabel "Eksempel: {name}"@da , "Example: {name}"@en ;
  org:classification <{base}id/actor-category/public-workplace> ;
  coi:governmentLevel <{base}id/government-level/municipality> ;
  coi:country <http://publications.europa.eu/resource/authority/country/DNK> .
"""


class Site:
    """A server with a publisher, and tokens of a contributor and a reviewer."""

    def __init__(self, port: int, tokens: dict[Role, str]) -> None:
        self._port, self._tokens = port, tokens

    def ask(
        self, method: str, path: str, who: Role | None = None, body: str | None = None,
        content_type: str = "application/json",
    ) -> tuple[int, bytes]:  # fmt: skip
        headers = {"Content-Type": content_type}
        if who is not None:
            headers["Authorization"] = f"Bearer {self._tokens[who]}"
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=_PATIENCE)
        try:
            connection.request(method, path, body and body.encode(), headers)
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()

    def publish(self, name: str) -> tuple[float, float]:
        """Seconds from the acceptance until the document is there, and until SPARQL has it."""
        status, body = self.ask("POST", "/api/contributions?submit=true", Role.CONTRIBUTOR,
                                _RECORD.format(base=BASE, name=name), "text/turtle")  # fmt: skip
        assert status == 201, body
        number = json.loads(body)["id"]
        query = quote(f"ASK {{ <{BASE}id/workplace/{name}> ?p ?o }}")
        status, body = self.ask(
            "POST", f"/api/contributions/{number}/accept", Role.REVIEWER, '{"revision": 1}'
        )
        started = time.perf_counter()
        assert status == 200, body
        while self.ask("GET", f"/doc/workplace/{name}.ttl")[0] != 200:
            assert time.perf_counter() - started < _PATIENCE, "it does not become visible"
            time.sleep(0.01)
        visible = time.perf_counter() - started
        while b"true" not in self.ask("GET", f"/sparql?format=json&query={query}")[1]:
            assert time.perf_counter() - started < _PATIENCE, "SPARQL does not find it"
            time.sleep(0.01)
        return visible, time.perf_counter() - started


def measured(size: str, repeats: int) -> tuple[list[Row], float]:
    data = prepared(size)
    with tempfile.TemporaryDirectory(dir=FOLDER) as name:
        folder = Path(name)
        home = folder / "home"
        home.mkdir()
        for part in ("releases", "loads"):  # hard links: the data of the size stays as it is
            subprocess.run(["cp", "-al", str(data.home / part), str(home / part)], check=True)
        shutil.copy(data.home / "timeline.sqlite", home)
        tokens = _accounts(home)
        port = free_port()
        command = [sys.executable, "-m", "coi_graph", "serve", "--no-build"]
        options = ["--home", str(home), "--port", str(port), "--sources", str(ROOT)]
        settings = {"COI_PUBLISH": "at once", "COI_CLIENT_SECONDS": "0", "COI_REHEARSE": "0"}
        with running([*command, *options], Endpoint("publish", port, "/sparql"), home, settings):
            site = Site(port, tokens)
            site.publish("warm-0")  # a publisher reads the shapes once
            times = [site.publish(f"b-{number}") for number in range(repeats)]
        visible = statistics.median(one for one, _ in times)
        found = statistics.median(both for _, both in times)
        worst = max(both for _, both in times)
        dump = folder / "all.nq"
        Data(size, home).release.open().dump(str(dump))
        loaded = load_seconds(dump, folder)
        shutil.rmtree(folder / "oxigraph", ignore_errors=True)
    quads = data.release.manifest.quads
    return [
        Row(f"{quads:,} quads: document", f"{visible:.2f} s", "oxigraph load", f"{loaded:.2f} s",
            visible / loaded, f"≤ {MOST_SECONDS} s", visible <= MOST_SECONDS),
        Row(f"{quads:,} quads: SPARQL", f"{found:.2f} s", "oxigraph load", f"{loaded:.2f} s",
            found / loaded, f"≤ {MOST_SECONDS} s", found <= MOST_SECONDS),
        Row(f"{quads:,} quads: slowest of {repeats}", f"{worst:.2f} s", "", "", None, "", None),
    ], visible  # fmt: skip


def _accounts(home: Path) -> dict[Role, str]:
    ledger = Ledger.open(config.load({}, home=home))
    accounts = Accounts(ledger)
    tokens = {}
    for role in (Role.CONTRIBUTOR, Role.REVIEWER):
        accounts.create(role.value, role)
        tokens[role] = accounts.make_token(role.value, "benchmark", frozenset(Scope))
    ledger.close()
    return tokens


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default="250k,2.5m")
    parser.add_argument("--size", help="one of them", default="")
    parser.add_argument("--repeats", type=int, default=10)
    given = parser.parse_args()
    rows, seconds = [], []
    for size in (given.size or given.sizes).split(","):
        some, visible = measured(size, given.repeats)
        rows += some
        seconds.append(visible)
    if len(seconds) > 1:
        ratio = seconds[-1] / seconds[0]
        largest, smallest = f"{seconds[-1]:.2f} s", f"{seconds[0]:.2f} s"
        met = ratio <= MOST_RATIO
        rows.append(Row("largest", largest, "smallest", smallest, ratio, f"≤ {MOST_RATIO}", met))
    print(render("Publishing: from a reviewer's decision until it is visible", rows))


if __name__ == "__main__":
    main()
