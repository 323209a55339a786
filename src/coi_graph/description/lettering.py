"""Text in pictures: about how wide it is, and how it breaks into lines.

SVG does not break lines. A server has no fonts to measure with, so widths are those of IBM Plex
Sans, rounded up to a few classes of letters: a line may be a little shorter than it could be.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

LEADING = 1.35  # of a line, in sizes of its letters
_NARROW = frozenset("ijlI.,:;'’|!·")
_SLIM = frozenset("ftr()[]-–/")
_WIDE = frozenset("mwæœMWÆŒ@%…—")


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text; ``y`` is its baseline."""

    y: float
    text: str


def placed(texts: Sequence[str], y: float, size: float) -> list[Line]:
    """``texts`` one below the other, from ``y`` on."""
    return [Line(round(y + size * LEADING * (n + 0.76), 1), text) for n, text in enumerate(texts)]


def height(texts: Sequence[str], size: float) -> float:
    """Of `placed` texts."""
    return len(texts) * size * LEADING


@lru_cache(maxsize=8192)
def width(text: str, size: float) -> float:
    """About how many units ``text`` takes in a font of ``size`` units."""
    return size * sum(map(_em, text))


@lru_cache(maxsize=1024)
def _em(letter: str) -> float:
    if letter == " " or letter in _NARROW:
        return 0.28
    if letter in _SLIM:
        return 0.38
    if letter in _WIDE:
        return 0.9
    return 0.67 if letter.isupper() else 0.575


@lru_cache(maxsize=8192)
def lines(text: str, size: float, widest: float, most: int) -> tuple[str, ...]:
    """``text`` in lines of at most ``widest`` units; what does not fit in ``most`` lines ends in
    an ellipsis. A word that is too long for a line is broken with a hyphen."""
    found: list[str] = []
    kept = " ".join(text.split()).replace(" %", "\u00a0%")  # a number and its sign stay together
    words = [part for word in kept.split(" ") for part in _parts(word, size, widest)]
    line = ""
    for word in words:
        longer = f"{line} {word}" if line else word
        if not line or width(longer, size) <= widest:
            line = longer
        else:
            found.append(line)
            line = word
    found = [one.replace("\u00a0", " ") for one in (*found, line)]
    if len(found) <= most:
        return tuple(found)
    last = found[most - 1]
    while last and width(last + " …", size) > widest:
        last = last.rpartition(" ")[0] or last[:-1]
    return (*found[: most - 1], last + " …")


def _parts(word: str, size: float, widest: float) -> list[str]:
    """The word, or its pieces where it is wider than a line."""
    pieces = []
    while width(word, size) > widest and len(word) > 6:
        length = 3
        while length < len(word) - 3 and width(word[: length + 1] + "-", size) <= widest:
            length += 1
        pieces.append(word[:length] + "-")
        word = word[length:]
    return [*pieces, word]
