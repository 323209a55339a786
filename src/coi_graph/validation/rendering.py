"""A report as text, JSON and CSV, in Danish or English."""

from __future__ import annotations

import csv
import io
import json
import textwrap
from typing import Any

from ..i18n import Message
from ..intake.syntax import printable
from ..namespaces import shorten
from .document import Document
from .explanation import Finding

_WORDS = {
    "violation": Message("error"),
    "warning": Message("warning"),
    "info": Message("hint"),
}
_STATUS = {"new": Message("new"), "remains": Message("remains")}
_WIDTH = 96
_CHOICES = 5  # of a list, in one sentence


def as_text(document: Document, language: str) -> str:
    """Like a good compiler's: place, severity, the line itself, the mend, an example, and who
    asks for it; at the end whether it can be published."""
    lines: list[str] = []
    for group in document["groups"]:
        listed = [document["results"][index] for index in group["results"]]
        for one in listed:
            lines += [*_finding(one, language), ""]
        if more := group["count"] - len(listed):
            problem = group["problem"][language]
            text = Message("and %(count)s more: %(problem)s", count=more, problem=problem)
            lines += [text.in_language(language), ""]
    if document["compared"]:
        lines += _compared(document["compared"], language)
    for one in document["mends"]:
        text = Message("mends what is published: %(name)s", name=line(one, language))
        lines.append(text.in_language(language))
    if document["scope"]["why"]:
        lines.append(document["scope"]["why"][language])
    lines.append(document["summary"][language])
    return "\n".join(map(printable, lines)) + "\n"


def _finding(one: Finding, language: str) -> list[str]:
    def say(text: Message) -> str:
        return text.in_language(language)

    place = one["place"]
    head = f"{place['shown']}: " if place else ""
    status = f" ({say(_STATUS[one['status']])})" if "status" in one else ""
    lines = [f"{head}{say(_WORDS[one['severity']])}{status}: {line(one, language)}"]
    if place and place["text"] is not None:
        number = str(place["line"])
        margin = " " * len(number)
        caret = " " * place["mark"] + "^"
        lines += [f"  {margin} |", f"  {number} | {place['text']}", f"  {margin} | {caret}"]
    if one["mend"]:
        lines += _wrapped(one["mend"][language], "  ")
    if one["found"]:
        lines += _wrapped(found_text(one["found"], language), f"  {say(Message('found'))}: ")
    if text := expected_text(one["expected"], language):
        lines += _wrapped(text, f"  {say(Message('expected'))}: ")
    if one["example"]:
        lines += _example(one["example"], language)
    if because := because_text(one["because"], language):
        lines += _wrapped(because, f"  {say(Message('because'))}: ")
    if one["rule"]:
        lines.append(f"  {say(Message('rule'))}: {shorten(one['rule']['iri'])}")
    return lines


def line(one: Finding, language: str) -> str:
    """Record and problem in one line."""
    problem: str = one["problem"][language]
    if not one["record"]:
        return problem
    name, kind = one["record"]["name"][language], one["record"]["kind"]
    return f"{name} ({kind[language]}): {problem}" if kind else f"{name}: {problem}"


def _example(example: dict[str, Any], language: str) -> list[str]:
    def say(text: Message) -> str:
        return text.in_language(language)

    title = Message("did you mean") if example["guess"] else Message("for example")
    write = example["write"][language]
    if example["kind"] in ("cell", "words"):
        return _wrapped(write, f"  {say(title)}: ")
    if example["instead_of"] and len(example["values"]) == 1:
        value = example["values"][0]
        name = "" if value["written"].startswith('"') else f" ({value['name'][language]})"
        return _wrapped(f"{value['written']}{name}", f"  {say(title)}: ")
    return [f"  {say(title)}:", *(f"    {line}" for line in write.splitlines())]


def example_text(one: Finding, language: str) -> str:
    """What to write in a table, in one sentence; "" without an example for one."""
    example = one["example"]
    if not example or example["kind"] == "turtle" or not example["write"][language]:
        return ""
    title = Message("did you mean") if example["guess"] else Message("for example")
    return f"{title.in_language(language).capitalize()}: {example['write'][language]}"


def found_text(found: dict[str, Any], language: str) -> str:
    """A value as a person reads it."""
    term = found["term"] or {"type": "literal"}
    if term["type"] == "literal":
        tag = f" ({term['xml:lang']})" if "xml:lang" in term else ""
        return f"{quoted(found['text'], language)}{tag}"
    if found["name"]:
        return f"{found['name'][language]} <{found['text']}>"
    return f"<{found['text']}>"


def expected_text(expected: dict[str, Any] | None, language: str) -> str:
    """What the field takes, with the first values of its list."""
    if not expected:
        return ""
    text: str = expected["text"][language]
    names = [one["name"][language] for one in expected["choices"][:_CHOICES]]
    if not names:
        return text
    listed = "; ".join(names)
    if count := expected["more"] + len(expected["choices"]) - len(names):
        more = Message("and %(count)s more", count=count).in_language(language)
        listed = f"{listed} … {more}"
    return f"{text}: {listed}" if text else listed


def quoted(text: str, language: str) -> str:
    """In the language's own quotation marks."""
    return Message("“%(text)s”", text=text).in_language(language)


def because_text(because: dict[str, Any] | None, language: str) -> str:
    if not because:
        return ""
    if because["quote"]:
        return quoted(" ".join(because["quote"].split()), language)
    title = because["title"]
    return f"{title[language]} <{because['iri']}>" if title else f"<{because['iri']}>"


def _compared(compared: dict[str, Any], language: str) -> list[str]:
    text = Message(
        "since last time: %(fixed)s fixed, %(remaining)s remaining, %(new)s new",
        fixed=len(compared["fixed"]),
        remaining=compared["remaining"],
        new=compared["new"],
    )
    fixed = Message("fixed").in_language(language)
    return [
        *(f"{fixed}: {line(one, language)}" for one in compared["fixed"]),
        text.in_language(language),
    ]


def as_json(document: Document) -> str:
    """The document itself; its shape is in docs/reference/reports.md."""
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


_HEADS = {
    "severity": Message("severity"),
    "file": Message("file"),
    "line": Message("line"),
    "column": Message("column"),
    "sheet": Message("sheet"),
    "cell": Message("cell"),
    "record": Message("record"),
    "iri": Message("address of the record"),
    "field": Message("field"),
    "problem": Message("problem"),
    "found": Message("found"),
    "expected": Message("expected"),
    "mend": Message("what to do"),
    "example": Message("example"),
    "because": Message("because"),
    "rule": Message("rule"),
}
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def as_csv(document: Document, language: str) -> str:
    """One row a finding, with a header in ``language``. A cell that a spreadsheet would run as a
    formula begins with an apostrophe: what stands in it was written by others."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow([head.in_language(language) for head in _HEADS.values()])
    for one in document["results"]:
        place, record, field = one["place"] or {}, one["record"], one["field"]
        example, rule = one["example"], one["rule"]
        row = {
            "severity": _WORDS[one["severity"]].in_language(language),
            **{name: place.get(name) for name in ("file", "line", "column", "sheet", "cell")},
            "record": record["name"][language] if record else "",
            "iri": record["iri"] if record else "",
            "field": field["name"][language] if field else "",
            "problem": one["problem"][language],
            "found": one["found"]["text"] if one["found"] else "",
            "expected": expected_text(one["expected"], language),
            "mend": one["mend"][language] if one["mend"] else "",
            "example": _statements(example["write"][language]) if example else "",
            "because": because_text(one["because"], language),
            "rule": rule["iri"] if rule else "",
        }
        writer.writerow([_safe(row[name]) for name in _HEADS])
    return buffer.getvalue()


def _statements(written: str) -> str:
    """An example without the prefixes that it begins with."""
    return "\n".join(line for line in written.splitlines() if not line.startswith("@prefix"))


def _safe(value: object) -> object:
    text = "" if value is None else value
    return f"'{text}" if isinstance(text, str) and text.startswith(_FORMULA) else text


def _wrapped(text: str, lead: str) -> list[str]:
    return textwrap.wrap(
        text,
        _WIDTH,
        initial_indent=lead,
        subsequent_indent=" " * len(lead),
        break_long_words=False,
        break_on_hyphens=False,
    ) or [lead.rstrip()]
