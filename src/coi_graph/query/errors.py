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
    """The query ended its worker process (a stack overflow, a fault in the engine)."""

    status = 500
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

    status = 500
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
