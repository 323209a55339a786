"""A release that is being built aside."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pyoxigraph as ox

from .. import __version__
from ..errors import Unpublishable
from ..i18n import Message
from ..namespaces import DEF, ID
from ..store import Store, graph_of
from ..validation import engine, report
from ..validation.report import Report
from . import changes, manifest, metadata, restoration
from .changes import ChangeSet
from .manifest import Manifest
from .releases import Release, Releases


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
    def begin(cls, releases: Releases, parent: Release | None, now: datetime) -> Draft:
        """A draft that holds what ``parent`` holds. Raises `ReleaseCorrupt` where ``parent`` is
        damaged and cannot be made again."""
        number = parent.number + 1 if parent else 1
        folder = releases.workshop(number)
        try:
            if parent is None:
                store = Store.create(folder / "store")
            else:
                store = restoration.copy(releases, parent, folder / "store")
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        issued = now.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        return cls(releases, parent, number, issued, folder, store)

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
            one = changes.between(self.store.quads(graph=graph), quads)
            whole.added |= one.added
            whole.removed |= one.removed
        self.apply(whole)

    def replace_one(self, graph: str, quads: Iterable[ox.Quad]) -> None:
        self.replace({graph: quads}, ())

    def validate(self) -> Report:
        """The report on the candidate, which becomes part of it.

        Raises `ViolationsFound`, and `BadShapes` before anything is validated.
        """
        from ..validation import screening  # pySHACL takes long to import

        shapes = engine.shapes_of(self.store)
        engine.check_shapes(shapes)
        found = screening.validate_whole(self.store, shapes)
        if not found.conforms:
            raise ViolationsFound(found)
        self.replace_one(report.REPORT_GRAPH, report.to_quads(found))
        return found

    def publish(
        self,
        *,
        sources: dict[str, str],
        seen: dict[str, str],
        ontology_version: str,
        validated: bool,
        rolled_back_to: int | None = None,
    ) -> Release:
        content_hash = self.content_hash()
        self._mark_removed()
        parent_number = self.parent.number if self.parent else None
        self.replace_one(
            metadata.RELEASE, metadata.description(self.number, parent_number, self.issued)
        )
        self.store.flush()
        changes.write(self.folder, self.change)
        graphs = self._graph_counts()
        quads = len(self.store)
        store_path = self.store.path
        del self.store  # closes RocksDB: its files are complete only now
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
            files=manifest.checksums(self.folder),
        )
        manifest.verify_count(len(Store.open(store_path)), document)
        (self.folder / manifest.NAME).write_text(document.to_json(), encoding="utf-8")
        return self.releases.publish(self.folder, self.number)

    def abandon(self) -> None:
        if hasattr(self, "store"):
            del self.store  # an open RocksDB goes on writing files
        shutil.rmtree(self.folder, ignore_errors=True)

    def content_hash(self) -> str:
        """Moved on from the parent's by the change."""
        total = int(self.parent.manifest.content_hash, 16) if self.parent else 0
        total += manifest.hash_of(metadata.content_only(self.change.added))
        total -= manifest.hash_of(metadata.content_only(self.change.removed))
        return f"{total % 2**256:064x}"

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


def _things(quads: Iterable[ox.Quad]) -> set[ox.NamedNode]:
    """The subjects that have an address of their own; findings of a validation come and go."""
    return {
        quad.subject
        for quad in metadata.content_only(quads)
        if isinstance(quad.subject, ox.NamedNode)
        and quad.subject.value.startswith((ID, DEF))
        and graph_of(quad) != report.REPORT_GRAPH
    }
