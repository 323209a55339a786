"""The parts of an XLSX file (ECMA-376, part 2), each looked at before any program reads it.

Refused: what is no XLSX, what is encrypted, macros, archives that inflate beyond the limits, and
document types in XML. Sizes are counted while inflating: what an archive declares is not trusted.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator

from ...errors import UnreadableInput
from ...i18n import Message
from ..limits import MIB, Limits
from ..syntax import refuse_doctype

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_BLOCK = 1 << 16
_OVERLAP = 64
#: How many times its size a part may inflate to: a sheet of equal rows comes to about 150.
_RATIO = 300
_SMALL = 4 * MIB  # below this, no ratio is looked at
_MOST_PARTS = 2000
_XML = (".xml", ".rels", ".vml")
_SAVE = Message("Open it in the spreadsheet program and save it as “Excel workbook (.xlsx)”.")
_MARKS = (b"\xff\xfe", b"\xfe\xff")
_DECLARED = re.compile(rb"""<\?xml[^>]*encoding\s*=\s*["']([^"']+)["']""")


class Archive:
    """An XLSX file whose parts can be read. Making one checks all of them.

    Raises `UnreadableInput`.
    """

    def __init__(self, file: str, data: bytes, limits: Limits) -> None:
        self.file = file
        self._limits = limits
        if data.startswith(_OLE):
            raise _refused(*self._old(data))
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
            entries = self._zip.infolist()
        except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
            raise self._damaged(str(error)) from error
        self.names = [entry.filename for entry in entries]
        self._entries = {entry.filename.lower(): entry for entry in entries}
        if len(entries) > _MOST_PARTS or len(self._entries) != len(entries):
            raise self._damaged(str(Message("too many parts, or two of one name")))
        if any(entry.flag_bits & 1 for entry in entries):
            raise _refused(Message("%(file)s is protected by a password", file=file), _PASSWORD)
        self._refuse_others()
        self._inflated = 0
        for entry in entries:
            self._check(entry)

    def _old(self, data: bytes) -> tuple[Message, Message]:
        if _ENCRYPTED in data:
            return Message("%(file)s is protected by a password", file=self.file), _PASSWORD
        return Message("%(file)s is in Excel's old format (.xls)", file=self.file), _SAVE

    def _refuse_others(self) -> None:
        names = set(self._entries)
        if "mimetype" in names:
            said = self._read(self._entries["mimetype"], 200)
            if b"opendocument" in said:
                raise _refused(
                    Message("%(file)s is an OpenDocument file (.ods)", file=self.file), _SAVE
                )
        if "xl/workbook.bin" in names:
            raise _refused(Message("%(file)s is a binary workbook (.xlsb)", file=self.file), _SAVE)
        types = self._entries.get("[content_types].xml")
        said = self._read(types, MIB) if types else b""
        if b"macroEnabled" in said or any(name.endswith("vbaproject.bin") for name in names):
            raise _refused(Message("%(file)s holds macros", file=self.file), _SAVE)
        if "xl/workbook.xml" not in names and b"spreadsheetml" not in said:
            raise _refused(Message("%(file)s is no workbook", file=self.file), _SAVE)

    def _check(self, entry: zipfile.ZipInfo) -> None:
        """Inflates one part as a stream, without keeping it."""
        size, last = 0, b""
        is_xml = entry.filename.lower().endswith(_XML)
        for block in self._blocks(entry):
            size += len(block)
            self._inflated += len(block)
            bomb = size > _SMALL and size > _RATIO * max(entry.compress_size, 1)
            if bomb or self._inflated > self._limits.inflated_bytes:
                raise _refused(
                    Message("%(file)s is far bigger inside than outside", file=self.file),
                    Message(
                        "Copy the rows that hold something into a new workbook, and send that."
                    ),
                )
            if is_xml:
                if b"\x00" in block:  # UTF-16: in it, a document type would not be seen
                    raise self._damaged(f"{entry.filename}: UTF-8?")
                if not last:
                    self._refuse_encoding(entry.filename, block)
                refuse_doctype(f"{self.file} ({entry.filename})", last + block)
                last = block[-_OVERLAP:]

    def _refuse_encoding(self, name: str, start: bytes) -> None:
        """Only UTF-8: in another encoding a document type would not be seen."""
        declared = _DECLARED.match(start.removeprefix(b"\xef\xbb\xbf")[:400])
        wrong = declared and declared[1].lower() not in (b"utf-8", b"us-ascii", b"ascii")
        if start.startswith(_MARKS) or wrong:
            raise self._damaged(f"{name}: UTF-8?")

    def _blocks(self, entry: zipfile.ZipInfo) -> Iterator[bytes]:
        try:
            with self._zip.open(entry) as stream:
                while block := stream.read(_BLOCK):
                    yield block
        except (zipfile.BadZipFile, EOFError, OSError, ValueError, RuntimeError) as error:
            raise self._damaged(str(error)) from error
        except Exception as error:  # zlib.error, and what other compressions raise
            raise self._damaged(str(error)) from error

    def _read(self, entry: zipfile.ZipInfo, most: int) -> bytes:
        found = b""
        for block in self._blocks(entry):
            found += block
            if len(found) >= most:
                break
        return found

    def read(self, name: str) -> bytes | None:
        """The part ``name`` (case does not count); None when there is none."""
        entry = self._entries.get(name.lower().lstrip("/"))
        return None if entry is None else b"".join(self._blocks(entry))

    def _damaged(self, why: str) -> UnreadableInput:
        return _refused(
            Message("%(file)s is damaged (%(why)s)", file=self.file, why=why),
            Message("Open it in the spreadsheet program, save it anew, and send that."),
        )


_PASSWORD = Message("Save it without a password, and send that.")


def _refused(message: Message, remedy: Message) -> UnreadableInput:
    return UnreadableInput(message, remedy=remedy)
