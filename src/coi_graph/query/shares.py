"""A join by look-ups in shares, which two threads evaluate at the same time.

Oxigraph evaluates a query on one thread: it reads what matches one pattern, and looks up for each
row what the others say of it. Those rows can be dealt out: each share is the same query with some
of them in a subselect, and the shares' answers one after another are the query's. What the shares
are follows from the query and the release alone, so nobody sees from the answer whether one thread
was at work or two.

Loaded by every worker at its start: nothing but the interpreter's own modules.
"""

from __future__ import annotations

import _thread
import os
import time

from . import joining, planning

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from .pieces import Pieces
    from .planning import Counted

#: Rows of the first pattern. More would be read again and again behind each OFFSET; and the engine
#: takes a subselect first only where its LIMIT is below what it guesses of a pattern, 10,000.
_MOST_ROWS = 50_000
_SHARE_ROWS = 1_000
_MOST_SHARES = 16
#: Bytes that a share keeps while one before it is not at its end.
_AHEAD = 1024 * 1024
#: What is taken apart has at most twelve patterns and is not nested.
_STACK_BYTES = 16 * 1024 * 1024

#: Media type → where the rows begin, what stands between two of them, what follows the last.
_FORMS = {
    "application/sparql-results+json": (b'"results":{"bindings":[', b",", b"]}}"),
    "application/sparql-results+xml": (b"<results>", b"", b"</results></sparql>"),
    "text/csv": (b"\r\n", b"", b""),
    "text/tab-separated-values": (b"\n", b"", b""),
}


def queries(pieces: Pieces, numbers: list[Counted], media_type: str) -> list[str]:
    """The shares of a query that the engine joins by look-ups, in the order of their rows; none
    where it is answered soon as it is, or is of another kind. ``numbers`` are what
    `joining.counted` gives."""
    prologue, head, _, tail = pieces
    if media_type not in _FORMS or not _is_row_by_row(head, tail):
        return []
    first = min(
        (each for each in numbers if each.exact and not each.test and _leads(each, numbers)),
        key=lambda each: each.matches,
        default=None,
    )
    if first is None or first.matches > _MOST_ROWS or planning.engines_own(numbers) < planning.FAST:
        return []
    rows = max(min(-(-first.matches // 2), _SHARE_ROWS), -(-first.matches // _MOST_SHARES), 1)
    rest = " . ".join(joining.written(each) for each in numbers if each is not first)
    return [
        f"{prologue}{head} {_rows(first, start, rows)} {rest} {tail}"
        for start in range(0, max(first.matches, 1), rows)
    ]


def _rows(first: Counted, start: int, rows: int) -> str:
    """``rows`` of the pattern. LIMIT and OFFSET in one: the engine takes their difference for the
    number of the rows, and would begin with another pattern."""
    after = joining.select(first, joining.written(first), f" OFFSET {start}")
    return joining.select(first, after, f" LIMIT {rows}")


def _is_row_by_row(head: str, tail: str) -> bool:
    """Whether variables are selected and nothing else, and nothing is done to all rows together."""
    words = head.removesuffix("{").split()
    if words[-1].upper() == "WHERE":
        words.pop()
    after = tail.removeprefix("}").splitlines()
    return (
        words[0].upper() == "SELECT"
        and len(words) > 1
        and all(word[0] in "?$" and word[1:].replace("_", "").isalnum() for word in words[1:])
        and all(line.isspace() or line.lstrip().startswith("#") for line in after if line)
    )


def _leads(first: Counted, patterns: list[Counted]) -> bool:
    """Whether the rows of ``first`` lead to all that there is, always from a thing to its values:
    joined by a value alone, few rows may become more than those of another pattern."""
    bound, left = {first.subject, first.object}, patterns
    while left:
        reached = [each for each in left if each.subject in bound]
        if not reached:
            return False
        bound.update(each.object for each in reached)
        left = [each for each in left if each not in reached]
    return True


class Helper:
    """A second thread, for one piece of work after another; where this process may have but one
    processor, or the system has no more threads, it is not there."""

    def __init__(self) -> None:
        self.is_there = len(os.sched_getaffinity(0)) > 1
        self._work: Callable[[], object] = int
        self._asked, self._done = _taken(), _taken()
        self._seconds = 0.0
        if self.is_there:
            size = _thread.stack_size(_STACK_BYTES)
            try:
                _thread.start_new_thread(self._run, ())
            except RuntimeError:
                self.is_there = False
            finally:
                _thread.stack_size(size)

    def beside(self, work: Callable[[], object]) -> float:
        """Does ``work`` on both threads; the seconds that the second one computed."""
        self._work = work
        self._asked.release()
        try:
            work()
        finally:
            self._done.acquire()
        return self._seconds

    def _run(self) -> None:
        while True:
            self._asked.acquire()
            started = time.thread_time()
            self._work()
            self._seconds = time.thread_time() - started
            self._done.release()


class Shares:
    """Writes the answers of ``queries`` to ``output``, as the answer of one query. ``evaluate``
    writes the answer of one of them to a file object, and is called by two threads."""

    def __init__(
        self,
        queries: list[str],
        evaluate: Callable[[str, Any], None],
        media_type: str,
        output: Any,
    ) -> None:
        self.beginning, self.between, self.ending = _FORMS[media_type]
        self.output = output
        self.last = len(queries) - 1
        self.has_rows = False
        self.error: BaseException | None = None
        self._evaluate = evaluate
        self._left = enumerate(queries)
        self._turns = [_taken() for _ in range(len(queries) + 1)]
        self._turns[0].release()

    def write(self, helper: Helper | None) -> float:
        """The seconds that ``helper`` computed. Raises what evaluating or writing raises."""
        seconds = 0.0
        if self.last and helper is not None and helper.is_there:
            seconds = helper.beside(self._work)
        else:
            self._work()
        if self.error is not None:
            raise self.error
        return seconds

    def take_turn(self, number: int, *, wait: bool) -> bool:
        """Whether the shares before ``number`` are written; ``wait``: until they are."""
        taken = self._turns[number].acquire(wait)
        if self.error is not None:
            raise _Stopped
        return taken

    def _work(self) -> None:
        for number, query in self._left:  # each thread takes what the other has left
            if self.error is not None:
                return
            share = _Share(self, number)
            try:
                self._evaluate(query, share)
                share.end()
            except BaseException as error:
                if self.error is None:
                    self.error = error
                for turn in self._turns:
                    _free(turn)
                return
            _free(self._turns[number + 1])


class _Share:
    """The file object that Oxigraph writes the answer of share ``number`` to: its rows go on to
    the output when their turn has come."""

    def __init__(self, shares: Shares, number: int) -> None:
        self.shares = shares
        self.number = number
        self.data = bytearray()
        self.has_turn = False
        self.has_begun = False  # with its rows
        self.has_rows = False
        self.has_failed = False

    def write(self, data: bytes) -> int:
        if not self.has_failed:  # Oxigraph's buffer tries once more when it is dropped
            self.data += data
            self._pass_on(wait=len(self.data) > _AHEAD)
        return len(data)

    def flush(self) -> None:
        """Oxigraph calls it at the end, before `end` is called."""

    def end(self) -> None:
        self._pass_on(wait=True)
        if not self.has_begun or self.data != self.shares.ending:
            raise RuntimeError(f"a share's answer ends otherwise: {bytes(self.data[-80:])!r}")
        if self.number == self.shares.last:
            self.shares.output.write(self.shares.ending)

    def _pass_on(self, *, wait: bool) -> None:
        try:
            self.has_turn = self.has_turn or self.shares.take_turn(self.number, wait=wait)
            if self.has_turn and (self.has_begun or self._begin()):
                self._pass_rows_on()
        except BaseException:
            self.has_failed = True
            raise

    def _begin(self) -> bool:
        """Takes away what stands before the rows, which is passed on once."""
        start = self.data.find(self.shares.beginning)
        if start < 0:
            return False
        start += len(self.shares.beginning)
        if self.number == 0:
            self.shares.output.write(bytes(self.data[:start]))
        del self.data[:start]
        self.has_begun = True
        return True

    def _pass_rows_on(self) -> None:
        end = len(self.data) - len(self.shares.ending)  # may be the end of the last row
        if end <= 0:
            return
        if not self.has_rows and self.shares.has_rows:
            self.shares.output.write(self.shares.between)
        self.has_rows = self.shares.has_rows = True
        self.shares.output.write(bytes(self.data[:end]))
        del self.data[:end]


class _Stopped(Exception):
    """Another share has failed."""


def _taken() -> _thread.LockType:
    lock = _thread.allocate_lock()
    lock.acquire()
    return lock


def _free(lock: _thread.LockType) -> None:
    try:  # noqa: SIM105 (contextlib is slow to load)
        lock.release()
    except RuntimeError:
        pass  # it is free
