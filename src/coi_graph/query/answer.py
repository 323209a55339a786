"""What is asked of the pool and what it answers."""

from __future__ import annotations

import os
import tempfile
import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..errors import CoiError
from .cancellation import Cancellation, ClientGone

_BLOCK = 64 * 1024  # what waits in memory for each slow reader is some of these


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryRequest:
    """A query for the pool. Its text has passed the guard: give ``Checked.text``.

    The graphs are absolute IRIs. With both ``None`` the default graph is the union of all graphs;
    otherwise the dataset is what is named and no more, and a FROM in the text does not count:
    give ``Checked.default_graphs`` and ``Checked.named_graphs``, or what the protocol says.
    ``media_type`` is one that pyoxigraph writes for this kind of query. ``expected_bytes``, of the
    store's files, is compared when a worker opens it. ``quads`` is how many the store holds, where
    that is known: joins over few are evaluated in memory. ``max_bytes`` cuts the answer before the
    pool's own cap.

    A remote engine has no store: it is asked for ``release``, and the union is that of ``graphs``,
    as it may hold others too. ``cancellation`` tells that nobody waits for the answer any more.
    """

    store_path: str
    query: str
    media_type: str
    expected_bytes: int | None = None
    quads: int | None = None
    default_graphs: Sequence[str] | None = None
    named_graphs: Sequence[str] | None = None
    base_iri: str | None = None
    max_bytes: int | None = None
    release: int = 0
    graphs: Collection[str] = ()
    cancellation: Cancellation | None = None


class Spool:
    """A nameless file that a worker writes and a web thread reads while it grows.

    It lets the engine run at its own speed: a slow reader holds a file, not a worker.
    """

    def __init__(self, folder: Path | None, beginning: Iterable[bytes] = ()) -> None:
        """With what has been held back so far as its ``beginning``."""
        self.file = tempfile.TemporaryFile(dir=folder, buffering=0)  # noqa: SIM115
        self.changed = threading.Condition()
        self.size = 0
        try:
            for block in beginning:
                self.write(block)
        except BaseException:
            self.file.close()
            raise
        self.beginning = self.size
        self.done = False
        self.cut = False
        self.beside = 0.0
        self.error: CoiError | None = None
        self._tell: Callable[[], None] | None = None

    def when_done(self, tell: Callable[[], None]) -> None:
        """Has ``tell`` called once nothing is written any more, now if that is so already."""
        with self.changed:
            self._tell = tell
            done = self.done
        if done:
            tell()

    def write(self, data: bytes) -> None:
        """For a writer in this process. Raises `OSError`."""
        view = memoryview(data)
        while view:
            view = view[self.file.write(view) :]
        self.grow(self.size + len(data))

    def whole(self, most: int) -> bytes | None:
        """The bytes of an answer that is complete, not cut, and of at most ``most`` bytes."""
        if not self.done or self.error is not None or self.cut or self.size > most:
            return None
        return os.pread(self.file.fileno(), self.size, 0)

    def grow(self, size: int) -> None:
        with self.changed:
            self.size = size
            self.changed.notify_all()

    def finish(self, size: int, *, cut: bool, beside: float = 0.0) -> None:
        with self.changed:
            self.size, self.cut, self.beside, self.done = size, cut, beside, True
            self.changed.notify_all()
        self._told()

    def fail(self, error: CoiError) -> None:
        with self.changed:
            if not self.done:
                self.error, self.done = error, True
            self.changed.notify_all()
        self._told()

    def _told(self) -> None:
        if self._tell is not None:
            self._tell()

    def blocks(self) -> Iterator[bytes]:
        """The bytes as they come; raises the `CoiError` with which the query failed."""
        offset = 0
        while True:
            with self.changed:
                while not self.done and self.size == offset:
                    self.changed.wait()
                if self.error is not None:
                    raise self.error
                size = self.size
            if size == offset:
                return
            while offset < size:
                block = os.pread(self.file.fileno(), min(_BLOCK, size - offset), offset)
                offset += len(block)
                yield block


class Answer:
    """The bytes of an answer, in ``media_type``. Iterate it once, and close it in any case.

    What fails after the part that is held back is raised by the iterator: the stream must then be
    broken off, never ended. A result over the byte cap ends with a line ``TRUNCATED: …`` which
    breaks the form, and ``truncated`` is then true: at once for an answer that is complete,
    otherwise when the iterator has ended.
    """

    def __init__(
        self,
        media_type: str,
        held: list[bytes],
        *,
        cut: bool = False,
        beside: float = 0.0,
        spool: Spool | None = None,
        abandon: Callable[[], None] | None = None,
    ) -> None:
        self.media_type = media_type
        self._held = held
        self._cut = cut
        self._beside = beside
        self._spool = spool
        self._abandon = abandon
        self._keep: tuple[Callable[[bytes], None], int] | None = None

    @property
    def truncated(self) -> bool:
        return self._cut or (self._spool is not None and self._spool.cut)

    @property
    def beside(self) -> float:
        """Seconds that a second thread of the engine computed, known when all is done."""
        return self._beside if self._spool is None else self._spool.beside

    @property
    def complete(self) -> bytes | None:
        """The whole answer where it is in memory already: up to about a megabyte."""
        return b"".join(self._held) if self._spool is None else None

    def when_done(self, tell: Callable[[], None]) -> None:
        """Has ``tell`` called, at least once and by any thread, when the engine has no more work
        with this, however long it takes to be read."""
        if self._spool is None:
            tell()
        else:
            self._spool.when_done(tell)

    def keep(self, put: Callable[[bytes], None], most: int) -> None:
        """Has ``put`` given the whole answer when this is closed, where it was not complete at
        once, is by then, and has at most ``most`` bytes."""
        self._keep = (put, most)

    def body(self) -> Iterator[bytes]:
        try:
            for index in range(len(self._held)):
                block, self._held[index] = self._held[index], b""
                for start in range(0, len(block), _BLOCK):
                    yield block[start : start + _BLOCK]
            if self._spool is not None:
                yield from self._spool.blocks()
        finally:
            self.close()

    __iter__ = body

    def close(self) -> None:
        """Stops the query if it still runs, and frees the file. Any thread may call it, twice."""
        self.stop()
        if self._spool is None:
            return
        keep, self._keep = self._keep, None
        if keep is not None:
            put, most = keep
            body = self._spool.whole(most)
            if body is not None:
                put(body)
        self._spool.file.close()

    def stop(self) -> None:
        """Stops the query if it still runs; `body` then raises `ClientGone`. Any thread may call
        it, while another one reads."""
        spool = self._spool
        if spool is None or spool.done:
            return
        if self._abandon is not None:
            self._abandon()
        spool.fail(ClientGone())

    def __enter__(self) -> Answer:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __del__(self) -> None:
        self.close()
