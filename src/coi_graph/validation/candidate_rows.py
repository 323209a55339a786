"""What the patterns of `candidates` are made of: rows of nodes, and what is found among them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Found:
    """A pattern for some rows. An exact one finds rows that violate and no others, as needed
    beneath sh:not; ``all`` says that it finds all rows, so that no other pattern is needed.
    ``probe``: a cheaper pattern that finds something wherever this one does."""

    pattern: str
    exact: bool
    all: bool = False
    probe: str | None = None


@dataclass(frozen=True, slots=True)
class Rows:
    """A group pattern that binds ``node``. ``few``: it is so selective that it comes first.
    ``literals``: the node may be a literal."""

    pattern: str
    node: str
    few: bool = False
    literals: bool = True


def everything(rows: Rows) -> Found:
    return Found(f"{{ {rows.pattern} }}", False, all=True)


def distinct(rows: Rows) -> str:
    return f"{{ SELECT DISTINCT {rows.node} {{ {rows.pattern} }} }}"
