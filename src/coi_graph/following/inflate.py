"""A publisher's compressed N-Quads as a stream that cannot swell without end, nor nest."""

from __future__ import annotations

import gzip
import re
from pathlib import Path
from types import TracebackType
from typing import IO, cast

from ..i18n import Message
from .client import BadAnswer

RATIO = 300  # N-Quads that repeat themselves shrink to a fiftieth
_FREE = 1 << 20  # bytes that anything may have
# A triple term as the object of a line: releases hold none, and deep ones overflow a parser.
_TRIPLE_TERM = re.compile(rb"(?m)^[ \t]*(?:<[^<>\n]*>|_:\S+)[ \t]*<[^<>\n]*>[ \t]*<<")


def refuse_triple_terms(lines: bytes, name: str) -> None:
    """Raises `BadAnswer` for what could overflow a parser. ``lines`` are N-Triples or N-Quads."""
    if _TRIPLE_TERM.search(lines):
        raise BadAnswer(Message("%(file)s holds triple terms, which no release does", file=name))


class Inflated:
    """The content of a gzip file, to be read in blocks. Raises `BadAnswer` in ``read``."""

    def __init__(self, path: Path) -> None:
        self._name = path.name
        self._file = cast(IO[bytes], gzip.open(path, "rb"))  # noqa: SIM115
        self._left = path.stat().st_size * RATIO + _FREE
        self._rest = b""  # the beginning of a line whose end has not come

    def __enter__(self) -> Inflated:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        block = self._file.read(size if 0 < size <= _FREE else _FREE)
        self._left -= len(block)
        if self._left < 0:
            raise BadAnswer(Message("%(file)s swells without end", file=self._name))
        begun = self._rest
        if b"<<" in begun[-1:] + block:
            refuse_triple_terms(begun + block, self._name)
        cut = block.rfind(b"\n") + 1
        self._rest = (block[cut:] if cut else begun + block)[-_FREE:]
        return block
