"""A release that is being built aside."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyoxigraph as ox

from .. import __version__
from ..errors import ReleaseCorrupt, Unpublishable
from ..i18n import Message
from ..namespaces import DEF, ID, SH
from ..store import Store, as_kept, graph_of
from ..validation import engine, report
from ..validation.report import Report, Severity
from . import changes, checks, feed, manifest, metadata, provenance, restoration
from .changes import ChangeSet
from .manifest import Manifest
from .releases import Release, Releases

_LOOK_UPS_PER_COUNT = 10  # one takes about as long as counting so many quads
_RESULT = ox.NamedNode(SH + "result")


class ViolationsFound(Unpublishable):
    """Carries the report, so that the caller can show what to mend."""

    def __init__(self, found: Report) -> None:
        super().__init__(
            Message(
                "%(count)s violations; nothing was published",
                count=found.counts()[report.Severity.VIOLATION],
            ),
            remedy=Message("Mend what the report names, then build again."),
        )
        self.report = found


@dataclass(slots=True)
class Draft:
    """A release that is being built aside. Whoever begins one publishes or abandons it."""

    releases: Releases
    parent: Release | None
    number: int
    issued: str
    folder: Path
    store: Store
    change: ChangeSet = field(default_factory=ChangeSet)

    @classmethod
    def begin(
        cls, releases: Releases, parent: Release | None, now: datetime, number: int | None = None
    ) -> Draft:
        """A draft that holds what ``parent`` holds. Raises `ReleaseCorrupt` where ``parent`` is
        damaged and cannot be made again. ``number`` is for one that begins with nothing though
        there were others."""
        number = number or (parent.number + 1 if parent else 1)
        folder = releases.workshop(number)
        try:
            if parent is None:
                store = Store.create(folder / "store")
            else:
                store = restoration.copy(releases, parent, folder / "store")
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        before = parent or _newest_readable(releases)
        return cls(releases, parent, number, _issued(now, before), folder, store)

    @property
    def quads(self) -> int:
        """The number of quads, by the change; counted once when it is published."""
        if self.parent is None:
            return len(self.store)
        return self.parent.manifest.quads + len(self.change.added) - len(self.change.removed)

    def apply(self, change: ChangeSet) -> None:
        if self.parent is None and not self.change:
            self.store.add_bulk(change.added)
        else:
            self.store.apply(removed=change.removed, added=change.added)
        self.change = self.change.then(change)

    def replace(self, graphs: dict[str, Iterable[ox.Quad]], gone: Iterable[str]) -> None:
        """Gives named graphs a new content, all in one change; those in ``gone`` are emptied."""
        whole = ChangeSet()
        for graph in gone:
            whole = whole.then(changes.between(self.store.quads(graph=graph), ()))
        for graph, quads in graphs.items():
            one = changes.between(self.store.quads(graph=graph), as_kept(quads))
            whole.added |= one.added
            whole.removed |= one.removed
        self.apply(whole)

    def replace_one(self, graph: str, quads: Iterable[ox.Quad]) -> None:
        self.replace({graph: quads}, ())

    def validate(self, waived: frozenset[str] = frozenset()) -> Report:
        """The report on the candidate, which becomes part of it.

        Raises `ViolationsFound` for one whose key is not ``waived``, and `BadShapes` before
        anything is validated.
        """
        from ..validation import screening  # pySHACL takes long to import

        shapes = engine.shapes_of(self.store)
        engine.check_shapes(shapes)
        found = screening.validate_whole(self.store, shapes)
        if any(
            one.severity is Severity.VIOLATION and one.key not in waived for one in found.results
        ):
            raise ViolationsFound(found)
        self.replace_one(report.REPORT_GRAPH, report.to_quads(found))
        return found

    def admit(self, change: ChangeSet, found: Report, mended: Report) -> None:
        """Applies a change that was judged: ``found`` is what it adds to the report, ``mended``
        what it takes away. A release that says “not validated” has no report to change."""
        self.apply(change)
        known = set(self.store.quads(graph=report.REPORT_GRAPH))
        if not known:
            return
        mending = {report.result_node(one) for one in mended.results}
        kept = {
            quad
            for quad in known
            if quad.subject not in mending
            and quad.object not in mending
            and quad not in (report.conforming(True), report.conforming(False))
        }
        for one in found.results:
            kept.update(report.result_quads(one))
        results = any(quad.predicate == _RESULT for quad in kept)
        self.apply(changes.between(known, kept | {report.conforming(not results)}))

    def publish(
        self,
        *,
        sources: dict[str, str],
        seen: dict[str, str],
        ontology_version: str,
        validated: bool,
        reviews: Iterable[str] = (),
        rolled_back_to: int | None = None,
    ) -> Release:
        """``reviews``: the acceptances of the contributions that are new in it."""
        content_hash = self.content_hash()
        self._mark_removed()
        parent_number = self.parent.number if self.parent else None
        self.replace_one(
            metadata.RELEASE,
            [
                *metadata.description(self.number, parent_number, self.issued),
                *provenance.of_publication(self.number, self.issued, reviews),
            ],
        )
        self.store.flush()
        changes.write(self.folder, self.change)
        # No name of its own for the store: it must be closed below.
        feed.make(
            self.folder, self.number, self.issued, self.change, self.store if self.parent else None
        )
        graphs = self._graph_counts()
        quads = self.quads
        store_path = self.store.path
        self.store.close()
        del self.store
        document = Manifest(
            release=self.number,
            parent=parent_number,
            issued=self.issued,
            software=f"coi-graph {__version__}, pyoxigraph {ox.__version__}",
            ontology_version=ontology_version,
            quads=quads,
            graphs=graphs,
            sources=sources,
            seen=seen,
            content_hash=content_hash,
            added=len(self.change.added),
            removed=len(self.change.removed),
            validated=validated,
            rolled_back_to=rolled_back_to,
            queries=checks.of(self.parent) if self.parent else {},
            files=manifest.checksums(self.folder, self.releases.verified),
        )
        self._verify_written(Store.open(store_path), document)
        (self.folder / manifest.NAME).write_text(document.to_json(), encoding="utf-8")
        release = self.releases.publish(self.folder, self.number)
        release.take_as_counted()
        return release

    def _verify_written(self, store: Store, document: Manifest) -> None:
        """Looks up the change in what is on disk, or counts it where the change is most of it.

        Raises `ReleaseCorrupt`.
        """
        if self.parent is None or len(self.change) > document.quads // _LOOK_UPS_PER_COUNT:
            manifest.verify_count(len(store), document)
            return
        wrong = sum(quad not in store for quad in self.change.added)
        wrong += sum(quad in store for quad in self.change.removed)
        if wrong:
            raise ReleaseCorrupt(
                Message(
                    "release %(number)s: %(count)s changes are not in its store",
                    number=self.number,
                    count=wrong,
                )
            )

    def abandon(self) -> None:
        if hasattr(self, "store"):
            self.store.close()
            del self.store
        shutil.rmtree(self.folder, ignore_errors=True)

    def content_hash(self) -> str:
        """Moved on from the parent's by the change."""
        before = self.parent.manifest.content_hash if self.parent else manifest.NOTHING
        return manifest.content_hash_after(before, self.change)

    def _mark_removed(self) -> None:
        """A tombstone for each thing that this change leaves without statements; none for one
        that has come back."""
        change = ChangeSet()
        for thing in _things(self.change.added):
            change.removed.update(self.store.quads(thing, graph=metadata.REMOVED))
        for thing in _things(self.change.removed) - _things(self.change.added):
            if next(self.store.quads(thing), None) is None:
                change.added.add(metadata.tombstone(thing, self.issued))
        self.apply(change)

    def _graph_counts(self) -> dict[str, int]:
        """Quads of each graph: the parent's, moved on by the change."""
        counts = dict(self.parent.manifest.graphs) if self.parent else {}
        for quads, sign in ((self.change.added, 1), (self.change.removed, -1)):
            for quad in quads:
                graph = graph_of(quad)
                counts[graph] = counts.get(graph, 0) + sign
        return {graph: count for graph, count in sorted(counts.items()) if count}


def _newest_readable(releases: Releases) -> Release | None:
    for release in reversed(releases.all()):
        with contextlib.suppress(ReleaseCorrupt):
            _ = release.manifest
            return release
    return None


def _issued(now: datetime, parent: Release | None) -> str:
    """The moment in whole seconds; always later than the parent's, whatever the clock says, since
    who follows the feed puts releases in order by it."""
    moment = now.astimezone(UTC).replace(microsecond=0)
    if parent is not None:
        before = datetime.fromisoformat(parent.manifest.issued)
        moment = max(moment, before + timedelta(seconds=1))
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")


def _things(quads: Iterable[ox.Quad]) -> set[ox.NamedNode]:
    """The subjects that have an address of their own; findings of a validation come and go."""
    return {
        quad.subject
        for quad in metadata.content_only(quads)
        if isinstance(quad.subject, ox.NamedNode)
        and quad.subject.value.startswith((ID, DEF))
        and graph_of(quad) != report.REPORT_GRAPH
    }
