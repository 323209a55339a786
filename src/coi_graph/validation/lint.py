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

from rdflib import Graph, Namespace, URIRef
from rdflib.namespace import DCTERMS, RDF, RDFS
from rdflib.term import BNode, Literal, Node

from ..i18n import LANGUAGES
from ..namespaces import SH

# Not rdflib's own SH: asked whether it holds a term, that one leaves out what it does not know.
sh: Final = Namespace(SH)

NODE_SHAPE: Final = "node shape"
PROPERTY_SHAPE: Final = "property shape"
_QUERY: Final = "query"
_PATH: Final = "path"
_PREFIX: Final = "prefix declaration"
_GROUP: Final = "property group"

_TARGETS = {sh.targetClass, sh.targetNode, sh.targetObjectsOf, sh.targetSubjectsOf}
_LISTS = {sh["and"], sh["or"], sh.xone}  # parameters whose value is a list of shapes
_SHAPE_VALUED = {sh.node, sh["not"], sh.property, sh.qualifiedValueShape}
_CONSTRAINTS = _LISTS | {
    sh["class"], sh.closed, sh.datatype, sh.disjoint, sh.equals, sh.hasValue, sh.ignoredProperties,
    sh["in"], sh.languageIn, sh.maxExclusive, sh.maxInclusive, sh.maxLength, sh.minExclusive,
    sh.minInclusive, sh.minLength, sh.node, sh.nodeKind, sh["not"], sh.pattern, sh.flags, sh.sparql,
}  # fmt: skip
_OF_PATHS = {
    sh.lessThan, sh.lessThanOrEquals, sh.maxCount, sh.minCount, sh.qualifiedMaxCount,
    sh.qualifiedMinCount, sh.qualifiedValueShape, sh.qualifiedValueShapesDisjoint, sh.uniqueLang,
}  # fmt: skip
_PATHS = {
    sh.alternativePath, sh.inversePath, sh.oneOrMorePath, sh.zeroOrMorePath, sh.zeroOrOnePath,
}  # fmt: skip
#: The kinds of node → the predicates that they may carry. `sh:declare` may stand anywhere.
_TERMS: dict[str, set[URIRef]] = {
    NODE_SHAPE: _TARGETS | _CONSTRAINTS | {sh.deactivated, sh.message, sh.property, sh.severity},
    _QUERY: {sh.deactivated, sh.message, sh.prefixes, sh.select},
    _PATH: _PATHS,
    _PREFIX: {sh.namespace, sh.prefix},
    _GROUP: {sh.order},
}
_TERMS[PROPERTY_SHAPE] = (
    _TERMS[NODE_SHAPE]
    | _OF_PATHS
    | {sh.defaultValue, sh.description, sh.group, sh.name, sh.order, sh.path}
)
_PREDICATES = {sh.declare}.union(*_TERMS.values())
_SEVERITIES = {sh.Info, sh.Violation, sh.Warning}
_VALUES = {
    sh.BlankNode, sh.BlankNodeOrIRI, sh.BlankNodeOrLiteral, sh.IRI, sh.IRIOrLiteral, sh.Literal,
    sh.NodeShape, sh.PrefixDeclaration, sh.PropertyGroup, sh.PropertyShape, sh.SPARQLConstraint,
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
        "a message has the language tag “{what}”; write messages with the tags da and en only",
        "en meddelelse har sprogmærket »{what}«; skriv kun meddelelser med mærkerne da og en",
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
    shapes = _shapes(graph)
    found = {
        *_unknown_terms(graph),
        *_misplaced_terms(graph, shapes),
        *_strings(graph),
        *_queries(graph),
        *_unnamed_and_unused(graph, shapes),
    }
    for shape in _reporting(graph):
        found.update(_reported(graph, shape))
    return sorted(found, key=lambda one: (str(one.node), one.code, one.message_en))


def _finding(code: str, node: Node, what: str = "") -> Finding:
    english, danish = _WORDING[code]
    return Finding(code, node, english.format(what=what), danish.format(what=what))


def _unknown_terms(graph: Graph) -> Iterator[Finding]:
    for node, predicate, value in graph:
        if _is_shacl(predicate) and predicate not in _PREDICATES:
            yield _finding("unknown-term", node, _short(predicate))
        # a severity has a finding of its own
        if predicate != sh.severity and _is_shacl(value) and value not in _VALUES:
            yield _finding("unknown-term", node, _short(value))


def _misplaced_terms(graph: Graph, shapes: set[Node]) -> Iterator[Finding]:
    for node in set(graph.subjects()):
        kinds = _kinds(graph, node, shapes)
        allowed = {sh.declare}.union(*(_TERMS[kind] for kind in kinds))
        for predicate in set(graph.predicates(node)) & _PREDICATES - allowed:
            yield _finding("misplaced-term", node, _short(predicate))
        if PROPERTY_SHAPE in kinds and (node, RDF.type, sh.NodeShape) in graph:
            yield _finding("misplaced-term", node, "sh:NodeShape")
        if NODE_SHAPE in kinds and (node, RDF.type, sh.PropertyShape) in graph:
            yield _finding("misplaced-term", node, "sh:PropertyShape")


def _strings(graph: Graph) -> Iterator[Finding]:
    for predicate in (sh.pattern, sh.flags, sh.select, sh.prefix):
        for node, value in graph.subject_objects(predicate):
            if isinstance(value, Literal) and value.language:
                yield _finding("language-on-string", node, _short(predicate))
    for node, flags in graph.subject_objects(sh.flags):  # pySHACL reads two, with a pattern
        if (node, sh.pattern, None) not in graph or set(str(flags)) - {"i", "m"}:
            yield _finding("misplaced-term", node, f"sh:flags “{flags}”")


def _queries(graph: Graph) -> Iterator[Finding]:
    """Queries that rdflib cannot parse with the prefixes that they refer to."""
    from rdflib.plugins.sparql import prepareQuery  # slow to import

    for node, text in graph.subject_objects(sh.select):
        prefixes = {
            str(graph.value(declaration, sh.prefix)): str(graph.value(declaration, sh.namespace))
            for holder in graph.objects(node, sh.prefixes)
            for declaration in graph.objects(holder, sh.declare)
        }
        head = "".join(f"PREFIX {name}: <{iri}>\n" for name, iri in prefixes.items())
        try:
            prepareQuery(head + str(text))
        except Exception as error:  # a ParseException, or a bare one for an unknown prefix
            yield _finding("bad-query", node, str(error).partition("\n")[0])


def _unnamed_and_unused(graph: Graph, shapes: set[Node]) -> Iterator[Finding]:
    referred_to = _referred_to(graph)
    for shape in shapes:
        has_target = any((shape, target, None) in graph for target in _TARGETS)
        named = isinstance(shape, URIRef)
        if not named and (has_target or (shape, sh.path, None) in graph):
            yield _finding("unnamed-shape", shape)
        if named and not has_target and shape not in referred_to:
            yield _finding("unused-shape", shape)


def _reported(graph: Graph, shape: Node) -> Iterator[Finding]:
    """What a shape must say that can be the source shape of a result."""
    severities = set(graph.objects(shape, sh.severity))
    if len(severities) != 1:
        yield _finding("severity-missing", shape)
    for severity in severities - _SEVERITIES:
        yield _finding("severity-unknown", shape, _short(severity))
    if len(set(graph.objects(shape, DCTERMS.source))) != 1:
        yield _finding("source-missing", shape)
    name = sh.name if (shape, sh.path, None) in graph else RDFS.label
    names = _languages(graph.objects(shape, name))
    holders = (shape, *graph.objects(shape, sh.sparql))
    messages = _languages(text for one in holders for text in graph.objects(one, sh.message))
    for language in LANGUAGES:
        if language not in names:
            yield _finding("name-missing", shape, language)
        if language not in messages:
            yield _finding("message-missing", shape, language)
    for tag in set(messages):
        if tag not in LANGUAGES:
            yield _finding("message-language", shape, tag)
        elif messages.count(tag) > 1:
            yield _finding("message-repeated", shape, tag)


def _languages(values: Iterable[Node]) -> list[str]:
    return [value.language or "" for value in values if isinstance(value, Literal)]


def _reporting(graph: Graph) -> set[Node]:
    """Shapes with a target and constraints of their own, and the property shapes beneath them."""
    found: set[Node] = set()
    seen: set[Node] = set()
    waiting = [shape for target in _TARGETS for shape in graph.subjects(target)]
    while waiting:
        shape = waiting.pop()
        if shape in seen:
            continue
        seen.add(shape)
        if not (_CONSTRAINTS | _OF_PATHS).isdisjoint(graph.predicates(shape)):
            found.add(shape)
        waiting.extend(graph.objects(shape, sh.property))
    return found


def _shapes(graph: Graph) -> set[Node]:
    """What counts as a shape (https://www.w3.org/TR/shacl/#shapes)."""
    found = _referred_to(graph)
    for kind in (sh.NodeShape, sh.PropertyShape):
        found.update(graph.subjects(RDF.type, kind))
    for predicate in (*_TARGETS, sh.path):
        found.update(graph.subjects(predicate))
    return found


def _referred_to(graph: Graph) -> set[Node]:
    found = {value for predicate in _SHAPE_VALUED for value in graph.objects(None, predicate)}
    for parameter in _LISTS:
        for head in graph.objects(None, parameter):
            found.update(graph.items(head))
    return found


def _kinds(graph: Graph, node: Node, shapes: set[Node]) -> set[str]:
    kinds = set()
    if node in shapes:
        kinds.add(PROPERTY_SHAPE if (node, sh.path, None) in graph else NODE_SHAPE)
    if (None, sh.sparql, node) in graph:
        kinds.add(_QUERY)
    if (None, sh.declare, node) in graph:
        kinds.add(_PREFIX)
    if (node, RDF.type, sh.PropertyGroup) in graph:
        kinds.add(_GROUP)
    if isinstance(node, BNode) and not _PATHS.isdisjoint(graph.predicates(node)):
        kinds.add(_PATH)
    return kinds


def _is_shacl(term: Node) -> bool:
    return isinstance(term, URIRef) and term.startswith(SH)


def _short(term: Node) -> str:
    return f"sh:{str(term).removeprefix(SH)}" if _is_shacl(term) else term.n3()
