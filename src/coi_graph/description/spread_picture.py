"""Spreading as a picture: authorities by region on both sides, a strand for each way a solution
went. Where on a map they lie is not in the data, so no map is drawn.

Places and sizes only, in pixels at full width; `coi_graph.web` draws them.
"""

from __future__ import annotations

from dataclasses import dataclass

from . import lettering
from .lettering import Line, placed
from .spread import Case, End
from .view import Link

_SIZE = 14.0
_THICK, _THICKEST = 4.0, 16.0  # of a strand: for each case, and at most
_BETWEEN = 3.0  # strands at the same authority


@dataclass(frozen=True, slots=True)
class Node:
    """An authority on one side; the bar stands at its edge, ``height`` tall."""

    link: Link
    x: float
    y: float
    height: float
    lines: list[Line]


@dataclass(frozen=True, slots=True)
class Strand:
    """Cases from one authority to another in one state (`Case.state`)."""

    path: str
    width: float
    state: str
    cases: int
    origin: Link
    adopter: Link


@dataclass(frozen=True, slots=True)
class Column:
    """One side: ``regions`` are headings, "" for what lies in no region, with their baselines."""

    regions: list[tuple[str, float]]
    nodes: list[Node]


@dataclass(frozen=True, slots=True)
class Picture:
    width: float
    height: float
    label: float  # width of a label
    origins: Column
    adopters: Column
    strands: list[Strand]


_Key = tuple[str, str, str]


def draw(cases: list[Case], lang: str, width: float, label: float) -> Picture:
    """``label`` is how wide the names may be on either side."""
    grouped: dict[_Key, list[Case]] = {}
    for case in cases:
        key = (case.origin.authority.iri, case.adopter.authority.iri, case.state)
        grouped.setdefault(key, []).append(case)
    thick = {key: min(_THICKEST, _THICK * len(found)) for key, found in grouped.items()}
    origins, from_y = _column([one.origin for one in cases], grouped, thick, 0, 0, label, lang)
    adopters, to_y = _column(
        [one.adopter for one in cases], grouped, thick, 1, width - label, label, lang
    )
    left, right = label + 8, width - label - 8
    half = (left + right) / 2
    strands = [
        Strand(
            f"M{left} {from_y[key]:.1f}C{half} {from_y[key]:.1f} {half} {to_y[key]:.1f}"
            f" {right} {to_y[key]:.1f}",
            thick[key],
            key[2],
            len(found),
            found[0].origin.authority,
            found[0].adopter.authority,
        )
        for key, found in sorted(grouped.items())
    ]
    height = max(
        (node.y + node.height for side in (origins, adopters) for node in side.nodes), default=0
    )
    return Picture(width, height + 6, label, origins, adopters, strands)


def _column(
    ends: list[End],
    grouped: dict[_Key, list[Case]],
    thick: dict[_Key, float],
    side: int,
    x: float,
    label: float,
    lang: str,
) -> tuple[Column, dict[_Key, float]]:
    """The column, and where each strand meets it."""
    by_authority = {end.authority.iri: end for end in ends}

    def order(end: End) -> tuple[bool, str, bool, str]:
        region = end.region
        is_region = region is not None and region.iri == end.authority.iri
        name = region.label(lang) if region else ""
        return (region is None, name, not is_region, end.authority.label(lang).casefold())

    y, nodes, headings, meets = 26.0, [], [], {}
    last: object = ""
    for end in sorted(by_authority.values(), key=order):
        region = end.region.iri if end.region else None
        if region != last:
            y += 20
            name = end.region.label(lang) if end.region else ""
            headings.append((lettering.lines(name, 13, label + 20, 1)[0], y))
            y += 8
            last = region
        texts = lettering.lines(end.authority.label(lang), _SIZE, label - 6, 2)
        keys = sorted(key for key in grouped if key[side] == end.authority.iri)
        total = sum(thick[key] + _BETWEEN for key in keys)
        height = max(lettering.height(texts, _SIZE) + 4, total + 4)
        at = y + (height - total + _BETWEEN) / 2
        for key in keys:
            meets[key] = at + thick[key] / 2
            at += thick[key] + _BETWEEN
        start = y + (height - lettering.height(texts, _SIZE)) / 2
        lines = placed(texts, start, _SIZE)
        nodes.append(Node(end.authority, x, round(y, 1), round(height, 1), lines))
        y += height + 6
    return Column(headings, nodes), meets
