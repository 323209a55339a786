"""What can stop a check, each with its HTTP status. What is wrong in a file is in the report."""

from __future__ import annotations

from ..errors import EXIT_INPUT, EXIT_LIMIT, EXIT_STATE, CoiError
from ..i18n import Message


class CheckTimeout(CoiError):
    status = 504
    exit_code = EXIT_LIMIT
    slug = "check-timeout"
    title = Message("The check took too long")

    def __init__(self, seconds: float) -> None:
        super().__init__(
            Message("The check was stopped after %(seconds)g seconds", seconds=seconds),
            remedy=Message(
                "Divide the file into several, or check it on your own machine with"
                " “coi-graph validate”."
            ),
            seconds=seconds,
        )


class CheckOutOfMemory(CoiError):
    status = 507
    exit_code = EXIT_LIMIT
    slug = "check-out-of-memory"
    title = Message("The check needs too much memory")

    def __init__(self, limit_bytes: int) -> None:
        super().__init__(
            Message(
                "The check needed more than the %(mebibytes)d MiB of memory that one may use",
                mebibytes=limit_bytes >> 20,
            ),
            remedy=Message(
                "Divide the file into several, or check it on your own machine with"
                " “coi-graph validate”."
            ),
            limit_bytes=limit_bytes,
        )


class CheckCrashed(CoiError):
    """A file ended its worker process. It is understood, and will fail again: 422."""

    status = 422
    exit_code = EXIT_INPUT
    slug = "check-crashed"
    title = Message("The check could not be finished")

    def __init__(self) -> None:
        super().__init__(
            Message("Something in these files stopped the check; other checks go on"),
            remedy=Message(
                "Check the files one by one. What stops it is nested or linked in an unusual way;"
                " please tell us, so that it gets a message of its own."
            ),
        )


class CheckFailed(CoiError):
    """The release's own shapes or data are not in order; the files have nothing to do with it."""

    status = 503
    exit_code = EXIT_STATE
    slug = "check-failed"
    title = Message("Nothing can be checked at the moment")


class ChecksOverShare(CoiError):
    """A client has used its share; others' files are checked meanwhile."""

    status = 429
    exit_code = EXIT_LIMIT
    slug = "checks-over-share"
    title = Message("You have used your share of the checks")

    def __init__(self, retry_after: int) -> None:
        super().__init__(
            Message(
                "Your checks have used their share; try again in %(seconds)d seconds",
                seconds=retry_after,
            ),
            remedy=Message(
                "Send several files together as one check, or check them on your own machine with"
                " “coi-graph validate”."
            ),
            retry_after=retry_after,
        )


class ChecksBusy(CoiError):
    status = 503
    exit_code = EXIT_LIMIT
    slug = "checks-busy"
    title = Message("Too many checks at once")

    def __init__(self, retry_after: int) -> None:
        super().__init__(
            Message(
                "All that can check files are busy; try again in %(seconds)d seconds",
                seconds=retry_after,
            ),
            retry_after=retry_after,
        )
