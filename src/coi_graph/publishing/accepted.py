"""What reviewers have accepted, as content of the next release.

The ledger says what each contributed graph shall hold; a build makes it so, like it does for a
file. What was published is found by comparing the two, so a publisher that is killed between the
switch and the ledger's entry makes up for it at its next start, and nothing is published twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

from ..config import Config
from ..ledger.content import Accepted, Origin, Outbox, Waiting
from ..validation.report import Report
from .manifest import Manifest

if TYPE_CHECKING:
    from ..ledger.contributions import Contributions


@dataclass(slots=True)
class Acceptances:
    """The ledger as a publisher sees it; nothing where there is no ledger yet."""

    contributions: Contributions | None
    #: As many are taken at once; the others wait for the release after. None: all.
    most: int | None = None
    wanted: dict[str, Accepted] = field(default_factory=dict)
    waiting: list[Waiting] = field(default_factory=list)
    until: int = 0

    def refresh(self) -> None:
        if self.contributions is not None:
            self._take(self.contributions.for_publisher(self.most))

    def _take(self, found: Outbox) -> None:
        self.wanted = {one.graph: one for one in found.wanted}
        self.waiting, self.until = found.waiting, found.until

    def read(self, graph: str) -> list[ox.Quad]:
        """What the graph shall hold; nothing where it is to be emptied."""
        wanted = self.wanted.get(graph)
        if wanted is None or self.contributions is None:
            return []
        return self.contributions.read(wanted)

    def origins(self, graphs: Iterable[str]) -> list[Origin]:
        """How the content of ``graphs`` came about, in the order of acceptance."""
        if self.contributions is None:
            return []
        return self.contributions.origins(graphs, self.until)

    def settle(self, manifest: Manifest) -> None:
        """Enters into the ledger what that release holds: a graph's newest acceptance, and those
        before it."""
        done = [
            one.contribution_id
            for one in self.waiting
            if manifest.sources.get(one.graph) == self.digest(one.graph)
        ]
        if done and self.contributions is not None:
            self.contributions.mark_published(done, manifest.release)
            self.refresh()

    def all_waived(self) -> frozenset[str]:
        """Of whatever was accepted. One whose day has passed blocks no release, since what it let
        pass is published: it is on the reviewers' list."""
        return self.contributions.waived() if self.contributions else frozenset()

    def set_aside(self, contribution_id: int, blocking: Report) -> None:
        if self.contributions is not None:
            self.contributions.set_aside(contribution_id, _as_data(blocking))
            # What has been accepted since stays out, as it was at the beginning.
            self._take(self.contributions.for_publisher(until=self.until))

    def digest(self, graph: str) -> str | None:
        wanted = self.wanted.get(graph)
        return wanted.digest if wanted else None


@contextmanager
def acceptances(config: Config, most: int | None = None) -> Iterator[Acceptances]:
    """Opened for one piece of a publisher's work. A home without a ledger does not get one."""
    if not config.ledger and not (config.home / "ledger.sqlite").exists():
        yield Acceptances(None)
        return
    from ..ledger.contributions import Contributions  # with SQLAlchemy, which takes long
    from ..ledger.database import Ledger

    ledger = Ledger.open(config)
    try:
        found = Acceptances(Contributions(ledger), most)
        found.refresh()
        yield found
    finally:
        ledger.close()


def _as_data(found: Report) -> dict[str, Any]:
    return {
        "results": [
            {"key": one.key, "shape": str(one.shape), "message": dict(one.messages)}
            for one in found.results
        ]
    }
