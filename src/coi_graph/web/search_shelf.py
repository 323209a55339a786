"""The search indexes that a web process has open, and the making of the current release's."""

from __future__ import annotations

import logging
import subprocess
import sys
import threading
import time
from collections import OrderedDict

from ..publishing.releases import Releases
from ..search import making
from ..search.index import Index
from .publication import Opened

_OPEN = 4  # indexes
_MOST_SECONDS = 1800  # that making one may take
_REST = 30.0  # seconds after which it is tried again
_LOOK = 1.0  # seconds between two looks at an index that is not there
_log = logging.getLogger(__name__)


class SearchShelf:
    """One a web process; thread-safe. Nothing here waits for an index to be made."""

    def __init__(self, releases: Releases) -> None:
        self._releases = releases
        self._lock = threading.Lock()
        self._opened: OrderedDict[int, Index] = OrderedDict()
        self._looked: dict[int, float] = {}
        self._again = 0.0  # when making may be tried

    def index(self, of: Opened) -> Index | None:
        """The index of a release; None where there is none yet. That of the current release is
        made then, by a process of its own; older releases keep the one that they have."""
        with self._lock:
            found = self._opened.get(of.number)
            if found is not None:
                self._opened.move_to_end(of.number)
                return found
            now = time.monotonic()
            if now < self._looked.get(of.number, 0.0):
                return None
            found = making.opened(of.release)
            if found is None:
                self._looked = {of.number: now + _LOOK}
                self._make(of, now)
                return None
            self._opened[of.number] = found
            while len(self._opened) > _OPEN:
                self._opened.popitem(last=False)
            return found

    def _make(self, of: Opened, now: float) -> None:
        if of.number != self._releases.current_number() or now < self._again:
            return
        if not of.release.is_readable:  # its data are in an engine elsewhere
            return
        self._again = now + _MOST_SECONDS
        threading.Thread(target=self._run, args=(str(of.release.path),), daemon=True).start()

    def _run(self, folder: str) -> None:
        command = [sys.executable, "-m", "coi_graph.search", folder]
        try:
            done = subprocess.run(
                command, capture_output=True, timeout=_MOST_SECONDS, check=False, text=True
            )
            if done.returncode:
                _log.error("no search index in %s: %s", folder, done.stderr[-500:])
        except (OSError, subprocess.SubprocessError) as error:
            _log.error("no search index in %s: %s", folder, error)
        with self._lock:
            self._again = time.monotonic() + _REST
            self._looked.clear()
