"""What a release says of the contributions that it took in (`provenance`), read back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import pyoxigraph as ox

from ..namespaces import GRAPH, PROV, RDFS
from ..store import graph_of
from .metadata import PROVENANCE

#: What the IRIs of contributed graphs begin with.
GRAPHS = GRAPH + "contribution/"


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A contribution that was accepted; ``iri`` is that of the acceptance. ``contributor`` and
    ``reviewer`` are IRIs of agents, ``report`` is in words, by language; ``said`` is all of it."""

    iri: str
    number: int
    contributor: str
    reviewer: str
    accepted: str
    report: dict[str, str]
    said: tuple[ox.Triple, ...]

    @classmethod
    def read(cls, lines: str) -> Reviewed:
        """From N-Triples as `in_change` gives them."""
        said = tuple(quad.triple for quad in ox.parse(lines, format=ox.RdfFormat.N_TRIPLES))
        values: dict[tuple[str, str], ox.NamedNode | ox.Literal] = {}
        report: dict[str, str] = {}
        graph, number = "", 0
        for triple in said:
            assert isinstance(triple.subject, ox.NamedNode)
            assert isinstance(triple.object, ox.NamedNode | ox.Literal)
            graph, _, name = triple.subject.value.partition("#")
            part, _, digits = name.partition("-")
            number = int(digits)
            values[part, triple.predicate.value] = triple.object
            if part == "report" and triple.predicate.value == RDFS + "label":
                assert isinstance(triple.object, ox.Literal)
                report[triple.object.language or ""] = triple.object.value

        def value(part: str, predicate: str) -> str:
            found = values.get((part, PROV + predicate))
            return found.value if found else ""

        return cls(
            iri=f"{graph}#review-{number}",
            number=number,
            contributor=value("contribution", "wasAssociatedWith"),
            reviewer=value("review", "wasAssociatedWith"),
            accepted=value("review", "endedAtTime"),
            report=report,
            said=said,
        )


def in_change(added: Iterable[ox.Quad]) -> Iterator[tuple[str, str, str]]:
    """(graph, review, N-Triples) of each review among the statements that a release added."""
    parts: dict[tuple[str, str], list[str]] = {}
    for quad in added:
        subject = quad.subject
        if graph_of(quad) != PROVENANCE or not isinstance(subject, ox.NamedNode):
            continue
        graph, _, name = subject.value.partition("#")
        part, _, number = name.partition("-")
        if graph.startswith(GRAPHS) and part in ("contribution", "review", "report"):
            parts.setdefault((graph, number), []).append(f"{quad.triple} .\n")
    for (graph, number), lines in sorted(parts.items()):
        yield graph, f"{graph}#review-{number}", "".join(sorted(lines))
