"""What tests send: a small record, and a report of the wanted findings."""

from __future__ import annotations

import pyoxigraph as ox

from coi_graph.ledger.contributions import Content

BASE = "https://w3id.org/coi-graph/"


def content(
    title: str = "Fælles morgenmad",
    *,
    name: str = "x",
    violations: tuple[str, ...] = (),
    extra: tuple[ox.Quad, ...] = (),
) -> Content:
    thing = ox.NamedNode(f"{BASE}id/innovation/{name}")
    quads = (
        ox.Quad(thing, ox.NamedNode("http://purl.org/dc/terms/title"), ox.Literal(title)),
        *extra,
    )
    data = f"<{thing.value}> dct:title '{title}' .".encode()
    return Content(
        file="innovation.ttl",
        media_type="text/turtle",
        data=data,
        quads=quads,
        report={"results": []},
        violations=violations,
        warnings=0,
        checked_release=1,
        title=title,
    )
