"""The groups of a SPARQL query's algebra, as rdflib writes it
(https://www.w3.org/TR/sparql11-query/#sparqlAlgebra), taken apart for `query_reads`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from rdflib import URIRef, Variable
from rdflib.plugins.sparql.parserutils import CompValue
from rdflib.term import Node

THIS: Final = Variable("this")
WRAPPERS: Final = frozenset(
    ("SelectQuery", "AskQuery", "Project", "Distinct", "Reduced", "OrderBy", "Slice", "Group",
     "AggregateJoin")
)  # fmt: skip


@dataclass
class Group:
    """The parts of a group graph pattern: the triples that must all be there, and the rest."""

    triples: list[tuple[Any, Any, Any]] = field(default_factory=list)
    alternatives: list[list[CompValue]] = field(default_factory=list)
    dependent: list[CompValue] = field(default_factory=list)
    expressions: list[Any] = field(default_factory=list)
    filters: list[Any] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)

    def gather(self, part: CompValue) -> None:
        name = part.name
        if name == "BGP":
            self.triples.extend(part.triples)
        elif name == "Join":
            self.gather(part.p1)
            self.gather(part.p2)
        elif name in ("LeftJoin", "Minus"):
            self.gather(part.p1)
            self.dependent.append(part)
        elif name in ("Filter", "Extend"):
            self.gather(part.p)
            self.expressions.append(part.expr)
            if name == "Filter":
                self.filters.extend(conjunction(part.expr))
        elif name == "Union":
            self.alternatives.append([part.p1, part.p2])
        elif name == "ToMultiSet":
            if part.p is not None and part.p.name != "values":
                self.alternatives.append([part.p])
        elif name in WRAPPERS:
            self.gather(part.p)
        elif name == "Graph":
            # The data have no named graphs here; the only one is that of the shapes.
            pass
        elif name != "values":
            self.unknown.append(name)


def conjunction(expression: Any) -> Iterator[Any]:
    if isinstance(expression, CompValue) and expression.name == "ConditionalAndExpression":
        for part in (expression.expr, *(expression.other or ())):
            yield from conjunction(part)
    else:
        yield expression


def allowed_by(filters: Iterable[Any]) -> Iterator[tuple[Node, frozenset[Node]]]:
    """Variable → the IRIs that a filter leaves it."""
    for one in filters:
        if not (isinstance(one, CompValue) and one.name == "RelationalExpression"):
            continue
        name, values = one.expr, one.other
        if one.op == "=":
            name, values = (name, [values]) if isinstance(name, Variable) else (values, [name])
        if not (one.op in ("=", "IN") and isinstance(name, Variable) and isinstance(values, list)):
            continue
        if all(isinstance(value, URIRef) for value in values):
            yield name, frozenset(values)


def shared(branch: CompValue) -> set[Node]:
    """The variables of a subquery that are those of the query around it: of each, only what the
    solution around it has matters. LIMIT and aggregates look at all solutions of a subquery."""
    names = {THIS, *(branch.PV or ())}
    waiting: list[Any] = [branch]
    while waiting:
        part = waiting.pop()
        if part.name == "Slice":
            return {THIS}
        if part.name == "Group":
            names &= {THIS, *(one for one in part.expr or () if isinstance(one, Variable))}
        if part.name in WRAPPERS or part.name in ("Filter", "Extend"):
            waiting.append(part.p)
    return names
