"""RDF files: their formats, what is refused before parsing, and parsers' errors as sentences."""

from __future__ import annotations

import re
from pathlib import Path
from typing import IO

import pyoxigraph as ox

from ..errors import UnreadableInput
from ..i18n import Message

FORMATS = (
    ox.RdfFormat.TURTLE,
    ox.RdfFormat.TRIG,
    ox.RdfFormat.N_TRIPLES,
    ox.RdfFormat.N_QUADS,
    ox.RdfFormat.RDF_XML,
    ox.RdfFormat.JSON_LD,
)  # not N3: its formulas and variables are no statements

# The parser says the place again, in one of several ways.
_PLACE = re.compile(
    r"^Parser error (?:at|between) line \d+ (?:column \d+|between columns \d+ and \d+)"
    r"(?: and line \d+ column \d+)?: "
)
# Refused before parsing: parsers expand entity bombs (measured on both of ours).
_DOCTYPE = re.compile(rb"<!\s*(DOCTYPE|ENTITY)", re.IGNORECASE)
_OVERLAP = 64  # bytes kept from one block to the next, so that no declaration falls between


def format_of(path: Path, *, endings: str = "") -> ox.RdfFormat:
    """The format that the file's ending says; ``endings`` is added to the remedy.

    Raises `UnreadableInput`.
    """
    format = ox.RdfFormat.from_extension(path.suffix.lstrip("."))
    if format not in FORMATS:
        raise UnreadableInput(
            Message("%(file)s: the ending says no RDF format", file=path.name),
            remedy=Message(
                "Known endings: %(endings)s", endings=".ttl .trig .nt .nq .rdf .jsonld" + endings
            ),
        )
    return format


def unreadable(file: Path | str, error: Exception) -> UnreadableInput:
    """What pyoxigraph's parser, or the operating system, said about ``file``."""
    if isinstance(error, OSError):
        why = error.strerror or str(error)
        return UnreadableInput(Message("%(file)s cannot be read: %(why)s", file=file, why=why))
    line, column = getattr(error, "lineno", None), getattr(error, "offset", None)
    said = getattr(error, "msg", None) or str(error)
    if "LoadDocumentCallback" in said:
        return UnreadableInput(
            Message("%(file)s refers to a JSON-LD context elsewhere", file=file),
            remedy=Message("Nothing is fetched: write the context into the file."),
        )
    why = printable(_PLACE.sub("", said))
    if line is None:
        return UnreadableInput(Message("%(file)s: %(why)s", file=file, why=why))
    return UnreadableInput(
        Message(
            "%(file)s, line %(line)s, column %(column)s: %(why)s",
            file=file,
            line=line,
            column=column,
            why=why,
        ),
        line=line,
        column=column,
    )


def printable(text: str) -> str:
    """Without control characters: what somebody else wrote must not steer a terminal."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def refuse_doctype(file: str, data: bytes) -> None:
    """Raises `UnreadableInput` where XML declares a document type or an entity."""
    if _DOCTYPE.search(data):
        raise UnreadableInput(
            Message("%(file)s declares a DOCTYPE or an ENTITY", file=file),
            remedy=Message("Remove the declaration and write the IRIs out in full."),
        )


class WithoutDoctype:
    """An XML file read as a stream; reading it raises what `refuse_doctype` raises."""

    def __init__(self, file: str, stream: IO[bytes]) -> None:
        self._file, self._stream, self._last = file, stream, b""

    def read(self, size: int = -1) -> bytes:
        block = self._stream.read(size)
        refuse_doctype(self._file, self._last + block)
        self._last = (self._last + block)[-_OVERLAP:]
        return block

    def readable(self) -> bool:
        return True
