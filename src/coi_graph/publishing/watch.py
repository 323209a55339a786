"""The publisher process: takes what reviewers accept into releases, and says how it is doing.

It may be killed at any moment: a build leaves the old release or the new one, and the ledger says
what is still waiting.
"""

from __future__ import annotations

import errno
import math
import os
import sqlite3
import subprocess
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

from ..config import Config
from ..errors import CoiError
from ..i18n import Message, both
from . import build as building
from . import state
from .schedule import Schedule
from .workbench import Workbench

if TYPE_CHECKING:
    from ..ledger.contributions import Contributions
    from ..ledger.database import Ledger

_PAUSE = 0.2  # seconds between two looks at the ledger
_LONGEST_PAUSE = 30.0  # after failures
_QUIET = 5.0  # seconds without a release, after which its dumps are made

#: Contributions in one release. More that are waiting, for instance after a stop, become several
#: releases: each is public soon, and a publisher that is killed has done part of the work.
MOST_AT_ONCE = 100

#: What readers do not notice, and what passes: a full disk above all, in the words of whoever
#: wanted to write. The store's own errors are RuntimeErrors where they are not OSErrors.
_FAILURES = (CoiError, OSError, RuntimeError, sqlite3.Error)

Tell = Callable[[Message], None]


class Publisher:
    """One publisher, for one process. Raises `BadSetting` for a schedule that is none."""

    def __init__(
        self,
        config: Config,
        tell: Tell,
        published: Callable[[], None],
        make_dumps: Callable[[], subprocess.Popen[bytes]],
    ) -> None:
        """``published`` is called after each release, ``make_dumps`` when there is time: it starts
        a process that makes what is missing, and may be killed."""
        self._config, self._tell, self._published = config, tell, published
        self._make_dumps = make_dumps
        self._dumping: subprocess.Popen[bytes] | None = None
        self._dumps_due = time.monotonic() + _QUIET
        self._schedule = Schedule.read(config.publish)
        self._looked = datetime.now().astimezone()
        self._overdue = True  # what was waiting when the last publisher ended
        self._ledger: Ledger | None = None
        self._begun = False
        self._failures = 0
        self._bench = Workbench()

    @cached_property
    def _contributions(self) -> Contributions:
        """Opened when it is first looked at: on a full disk that can fail, and passes."""
        from ..ledger.contributions import Contributions  # with SQLAlchemy, which takes long
        from ..ledger.database import Ledger

        self._ledger = Ledger.open(self._config)
        return Contributions(self._ledger)

    def run(self, wait: Callable[[float], bool]) -> None:
        """Until ``wait`` (which sleeps so many seconds) says that it is over."""
        self._say("waiting")
        pause = _PAUSE
        try:
            while not wait(pause):
                pause = self.step()
        finally:
            self.close()

    def close(self) -> None:
        """Ends the making of dumps, and closes the ledger until it is needed again."""
        self._stop_dumping()
        if self._ledger is not None:
            self._ledger.close()

    def step(self) -> float:
        """Publishes if it is time to; the seconds after which to look again."""
        now = datetime.now().astimezone()
        if self._schedule.is_due(self._looked, now):
            self._overdue = True
        self._looked = now
        try:
            if not self._begun:
                building.mend(self._config, tell=self._tell, bench=self._bench, most=MOST_AT_ONCE)
                self._begun = True
            if self._overdue and self._contributions.is_anything_waiting():
                self._publish()
                self._overdue = self._contributions.is_anything_waiting()
            else:
                self._overdue = False
        except _FAILURES as error:
            return self._failed(error)
        if self._failures:
            self._failures = 0
            self._tell(Message("publishing goes on"))
            self._say("waiting")
        self._dump()
        return _PAUSE

    def _dump(self) -> None:
        """Dumps cost what the graph is large; a contribution does not wait for them."""
        if self._dumping is not None and self._dumping.poll() is not None:
            self._dumping = None
        if self._dumping is None and time.monotonic() > self._dumps_due:
            self._dumps_due = math.inf
            self._dumping = self._make_dumps()

    def _stop_dumping(self) -> None:
        """It holds the publisher's lock; what it has made stays."""
        if self._dumping is not None:
            self._dumping.kill()
            self._dumping.wait()
            self._dumping = None
        self._dumps_due = time.monotonic() + _QUIET

    def _publish(self) -> None:
        self._stop_dumping()
        self._say("publishing")
        built = building.build(
            self._config, tell=self._tell, bench=self._bench, dumps=False, most=MOST_AT_ONCE
        )
        if built.release is not None:
            self._tell(Message("release %(number)s is public", number=built.release.number))
        self._published()
        self._say("waiting")

    def _failed(self, error: Exception) -> float:
        """Readers go on with the release that there is; what was accepted waits."""
        if isinstance(error, CoiError):
            message = error.message
        elif os.strerror(errno.ENOSPC) in str(error):  # the store's errors have no number
            message = Message("the disk of %(home)s is full", home=self._config.home)
        else:
            message = Message("%(why)s", why=error)
        if self._failures == 0:
            self._tell(Message("publishing has stopped: %(why)s", why=message))
        self._failures += 1
        self._say("stopped", both(message))
        return min(_LONGEST_PAUSE, _PAUSE * 2.0**self._failures)

    def _say(self, text: str, why: Mapping[str, str] | None = None) -> None:
        state.write(self._config.home, text, self._looked.isoformat(timespec="seconds"), why)
