"""Mistakes within a value: an IRI, or a text in quotation marks with its language or datatype."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..i18n import Message
from .syntax import printable


@dataclass(frozen=True, slots=True)
class Mistake:
    """One syntax error; ``offset`` is in the text."""

    offset: int
    message: Message
    remedy: Message | None


def word_at(text: str, start: int) -> str:
    match = re.compile(r"[^\s;,<>\"]{1,200}").match(text, start)
    return match[0] if match else ""


def short(found: str) -> str:
    shown = printable(found)
    return shown if len(shown) <= 60 else shown[:59] + "…"


def iri(text: str, start: int, found: str, words: str) -> Mistake | None:
    if "No scheme found" in words:
        return Mistake(
            start,
            Message("“%(iri)s” is a relative IRI, and the file has no base", iri=short(found)),
            Message("Write the whole IRI, as in <https://…>, or “@base <https://…> .” at the top."),
        )
    match = re.search(r"Invalid IRI code point '(.*?)'", words, re.DOTALL)
    if match is None:
        if "IRI" in words and "Invalid" in words:
            return Mistake(start, Message("“%(iri)s” is not a valid IRI", iri=short(found)), None)
        return None
    letter = match[1] or "'"
    at = max(text.find(letter, start), start)
    if found.startswith("<!--"):
        return Mistake(
            start, Message("“<!--” begins no comment here"), Message("Comments begin with “#”.")
        )
    if letter == " ":
        what, remedy = Message("an IRI holds no space"), Message("Write “%%20” for a space.")
    elif letter == '"':
        what, remedy = Message("an IRI holds no quotation mark"), Message("Write “%%22” for it.")
    elif letter in "\r\n":
        what = Message("the IRI that begins here is not closed")
        return Mistake(start, what, Message("Write “>” at its end."))
    else:
        what = Message("an IRI holds no “%(letter)s”", letter=printable(letter))
        code = "".join(f"%{byte:02X}" for byte in letter.encode("utf-8", "replace"))
        remedy = Message("Write “%(code)s” for it.", code=code)
    return Mistake(at, what, remedy)


def literal(text: str, start: int, found: str, words: str) -> Mistake | None:
    match = re.search(r"Unexpected escape character '(.*?)'", words)
    before = text[max(0, start - 2000) : start]
    if match and before.rfind("<") > max(before.rfind('"'), before.rfind("'"), before.rfind(">")):
        return Mistake(
            start,
            Message("an IRI holds no “%(letter)s”", letter="\\"),
            Message("Write “%(code)s” for it.", code="%5C"),
        )
    if match:
        return Mistake(
            start,
            Message("“%(what)s” means nothing in a text", what=printable(match[1])),
            Message("Write “\\\\” for a backslash."),
        )
    if "ine jumps are not allowed in string" in words:
        return Mistake(
            start,
            Message("the text in quotation marks is not closed on its line"),
            Message(
                "Close it with a quotation mark, or write three before and after a text of several"
                ' lines: """…"""'
            ),
        )
    if text[start - 2 : start] == "^^" or "Expecting a datatype IRI" in words:
        return Mistake(
            start,
            Message("after “^^” comes a datatype, and “%(found)s” is none", found=short(found)),
            Message('Write for example “"2024-05-17"^^xsd:date”.'),
        )
    if found[:1] == "^" and text[start - 1 : start] in "\"'":
        return Mistake(
            start,
            Message("one “^” before the datatype instead of two"),
            Message('Write for example “"2024-05-17"^^xsd:date”.'),
        )
    if re.search(r"@[A-Za-z]+_?$", text[max(0, start - 12) : start]) or "language code" in words:
        return Mistake(
            start,
            Message("the language of the text is not written right"),
            Message('Write for example “"tekst"@da”, without space or underscore.'),
        )
    before = text[max(0, start - 1) : start]
    if before in ("'", '"') and re.match(r"[\w%&]", found):
        return Mistake(
            start,
            Message("a quotation mark ended the text here, and it goes on"),
            Message('Write \\" for a quotation mark within a text.'),
        )
    return None
