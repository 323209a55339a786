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

Likewise a count of everything, or of a graph: the release's manifest knows it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import pyoxigraph as ox

from ..store import Store

MOST_CHARACTERS = 2048
MOST_BYTES = 64 * 1024

# What queries of one form are made of; possessive, so that nothing backtracks.
SPACE = r"[ \t\r\n]++"
MAYBE = r"[ \t\r\n]*+"
IRI = r"<[A-Za-z][A-Za-z0-9+.\-]*+:[^<>\"{}|^`\\\x00-\x20\x7f-\x9f]*+>"
_PREFIX = r"[A-Za-z][A-Za-z0-9_\-]*+"
NAME = rf"{_PREFIX}:[A-Za-z0-9_\-]++"
VARIABLE = r"\?[A-Za-z_][A-Za-z0-9_]*+"
_THING = rf"{IRI}|{NAME}|{VARIABLE}"
PROLOGUE = rf"{MAYBE}(?:(?i:PREFIX){SPACE}{_PREFIX}:{MAYBE}{IRI}{MAYBE})*+"
_ONE_PATTERN = re.compile(
    rf"{PROLOGUE}(?:(?i:SELECT)(?:{SPACE}\*|(?:{SPACE}{VARIABLE})++){MAYBE}|(?i:ASK){MAYBE})"
    rf"(?i:WHERE)?{MAYBE}\{{{MAYBE}"
    rf"(?P<subject>{_THING}){SPACE}(?P<predicate>{_THING}|a){SPACE}(?P<object>{_THING})"
    rf"(?:{MAYBE}\.)?{MAYBE}\}}"
    rf"(?:{MAYBE}(?i:LIMIT){SPACE}[0-9]{{1,9}})?{MAYBE}"
)
_EVERYTHING = (
    rf"(?P<subject>{VARIABLE}){SPACE}(?P<predicate>{VARIABLE}){SPACE}(?P<object>{VARIABLE})"
    rf"(?:{MAYBE}\.)?{MAYBE}"
)
_COUNT = re.compile(
    rf"(?P<prologue>{PROLOGUE})(?i:SELECT){MAYBE}\({MAYBE}(?i:COUNT){MAYBE}\({MAYBE}\*{MAYBE}\){MAYBE}"
    rf"(?i:AS){SPACE}(?P<name>{VARIABLE}){MAYBE}\){MAYBE}(?i:WHERE)?{MAYBE}\{{{MAYBE}"
    rf"(?:(?i:GRAPH){SPACE}<(?P<graph>[^>]*+)>{MAYBE}\{{{MAYBE}{_EVERYTHING}\}}{MAYBE}"
    rf"|{_EVERYTHING.replace('?P<', '?P<all_')})\}}{MAYBE}"
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


def is_direct(text: str) -> bool:
    """Whether ``text`` is a query of these kinds. It may still be wrong: a prefix can be
    undeclared."""
    return len(text) <= MOST_CHARACTERS and (_is_one_pattern(text) or _count(text) is not None)


def _is_one_pattern(text: str) -> bool:
    match = _ONE_PATTERN.fullmatch(text)
    if match is None:
        return False
    variables = [term for term in match.groups() if term.startswith("?")]
    return len(variables) == len(set(variables))


def _count(text: str) -> tuple[str, str, str | None] | None:
    """Of a count of everything: what stands before it, the name of the number, and the graph
    where there is one."""
    match = _COUNT.fullmatch(text)
    if match is None:
        return None
    parts = match.groupdict()
    prologue, graph = parts.pop("prologue"), parts.pop("graph")
    variables = [value for value in parts.values() if value]
    if len(set(variables)) < len(variables):
        return None
    return prologue, parts["name"], graph


def answer(
    store: Store,
    text: str,
    media_type: str,
    graphs: Mapping[str, int],
    most_bytes: int = MOST_BYTES,
) -> bytes | None:
    """The whole answer to a query of these kinds over the union of all graphs, as the pool would
    give it; None for any other query, for an answer that is too large, and where the engine
    refuses the query: ask the pool then. ``graphs`` are the quads of each graph."""
    if not is_direct(text):
        return None
    counted = _count(text)
    if counted is not None:
        prologue, name, graph = counted
        if graph is not None and graph not in graphs:
            return None  # perhaps a relative IRI, or none at all: the engine knows
        number = sum(graphs.values()) if graph is None else graphs[graph]
        text = f"{prologue}SELECT ({number} AS {name}) WHERE {{}}"
    form = ox.QueryResultsFormat.from_media_type(media_type)
    if form is None:
        return None
    output = _Bounded(most_bytes)
    try:
        store.query(text).serialize(output, format=form)
    except (_TooLarge, SyntaxError, ValueError, RuntimeError, OSError):
        return None
    return b"".join(output.parts)
