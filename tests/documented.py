"""What a page of the documentation tells readers to run, and what it says comes of it.

A fence ``sh run`` is run (``sh run=1``: it ends with 1), ``sparql run`` is asked, ``python run``
and ``r run`` are programs. The fence ``… output`` right after one is what comes out: `…` stands for
anything within a line, and alone on a line for any lines.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path

from markdown_it import MarkdownIt

WRITTEN = "http://localhost:8000/"


@dataclass(frozen=True)
class Block:
    """Code to run; ``expected`` is None where the page says nothing of its output."""

    language: str
    code: str
    line: int
    status: int = 0
    expected: str | None = None


def blocks(page: Path) -> list[Block]:
    found: list[Block] = []
    may_follow = False
    for token in MarkdownIt("commonmark").parse(page.read_text(encoding="utf-8")):
        if token.type != "fence":
            continue
        language, _, how = token.info.partition(" ")
        line = token.map[0] + 1 if token.map else 0
        if how.startswith("run"):
            status = int(how.partition("=")[2] or 0)
            found.append(Block(language, token.content, line, status))
        elif how == "output" and may_follow:
            found[-1] = replace(found[-1], expected=token.content)
        may_follow = how.startswith("run")
    return found


def matches(expected: str, actual: str) -> bool:
    """Blank lines at the ends and spaces at the ends of lines do not count."""
    pattern = ""
    for line in expected.strip("\n").splitlines():
        if line.strip() == "…":
            pattern += r"(?:.*\n)*?"
        else:
            parts = (re.escape(part) for part in line.rstrip().split("…"))
            pattern += "[^\n]*?".join(parts) + "\n"
    lines = [line.rstrip() for line in actual.strip("\n").splitlines()]
    return re.fullmatch(pattern, "".join(f"{line}\n" for line in lines)) is not None
