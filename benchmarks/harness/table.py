"""The table that a benchmark prints."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One measurement beside its peer's. ``ratio`` None where the target is a difference."""

    what: str
    ours: str
    peer: str
    theirs: str
    ratio: float | None
    target: str
    met: bool | None

    def cells(self) -> tuple[str, ...]:
        met = {True: "yes", False: "NO", None: ""}[self.met]
        ratio = "" if self.ratio is None else f"{self.ratio:.2f}"
        return self.what, self.ours, self.peer, self.theirs, ratio, self.target, met


HEAD = ("what", "ours", "peer", "theirs", "ratio", "target", "met")


def render(title: str, rows: Sequence[Row]) -> str:
    """As text with columns of equal width."""
    cells = [HEAD, *(row.cells() for row in rows)]
    widths = [max(len(line[column]) for line in cells) for column in range(len(HEAD))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in cells
    ]
    lines.insert(1, "  ".join("-" * width for width in widths))
    return "\n".join([title, "", *lines])


def milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:.1f} ms"


def a_second(rate: float) -> str:
    return f"{rate:,.0f}/s"
