"""One base error that carries its HTTP status and its exit code.

The web renders it as RFC 9457 problem+json or as a page, the command line as text; neither needs
to know the subclasses. A message says what is wrong and where; ``remedy`` says how to mend it.
"""

from __future__ import annotations

from typing import ClassVar

from .i18n import Message

# The exit codes of the command line: a contract, in docs/reference/commands.md and tested.
EXIT_OK = 0
EXIT_NO = 1  # the answer is no: violations found, a release does not verify
EXIT_INPUT = 2  # the input or the call cannot be read
EXIT_LIMIT = 3  # a limit stopped the work
EXIT_STATE = 4  # what is on disk, or the server itself, is not in order


class CoiError(Exception):
    """Base of every error that a user is meant to see.

    ``details`` are the machine-readable members of the problem+json answer
    (for example ``line`` and ``column``).
    """

    status: ClassVar[int] = 500
    exit_code: ClassVar[int] = EXIT_STATE
    slug: ClassVar[str] = "internal-error"
    title: ClassVar[Message] = Message("Something went wrong at our end")

    def __init__(
        self, message: Message | str, *, remedy: Message | None = None, **details: object
    ) -> None:
        self.message = (
            message if isinstance(message, Message) else Message("%(text)s", text=message)
        )
        self.remedy = remedy
        self.details = details
        super().__init__(str(self.message))


class BadRequest(CoiError):
    status = 400
    exit_code = EXIT_INPUT
    slug = "bad-request"
    title = Message("The request cannot be understood")


class NotFound(CoiError):
    status = 404
    exit_code = EXIT_INPUT
    slug = "not-found"
    title = Message("There is nothing at this address")


class Gone(CoiError):
    status = 410
    exit_code = EXIT_INPUT
    slug = "gone"
    title = Message("This has been removed")


class NotAcceptable(CoiError):
    status = 406
    exit_code = EXIT_INPUT
    slug = "not-acceptable"
    title = Message("None of the forms you accept exists here")


class UnsupportedMediaType(CoiError):
    status = 415
    exit_code = EXIT_INPUT
    slug = "unsupported-media-type"
    title = Message("This media type is not taken here")


class UnreadableInput(CoiError):
    """A file that cannot be read: what is wrong, and the line, or the row and column."""

    status = 400
    exit_code = EXIT_INPUT
    slug = "unreadable-input"
    title = Message("The file cannot be read")


class BadSetting(CoiError):
    status = 500
    exit_code = EXIT_INPUT
    slug = "bad-setting"
    title = Message("A setting is wrong")


class ReleaseCorrupt(CoiError):
    """A release whose files or counts do not agree with its manifest; it is never served."""

    status = 503
    exit_code = EXIT_STATE
    slug = "release-corrupt"
    title = Message("The release does not verify")


class NoRelease(CoiError):
    status = 503
    exit_code = EXIT_STATE
    slug = "no-release"
    title = Message("Nothing has been published yet")


class Unpublishable(CoiError):
    """The candidate violates the shapes; the current release stays."""

    status = 422
    exit_code = 1
    slug = "unpublishable"
    title = Message("The candidate release has violations")


class Busy(CoiError):
    """Another process is publishing."""

    status = 503
    exit_code = EXIT_STATE
    slug = "busy"
    title = Message("Another process is publishing")


class OutOfSpace(CoiError):
    status = 507
    exit_code = EXIT_LIMIT
    slug = "out-of-space"
    title = Message("There is too little free disk space to publish")
