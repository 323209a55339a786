"""What a query may ask for, decided from its text before any engine sees it.

The guard runs in the web process: linear time, no recursion, no RDF library. It refuses what
would leave the release (SERVICE, LOAD and the other updates, FROM of graphs that the release does
not hold) and what no engine should have to plan. A query that passes can still be hostile; the
pool's limits are for that.
"""

from __future__ import annotations

import re
from collections.abc import Container
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urljoin

from ..i18n import Message
from .errors import QueryRejected
from .lexer import Reading, TooDeep, read, syntax_error, unexpected
from .patterns import count_patterns, longest_sign_run
from .tokens import HEAD, IRI, NAME, STRING, WORD, Token

MAX_BYTES = 64 * 1024
MAX_NESTING = 100
MAX_PATTERNS = 100

QueryKind = Literal["select", "ask", "construct", "describe"]

_KINDS: tuple[tuple[str, QueryKind], ...] = (
    ("SELECT", "select"),
    ("ASK", "ask"),
    ("CONSTRUCT", "construct"),
    ("DESCRIBE", "describe"),
)
_UPDATES = frozenset(
    ("INSERT", "DELETE", "LOAD", "CLEAR", "DROP", "CREATE", "ADD", "MOVE", "COPY", "WITH")
)
# None of these can be a word of a query, wherever it stands.
_UPDATE_WORDS = frozenset(("INSERT", "DELETE", "LOAD", "CLEAR", "DROP", "CREATE"))
_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:")
_UCHAR = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")

_BYTES = Message("The query is %(found)d bytes long; %(limit)d is the limit")
_NESTING = Message("The query is nested more than %(limit)d deep")
_PATTERNS = Message("The query has %(found)d triple patterns; %(limit)d is the limit")


@dataclass(frozen=True, slots=True)
class Checked:
    """A query that may be answered.

    ``text`` is what the engine must be given: the query as every engine reads it alike.
    ``default_graphs`` and ``named_graphs`` are the FROM and FROM NAMED clauses as absolute IRIs;
    both ``None`` where the query has neither.
    """

    text: str
    kind: QueryKind
    default_graphs: tuple[str, ...] | None
    named_graphs: tuple[str, ...] | None
    patterns: int
    nesting: int


def check(
    text: str,
    *,
    allowed_graphs: Container[str] | None = None,
    base_iri: str | None = None,
    max_bytes: int = MAX_BYTES,
    max_nesting: int = MAX_NESTING,
    max_patterns: int = MAX_PATTERNS,
) -> Checked:
    """Reads ``text``; raises ``QueryRejected`` or ``QuerySyntaxError``.

    ``allowed_graphs`` are the IRIs of the named graphs that the release holds (``None``: any may be
    named). ``base_iri`` is the one that the engine will be given.
    """
    _check_characters(text, max_bytes)
    try:
        reading = read(text, max_nesting)
    except TooDeep:
        raise _over(_NESTING, "nesting", max_nesting) from None
    query = _Query(reading, base_iri)
    query.prologue()
    query.body()
    if allowed_graphs is not None:
        for iri in (*query.default_graphs, *query.named_graphs):
            if iri not in allowed_graphs:
                raise QueryRejected(
                    Message("The release holds no graph %(graph)s", graph=f"<{iri}>"),
                    remedy=Message("Leave FROM out to ask all graphs of the release."),
                    graph=iri,
                )
    nesting = max(reading.depth, longest_sign_run(reading.tokens))
    if nesting > max_nesting:
        raise _over(_NESTING, "nesting", max_nesting)
    patterns = count_patterns(reading.tokens)
    if patterns > max_patterns:
        raise _over(_PATTERNS, "patterns", max_patterns, found=patterns)
    dataset = query.has_dataset
    return Checked(
        text=reading.text,
        kind=query.kind,
        default_graphs=tuple(query.default_graphs) if dataset else None,
        named_graphs=tuple(query.named_graphs) if dataset else None,
        patterns=patterns,
        nesting=nesting,
    )


def _over(message: Message, name: str, allowed: int, found: int | None = None) -> QueryRejected:
    text = Message(message.msgid, limit=allowed, found=found)
    return QueryRejected(text, limit=name, allowed=allowed)


def _check_characters(text: str, max_bytes: int) -> None:
    try:
        size = len(text.encode())
    except UnicodeEncodeError as error:
        reason = Message("a lone surrogate, which is no character")
        raise syntax_error(text, error.start, reason) from None
    if size > max_bytes:
        raise _over(_BYTES, "bytes", max_bytes, found=size)
    if "\0" in text:
        raise unexpected(text, text.index("\0"), "\0")


def _service() -> QueryRejected:
    return QueryRejected(
        Message("SERVICE is not allowed: a query is answered from the release alone"),
        remedy=Message("Ask each endpoint by itself and join the answers."),
        keyword="SERVICE",
    )


def _update(word: str) -> QueryRejected:
    return QueryRejected(
        Message("%(keyword)s is an update; a release never changes", keyword=word),
        remedy=Message("Send a contribution to have something added or changed."),
        keyword=word,
    )


class _Query:
    """Reads the prologue and the dataset clauses from the tokens."""

    def __init__(self, reading: Reading, base_iri: str | None) -> None:
        self.text = reading.source
        self.tokens = reading.tokens
        self.base = base_iri
        self.prefixes: dict[str, str] = {}
        self.kind: QueryKind = "select"
        self.at = 0
        self.has_dataset = False
        self.default_graphs: list[str] = []
        self.named_graphs: list[str] = []

    def take(self, *kinds: int) -> Token:
        if self.at >= len(self.tokens):
            raise syntax_error(self.text, len(self.text), Message("the query ends too early"))
        token = self.tokens[self.at]
        if token.kind not in kinds:
            raise unexpected(self.text, token.start, token.text)
        self.at += 1
        return token

    def prologue(self) -> None:
        while True:
            token = self.take(WORD)
            upper = token.text.upper()
            if upper == "BASE":
                self.base = self.resolve(self.take(IRI))
            elif upper == "PREFIX":
                name = self.take(NAME)
                prefix, _, local = name.text.partition(":")
                if local:
                    raise unexpected(self.text, name.start, name.text)
                self.prefixes[prefix] = self.resolve(self.take(IRI))
            elif upper == "VERSION":
                self.take(STRING)
            elif upper in _UPDATES:
                raise _update(upper)
            else:
                self.kind = self.form(token, upper)
                return

    def form(self, token: Token, upper: str) -> QueryKind:
        for keyword, kind in _KINDS:
            if upper.startswith(keyword):
                return kind
        raise unexpected(self.text, token.start, token.text)

    def body(self) -> None:
        """Refuses SERVICE and updates, undeclared prefixes and a second operation; reads FROM.

        Oxigraph needs no space after a keyword: ``SERVICESILENT<x>{}`` and ``trueSERVICE<x>{}``
        are calls. No word of SPARQL contains "service", so a bare word that does is one.
        """
        for index, (kind, found, start, frame) in enumerate(self.tokens):
            if kind == WORD:
                upper = found.upper()
                if "SERVICE" in upper:
                    raise _service()
                if upper in _UPDATE_WORDS:
                    raise _update(upper)
                if frame == HEAD and "FROM" in upper:
                    self.dataset_clause(index, upper)
            elif kind == NAME:
                prefix = found.partition(":")[0]
                if prefix not in self.prefixes:
                    reason = Message("the prefix %(prefix)s is not declared", prefix=prefix + ":")
                    raise syntax_error(self.text, start, reason)
            elif frame == HEAD and found == ";":
                raise unexpected(self.text, start, found)

    def dataset_clause(self, index: int, upper: str) -> None:
        named = upper.endswith("FROMNAMED")
        if not named and not upper.endswith("FROM"):
            return
        self.has_dataset = True
        self.at = index + 1
        following = self.take(IRI, NAME, WORD)
        if following.kind == WORD:
            if named or following.text.upper() != "NAMED":
                raise unexpected(self.text, following.start, following.text)
            named = True
            following = self.take(IRI, NAME)
        iri = self.resolve(following)
        if not _ABSOLUTE.match(iri):
            raise QueryRejected(
                Message("FROM names %(graph)s, which is no absolute IRI", graph=f"<{iri}>"),
                remedy=Message("Write the whole IRI of the graph."),
                graph=iri,
            )
        (self.named_graphs if named else self.default_graphs).append(iri)

    def resolve(self, token: Token) -> str:
        """The IRI of an IRI token or a prefixed name, absolute where a base is known."""
        if token.kind == NAME:
            prefix, _, local = token.text.partition(":")
            return self.prefixes.get(prefix, "") + local.replace("\\", "")
        iri = _UCHAR.sub(lambda m: chr(int(m[1] or m[2], 16)), token.text[1:-1])
        if _ABSOLUTE.match(iri) or self.base is None:
            return iri
        return urljoin(self.base, iri)
