"""A check of the shapes themselves, before any data are validated with them.

pySHACL passes over a term that it does not know (SHACL 1.2, SHACL-AF, a typo) without a word, so
that the shape checks less than it says; and a result is only worth reading when its shape says, in
both languages, how to mend it and who asks for it. SHACL-SHACL looks at neither.

The terms are those of SHACL 1.0, Core and SPARQL (https://www.w3.org/TR/shacl/), as far as pySHACL
0.40.1 evaluates them without its ``advanced`` mode.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from pyparsing import ParseException
from rdflib import Graph, URIRef
from rdflib.namespace import DCTERMS, RDF, RDFS, SH
from rdflib.plugins.sparql import prepareQuery
from rdflib.term import BNode, Literal, Node

from ..i18n import LANGUAGES

NODE_SHAPE: Final = "node shape"
PROPERTY_SHAPE: Final = "property shape"
_QUERY: Final = "query"
_PATH: Final = "path"
_PREFIX: Final = "prefix declaration"
_GROUP: Final = "property group"
_ANY: Final = "anything"

_SHAPES = {NODE_SHAPE, PROPERTY_SHAPE}
_TARGETS = {SH.targetClass, SH.targetNode, SH.targetObjectsOf, SH.targetSubjectsOf}
_LISTS = {SH["and"], SH["or"], SH.xone}  # parameters whose value is a list of shapes
_SHAPE_VALUED = {SH.node, SH["not"], SH.property, SH.qualifiedValueShape}
_CONSTRAINTS = {
    SH["class"], SH.closed, SH.datatype, SH.disjoint, SH.equals, SH.hasValue, SH.ignoredProperties,
    SH["in"], SH.languageIn, SH.maxExclusive, SH.maxInclusive, SH.maxLength, SH.minExclusive,
    SH.minInclusive, SH.minLength, SH.nodeKind, SH.pattern, SH.flags, SH.sparql,
    *_LISTS, *(_SHAPE_VALUED - {SH.qualifiedValueShape}),
}  # fmt: skip
_OF_PATHS = {
    SH.lessThan, SH.lessThanOrEquals, SH.maxCount, SH.minCount, SH.qualifiedMaxCount,
    SH.qualifiedMinCount, SH.qualifiedValueShape, SH.qualifiedValueShapesDisjoint, SH.uniqueLang,
}  # fmt: skip
_PATHS = {
    SH.alternativePath, SH.inversePath, SH.oneOrMorePath, SH.zeroOrMorePath, SH.zeroOrOnePath,
}  # fmt: skip

#: Each predicate of SHACL 1.0 → the kinds of node that may carry it.
_PREDICATES: dict[Node, set[str]] = {
    **dict.fromkeys(_TARGETS | _CONSTRAINTS, _SHAPES),
    **dict.fromkeys(_OF_PATHS, {PROPERTY_SHAPE}),
    **dict.fromkeys(
        (SH.path, SH.name, SH.description, SH.group, SH.defaultValue), {PROPERTY_SHAPE}
    ),
    **dict.fromkeys(_PATHS, {_PATH}),
    **dict.fromkeys((SH.select, SH.prefixes), {_QUERY}),
    **dict.fromkeys((SH.prefix, SH.namespace), {_PREFIX}),
    SH.declare: {_ANY},
    SH.deactivated: _SHAPES | {_QUERY},
    SH.message: _SHAPES | {_QUERY},
    SH.order: {PROPERTY_SHAPE, _GROUP},
    SH.severity: _SHAPES,
}
_SEVERITIES = {SH.Info, SH.Violation, SH.Warning}
_VALUES = _SEVERITIES | {
    SH.BlankNode, SH.BlankNodeOrIRI, SH.BlankNodeOrLiteral, SH.IRI, SH.IRIOrLiteral, SH.Literal,
    SH.NodeShape, SH.PrefixDeclaration, SH.PropertyGroup, SH.PropertyShape, SH.SPARQLConstraint,
}  # fmt: skip

_WORDING: dict[str, tuple[str, str]] = {
    "bad-query": (
        "the query cannot be read: {what}",
        "forespørgslen kan ikke læses: {what}",
    ),
    "language-on-string": (
        "{what} must be a plain string; take the language tag away",
        "{what} skal være en ren tekst; fjern sprogmærket",
    ),
    "message-language": (
        "a message is in {what}; write messages with the tags da and en only",
        "en meddelelse er på {what}; skriv kun meddelelser med mærkerne da og en",
    ),
    "message-missing": (
        "there is no message in {what}; say there how to mend the data",
        "der er ingen meddelelse på {what}; skriv, hvordan data rettes",
    ),
    "message-repeated": (
        "there is more than one message in {what}; keep one, which says how to mend the data",
        "der er mere end én meddelelse på {what}; behold én, som siger, hvordan data rettes",
    ),
    "misplaced-term": (
        "{what} does not belong here; the engine would ignore it",
        "{what} hører ikke til her; motoren ville se bort fra det",
    ),
    "name-missing": (
        "there is no name in {what}: sh:name of a property shape, rdfs:label of a node shape",
        "der er intet navn på {what}: sh:name på en egenskabsform, rdfs:label på en knudeform",
    ),
    "severity-missing": (
        "it must have exactly one sh:severity",
        "der skal være netop én sh:severity",
    ),
    "severity-unknown": (
        "{what} is no severity; use sh:Violation, sh:Warning or sh:Info",
        "{what} er ingen alvorsgrad; brug sh:Violation, sh:Warning eller sh:Info",
    ),
    "source-missing": (
        "it must have exactly one dct:source: the sentence or the document that asks for it",
        "der skal være netop én dct:source: den sætning eller det dokument, der kræver det",
    ),
    "unknown-term": (
        "{what} is no term of SHACL 1.0 that the engine evaluates",
        "{what} er ikke et ord i SHACL 1.0, som motoren bruger",
    ),
    "unnamed-shape": (
        "a property shape, or a shape with a target, must have an IRI",
        "en egenskabsform eller en form med et mål skal have en IRI",
    ),
    "unused-shape": (
        "it has no target and nothing refers to it, so it would never be used",
        "den har intet mål, og intet henviser til den, så den ville aldrig blive brugt",
    ),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong with a shape; ``node`` is the shape, or the node beneath it."""

    code: str
    node: Node
    message_en: str
    message_da: str

    def __str__(self) -> str:
        return f"{self.node.n3()}: {self.message_en} [{self.code}]"


def lint(graph: Graph) -> list[Finding]:
    """All findings in a shapes graph, by node and then by code; empty where it is in order."""
    found = {
        *_unknown_terms(graph),
        *_misplaced_terms(graph),
        *_strings(graph),
        *_queries(graph),
        *_unnamed_and_unused(graph),
    }
    for shape in _reporting(graph):
        found.update(_reported(graph, shape))
    return sorted(found, key=lambda one: (str(one.node), one.code, one.message_en))


def _finding(code: str, node: Node, what: str = "") -> Finding:
    english, danish = _WORDING[code]
    return Finding(code, node, english.format(what=what), danish.format(what=what))


def _unknown_terms(graph: Graph) -> Iterator[Finding]:
    for node, predicate, value in graph:
        if predicate in SH and predicate not in _PREDICATES:
            yield _finding("unknown-term", node, _short(predicate))
        about_severity = predicate == SH.severity  # has a finding of its own
        if (
            isinstance(value, URIRef)
            and value in SH
            and not about_severity
            and value not in _VALUES
        ):
            yield _finding("unknown-term", node, _short(value))


def _misplaced_terms(graph: Graph) -> Iterator[Finding]:
    shapes = _shapes(graph)
    for node in set(graph.subjects()):
        kinds = _kinds(graph, node, shapes)
        for predicate in set(graph.predicates(node)):
            allowed = _PREDICATES.get(predicate)
            if allowed is not None and _ANY not in allowed and not kinds & allowed:
                yield _finding("misplaced-term", node, _short(predicate))
        if PROPERTY_SHAPE in kinds and (node, RDF.type, SH.NodeShape) in graph:
            yield _finding("misplaced-term", node, "sh:NodeShape")
        if NODE_SHAPE in kinds and (node, RDF.type, SH.PropertyShape) in graph:
            yield _finding("misplaced-term", node, "sh:PropertyShape")


def _strings(graph: Graph) -> Iterator[Finding]:
    for predicate in (SH.pattern, SH.flags, SH.select, SH.prefix):
        for node, value in graph.subject_objects(predicate):
            if isinstance(value, Literal) and value.language:
                yield _finding("language-on-string", node, _short(predicate))


def _queries(graph: Graph) -> Iterator[Finding]:
    """Queries that rdflib cannot parse with the prefixes that they refer to."""
    for node, text in graph.subject_objects(SH.select):
        prefixes = {
            str(graph.value(declaration, SH.prefix)): str(graph.value(declaration, SH.namespace))
            for holder in graph.objects(node, SH.prefixes)
            for declaration in graph.objects(holder, SH.declare)
        }
        head = "".join(f"PREFIX {name}: <{iri}>\n" for name, iri in prefixes.items())
        try:
            prepareQuery(head + str(text))
        except ParseException as error:
            yield _finding("bad-query", node, str(error).splitlines()[0])
        except Exception as error:  # rdflib raises a bare Exception for an unknown prefix
            yield _finding("bad-query", node, str(error))


def _unnamed_and_unused(graph: Graph) -> Iterator[Finding]:
    for shape in _shapes(graph):
        has_target = any((shape, target, None) in graph for target in _TARGETS)
        named = isinstance(shape, URIRef)
        if not named and (has_target or (shape, SH.path, None) in graph):
            yield _finding("unnamed-shape", shape)
        if named and not has_target and shape not in _referred_to(graph):
            yield _finding("unused-shape", shape)


def _reported(graph: Graph, shape: Node) -> Iterator[Finding]:
    """What a shape must say that can be the source shape of a result."""
    severities = set(graph.objects(shape, SH.severity))
    if len(severities) != 1:
        yield _finding("severity-missing", shape)
    for severity in severities - _SEVERITIES:
        yield _finding("severity-unknown", shape, _short(severity))
    if len(set(graph.objects(shape, DCTERMS.source))) != 1:
        yield _finding("source-missing", shape)
    name = SH.name if (shape, SH.path, None) in graph else RDFS.label
    names = _languages(graph.objects(shape, name))
    for language in LANGUAGES:
        if language not in names:
            yield _finding("name-missing", shape, language)
    messages = _languages(
        message
        for holder in (shape, *graph.objects(shape, SH.sparql))
        for message in graph.objects(holder, SH.message)
    )
    for language in LANGUAGES:
        if language not in messages:
            yield _finding("message-missing", shape, language)
    for tag in set(messages):
        if tag not in LANGUAGES:
            yield _finding("message-language", shape, tag or "no language")
        elif messages.count(tag) > 1:
            yield _finding("message-repeated", shape, tag)


def _languages(values: Iterable[Node]) -> list[str]:
    return [v.language or "" for v in values if isinstance(v, Literal)]


def _reporting(graph: Graph) -> set[Node]:
    """Shapes with a target and constraints of their own, and the property shapes beneath them."""
    found: set[Node] = set()
    waiting = [s for target in _TARGETS for s in graph.subjects(target)]
    seen: set[Node] = set()
    while waiting:
        shape = waiting.pop()
        if shape in seen:
            continue
        seen.add(shape)
        if any(p in _CONSTRAINTS | _OF_PATHS and p != SH.property for p in graph.predicates(shape)):
            found.add(shape)
        waiting.extend(graph.objects(shape, SH.property))
    return found


def _shapes(graph: Graph) -> set[Node]:
    """What counts as a shape (https://www.w3.org/TR/shacl/#shapes)."""
    found = _referred_to(graph)
    for kind in (SH.NodeShape, SH.PropertyShape):
        found.update(graph.subjects(RDF.type, kind))
    for predicate in (*_TARGETS, SH.path):
        found.update(graph.subjects(predicate))
    return found


def _referred_to(graph: Graph) -> set[Node]:
    found = {value for p in _SHAPE_VALUED for value in graph.objects(None, p)}
    for parameter in _LISTS:
        for head in graph.objects(None, parameter):
            found.update(graph.items(head))
    return found


def _kinds(graph: Graph, node: Node, shapes: set[Node]) -> set[str]:
    kinds = set()
    if node in shapes:
        kinds.add(PROPERTY_SHAPE if (node, SH.path, None) in graph else NODE_SHAPE)
    if (None, SH.sparql, node) in graph:
        kinds.add(_QUERY)
    if (None, SH.declare, node) in graph:
        kinds.add(_PREFIX)
    if (node, RDF.type, SH.PropertyGroup) in graph:
        kinds.add(_GROUP)
    if isinstance(node, BNode) and any((node, predicate, None) in graph for predicate in _PATHS):
        kinds.add(_PATH)
    return kinds


def _short(term: Node) -> str:
    return f"sh:{str(term).removeprefix(str(SH))}" if term in SH else term.n3()
