"""A report as text, JSON, CSV and RDF, in Danish or English."""

from __future__ import annotations

import csv
import io
import json
import textwrap
from collections.abc import Callable

import pyoxigraph as ox
from rdflib import Graph
from rdflib.term import Node, URIRef

from ..i18n import Message, both
from ..intake.syntax import printable
from ..namespaces import OA, PREFIXES, shorten
from . import report
from .contribution import Place
from .report import Report, Result, Severity

Locate = Callable[[Node], Place | None]

_WORDS = {
    Severity.VIOLATION: Message("error"),
    Severity.WARNING: Message("warning"),
    Severity.INFO: Message("hint"),
}
_WIDTH = 96


def as_text(found: Report, graph: Graph, language: str, locate: Locate) -> str:
    """Like a good compiler's: place, severity, the mend, what was found, who asks for it."""
    lines = []
    for result in found.results:
        place = locate(result.focus)
        head = f"{place}: " if place else ""
        name = report.name_of(graph, result.focus, language)
        lines.append(f"{head}{_WORDS[result.severity].in_language(language)}: {name}")
        lines.extend(_wrapped(_message(result, language), "  "))
        if result.path_text:
            field = _field(result, graph, language)
            lines.append(f"  {Message('field').in_language(language)}: {field}")
        if result.value not in (None, result.focus):
            value = _value(result.value, graph, language)
            lines.extend(_wrapped(value, f"  {Message('found').in_language(language)}: "))
        if quote := quoted_sentence(graph, result.source):
            lines.extend(_wrapped(f"“{quote}”", f"  {Message('because').in_language(language)}: "))
        elif isinstance(result.source, URIRef):
            lines.append(f"  {Message('because').in_language(language)}: {result.source}")
        lines.append(f"  {Message('rule').in_language(language)}: {shorten(str(result.shape))}")
        lines.append("")
    lines.append(summary(found).in_language(language))
    return "\n".join(map(printable, lines)) + "\n"


def summary(found: Report) -> Message:
    """One sentence: how many of each severity, and whether it can be published."""
    counts = found.counts()
    numbers = {
        "errors": counts[Severity.VIOLATION],
        "warnings": counts[Severity.WARNING],
        "hints": counts[Severity.INFO],
    }
    if not found.results:
        return Message("No findings: this can be published.")
    if found.conforms:
        return Message("%(warnings)s warnings, %(hints)s hints: this can be published.", **numbers)
    return Message(
        "%(errors)s errors, %(warnings)s warnings, %(hints)s hints: "
        "the errors must be mended before this can be published.",
        **numbers,
    )


def as_json(found: Report, graph: Graph, locate: Locate) -> str:
    """Every result with both languages; the document's shape is in docs/reference/reports.md."""
    results = []
    for result in found.results:
        place = locate(result.focus)
        results.append(
            {
                "severity": result.severity.name.lower(),
                "focus": str(result.focus),
                "name": {lang: report.name_of(graph, result.focus, lang) for lang in ("da", "en")},
                "path": result.path_text or None,
                "value": None if result.value is None else str(result.value),
                "message": {lang: _message(result, lang) for lang in ("da", "en")},
                "shape": str(result.shape),
                "component": str(result.component),
                "source": None if result.source is None else str(result.source),
                "quote": quoted_sentence(graph, result.source),
                "file": place.file if place else None,
                "line": place.line if place else None,
            }
        )
    document = {
        "conforms": found.conforms,
        "summary": both(summary(found)),
        "results": results,
    }
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def as_csv(found: Report, graph: Graph, language: str, locate: Locate) -> str:
    """One row a result, with a header in ``language``."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    heads = ("severity", "file", "line", "record", "field", "found", "message", "rule")
    writer.writerow([_HEADS[head].in_language(language) for head in heads])
    for result in found.results:
        place = locate(result.focus)
        writer.writerow(
            [
                _WORDS[result.severity].in_language(language),
                place.file if place else "",
                place.line if place and place.line else "",
                report.name_of(graph, result.focus, language),
                _field(result, graph, language),
                "" if result.value is None else _value(result.value, graph, language),
                _message(result, language),
                str(result.shape),
            ]
        )
    return buffer.getvalue()


_HEADS = {
    "severity": Message("severity"),
    "file": Message("file"),
    "line": Message("line"),
    "record": Message("record"),
    "field": Message("field"),
    "found": Message("found"),
    "message": Message("what to do"),
    "rule": Message("rule"),
}


def as_turtle(found: Report) -> str:
    """`sh:ValidationReport`, with the messages in both languages."""
    text = ox.serialize(
        (quad.triple for quad in report.to_quads(found)),
        format=ox.RdfFormat.TURTLE,
        prefixes={name: PREFIXES[name] for name in ("sh", "rdfs", "xsd", "coi", "coish")},
    )
    return text.decode("utf-8") if text is not None else ""


def quoted_sentence(graph: Graph, source: Node | None) -> str | None:
    """The framework's own words behind an `oa:Annotation`; None for another source."""
    if source is None:
        return None
    for target in graph.objects(source, URIRef(OA + "hasTarget")):
        for selector in graph.objects(target, URIRef(OA + "hasSelector")):
            exact = graph.value(selector, URIRef(OA + "exact"))
            if exact is not None:
                return str(exact)
    return None


def _message(result: Result, language: str) -> str:
    messages = result.messages
    return messages.get(language) or messages.get("en") or next(iter(messages.values()), "")


def _field(result: Result, graph: Graph, language: str) -> str:
    if language in result.field_names:
        return result.field_names[language]
    if isinstance(result.path, URIRef):
        return report.name_of(graph, result.path, language)
    return result.path_text


def _value(value: Node, graph: Graph, language: str) -> str:
    return report.name_of(graph, value, language) if isinstance(value, URIRef) else str(value)


def _wrapped(text: str, lead: str) -> list[str]:
    return textwrap.wrap(
        text, _WIDTH, initial_indent=lead, subsequent_indent=" " * len(lead), break_long_words=False
    ) or [lead.rstrip()]
