"""The framework's text with everything that is modelled in it, in its place.

The text is one literal of the release, and passages point into it by Unicode code points. What
several passages quote is one `Span`; spans may lie in one another or overlap. A `Block` is what
stands between two empty lines: its `pieces` nest as HTML elements do, so a span that overlaps
another, or goes on in the next block, is several pieces, of which the first has its anchor.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from itertools import pairwise

from ..namespaces import DEF, ID, OA, RDF
from .describer import Describer
from .lookup import Lookup
from .view import Link

TEXT = ID + "framework/strategic-framework-2017/text"
_HEADING = 60  # characters: longer lines are no headings


@dataclass(frozen=True, slots=True)
class Modelled:
    """A thing or a statement that says it comes from a span; ``type`` is its first type of ours."""

    thing: Link
    type: Link | None


@dataclass(slots=True)
class Span:
    """Characters ``start`` to ``end`` of the text, as one or more passages quote them."""

    number: int
    start: int
    end: int
    passages: list[Link] = field(default_factory=list)
    modelled: list[Modelled] = field(default_factory=list)

    @property
    def anchor(self) -> str:
        """The same for as long as the text is the same: ``/framework#c262-304``."""
        return f"c{self.start}-{self.end}"


@dataclass(slots=True)
class Piece:
    """A text (``span`` None), or a marked part with the pieces in it."""

    text: str = ""
    span: Span | None = None
    pieces: list[Piece] = field(default_factory=list)
    is_first: bool = True
    is_last: bool = True


@dataclass(slots=True)
class Block:
    """A heading, a paragraph, or an item of a list, and the spans that begin in it."""

    kind: str  # heading | paragraph | item
    start: int
    pieces: list[Piece]
    spans: list[Span]


def read(lookup: Lookup, describer: Describer) -> list[Block]:
    """The blocks of the framework's text; empty where the release has no such text."""
    values = lookup.values(TEXT, RDF + "value")
    if not values:
        return []
    text = values[0].value
    return blocks(text, _spans(lookup, describer, len(text)))


def _spans(lookup: Lookup, describer: Describer, length: int) -> list[Span]:
    """In the order of the text, the longer first; numbered from 1."""
    passages = lookup.of_kind(ID + "passage/")
    targets = _all(lookup, passages, OA + "hasTarget")
    selectors = _all(lookup, list(targets.values()), OA + "hasSelector")
    positions = _all(lookup, list(selectors.values()), OA + "refinedBy")
    places: dict[tuple[int, int], list[str]] = defaultdict(list)
    lookup.expect(positions.values())
    for passage, target in targets.items():
        sources = lookup.values(target, OA + "hasSource")
        position = positions.get(selectors.get(target, ""), "")
        if not position or [source.value for source in sources] != [TEXT]:
            continue
        start, end = (
            next((int(v.value) for v in lookup.values(position, name) if v.value.isdecimal()), -1)
            for name in (OA + "start", OA + "end")
        )
        if 0 <= start < end <= length:
            places[start, end].append(passage)
    spans = []
    for number, (start, end) in enumerate(sorted(places, key=lambda p: (p[0], -p[1])), 1):
        here = places[start, end]
        iris = sorted({iri for one in here for iri in lookup.subjects(DEF + "statedIn", one)})
        modelled = [Modelled(describer.link(iri), _type(lookup, describer, iri)) for iri in iris]
        spans.append(Span(number, start, end, [describer.link(one) for one in here], modelled))
    return spans


def _all(lookup: Lookup, iris: list[str], predicate: str) -> dict[str, str]:
    """Subject → its first object, for those that have one."""
    lookup.expect(iris)
    found = {iri: lookup.values(iri, predicate) for iri in iris}
    return {iri: values[0].value for iri, values in found.items() if values}


def _type(lookup: Lookup, describer: Describer, iri: str) -> Link | None:
    types = sorted(term.value for term in lookup.values(iri, RDF + "type"))
    ours = [one for one in types if one.startswith(DEF)]
    return describer.link(ours[0] if ours else types[0]) if types else None


def blocks(text: str, spans: list[Span]) -> list[Block]:
    """``text`` in blocks. A block is a run of lines that are not empty; each line that begins
    with a hyphen is an item of its own."""
    found = []
    runs: list[list[tuple[int, int]]] = [[]]
    at = 0
    for line in text.split("\n"):
        start, end = at, at + len(line)
        at = end + 1
        if not line.strip():
            runs.append([])
        elif line.startswith("- ") and runs[-1]:
            runs.append([(start, end)])
        else:
            runs[-1].append((start, end))
    for run in filter(None, runs):
        start, end = run[0][0], run[-1][1]
        kind = _kind(text[start:end])
        start += 2 if kind == "item" else 0
        first = [span for span in spans if start <= span.start < end]
        found.append(Block(kind, start, _pieces(text, start, end, spans), first))
    return found


def _kind(block: str) -> str:
    """The text has no marks for headings: they are short lines that end with a letter and have
    no comma (“COI arbejder for, at” goes on in a list)."""
    if block.startswith("- "):
        return "item"
    is_heading = len(block) <= _HEADING and block[-1].isalpha() and not set(",\n") & set(block)
    return "heading" if is_heading else "paragraph"


def _pieces(text: str, start: int, end: int, spans: list[Span]) -> list[Piece]:
    """``text[start:end]`` cut where a span begins or ends, and nested: longer spans outside."""
    inside = [span for span in spans if span.start < end and span.end > start]
    edges = {start, end}
    for span in inside:
        edges |= {max(start, span.start), min(end, span.end)}
    cuts = sorted(edges)
    root = Piece()
    open_spans: list[Span] = []
    for left, right in pairwise(cuts):
        here = [span for span in inside if span.start <= left and span.end >= right]
        here.sort(key=lambda span: (span.start, -span.end))
        same = 0
        while same < min(len(here), len(open_spans)) and here[same] is open_spans[same]:
            same += 1
        level = root
        for depth, span in enumerate(here):
            if depth >= same:
                level.pieces.append(Piece(span=span, is_first=left == span.start))
            level = level.pieces[-1]
            level.is_last = right == span.end
        level.pieces.append(Piece(text=text[left:right]))
        open_spans = here
    return root.pieces
