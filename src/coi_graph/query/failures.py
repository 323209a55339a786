"""A worker's frame FAILED as an error for the user."""

from __future__ import annotations

from ..errors import CoiError, ReleaseCorrupt
from ..i18n import Message
from . import wire
from .errors import QueryFailed, QueryOutOfMemory, QueryRejected, QuerySyntaxError

# After these the worker may be in no state to go on.
_REPLACE = frozenset((wire.MEMORY, wire.ENGINE, wire.STORE))


def failure(payload: bytes, memory_bytes: int) -> tuple[CoiError, bool]:
    """The error, and whether its worker should be replaced."""
    kind, line, column = wire.FAILURE.unpack_from(payload)
    words = payload[wire.FAILURE.size :].decode("utf-8", "replace")[:2000]
    return _error(kind, line, column, words, memory_bytes), kind in _REPLACE


def _error(kind: int, line: int, column: int, words: str, memory_bytes: int) -> CoiError:
    if kind == wire.SYNTAX:
        return QuerySyntaxError(words, line, column)
    if kind == wire.REFUSED:
        return QueryRejected(Message("The engine refuses the query: %(words)s", words=words))
    if kind == wire.STORE:
        return ReleaseCorrupt(Message("The store does not open: %(words)s", words=words))
    if kind == wire.MEMORY:
        return QueryOutOfMemory(memory_bytes)
    if kind == wire.DISK:
        return QueryFailed(Message("The answer cannot be written to disk: %(words)s", words=words))
    return QueryFailed(Message("The engine reports: %(words)s", words=words))
