"""Looks into rdflib's algebra of a query."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from typing import Any

from rdflib.plugins.sparql.algebra import translateGroupGraphPattern
from rdflib.plugins.sparql.parserutils import CompValue
from rdflib.term import Variable


def simple(part: Any) -> Any:
    """Without the empty pattern that rdflib joins to what stands alone in braces."""
    while part.name == "Join" and part.p1.name == "BGP" and not part.p1.triples:
        part = part.p2
    return part


def pattern_of(graph: Any) -> Any:
    """The pattern of an EXISTS; rdflib leaves some of them as they were parsed."""
    if graph.name == "GroupGraphPatternSub":
        graph = translateGroupGraphPattern(copy.deepcopy(graph))
    return graph


def absent(expression: Any) -> Any:
    """The pattern of a NOT EXISTS; None for another expression."""
    if getattr(expression, "name", "") == "Builtin_NOTEXISTS":
        return simple(pattern_of(expression.graph))
    return None


def has_exists(expression: object) -> bool:
    if isinstance(expression, CompValue):
        if expression.name in ("Builtin_EXISTS", "Builtin_NOTEXISTS"):
            return True
        return any(has_exists(value) for value in expression.values())
    if isinstance(expression, list | tuple):
        return any(map(has_exists, expression))
    return False


def conjuncts(expression: Any) -> list[Any]:
    if getattr(expression, "name", "") != "ConditionalAndExpression":
        return [expression]
    return [one for each in (expression.expr, *expression.other) for one in conjuncts(each)]


def everywhere(part: object) -> set[str]:
    """Every variable in ``part``, those beneath EXISTS as well."""
    if isinstance(part, Variable):
        return {str(part)}
    if isinstance(part, CompValue):
        return set().union(*(everywhere(v) for k, v in part.items() if k != "_vars"))
    if isinstance(part, list | tuple):
        return set().union(*(everywhere(one) for one in part))
    return set()


def variables(triples: Iterable[tuple[Any, ...]]) -> set[str]:
    return {str(term) for triple in triples for term in triple if isinstance(term, Variable)}


def mentioned(part: object) -> set[str]:
    """Every variable in ``part``, those of graph patterns beneath EXISTS left out."""
    if isinstance(part, Variable):
        return {str(part)}
    if isinstance(part, CompValue):
        if part.name in ("Builtin_EXISTS", "Builtin_NOTEXISTS"):
            return set()
        return set().union(*(mentioned(v) for k, v in part.items() if k != "_vars"))
    if isinstance(part, list | tuple):
        return set().union(*(mentioned(one) for one in part))
    return set()
