"""What the ledger refuses."""

from __future__ import annotations

from ..errors import EXIT_INPUT, EXIT_NO, EXIT_STATE, CoiError
from ..i18n import Message


class NotSignedIn(CoiError):
    status = 401
    exit_code = EXIT_INPUT
    slug = "not-signed-in"
    title = Message("Sign in first")


class Forbidden(CoiError):
    """The account may not do that."""

    status = 403
    exit_code = EXIT_NO
    slug = "forbidden"
    title = Message("You may not do that")


class TooManyAttempts(CoiError):
    status = 429
    exit_code = EXIT_STATE
    slug = "too-many-attempts"
    title = Message("Too many attempts")


class Conflict(CoiError):
    """What is asked for does not fit what has happened in the meantime."""

    status = 409
    exit_code = EXIT_NO
    slug = "conflict"
    title = Message("This does not fit the state of things")


class Refused(CoiError):
    """A contribution that may not go on: its content, or the account's data, is not in order."""

    status = 422
    exit_code = EXIT_NO
    slug = "refused"
    title = Message("This cannot be accepted as it is")


def other_request() -> Refused:
    """For a key that came with something else before."""
    return Refused(
        Message("this Idempotency-Key came with another request before"),
        remedy=Message("Use a key of its own for each request; only a repetition has the same."),
    )
