"""The bytes of a contributed text file as text.

UTF-8 is what RDF asks for. What else Danish offices save is recognised: UTF-16 is read and said,
Windows-1252 is refused with the place of the first letter that shows it, because a guess that is
wrong would put wrong letters into names.
"""

from __future__ import annotations

import codecs
import re

from ..errors import UnreadableInput
from ..i18n import Message
from .lines import Lines
from .places import Place, Remark, Severity

# Longest first: UTF-32's mark begins with UTF-16's.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_DECLARED = re.compile(rb"""<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
#: What an XML declaration may name; the parser itself takes UTF-8 only.
_XML_ENCODINGS = frozenset(
    ("utf-8", "ascii", "iso8859-1", "iso8859-15", "cp1252", "utf-16", "utf-16-le", "utf-16-be")
)
# UTF-8 that was read as Windows-1252 and saved again: "Ã¦" for "æ".
_TWICE = re.compile("Ã[¦¸¥†˜…©¨¶¤¼–œ]")
_SAVE = Message(
    "Save the file with the encoding UTF-8 and send it again. In Notepad: File, Save as, Encoding."
)


def guess(data: bytes) -> str:
    """The codec that the first bytes speak for."""
    for mark, codec in _MARKS:
        if data.startswith(mark):
            return codec
    # Without a mark: nearly every other byte of a Latin text is zero, and no two together.
    head = data[:64]
    if len(head) >= 4 and b"\x00\x00" not in head:
        even, odd = head[0::2].count(0), head[1::2].count(0)
        if even + odd >= len(head) // 3:
            return "utf-16-le" if odd > even else "utf-16-be"
    return "utf-8"


def decode(file: str, data: bytes, *, xml: bool = False) -> tuple[str, list[Remark]]:
    """The text, without a byte order mark, and what there is to say about its encoding.

    Raises `UnreadableInput` that says the place and how to save the file.
    """
    codec = guess(data)
    if xml and codec == "utf-8":
        codec = _declared(file, data)
    try:
        text = data.decode(codec)
    except UnicodeDecodeError as error:
        if codec == "utf-8" or codec == "utf-8-sig":
            raise _not_utf8(file, data, error) from error
        raise UnreadableInput(
            Message("%(file)s begins like %(codec)s, but is not", file=file, codec=codec.upper()),
            remedy=_SAVE,
        ) from error
    text = text.removeprefix("\ufeff")
    if (at := text.find("\x00")) >= 0:
        place = Lines(file, text).place(at)
        raise UnreadableInput(
            Message(
                "%(file)s, line %(line)s, column %(column)s: a NUL character",
                file=file,
                line=place.line,
                column=place.column,
            ),
            remedy=Message("This is not a text file, or it is damaged: save it anew and compare."),
            **where(place),
        )
    remarks = []
    if codec.startswith(("utf-16", "utf-32")):
        remarks.append(
            Remark(
                Severity.INFO,
                Message("the file is saved as %(codec)s", codec=codec[:6].upper()),
                Message("It has been read. Save it as UTF-8, which every program reads."),
                Place(file),
            )
        )
    return text, remarks + lost_letters(file, text)


def where(place: Place) -> dict[str, object]:
    """The machine-readable members of an error."""
    parts = {"file": place.file, "line": place.line, "column": place.column}
    return {name: value for name, value in parts.items() if value is not None}


def lost_letters(file: str, text: str) -> list[Remark]:
    """A warning where letters were lost, or garbled, before the file reached us."""
    remarks = []
    if (at := text.find("\ufffd")) >= 0:
        remarks.append(
            Remark(
                Severity.WARNING,
                Message("a letter was lost here: “\ufffd” stands where it was"),
                Message("Some program read the file in the wrong encoding. Write the letter anew."),
                Lines(file, text).place(at),
                "\ufffd",
            )
        )
    if match := _TWICE.search(text):
        right = match[0].encode("cp1252", "replace").decode("utf-8", "replace")
        remarks.append(
            Remark(
                Severity.WARNING,
                Message(
                    "“%(found)s” stands where “%(right)s” is meant", found=match[0], right=right
                ),
                Message(
                    "Some program read UTF-8 as Windows-1252 and saved it so. Go back to the file"
                    " before that, or replace the letters."
                ),
                Lines(file, text).place(match.start()),
                match[0],
            )
        )
    return remarks


def _declared(file: str, data: bytes) -> str:
    match = _DECLARED.search(data[:400])
    if match is None:
        return "utf-8"
    name = match[1].decode("ascii")
    try:
        codec = codecs.lookup(name).name
    except LookupError:
        codec = ""
    if codec not in _XML_ENCODINGS:
        raise UnreadableInput(
            Message("%(file)s says its encoding is “%(name)s”", file=file, name=name),
            remedy=_SAVE,
            file=file,
            line=1,
        )
    return codec


def _not_utf8(file: str, data: bytes, error: UnicodeDecodeError) -> UnreadableInput:
    """Where the first wrong byte stands, and what it seems to be."""
    good = data[: error.start].decode("utf-8", "replace").removeprefix("\ufeff")
    place = Lines(file, good).place(len(good))
    byte = data[error.start]
    letter = bytes([byte]).decode("cp1252", "replace")
    if error.end >= len(data) and error.reason == "unexpected end of data":
        why = Message("the file breaks off in the middle of a letter")
        remedy = Message("It was cut off on its way. Send the whole file again.")
    elif any(ord(c) > 127 for c in good):
        why = Message(
            "byte %(byte)s is not UTF-8, although what stands before it is: the file mixes"
            " encodings (in Windows-1252 it would be “%(letter)s”)",
            byte=f"{byte:02X}",
            letter=letter,
        )
        remedy = Message("Parts of it come from different files: save each as UTF-8, then join.")
    else:
        why = Message(
            "byte %(byte)s is not UTF-8 (in Windows-1252 it would be “%(letter)s”)",
            byte=f"{byte:02X}",
            letter=letter,
        )
        remedy = _SAVE
    return UnreadableInput(
        Message(
            "%(file)s, line %(line)s, column %(column)s: %(why)s",
            file=file,
            line=place.line,
            column=place.column,
            why=why,
        ),
        remedy=remedy,
        **where(place),
    )
