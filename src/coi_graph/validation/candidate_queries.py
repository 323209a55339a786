"""SPARQL constraints → patterns that find the focus nodes of which the query may say something.

The judge evaluates the query with rdflib, where `$this` is bound beforehand. Here the same query
is written for Oxigraph, with `$this` as a variable, and every part that the two may read
differently is widened: a filter in doubt lets through, and beneath NOT EXISTS it does not. What
cannot be written so (aggregates, subqueries, MINUS, a query in which `$this` is not bound by a
triple pattern) has no pattern, and every focus node is a candidate.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from rdflib import OWL, Graph, Literal
from rdflib.namespace import RDF, RDFS, SH
from rdflib.paths import Path
from rdflib.plugins.sparql import prepareQuery
from rdflib.term import BNode, Node, URIRef, Variable

from . import candidate_algebra as algebra
from .candidate_expressions import Expressions
from .candidate_rows import Scan
from .candidate_values import Unscreenable, faithful, sparql

_PREBOUND: Final = re.compile(r"[$?](PATH|shapesGraph|currentShape)\b")


@dataclass(frozen=True, slots=True)
class Question:
    """A group pattern and a filter of its solutions ("" for none). ``value``: the one variable
    that the filter looks at, where the pattern is a single triple pattern."""

    pattern: str
    condition: str = ""
    value: str | None = None

    def __str__(self) -> str:
        return f"{self.pattern} FILTER ({self.condition})" if self.condition else self.pattern

    def scan(self) -> Scan | None:
        """The look at the values alone, which comes first where it is possible."""
        if self.value is None:
            return None
        return Scan(self.pattern, self.value, (self.condition,))


def question(shapes: Graph, constraint: Node, this: str, *, few: bool) -> Question | None:
    """The pattern that binds ``this``; None where the constraint is switched off. ``few``: it
    will follow a pattern that leaves few solutions.

    Raises `Unscreenable`.
    """
    texts = list(shapes.objects(constraint, SH.select))
    switches = [str(value) for value in shapes.objects(constraint, SH.deactivated)]
    if switches == ["true"]:
        return None
    if len(texts) != 1 or switches not in ([], ["false"]) or _PREBOUND.search(str(texts[0])):
        raise Unscreenable
    try:
        head = "".join(f"PREFIX {n}: <{iri}>\n" for n, iri in _prefixes(shapes, constraint).items())
        part = prepareQuery(head + str(texts[0])).algebra
    except Exception as error:  # a bare one for an unknown prefix
        raise Unscreenable from error
    if part.name != "SelectQuery" or part.datasetClause:
        raise Unscreenable
    part = part.p
    # What SELECT computes is for the result; which nodes have one does not hang on it.
    while part.name in ("Distinct", "Reduced", "Project", "OrderBy", "Extend"):
        part = part.p
    writer = _Writer(this, few)
    if "this" not in writer.bound(part):
        raise Unscreenable
    return writer.question(part, upper=True)


def _prefixes(shapes: Graph, constraint: Node) -> dict[str, str]:
    """https://www.w3.org/TR/shacl/#sparql-prefixes, and those that pySHACL adds."""
    found = {"rdf": str(RDF), "rdfs": str(RDFS), "owl": str(OWL)}
    holders = {
        one
        for holder in shapes.objects(constraint, SH.prefixes)
        for one in shapes.transitive_objects(holder, OWL.imports)
    }
    for holder in holders | set(shapes.subjects(RDF.type, OWL.Ontology)):
        for declaration in shapes.objects(holder, SH.declare):
            name = str(shapes.value(declaration, SH.prefix))
            iri = str(shapes.value(declaration, SH.namespace))
            if found.setdefault(name, iri) != iri:
                raise Unscreenable
    return found


class _Writer:
    """Writes rdflib's algebra as SPARQL. ``upper``: at least the solutions that rdflib finds;
    otherwise at most those."""

    def __init__(self, this: str, few: bool) -> None:
        self._names = {"this": this}
        self._few = few
        self._outermost = True
        self._outer: set[str] = set()  # what is bound around the EXISTS that is being written
        self._mark = this.lstrip("?")
        self._expressions = Expressions(self.variable, self._exists)

    def variable(self, name: str) -> str:
        return self._names.setdefault(name, f"?{self._mark}_{len(self._names)}")

    def bound(self, part: Any) -> set[str]:
        """The variables that every solution binds."""
        part = algebra.simple(part)
        name = part.name
        if name == "BGP":
            return algebra.variables(part.triples)
        if name == "Join":
            return self.bound(part.p1) | self.bound(part.p2)
        if name == "Union":
            return self.bound(part.p1) & self.bound(part.p2)
        if name == "LeftJoin":
            return self.bound(part.p1)
        if name in ("Filter", "Extend"):
            return self.bound(part.p)
        raise Unscreenable

    def group(self, part: Any, *, upper: bool) -> str:
        return str(self.question(part, upper=upper))

    def question(self, part: Any, *, upper: bool) -> Question:
        part = algebra.simple(part)
        name = part.name
        if name == "Filter":
            return self._filtered(part, upper)
        if name == "BGP":
            return Question(self._triples(part.triples))
        if name == "Join":
            return Question(f"{self._braced(part.p1, upper)} {self._braced(part.p2, upper)}")
        if name == "Union":
            text = f"{self._braced(part.p1, upper)} UNION {self._braced(part.p2, upper)}"
            return Question(text)
        if name == "LeftJoin":
            # Whether a variable is bound must be beyond doubt: only triple patterns, unfiltered.
            optional = algebra.simple(part.p2)
            if optional.name != "BGP" or part.expr.name != "TrueFilter":
                raise Unscreenable
            left, right = self.group(part.p1, upper=upper), self._triples(optional.triples)
            # Some of the solutions will do for a lower bound, and joins are cheaper.
            return Question(f"{left} OPTIONAL {{ {right} }}" if upper else f"{left} {right}")
        if name == "Extend":
            self._see(part.expr, part.p)
            inner = self.group(part.p, upper=upper)
            value = self._expressions.computed(str(part.var), part.expr)
            if value is None:
                return Question(inner)
            return Question(f"{inner} BIND ({value} AS {self.variable(str(part.var))})")
        raise Unscreenable

    def _filtered(self, part: Any, upper: bool) -> Question:
        self._see(part.expr, part.p)
        if not upper and (counted := self._counted(part)) is not None:
            return counted
        outermost, self._outermost = self._outermost, False
        inner = self.group(part.p, upper=upper)
        inside = self._outer
        self._outer = inside | self.bound(part.p)
        try:
            plain, exists = [], []
            for one in algebra.conjuncts(part.expr):
                graph = algebra.absent(one)
                if graph is not None and not self._few and self._is_minus(part.p, graph):
                    exists.append(f"MINUS {{ {self.group(graph, upper=not upper)} }}")
                elif algebra.has_exists(one):
                    exists.append(f"FILTER ({self._expressions.all_hold([one], upper=upper)})")
                else:
                    plain.append(one)
            condition = self._expressions.all_hold(plain, upper=upper)
            if not exists:
                return Question(inner, condition, self._value_of(part.p, plain))
            found = str(Question(inner, condition))
            if outermost and not self._few and self._only_this(part):
                # Each node once, before what is dear is asked of it. (GROUP BY: see `Scan`.)
                this = self.variable("this")
                found = f"{{ SELECT {this} {{ {found} }} GROUP BY {this} }}"
            return Question(f"{found} {' '.join(exists)}")
        finally:
            self._outer = inside

    def _counted(self, part: Any) -> Question | None:
        """Of two like groups that meet in `$this` alone, "their values ?a != ?b": that is, one of
        them has two values. Counting looks at each of n rows once and not at their n² pairs
        (measured on 18,000 rows: 0.25 s instead of 2.4 s)."""
        unlike, halves = part.expr, algebra.simple(part.p)
        if halves.name != "Join" or getattr(unlike, "name", "") != "RelationalExpression":
            return None
        one, other = unlike.expr, unlike.other
        if unlike.op != "!=" or not (isinstance(one, Variable) and isinstance(other, Variable)):
            return None
        first, second = algebra.everywhere(halves.p1), algebra.everywhere(halves.p2)
        if first & second != {"this"} or (first | second) & set(self._names) != {"this"}:
            return None
        if str(one) not in first:
            one, other = other, one
        if str(one) not in first or str(other) not in second:
            return None
        try:
            text, value = self._apart(halves.p1, one)
            if (text, value) != self._apart(halves.p2, other):
                return None
        except Unscreenable:
            return None
        this = self.variable("this")
        having = f"GROUP BY {this} HAVING (COUNT(DISTINCT {value}) > 1)"
        # Unlike IRIs are unlike for both engines; of literals that is not so sure.
        return Question(f"{{ SELECT {this} {{ {text} FILTER (isIRI({value})) }} {having} }}")

    def _apart(self, half: Any, value: Variable) -> tuple[str, str]:
        """A group as if it were alone, and how the variable is written in it. Names are given in
        the order in which they are met: like groups, like texts."""
        writer = _Writer(self._names["this"], self._few)
        if "this" not in writer.bound(half):
            raise Unscreenable
        text = writer.group(half, upper=False)
        return text, writer.variable(str(value))

    def _only_this(self, part: Any) -> bool:
        """Whether the EXISTS patterns of a filter meet the rest in `$this` alone."""
        graphs = [one for one in algebra.conjuncts(part.expr) if algebra.has_exists(one)]
        return algebra.everywhere(graphs) & algebra.everywhere(part.p) == {"this"}

    def _value_of(self, part: Any, conjuncts: list[Any]) -> str | None:
        if part.name != "BGP" or len(part.triples) != 1 or not conjuncts:
            return None
        names = algebra.everywhere(conjuncts)
        value = part.triples[0][2]
        if (
            names != {str(value)}
            or names == {"this"}
            or str(value) in algebra.everywhere(part.triples[0][:2])
        ):
            return None
        return self.variable(str(value))

    def _is_minus(self, part: Any, graph: Any) -> bool:
        """Whether NOT EXISTS may be MINUS: the two patterns meet only in variables that both bind
        always. (Oxigraph evaluates the joins beneath NOT EXISTS anew for each solution; measured:
        12 ms each for a pattern of six triples.)"""
        met = algebra.everywhere(graph) & (algebra.everywhere(part) | self._outer)
        return bool(met) and met <= self.bound(graph) & self.bound(part)

    def _braced(self, part: Any, upper: bool) -> str:
        return f"{{ {self.group(part, upper=upper)} }}"

    def _see(self, expression: Any, part: Any) -> None:
        """`$this` is bound everywhere for rdflib, and rdflib hands bindings down into groups;
        here a filter sees what its own group binds."""
        for name in algebra.mentioned(expression):
            if name == "this" and name not in self.bound(part):
                raise Unscreenable
            if name not in algebra.mentioned(part) and name not in self._outer:
                raise Unscreenable

    def _exists(self, graph: Any, *, upper: bool) -> str:
        return self.group(algebra.pattern_of(graph), upper=upper)

    def _triples(self, triples: Iterable[tuple[Node, Any, Node]]) -> str:
        return " ".join(
            f"{self._term(s)} {self._predicate(p)} {self._term(o)} ." for s, p, o in triples
        )

    def _predicate(self, predicate: Any) -> str:
        if isinstance(predicate, Path):
            return predicate.n3()
        return self._term(predicate)

    def _term(self, term: Node) -> str:
        if isinstance(term, Variable):
            if self._expressions.is_computed(str(term)):
                raise Unscreenable
            return self.variable(str(term))
        if isinstance(term, BNode):
            return self.variable(f"_:{term}")
        if isinstance(term, URIRef) or (isinstance(term, Literal) and faithful(term)):
            return sparql(term)
        raise Unscreenable
