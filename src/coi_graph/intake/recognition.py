"""What a contributed file is, by its content and by the ending of its name."""

from __future__ import annotations

import re
from enum import Enum
from pathlib import PurePath

import pyoxigraph as ox

from ..errors import UnreadableInput
from ..i18n import Message
from . import encoding


class Kind(Enum):
    """What is taken in: its name, and the endings that say so."""

    TURTLE = ("Turtle", ".ttl", ".turtle")
    TRIG = ("TriG", ".trig")
    N_TRIPLES = ("N-Triples", ".nt")
    N_QUADS = ("N-Quads", ".nq")
    JSON_LD = ("JSON-LD", ".jsonld", ".json")
    RDF_XML = ("RDF/XML", ".rdf", ".xml", ".owl")
    CSV = ("CSV", ".csv", ".txt", ".tsv")
    XLSX = ("Excel (XLSX)", ".xlsx")

    @property
    def title(self) -> str:
        return str(self.value[0])

    @property
    def endings(self) -> tuple[str, ...]:
        return tuple(self.value[1:])


RDF_FORMATS = {
    Kind.TURTLE: ox.RdfFormat.TURTLE,
    Kind.TRIG: ox.RdfFormat.TRIG,
    Kind.N_TRIPLES: ox.RdfFormat.N_TRIPLES,
    Kind.N_QUADS: ox.RdfFormat.N_QUADS,
    Kind.JSON_LD: ox.RdfFormat.JSON_LD,
    Kind.RDF_XML: ox.RdfFormat.RDF_XML,
}
_TEXTUAL = (Kind.TURTLE, Kind.TRIG, Kind.N_TRIPLES, Kind.N_QUADS)
# What one format's reader takes besides its own: no reason to say a word.
_WITHIN = {
    Kind.TURTLE: {Kind.N_TRIPLES},
    Kind.TRIG: {Kind.TURTLE, Kind.N_TRIPLES},
    Kind.N_QUADS: {Kind.N_TRIPLES},
}
_WORKBOOK = Message("Open it in the spreadsheet program and save it as “Excel workbook (.xlsx)”.")
_UNPACK = Message("Unpack it and send the file inside.")
_AS_DATA = Message(
    "Send the data itself: %(endings)s", endings=" ".join(k.endings[0] for k in Kind)
)
# The first bytes of what is no data (or not as it is), what it is, and how to mend it.
_OTHERS = (
    (b"\x1f\x8b", Message("a compressed file (gzip)"), _UNPACK),
    (b"BZh", Message("a compressed file (bzip2)"), _UNPACK),
    (b"\xfd7zXZ", Message("a compressed file (xz)"), _UNPACK),
    (b"7z\xbc\xaf", Message("a compressed file (7z)"), _UNPACK),
    (b"Rar!", Message("a compressed file (RAR)"), _UNPACK),
    (b"\x28\xb5\x2f\xfd", Message("a compressed file (zstd)"), _UNPACK),
    (b"%PDF", Message("a PDF document"), _AS_DATA),
    (b"\xd0\xcf\x11\xe0", Message("an old or a locked Office file (.xls, .doc)"), _WORKBOOK),
    (b"{\\rtf", Message("an RTF document"), _AS_DATA),
    (b"\x89PNG", Message("an image"), _AS_DATA),
    (b"\xff\xd8\xff", Message("an image"), _AS_DATA),
    (b"GIF8", Message("an image"), _AS_DATA),
    (b"SQLite format", Message("a database (SQLite)"), _AS_DATA),
    (b"\x7fELF", Message("a program"), _AS_DATA),
    (b"MZ\x90", Message("a program"), _AS_DATA),
)
# Members of archives; their names stand in the file uncompressed.
_ARCHIVES = (
    (b"xl/workbook.bin", Message("a binary workbook (.xlsb)"), _WORKBOOK),
    (b"xl/vbaProject.bin", Message("a workbook with macros (.xlsm)"), _WORKBOOK),
    (b"opendocument.spreadsheet", Message("an OpenDocument spreadsheet (.ods)"), _WORKBOOK),
    (b"opendocument.", Message("an OpenDocument file"), _AS_DATA),
    (b"word/document.xml", Message("a Word document"), _AS_DATA),
    (b"ppt/presentation.xml", Message("a PowerPoint presentation"), _AS_DATA),
)
# Expressions look at so much only, and some of them go over it once for each of its characters.
_HEAD = 8 * 1024
_SPACE = re.compile(r"(?:\s+|#[^\r\n]*)*+")
_XML = re.compile(r"<\?xml|<!--|<!DOCTYPE|<[A-Za-z_][\w.-]*(?::[\w.-]+)?\s[^<>]*\bxmlns", re.I)
# `<a>` may also be a relative IRI; `<a:b>` is an absolute one.
_TAG = re.compile(r"<[A-Za-z_][\w.-]*\s*/?>")
_TYPED = re.compile(rb'\s*\{\s*"coi-graph-form"\s*:')
_HTML = re.compile(
    r"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body)\b", re.I | re.S
)
_JSON = re.compile(r"\{\s*(?:[\"'}]|//|/\*)|\[\s*(?:[{\"\[\]]|\d)")
_DIRECTIVE = re.compile(r"^[ \t]*+(?:@prefix|@base|PREFIX\s|BASE\s+<)", re.I | re.M)
_TERM = r"""(?:<[^>\n]*>|_:\S+|"(?:[^"\\\n]|\\.)*"(?:@[\w-]+|\^\^<[^>\n]*>)?)"""
_STATEMENT = re.compile(rf"{_TERM}\s+<[^>\n]*>\s+{_TERM}(\s+(?:<[^>\n]*>|_:\S+))?\s*\.")
_RDF_SIGNS = re.compile(
    r"<https?://[^\s<>]*>|<urn:|^[ \t]*+[\w-]*:[\w-]+\s+(?:a|[\w-]*:[\w-]+)\s", re.M
)
_GRAPH = re.compile(r"(?:^|[.}\s])(?:GRAPH\s++)?(?:<[^>\n]*>|[\w-]*:[\w.-]*)\s*+\{", re.I | re.M)


def recognise(name: str, data: bytes) -> tuple[Kind, Kind | None]:
    """What the content is, and what the ending says where that is something else.

    Raises `UnreadableInput` where it is nothing that is taken in.
    """
    declared = by_ending(name)
    if data[:4] in (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08"):
        kind = _archive(name, data)
    else:
        for start, what, remedy in _OTHERS:
            if data.startswith(start):
                raise _is(name, what, remedy)
        head = data[:_HEAD].decode(encoding.guess(data), "replace").removeprefix("\ufeff")
        if _HTML.match(head):
            raise _is(name, Message("a web page (HTML)"), _AS_DATA)
        kind = _text(head, declared, name)
    if declared is None or kind is declared or kind in _WITHIN.get(declared, ()):
        return (kind if declared is None else declared), None
    return kind, declared


def is_typed(data: bytes) -> bool:
    """Whether it begins as what was typed into a web form does (`intake.tables.typed`)."""
    return _TYPED.match(data[:200]) is not None


def by_ending(name: str) -> Kind | None:
    ending = PurePath(name.lower()).suffix
    return next((kind for kind in Kind if ending in kind.endings), None)


def _archive(name: str, data: bytes) -> Kind:
    for member, what, remedy in _ARCHIVES:
        if member in data:
            raise _is(name, what, remedy)
    # A damaged or cut off workbook is still the spreadsheet reader's to explain.
    if b"xl/" in data or b"[Content_Types].xml" in data or by_ending(name) is Kind.XLSX:
        return Kind.XLSX
    raise _is(name, Message("a compressed file (zip)"), _UNPACK)


def _text(head: str, declared: Kind | None, name: str) -> Kind:
    start = _SPACE.match(head)
    body = head[start.end() :] if start else head
    if _XML.match(body) or (declared not in _TEXTUAL and _TAG.match(body)):
        return Kind.RDF_XML
    if _JSON.match(body):
        return Kind.JSON_LD
    if _DIRECTIVE.search(head):
        return Kind.TRIG if declared is Kind.TRIG or _GRAPH.search(head) else Kind.TURTLE
    if statement := _STATEMENT.match(body):
        return Kind.N_QUADS if statement[1] else Kind.N_TRIPLES
    table = _is_table(head)
    if declared is not None and (declared in RDF_FORMATS or declared is Kind.CSV):
        if declared is Kind.CSV and not table and _RDF_SIGNS.search(head):
            return Kind.TURTLE
        if declared is not Kind.CSV and table and not _RDF_SIGNS.search(head):
            return Kind.CSV
        return declared
    if _RDF_SIGNS.search(head):
        return Kind.TRIG if _GRAPH.search(head) else Kind.TURTLE
    if table:
        return Kind.CSV
    raise _is(name, None, None)


def _is_table(head: str) -> bool:
    """Whether the first lines have the same separator, equally often."""
    lines = [line for line in head.splitlines()[:5] if line.strip()]
    if not lines or len(head) < 3:
        return False
    for separator in ";\t,":
        counts = {line.count(separator) for line in lines}
        if (
            len(counts) == 1
            and min(counts) >= 1
            and not any(re.search(r"\.\s*$", line) for line in lines)
        ):
            return True
    return False


def _is(name: str, what: Message | None, remedy: Message | None) -> UnreadableInput:
    if what is None:
        message = Message("%(file)s is nothing that can be read here", file=name)
    else:
        message = Message("%(file)s is %(what)s", file=name, what=what)
    return UnreadableInput(message, remedy=remedy or accepted(), file=name)


def accepted() -> Message:
    kinds = ", ".join(f"{kind.title} ({' '.join(kind.endings)})" for kind in Kind)
    return Message("Taken in are: %(kinds)s", kinds=kinds)
