"""A report as plain data: what every form of it is made from (docs/reference/reports.md)."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import version
from typing import Any

from rdflib.namespace import SH

from .. import __version__
from ..i18n import Message, both
from ..intake.places import Place, Remark, Severity
from ..namespaces import BASE
from .explanation import Explainer, Finding
from .report import Report, Result

#: The shape of the document; another number when a reader of this one would misunderstand it.
SCHEMA = BASE + "schema/validation-report"
VERSION = 1
MOST_LISTED = 2000  # results that are written out
MOST_OF_A_CAUSE = 200

Document = dict[str, Any]
_Any = Finding | Result | tuple[Remark, Result | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A file as it was sent."""

    name: str
    data: bytes
    graph: str | None = None  # None: it could not be read
    statements: int = 0

    def describe(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "bytes": len(self.data),
            "sha256": hashlib.sha256(self.data).hexdigest(),
            "graph": self.graph,
            "statements": self.statements,
            "readable": self.graph is not None,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Against:
    """What files were checked against."""

    release: int | None
    content_hash: str | None
    shapes_version: str
    shapes_sha256: str


def assemble(
    files: Sequence[File],
    against: Against,
    scope: dict[str, Any],
    *,
    unread: Sequence[Finding] = (),
    remarks: Sequence[Remark] = (),
    report: Report | None = None,
    mended: Report | None = None,
    explainer: Explainer | None = None,
) -> Document:
    """The document of one check."""
    found: list[tuple[Severity, tuple[str, ...], _Any]] = [
        (Severity.VIOLATION, ("file", str(one["problem"]["en"])), one) for one in unread
    ]
    folded, also = _folded(report.results if report else ())
    follows = _consequences(remarks, folded, explainer) if explainer else {}
    for number, remark in enumerate(remarks):
        result = follows.get(number)
        asked_by = () if result is None else (str(result.shape),)
        found.append(
            (remark.severity, ("reading", remark.message.msgid, *asked_by), (remark, result))
        )
    explained = {id(result) for result in follows.values()}
    for one in folded:
        if id(one) in explained:
            continue
        cause = (str(one.shape), str(one.component), one.path_text)
        found.append((one.severity, cause, one))
    counts = Counter(severity for severity, _, _ in found)
    results, groups = _listed(found, explainer)
    for finding in results:
        finding["also"] = also.get(finding["key"], [])
    described = [file.describe() for file in files]
    whole = hashlib.sha256("\n".join(one["sha256"] for one in described).encode())
    conforms = not counts[Severity.VIOLATION]
    return {
        "$schema": SCHEMA,
        "version": VERSION,
        "id": None,
        "address": None,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "conforms": conforms,
        "readable": all(one["readable"] for one in described),
        "summary": both(summary(counts, readable=all(one["readable"] for one in described))),
        "counts": {severity.name.lower(): counts[severity] for severity in reversed(Severity)},
        "listed": len(results),
        "data": {
            "sha256": described[0]["sha256"] if len(described) == 1 else whole.hexdigest(),
            "files": described,
        },
        "release": None
        if against.release is None
        else {"number": against.release, "content_hash": against.content_hash},
        "shapes": {"version": against.shapes_version, "sha256": against.shapes_sha256},
        "software": {
            "name": "coi-graph",
            "version": __version__,
            "engine": _engine(),
        },
        "scope": scope,
        "groups": groups,
        "results": results,
        "tables": [],
        "mends": [_short(one, explainer) for one in mended.results[:MOST_OF_A_CAUSE]]
        if mended and explainer
        else [],
        "compared": None,
    }


@cache
def _engine() -> str:
    return f"pySHACL {version('pyshacl')}"


def summary(counts: Counter[Severity], *, readable: bool = True) -> Message:
    """One sentence: how many of each severity, and whether it can be published."""
    if not readable:
        return Message("Not everything could be read. Mend that first, and send it again.")
    if not counts.total():
        return Message("No findings: this can be published.")
    errors, warnings, hints = (
        counts[one] for one in (Severity.VIOLATION, Severity.WARNING, Severity.INFO)
    )
    numbers = {
        "errors": Message("1 error") if errors == 1 else Message("%(n)s errors", n=errors),
        "warnings": Message("1 warning")
        if warnings == 1
        else Message("%(n)s warnings", n=warnings),
        "hints": Message("1 hint") if hints == 1 else Message("%(n)s hints", n=hints),
    }
    if not errors:
        return Message("%(warnings)s, %(hints)s: this can be published.", **numbers)
    return Message(
        "%(errors)s, %(warnings)s, %(hints)s: "
        "the errors must be mended before this can be published.",
        **numbers,
    )


def _folded(results: Iterable[Result]) -> tuple[list[Result], dict[str, list[str]]]:
    """One finding for a value that offends one shape in several ways: a date that is a text is no
    date and lacks its time zone, but there is one thing to mend. With the other components of
    each, by its key."""
    first: dict[tuple[object, ...], Result] = {}
    also: dict[str, list[str]] = {}
    for one in results:
        what = (one.focus, one.path_text, one.value, one.shape)
        kept = first.setdefault(what, one) if one.value is not None else one
        if kept is one:
            first.setdefault((*what, one.component, id(one)), one)
        elif str(one.component) != str(kept.component):
            also.setdefault(kept.key, []).append(str(one.component))
    return list({id(one): one for one in first.values()}.values()), also


def _consequences(
    remarks: Sequence[Remark], results: Iterable[Result], explainer: Explainer
) -> dict[int, Result]:
    """Remark (by its number) → the result that says no more than that its cell's value is
    missing. There is one thing to mend."""
    places = {
        remark.place: number
        for number, remark in enumerate(remarks)
        if remark.place.cell and remark.severity is Severity.VIOLATION
    }
    found: dict[int, Result] = {}
    if places:
        for one in results:
            if one.component == SH.MinCountConstraintComponent:
                number = places.get(explainer.place_of(one) or Place(""))
                if number is not None:
                    found.setdefault(number, one)
    return found


def _listed(
    found: Iterable[tuple[Severity, tuple[str, ...], _Any]],
    explainer: Explainer | None,
) -> tuple[list[Finding], list[dict[str, Any]]]:
    """Findings in groups of one cause, the worst first; a bounded number of them explained."""
    causes: dict[tuple[Severity, tuple[str, ...]], list[_Any]] = {}
    for severity, cause, one in sorted(found, key=lambda item: -item[0]):
        causes.setdefault((severity, cause), []).append(one)
    results: list[Finding] = []
    groups = []
    for (severity, cause), members in causes.items():
        listed = members[: min(MOST_OF_A_CAUSE, MOST_LISTED - len(results))]
        first = len(results)
        results += [_explained(one, explainer) for one in listed]
        groups.append(
            {
                "key": hashlib.sha256("\x00".join(cause).encode()).hexdigest()[:12],
                "severity": severity.name.lower(),
                "count": len(members),
                "results": list(range(first, len(results))),
                **_title(results[first:], members[0], explainer),
            }
        )
    return results, groups


def _title(listed: list[Finding], member: _Any, explainer: Explainer | None) -> dict[str, Any]:
    """What the findings of a group have in common."""
    one = listed[0] if listed else _explained(member, explainer)
    shared = ("field", "mend", "because", "rule", "component")
    return {"problem": one["problem"], **{name: one[name] for name in shared}}


def _explained(one: _Any, explainer: Explainer | None) -> Finding:
    if isinstance(one, dict):
        return one
    assert explainer is not None
    return explainer.remarked(*one) if isinstance(one, tuple) else explainer.explain(one)


def _short(result: Result, explainer: Explainer) -> dict[str, Any]:
    made = explainer.explain(result)
    return {name: made[name] for name in ("key", "severity", "record", "field", "problem")}


def compare(document: Document, previous: Document) -> None:
    """Says in ``document`` what has been fixed since ``previous``, what remains, what is new.

    A finding is the same when record, field, rule and kind of fault are: a wrong value that was
    replaced by another wrong one remains.
    """
    before = Counter(one["about"] for one in previous["results"])
    now: Counter[str] = Counter()
    for one in document["results"]:
        now[one["about"]] += 1
        known = now[one["about"]] <= before[one["about"]]
        one["status"] = "remains" if known else "new"
    gone = before - now
    fixed = []
    for one in previous["results"]:
        if gone[one["about"]] > 0:
            gone[one["about"]] -= 1
            names = ("key", "severity", "record", "field", "problem", "place")
            fixed.append({name: one[name] for name in names})
    statuses = Counter(one["status"] for one in document["results"])
    document["compared"] = {
        "previous": previous["id"],
        "address": previous["address"],
        "created": previous["created"],
        "fixed": fixed,
        "remaining": statuses["remains"],
        "new": statuses["new"],
        "whole": all(one["listed"] == sum(one["counts"].values()) for one in (document, previous)),
    }


def rename_files(document: Document, names: Mapping[str, str]) -> None:
    """Calls each file what it is called where the report is read; ``names`` is old → new."""
    for file in document["data"]["files"]:
        file["name"] = names.get(file["name"], file["name"])
    for one in document["results"]:
        place = one["place"]
        if place and place["file"] in names:
            new = names[place["file"]]
            place["shown"] = new + place["shown"].removeprefix(place["file"])
            place["file"] = new
    for table in document["tables"]:
        table["file"] = names.get(table["file"], table["file"])
