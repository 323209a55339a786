"""Reading SPARQL text as tokens, in linear time and without recursion.

SPARQL 1.2, section 19.8 (grammar), with two readers in mind that do not agree everywhere: a
tokeniser that takes the longest match, as the specification says, and Oxigraph's parser, which
has no tokens and tries alternatives where it stands. A text that the two read differently could
hide a SERVICE from the guard, so :func:`read` also returns the text in a form that both read
alike: almost always the text itself.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from ..i18n import Message
from .errors import QuerySyntaxError
from .escapes import decode_escapes
from .tokens import (
    BARE_DOT,
    CLOSERS,
    DATA,
    END_GROUP,
    EXPRESSION,
    HEAD,
    IRI,
    IRI_AT,
    IRI_GROUP,
    LESS_GROUP,
    NAME,
    NAME_GROUP,
    NUMBER,
    OP,
    OP_GROUP,
    OPENERS,
    PATTERN,
    PIECE,
    RUN_GROUP,
    TEMPLATE,
    TERM_KINDS,
    TERMS,
    TOKEN,
    WORD,
    Token,
)


class Reading(NamedTuple):
    tokens: list[Token]
    source: str  # what the tokens' starts refer to
    text: str  # what both readers read alike
    depth: int  # the deepest nesting of brackets


# Oxigraph 0.5 takes no space between these and their bracket.
JOINED_FUNCTIONS = frozenset({"CONCAT", "COALESCE"})
_TERM_WORDS = frozenset({"A", "TRUE", "FALSE"})


def position(text: str, offset: int) -> tuple[int, int]:
    """Line and column of ``offset``, from 1; only a line feed ends a line, as in the engine."""
    return text.count("\n", 0, offset) + 1, offset - (text.rfind("\n", 0, offset) + 1) + 1


def syntax_error(text: str, offset: int, reason: Message) -> QuerySyntaxError:
    line, column = position(text, offset)
    return QuerySyntaxError(reason, line, column)


def unexpected(text: str, offset: int, found: str) -> QuerySyntaxError:
    shown = "".join(c if c.isprintable() else f"U+{ord(c):04X}" for c in found[:40])
    return syntax_error(text, offset, Message("unexpected %(found)s", found=shown))


class TooDeep(Exception):
    """Brackets nested deeper than the reader was told to follow."""


@lru_cache(8)
def read(text: str, max_depth: int = 1 << 30) -> Reading:
    """The tokens of ``text``.

    Raises :class:`QuerySyntaxError` at what no query can hold, :class:`TooDeep` past the depth.
    It is kept for those who read the same next, and look for a better way to answer it: change
    nothing in it.
    """
    return _Reader(decode_escapes(text), max_depth).read()


class _Reader:
    """One pass; ``frames``, ``openers``, ``starts`` and ``pending`` are parallel stacks."""

    def __init__(self, text: str, max_depth: int) -> None:
        self.text = text
        self.max_depth = max_depth
        self.tokens: list[Token] = []
        self.edits: list[tuple[int, int, str]] = []
        self.frames = [HEAD]
        self.openers = [""]
        self.starts = [0]
        self.pending = [""]  # VALUES or FILTER, until its brackets
        self.depth = 0
        self.operand = False  # the last token can stand left of an operator

    def read(self) -> Reading:
        text, match_at, offset = self.text, TOKEN.match, 0
        add, frames, openers = self.tokens.append, self.frames, self.openers
        while True:
            match = match_at(text, offset)
            if match is None:
                raise self.stray(offset)
            group = match.lastindex or 0
            start, offset = match.span(group)
            found = text[start:offset]
            if group == RUN_GROUP:
                self.run(found, start)
            elif group == OP_GROUP:
                if found == "<<" and self.less_than_iri(start):
                    offset = start + 1
                elif found in OPENERS:
                    self.open(found, start)
                elif found in CLOSERS:
                    self.close(found, start)
                else:
                    add(Token(OP, found, start, frames[-1]))
                    self.operand = False
            elif group == IRI_GROUP and self.operand and openers[-1] == "(":
                offset = self.angle(found, start)
            elif group in TERM_KINDS:
                if group == NAME_GROUP and found.count(".") > 1:
                    self.dotted(found, start)
                add(Token(TERM_KINDS[group], found, start, frames[-1]))
                self.operand = True
            elif group == LESS_GROUP:
                add(Token(OP, found, start, frames[-1]))
                self.operand = False
            elif group == END_GROUP:
                break
        if len(openers) > 1:
            reason = Message("%(found)s is not closed", found=openers[-1])
            raise syntax_error(text, self.starts[-1], reason)
        return Reading(self.tokens, self.text, self.edited(), self.depth)

    def run(self, found: str, start: int) -> None:
        if "." not in found and "-" not in found:
            self.word(found, start)
            return
        # ``true.FILTER``, ``true-1``: name characters that no colon follows are several tokens.
        for piece in PIECE.finditer(found):
            part, at = piece.group(), start + piece.start()
            if part[0].isalpha():
                self.word(part, at)
            else:
                kind = NUMBER if part.isdigit() else OP
                self.operand = kind == NUMBER
                self.tokens.append(Token(kind, part, at, self.frames[-1]))

    def word(self, found: str, start: int) -> None:
        upper = found.upper()
        self.operand = upper in ("TRUE", "FALSE")
        if upper in ("VALUES", "FILTER"):
            self.pending[-1] = upper
        elif upper.startswith("SELECT") and self.frames[-1] == PATTERN:
            self.frames[-1] = HEAD
        self.tokens.append(Token(WORD, found, start, self.frames[-1]))

    def dotted(self, found: str, start: int) -> None:
        """Oxigraph 0.5 ends a local name at its second dot; an escaped dot it reads right."""
        colon = start + found.index(":")
        local = self.text[colon : start + len(found)]
        self.edits.append((colon, start + len(found), BARE_DOT.sub(r"\\.", local)))

    def angle(self, found: str, start: int) -> int:
        """``<`` after an operand in parentheses: less-than in an expression, else an IRI.

        The specification's longest match would take ``?a <2020&&?b>`` for an IRI, Oxigraph does
        not. Either way the text is made to mean here what it means there.
        """
        end = start + len(found)
        if self.frames[-1] == EXPRESSION:
            operator = "<=" if found.startswith("<=") else "<"
            end = start + len(operator)
            self.edits.append((end, end, " "))
            self.tokens.append(Token(OP, operator, start, EXPRESSION))
            self.operand = False
            return end
        if any(c in found for c in "#'()"):
            escaped = re.sub(r"[#'()]", lambda c: f"\\u{ord(c.group()):04X}", found)
            self.edits.append((start, end, escaped))
        self.tokens.append(Token(IRI, found, start, self.frames[-1]))
        return end

    def open(self, found: str, start: int) -> None:
        if found == "{":
            self.separate_service(start)
        elif found == "(":
            self.join_function(start)
        frame = self.frame_of(found)
        if found == "{" or (found == "(" and self.pending[-1] == "FILTER"):
            self.pending[-1] = ""
        self.frames.append(frame)
        self.openers.append(found)
        self.starts.append(start)
        self.pending.append("")
        if len(self.frames) - 1 > self.depth:
            self.depth += 1
            if self.depth > self.max_depth:
                raise TooDeep(self.max_depth)
        self.tokens.append(Token(OP, found, start, frame))
        self.operand = False

    def join_function(self, start: int) -> None:
        last = self.tokens[-1] if self.tokens else None
        if last and last.kind == WORD and last.text.upper() in JOINED_FUNCTIONS:
            end = last.start + len(last.text)
            if end < start:
                self.edits.append((end, start, ""))

    def less_than_iri(self, start: int) -> bool:
        """``(?a<<http://x>)`` compares; elsewhere in parentheses Oxigraph could still think so."""
        if not (self.operand and self.openers[-1] == "(" and IRI_AT.match(self.text, start + 1)):
            return False
        if self.frames[-1] != EXPRESSION:
            reason = Message("a space is needed after %(found)s", found="<<")
            raise syntax_error(self.text, start, reason)
        self.edits.append((start + 1, start + 1, " "))
        self.tokens.append(Token(OP, "<", start, EXPRESSION))
        self.operand = False
        return True

    def separate_service(self, start: int) -> None:
        """``serviceex:x {``: where the name is no object, Oxigraph reads ``SERVICE ex:x {``.

        A full stop between them changes nothing where it is an object, and is an error elsewhere.
        """
        if self.frames[-1] != PATTERN or len(self.tokens) < 2:
            return
        before, last = self.tokens[-2:]
        if (
            last.kind == NAME
            and "SERVICE" in last.text.partition(":")[0].upper()
            and not before.text.upper().endswith("GRAPH")
        ):
            self.edits.append((start, start, ". "))

    def frame_of(self, opener: str) -> int:
        around = self.frames[-1]
        last = self.tokens[-1] if self.tokens else None
        word = last.text.upper() if last and last.kind == WORD else ""
        if opener == "{":
            if self.pending[-1] == "VALUES":
                return DATA
            return TEMPLATE if word.endswith("CONSTRUCT") else PATTERN
        if opener == "<<":
            return TERMS
        if opener in ("[", "{|"):
            return TEMPLATE if around == TEMPLATE else PATTERN
        if around in (EXPRESSION, TERMS, DATA):
            return around
        if self.pending[-1] == "VALUES":
            return DATA
        if around == HEAD or self.pending[-1] == "FILTER":
            return EXPRESSION
        return EXPRESSION if word and word not in _TERM_WORDS else TERMS

    def close(self, found: str, start: int) -> None:
        if self.openers[-1] != CLOSERS[found]:
            raise unexpected(self.text, start, found)
        frame = self.frames.pop()
        self.openers.pop()
        self.starts.pop()
        self.pending.pop()
        # A subquery's frame was a head; its brace still closes a group.
        self.tokens.append(Token(OP, found, start, frame))
        self.operand = True

    def stray(self, offset: int) -> QuerySyntaxError:
        offset += len(self.text) - offset - len(self.text[offset:].lstrip(" \t\r\n"))
        found = self.text[offset]
        if found in "\"'":
            reason = Message("this string does not end, or holds an unknown escape")
            return syntax_error(self.text, offset, reason)
        return unexpected(self.text, offset, found)

    def edited(self) -> str:
        if not self.edits:
            return self.text
        parts: list[str] = []
        last = 0
        for start, end, replacement in self.edits:
            parts += (self.text[last:start], replacement)
            last = end
        return "".join([*parts, self.text[last:]])
