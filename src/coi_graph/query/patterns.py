"""How many triple patterns a query has, approximately, from its tokens.

Counted: each subject, predicate, object; each further step or alternative of a property path;
two for each element of a collection, as its rdf:first and rdf:rest; one for a triple term or a
reifier. Not counted: the template of a CONSTRUCT, VALUES, expressions (their EXISTS is). The
count is exact for SPARQL 1.1 but for parenthesised paths, which may count one too many.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .tokens import CLOSERS, EXPRESSION, HEAD, LANG, OP, OPENERS, PATTERN, TERMS, WORD, Token

_TERM_WORDS = frozenset(("A", "TRUE", "FALSE"))
_SIGNS = frozenset(("!", "+", "-", "^"))


@dataclass(slots=True)
class _Level:
    """``filled`` counts the places taken of subject, predicate, object."""

    frame: int
    filled: int = 0
    joined: bool = False  # the next term belongs to the place that is taken
    path: bool = False
    elements: int = 0


def count_patterns(tokens: Sequence[Token]) -> int:
    level = _Level(HEAD)
    levels = [level]
    count = 0

    def term() -> None:
        if level.joined:
            level.joined = False
        elif level.frame == TERMS:
            level.elements += 1
        else:
            level.filled += 1

    for token in tokens:
        text = token.text
        if token.kind == OP and text in OPENERS:
            if text == "{":
                count += level.filled >= 3
                level.filled = 0
            inside = _Level(token.frame)
            if text in ("[", "{|"):
                inside.filled = 1
            elif text == "(" and token.frame == TERMS:
                inside.path = level.path or level.filled == 1
            levels.append(inside)
            level = inside
        elif token.kind == OP and text in CLOSERS:
            closed = levels.pop()
            level = levels[-1]
            if closed.frame == PATTERN:
                count += closed.filled >= 3
            elif closed.frame == TERMS:
                count += 1 if text == ">>" else 0 if closed.path else 2 * closed.elements
            if text == "}" or closed.frame == EXPRESSION:
                level.filled = 0
            elif text != "|}":
                term()
        elif level.frame == PATTERN or level.frame == TERMS:
            if token.kind != OP and token.kind != WORD:
                if token.kind != LANG:
                    term()
            elif token.kind == WORD:
                if text.upper() in _TERM_WORDS:
                    term()
                else:
                    count += level.filled >= 3
                    level.filled = 0
                    level.joined = False
            elif text in (".", ";", ","):
                count += level.filled >= 3
                level.filled = (".", ";", ",").index(text)
                level.joined = False
            elif text in ("/", "|", "~"):
                count += 1
                level.joined = True
            elif text == "^^":
                level.joined = True
    return count


def longest_sign_run(tokens: Sequence[Token]) -> int:
    """``!!!!?x`` nests as brackets do."""
    longest = run = 0
    for token in tokens:
        run = run + 1 if token.text in _SIGNS else 0
        longest = max(longest, run)
    return longest
