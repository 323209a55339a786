"""The releases as a web process reads them: the current one held open, older ones on demand."""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from dataclasses import dataclass

from ..description.describer import Describer
from ..description.lookup import Lookup
from ..description.paths import Addresses
from ..errors import CoiError
from ..publishing.manifest import Manifest
from ..publishing.releases import Release, Releases
from ..store import Store

_KEPT_OPEN = 4  # older releases, for ?release=N
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Opened:
    """A verified release with everything that reads it."""

    release: Release
    store: Store
    lookup: Lookup
    describer: Describer

    @property
    def number(self) -> int:
        return self.release.number

    @property
    def manifest(self) -> Manifest:
        return self.release.manifest


class Publication:
    """What is published. Thread-safe; notices a switch by one `readlink` a request."""

    def __init__(self, releases: Releases, addresses: Addresses) -> None:
        self.releases = releases
        self._addresses = addresses
        self._opened: Opened | None = None
        self._older: OrderedDict[int, Opened] = OrderedDict()
        self._switching = threading.Lock()
        self._reading = threading.Lock()
        self._refused: int | None = None  # a newest release that did not verify

    def current(self) -> Opened:
        """The newest release that verifies.

        While one thread verifies a new release, the others go on with the one before. Raises
        `NoRelease`, or `ReleaseCorrupt` when there is none to go on with.
        """
        number = self.releases.current_number()
        opened = self._opened
        if opened is not None and number in (opened.number, self._refused, None):
            return opened
        if not self._switching.acquire(blocking=opened is None):
            assert opened is not None
            return opened
        try:
            if self._opened is not None and self._opened.number == number:
                return self._opened
            try:
                self._opened = self._open(self.releases.current())
            except CoiError as error:
                if opened is None:
                    raise
                _log.error("release %s is not served: %s", number, error)
                self._refused = number
            assert self._opened is not None
            return self._opened
        finally:
            self._switching.release()

    def at(self, number: int) -> Opened:
        """Release ``number``. Raises `NotFound`, `Gone` (no longer kept), `ReleaseCorrupt`."""
        current = self.current()
        if number == current.number:
            return current
        with self._reading:
            if number in self._older:
                self._older.move_to_end(number)
                return self._older[number]
            opened = self._open(self.releases.get(number))
            self._older[number] = opened
            while len(self._older) > _KEPT_OPEN:
                self._older.popitem(last=False)
            return opened

    def _open(self, release: Release) -> Opened:
        release.verify()
        store = release.open()
        lookup = Lookup(store)
        return Opened(release, store, lookup, Describer(lookup, self._addresses))
