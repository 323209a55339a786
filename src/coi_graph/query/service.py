"""Queries answered: from the cache, or by the pool within the client's share."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from .cache import AnswerCache, key_of
from .fairness import FairShare
from .pool import Answer, QueryRequest, WorkerPool


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A checked query, the dataset it is asked of, and the form of the answer.

    The graphs as in `QueryRequest`: both None for the union of all.
    """

    release: int
    content_hash: str
    store_path: str
    quads: int
    text: str
    base_iri: str
    default_graphs: Sequence[str] | None
    named_graphs: Sequence[str] | None
    media_type: str

    @property
    def key(self) -> str:
        """Equal for equal answers: the ETag, and the cache's key."""
        return key_of(
            self.release,
            self.content_hash,
            self.text,
            self.base_iri,
            self.default_graphs,
            self.named_graphs,
            self.media_type,
        )


class Served:
    """An answer on its way to a client. Iterate `body` once, and `close` in any case."""

    def __init__(self, answer: Answer, ended: Callable[[], None] | None = None) -> None:
        self._answer = answer
        self._ended = ended

    @property
    def truncated(self) -> bool:
        return self._answer.truncated

    @property
    def complete(self) -> bytes | None:
        """The whole answer where it is in memory, None for one that is still growing."""
        return self._answer.complete

    def body(self) -> Iterator[bytes]:
        try:
            yield from self._answer.body()
        finally:
            self.close()

    def close(self) -> None:
        self._answer.close()
        if self._ended is not None:
            self._ended()


class QueryService:
    """What the web asks. Thread-safe; one a process."""

    def __init__(self, pool: WorkerPool, cache: AnswerCache, share: FairShare) -> None:
        self.pool = pool
        self.cache = cache
        self.share = share

    def answer(self, question: Question, client: str) -> Served:
        """Raises what `WorkerPool.execute` raises, and `OverShare`."""
        key = question.key
        known = self.cache.get(key)
        if known is not None:
            return Served(Answer(question.media_type, [known]))
        ended = self.share.begin(client)
        try:
            answer = self.pool.execute(
                QueryRequest(
                    store_path=question.store_path,
                    expected_quads=question.quads,
                    query=question.text,
                    base_iri=question.base_iri,
                    default_graphs=question.default_graphs,
                    named_graphs=question.named_graphs,
                    media_type=question.media_type,
                )
            )
        except BaseException:
            ended()
            raise
        body = answer.complete
        if body is None:  # the worker goes on; its client's place is free when it is read
            return Served(answer, ended)
        ended()
        if not answer.truncated:
            self.cache.put(key, body)
        return Served(answer)

    def close(self) -> None:
        self.pool.close()
