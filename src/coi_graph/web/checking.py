"""Checks for the web: in the check workers, with what the release says of its tables at hand."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from ..config import Config
from ..errors import CoiError, NoRelease
from ..i18n import Message
from ..intake.limits import Limits
from ..intake.names import Names
from ..query.cancellation import Cancellation
from ..query.errors import Overloaded
from ..query.fairness import FairShare, OverShare
from ..query.load import Load, Outcomes
from ..validation import job
from ..validation.check_errors import ChecksBusy, ChecksOverShare
from ..validation.checks import Checks, ReleaseAt
from ..validation.document import Document
from .publication import Opened

Told = Callable[[str, int, int], None]
File = tuple[str, bytes]


class Checking:
    """Checks against the release that is served. Its workers start with the first one, or with
    `prepare`."""

    def __init__(self, settings: Config) -> None:
        self._checks = Checks(
            size=settings.check_workers,
            timeout=settings.check_timeout,
            memory_bytes=settings.check_memory,
            max_waiting=settings.check_queue,
            limits=Limits(file_bytes=settings.check_bytes, statements=settings.check_statements),
        )
        self.outcomes = Outcomes()
        # One client may hold all workers but one, or the only one, and half of the queue.
        queue = settings.check_queue
        self._share = FairShare(
            settings.client_seconds,
            settings.check_workers - 1,
            may_wait=(queue + 1) // 2,
            all_may_wait=queue,
        )
        self._names: tuple[int, Names] | None = None
        self._making = threading.Lock()

    def prepare(self, of: Opened) -> None:
        """Starts the workers: somebody is looking at the page, and will send something."""
        if Path(of.store_path).is_dir():
            self._checks.prepare(_at(of))

    def check(
        self,
        files: Sequence[File],
        of: Opened,
        told: Told | None,
        cancellation: Cancellation | None,
        client: str,
    ) -> Document:
        """The report. ``client``: whose share of the checks it is, an IP address. Raises what
        `Checks.run` raises, and `ChecksOverShare`; so do the others."""
        return self._run(files, of, told, cancellation, client)

    def take_in(
        self,
        files: Sequence[File],
        of: Opened,
        replaces: str | None,
        cancellation: Cancellation | None,
        client: str,
    ) -> tuple[Document, str]:
        """The report on a contribution, and its statements as N-Triples. ``replaces``: the named
        graph whose new content it is."""
        order = job.sending(files, replaces)
        return job.sent(self._run(order, of, None, cancellation, client))

    def mark(
        self,
        document: Document,
        table: File,
        language: str,
        of: Opened,
        cancellation: Cancellation | None,
        client: str,
    ) -> bytes:
        """The table as a workbook with its findings marked."""
        order = job.marking(document, table, language)
        return job.marked(self._run(order, of, None, cancellation, client))

    def names(self, of: Opened) -> Names | None:
        """What templates are made from; None where the data is in a remote engine."""
        if of.store is None:
            return None
        with self._making:
            if self._names is None or self._names[0] != of.number:
                self._names = (of.number, Names.from_store(of.store))
            return self._names[1]

    def load(self) -> Load:
        return self._checks.load()

    def close(self) -> None:
        self._checks.close()

    def _run(
        self,
        files: Sequence[File],
        of: Opened,
        told: Told | None,
        cancellation: Cancellation | None,
        client: str,
    ) -> Document:
        if not Path(of.store_path).is_dir():
            raise NoRelease(
                Message("this server has no release of its own to check against"),
                remedy=Message("Its data is in another engine: ask where it was published."),
            )
        try:
            ended = self._begin(client)
            try:
                document = self._checks.run(
                    files, _at(of), told=told or (lambda *_: None), cancellation=cancellation
                )
            finally:
                ended()
        except CoiError as error:
            self.outcomes.add(error.slug)
            raise
        self.outcomes.add("done")
        return document

    def _begin(self, client: str) -> Callable[[], None]:
        try:
            return self._share.begin(client)
        except OverShare as error:
            raise ChecksOverShare(error.retry_after) from None
        except Overloaded as error:
            raise ChecksBusy(error.retry_after) from None


def _at(of: Opened) -> ReleaseAt:
    return ReleaseAt(of.store_path, of.number, of.manifest.content_hash, of.manifest.store_bytes)
