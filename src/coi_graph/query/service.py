"""Queries answered: from the cache, or by an engine within the client's share."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial

from ..errors import CoiError
from ..store import Store
from . import direct
from .answer import Answer, QueryRequest
from .answering import Answering
from .cache import AnswerCache, key_of
from .cancellation import Cancellation
from .fairness import FairShare
from .load import Outcomes


@dataclass(frozen=True, kw_only=True)
class Question:
    """A checked query, the dataset it is asked of, and the form of the answer.

    The graphs as in `QueryRequest`: both None for the union of ``graphs``, which are all, each
    with the number of its quads.
    ``store`` is the release's store where this process has it open.
    """

    release: int
    content_hash: str
    store_path: str
    store_bytes: int
    graphs: Mapping[str, int]
    text: str
    base_iri: str
    default_graphs: Sequence[str] | None
    named_graphs: Sequence[str] | None
    media_type: str
    store: Store | None = None

    @cached_property
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

    @property
    def tag(self) -> str:
        """What names the answer in its ETag."""
        return self.key[:40]

    @property
    def has_dataset(self) -> bool:
        return self.default_graphs is not None or self.named_graphs is not None


class Served:
    """An answer on its way to a client. Iterate `body` once, and `close` in any case."""

    def __init__(self, answer: Answer, closed: Callable[[], None] | None = None) -> None:
        self._answer = answer
        self._closed = closed

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
        if self._closed is not None:
            self._closed()


class QueryService:
    """What the web asks. Thread-safe; one a process. Answers of more than ``direct_bytes`` come
    from the pool in any case."""

    def __init__(
        self,
        pool: Answering,
        cache: AnswerCache,
        share: FairShare,
        direct_bytes: int = direct.MOST_BYTES,
    ) -> None:
        self.pool = pool
        self._direct_bytes = direct_bytes
        self.cache = cache
        self.outcomes = Outcomes()
        self.share = share

    def answer(
        self, question: Question, client: str, cancellation: Cancellation | None = None
    ) -> Served:
        """Raises what the engine's ``execute`` raises, and `OverShare`."""
        known = self.at_hand(question)
        if known is not None:
            return Served(Answer(question.media_type, [known]))
        ended = self.share.begin(client)
        try:
            answer = self.pool.execute(
                QueryRequest(
                    store_path=question.store_path,
                    expected_bytes=question.store_bytes,
                    quads=sum(question.graphs.values()),
                    query=question.text,
                    base_iri=question.base_iri,
                    default_graphs=question.default_graphs,
                    named_graphs=question.named_graphs,
                    media_type=question.media_type,
                    release=question.release,
                    graphs=question.graphs,
                    cancellation=cancellation,
                )
            )
        except BaseException as error:
            ended()
            self.outcomes.add(error.slug if isinstance(error, CoiError) else "failed")
            raise
        self.outcomes.add("computed")
        answer.when_done(lambda: ended(answer.beside))
        body = answer.complete
        if body is None:  # the worker goes on
            answer.keep(partial(self.cache.put, question.key), self.cache.largest)
            return self._growing(answer, client, cancellation)
        if not answer.truncated:
            self.cache.put(question.key, body)
        return Served(answer)

    def at_hand(self, question: Question) -> bytes | None:
        """The answer where neither a worker nor a client's share is needed: it is in the cache,
        or is that of a query of one pattern."""
        body = self.cache.get(question.key)
        if body is None and question.store is not None and not question.has_dataset:
            body = direct.answer(
                question.store,
                question.text,
                question.media_type,
                question.graphs,
                self._direct_bytes,
            )
            if body is not None:
                self.cache.put(question.key, body)
        if body is not None:
            self.outcomes.add("at hand")
        return body

    def _growing(self, answer: Answer, client: str, cancellation: Cancellation | None) -> Served:
        try:
            closed = self.share.hold(client)
        except CoiError:
            answer.close()
            raise
        if cancellation is not None:
            cancellation.register(answer.stop)
        return Served(answer, closed)

    def close(self) -> None:
        self.pool.close()
