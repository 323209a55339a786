"""The picture of a thing among its neighbours, which every thing's page has twice.

As in `parts`: functions and no macros of Jinja's, in which the picture took half of a page's time.
Everything from the data is escaped.
"""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING

from markupsafe import Markup

from .escaping import escape

if TYPE_CHECKING:
    from ..description.lettering import Line
    from ..description.neighbourhood import Box, Group, Picture, Side
    from ..description.view import Link
    from .parts import Parts


def neighbours(parts: Parts, picture: Picture, size: str) -> Markup:
    """``size``, of the screens that it is for: "wide" or "narrow"."""
    into, out = parts.gettext("refers to it"), parts.gettext("it refers to")
    middle = picture.middle
    name = _written(
        middle.lines, "picture__name", middle.x + middle.width / 2, 16, ' text-anchor="middle"'
    )
    return Markup(
        f'<svg class="picture picture--{size} neighbours"'
        f' viewBox="-2 -2 {picture.width + 4} {ceil(picture.height) + 4}" role="group"'
        ' aria-labelledby="neighbours">'
        f'<defs><marker id="arrow-{size}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="5"'
        ' markerHeight="5" orient="auto"><path class="picture__head" d="M0 0L8 4L0 8z"/></marker>'
        "</defs>"
        f"{_side(parts, picture.incoming, 'incoming', into, 'incoming', size)}"
        f'<g class="picture__thing">{_rect(middle, 8)}{name}</g>'
        f"{_side(parts, picture.outgoing, 'outgoing', out, 'relations', size)}</svg>"
    )


def _side(parts: Parts, side: Side, kind: str, title: Markup, target: str, size: str) -> str:
    drawn = [f'<g class="picture__{kind}">']
    drawn += (_group(parts, group, title, size) for group in side.groups)
    if side.more:
        more = parts.and_more(side.more)
        x, y = side.more_at
        drawn.append(
            f'<a class="picture__more" href="#{target}" aria-label="{more}: {title}">'
            f'<text x="{x}" y="{y}" font-size="14">{more}</text></a>'
        )
    drawn.append("</g>")
    return "\n".join(drawn)


def _group(parts: Parts, group: Group, title: Markup, size: str) -> str:
    drawn = [_written(group.caption, "picture__caption", group.x, 13)]
    if group.arrow:
        drawn.append(
            f'<path class="picture__arrow" d="{group.arrow}" marker-end="url(#arrow-{size})"/>'
        )
    drawn.append(f'<g role="list" aria-label="{title}: {escape(group.name)}">')
    drawn += (_item(parts, box) for box in group.boxes)
    drawn.append("</g>")
    return "".join(drawn)


def _item(parts: Parts, box: Box) -> str:
    assert box.link is not None
    return (
        f'\n<g role="listitem">{_begun(parts, box.link, box.lines)}{_rect(box, 5)}'
        f"{_written(box.lines, '', box.x + 10, 14)}</a></g>"
    )


def _begun(parts: Parts, link: Link, lines: list[Line]) -> str:
    """The start tag of a link: what is cut short on the picture is read out whole."""
    label, language = link.label(parts.lang), link.label_language(parts.lang)
    whole = "" if " ".join(line.text for line in lines) == label else label
    return (
        f'<a href="{parts.to(link.path or "")}"'
        + (f' aria-label="{escape(whole)}"' if whole else "")
        + (f' lang="{escape(language)}">' if language else ">")
    )


def _rect(box: Box, radius: int) -> str:
    return (
        f'<rect x="{box.x}" y="{box.y}" width="{box.width}" height="{box.height}" rx="{radius}"/>'
    )


def _written(lines: list[Line], classes: str, x: float, size: int, anchor: str = "") -> str:
    """The lines of one text."""
    if not lines:
        return ""
    spans = " ".join(f'<tspan x="{x}" y="{line.y}">{escape(line.text)}</tspan>' for line in lines)
    return f'<text class="{classes}" font-size="{size}"{anchor}>{spans}</text>'
