"""A thing among its neighbours, as a picture: what refers to it, and what it refers to.

Made from the relations that the page shows anyway, and bounded like them: at most `_MOST` things
on either side, however many relations a thing has; the rest is a number that leads to the list.
Places and sizes only, in pixels at full width; `coi_graph.web` draws them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from . import lettering
from .lettering import Line, placed
from .view import Link, Relation

_MOST = 8  # things on one side
_OF_ONE = 4  # things of one relation, while others need the room
_NAME, _SIZE, _SMALL = 16.0, 14.0, 13.0  # of letters: the thing's, its neighbours', captions'
_PAD = 10.0

Named = Callable[[Link], str]


@dataclass(slots=True)
class Box:
    """A thing; ``link`` is None for the one in the middle and for "and so many more"."""

    link: Link | None
    x: float
    y: float
    width: float
    height: float
    lines: list[Line]


@dataclass(slots=True)
class Group:
    """Things with the same relation; ``arrow`` is the path between them and the middle."""

    name: str
    caption: list[Line]
    x: float
    boxes: list[Box] = field(default_factory=list)
    arrow: str = ""


@dataclass(frozen=True, slots=True)
class Side:
    groups: list[Group]
    more: int  # things that are not shown
    more_at: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Picture:
    width: float
    height: float
    middle: Box
    incoming: Side
    outgoing: Side


@dataclass(frozen=True, slots=True)
class Shown:
    """What of a side is shown."""

    relations: list[tuple[Link, list[Link]]]
    more: int


def chosen(relations: list[Relation]) -> Shown:
    """Some things of each relation that have a page here, more of those that come first."""
    linked = [(one.name, _with_pages(one)) for one in relations]
    every = sum(len(links) for _, links in linked) + sum(one.more for one in relations)
    found: list[tuple[Link, list[Link]]] = []
    left = _MOST
    most = _OF_ONE if sum(1 for _, links in linked if links) > 1 else _MOST
    for name, links in linked:
        taken = links[: min(left, most)]
        if taken:
            found.append((name, taken))
            left -= len(taken)
    return Shown(found, every - (_MOST - left))


def _with_pages(relation: Relation) -> list[Link]:
    links = [value.link for value in relation.values]
    return [link for link in links if link is not None and link.path is not None]


def wide(thing: Link, into: Shown, out: Shown, lang: str, named: Named) -> Picture | None:
    """In three columns; None for a thing without neighbours."""
    if not into.relations and not out.relations:
        return None
    width, side, middle = 820.0, 250.0, 200.0
    left = _groups(into, 0, side, lang, named)
    right = _groups(out, width - side, side, lang, named)
    own = _middle(thing, 0, 0, middle, lang).height
    tall = max(_bottom(left), _bottom(right), own + 4)
    for groups in (left, right):
        _shift(groups, (tall - _bottom(groups)) / 2)
    # What has neighbours on one side only stands at the edge.
    x = (width - middle) / 2 if left and right else (0.0 if right else side + 60)
    centre = _middle(thing, x, tall / 2, middle, lang)
    if not left:
        _aside(right, middle + 60)
    for group in left:
        y = _half(group)
        group.arrow = _curve(side, y, centre.x, tall / 2)
    for group in right:
        y = _half(group)
        group.arrow = _curve(centre.x + middle, tall / 2, group.x, y)
    return Picture(
        width,
        tall + (28 if into.more or out.more else 4),
        centre,
        Side(left, into.more, (0, tall + 20)),
        Side(right, out.more, (right[0].x if right else 0, tall + 20)),
    )


def narrow(thing: Link, into: Shown, out: Shown, lang: str, named: Named) -> Picture | None:
    """One below the other."""
    if not into.relations and not out.relations:
        return None
    width, step = 358.0, 34.0
    above = _groups(into, 0, width, lang, named)
    y = _bottom(above)
    more_above = (0.0, y + 18)
    y += 26 if into.more else 0
    top = y + step if above else 0.0
    height = _middle(thing, 0, 0, width, lang).height
    centre = _middle(thing, 0, top + height / 2, width, lang)
    below = _groups(out, 0, width, lang, named)
    start = top + height + step
    _shift(below, start)
    if above:
        above[-1].arrow = f"M{width / 2} {y + 4}V{top - 3}"
    if below:
        below[0].arrow = f"M{width / 2} {top + height + 3}V{start - 4}"
    end = _bottom(below) if below else top + height
    more_below = (0.0, end + 18)
    end += 26 if out.more else 4
    return Picture(
        width, end, centre, Side(above, into.more, more_above), Side(below, out.more, more_below)
    )


def _middle(thing: Link, x: float, centre: float, width: float, lang: str) -> Box:
    texts = lettering.lines(thing.label(lang), _NAME, width - 2 * _PAD, 5)
    height = lettering.height(texts, _NAME) + 2 * _PAD + 8
    y = centre - height / 2
    return Box(None, x, round(y, 1), width, round(height, 1), placed(texts, y + _PAD + 4, _NAME))


def _groups(shown: Shown, x: float, width: float, lang: str, named: Named) -> list[Group]:
    y = 0.0
    found = []
    for name, links in shown.relations:
        caption = lettering.lines(named(name), _SMALL, width, 2)
        group = Group(named(name), placed(caption, y, _SMALL), x)
        y += lettering.height(caption, _SMALL) + 4
        for link in links:
            text = link.label(lang) if link.labels else named(link)
            texts = lettering.lines(text, _SIZE, width - 2 * _PAD, 2)
            height = lettering.height(texts, _SIZE) + _PAD
            group.boxes.append(
                Box(link, x, round(y, 1), width, round(height, 1), placed(texts, y + 5, _SIZE))
            )
            y += height + 6
        y += 8
        found.append(group)
    return found


def _bottom(groups: list[Group]) -> float:
    return max((box.y + box.height for group in groups for box in group.boxes), default=0.0)


def _half(group: Group) -> float:
    first, last = group.boxes[0], group.boxes[-1]
    return (first.y + last.y + last.height) / 2


def _shift(groups: list[Group], down: float) -> None:
    def moved(lines: list[Line]) -> list[Line]:
        return [Line(round(line.y + down, 1), line.text) for line in lines]

    for group in groups:
        group.caption = moved(group.caption)
        for box in group.boxes:
            box.y, box.lines = round(box.y + down, 1), moved(box.lines)


def _aside(groups: list[Group], x: float) -> None:
    for group in groups:
        group.x = x
        for box in group.boxes:
            box.x = x


def _curve(x: float, y: float, to_x: float, to_y: float) -> str:
    start, end = x + 4, to_x - 4  # room for the arrow's head
    half = (start + end) / 2
    return f"M{start:.0f} {y:.0f}C{half:.0f} {y:.0f} {half:.0f} {to_y:.0f} {end:.0f} {to_y:.0f}"
