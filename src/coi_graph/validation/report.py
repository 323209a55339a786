"""What validation says: results, and the report that holds them.

A report is independent of the language; `messages` carry Danish and English. Renderers are in
`coi_graph.validation.rendering`.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pyoxigraph as ox
from rdflib import Graph
from rdflib.namespace import RDF, RDFS, SH, SKOS
from rdflib.term import BNode, Literal, Node, URIRef

from ..intake.places import Severity as Severity
from ..namespaces import DCT, GRAPH, ID
from ..namespaces import SH as SHACL
from .terms import to_oxigraph

REPORT_GRAPH = GRAPH + "validation"


_SEVERITIES: dict[Node, Severity] = {URIRef(s.iri): s for s in Severity}


@dataclass(frozen=True, slots=True)
class Result:
    """One finding (https://www.w3.org/TR/shacl/#results). ``source`` is the sentence, or the
    document, that asks for the constraint."""

    focus: Node
    path: Node | None
    value: Node | None
    severity: Severity
    shape: Node
    component: Node
    messages: dict[str, str] = field(compare=False, hash=False)
    source: Node | None = field(default=None, compare=False, hash=False)
    field_names: dict[str, str] = field(default_factory=dict, compare=False, hash=False)
    path_text: str = field(default="", compare=False, hash=False)

    @property
    def key(self) -> str:
        """A name that is the same each time the same thing is found."""
        value = _in_full(self.value) if isinstance(self.value, Literal) else self.value
        parts = (self.focus, self.path_text, value, self.shape, self.component)
        return hashlib.sha256("\x00".join(map(str, parts)).encode()).hexdigest()[:24]


def _in_full(value: Literal) -> str:
    """``str`` of a literal is its text alone, as if "x"@da and "x"@en were the same."""
    return f'"{value}"@{value.language or ""}^^{value.datatype or ""}'


@dataclass(frozen=True, slots=True)
class Report:
    """All results, the worst first, then by focus node and path."""

    results: tuple[Result, ...]

    @property
    def conforms(self) -> bool:
        """True without Violations: Warnings and Infos do not block (unlike `sh:conforms`)."""
        return not any(result.severity is Severity.VIOLATION for result in self.results)

    def counts(self) -> Counter[Severity]:
        return Counter(result.severity for result in self.results)

    def without(self, known: Report) -> Report:
        """The results that ``known`` does not have."""
        seen = {result.key for result in known.results}
        return Report(tuple(r for r in self.results if r.key not in seen))


def from_pyshacl(results: Graph, shapes: Graph, data: Graph) -> Report:
    """pySHACL's result graph as a `Report`."""
    found = []
    # Results nested under sh:detail are the engine's, in its own words: not for people.
    for node in results.objects(None, SH.result):
        shape = results.value(node, SH.sourceShape)
        focus = results.value(node, SH.focusNode)
        if shape is None or focus is None:
            continue
        path = results.value(node, SH.resultPath)
        found.append(
            Result(
                focus=focus,
                path=path,
                value=results.value(node, SH.value),
                severity=_severity(results.value(node, SH.resultSeverity)),
                shape=shape,
                component=results.value(node, SH.sourceConstraintComponent) or SH.SPARQLConstraint,
                messages=_messages(results, node, shapes, shape),
                source=shapes.value(shape, URIRef(DCT + "source")),
                field_names=_names(shapes, shape) if path is not None else {},
                path_text=_path_text(shapes, results, path),
            )
        )
    return Report(tuple(sorted(found, key=order)))


def _severity(node: Node | None) -> Severity:
    """A severity of somebody's own counts as the gravest (https://www.w3.org/TR/shacl/#severity)."""
    return _SEVERITIES.get(node, Severity.VIOLATION) if node is not None else Severity.VIOLATION


def order(result: Result) -> tuple[int, str, str, str, str, str]:
    """The key by which results are sorted in a report."""
    return (
        -result.severity,
        str(result.focus),
        result.path_text,
        str(result.shape),
        str(result.value),
        str(result.component),
    )


def _messages(results: Graph, node: Node, shapes: Graph, shape: Node) -> dict[str, str]:
    """Language → message. pySHACL fills in templates of SPARQL constraints and loses their
    language on the way; the shape's own messages tell which was which."""
    messages: dict[str, str] = {}
    untagged: list[str] = []
    for message in results.objects(node, SH.resultMessage):
        if isinstance(message, Literal) and message.language:
            messages[message.language] = str(message)
        else:
            untagged.append(str(message))
    holders = [
        shape,
        *results.objects(node, SH.sourceConstraint),
        *shapes.objects(shape, SH.sparql),
    ]
    templates = [
        template
        for holder in holders
        for template in shapes.objects(holder, SH.message)
        if isinstance(template, Literal)
    ]
    for text in untagged:
        languages = {t.language or "en" for t in templates if _fits(str(t), text)}
        for language in languages or {"en"}:
            messages.setdefault(language, text)
    return messages


def _fits(template: str, text: str) -> bool:
    """Whether ``text`` is ``template`` with its ``{?places}`` filled in."""
    parts = re.split(r"\{[?$]\w+\}", template)
    return re.fullmatch(".*".join(map(re.escape, parts)), text, re.DOTALL) is not None


def _names(shapes: Graph, shape: Node) -> dict[str, str]:
    """Language → what the shape calls its field (`sh:name`)."""
    names = (name for name in shapes.objects(shape, SH.name) if isinstance(name, Literal))
    return {name.language or "en": str(name) for name in names}


def _path_text(shapes: Graph, results: Graph, path: Node | None) -> str:
    """A property path in words of SPARQL, for keys and for reports."""
    if path is None:
        return ""
    if isinstance(path, URIRef):
        return str(path)
    graph = results if (path, None, None) in results else shapes
    return " ".join(sorted(str(o) for o in graph.transitive_objects(path, None) if o != path))


def to_quads(report: Report) -> Iterator[ox.Quad]:
    """The report as `sh:ValidationReport` in its own named graph, without blank nodes."""
    graph = ox.NamedNode(REPORT_GRAPH)
    yield _quad(graph, str(RDF.type), ox.NamedNode(SHACL + "ValidationReport"))
    yield conforming(not report.results)
    for language, text in _TITLES.items():
        yield _quad(graph, str(RDFS.label), ox.Literal(text, language=language))
    for result in report.results:
        yield from result_quads(result)


def conforming(conforms: bool) -> ox.Quad:
    """SHACL's own word: any result, also a hint, and the data do not conform."""
    return _quad(ox.NamedNode(REPORT_GRAPH), SHACL + "conforms", ox.Literal(conforms))


def result_node(result: Result) -> ox.NamedNode:
    return ox.NamedNode(f"{ID}validation-result/{result.key}")


def result_quads(result: Result) -> Iterator[ox.Quad]:
    """One result of the release's report, and that it is one."""
    node = result_node(result)
    yield _quad(ox.NamedNode(REPORT_GRAPH), SHACL + "result", node)
    yield _quad(node, str(RDF.type), ox.NamedNode(SHACL + "ValidationResult"))
    yield _quad(node, SHACL + "focusNode", to_oxigraph(result.focus))
    yield _quad(node, SHACL + "resultSeverity", ox.NamedNode(result.severity.iri))
    yield _quad(node, SHACL + "sourceShape", to_oxigraph(result.shape))
    yield _quad(node, SHACL + "sourceConstraintComponent", to_oxigraph(result.component))
    if isinstance(result.path, URIRef):
        yield _quad(node, SHACL + "resultPath", to_oxigraph(result.path))
    if result.value is not None:
        yield _quad(node, SHACL + "value", to_oxigraph(result.value))
    for language, text in sorted(result.messages.items()):
        yield _quad(node, SHACL + "resultMessage", ox.Literal(text, language=language))
        yield _quad(node, str(RDFS.label), ox.Literal(text, language=language))


def _quad(subject: ox.NamedNode, predicate: str, value: Any) -> ox.Quad:
    return ox.Quad(subject, ox.NamedNode(predicate), value, ox.NamedNode(REPORT_GRAPH))


_TITLES = {"da": "Udgivelsens valideringsrapport", "en": "Validation report of the release"}


def name_of(graph: Graph, node: Node, language: str) -> str:
    """What people call ``node``: its label in ``language``, else in the other, else its IRI."""
    labels: list[Literal] = []
    for prop in (SKOS.prefLabel, URIRef(DCT + "title"), RDFS.label, SH.name):
        labels.extend(o for o in graph.objects(node, prop) if isinstance(o, Literal))
    for wanted in (language, "da", "en", None):
        for label in labels:
            if label.language == wanted:
                return str(label)
    return f"_:{node}" if isinstance(node, BNode) else str(node)


def of(results: Iterable[Result]) -> Report:
    return Report(tuple(results))
