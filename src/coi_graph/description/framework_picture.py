"""The framework's picture: roles on one side, circles of working methods, changes on the other.

As the framework describes its illustration, which is missing from its text: the first column has
the roles, the last one the changes, and the circles between them are what characterises the way of
working; it "is not to be read hierarchically or linearly". So nothing is bigger than its like,
each list stands in alphabetical order, the circles have neither beginning nor end where there is
room for a ring, and the strands all end at the edge of the field that holds the circles: none ties
a role to a method or to a change.

Places and sizes only, in units of a pixel at full width; `coi_graph.web` draws them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from . import lettering
from .lettering import LEADING, Line, placed
from .view import Link

_NAME, _TEXT = 17.0, 14.0  # sizes of the letters
_PAD = 18.0

Entry = tuple[Link, dict[str, str]]


@dataclass(frozen=True, slots=True)
class Part:
    """A box at ``x``, ``y``, or a circle of that box's width; what is written in it."""

    link: Link
    x: float
    y: float
    width: float
    height: float
    name: list[Line]
    text: list[Line]
    size: float = _NAME  # of the name's letters

    @property
    def centre(self) -> tuple[float, float]:
        return self.x + self.width / 2, self.y + self.height / 2


@dataclass(frozen=True, slots=True)
class Heading:
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Picture:
    """``hub`` is the middle and the radius of the field in which the circles lie; None without."""

    width: float
    height: float
    roles: list[Part]
    methods: list[Part]
    changes: list[Part]
    headings: dict[str, Heading]
    strands: list[str]
    hub: tuple[float, float, float] | None = None


def wide(roles: list[Entry], methods: list[Entry], changes: list[Entry], lang: str) -> Picture:
    """Three columns: for screens of about 1000 pixels or more."""
    width, side, top, tall = 1168.0, 292.0, 44.0, 568.0
    x, y = width / 2, top + tall / 2
    field = tall / 2 - 6
    circles = _ring(_sorted(methods, lang), x, y, field - 14, lang)
    left = _column(_sorted(roles, lang), 0, top, side, tall, lang)
    right = _column(_sorted(changes, lang), width - side, top, side, tall, lang)
    strands = [_strand(part.x + side, part.centre[1], x, y, -field) for part in left]
    strands += [_strand(part.x, part.centre[1], x, y, field) for part in right]
    return Picture(
        width=width,
        height=top + tall + 2,
        roles=left,
        methods=circles,
        changes=right,
        headings={"role": Heading(0, 26), "method": Heading(x, y), "ambition": Heading(876, 26)},
        strands=strands,
        hub=(x, y, field),
    )


def narrow(roles: list[Entry], methods: list[Entry], changes: list[Entry], lang: str) -> Picture:
    """One below the other: for phones."""
    width, gap = 358.0, 12.0
    headings = {"role": Heading(0, 22)}
    left = _stack(_sorted(roles, lang), 36, width, gap, lang)
    y = _end(left, 36) + 44
    headings["method"] = Heading(0, y)
    circles = _comb(_sorted(methods, lang), y + 14, width, lang)
    y = _end(circles, y) + 44
    headings["ambition"] = Heading(0, y)
    right = _stack(_sorted(changes, lang), y + 14, width, gap, lang)
    return Picture(width, _end(right, y) + 2, left, circles, right, headings, [])


def _sorted(entries: list[Entry], lang: str) -> list[Entry]:
    return sorted(entries, key=lambda one: (one[0].label(lang).casefold(), one[0].iri))


def _end(parts: list[Part], otherwise: float) -> float:
    return max((part.y + part.height for part in parts), default=otherwise)


def _strand(x: float, y: float, to_x: float, to_y: float, radius: float) -> str:
    """Straight from a box to the edge of the field; a negative ``radius`` is its left side."""
    across = math.sqrt(max(0.0, radius**2 - (y - to_y) ** 2))
    return f"M{x:.0f} {y:.0f}H{to_x + math.copysign(across, radius):.0f}"


def _column(
    entries: list[Entry], x: float, y: float, width: float, tall: float, lang: str
) -> list[Part]:
    """Boxes of one size that fill ``tall`` units."""
    gap = 18.0
    height = (tall - gap * (len(entries) - 1)) / max(1, len(entries))
    return [
        _box(entry, x, y + number * (height + gap), width, height, lang)
        for number, entry in enumerate(entries)
    ]


def _stack(entries: list[Entry], y: float, width: float, gap: float, lang: str) -> list[Part]:
    """Boxes as tall as their texts."""
    found = []
    for entry in entries:
        part = _box(entry, 0, y, width, None, lang)
        found.append(part)
        y += part.height + gap
    return found


def _box(entry: Entry, x: float, y: float, width: float, height: float | None, lang: str) -> Part:
    link, definitions = entry
    inner = width - 2 * _PAD
    room = 8 if height is None else int((height - 2 * _PAD) / (_TEXT * LEADING))
    name = lettering.lines(link.label(lang), _NAME, inner, 2)
    text = definitions.get(lang, "")
    most = max(0, room - 1 - len(name))
    rest = lettering.lines(text, _TEXT, inner, most) if text and most else []
    taken = len(name) * _NAME * LEADING + (len(rest) * _TEXT * LEADING + 4 if rest else 0)
    if height is None:
        height = taken + 2 * _PAD
    start = y + (height - taken) / 2
    after = start + len(name) * _NAME * LEADING + 4
    return Part(
        link=link,
        x=round(x, 1),
        y=round(y, 1),
        width=round(width, 1),
        height=round(height, 1),
        name=placed(name, start, _NAME),
        text=placed(rest, after, _TEXT),
    )


def _circle(link: Link, x: float, y: float, radius: float, lang: str) -> Part:
    name, size = _in_circle(link.label(lang), radius)
    start = y - len(name) * size * LEADING / 2
    return Part(
        link=link,
        x=round(x - radius, 1),
        y=round(y - radius, 1),
        width=round(2 * radius, 1),
        height=round(2 * radius, 1),
        name=placed(name, start, size),
        text=[],
        size=size,
    )


def _in_circle(text: str, radius: float) -> tuple[Sequence[str], float]:
    """Lines and the size of their letters: the largest at which no word is broken."""
    for size in (14.0, 13.0, 12.0, 11.0):
        # Several lines have less room above and below than there is in the middle.
        for widest, most in ((2 * radius - 12, 1), (1.85 * radius, 4)):
            found = lettering.lines(text, size, widest, most)
            if " ".join(found) == text:
                return found, size
    return found, size


def _ring(entries: list[Entry], x: float, y: float, half: float, lang: str) -> list[Part]:
    """Circles around a middle, clockwise from above, within ``half`` of it."""
    count = max(3, len(entries))
    sine = math.sin(math.pi / count)
    radius = min(half * sine / (1 + sine), 92.0)
    ring = half - radius
    found = []
    for number, (link, _) in enumerate(entries):
        angle = 2 * math.pi * number / count - math.pi / 2
        centre = x + ring * math.cos(angle), y + ring * math.sin(angle)
        found.append(_circle(link, *centre, radius - 3, lang))
    return found


def _comb(entries: list[Entry], y: float, width: float, lang: str) -> list[Part]:
    """Rows of two and one, as in a honeycomb: no row is a rank."""
    radius = 72.0
    across, down = radius + 8, math.sqrt(3) * (radius + 4)
    found: list[Part] = []
    row = 0
    while len(found) < len(entries):
        places = [-across, across] if row % 2 == 0 else [0.0]
        for shift in places:
            if len(found) < len(entries):
                link = entries[len(found)][0]
                middle = y + radius + row * down
                found.append(_circle(link, width / 2 + shift, middle, radius, lang))
        row += 1
    return found
