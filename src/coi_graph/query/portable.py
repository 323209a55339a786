"""A checked query as another engine is to be given it.

Our own workers know no function but those of the specification, and predicates are data to them.
To Virtuoso ``<bif:http_get>(…)`` is a call, to Jena ``<java:…>(…)`` is: through them a query could
read files and open connections. The dataset goes into the text: Virtuoso repeats what the
protocol's parameters name in its answer's headers, of which there are soon too many to be read.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from ..i18n import Message
from ..namespaces import XSD
from .errors import QueryRejected
from .lexer import read
from .tokens import CLOSERS, EXPRESSION, HEAD, IRI, NAME, OP, OPENERS, TEMPLATE, WORD, Token

_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:")
#: Schemes of IRIs that engines read as commands, wherever they stand.
_COMMANDS = ("bif:", "sql:", "java:", "javascript:")
#: What can follow the place of FROM where there is no pattern: in a DESCRIBE.
_MODIFIERS = ("GROUP", "HAVING", "ORDER", "LIMIT", "OFFSET", "VALUES")


def text_for_engine(
    query: str, base_iri: str, default_graphs: Sequence[str], named_graphs: Sequence[str]
) -> str:
    """``query``, asked of these graphs only, with relative IRIs resolved alike. It has passed the
    guard and was parsed: it is valid.

    Raises `QueryRejected` for functions that the specification does not have.
    """
    reading = read(query)
    prefixes: dict[str, str] = {}
    relative = has_base = False
    for index, token in enumerate(reading.tokens):
        if token.kind == WORD and token.text.upper() == "BASE":
            has_base = True
        elif token.kind == WORD and token.text.upper() == "PREFIX":
            name, iri = reading.tokens[index + 1 : index + 3]
            prefixes[name.text[:-1]] = iri.text[1:-1]
        elif token.kind in (IRI, NAME):
            named = _iri(token, prefixes)
            relative = relative or not _ABSOLUTE.match(named)
            if named.lower().startswith(_COMMANDS):
                raise _refused(named)
    for token, following in pairwise(reading.tokens):
        called = following.text == "(" and following.frame == EXPRESSION
        if called and token.kind in (IRI, NAME) and not _iri(token, prefixes).startswith(XSD):
            raise _refused(_iri(token, prefixes))
    text = _asked_of(reading.source, reading.tokens, default_graphs, named_graphs)
    return f"BASE <{base_iri}> {text}" if relative and not has_base else text


def _asked_of(
    source: str, tokens: list[Token], default_graphs: Sequence[str], named_graphs: Sequence[str]
) -> str:
    """The text with this dataset in place of the clauses that it has."""
    clauses = [f"FROM <{iri}>" for iri in default_graphs]
    clauses += [f"FROM NAMED <{iri}>" for iri in named_graphs]
    taken = _dataset_clauses(tokens)
    place = _place(tokens)
    pieces, at = [], 0
    for start, end in sorted([*taken, (place, place)]):
        pieces.append(source[at:start])
        pieces.append(" " + " ".join(clauses) + " " if start == end else " ")
        at = end
    return "".join([*pieces, source[at:]])


def _dataset_clauses(tokens: list[Token]) -> list[tuple[int, int]]:
    """Where the FROM and FROM NAMED clauses stand."""
    found = []
    for index, token in enumerate(tokens):
        if token.kind == WORD and token.frame == HEAD and token.text.upper() == "FROM":
            named = tokens[index + 1].text.upper() == "NAMED"
            last = tokens[index + (2 if named else 1)]
            found.append((token.start, last.start + len(last.text)))
    return found


def _place(tokens: list[Token]) -> int:
    """Where a dataset clause can stand: before the first WHERE or group of the query itself."""
    depth = 0
    for token in tokens:
        if depth == 0 and token.kind == WORD and token.frame == HEAD:
            upper = token.text.upper()
            if upper == "WHERE" or upper.startswith(_MODIFIERS):
                return token.start
        if token.kind == OP and token.text in OPENERS:
            if depth == 0 and token.text == "{" and token.frame != TEMPLATE:
                return token.start
            depth += 1
        elif token.kind == OP and token.text in CLOSERS:
            depth -= 1
    return tokens[-1].start + len(tokens[-1].text)  # a comment may follow


def _iri(token: Token, prefixes: dict[str, str]) -> str:
    if token.kind == IRI:
        return token.text[1:-1]
    prefix, _, local = token.text.partition(":")
    return prefixes.get(prefix, "") + local.replace("\\", "")


def _refused(iri: str) -> QueryRejected:
    return QueryRejected(
        Message("<%(iri)s> is a command of some engines, which is not passed on", iri=iri[:200]),
        remedy=Message("Use the functions of the SPARQL specification."),
    )
