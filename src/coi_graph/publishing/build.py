"""Files + bulk loads → a new release, if anything changed.

Built aside: the parent's store is cloned by hard links, the change applied, the candidate
validated, everything flushed and checksummed, the folder renamed into place, then `current` is
switched. Whoever kills this process at any moment leaves the old release or the new one.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pyoxigraph as ox

from .. import __version__
from ..config import Config
from ..errors import OutOfSpace, Unpublishable
from ..i18n import Message
from ..intake import sources
from ..namespaces import DEF, ID
from ..store import Store, graph_of
from ..validation import engine, report
from ..validation.report import Report
from . import changes, durable, loads, manifest, metadata
from .changes import ChangeSet
from .manifest import Manifest
from .releases import Release, Releases

LOCK = "publish.lock"
PATIENCE = 60.0  # seconds to wait for another publisher
Tell = Callable[[Message], None]


@dataclass(frozen=True, slots=True)
class Built:
    """What `build` did: the new release, or None when nothing had changed."""

    release: Release | None
    report: Report | None = None


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


@contextmanager
def publisher(config: Config) -> Iterator[Releases]:
    """The releases, for the one process that may add to them. Cleans up after a killed one.

    Raises `Busy` and `OutOfSpace`.
    """
    config.home.mkdir(parents=True, exist_ok=True)
    with durable.only_writer(config.home / LOCK, patience=PATIENCE):
        free = shutil.disk_usage(config.home).free
        if free < config.min_free:
            raise OutOfSpace(
                Message(
                    "%(free)s MiB are free in %(home)s, publishing needs %(needed)s",
                    free=free >> 20,
                    home=config.home,
                    needed=config.min_free >> 20,
                ),
                remedy=Message("Free space on that disk; what is published stays readable."),
            )
        releases = Releases(config.releases)
        releases.recover()
        yield releases


def build(
    config: Config,
    *,
    tell: Tell = lambda message: None,
    validate: bool = True,
    now: datetime | None = None,
) -> Built:
    """Makes the next release from the files and the bulk loads.

    Raises `ViolationsFound` when the candidate violates the shapes (without ``validate`` it is
    not asked, and the manifest says so), and what reading the files raises; the current release
    stays as it is.
    """
    with publisher(config) as releases:
        wanted = _wanted(config)
        seen = {graph: content.digest for graph, content in wanted.items()}
        parent = releases.current() if releases.current_number() else None
        if parent is not None and parent.manifest.seen == seen:
            return Built(None)
        known = parent.manifest.sources if parent else {}
        changed = {g: c for g, c in wanted.items() if known.get(g) != c.digest}
        gone = known.keys() - wanted.keys()
        draft = Draft.begin(releases, parent, now or datetime.now(UTC))
        try:
            tell(Message("reading %(count)s changed sources", count=len(changed)))
            draft.replace({graph: content.read() for graph, content in changed.items()}, gone)
            draft.replace_one(
                metadata.PROVENANCE,
                metadata.provenance((graph, content.name) for graph, content in wanted.items()),
            )
            found: Report | None = None
            if validate and draft.change:
                tell(Message("validating %(count)s quads", count=len(draft.store)))
                found = draft.validate()
            if not draft.change:
                draft.abandon()
                return Built(None)
            tell(Message("publishing release %(number)s", number=draft.number))
            release = draft.publish(
                sources={graph: content.digest for graph, content in wanted.items()},
                seen=seen,
                ontology_version=sources.ontology_version(config.sources),
                validated=validate,
            )
        except BaseException:
            draft.abandon()
            raise
        releases.prune(config.keep_releases)
        return Built(release, found)


@dataclass(frozen=True, slots=True)
class _Content:
    """What a named graph should hold."""

    name: str
    digest: str
    read: Callable[[], Iterable[ox.Quad]]


def _wanted(config: Config) -> dict[str, _Content]:
    wanted = {
        source.graph: _Content(
            source.path.relative_to(config.sources).as_posix(),
            source.digest,
            lambda source=source: sources.read(source),  # type: ignore[misc]
        )
        for source in sources.find(config.sources, examples=config.examples)
    }
    for load in loads.all_of(config.home):
        wanted[load.graph] = _Content(f"loads/{load.path.name}", load.digest, load.read)
    return wanted


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
        number = parent.number + 1 if parent else 1
        folder = releases.workshop(number)
        if parent is None:
            store = Store.create(folder / "store")
        else:
            store = parent.open().clone_to(folder / "store")
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

        Raises `ViolationsFound`.
        """
        found = engine.validate(engine.from_store(self.store))
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
        content_hash = self._content_hash()
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
        shutil.rmtree(self.folder, ignore_errors=True)

    def _content_hash(self) -> str:
        """Moved on from the parent's by the change."""
        total = int(self.parent.manifest.content_hash, 16) if self.parent else 0
        total += manifest.hash_of(content_only(self.change.added))
        total -= manifest.hash_of(content_only(self.change.removed))
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


def content_only(quads: Iterable[ox.Quad]) -> Iterator[ox.Quad]:
    return (q for q in quads if graph_of(q) not in metadata.SELF_DESCRIPTION)


def _things(quads: Iterable[ox.Quad]) -> set[ox.NamedNode]:
    """The subjects that have an address of their own."""
    return {
        quad.subject
        for quad in content_only(quads)
        if isinstance(quad.subject, ox.NamedNode) and quad.subject.value.startswith((ID, DEF))
    }
