"""Dereferencing: our server and Trifid 5.3 over `oxigraph serve`, the same release, in one run.

    python benchmarks/dereference.py [--size 160k|1.6m] [--seconds S]

Each request asks for another of the release's things, taken at random, of a server that has been
up for some seconds (a small release is copied into memory then). Documents in Turtle are not
kept by either. Pages are kept for a while, so HTML has two rows: what is asked for again (300
pages, made before), and what was not asked for before. Trifid is installed from npm by the first
run (500 MB, in benchmarks/.data); without npm it is left out. It is measured as its command starts
it, which the target is about, and with a configuration of ours that leaves all out but what
dereferences ("lean").

Targets: Turtle 2,000 a second and 20 times Trifid, HTML 500 a second.
"""

from __future__ import annotations

import argparse
import random
import time

from harness import data, servers, table, trifid
from harness.load import Throughput, requests_a_second

from coi_graph.description.lookup import Lookup
from coi_graph.namespaces import ID

CLIENTS = 8
MOST = 20_000  # things
AGAIN = 300  # of them, whose pages are asked for again
WARM_SECONDS = 4
COPY_SECONDS = 8  # after which 200,000 quads are in memory
TURTLE, HTML = "text/turtle", "text/html"
TURTLE_TARGET, HTML_TARGET, TIMES_TARGET = 2_000, 500, 20


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--size", default="160k")
    parser.add_argument("--seconds", type=float, default=10)
    options = parser.parse_args()
    prepared = data.prepared(options.size)
    lookup = Lookup(prepared.release.open())
    things = [iri for prefix in sorted(lookup.counts()) for iri in lookup.of_kind(prefix)]
    chosen = random.Random(2017).sample(things, min(MOST, len(things)))
    names = [iri[len(ID) :] for iri in chosen]
    with servers.ours(prepared) as ours:
        time.sleep(COPY_SECONDS)
        documents = [f"/doc/{name}" for name in names]
        turtle = requests_a_second(ours, documents, TURTLE, CLIENTS, options.seconds)
        new = requests_a_second(ours, documents[AGAIN:], HTML, CLIENTS, options.seconds)
        again = documents[:AGAIN]
        requests_a_second(ours, again, HTML, CLIENTS, WARM_SECONDS)
        html = requests_a_second(ours, again, HTML, CLIENTS, options.seconds)
    rows = [
        _row("Turtle", turtle, TURTLE_TARGET),
        _row("HTML, asked for again", html, HTML_TARGET),
        _row("HTML, for the first time", new, HTML_TARGET),
    ]
    if trifid.is_available() and servers.has_oxigraph():
        with servers.oxigraph(prepared) as store:
            for lean in (False, True):
                with trifid.trifid(prepared, store, lean=lean) as peer:
                    things_there = [f"/id/{name}" for name in names]
                    theirs = {
                        form: requests_a_second(peer, things_there, form, CLIENTS, options.seconds)
                        for form in (TURTLE, HTML)
                    }
                least = None if lean else TIMES_TARGET
                rows += [
                    _beside("Turtle", turtle, peer.name, theirs[TURTLE], least),
                    _beside("HTML, asked for again", html, peer.name, theirs[HTML]),
                    _beside("HTML, for the first time", new, peer.name, theirs[HTML]),
                ]
    else:
        print("npm or the command oxigraph is missing: Trifid is left out")
    print(table.render(f"{len(names)} things, {CLIENTS} connections", rows))


def _row(what: str, ours: Throughput, target: int) -> table.Row:
    met = ours.per_second >= target and not ours.failed
    return table.Row(what, _rate(ours), "", "", None, f">= {target:,}/s", met)


def _beside(
    what: str, ours: Throughput, name: str, theirs: Throughput, least: int | None = None
) -> table.Row:
    ratio = ours.per_second / theirs.per_second
    target = "" if least is None else f">= {least} times"
    met = None if least is None else ratio >= least
    return table.Row(what, _rate(ours), name, _rate(theirs), ratio, target, met)


def _rate(measured: Throughput) -> str:
    failed = f" ({measured.failed} failed)" if measured.failed else ""
    return table.a_second(measured.per_second) + failed


if __name__ == "__main__":
    main()
