"""The process that answers queries: ``python -m coi_graph.query.worker SOCKET PARENT MEMORY``.

Started ahead by the pool, killed by it at a deadline, and written so that both are cheap: it
imports pyoxigraph and what the interpreter loads in a moment, and it holds nothing that could be
lost. A query runs on a thread with a stack that nothing nested within 64 KB of text overflows
(measured).
"""

from __future__ import annotations

import _socket
import _thread
import marshal
import os
import select
import sys

import pyoxigraph as ox

from . import joining, sandbox, shares, store_size, wire
from .copies import Copies, Copy
from .memory import AddressSpace
from .output import Full, Output, SpoolFailed
from .tally import Tallies

TYPE_CHECKING = False  # typing takes longer to load than pyoxigraph
if TYPE_CHECKING:
    from typing import Any

    from .pieces import Pieces
    from .tally import Tally

    Results = ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples

_STACK_BYTES = 256 * 1024 * 1024
_OPEN_STORES = 3
_READ_BYTES = 64 * 1024


class _Failure(Exception):
    def __init__(self, kind: int, words: str, line: int = 0, column: int = 0) -> None:
        self.kind, self.words, self.line, self.column = kind, words, line, column


class Worker:
    """Answers one request after another. ``memory_bytes`` is what a query may add."""

    def __init__(self, channel: _socket.socket, memory_bytes: int, sandboxed: bool) -> None:
        self.channel = channel
        self.sandboxed = sandboxed
        self.counts = joining.Counts()
        self.tallies = Tallies()
        self.stores: dict[tuple[str, int | None], ox.Store] = {}  # the last used one is last
        self.memory = AddressSpace(memory_bytes)
        self.copies = Copies(self.memory.unlimited, self.copied)
        self.helper = shares.Helper()
        self.asked = select.poll()
        self.asked.register(channel.fileno(), select.POLLIN)

    def serve(self) -> None:
        self.channel.sendall(wire.frame(wire.READY, bytes([self.sandboxed])))
        while True:
            request = self.receive()
            try:
                if len(request) == 2:
                    self.locate(*request)
                else:
                    self.answer(*request)
            except _Failure as failure:
                head = wire.FAILURE.pack(failure.kind, failure.line, failure.column)
                words = failure.words.encode("utf-8", "replace")
                self.channel.sendall(wire.frame(wire.FAILED, head + words))

    def receive(self) -> tuple[Any, ...]:
        while not self.asked.poll(0) and (self.copies.go_on() or self.tallies.go_on()):
            pass
        data = self.channel.recv(_READ_BYTES)
        while True:
            if len(data) >= wire.LENGTH.size:
                (size,) = wire.LENGTH.unpack_from(data)
                if len(data) == wire.LENGTH.size + size:
                    request: tuple[Any, ...] = marshal.loads(data[wire.LENGTH.size :])
                    return request
            more = self.channel.recv(_READ_BYTES)
            if not more:
                os._exit(0)  # the pool has closed its end
            data += more

    def answer(
        self,
        path: str,
        expected_bytes: int | None,
        query: str,
        default_graphs: list[str] | None,
        named_graphs: list[str] | None,
        base_iri: str | None,
        media_type: str,
        cap: int,
        hold: int,
        pieces: Pieces | None,
        tally: Tally | None,
        in_memory: bool,
        two_threads: bool,
    ) -> None:
        output = Output(self.channel, media_type, cap, hold)
        cut, beside = False, 0.0
        try:
            store = self.store(path, expected_bytes)
            better: Results | list[str] | None = None
            if in_memory:
                self.copies.expect((path, expected_bytes), store)
            if in_memory and pieces is not None:
                store = self.copies.whole((path, expected_bytes))
            else:
                better = self.better(store, path, pieces, tally, base_iri, media_type)
            try:
                if isinstance(better, list):
                    helper = self.helper if two_threads else None
                    beside = _in_shares(better, store, base_iri, media_type, output).write(helper)
                else:
                    if better is None:
                        better = _evaluate(store, query, default_graphs, named_graphs, base_iri)
                    _serialize(better, media_type, output)
            except Full:
                cut = True
            output.end(cut=cut, replace=self.memory.has_grown(), beside=beside)
        except (BrokenPipeError, ConnectionResetError):
            raise
        except Exception as error:
            raise _failure(error) from error
        finally:
            output.close()

    def better(
        self,
        store: ox.Store,
        path: str,
        pieces: Pieces | None,
        tally: Tally | None,
        base_iri: str | None,
        media_type: str,
    ) -> Results | list[str] | None:
        """The same results by a better plan than the engine's own, where there is one; or the
        queries whose answers are its shares."""

        def ask(query: str) -> Any:
            return _evaluate(store, query, None, None, base_iri)

        try:
            query = None
            if pieces is not None:
                query = self.joined(pieces, (path, base_iri or ""), ask, media_type)
            elif tally is not None:
                query = self.tallies.rewritten(tally, (path,), ask)
            return ask(query) if isinstance(query, str) else query
        except (SyntaxError, ValueError, RuntimeError):
            return None  # the query's own error, which is told of its own text

    def joined(
        self, pieces: Pieces, where: tuple[str, str], ask: Any, media_type: str
    ) -> str | list[str] | None:
        prologue = pieces[0]

        def count(triple: str, most: int) -> int:
            def counted(most: int) -> int:
                return int(next(ask(joining.counting(prologue, triple, most)))[0].value)

            return self.counts.count((*where, prologue, triple), most, counted)

        most_rows = self.memory.more // joining.ROW_BYTES
        numbers = joining.counted(pieces[2], count, most_rows)
        better = joining.rewritten(pieces, numbers, most_rows)
        return better or shares.queries(pieces, numbers, media_type) or None

    def copied(self, key: tuple[str, int | None], copy: Copy) -> None:
        """What may be asked next of a store whose copy is whole."""
        path, expected_bytes = key

        def ask(query: str) -> Any:
            return _evaluate(self.store(path, expected_bytes), query, None, None, None)

        self.tallies.expect(copy.predicates, (path,), ask)

    def locate(self, query: str, base_iri: str | None) -> None:
        """Parses ``query`` over nothing, for the place of its syntax error."""
        try:
            ox.Store().query(query, base_iri=base_iri)
        except Exception as error:
            raise _failure(error) from error
        Output(self.channel, "", 0, 0).end(cut=False, replace=False)

    def store(self, path: str, expected_bytes: int | None) -> ox.Store:
        """The store at ``path``, its size compared when it is opened; the last few stay open."""
        key = (path, expected_bytes)
        store = self.stores.pop(key, None)
        if store is None:
            self.memory.open_up()
            try:
                store = ox.Store.read_only(path)
                size = None if expected_bytes is None else store_size.size_of(path)
            except (OSError, ValueError, RuntimeError) as error:
                raise _Failure(wire.STORE, str(error)) from error
            if size != expected_bytes:
                words = f"{size} bytes instead of {expected_bytes}"
                raise _Failure(wire.STORE, words)
            while len(self.stores) >= _OPEN_STORES:
                del self.stores[next(iter(self.stores))]
            self.memory.confine()
        self.stores[key] = store
        return store


def _evaluate(
    store: ox.Store,
    query: str,
    default_graphs: list[str] | None,
    named_graphs: list[str] | None,
    base_iri: str | None,
) -> Results:
    """Without graphs: the union of all as the default graph, each by its name.

    Once one is named, the dataset is what is named and no more (SPARQL 1.1 Protocol, 2.1.4).
    """
    if default_graphs is None and named_graphs is None:
        return store.query(query, base_iri=base_iri, use_default_graph_as_union=True)
    return store.query(
        query,
        base_iri=base_iri,
        default_graph=[ox.NamedNode(iri) for iri in default_graphs or ()],
        named_graphs=[ox.NamedNode(iri) for iri in named_graphs or ()],
    )


def _in_shares(
    queries: list[str], store: ox.Store, base_iri: str | None, media_type: str, output: Output
) -> shares.Shares:
    def write(query: str, share: Any) -> None:
        _serialize(_evaluate(store, query, None, None, base_iri), media_type, share)

    return shares.Shares(queries, write, media_type, output)


def _serialize(results: Results, media_type: str, output: Any) -> None:
    if isinstance(results, ox.QueryTriples):
        graph_format = ox.RdfFormat.from_media_type(media_type)
        if graph_format is None:
            raise _Failure(wire.REFUSED, f"a graph cannot be written as {media_type}")
        results.serialize(output, format=graph_format)
    else:
        results_format = ox.QueryResultsFormat.from_media_type(media_type)
        if results_format is None:
            raise _Failure(wire.REFUSED, f"solutions cannot be written as {media_type}")
        results.serialize(output, format=results_format)


def _failure(error: Exception) -> _Failure:
    words = str(error)
    if isinstance(error, _Failure):
        return error
    if isinstance(error, SyntaxError):
        place, _, reason = words.removeprefix("error at ").partition(": ")
        line, _, column = place.partition(":")
        if line.isdigit() and column.isdigit():
            return _Failure(wire.SYNTAX, reason, int(line), int(column))
        return _Failure(wire.SYNTAX, words)
    if isinstance(error, SpoolFailed):
        return _Failure(wire.DISK, words)
    if isinstance(error, MemoryError):
        return _Failure(wire.MEMORY, words)
    if isinstance(error, (ValueError, RuntimeError)):  # an IRI that is none, an unknown function
        return _Failure(wire.REFUSED, words)
    return _Failure(wire.ENGINE, f"{type(error).__name__}: {words}")


def main() -> None:
    """Runs until the pool closes its end or kills the process."""
    descriptor, parent, memory_bytes = (int(argument) for argument in sys.argv[1:4])
    sandboxed = sandbox.enter(parent)
    channel = _socket.socket(fileno=descriptor)

    def run() -> None:
        try:
            Worker(channel, memory_bytes, sandboxed).serve()
        except (BrokenPipeError, ConnectionResetError):
            os._exit(0)  # the pool has gone
        except BaseException:  # a panic in Rust is no Exception
            sys.excepthook(*sys.exc_info())
            os._exit(1)

    _thread.stack_size(_STACK_BYTES)
    _thread.start_new_thread(run, ())
    # Where no signal tells that the parent has died, its end of the channel does.
    hang_up = select.poll()
    hang_up.register(descriptor, 0)
    hang_up.poll()
    os._exit(0)


if __name__ == "__main__":
    main()
