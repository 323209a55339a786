"""The releases as a web process reads them: the current one held open, older ones on demand."""

from __future__ import annotations

import contextlib
import gc
import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from ..description.describer import Describer
from ..description.lookup import Lookup, Quads
from ..description.paths import Addresses
from ..description.turtle import Turtle
from ..errors import CoiError, Gone, ReleaseCorrupt
from ..namespaces import BASE
from ..publishing.manifest import Manifest
from ..publishing.releases import Release, Releases
from ..query.service import Question
from ..store import Store

_KEPT_OPEN = 4  # older releases, for ?release=N
_REFUSED_SECONDS = 5.0
_SWITCH_SECONDS = 3.0  # for which readers wait for a new release
_COPY_AFTER = 2.0  # seconds: a start, or a switch, has enough to do at first
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Opened:
    """A verified release with everything that reads it."""

    release: Release
    lookup: Lookup
    describer: Describer
    store: Store | None  # None where the data is in a remote engine

    @cached_property
    def number(self) -> int:
        return self.release.number

    @property
    def manifest(self) -> Manifest:
        return self.release.manifest

    @cached_property
    def turtle(self) -> Turtle:
        """Writes documents."""
        return Turtle(self.lookup)

    def question(
        self,
        text: str,
        media_type: str,
        default_graphs: Sequence[str] | None = None,
        named_graphs: Sequence[str] | None = None,
    ) -> Question:
        """A checked query, to be asked of this release."""
        return Question(
            release=self.number,
            content_hash=self.manifest.content_hash,
            store_path=self.store_path,
            store_bytes=self.manifest.store_bytes,
            graphs=self.manifest.graphs,
            text=text,
            base_iri=BASE,
            default_graphs=default_graphs,
            named_graphs=named_graphs,
            media_type=media_type,
            store=self.store,
        )

    @cached_property
    def store_path(self) -> str:
        return str(self.release.store_path)


class Shelf(Protocol):
    """Where releases are read: our own stores (`Stores`), or an engine (`EngineShelf`)."""

    def number(self) -> int | None:
        """Of the newest that can be read, cheap enough for every request."""

    def open(self, number: int | None) -> tuple[Release, Quads]:
        """Release ``number``, or the newest, ready to be read. Raises `NoRelease`, `NotFound`,
        `Gone`, `ReleaseCorrupt`, or what the engine's failure is."""


class Stores:
    """The releases on this machine."""

    def __init__(self, releases: Releases) -> None:
        self._releases = releases

    def number(self) -> int | None:
        return self._releases.current_number()

    def open(self, number: int | None) -> tuple[Release, Quads]:
        release = self._releases.current() if number is None else self._releases.get(number)
        return release, release.verify()


class Publication:
    """What is published. Thread-safe; notices a switch by one `readlink` a request, or by one
    question a second to an engine.

    most_copied   quads up to which the newest release is read from a copy in memory, once that is
                  made; 0: never
    """

    def __init__(
        self, releases: Releases, shelf: Shelf, addresses: Addresses, most_copied: int = 0
    ) -> None:
        self.releases = releases
        self._shelf = shelf
        self._addresses = addresses
        self._most_copied = most_copied
        self._opened: Opened | None = None
        self._older: OrderedDict[int, Opened] = OrderedDict()
        self._switching = threading.Lock()
        self._reading = threading.Lock()
        self._refused: int | None = None  # a newest release that did not verify
        self._again = 0.0  # when it is looked at again: it may have been mended

    def current(self) -> Opened:
        """The newest release that verifies.

        While one thread verifies a new release, the others wait a moment: a reader whose requests
        go to several processes must not be sent back to the release before. Where it takes long
        they go on with that. A release that does not verify is not served; the one before is,
        also by a process that has just started. Raises `NoRelease`, or `ReleaseCorrupt` when there
        is none to go on with.
        """
        opened = self._opened
        try:
            number = self._shelf.number()
        except CoiError:
            if opened is None:
                raise
            return opened  # what is cached can still be answered
        if opened is not None and self._is_settled(number, opened):
            return opened
        if not self._switching.acquire(timeout=-1 if opened is None else _SWITCH_SECONDS):
            assert opened is not None
            return opened
        try:
            if self._opened is not None and self._is_settled(number, self._opened):
                return self._opened
            try:
                self._opened = self._open(number)
                self._settle_in(opened, self._opened)
            except CoiError as error:
                self._opened = opened or self._last_good(number, error)
                if self._opened is None:
                    raise
                _log.error("release %s is not served: %s", number, error)
                self._refused, self._again = number, time.monotonic() + _REFUSED_SECONDS
            return self._opened
        finally:
            self._switching.release()

    def at_hand(self) -> Opened | None:
        """The newest release where nothing has to be opened, for callers that may not wait."""
        opened = self._opened
        if opened is not None and self._is_settled(self._shelf.number(), opened):
            return opened
        return None

    def _is_settled(self, number: int | None, opened: Opened) -> bool:
        """Whether ``opened`` is what there is to serve, where ``number`` is the newest."""
        if number is None or number == opened.number:
            return True
        return number == self._refused and time.monotonic() < self._again

    def at(self, number: int) -> Opened:
        """Release ``number``. Raises `NotFound`, `Gone` (no longer kept), `ReleaseCorrupt`."""
        current = self.current()
        if number == current.number:
            return current
        with self._reading:
            if number in self._older:
                self._older.move_to_end(number)
                return self._older[number]
            opened = self._open(number)
            self._older[number] = opened
            while len(self._older) > _KEPT_OPEN:
                self._older.popitem(last=False)
            return opened

    def _settle_in(self, before: Opened | None, opened: Opened) -> None:
        """In a while, has ``opened`` read from memory where it is small, and what is left of
        ``before`` cleared away."""

        def settle() -> None:
            nonlocal before
            if before is not None:
                before.lookup.read_from(before.lookup.quads)
                before = None
                gc.collect()  # a web process does it seldom, and has just let go of a release
            store = opened.store
            if store is None or opened.manifest.quads > self._most_copied:
                return
            try:
                copy = store.copy_in_memory()
            except (OSError, ValueError, RuntimeError) as error:
                _log.warning("release %s is read from disk only: %s", opened.number, error)
                return
            if self._opened is opened:
                opened.lookup.read_from(copy)

        waiting = threading.Timer(_COPY_AFTER, settle)
        waiting.daemon = True
        waiting.start()

    def _last_good(self, number: int | None, error: CoiError) -> Opened | None:
        """The newest release before ``number`` that verifies, where ``error`` is its own fault."""
        if number is None or not isinstance(error, ReleaseCorrupt | Gone):
            return None
        for release in reversed(self.releases.all()):
            if release.number < number:
                with contextlib.suppress(ReleaseCorrupt, Gone):
                    return self._open(release.number)
        return None

    def _open(self, number: int | None) -> Opened:
        release, quads = self._shelf.open(number)
        lookup = Lookup(quads)
        store = quads if isinstance(quads, Store) else None
        return Opened(release, lookup, Describer(lookup, self._addresses), store)
