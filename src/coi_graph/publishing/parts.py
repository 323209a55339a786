"""The parts of a release that are published as data sets of their own: which graphs belong to
which. The catalogue describes them, the dumps hold them."""

from __future__ import annotations

from collections.abc import Iterable

from ..namespaces import GRAPH

#: The part's slug → what the names of its graphs begin with.
PARTS: dict[str, tuple[str, ...]] = {
    "ontology": (GRAPH + "ontology/",),
    "shapes": (GRAPH + "shapes/",),
    "framework": (GRAPH + "data/framework/",),
    "barometer": (GRAPH + "data/barometer/",),
    "organisations": (GRAPH + "data/organisations/",),
    "places": (GRAPH + "data/places/",),
    "examples": (GRAPH + "data/examples/",),
    "contributions": (GRAPH + "contribution/",),
}


def of(graphs: Iterable[str]) -> dict[str, list[str]]:
    """The parts that there are, each with its graphs, sorted."""
    names = sorted(graphs)
    found = {
        slug: [name for name in names if name.startswith(prefixes)]
        for slug, prefixes in PARTS.items()
    }
    return {slug: names for slug, names in found.items() if names}
