"""Where a syntax error is, exactly, and what is wrong there in few words.

Oxigraph reports the furthest place that its parser has looked at; because it compares keywords
letter by letter, that can be ten characters past the error, and what it "expected" is then one
keyword of many. With enough space after every token a keyword that is tried at one token never
reaches the next, and the furthest place tells the token.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..i18n import Message
from .errors import QuerySyntaxError
from .lexer import JOINED_FUNCTIONS, position, read
from .tokens import Token

# Longer than any keyword, ENCODE_FOR_URI included.
_SPACE = " " * 24
_MOST_TOKENS = 4_000
# What Oxigraph says in words, as against the names of tokens and keywords it lists.
_REASONS = {
    "prefix IRI parsing failed": Message("the prefix does not stand for a valid IRI"),
    "IRI parsing failed": Message("this is no valid IRI, or a relative one without a BASE"),
    "Prefix not found": Message("the prefix is not declared"),
    "language tag parsing failed": Message("this is no valid language tag"),
    "the only base directions allowed": Message("a base direction is --ltr or --rtl"),
    "Already used blank node id": Message(
        "a blank node's label may be used in one group of patterns only"
    ),
    "The VALUES clause rows should have": Message(
        "each row of VALUES needs as many values as there are variables; UNDEF stands for none"
    ),
    "Repeated variables are not allowed in VALUES": Message("VALUES names a variable twice"),
    "BIND is overriding an existing variable": Message(
        "BIND gives a value to a variable that has one already"
    ),
    "An existing variable is overridden": Message("LATERAL binds a variable that is bound already"),
    "Unexpected aggregate": Message("an aggregate cannot stand here"),
    "The SELECT contains a variable that is unbound": Message(
        "SELECT has a variable that is neither grouped by nor in an aggregate"
    ),
    "The SELECT contains an expression with": Message(
        "SELECT has an expression with a variable that is neither grouped by nor in an aggregate"
    ),
    "The SELECT overrides an existing variable": Message(
        "SELECT gives a value to a variable that has one already"
    ),
    "Duplicated variable name in SELECT": Message("SELECT names a variable twice"),
    "SELECT * is not authorized with GROUP BY": Message("SELECT * cannot be used with GROUP BY"),
    "should be a non negative integer": Message("LIMIT and OFFSET take a whole number"),
}


@dataclass(frozen=True, slots=True)
class _Spread:
    """A query with space between its tokens, all on one line."""

    text: str
    starts: list[int]  # of the tokens, in ``text``
    sources: list[int]  # of the tokens, in the query
    tokens: list[str]


def locate(
    query: str, error: QuerySyntaxError, parse: Callable[[str], QuerySyntaxError | None]
) -> QuerySyntaxError:
    """``error``, as the engine reports it for ``query``, with its true place and reason.

    ``parse`` asks the engine about another text.
    """
    try:
        tokens = read(query).tokens
    except QuerySyntaxError as better:
        return better
    if len(tokens) <= _MOST_TOKENS:
        wide = _spread(tokens)
        wide_error = parse(wide.text)
        if wide_error is not None:
            return _explain(query, wide, wide_error)
    return QuerySyntaxError(
        Message("the query is not valid here, or shortly before"), error.line, error.column
    )


def _spread(tokens: list[Token]) -> _Spread:
    parts: list[str] = []
    starts: list[int] = []
    length = 0
    for index, token in enumerate(tokens):
        starts.append(length)
        following = tokens[index + 1] if index + 1 < len(tokens) else None
        touching = following is not None and following.start == token.start + len(token.text)
        joined = (
            touching
            and following is not None
            and (
                (following.text == "(" and token.text.upper() in ("<<", *JOINED_FUNCTIONS))
                or (token.text == ")" and following.text == ">>")
            )
        )
        text = token.text.replace("\n", " ") + ("" if joined else _SPACE)
        parts.append(text)
        length += len(text)
    return _Spread("".join(parts), starts, [t.start for t in tokens], [t.text for t in tokens])


def _explain(query: str, wide: _Spread, error: QuerySyntaxError) -> QuerySyntaxError:
    """``error``, reported for ``wide.text``, as an error of ``query``."""
    offset = error.column - 1
    at = max((i for i, start in enumerate(wide.starts) if start <= offset), default=-1)
    ended = at < 0 or offset >= len(wide.text) - 1
    line, column = position(query, len(query.rstrip()) if ended else wide.sources[at])
    words = str(error.reason)
    reason = next((reason for sentence, reason in _REASONS.items() if sentence in words), None)
    if reason is None and ended:
        reason = Message("the query ends too early")
    elif reason is None:
        reason = Message("unexpected %(found)s", found=wide.tokens[at][:40])
    return QuerySyntaxError(reason, line, column)
