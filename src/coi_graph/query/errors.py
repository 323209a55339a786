"""What can go wrong with a query, each with its HTTP status (design.md, section 5)."""

from __future__ import annotations

from ..errors import EXIT_INPUT, EXIT_LIMIT, EXIT_STATE, CoiError
from ..i18n import Message


class QueryRejected(CoiError):
    """A query that the service does not answer, whatever the data: ``details`` name the limit."""

    status = 400
    exit_code = EXIT_INPUT
    slug = "query-rejected"
    title = Message("The query is not accepted")


class QuerySyntaxError(CoiError):
    """Not SPARQL; ``line`` and ``column`` count from 1, in characters."""

    status = 400
    exit_code = EXIT_INPUT
    slug = "query-syntax-error"
    title = Message("The query is not valid SPARQL")

    def __init__(self, reason: Message | str, line: int, column: int) -> None:
        self.reason = reason
        self.line = line
        self.column = column
        message = Message(
            "Line %(line)s, column %(column)s: %(reason)s", line=line, column=column, reason=reason
        )
        super().__init__(message, line=line, column=column)


class QueryTimeout(CoiError):
    status = 504
    exit_code = EXIT_LIMIT
    slug = "query-timeout"
    title = Message("The query took too long")

    def __init__(self, seconds: float) -> None:
        super().__init__(
            Message("The query was stopped after %(seconds)g seconds", seconds=seconds),
            remedy=Message("Narrow the query, add a LIMIT, or download the data and run it there."),
            seconds=seconds,
        )


class QueryOutOfMemory(CoiError):
    status = 507
    exit_code = EXIT_LIMIT
    slug = "query-out-of-memory"
    title = Message("The query needs too much memory")

    def __init__(self, limit_bytes: int) -> None:
        super().__init__(
            Message(
                "The query needed more than the %(mebibytes)d MiB of memory that one query may use",
                mebibytes=limit_bytes >> 20,
            ),
            remedy=Message(
                "Sort, group or make distinct fewer rows, or download the data and run it there."
            ),
            limit_bytes=limit_bytes,
        )


class QueryCrashed(CoiError):
    """The query ended its worker process (a stack overflow, a fault in the engine).

    The request is understood and will fail again: 422, as of what cannot be processed.
    """

    status = 422
    exit_code = EXIT_STATE
    slug = "query-crashed"
    title = Message("The query brought the engine down")

    def __init__(self) -> None:
        super().__init__(
            Message("The engine stopped while it worked on this query; other queries go on"),
            remedy=Message("Write the query in a simpler form, with less nesting."),
        )


class QueryFailed(CoiError):
    """The engine reported an error that is neither a syntax error nor one of the limits."""

    status = 502
    exit_code = EXIT_STATE
    slug = "query-failed"
    title = Message("The query could not be answered")


class Overloaded(CoiError):
    """All workers are busy and the queue is full, or the wait was too long."""

    status = 503
    exit_code = EXIT_LIMIT
    slug = "overloaded"
    title = Message("Too many queries at once")

    def __init__(self, retry_after: int) -> None:
        self.retry_after = retry_after
        super().__init__(
            Message(
                "All query workers are busy; try again in %(seconds)d seconds", seconds=retry_after
            ),
            retry_after=retry_after,
        )


class EngineUnreachable(CoiError):
    """The remote engine takes no connection, or ends it before it has answered."""

    status = 503
    exit_code = EXIT_STATE
    slug = "engine-unreachable"
    title = Message("The query engine cannot be reached")

    def __init__(self, why: object) -> None:
        super().__init__(
            Message("The query engine does not answer: %(why)s", why=why),
            remedy=Message("Try again shortly; what is published is not affected."),
            retry_after=5,
        )


class EngineFailed(CoiError):
    """The remote engine answered, but not with what was asked for: an error of its own, a form
    that cannot be read, an answer that broke off."""

    status = 502
    exit_code = EXIT_STATE
    slug = "engine-failed"
    title = Message("The query engine failed")


class EngineResting(CoiError):
    """The circuit breaker is open: the engine has failed several times and is left alone."""

    status = 503
    exit_code = EXIT_STATE
    slug = "engine-resting"
    title = Message("The query engine is out of order")

    def __init__(self, retry_after: int) -> None:
        super().__init__(
            Message(
                "The query engine has failed several times; it is asked again in"
                " %(seconds)d seconds",
                seconds=retry_after,
            ),
            remedy=Message("Try again then; answers that are known already are still given."),
            retry_after=retry_after,
        )


class ReleaseMoved(CoiError):
    """The remote engine holds another release than the one the request reads, or none that is
    complete, because one is being put there."""

    status = 503
    exit_code = EXIT_STATE
    slug = "release-moved"
    title = Message("A new release is being put in place")

    def __init__(self, number: int) -> None:
        super().__init__(
            Message("The query engine no longer holds release %(number)s", number=number),
            remedy=Message("Ask again in a moment: the new release answers."),
            retry_after=1,
        )


class ReleaseNotHeld(CoiError):
    """An older release, asked of a remote engine, which holds one only."""

    status = 501
    exit_code = EXIT_INPUT
    slug = "release-not-held"
    title = Message("This release cannot be read here")

    def __init__(self, number: int, held: int) -> None:
        super().__init__(
            Message(
                "This site's query engine holds release %(held)s only, not release %(number)s",
                held=held,
                number=number,
            ),
            remedy=Message(
                "“coi-graph query --release N” reads an older release where it is kept."
            ),
            held=held,
        )
