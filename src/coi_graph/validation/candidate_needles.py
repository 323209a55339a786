"""What a text must hold for a filter to be true: regular expressions of which one matches it.

A look at all texts of a graph costs what fetching them costs, once for each mention of the value in
the filter. So first one regular expression is asked for, of all filters together (`Scan`).
"""

from __future__ import annotations

import re
from typing import Any, Final

from rdflib import Literal
from rdflib.term import Variable

from .candidate_expressions import tested
from .candidate_values import portable_pattern

# The lower case of a letter can be another text than what matches it without regard to case; not
# so before a colon.
_START: Final = re.compile(r"[a-z]+:")

Needles = tuple[str, ...]


def of(
    expressions: list[Any], value: Variable, safe: frozenset[Variable] = frozenset()
) -> Needles | None:
    """Of these at least one matches the text of ``value`` where all ``expressions`` are true; None
    where that is not known. ``safe``: variables that are no blank nodes, whose text is another one
    in the store."""
    safe |= tested(expressions)
    for one in expressions:
        found = _of(one, value, safe)
        if found is not None:
            return found
    return None


def _of(e: Any, value: Variable, safe: frozenset[Variable]) -> Needles | None:
    name = getattr(e, "name", "")
    if name == "ConditionalAndExpression":
        return of([e.expr, *e.other], value, safe)
    if name == "ConditionalOrExpression":
        parts = [_of(one, value, safe) for one in (e.expr, *e.other)]
        known = [part for part in parts if part is not None]
        return tuple(dict.fromkeys(sum(known, ()))) if len(known) == len(parts) else None
    if name == "Builtin_REGEX" and _is_text(e.text, value, safe):
        portable = None
        if e.flags is None and isinstance(e.pattern, Literal):
            portable = portable_pattern(str(e.pattern))
        return None if portable is None else (portable,)
    if name == "Builtin_STRSTARTS" and getattr(e.arg1, "name", "") == "Builtin_LCASE":
        start = str(e.arg2) if isinstance(e.arg2, Literal) else ""
        if _is_text(e.arg1.arg, value, safe) and _START.fullmatch(start):
            return (f"^(?i:{start})",)
    return None


def _is_text(e: Any, value: Variable, safe: frozenset[Variable]) -> bool:
    return getattr(e, "name", "") == "Builtin_STR" and e.arg == value and value in safe
