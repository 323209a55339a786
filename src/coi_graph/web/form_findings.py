"""The findings of a report beside the inputs that they are about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..intake.tables.typed import FILE, Row, Typed
from ..namespaces import shorten
from .form_fields import Input, Layout

Report = Mapping[str, Any]
_FIRST = 2  # the row of a table's first record: the header is above it
_RANKS = ("violation", "warning", "info")


@dataclass(frozen=True, slots=True)
class Said:
    """One finding. ``anchor`` is the id of its input; "" where it has none in this form."""

    severity: str
    label: str
    text: str
    mend: str
    anchor: str = ""


@dataclass
class Findings:
    """All of them, in the order of the form, and by input."""

    all: list[Said] = field(default_factory=list)
    at: dict[str, list[Said]] = field(default_factory=dict)

    @property
    def violations(self) -> list[Said]:
        return [one for one in self.all if one.severity == "violation"]

    @property
    def remarks(self) -> list[Said]:
        """What does not block, and is about no input in particular."""
        return [one for one in self.all if one.severity != "violation" and not one.anchor]


def name_of(key: str, part: str = "", number: int = 0) -> str:
    """The name of an input as WTForms gives it, which is its id too."""
    return f"{part}-{number}-{key}" if part else key


def placed(
    report: Report, typed: Typed | None, layout: Layout, language: str, *, amends: bool
) -> Findings:
    """The findings of ``report`` on ``typed``; without it they have no places. ``amends``: that
    there is a record of the name is no news."""
    placing = _Placing(typed, layout)
    order = {name: number for number, name in enumerate(placing.names())}
    found: dict[tuple[str, str], Said] = {}
    for one in report["results"]:
        name, label = placing.of(one)
        if amends and one["severity"] == "info" and name == "identifier":
            continue
        problem = _sentence(one["problem"][language])
        if f"“{label.lower()}”" in problem.lower():
            if problem.lower().startswith(f"“{label.lower()}”"):
                problem = f"“{label}”{problem[len(label) + 2 :]}"
            label = ""  # it is said
        said = Said(
            one["severity"],
            label,
            problem,
            _sentence((one["mend"] or {}).get(language, "")),
            name,
        )
        found.setdefault((name, said.text), said)
    made = Findings()
    for said in sorted(
        found.values(),
        key=lambda one: (order.get(one.anchor, len(order)), _RANKS.index(one.severity)),
    ):
        made.all.append(said)
        if said.anchor:
            made.at.setdefault(said.anchor, []).append(said)
    return made


class _Placing:
    def __init__(self, typed: Typed | None, layout: Layout) -> None:
        self._inputs = layout.inputs()
        self._parts = {one.part: one for one in self._inputs if one.part}
        self._typed = typed
        self._tables = {table.kind: table for table in typed.tables} if typed else {}

    def names(self) -> list[str]:
        """Those of all inputs, as they follow each other in the form."""
        found = []
        for one in self._inputs:
            found.append(one.key)
            table = self._tables.get(one.part)
            for number in range(len(table.rows) if table else 0):
                found += [name_of(inner.key, one.key, number) for inner in one.inputs]
        return found

    def of(self, finding: Mapping[str, Any]) -> tuple[str, str]:
        """(the name of the input, its label)"""
        place = finding["place"]
        if self._typed is None or not place or place["file"] != FILE or place["column"] is None:
            return "", ""
        table = self._tables.get(place["sheet"])
        if table is None:
            return "", ""
        owner = self._parts.get(table.kind)
        inputs = self._inputs if owner is None else owner.inputs
        number = max(0, (place["row"] or _FIRST) - _FIRST)
        column = place["column"] - 1
        key = table.columns[column] if column < len(table.columns) else ""
        if key in ("", "identifier"):
            if finding["field"]:
                key = _by_path(finding["field"]["path"], inputs) or key
            elif finding["rule"] and owner is None:
                return "", ""  # a rule on the record as a whole
        elif finding["found"] is None and number < len(table.rows):
            key = _empty(key, inputs, table.rows[number])
        one = next((one for one in inputs if one.key == key), None)
        if owner is None:
            return (one.key, one.label) if one else ("", "")
        if one is None:  # of the part as a whole, or of what it belongs to
            return (owner.key, owner.label) if finding["field"] else ("identifier", "")
        return name_of(one.key, owner.key, number), f"{owner.label} {number + 1}: {one.label}"


def _empty(key: str, inputs: Sequence[Input], row: Row) -> str:
    """The input in whose language the text is missing, where the other one has it."""
    one = next((one for one in inputs if one.key == key), None)
    if one is None or not one.lang or not row.get(key):
        return key
    others = [other.key for other in inputs if other.of == one.of and not row.get(other.key)]
    return others[0] if others else key


def _by_path(path: str, inputs: Sequence[Input]) -> str:
    for one in inputs:
        if one.of and path.strip("<>") in (one.of.path, shorten(one.of.path)):
            return one.key
    return ""


def _sentence(text: str) -> str:
    text = text[:1].upper() + text[1:]
    return text if not text or text[-1] in ".!?:…" else f"{text}."
