"""All syntax errors of a file, as far as they can be told apart from each other's consequences.

The parser stops at its first error. In N-Triples and N-Quads every line is tried. In Turtle and
TriG reading goes on where a statement certainly begins: at the start of a line, after a line that
ends with a full stop. The prefixes declared before are kept.
"""

from __future__ import annotations

import re

import pyoxigraph as ox

from ..errors import UnreadableInput
from ..i18n import Message, both
from .encoding import where
from .lines import Lines
from .mistakes import Mistake, explain
from .places import Remark, Severity

_MOST = 20
_DIRECTIVE = re.compile(
    r"^[ \t]*(?:@prefix|@base|PREFIX|BASE)[ \t]+(?:[^\s:]*:[ \t]*)?<[^>\s]*>[ \t]*\.?", re.M | re.I
)
# A line that begins a statement, after one that ends one (blank lines and comments between).
_START = re.compile(r"\.[ \t]*(?:#[^\r\n]*)?(?:\r?\n[ \t]*(?:#[^\r\n]*)?)*\r?\n(?=[\w<:@])")
_BY_LINE = (ox.RdfFormat.N_TRIPLES, ox.RdfFormat.N_QUADS)


class SyntaxErrors(UnreadableInput):
    """The file breaks the grammar. ``remarks`` has each error; the message is the first's."""

    def __init__(self, lines: Lines, mistakes: list[Mistake]) -> None:
        self.remarks = tuple(
            Remark(Severity.VIOLATION, one.message, one.remedy, lines.place(one.offset))
            for one in mistakes
        )
        first, place = mistakes[0], self.remarks[0].place
        super().__init__(
            Message(
                "%(file)s, line %(line)s, column %(column)s: %(why)s",
                file=lines.file,
                line=place.line,
                column=place.column,
                why=first.message,
            ),
            remedy=first.remedy,
            excerpt=lines.excerpt(first.offset),
            errors=[
                {
                    "line": remark.place.line,
                    "column": remark.place.column,
                    "message": both(remark.message),
                    "remedy": None if remark.remedy is None else both(remark.remedy),
                }
                for remark in self.remarks
            ],
            **where(place),
        )


def errors(lines: Lines, format: ox.RdfFormat, error: SyntaxError) -> SyntaxErrors:
    """``error``, which the parser raised for the text, and what else it would raise."""
    text = lines.text
    start, end = _span(lines, error)
    mistakes = [explain(lines, start, end, _words(error))]
    bound = _resume(text, end, format)
    while bound is not None and len(mistakes) < _MOST:
        # Blank lines in the place of what has been read keep the numbers of lines and columns.
        head = " ".join(match[0] for match in _DIRECTIVE.finditer(text, 0, bound))
        line, _ = lines.position(bound)
        shifted = Lines(lines.file, head + "\n" * (line - 1) + text[bound:])
        following = _first_error(shifted.text, format)
        if following is None:
            break
        at, to = _span(shifted, following)
        offset = bound - len(head) - (line - 1)  # from the shifted text to the whole
        if at + offset < bound:
            break
        mistakes.append(explain(lines, at + offset, to + offset, _words(following)))
        bound = _resume(text, to + offset, format)
    return SyntaxErrors(lines, mistakes)


def _resume(text: str, after: int, format: ox.RdfFormat) -> int | None:
    if format in _BY_LINE:
        end = text.find("\n", max(after - 1, 0))
        return None if end < 0 or not text[end:].strip() else end + 1
    match = _START.search(text, max(after - 1, 0))
    return None if match is None else match.end()


def _first_error(text: str, format: ox.RdfFormat) -> SyntaxError | None:
    try:
        for _ in ox.parse(text, format=format):
            pass
    except SyntaxError as error:
        return error
    return None


def _span(lines: Lines, error: SyntaxError) -> tuple[int, int]:
    start = lines.offset(error.lineno or 1, error.offset or 1)
    end = lines.offset(error.end_lineno or error.lineno or 1, error.end_offset or 1)
    return start, max(start, end)


def _words(error: SyntaxError) -> str:
    words = error.msg or str(error)
    return re.sub(r"^Parser error .*?\d: ", "", words)
