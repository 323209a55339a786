"""A remote engine's answer, written anew in the form that was asked for.

Every engine has its own CSV, its own ASK and its own JSON-LD; what we serve is the same whatever
the engine. It is read and written as a stream, in one thread, so memory does not follow its size.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pyoxigraph as ox

from ..errors import CoiError
from ..i18n import Message
from .answer import Answer, Spool
from .errors import EngineFailed, QueryFailed
from .output import cut_off
from .reply import Reply

SOLUTIONS = "application/sparql-results+json, application/sparql-results+xml;q=0.5"
GRAPH = "application/n-triples, text/turtle;q=0.5, application/rdf+xml;q=0.2"
#: Before so much is there, what fails gets an honest status.
HOLD_BYTES = 1024 * 1024
_CHUNK = 64 * 1024
_ASK_VARIABLE = "__ASK_RETVAL"  # Virtuoso answers ASK with a row
_BOOLEAN = b'{"head":{},"boolean":%s}'


class _Full(Exception):
    """The answer has reached the cap."""


class Transcript:
    """The file object that the answer is written to: a megabyte in memory, the rest in a file.

    Whoever makes one calls `wait` in the thread that answers and `write_all` in another.
    """

    def __init__(self, media_type: str, cap: int, spool_folder: Path | None) -> None:
        self._media_type = media_type
        self._cap = cap
        self._folder = spool_folder
        self._parts: list[bytes] = []
        self._waiting = 0
        self._passed = 0
        self._quotes = 0
        self._held: list[bytes] = []
        self._spool: Spool | None = None
        self._cut = False
        self._error: CoiError | None = None
        self._ready = threading.Event()

    @staticmethod
    def accept(media_type: str) -> str:
        """What to ask the engine for, to write it as ``media_type``."""
        return SOLUTIONS if ox.QueryResultsFormat.from_media_type(media_type) else GRAPH

    def wait(self, abandon: Callable[[], None]) -> Answer:
        """The answer, once it is complete or its first megabyte is there. Raises what
        ``write_all`` met before."""
        self._ready.wait()
        if self._spool is None and self._error is not None:
            raise self._error
        return Answer(
            self._media_type, self._held, cut=self._cut, spool=self._spool, abandon=abandon
        )

    def write_all(self, reply: Reply, check: Callable[[], None]) -> None:
        """Reads the reply to its end and asks ``check``, which raises where the answer must not
        be given after all. Raises nothing: `wait` does, or the answer's iterator."""
        try:
            try:
                _serialize(reply, self._media_type, self)
                self._pass_on()
            except _Full:
                reply.abandon()
            if reply.most_rows is not None and not self._cut:
                self._truncate()
            check()
            self._finish()
        except Exception as error:
            failure = _as_ours(error)
            # The frames hold objects of pyoxigraph, which are freed in this thread or never.
            failure.__traceback__ = failure.__cause__ = failure.__context__ = None
            self._fail(failure)

    def write(self, data: bytes) -> int:
        if self._cut:  # Oxigraph's buffer tries once more when it is dropped
            return len(data)
        self._parts.append(data)
        self._waiting += len(data)
        if self._waiting >= _CHUNK or self._passed + self._waiting > self._cap:
            self._pass_on()
        return len(data)

    def flush(self) -> None:
        """Oxigraph calls it at the end."""

    def _pass_on(self) -> None:
        data = b"".join(self._parts)
        self._parts.clear()
        self._waiting = 0
        room = self._cap - self._passed
        if len(data) > room:
            self._cut = True
            self._put(cut_off(data[:room], self._media_type, self._cap, self._quotes))
            raise _Full
        self._put(data)
        self._quotes += data.count(b'"')

    def _truncate(self) -> None:
        """The engine left rows out: the mark goes behind the last that it gave."""
        self._cut = True
        self._put(cut_off(b"", self._media_type, self._passed, self._quotes))

    def _put(self, data: bytes) -> None:
        self._passed += len(data)
        if self._spool is None and self._passed > HOLD_BYTES:
            self._spool = Spool(self._folder, self._held)
            self._held = []
        if self._spool is None:
            self._held.append(data)
            return
        self._spool.write(data)
        self._ready.set()

    def _finish(self) -> None:
        if self._spool is not None:
            self._spool.finish(self._spool.size, cut=self._cut)
        self._ready.set()

    def _fail(self, error: CoiError) -> None:
        self._error = error
        if self._spool is not None:
            self._spool.fail(error)
        self._ready.set()


def _as_ours(error: Exception) -> CoiError:
    if isinstance(error, CoiError):
        return error
    # pyoxigraph wraps what `Reply.read` raises.
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, CoiError):
            return cause
        cause = cause.__cause__ or cause.__context__
    if isinstance(error, SyntaxError):
        return EngineFailed(Message("The engine's answer cannot be read"))
    return QueryFailed(Message("The answer cannot be written to disk: %(words)s", words=error))


def _serialize(reply: Reply, media_type: str, output: Transcript) -> None:
    """Raises `SyntaxError` for what is not in the form that the engine says it is."""
    file = cast(Any, output)
    results_format = ox.QueryResultsFormat.from_media_type(media_type)
    if results_format is None:
        given = ox.RdfFormat.from_media_type(reply.media_type)
        wanted = ox.RdfFormat.from_media_type(media_type)
        if given is None or wanted is None:
            raise _unknown_form(reply)
        quads = ox.parse(cast(Any, reply), format=given)
        ox.serialize((quad.triple for quad in quads), file, format=wanted)
        return
    given_results = ox.QueryResultsFormat.from_media_type(reply.media_type)
    if given_results is None:
        raise _unknown_form(reply)
    results = ox.parse_query_results(cast(Any, reply), format=given_results)
    if isinstance(results, ox.QuerySolutions) and _ASK_VARIABLE in [
        variable.value for variable in results.variables
    ]:
        results = _boolean(results)
    results.serialize(file, format=results_format)


def _boolean(rows: ox.QuerySolutions) -> ox.QueryBoolean:
    row = next(rows, None)
    value = row[_ASK_VARIABLE] if row is not None else None
    true = isinstance(value, ox.Literal) and value.value in ("1", "true")
    parsed = ox.parse_query_results(
        _BOOLEAN % (b"true" if true else b"false"), format=ox.QueryResultsFormat.JSON
    )
    assert isinstance(parsed, ox.QueryBoolean)
    return parsed


def _unknown_form(reply: Reply) -> EngineFailed:
    with contextlib.suppress(CoiError):
        reply.read(1)
    return EngineFailed(
        Message("The engine answers in a form that is not read: %(type)s", type=reply.media_type)
    )
