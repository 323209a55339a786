"""The release that a remote engine holds, described by the manifest on this machine."""

from __future__ import annotations

from ..description.lookup import Quads
from ..errors import NoRelease
from ..i18n import Message
from ..publishing.releases import Release, Releases
from ..query.engine import Engine
from ..query.errors import ReleaseNotHeld
from ..query.marker import ReleaseMarker
from ..query.remote_quads import RemoteQuads


class EngineShelf:
    """One release at a time. Its store need not be on this machine, its manifest must be."""

    def __init__(
        self, releases: Releases, engine: Engine, marker: ReleaseMarker, timeout: float
    ) -> None:
        self._releases = releases
        self._engine = engine
        self._marker = marker
        self._timeout = timeout

    def number(self) -> int | None:
        """None while a release is being put there, or its manifest is not here yet."""
        held = self._marker.recent()
        if held is None or held > (self._releases.current_number() or 0):
            return None
        return held

    def open(self, number: int | None) -> tuple[Release, Quads]:
        """Raises `NoRelease`, and `ReleaseNotHeld` for another than the engine's."""
        held = self._marker.known
        if held is None or number is None:
            raise NoRelease(
                Message("the query engine holds no complete release that is known here"),
                remedy=Message("“coi-graph build” puts it there; if it was stopped, it goes on."),
                retry_after=2,
            )
        release = self._releases.get(number)
        if number != held:
            raise ReleaseNotHeld(number, held)
        quads = RemoteQuads(
            self._engine,
            self._marker,
            held,
            release.manifest.graphs,
            timeout=self._timeout,
        )
        return release, quads
