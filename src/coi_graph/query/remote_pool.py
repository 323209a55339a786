"""Queries answered by a remote engine, under the limits that hold for our own."""

from __future__ import annotations

import threading
from pathlib import Path

from ..namespaces import BASE
from . import portable
from .answer import Answer, QueryRequest
from .engine import Engine
from .errors import ReleaseMoved
from .load import Load
from .marker import ReleaseMarker
from .places import Places
from .pool import WorkerPool
from .reply import Reply
from .transcript import Transcript


class RemotePool:
    """Answers as `WorkerPool` does. Thread-safe.

    A query is first read by ``parser``, whose workers crash in our stead and tell line and column
    as ever. An answer is given only if the engine still holds the request's release when the
    answer is complete: releases only grow, so it held it all the time.

    timeout           seconds that the engine may take for a query
    at_once           queries that may be at the engine at the same time
    max_waiting       queries that may wait for one of those places
    max_result_bytes  where an answer is cut
    """

    def __init__(
        self,
        engine: Engine,
        marker: ReleaseMarker,
        parser: WorkerPool,
        *,
        timeout: float,
        at_once: int,
        max_waiting: int,
        max_result_bytes: int,
        spool_folder: Path | None = None,
    ) -> None:
        self.timeout = timeout
        self.max_result_bytes = max_result_bytes
        self._engine = engine
        self._marker = marker
        self._parser = parser
        self._places = Places(at_once, max_waiting)
        self._spool_folder = spool_folder

    def execute(self, request: QueryRequest) -> Answer:
        """The answer, once it is complete or its first megabyte is there. The engine is not told
        that a client has gone, only that nobody listens: some work on until their own time-out.

        Raises what `WorkerPool.execute` raises of a query's text, what `Engine.ask` raises,
        `Overloaded`, and `ReleaseMoved`.
        """
        base_iri = request.base_iri or BASE
        self._parser.parse(request.query, base_iri)
        default, named = request.default_graphs, request.named_graphs
        if default is None and named is None:
            default = named = tuple(request.graphs)
        text = portable.text_for_engine(request.query, base_iri, default or (), named or ())
        cap = self.max_result_bytes
        if request.max_bytes is not None:
            cap = min(cap, request.max_bytes)
        transcript = Transcript(request.media_type, cap, self._spool_folder)
        self._places.take()
        try:
            if request.cancellation is not None:
                request.cancellation.check()
            reply = self._engine.ask(
                text,
                Transcript.accept(request.media_type),
                timeout=self.timeout,
                trusted=False,
                cancellation=request.cancellation,
            )
            writer = threading.Thread(
                target=self._write, args=(transcript, reply, request.release), daemon=True
            )
            writer.start()
        except BaseException:
            self._places.give()
            raise
        if request.cancellation is None:
            return transcript.wait(reply.abandon)
        with request.cancellation.stopped_by(reply.abandon):
            return transcript.wait(reply.abandon)

    def _write(self, transcript: Transcript, reply: Reply, release: int) -> None:
        def check() -> None:
            if self._marker.number() != release:
                raise ReleaseMoved(release)

        try:
            with reply:
                transcript.write_all(reply, check)
        finally:
            self._places.give()

    def load(self) -> Load:
        """The places at the engine count as workers."""
        return self._places.load()

    def close(self) -> None:
        self._parser.close()
