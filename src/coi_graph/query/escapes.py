r"""Codepoint escapes, ``\uXXXX`` and ``\UXXXXXXXX`` (SPARQL 1.1, section 19.2).

The specification decodes them before it looks for tokens; Oxigraph decodes them within IRIs and
strings only. What could be read in two ways is brought into the one form that every engine reads
alike, so that ``\u0053ERVICE`` is a keyword for the guard, and works.
"""

from __future__ import annotations

import re

from ..i18n import Message
from .errors import QuerySyntaxError

_UCHAR = r"\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8}"
_PLAIN_IRI = r"[^<>\"{}|^`\\\x00-\x20]*+"
_LONG = "{q}{{3}}(?:{q}{{0,2}}+(?:[^{q}\\\\]|\\\\.))*+{q}{{3}}"
_SHORT = "{q}(?:[^{q}\\\\\\r\\n]|\\\\.)*+{q}"
_STRINGS = "|".join(form.format(q=quote) for quote in "\"'" for form in (_LONG, _SHORT))
_PARTS = re.compile(
    rf"(?P<comment>\#[^\r\n]*+)"
    rf"|(?P<string>{_STRINGS})"
    rf"|(?P<iri><{_PLAIN_IRI}(?:(?:{_UCHAR}){_PLAIN_IRI})*+>)"
    rf"|(?P<uchar>{_UCHAR})"
    r"|(?P<other>\\.)",
    re.DOTALL,
)
_ESCAPES = re.compile(rf"(?P<uchar>{_UCHAR})|\\.", re.DOTALL)
# Characters that would change where a string ends, and how a string may hold them.
_IN_STRINGS = {'"': r"\"", "'": r"\'", "\\": r"\\", "\n": r"\n", "\r": r"\r"}
_NOT_IN_IRIS = re.compile(r"[<>\"{}|^`\\\x00-\x20]")
_NAME_PUNCTUATION = frozenset(":_-.%\u00b7\u200c\u200d\u203f\u2040")


def decode_escapes(text: str) -> str:
    """``text`` with its codepoint escapes in the one unambiguous form.

    Raises :class:`QuerySyntaxError` for an escape that stands for no character, or for one that
    could not stand at its place.
    """
    if "\\u" not in text and "\\U" not in text:
        return text

    def part(match: re.Match[str]) -> str:
        found = match.group()
        if match.lastgroup == "comment":
            return found.replace("\\", "/")
        if match.lastgroup == "other":
            return found

        def escape(inner: re.Match[str]) -> str:
            if inner.lastgroup != "uchar":
                return inner.group()
            return _rewritten(inner.group(), match.lastgroup or "", text, match.start())

        return _ESCAPES.sub(escape, found)

    return _PARTS.sub(part, text)


def _rewritten(escape: str, place: str, text: str, offset: int) -> str:
    code = int(escape[2:], 16)
    if code > 0x10FFFF or 0xD800 <= code <= 0xDFFF:
        raise _error(text, offset, Message("%(escape)s is no character", escape=escape))
    character = chr(code)
    if place == "string":
        return _IN_STRINGS.get(character, escape)
    if place == "iri" and not _NOT_IN_IRIS.match(character):
        return escape
    if place == "uchar" and (character.isalnum() or character in _NAME_PUNCTUATION):
        return character
    raise _error(text, offset, Message("%(escape)s cannot stand here", escape=escape))


def _error(text: str, offset: int, reason: Message) -> QuerySyntaxError:
    line = text.count("\n", 0, offset) + 1
    return QuerySyntaxError(reason, line, offset - text.rfind("\n", 0, offset))
