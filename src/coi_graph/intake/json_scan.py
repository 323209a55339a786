"""JSON read with the place of every key and value, without recursion (RFC 8259)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from ..i18n import Message
from .mistaken_values import Mistake

_TOKEN = re.compile(
    r"""[ \t\r\n]*+(?:
        ("(?:[^"\\\x00-\x1f]++|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*+")
      | ([{}\[\],:])
      | (-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?(?:[eE][-+]?[0-9]++)?(?![\w.]) | true\b|false\b|null\b)
      | (\Z)
    )""",
    re.VERBOSE,
)
_STRING, _MARK, _OTHER, _END = range(1, 5)


@dataclass(slots=True)
class Value:
    """``start`` and ``end`` are offsets in the text; ``text`` is set for a string, ``word`` for a
    number, true, false or null."""

    start: int
    end: int = 0
    text: str | None = None
    word: str | None = None
    members: list[tuple[str, int, Value]] | None = None  # of an object: key, its offset, value
    items: list[Value] | None = None  # of an array

    def get(self, key: str) -> Value | None:
        """The member's value; of a key that stands twice the last, as the parser takes it."""
        return next((v for k, _, v in reversed(self.members or ()) if k == key), None)

    def flat(self) -> Iterator[Value]:
        """The values of an array, and of arrays in it; of anything else itself."""
        waiting = [self]
        while waiting:
            value = waiting.pop()
            if value.items is None:
                yield value
            else:
                waiting.extend(reversed(value.items))


class NotJson(Exception):
    """Raised with the `Mistake`."""

    def __init__(self, mistake: Mistake) -> None:
        self.mistake = mistake
        super().__init__(str(mistake.message))


class TooDeep(NotJson):
    """More levels than the scan was told to follow."""


@dataclass(slots=True)
class _Scan:
    text: str
    depth: int
    at: int = 0
    kind: int = 0
    said: str = ""
    start: int = 0
    open: list[Value] = field(default_factory=list)

    def next(self) -> None:
        match = _TOKEN.match(self.text, self.at)
        if match is None:
            raise NotJson(_mistake(self.text, _skip(self.text, self.at)))
        self.kind = match.lastindex or 0
        self.start, self.at = match.span(self.kind)
        self.said = match[self.kind]

    def value(self) -> Value:
        """The value that the token begins."""
        value = Value(self.start, self.at)
        if self.kind == _STRING:
            value.text = json.loads(self.said) if "\\" in self.said else self.said[1:-1]
        elif self.kind == _OTHER:
            value.word = self.said
        elif self.said == "{":
            value.members = []
            self.open.append(value)
        elif self.said == "[":
            value.items = []
            self.open.append(value)
        else:
            raise NotJson(_mistake(self.text, self.start))
        if len(self.open) > self.depth:
            raise TooDeep(
                Mistake(
                    self.start,
                    Message("more than %(depth)s levels within each other", depth=self.depth),
                    Message("Give the records identifiers, and write them one after the other."),
                )
            )
        return value


def scan(text: str, depth: int) -> Value:
    """The tree of ``text``. Raises `NotJson` or `TooDeep`."""
    reader = _Scan(text, depth)
    reader.next()
    root = reader.value()
    while reader.open:
        _step(reader, reader.open[-1])
    reader.next()
    if reader.kind != _END:
        raise NotJson(
            Mistake(
                reader.start,
                Message("something stands after the end of the JSON"),
                Message("A JSON-LD file is one object or one array: put records into “@graph”."),
            )
        )
    return root


def _step(reader: _Scan, value: Value) -> None:
    """The next member or item of ``value``, or its end."""
    closing = "}" if value.items is None else "]"
    empty = not (value.members or value.items)
    reader.next()
    if reader.kind == _MARK and reader.said == closing:
        value.end = reader.at
        reader.open.pop()
        return
    if not empty:
        if reader.kind != _MARK or reader.said != ",":
            raise NotJson(_missing(reader, closing))
        comma = reader.start
        reader.next()
        if reader.kind == _MARK and reader.said == closing:
            raise NotJson(
                Mistake(
                    comma,
                    Message("a comma after the last value"),
                    Message("Remove the comma before “%(closing)s”.", closing=closing),
                )
            )
    if value.items is not None:
        value.items.append(reader.value())
        return
    if reader.kind != _STRING or value.members is None:
        raise NotJson(_mistake(reader.text, reader.start))
    key, at = json.loads(reader.said), reader.start
    reader.next()
    if reader.said != ":" or reader.kind != _MARK:
        raise NotJson(
            Mistake(
                reader.start,
                Message("a colon is missing after the key “%(key)s”", key=key[:60]),
                Message('Write "%(key)s": and then its value.', key=key[:60]),
            )
        )
    reader.next()
    value.members.append((key, at, reader.value()))


def _skip(text: str, at: int) -> int:
    while at < len(text) and text[at] in " \t\r\n":
        at += 1
    return at


def _missing(reader: _Scan, closing: str) -> Mistake:
    if reader.kind == _END:
        return _mistake(reader.text, len(reader.text))
    if reader.kind == _MARK and reader.said in "]}":
        return Mistake(
            reader.start,
            Message("“%(found)s” where “%(closing)s” is due", found=reader.said, closing=closing),
            Message("Close the brackets in the order in which they were opened."),
        )
    before = len(reader.text[: reader.start].rstrip())
    return Mistake(
        before, Message("a comma is missing between two values"), Message("Write “,” here.")
    )


def _mistake(text: str, at: int) -> Mistake:
    """What stands at ``at``, where no token of JSON can."""
    found = text[at : at + 1]
    if not found:
        return Mistake(
            len(text.rstrip()),
            Message("the file ends before its last bracket is closed"),
            Message("Send the whole file again; it was cut off, or a “}” is missing."),
        )
    if found == '"':
        bad = re.compile(r'"(?:[^"\\\x00-\x1f]++|\\["\\/bfnrtu])*+').match(text, at)
        end = bad.end() if bad else at
        if text[end : end + 1] == "\\":
            return Mistake(
                end,
                Message("“%(what)s” means nothing in a text", what=text[end : end + 2]),
                Message("Write “\\\\” for a backslash."),
            )
        return Mistake(
            at,
            Message("the text in quotation marks that begins here is not closed"),
            Message("Close it on the same line; write \\n for a new line within it."),
        )
    if found in "“”„«»‘’'":
        return Mistake(
            at,
            Message("“%(found)s” is no quotation mark of JSON", found=found),
            Message('Write straight double quotation marks: "text".'),
        )
    if text.startswith(("//", "/*", "#"), at):
        return Mistake(at, Message("JSON has no comments"), Message("Remove the comment."))
    word = re.compile(r"[^\s,:\[\]{}\"]{1,40}").match(text, at)
    shown = word[0] if word else found
    return Mistake(
        at,
        Message("“%(found)s” cannot stand here", found=shown if shown.isprintable() else "?"),
        Message("Texts and keys stand in double quotation marks; true, false and null do not."),
    )
