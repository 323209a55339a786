"""Rows of a form's repeatable inputs: one more, one less, while everything else stays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .form_fields import MOST_PARTS, Input, Values, Widget, blank


def add(values: Values, name: str, inputs: Sequence[Input]) -> str:
    """One more row for the repeatable input ``name``; returns the id of what it begins with."""
    found = _repeated(values, name, inputs)
    if found is None or len(found[1]) >= MOST_PARTS:
        return ""
    one, rows = found
    rows.append(blank(one.inputs) if one.widget is Widget.PARTS else "")
    start = f"{name}-{len(rows) - 1}"
    return f"{start}-{one.inputs[0].key}" if one.widget is Widget.PARTS else start


def remove(values: Values, name: str, inputs: Sequence[Input]) -> str:
    """The row ``name:number`` goes; returns the id of the button that adds one."""
    name, _, number = name.rpartition(":")
    found = _repeated(values, name, inputs)
    if found is not None and number.isascii() and number.isdigit() and int(number) < len(found[1]):
        del found[1][int(number)]
    return f"add-{name}"


def _repeated(values: Values, name: str, inputs: Sequence[Input]) -> tuple[Input, list[Any]] | None:
    """The repeatable input of that name, and its rows; a part's own is ``part-0-key``."""
    for one in inputs:
        if one.repeats and one.key == name:
            return one, values[one.key]
        if one.widget is Widget.PARTS and name.startswith(f"{one.key}-"):
            number, _, rest = name.removeprefix(f"{one.key}-").partition("-")
            rows = values[one.key]
            if number.isascii() and number.isdigit() and int(number) < len(rows):
                return _repeated(rows[int(number)], rest, list(one.inputs))
    return None
