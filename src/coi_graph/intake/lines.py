"""Offsets in a text ↔ lines and columns, and the places of its statements."""

from __future__ import annotations

import re
from array import array
from bisect import bisect_right
from collections.abc import Callable
from functools import cached_property

import pyoxigraph as ox

from .places import Place, Term

_ENDS = re.compile(r"\r\n|\n|\r")
_SHOWN = 100  # characters of a line that a message quotes
_COUNTED = 16  # places that are found without an index


class Lines:
    """The lines of one file's text. A line ends with a line feed, a carriage return, or both.

    The first few places are found by counting, later ones in an index: an error needs one place
    of a file that may have thirty million lines, a report many of one that has few.
    """

    def __init__(self, file: str, text: str) -> None:
        self.file = file
        self.text = text
        self._asked = 0

    @cached_property
    def _starts(self) -> array[int]:
        return array("Q", (0, *(match.end() for match in _ENDS.finditer(self.text))))

    def _indexed(self) -> bool:
        self._asked += 1
        return self._asked > _COUNTED

    def position(self, offset: int) -> tuple[int, int]:
        """Line and column, both from 1."""
        if self._indexed():
            line = bisect_right(self._starts, offset)
            return line, offset - self._starts[line - 1] + 1
        return self._ends(0, offset) + 1, offset - self._begin(offset) + 1

    def place(self, offset: int) -> Place:
        line, column = self.position(offset)
        return Place(self.file, line=line, column=column)

    def offset(self, line: int, column: int) -> int:
        """The way back; what lies outside of the text is its nearest end."""
        if self._indexed():
            start = self._starts[min(max(line, 1), len(self._starts)) - 1]
        else:
            start = self._start(line)
        return min(start + max(column, 1) - 1, len(self.text))

    def _start(self, line: int) -> int:
        """Where ``line`` begins: halving, so that the text is counted through twice at most."""
        low, high, missing = 0, len(self.text), line - 1
        while high - low > _COUNTED and missing > 0:
            middle = (low + high) // 2
            if self.text[middle : middle + 1] == "\r":  # never between the two of an end
                middle += 1
            if self.text[middle : middle + 1] == "\n":
                middle += 1
            if middle >= high:
                break
            ends = self._ends(low, middle)
            if ends >= missing:
                high = middle
            else:
                low, missing = middle, missing - ends
        for _ in range(missing):
            end = _ENDS.search(self.text, low)
            if end is None:
                return low
            low = end.end()
        return low

    def _ends(self, start: int, end: int) -> int:
        text = self.text
        returns = text.count("\r", start, end)
        both = text.count("\r\n", start, end) if returns else 0
        return text.count("\n", start, end) + returns - both

    def _begin(self, offset: int) -> int:
        text = self.text
        return max(text.rfind("\n", 0, offset), text.rfind("\r", 0, offset)) + 1

    def longest(self) -> int:
        """The offset at which the longest line begins."""
        lines = re.finditer(r"[^\r\n]+", self.text)
        return max(((m.end() - m.start(), -m.start()) for m in lines), default=(0, 0))[1] * -1

    def excerpt(self, offset: int) -> str:
        """The line at ``offset``, and below it a caret; long lines are cut on both sides."""
        offset = min(offset, len(self.text))
        begin = self._begin(offset)
        end = _ENDS.search(self.text, offset)
        stop = end.start() if end else len(self.text)
        start = max(begin, offset - _SHOWN // 2)
        shown = self.text[start : min(stop, start + _SHOWN)]
        before = "…" if start > begin else ""
        after = "…" if start + _SHOWN < stop else ""
        line = "".join(c if c.isprintable() else " " for c in shown)
        return f"{before}{line}{after}\n{' ' * (len(before) + offset - start)}^"


#: Where a statement stands: the offsets of subject, predicate and object; what the object looks
#: like ("i" an IRI, "b" a blank node, "l" a literal, "" not known); and the predicate's IRI, or
#: None where the syntax does not tell it. A plain tuple: a file may have a million.
Spot = tuple[int, int, int, str, str | None]


#: (s, p, o), (s, p), (s,) and (None, o) → the offset at which that is written first.
Index = dict[tuple[object, ...], int]


class StatementPlaces:
    """Where the statements of a text stand: `Places`.

    ``triples`` are the parser's, with blank nodes already renamed. ``index`` is asked once, when
    the first place is wanted: most files are in order and no place is ever asked for. The parser
    is right about what is said; what the index lacks is found by searching the text for names.
    """

    def __init__(self, lines: Lines, triples: list[ox.Triple], index: Callable[[], Index]) -> None:
        self._lines = lines
        self._triples = triples
        self._make = index

    @cached_property
    def index(self) -> Index:
        return self._make()

    def of(
        self, subject: Term, predicate: Term | None = None, value: Term | None = None
    ) -> Place | None:
        """See `Places`."""
        index = self.index
        for key in ((subject, predicate, value), (subject, predicate), (subject,)):
            if None not in key and key in index:
                return self._lines.place(index[key])
        if isinstance(subject, ox.NamedNode) and subject.value in self._spoken_of:
            if (mention := index.get((None, subject))) is not None:
                return self._lines.place(mention)
            offset = search(subject.value, self._lines.text)
            return Place(self._lines.file) if offset is None else self._lines.place(offset)
        return None

    @cached_property
    def _spoken_of(self) -> set[str]:
        terms = [term for triple in self._triples for term in triple]
        return {term.value for term in terms if isinstance(term, ox.NamedNode)}


def index_of(triples: list[ox.Triple], spots: list[Spot]) -> Index:
    """The index of statements in the order in which they were emitted; empty where ``spots`` are
    not those of ``triples``."""
    index: Index = {}
    if len(spots) != len(triples):
        return index
    put = index.setdefault
    for (subject, predicate, value), spot in zip(triples, spots, strict=True):
        if not _agree(predicate, value, spot):
            return {}
        put((subject, predicate, value), spot[2])
        put((subject, predicate), spot[1])
        put((subject,), spot[0])
        if spot[3] == "i":
            put((None, value), spot[2])
    return index


def _agree(predicate: object, value: object, spot: Spot) -> bool:
    _, _, _, kind, iri = spot
    if iri is not None and iri != getattr(predicate, "value", None):
        return False
    # Blank nodes are IRIs by now.
    return not kind or isinstance(value, ox.Literal) == (kind == "l")


def search(iri: str, text: str) -> int | None:
    """The offset at which ``iri`` is first written, in full or as a name; None where it is not."""
    local = re.escape(re.split(r"[/#]", iri)[-1])
    spellings = [rf"<{re.escape(iri)}>", rf"\"{re.escape(iri)}\""]
    if local:
        spellings += [rf"(?<![\w.:-])[\w.-]*:{local}(?![\w-])", rf"[/#:]{local}(?![\w-])"]
    for spelling in spellings:
        if match := re.search(spelling, text):
            return match.start()
    return None
