"""Which dumps a release should have: the whole of it, its parts, and each named graph."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ..media import N_QUADS, Form
from ..namespaces import GRAPH
from . import parts
from .dump_files import FORMS

WHOLE = "coi-graph"
_LONGEST = 200  # characters of a step in a path


@dataclass(frozen=True, slots=True)
class Planned:
    """A dump that a release should have."""

    stem: str
    form: Form
    graphs: list[str]
    graph: str | None = None
    part: str | None = None

    @property
    def is_a_piece(self) -> bool:
        return self.graph is not None or self.part is not None

    @property
    def name(self) -> str:
        return f"{self.stem}.{self.form.name}.gz"


def plan(names: Iterable[str]) -> Iterator[Planned]:
    """For a release with these named graphs. Each graph's N-Quads come first: all other files
    are made from them."""
    graphs = sorted(names)
    own = [(graph, stem) for graph in graphs if (stem := stem_of(graph)) is not None]
    others = [form for form in FORMS if form is not N_QUADS]
    for graph, stem in own:
        yield Planned(stem, N_QUADS, [graph], graph=graph)
    for form in FORMS:
        yield Planned(WHOLE, form, graphs)
    for slug, members in parts.of(graphs).items():
        for form in FORMS:
            yield Planned(f"part/{slug}", form, members, part=slug)
    for graph, stem in own:
        for form in others:
            yield Planned(stem, form, [graph], graph=graph)


def stem_of(graph: str) -> str | None:
    """None for a graph of another's name space, or one whose name makes no path: what it says
    stands in the dumps of the whole."""
    name = graph[len(GRAPH) :]
    return f"graph/{name}" if graph.startswith(GRAPH) and _is_plain(name) else None


def _is_plain(name: str) -> bool:
    """Whether a graph's name makes a path that stays where it should."""
    steps = name.split("/")
    return all(
        step and not step.startswith(".") and "%" not in step and len(step) <= _LONGEST
        for step in steps
    )
