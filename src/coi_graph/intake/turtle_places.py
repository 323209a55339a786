"""The places of the statements in Turtle, TriG, N-Triples and N-Quads.

A light reading of a text that the parser has accepted: it follows subject, predicate and object
through `;`, `,`, `[ ]`, `( )` and `{ }`, and gives the offsets of each statement in the order in
which pyoxigraph emits statements (a test holds the two together). That makes resolving names and
blank nodes unnecessary: the first statement read is the first statement emitted. The grammar is
that of Turtle 1.1, section 6.5.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from .lines import Spot

# What a prefixed name, a number or a keyword may hold; dots only between such characters.
# Everything is possessive: a text that was cut off must not make the matcher go back and forth.
_NAME = r"""(?:[^\s<>"'()\[\]{};,#^@.\\]++|\\.|\.++(?=[^\s<>"'()\[\]{};,#^@.]))"""
_TOKEN = re.compile(
    rf"""
    \s*+(?:\#[^\r\n]*+\s*+)*+
    (?: (<[^<>"\s]*+>)
      | ({_NAME}++)
      | ([.;,()\[\]{{}}])
      | (\"\"\"(?:[^"\\]++|\\.|"(?!""))*+\"\"\" | '''(?:[^'\\]++|\\.|'(?!''))*+'''
        | "(?:[^"\\\r\n]++|\\.)*+" | '(?:[^'\\\r\n]++|\\.)*+')
      | (@[A-Za-z][A-Za-z0-9-]*+)
      | (\^\^)
      | \Z
    )
    """,
    re.VERBOSE | re.DOTALL,
)
_IRI, _WORD, _MARK, _TEXT, _TAG, _TYPE = range(1, 7)
_LITERAL_WORD = re.compile(r"[-+.0-9].*|true|false", re.DOTALL)
_DIRECTIVES = {"@prefix": 2, "@base": 1, "@version": 1, "prefix": 2, "base": 1, "version": 1}

Token = tuple[int, str, int]  # what it is, its text, its offset


class Lost(Exception):
    """This reader does not understand what the parser has accepted."""


def tokens(text: str) -> Iterator[Token]:
    """Without space, comments, and the datatypes of literals. Raises `Lost`."""
    expected = 0
    after_type = False
    for match in _TOKEN.finditer(text):
        kind = match.lastindex
        if match.start() != expected:
            raise Lost
        expected = match.end()
        if kind is None:
            return
        if after_type:
            after_type = False
            continue
        after_type = kind == _TYPE
        start, end = match.span(kind)
        yield kind, text[start:end], start
    raise Lost


def line_spots(text: str) -> list[Spot]:
    """Of N-Triples and N-Quads: what stands before each full stop."""
    found: list[Spot] = []
    statement: list[Token] = []
    try:
        for token in tokens(text):
            if token[0] == _MARK and token[1] == ".":
                (_, _, subject), (_, _, predicate), value = statement[:3]
                found.append((subject, predicate, value[2], _kind(value), None))
                statement = []
            elif token[0] < _TAG:
                statement.append(token)
    except (Lost, ValueError):
        pass
    return found


def spots(text: str) -> list[Spot]:
    """Of Turtle and TriG. Fewer than there are statements where it gets lost."""
    reader = _Reader()
    try:
        reader.read(text)
    except (Lost, IndexError):
        reader.found.clear()
    return reader.found


def _kind(token: Token) -> str:
    kind, found, _ = token
    if kind == _TEXT or (kind == _WORD and _LITERAL_WORD.fullmatch(found)):
        return "l"
    return "b" if found[:2] == "_:" or kind == _MARK else "i"


class _Frame:
    """What is open: the document or a graph ("."), ``[`` or ``(``."""

    __slots__ = ("count", "mark", "predicate", "start", "state", "subject")

    def __init__(self, mark: str, start: int, state: int) -> None:
        self.mark = mark
        self.start = start  # offset of the bracket
        self.state = state
        self.subject = start
        self.predicate = start
        self.count = 0  # members of a list so far


_SUBJECT, _PREDICATE, _OBJECT, _AFTER = range(4)


class _Reader:
    def __init__(self) -> None:
        self.frames = [_Frame(".", 0, _SUBJECT)]
        self.found: list[Spot] = []
        # A text in quotes may be followed by its language or datatype: the parser emits it when
        # it sees one, else after all that it emits for the next token.
        self.held: Spot | None = None

    def read(self, text: str) -> None:
        skip = 0  # tokens of a directive still to come
        found = self.found
        for token in tokens(text):
            if skip:
                skip -= 1
                continue
            kind, said, start = token
            held = self.held
            self.held = None
            frame = self.frames[-1]
            state = frame.state
            if kind == _MARK:
                self.mark(frame, token)
            elif kind == _TYPE or (kind == _TAG and state != _SUBJECT):
                pass
            elif frame.mark == "(":
                self.member(frame, token)
            elif state == _PREDICATE:
                frame.predicate, frame.state = start, _OBJECT
            elif state == _OBJECT:
                spot = (frame.subject, frame.predicate, start, _kind(token), None)
                if kind == _TEXT:
                    self.held = spot
                else:
                    found.append(spot)
                frame.state = _AFTER
            elif state != _SUBJECT:
                raise Lost
            elif said.lower() in _DIRECTIVES:
                skip = _DIRECTIVES[said.lower()]
            elif said.lower() != "graph":
                frame.subject, frame.state = start, _PREDICATE
            if held is not None:
                found.append(held)

    def mark(self, frame: _Frame, token: Token) -> None:
        _, said, start = token
        if frame.mark == "(":
            if said == ")":
                self.end_list(frame)
            else:
                self.member(frame, token)
        elif said == ";":
            frame.state = _PREDICATE
        elif said == ",":
            frame.state = _OBJECT
        elif said == ".":
            frame.state = _SUBJECT
        elif said in "[(" and frame.state in (_SUBJECT, _OBJECT):
            self.open(said, start)
        elif said == "]" and frame.mark == "[":
            self.frames.pop()
            self.ended(frame.start, "b")
        elif said == "{":  # what stood before it, if anything, was the graph's name
            frame.state = _SUBJECT
            self.frames.append(_Frame(".", start, _SUBJECT))
        elif said == "}" and len(self.frames) > 1:
            self.frames.pop()
        else:
            raise Lost

    def open(self, mark: str, start: int) -> None:
        if mark not in "[(":
            raise Lost
        self.frames.append(_Frame(mark, start, _PREDICATE if mark == "[" else _OBJECT))

    def ended(self, start: int, kind: str) -> None:
        """A bracket has closed that stood as a subject, an object, or a member."""
        frame = self.frames[-1]
        if frame.mark == "(":
            self.found.append((frame.start, start, start, kind, None))  # rdf:first
        elif frame.state == _SUBJECT:
            frame.subject, frame.state = start, _PREDICATE
        else:
            self.found.append((frame.subject, frame.predicate, start, kind, None))
            frame.state = _AFTER

    def end_list(self, frame: _Frame) -> None:
        self.frames.pop()
        if frame.count == 0:
            self.ended(frame.start, "i")
            return
        self.found.append((frame.start, frame.start, frame.start, "i", None))  # rdf:rest nil
        above = self.frames[-1]
        if above.mark == "(":
            return
        if above.state == _SUBJECT:
            above.subject, above.state = frame.start, _PREDICATE
        else:
            above.state = _AFTER

    def member(self, frame: _Frame, token: Token) -> None:
        """A plain one is emitted before the link to it, any other after it."""
        kind, said, start = token
        first = (frame.start, start, start, _kind(token), None)
        if kind in (_IRI, _WORD):
            self.found.append(first)
        self.link(frame, start)
        if kind == _TEXT:
            self.held = first
        elif kind == _MARK:
            self.open(said, start)

    def link(self, frame: _Frame, start: int) -> None:
        """`rdf:rest` from the member before; for the first, what leads to the list."""
        frame.count += 1
        if frame.count > 1:
            self.found.append((frame.start, start, start, "b", None))
            return
        above = self.frames[-2]
        if above.mark == "(":
            self.found.append((above.start, frame.start, frame.start, "b", None))
        elif above.state == _OBJECT:
            self.found.append((above.subject, above.predicate, frame.start, "b", None))
