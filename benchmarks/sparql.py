"""The query service beside its peers: ours, `oxigraph serve` and Virtuoso 7, in one run.

    python benchmarks/sparql.py [--size 160k|1.6m|both] [--seconds 4] [--repeats 7]

`make bench` installs `oxigraph`; Virtuoso takes part where Debian's virtuoso-opensource-7 is
installed. Only ratios count: what else the machine does falls on all alike.
"""

from __future__ import annotations

import argparse
import contextlib
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

from generate import ACTIVITIES, GRAPH, SIZES, thing
from harness import servers
from harness.data import Data, prepared
from harness.load import SOLUTIONS, Client, requests_a_second, side_by_side, targets_of
from harness.servers import Endpoint
from harness.table import Row, a_second, milliseconds, render

CLIENTS = 8
EXPORT_TRIPLES = 162_000  # about 25 MB of N-Triples
N_TRIPLES = "application/n-triples"
PREFIXES = """\
PREFIX coi: <https://w3id.org/coi-graph/def/>
PREFIX dct: <http://purl.org/dc/terms/>
PREFIX id: <https://w3id.org/coi-graph/id/>
PREFIX org: <http://www.w3.org/ns/org#>
PREFIX prov: <http://www.w3.org/ns/prov#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
"""

#: Name → query. "one workplace" is about the workplace that takes part in most.
AGGREGATES = {
    # Without the graph Virtuoso counts what it says of itself, too.
    "count of all triples": f"SELECT (COUNT(*) AS ?n) WHERE {{ GRAPH <{GRAPH}> {{ ?s ?p ?o }} }}",
    "activities by role": """
SELECT ?role (COUNT(?activity) AS ?n) WHERE { ?activity coi:hasRole ?role } GROUP BY ?role""",
    "spread cases by type and status": """
SELECT ?type ?status (COUNT(*) AS ?n) WHERE {
  ?case coi:spreads ?innovation ; coi:spreadStatus ?status .
  ?innovation coi:innovationType ?type .
} GROUP BY ?type ?status""",
    "adopters by municipality": """
SELECT ?municipality (COUNT(DISTINCT ?workplace) AS ?n) WHERE {
  ?case a coi:SpreadCase ; coi:adopter ?workplace .
  ?workplace org:unitOf ?municipality .
} GROUP BY ?municipality ORDER BY DESC(?n)""",
    "roles by aim and municipality": """
SELECT ?aim ?municipality (COUNT(DISTINCT ?activity) AS ?n) WHERE {
  ?activity coi:hasRole <https://w3id.org/coi-graph/id/role/knowledge-ally> ;
            coi:aimsAt ?aim ; coi:participant ?workplace .
  ?workplace org:unitOf ?municipality .
} GROUP BY ?aim ?municipality ORDER BY DESC(?n) STR(?aim) STR(?municipality) LIMIT 20""",
}
STAR_JOINS = {
    "one workplace's activities": f"""
SELECT ?activity ?title ?role WHERE {{
  ?activity coi:participant <{thing("workplace", 0)}> ; dct:title ?title ; coi:hasRole ?role .
  FILTER (lang(?title) = "da")
}}""",
    "first innovations of a town": """
SELECT ?innovation ?title ?value WHERE {
  ?innovation coi:novelty <https://w3id.org/coi-graph/id/novelty/first> ;
              coi:innovationType <https://w3id.org/coi-graph/id/innovation-type/product> ;
              dct:title ?title ; coi:achievedValue ?value ; coi:implementedAt ?workplace .
  ?workplace org:unitOf <https://w3id.org/coi-graph/id/municipality/0751> .
}""",
    "network meetings": """
SELECT ?activity ?title ?role ?method ?start WHERE {
  ?activity a coi:NetworkMeeting ; dct:title ?title ; coi:hasRole ?role ;
            coi:usesMethod ?method ; prov:startedAtTime ?start .
  FILTER (lang(?title) = "en")
}""",
}
#: Properties whose values nobody has counted yet.
UNCOUNTED = (
    *("usesMethod", "aimsAt", "addressesCondition", "usesTool", "concernsPractice", "targetGroup"),
    *("reuseMode", "spreadStatus", "spreadInitiator", "reachedStep", "novelty", "closeness"),
    "achievedValue",
)
CONSTRUCT = "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o } LIMIT "


def point_query(units: int) -> Callable[[int], str]:
    """A look-up of one subject, another for each number; its text never comes again."""

    def query(number: int) -> str:
        subject = thing("activity", number * 7919 % (units * ACTIVITIES))
        # The limit makes the text new where the subjects begin anew.
        return f"SELECT ?p ?o WHERE {{ <{subject}> ?p ?o }} LIMIT {1000 + number}"

    return query


def pooled_query(units: int) -> Callable[[int], str]:
    """A small join, which is no look-up and so goes to a worker."""

    def query(number: int) -> str:
        subject = thing("activity", number * 7919 % (units * ACTIVITIES))
        return (
            f"SELECT ?place ?unit WHERE {{ <{subject}> <https://w3id.org/coi-graph/def/participant>"
            f" ?place . ?place <http://www.w3.org/ns/org#unitOf> ?unit }} LIMIT {1000 + number}"
        )

    return query


@dataclass(frozen=True)
class Peers:
    ours: Endpoint
    oxigraph: Endpoint
    virtuoso: Endpoint | None

    @property
    def all(self) -> list[Endpoint]:
        return [self.ours, self.oxigraph, *([self.virtuoso] if self.virtuoso else [])]


@dataclass(frozen=True)
class Rates:
    """Requests a second, a list for each peer: one of each round, in which they took turns."""

    rounds: dict[str, list[float]]

    def median(self, endpoint: Endpoint) -> float:
        return statistics.median(self.rounds[endpoint.name])

    def ratio(self, ours: Endpoint, theirs: Endpoint) -> float:
        """The median of the rounds' ratios: what else the machine did in a round fell on both."""
        pairs = zip(self.rounds[ours.name], self.rounds[theirs.name], strict=True)
        return statistics.median(mine / peers for mine, peers in pairs)


def rates(peers: list[Endpoint], queries: list[Callable[[int], str]], seconds: float) -> Rates:
    """``queries`` are one for each peer."""
    rounds = max(1, round(seconds))
    found = Rates({endpoint.name: [] for endpoint in peers})
    targets = [targets_of(endpoint, query) for endpoint, query in zip(peers, queries, strict=True)]
    for _ in range(rounds):
        for endpoint, asked in zip(peers, targets, strict=True):
            measured = requests_a_second(endpoint, asked, SOLUTIONS, CLIENTS, seconds / rounds)
            if measured.failed:
                print(f"{endpoint.name}: {measured.failed} requests failed", file=sys.stderr)
            found.rounds[endpoint.name].append(measured.per_second)
    return found


def throughput_rows(data: Data, peers: Peers, seconds: float) -> list[Row]:
    rows = []

    def add(what: str, found: Rates, peer: Endpoint, least: float | None) -> None:
        ratio = found.ratio(peers.ours, peer)
        target = "" if least is None else f">= {least}"
        met = None if least is None else ratio >= least
        mine, theirs = a_second(found.median(peers.ours)), a_second(found.median(peer))
        rows.append(Row(what, mine, peer.name, theirs, ratio, target, met))

    point = point_query(data.units)
    found = rates(peers.all, [point] * len(peers.all), seconds)
    add(f"point query, {CLIENTS} clients", found, peers.oxigraph, 0.5)
    if peers.virtuoso:
        add(f"point query, {CLIENTS} clients", found, peers.virtuoso, 2.0)
    # Ours is asked the same few queries again and again, the peer what it has not seen.
    queries = [lambda number: point(number % 100), point]
    found = rates([peers.ours, peers.oxigraph], queries, seconds)
    add("the same, cached", found, peers.oxigraph, 1.0)
    pooled = pooled_query(data.units)
    found = rates(peers.all, [pooled] * len(peers.all), seconds)
    for peer in peers.all[1:]:
        add(f"small join, {CLIENTS} clients", found, peer, None)
    return rows


def latency_rows(peers: Peers, repeats: int) -> list[Row]:
    rows = []
    for queries in (AGGREGATES, STAR_JOINS):
        for name, query in queries.items():
            results = side_by_side(peers.all, PREFIXES + query.strip(), repeats)
            ours = results[0][1]
            for peer, (_, theirs, _) in zip(peers.all[1:], results[1:], strict=True):
                ratio = ours / theirs
                strict = peer is peers.oxigraph
                rows.append(
                    Row(name, milliseconds(ours), peer.name, milliseconds(theirs), ratio,
                        "<= 1.05" if strict else "", ratio <= 1.05 if strict else None)
                )  # fmt: skip
    return rows


def first_counts_row(peers: Peers) -> Row:
    """Of each property once: what is tallied is counted then (docs/decisions/0071)."""
    pair = [peers.ours, peers.oxigraph]
    clients, times = [Client(endpoint) for endpoint in pair], []
    for name in UNCOUNTED:
        query = AGGREGATES["activities by role"].replace("hasRole", name)
        times.append([client.ask(PREFIXES + query.strip())[1] for client in clients])
    ours, theirs = (statistics.median(column) for column in zip(*times, strict=True))
    ratio = statistics.median(mine / other for mine, other in times)
    return Row("a property's values, the first time", milliseconds(ours), peers.oxigraph.name,
               milliseconds(theirs), ratio, "<= 1.05", ratio <= 1.05)  # fmt: skip


def streaming_rows(peers: Peers, repeats: int) -> list[Row]:
    pair = [peers.ours, peers.oxigraph]
    (first, whole, size), (their_first, their_whole, their_size) = side_by_side(
        pair, CONSTRUCT + str(EXPORT_TRIPLES), repeats, N_TRIPLES
    )
    if size != their_size:
        print(f"exports differ: {size} and {their_size} bytes", file=sys.stderr)
    later, ratio = first - their_first, whole / their_whole
    name = peers.oxigraph.name
    return [
        Row("first byte of a large CONSTRUCT", milliseconds(first), name,
            milliseconds(their_first), None, "<= 50 ms later", later <= 0.05),
        Row(f"export of {size / 1e6:.0f} MB", milliseconds(whole), name,
            milliseconds(their_whole), ratio, "<= 1.1", ratio <= 1.1),
    ]  # fmt: skip


def same_answers(peers: Peers) -> None:
    """Fast is worth nothing if it is wrong: all must agree on every query before it is timed."""
    for name, query in {**AGGREGATES, **STAR_JOINS}.items():
        counts = {}
        for endpoint in peers.all:
            _, _, body = Client(endpoint).ask(PREFIXES + query.strip(), "text/csv")
            counts[endpoint.name] = sorted(
                line.replace(b'"', b"").strip() for line in body.splitlines()[1:]
            )
        reference = counts[peers.oxigraph.name]
        different = [each for each, lines in counts.items() if lines != reference]
        if different:
            print(f"“{name}”: {', '.join(different)} answers otherwise", file=sys.stderr)


def run(size: str, seconds: float, repeats: int) -> str:
    started = time.monotonic()
    data = prepared(size)
    with contextlib.ExitStack() as stack:
        peers = Peers(
            stack.enter_context(servers.ours(data)),
            stack.enter_context(servers.oxigraph(data)),
            stack.enter_context(servers.virtuoso(data)) if servers.has_virtuoso() else None,
        )
        same_answers(peers)
        rows = [first_counts_row(peers)]
        rows += throughput_rows(data, peers, seconds)
        rows += latency_rows(peers, repeats)
        rows += streaming_rows(peers, repeats)
    quads = data.release.manifest.quads
    title = f"{size}: {quads:,} quads, {time.monotonic() - started:.0f} s"
    return render(title, rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--size", choices=[*SIZES, "both"], default="both")
    parser.add_argument("--seconds", type=float, default=6, help="of each load, in rounds of one")
    parser.add_argument("--repeats", type=int, default=7, help="of each single query")
    arguments, _ = parser.parse_known_args()  # `make bench ARGS=…` is for all benchmarks
    if not servers.has_oxigraph():
        sys.exit("oxigraph is not installed: run it by `make bench`")
    if not servers.has_virtuoso():
        print(
            "Virtuoso is NOT installed (Debian: virtuoso-opensource-7-bin): its rows are missing,"
            " and what is asked against it is not shown"
        )
    for size in SIZES if arguments.size == "both" else [arguments.size]:
        print(run(size, arguments.seconds, arguments.repeats), flush=True)
        print()


if __name__ == "__main__":
    main()
