"""Filters of SPARQL constraints, written so that in doubt they let through (or, beneath NOT EXISTS,
do not).

An expression is trusted where rdflib and Oxigraph cannot differ on it: tests of IRIs, of strings
made by STR, of patterns that both read alike. Comparisons of literals are written with a test of
what the two order alike (`candidate_values.comparable`). All else is in doubt.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, Protocol

from rdflib import XSD, Literal
from rdflib.plugins.sparql.parserutils import CompValue
from rdflib.term import URIRef, Variable

from ..namespaces import GENID
from .candidate_values import blank, comparable, faithful, portable_pattern, sparql

# Kinds of value. STRING and INTEGER are the same in both engines; so is NUMBER wherever Oxigraph
# has a value at all (a cast or an overflow may fail); a TERM is whatever the data hold.
IRI: Final = "iri"
STRING: Final = "string"
INTEGER: Final = "integer"
NUMBER: Final = "number"
TERM: Final = "term"
UNSURE: Final = "unsure"

Value = tuple[str, str]  # text, kind


class Exists(Protocol):
    def __call__(self, graph: Any, *, upper: bool) -> str: ...


class Expressions:
    """The expressions of one query; ``exists`` writes the graph pattern of an EXISTS."""

    def __init__(self, variable: Callable[[str], str], exists: Exists) -> None:
        self._variable, self._exists = variable, exists
        self._kinds: dict[str, str] = {}  # of variables that BIND computes
        self._guarded: frozenset[Variable] = frozenset()  # known to be no blank nodes here

    def is_computed(self, name: str) -> bool:
        return name in self._kinds

    def computed(self, name: str, expression: Any) -> str | None:
        """The text for BIND; None where the value is in doubt, as are filters that use it."""
        text, kind = self._value(expression)
        self._kinds[name] = kind
        return None if kind == UNSURE else text

    def all_hold(self, expressions: list[Any], *, upper: bool) -> str:
        """True wherever all ``expressions`` may be true (``upper``), or only where they are for
        sure; "" for none."""
        guarded = self._guarded
        self._guarded = guarded | tested(expressions)
        try:
            return " && ".join(f"({self._truth(one, True, upper)})" for one in expressions)
        finally:
            self._guarded = guarded

    def _truth(self, e: Any, wanted: bool, upper: bool) -> str:
        name = getattr(e, "name", "")
        if name in ("ConditionalAndExpression", "ConditionalOrExpression"):
            both = (name == "ConditionalAndExpression") is wanted
            if both and wanted:
                return f"({self.all_hold([e.expr, *e.other], upper=upper)})"
            parts = [self._truth(one, wanted, upper) for one in (e.expr, *e.other)]
            return "(" + (" && " if both else " || ").join(parts) + ")"
        if name == "UnaryNot":
            return self._truth(e.expr, not wanted, upper)
        if name in ("Builtin_EXISTS", "Builtin_NOTEXISTS"):
            there = (name == "Builtin_EXISTS") is wanted
            inner = self._exists(e.graph, upper=upper if there else not upper)
            return f"{'' if there else 'NOT '}EXISTS {{ {inner} }}"
        if name == "TrueFilter":
            return "true" if wanted else "false"
        if name in ("Builtin_isIRI", "Builtin_isURI") and wanted and upper:
            text, kind = self._value(e.arg)
            return f"isIRI({text})" if kind == TERM else "true"  # blank nodes are let through
        test = self._trusted(e)
        if test is not None:
            return test if wanted else f"!({test})"
        if name == "RelationalExpression":
            return self._comparison(e, wanted, upper)
        return "true" if upper else "false"

    def _trusted(self, e: Any) -> str | None:
        name = getattr(e, "name", "")
        if name in ("Builtin_isIRI", "Builtin_isURI", "Builtin_isBLANK", "Builtin_isLITERAL"):
            text, kind = self._value(e.arg)
            if kind != TERM:
                return None
            if name == "Builtin_isLITERAL":
                return f"isLiteral({text})"
            return (
                blank(text) if name == "Builtin_isBLANK" else f"(isIRI({text}) && !{blank(text)})"
            )
        if name == "Builtin_BOUND":
            return None if self.is_computed(str(e.arg)) else f"BOUND({self._variable(str(e.arg))})"
        if name == "Builtin_REGEX":
            text, kind = self._value(e.text)
            if kind != STRING or e.flags is not None or not isinstance(e.pattern, Literal):
                return None
            portable = portable_pattern(str(e.pattern))
            return None if portable is None else f"REGEX({text}, {sparql(Literal(portable))})"
        if name in ("Builtin_CONTAINS", "Builtin_STRSTARTS", "Builtin_STRENDS"):
            (one, first), (other, second) = self._value(e.arg1), self._value(e.arg2)
            if first == second == STRING:
                return f"{name.removeprefix('Builtin_')}({one}, {other})"
        if name == "RelationalExpression":
            return self._trusted_comparison(e)
        return None

    def _trusted_comparison(self, e: Any) -> str | None:
        one, first = self._value(e.expr)
        if e.op in ("IN", "NOT IN"):
            listed = e.other if isinstance(e.other, list) else [e.other]
            if first in (IRI, TERM) and all(isinstance(each, URIRef) for each in listed):
                return f"({one} {e.op} ({', '.join(map(sparql, listed))}))"
            return None
        other, second = self._value(e.other)
        simple = e.op in ("=", "!=")
        if simple and IRI in (first, second) and {first, second} <= {IRI, TERM}:
            return f"({one} {e.op} {other})"
        if (first == second == INTEGER) or (simple and first == second == STRING):
            return f"({one} {e.op} {other})"
        return None

    def _comparison(self, e: Any, wanted: bool, upper: bool) -> str:
        doubtful = "true" if upper else "false"
        if e.op in ("IN", "NOT IN"):
            return doubtful
        (one, first), (other, second) = self._value(e.expr), self._value(e.other)
        if UNSURE in (first, second):
            return doubtful
        test = f"({one} {e.op} {other})" if wanted else f"!({one} {e.op} {other})"
        if {first, second} <= {INTEGER, NUMBER}:
            return f"COALESCE({test}, true)" if upper else "false"
        if not upper:
            if e.op in ("=", "!="):
                return f"COALESCE(isIRI({one}) && isIRI({other}) && {test}, false)"
            return "false"
        alike = " && ".join(comparable(t) for t, k in ((one, first), (other, second)) if k == TERM)
        doubt = f"!({alike})" if alike else "false"
        widened = f"(COALESCE({test}, true) || {doubt})"
        if e.op in ("=", "!="):
            return f"IF(COALESCE(isIRI({one}) || isIRI({other}), false), {test}, {widened})"
        return widened

    def _value(self, e: Any) -> Value:
        if isinstance(e, Variable):
            name = str(e)
            return self._variable(name), self._kinds.get(name, TERM)
        if isinstance(e, URIRef):
            return sparql(e), IRI
        if isinstance(e, Literal):
            return _constant(e)
        if not isinstance(e, CompValue):
            return "", UNSURE
        handler = _FUNCTIONS.get(e.name)
        return handler(self, e) if handler is not None else ("", UNSURE)

    def _str(self, e: Any) -> Value:
        text, kind = self._value(e.arg)
        if kind == STRING:
            return text, STRING
        if kind == IRI:
            return f"STR({text})", STRING
        if kind != TERM:
            return "", UNSURE
        if e.arg in self._guarded:
            return f"STR({text})", STRING
        named = f'STRAFTER(STR({text}), "{GENID}")'  # what rdflib calls the blank node
        return f"IF({blank(text)}, {named}, STR({text}))", STRING

    def _on_string(self, e: Any) -> Value:
        text, kind = self._value(e.arg)
        if kind != STRING:
            return "", UNSURE
        name = str(e.name).removeprefix("Builtin_")
        return f"{name}({text})", INTEGER if name == "STRLEN" else STRING

    def _substr(self, e: Any) -> Value:
        text, kind = self._value(e.arg)
        bounds = [self._value(one) for one in (e.start, e.length) if one is not None]
        constant = all(
            isinstance(one, Literal) and k == INTEGER and int(one) >= 1
            for one, (_, k) in zip((e.start, e.length), bounds, strict=False)
        )
        if kind != STRING or not constant:
            return "", UNSURE
        return f"SUBSTR({text}, {', '.join(t for t, _ in bounds)})", STRING

    def _of_term(self, e: Any) -> Value:
        text, kind = self._value(e.arg)
        if kind != TERM:
            return "", UNSURE
        name = str(e.name).removeprefix("Builtin_")
        return f"{name}({text})", IRI if name == "DATATYPE" else STRING

    def _now(self, e: Any) -> Value:
        return "NOW()", TERM

    def _coalesce(self, e: Any) -> Value:
        given = [self._value(one) for one in (e.arg if isinstance(e.arg, list) else [e.arg])]
        if any(kind not in (TERM, IRI) for _, kind in given):
            return "", UNSURE
        return f"COALESCE({', '.join(text for text, _ in given)})", TERM

    def _cast(self, e: Any) -> Value:
        given = e.expr if isinstance(e.expr, list) else [e.expr]
        if e.iri != XSD.integer or len(given) != 1:
            return "", UNSURE
        text, kind = self._value(given[0])
        return (f"{sparql(XSD.integer)}({text})", NUMBER) if kind == STRING else ("", UNSURE)

    def _arithmetic(self, e: Any) -> Value:
        return self._operated(e, ("+", "-", "*"))

    def _operated(self, e: Any, allowed: tuple[str, ...]) -> Value:
        given = [self._value(one) for one in (e.expr, *e.other)]
        if any(kind not in (INTEGER, NUMBER) for _, kind in given):
            return "", UNSURE
        if any(op not in allowed for op in e.op):
            return "", UNSURE
        rest = "".join(f" {op} {text}" for op, (text, _) in zip(e.op, given[1:], strict=True))
        return f"({given[0][0]}{rest})", NUMBER

    def _floor(self, e: Any) -> Value:
        # A quotient has other digits after the point in each engine, but the same before it.
        divided = getattr(e.arg, "name", "") == "MultiplicativeExpression" and e.arg.op == ["/"]
        text, kind = self._operated(e.arg, ("/",)) if divided else self._value(e.arg)
        if kind not in (INTEGER, NUMBER):
            return "", UNSURE
        return f"{str(e.name).removeprefix('Builtin_')}({text})", NUMBER


def tested(expressions: list[Any]) -> frozenset[Variable]:
    """The variables that are IRIs or literals where all ``expressions`` hold. (That a blank node
    passes for an IRI where in doubt is no harm: its text is then not what rdflib sees, but for
    rdflib it is no IRI at all.)"""
    kinds = ("Builtin_isIRI", "Builtin_isURI", "Builtin_isLITERAL")
    return frozenset(
        e.arg
        for e in expressions
        if getattr(e, "name", "") in kinds and isinstance(e.arg, Variable)
    )


def _constant(term: Literal) -> Value:
    if not faithful(term):
        return "", UNSURE
    if term.datatype == XSD.integer:
        return sparql(term), INTEGER
    if term.datatype in (None, XSD.string) and not term.language:
        return sparql(term), STRING
    return sparql(term), TERM


_FUNCTIONS: Final[dict[str, Callable[[Expressions, Any], Value]]] = {
    "Builtin_STR": Expressions._str,
    "Builtin_LCASE": Expressions._on_string,
    "Builtin_UCASE": Expressions._on_string,
    "Builtin_STRLEN": Expressions._on_string,
    "Builtin_SUBSTR": Expressions._substr,
    "Builtin_LANG": Expressions._of_term,
    "Builtin_DATATYPE": Expressions._of_term,
    "Builtin_NOW": Expressions._now,
    "Builtin_COALESCE": Expressions._coalesce,
    "Builtin_FLOOR": Expressions._floor,
    "Builtin_CEIL": Expressions._floor,
    "Function": Expressions._cast,
    "AdditiveExpression": Expressions._arithmetic,
    "MultiplicativeExpression": Expressions._arithmetic,
}
