"""Queries that are answered without the pool: one triple pattern, where nothing else can stand.

The text must be, from its first character to its last,

    PREFIX ex: <http://absolute/>   (any number)
    SELECT ?variables … or *   or   ASK
    WHERE { subject predicate object }
    LIMIT 10   (or none)

with absolute IRIs, plain prefixed names and variables that are all different, in at most 2,048
characters and without an escape. It has one brace to open and one to close, no parenthesis and no
comma outside IRIs, so there is no SERVICE, FILTER, path, subquery or second pattern in it for any
reading of SPARQL. Whatever of the three places is a constant, the engine has an index that begins
with it: each step finds a row, each row is at least a byte of the answer, and the answer ends at
64 KiB. That bounds the work, whatever the data. See docs/decisions/0008.
"""

from __future__ import annotations

import re

import pyoxigraph as ox

from ..store import Store

MOST_CHARACTERS = 2048
MOST_BYTES = 64 * 1024

_S = r"[ \t\r\n]++"
_MAYBE = r"[ \t\r\n]*+"
_IRI = r"<[A-Za-z][A-Za-z0-9+.\-]*+:[^<>\"{}|^`\\\x00-\x20\x7f-\x9f]*+>"
_PREFIX = r"[A-Za-z][A-Za-z0-9_\-]*+"
_NAME = rf"{_PREFIX}:[A-Za-z0-9_\-]++"
_VARIABLE = r"\?[A-Za-z_][A-Za-z0-9_]*+"
_THING = rf"{_IRI}|{_NAME}|{_VARIABLE}"
_ONE_PATTERN = re.compile(
    rf"{_MAYBE}(?:(?i:PREFIX){_S}{_PREFIX}:{_MAYBE}{_IRI}{_MAYBE})*+"
    rf"(?:(?i:SELECT)(?:{_S}\*|(?:{_S}{_VARIABLE})++){_MAYBE}|(?i:ASK){_MAYBE})"
    rf"(?i:WHERE)?{_MAYBE}\{{{_MAYBE}"
    rf"(?P<subject>{_THING}){_S}(?P<predicate>{_THING}|a){_S}(?P<object>{_THING})"
    rf"(?:{_MAYBE}\.)?{_MAYBE}\}}"
    rf"(?:{_MAYBE}(?i:LIMIT){_S}[0-9]{{1,9}})?{_MAYBE}"
)


class _TooLarge(Exception):
    pass


class _Bounded:
    """The file object that the engine writes to; it breaks off what grows too large."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.parts: list[bytes] = []
        self.size = 0

    def write(self, data: bytes) -> int:
        self.size += len(data)
        if self.size > self.most:
            raise _TooLarge
        self.parts.append(data)
        return len(data)

    def flush(self) -> None:
        """Nothing is held back."""


def is_one_pattern(text: str) -> bool:
    """Whether ``text`` is such a query. It may still be wrong: a prefix can be undeclared."""
    if len(text) > MOST_CHARACTERS:
        return False
    match = _ONE_PATTERN.fullmatch(text)
    if match is None:
        return False
    variables = [term for term in match.groups() if term.startswith("?")]
    return len(variables) == len(set(variables))


def answer(store: Store, text: str, media_type: str, most_bytes: int = MOST_BYTES) -> bytes | None:
    """The whole answer to a query of one pattern over the union of all graphs, as the pool would
    give it; None for any other query, for an answer that is too large, and where the engine
    refuses the query: ask the pool then."""
    if not is_one_pattern(text):
        return None
    form = ox.QueryResultsFormat.from_media_type(media_type)
    if form is None:
        return None
    output = _Bounded(most_bytes)
    try:
        store.query(text).serialize(output, format=form)
    except (_TooLarge, SyntaxError, ValueError, RuntimeError, OSError):
        return None
    return b"".join(output.parts)
