"""One round of following a publisher, and one after another."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

from ..config import Config
from ..errors import CoiError
from ..i18n import Message
from ..publishing import dump_making, feed
from ..publishing.build import publisher
from ..publishing.releases import Release, Releases
from . import mirror
from .client import TIMEOUT, Client, Unreachable
from .mirror import Mirror
from .publisher import LineageBroken, dump_of_catalogue, manifest_of, news

Tell = Callable[[Message], None]


class Follower:
    """Keeps a home at a publisher's newest release. Not for two threads."""

    def __init__(
        self, config: Config, url: str, tell: Tell, *, dumps: bool = False, timeout: float = TIMEOUT
    ) -> None:
        """``dumps``: make those too, which takes as long as the graph is large."""
        self._dumps = dumps
        self._config = config
        self._tell = tell
        self._client = Client(url, timeout)
        self._mirror: Mirror | None = None

    def round(self) -> list[int]:
        """Takes over what is new; the numbers of the releases that were made.

        Nothing new costs one conditional request. Raises `CoiError`; what was made stays.
        """
        with publisher(self._config) as releases:
            known = mirror.begin(self._config, releases, self._client.site)
            if self._mirror is None:
                self._mirror = Mirror(self._config, releases, self._client)
            current = self._mirror.current()
            made = [self._copy().number] if current is None else []
            try:
                found, etag = self._go_on(known.etag if current is not None else "")
                made += found
            except LineageBroken as broken:
                self._tell(broken.message)
                self._tell(Message("so the whole of it is copied anew"))
                made.append(self._copy().number)
                etag = ""
            if made:
                self._finish(releases)
            if etag != known.etag:
                mirror.remember(self._config.home, replace(known, etag=etag))
            return made

    def _go_on(self, etag: str) -> tuple[list[int], str]:
        """Applies what has come after the current release, in as many lists as it takes."""
        assert self._mirror is not None
        made: list[int] = []
        while True:
            current = self._mirror.current()
            assert current is not None
            number, content = current.number, current.manifest.content_hash
            found = news(self._client, number, content, etag)
            if found is None:
                return made, etag
            if not found.steps:
                return made, found.etag
            for step in found.steps:
                if not self._mirror.can_go_on_from(current):
                    raise LineageBroken(
                        Message("release %(number)s is damaged here", number=current.number)
                    )
                claimed = manifest_of(self._client, step.number)
                current = self._mirror.apply(current, claimed, step)
                self._say(current)
                made.append(current.number)
            etag = ""

    def _copy(self) -> Release:
        assert self._mirror is not None
        number, dump = dump_of_catalogue(self._client)
        self._tell(
            Message(
                "copying release %(number)s: %(size)s KiB", number=number, size=dump.bytes >> 10
            )
        )
        claimed = manifest_of(self._client, number)
        release = self._mirror.copy_whole(claimed, dump)
        self._say(release)
        return release

    def _finish(self, releases: Releases) -> None:
        """After the switch: the feed of a whole copy takes longer than the copy."""
        releases.prune(self._config.keep_releases)
        feed.keep_up(releases)
        if self._dumps:
            dump_making.keep_up(releases, self._config.keep_dumps)

    def _say(self, release: Release) -> None:
        m = release.manifest
        self._tell(
            Message(
                "release %(number)s: %(quads)s quads, +%(added)s −%(removed)s",
                number=m.release,
                quads=m.quads,
                added=m.added,
                removed=m.removed,
            )
        )

    def forever(self, interval: float, wait: Callable[[float], bool]) -> None:
        """Round after round; an error is told, and tried again after ``interval`` seconds, in
        which ``wait`` returns True when it is time to end."""
        last = ""
        while True:
            try:
                self.round()
                last = ""
            except CoiError as error:
                if str(error) != last:  # a publisher that is away is told of once
                    self._tell(error.message)
                    if error.remedy is not None and not isinstance(error, Unreachable):
                        self._tell(error.remedy)
                last = str(error)
            if wait(interval):
                return


def sleep(seconds: float) -> bool:
    time.sleep(seconds)
    return False
