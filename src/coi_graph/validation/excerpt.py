"""The lines of a contributed file that a report shows."""

from __future__ import annotations

from array import array
from collections.abc import Mapping
from typing import Any

from ..intake import encoding
from ..intake.places import Place

_WIDTH = 100  # characters of a line that are shown
_BEFORE = 40  # of them in front of the place, where the line is longer


class Excerpts:
    """Files by their names, as they were sent."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self._files = files
        self._decoded: dict[str, bytes] = {}
        self._starts: dict[str, array[int]] = {}

    def describe(self, place: Place | None) -> dict[str, Any] | None:
        """A place as plain data; of a text file with its line, and how far into ``text`` the
        place is (from 0)."""
        if place is None:
            return None
        text, mark = self._line(place) if place.line is not None else (None, None)
        return {
            "file": place.file,
            "line": place.line,
            "column": place.column,
            "sheet": place.sheet,
            "row": place.row,
            "cell": place.cell,
            "shown": str(place),
            "text": text,
            "mark": mark,
        }

    def _line(self, place: Place) -> tuple[str | None, int | None]:
        data = self._as_utf8(place.file)
        if data is None or place.line is None:
            return None, None
        starts = self._starts_of(place.file, data)
        if not 0 < place.line <= len(starts):
            return None, None
        start = starts[place.line - 1]
        end = starts[place.line] if place.line < len(starts) else len(data)
        # A file of one line may be large: enough of it to find the column in.
        reach = 4 * ((place.column or 1) + _WIDTH)
        text = data[start : min(end, start + reach)].decode("utf-8", "replace")
        text = text.removeprefix("\ufeff").rstrip("\r\n")
        column = max((place.column or 1) - 1, 0)
        first = max(0, column - _BEFORE) if len(text) > _WIDTH else 0
        if place.column is None:
            first, column = 0, len(text) - len(text.lstrip())
        shown = "".join(c if c.isprintable() else " " for c in text[first : first + _WIDTH])
        return shown, min(column - first, len(shown))

    def _as_utf8(self, name: str) -> bytes | None:
        """The file as UTF-8 where it is in another form of Unicode; else as it was sent."""
        if name not in self._decoded and name in self._files:
            data = self._files[name]
            codec = encoding.guess(data)
            if codec.startswith(("utf-16", "utf-32")):
                data = data.decode(codec, "replace").encode("utf-8", "replace")
            self._decoded[name] = data
        return self._decoded.get(name)

    def _starts_of(self, name: str, data: bytes) -> array[int]:
        if name not in self._starts:
            starts = array("Q", [0])
            at = data.find(b"\n")
            while at >= 0:
                starts.append(at + 1)
                at = data.find(b"\n", at + 1)
            self._starts[name] = starts
        return self._starts[name]
