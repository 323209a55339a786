"""Random shapes and random data, small enough for pySHACL and full of what engines disagree on.

    python tests/validation/fuzzing.py 10000 [first seed]

compares screening with pySHACL's full run on so many pairs, and prints each pair that differs: of
the whole graph, and of half of it as a contribution to the other half.
"""

from __future__ import annotations

import random
import sys
import time
from pathlib import Path

import pyoxigraph as ox
import w3c_shacl
from rdflib import BNode, Graph, Literal, URIRef
from rdflib.namespace import RDF, RDFS, SH, XSD
from rdflib.term import Node

from coi_graph.namespaces import GENID
from coi_graph.store import Store
from coi_graph.validation.impact import Checker
from coi_graph.validation.judge import Judge
from coi_graph.validation.overlay import Base, Overlay
from coi_graph.validation.report import Result, from_pyshacl
from coi_graph.validation.screening import suspects
from coi_graph.validation.terms import to_graph

EX = "https://example.org/"
GRAPH = ox.NamedNode(EX + "graph")

_SUBCLASS = ox.NamedNode(str(RDFS.subClassOf))

Found = set[w3c_shacl.Found]


def iri(name: str) -> URIRef:
    return URIRef(EX + name)


PROPERTIES = [iri(name) for name in "pqrs"]
CLASSES = [iri(name) for name in ("A", "B", "C", "D")]
NODES: list[Node] = [iri(f"n{number}") for number in range(8)] + [BNode(f"b{n}") for n in range(3)]
LEXICAL = {
    XSD.integer: ("0", "1", "7", "07", "+7", "-1", "x", "", "1.0", "99999999999999999999"),
    XSD.nonNegativeInteger: ("0", "-1", "3"),
    XSD.byte: ("1", "300"),
    XSD.decimal: ("0", "1.0", "1.50", "-0.5", "a", "0.1234567890123456789012"),
    XSD.double: ("1", "1.0E0", "NaN", "INF", "-INF", "0.1"),
    XSD.float: ("0.1", "1", "16777217"),
    XSD.boolean: ("true", "false", "1", "0", "yes"),
    XSD.date: ("2020-01-01", "2020-01-31", "2019-02-29", "2020-01-01Z", "2020-13-01", "soon",
               "2020-01-02+14:00"),
    XSD.dateTime: ("2020-01-01T00:00:00Z", "2020-01-01T00:00:00", "2020-01-01T12:00:00+13:00",
                   "2020-01-01T24:00:00Z", "12020-01-01T00:00:00Z", "then",
                   "2020-01-01T00:00:00.0000001Z", "2020-02-30T00:00:00Z"),
    XSD.gYear: ("2020", "20", "-0044"),
    XSD.gYearMonth: ("2020-01", "2020-13"),
    XSD.time: ("12:00:00", "25:00:00"),
    XSD.duration: ("P1Y", "P12M", "soon"),
    XSD.anyURI: ("https://example.org/", "no uri at all"),
    iri("datatype"): ("1", "a"),
}  # fmt: skip
TEXTS = ("", "a", "ab", "abc", "ABC", "a\n", "ab\n", "7", "07", "æøå", "٣", "a b", "x@y.dk", "true")
TAGS = ("da", "en", "en-GB", "EN", "de-AT")
PATTERNS = ("^a", "b$", "^[0-9]+$", "^a?b*c$", r"^\d+$", "(a|b)$", "[^a-z]", "^.$", r"\w", "a{2,}",
            "^(?!x)", "[A-Za-z0-9._%+-]+@[a-z.]+", "^https:", "")  # fmt: skip


class Maker:
    """Everything random comes from one seed."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self._blanks = 0

    def literal(self) -> Literal:
        kind = self.random.random()
        if kind < 0.3:
            return Literal(self.random.choice(TEXTS))
        if kind < 0.5:
            return Literal(self.random.choice(TEXTS), lang=self.random.choice(TAGS))
        datatype = self.random.choice(list(LEXICAL))
        text = self.random.choice(LEXICAL[datatype])
        return Literal(text, datatype=datatype, normalize=False)

    def value(self) -> Node:
        return self.literal() if self.random.random() < 0.55 else self.random.choice(NODES)

    def blank(self) -> BNode:
        self._blanks += 1
        return BNode(f"s{self._blanks}")

    def some(self, most: int) -> range:
        return range(self.random.randint(0, most))

    def data(self) -> Graph:
        graph = Graph()
        for _ in range(self.random.randint(3, 30)):
            graph.add((self.random.choice(NODES), self.random.choice(PROPERTIES), self.value()))
        for _ in self.some(10):
            graph.add((self.random.choice(NODES), RDF.type, self.random.choice(CLASSES)))
        for _ in self.some(3):  # circles included
            one, other = self.random.choice(CLASSES), self.random.choice(CLASSES)
            graph.add((one, RDFS.subClassOf, other))
        return graph

    def shapes(self) -> Graph:
        graph = Graph()
        for number in range(self.random.randint(1, 3)):
            self._shape(graph, iri(f"Shape{number}"), 0, has_path=self.random.random() < 0.4)
            for _ in range(self.random.randint(1, 2)):
                self._target(graph, iri(f"Shape{number}"))
        return graph

    def _target(self, graph: Graph, shape: Node) -> None:
        kind = self.random.choice(
            (SH.targetClass, SH.targetNode, SH.targetSubjectsOf, SH.targetObjectsOf)
        )
        choice: Node
        if kind == SH.targetClass:
            choice = self.random.choice(CLASSES)
        elif kind == SH.targetNode:
            choice = self.random.choice([*NODES, iri("absent"), self.literal()])
        else:
            choice = self.random.choice(PROPERTIES)
        graph.add((shape, kind, choice))

    def _shape(self, graph: Graph, shape: Node, depth: int, *, has_path: bool) -> None:
        graph.add((shape, RDF.type, SH.PropertyShape if has_path else SH.NodeShape))
        if has_path:
            graph.add((shape, SH.path, self._path(graph, 0)))
        if self.random.random() < 0.05:
            graph.add((shape, SH.deactivated, Literal(self.random.random() < 0.5)))
        for _ in range(self.random.randint(1, 3)):
            self._constraint(graph, shape, depth, has_path)

    def _path(self, graph: Graph, depth: int) -> Node:
        kind = self.random.random()
        if kind < 0.6 or depth > 2:
            return self.random.choice([*PROPERTIES, RDF.type])
        path = self.blank()
        if kind < 0.7:
            graph.add((path, SH.inversePath, self._path(graph, depth + 1)))
        elif kind < 0.8:
            members = [self._path(graph, depth + 1) for _ in range(2)]
            graph.add((path, SH.alternativePath, self._list(graph, members)))
        elif kind < 0.9:
            return self._list(graph, [self._path(graph, depth + 1) for _ in range(2)])
        else:
            kinds = (SH.zeroOrMorePath, SH.oneOrMorePath, SH.zeroOrOnePath)
            graph.add((path, self.random.choice(kinds), self._path(graph, depth + 1)))
        return path

    def _list(self, graph: Graph, members: list[Node]) -> Node:
        head: Node = RDF.nil
        for member in reversed(members):
            cell = self.blank()
            graph.add((cell, RDF.first, member))
            graph.add((cell, RDF.rest, head))
            head = cell
        return head

    def _beneath(self, graph: Graph, depth: int, *, has_path: bool | None = None) -> Node:
        """A shape that another one refers to; now and then itself a named one, in a circle."""
        if self.random.random() < 0.03 and has_path is not True:
            return iri("Shape0")
        shape = self.blank()
        if has_path is None:
            has_path = self.random.random() < 0.3
        self._shape(graph, shape, depth + 1, has_path=has_path)
        return shape

    def _constraint(self, graph: Graph, shape: Node, depth: int, has_path: bool) -> None:
        choose = self.random.choice
        simple = [
            "class", "datatype", "nodeKind", "minLength", "maxLength", "pattern", "languageIn",
            "minInclusive", "minExclusive", "maxInclusive", "maxExclusive", "equals", "disjoint",
            "hasValue", "in", "closed", "sparql",
        ]  # fmt: skip
        if has_path:
            simple += ["minCount", "maxCount", "uniqueLang", "lessThan", "lessThanOrEquals"] * 2
        nested = ["not", "and", "or", "xone", "node", "property"] + ["qualified"] * has_path
        name = choose(simple + (nested * 3 if depth < 3 else []))
        parameter, value = URIRef(f"{SH}{name}"), self._parameter(graph, name, depth)
        if name == "qualified":
            graph.add((shape, SH.qualifiedValueShape, self._beneath(graph, depth)))
            for bound in choose(("Min", "Max")), choose(("Min", "Max")):
                if (shape, SH[f"qualified{bound}Count"], None) not in graph:
                    graph.add((shape, SH[f"qualified{bound}Count"], Literal(choose((0, 1, 2)))))
        elif value is not None and (shape, parameter, None) not in graph:
            graph.add((shape, parameter, value))
            if name == "closed" and self.random.random() < 0.5:
                ignored = self._list(graph, [RDF.type, choose(PROPERTIES)])
                graph.add((shape, SH.ignoredProperties, ignored))

    def _parameter(self, graph: Graph, name: str, depth: int) -> Node | None:
        choose = self.random.choice
        if name == "class":
            return choose(CLASSES)
        if name == "datatype":
            return choose([*LEXICAL, XSD.string, RDF.langString])
        if name == "nodeKind":
            kinds = ("IRI", "BlankNode", "Literal", "BlankNodeOrIRI", "BlankNodeOrLiteral",
                     "IRIOrLiteral")  # fmt: skip
            return SH[choose(kinds)]
        if name in ("minLength", "maxLength", "minCount", "maxCount"):
            return Literal(choose((0, 1, 2, 3)))
        if name == "pattern":
            return Literal(choose(PATTERNS))
        if name == "languageIn":
            chosen = self.random.sample(("da", "en", "en-gb", "*"), 2)
            return self._list(graph, [Literal(tag) for tag in chosen])
        if name.endswith(("Inclusive", "Exclusive")):
            bounds = [Literal(1), Literal("2020-01-01", datatype=XSD.date), Literal("ab"),
                      Literal("2020-01-01T00:00:00Z", datatype=XSD.dateTime), Literal(0.5),
                      Literal("2020-01-01T00:00:00", datatype=XSD.dateTime),
                      Literal("0.1", datatype=XSD.decimal)]  # fmt: skip
            return choose(bounds)
        if name in ("equals", "disjoint", "lessThan", "lessThanOrEquals"):
            return choose(PROPERTIES)
        if name == "hasValue":
            return self.value()
        if name == "in":
            return self._list(graph, [self.value() for _ in range(4)])
        if name in ("closed", "uniqueLang"):
            return Literal(self.random.random() < 0.9)
        if name == "sparql":
            return self._query(graph)
        if name in ("not", "and", "or", "xone"):
            if name == "not":
                return self._beneath(graph, depth)
            members = [self._beneath(graph, depth) for _ in range(self.random.randint(1, 3))]
            return self._list(graph, members)
        if name in ("node", "property"):
            return self._beneath(graph, depth, has_path=name == "property")
        return None

    def _query(self, graph: Graph) -> Node:
        node = self.blank()
        graph.add((node, RDF.type, SH.SPARQLConstraint))
        graph.add((node, SH.select, Literal(self._select())))
        return node

    def _select(self) -> str:
        choose = self.random.choice
        p, q = (choose(PROPERTIES).n3() for _ in range(2))
        node = choose([n for n in NODES if isinstance(n, URIRef)]).n3()
        filters = [
            "?value < ?w", "?value = ?w", "?value != ?w", f"?value != {node}", f"?w = {node}",
            "isIRI(?value)", "!isIRI(?value)", "isBlank(?value)", "!isBlank(?w)",
            "isLiteral(?value) && REGEX(STR(?value), '^[a-z]+$')", "REGEX(STR(?value), '[0-9]')",
            "STRLEN(STR(?value)) > 2", "!(STRLEN(STR(?value)) > 2)", "?value >= 1",
            "!(?value >= 1)", "LANG(?value) = 'da'", f"DATATYPE(?value) = {XSD.integer.n3()}",
            f"DATATYPE(?value) != {XSD.string.n3()}", "CONTAINS(STR(?value), 'e')",
            f"?value IN ({node}, {choose(CLASSES).n3()})", f"?value NOT IN ({node})",
            "COALESCE(?w, ?value) != ?value", "isNumeric(?value)", "BOUND(?w)", "!BOUND(?w)",
            "STRSTARTS(LCASE(STR(?value)), 'abc')", "xsd:integer(STR(?value)) > 0",
            "FLOOR(xsd:integer(STR(?value)) / 2) * 2 = xsd:integer(STR(?value))",
            "?value = ?w || isLiteral(?value)", "sameTerm(?value, ?w)", "?value < NOW()",
            f"NOT EXISTS {{ ?value {q} ?x }}", f"EXISTS {{ ?value {q}|^{p} $this }}",
            f"NOT EXISTS {{ $this {q} ?x FILTER (?x != ?value) }}",
            f"NOT EXISTS {{ $this {q} ?x FILTER (STRLEN(STR(?x)) >= 2) }}",
            f"NOT EXISTS {{ $this {q} ?x FILTER (?x < ?value) }}",
            f"NOT EXISTS {{ $this {q} ?x FILTER NOT EXISTS {{ ?x {p} ?y }} }}",
            f"NOT EXISTS {{ $this {q} ?x OPTIONAL {{ ?x {p} ?y }}"
            f" FILTER (COALESCE(?y, ?x) != {node}) }}",
            f"NOT EXISTS {{ {{ $this {q} ?x OPTIONAL {{ ?x {p} ?y }} BIND (COALESCE(?y, ?x) AS ?k)"
            f" }} {{ $this {q} ?z OPTIONAL {{ ?z {p} ?u }} BIND (COALESCE(?u, ?z) AS ?l) }}"
            " FILTER (?k != ?l) }",
            f"NOT EXISTS {{ {{ $this {q} ?x }} {{ $this {q} ?value }} FILTER (?x != ?value) }}",
        ]  # fmt: skip
        body = choose([
            f"$this {p} ?value . $this {q} ?w",
            f"$this {p} ?value OPTIONAL {{ $this {q} ?w }}",
            f"{{ $this {p} ?value }} UNION {{ ?value {q} $this }}",
            f"$this ?path ?value . OPTIONAL {{ ?value {q} ?w }}",
            "$this ?path ?value",
            f"$this {p}/{q} ?value . BIND (STR(?value) AS ?w)",
            f"$this {p}+ ?value . ?value {q}* ?w",
        ])  # fmt: skip
        conditions = " ".join(
            f"FILTER ({choose(filters)})" for _ in range(self.random.randint(0, 2))
        )
        return (
            f"PREFIX xsd: <{XSD}> SELECT DISTINCT $this ?value WHERE {{ {body} . {conditions} }}"
        ).replace("} .", "}")


def store_of(data: Graph) -> Store:
    """As in a release: blank nodes are named."""
    store = ox.Store()
    store.extend(ox.Quad(_stored(s), _stored(p), _stored(o), GRAPH) for s, p, o in data)
    return Store(store, Path("in-memory"))


def _stored(term: Node):  # type: ignore[no-untyped-def]
    if isinstance(term, BNode):
        return ox.NamedNode(GENID + str(term))
    if isinstance(term, Literal):
        if term.language:
            return ox.Literal(str(term), language=term.language)
        datatype = ox.NamedNode(str(term.datatype or XSD.string))
        return ox.Literal(str(term), datatype=datatype)
    return ox.NamedNode(str(term))


def contribute(shapes: Graph, data: Graph, seed: int) -> tuple[set[Result], set[Result]]:
    """Half of the data as a contribution to the rest, its pairs screened however few they are: the
    results (that only pySHACL's full runs find or took away, that only the check does)."""
    quads = sorted(store_of(data).quads(), key=str)  # a graph gives them in any order
    chosen = random.Random(seed)
    added = [one for one in quads if one.predicate != _SUBCLASS and chosen.random() < 0.5]
    kept = set(quads) - set(added)
    base = Store.in_memory(kept)
    checker = Checker(base, shapes, screened_from=0, most_pairs=10_000)
    checked = checker.check(added)
    judge = checker.rules.judge
    was, now = (_whole(judge, to_graph(some)) for some in (base.quads(), quads))
    new, mended = set(checked.report.results), set(checked.mended.results)
    return ((now - was) - new) | ((was - now) - mended), (new - (now - was)) | (
        mended - (was - now)
    )


def _whole(judge: Judge, data: Graph) -> set[Result]:
    return set(from_pyshacl(judge.whole(data), judge.shapes, data).results)


def compare(shapes: Graph, data: Graph) -> tuple[Found, Found, int]:
    """(what only pySHACL finds, what only screening finds, how many results there are)."""
    store = store_of(data)
    graph = to_graph(store.quads())
    judge = Judge(shapes)
    own = frozenset(
        node for one in (shapes, graph) for node in one.all_nodes() if isinstance(node, BNode)
    )
    expected = _results(judge.whole(graph), own)
    questions = suspects(judge, store)
    found = _results(judge.report_graph(questions, Graph(store=Overlay(Base(store)))), own)
    return expected - found, found - expected, len(expected)


def _results(graph: Graph, own: frozenset[Node]) -> Found:
    """Each once: what two shapes refer to may be judged once or twice."""
    report = graph.value(None, RDF.type, SH.ValidationReport)
    assert report is not None
    return set(w3c_shacl.found(graph, report, own))


def pair(seed: int) -> tuple[Graph, Graph]:
    maker = Maker(seed)
    return maker.shapes(), maker.data()


def main() -> None:
    count = int(sys.argv[1])
    first = int(sys.argv[2]) if len(sys.argv) > 2 else 0
    started, total, empty, differing = time.monotonic(), 0, 0, 0
    for seed in range(first, first + count):
        if seed % 500 == 0:
            print(f"at seed {seed}: {total} results, {differing} differ", flush=True)
        shapes, data = pair(seed)
        try:
            missed, invented, found = compare(shapes, data)
            lost, made_up = contribute(shapes, data, seed)
        except Exception as error:
            print(f"seed {seed}: {type(error).__name__}: {str(error)[:300]}")
            differing += 1
            continue
        total += found
        empty += not found
        if missed or invented:
            differing += 1
            print(f"seed {seed}: missed {list(missed)[:2]}, invented {list(invented)[:2]}")
        if lost or made_up:
            differing += not (missed or invented)
            print(f"seed {seed}, in halves: missed {list(lost)[:2]}, invented {list(made_up)[:2]}")
    seconds = time.monotonic() - started
    print(
        f"{count} pairs from seed {first}: {total} results, {empty} pairs without any,"
        f" {differing} pairs differ; {seconds:.0f} s"
    )
    sys.exit(differing > 0)


if __name__ == "__main__":
    main()
