"""The change feed of a release: one member for each thing that it creates, updates or deletes.

    feed/index.json      what there is: counts, and each page with its first and last thing
    feed/00001.nq.gz     members, by the IRI of their thing; made once, never changed

The members of all releases, one after another, give exactly the content of the newest.
"""

from __future__ import annotations

import gzip
import json
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

import pyoxigraph as ox

from ..errors import NotFound, ReleaseCorrupt
from ..i18n import Message
from ..intake.checksum import sha256
from ..namespaces import AS, BASE, ID, RDF
from ..store import Store
from . import changes, durable, restoration
from .changes import ChangeSet
from .feed_members import Member, What, activity_iri, lines
from .ownership import Quads, ViewAfter, ViewBefore, touched
from .releases import Releases

FOLDER = "feed"
_INDEX = "index.json"
_MOST_MEMBERS = 250  # on a page
_MOST_QUADS = 4_000  # on a page, where that is more than one member


@dataclass(frozen=True, slots=True)
class Page:
    """A file of members. ``first`` and ``last`` are things, ``start`` counts members before."""

    file: str
    start: int
    members: int
    first: str
    last: str
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Index:
    """What the feed of a release holds. ``kinds``: kind of thing → Create, Update, Delete → how
    many."""

    release: int
    issued: str
    members: int
    counts: dict[str, int]
    kinds: dict[str, dict[str, int]]
    pages: list[Page] = field(default_factory=list)


def make(folder: Path, number: int, issued: str, change: ChangeSet, store: Store | None) -> Index:
    """Writes the feed of the release in ``folder``, which ``change`` turned its parent into.

    ``store`` is its store, to look up what else the changed things say; None where there is no
    parent, and everything is in ``change``. Memory follows the change.
    """
    place = folder / FOLDER
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir()
    found = _everything(change) if store is None else _changed(store, change)
    index = _write(place, number, issued, found)
    durable.sync_tree(place)
    aside = place / f".{_INDEX}"
    aside.write_text(json.dumps(asdict(index), ensure_ascii=False), encoding="utf-8")
    durable.sync_file(aside)
    durable.rename(aside, place / _INDEX)  # from here on, the pages count
    return index


def keep_up(releases: Releases) -> None:
    """Makes the feed of each release that has none: of one that was copied from elsewhere."""
    for release in releases.all():
        if not exists(release.path):
            change = changes.read(release.path)
            m = release.manifest
            if m.parent is None:
                make(release.path, release.number, m.issued, change, None)
                continue
            with restoration.copied(releases, release) as store:
                make(release.path, release.number, m.issued, change, store)


def exists(folder: Path) -> bool:
    """Whether the feed of the release in ``folder`` is made."""
    return (folder / FOLDER / _INDEX).exists()


def read_index(folder: Path) -> Index:
    """Raises `NotFound` where the feed is not made yet, `ReleaseCorrupt` where it is damaged."""
    path = folder / FOLDER / _INDEX
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        pages = [Page(**page) for page in values.pop("pages")]
        return Index(**values, pages=pages)
    except FileNotFoundError:
        raise NotFound(
            Message(
                "the change feed of release %(number)s is not made yet", number=int(folder.name)
            ),
            remedy=Message("“coi-graph build” makes what is missing."),
        ) from None
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise ReleaseCorrupt(
            Message("%(file)s is damaged: %(why)s", file=path, why=error)
        ) from error


def read_page(folder: Path, page: Page) -> Iterator[ox.Quad]:
    """The quads of a page: Activities in the default graph, descriptions in their graphs."""
    return changes.read_quads(folder / FOLDER / page.file)


def changed_things(folder: Path) -> Iterator[tuple[str, What]]:
    """Each thing that the release in ``folder`` changed, and how; in the order of the feed."""
    for page in read_index(folder).pages:
        yield from things_of_page(folder, page)


def things_of_page(folder: Path, page: Page) -> Iterator[tuple[str, What]]:
    """The same for one page, without its descriptions."""
    what: What = "Update"
    with gzip.open(folder / FOLDER / page.file, "rt", encoding="utf-8") as lines:
        for line in lines:
            # An Activity's three lines begin its member, and end without a graph.
            _, predicate, rest = line.split(" ", 2)
            if predicate == f"<{AS}object>" and rest.endswith("> .\n") and " <" not in rest:
                yield rest[1:-4], what
            elif predicate == f"<{RDF}type>" and rest.startswith(f"<{AS}") and " <" not in rest:
                what = rest[len(AS) + 1 : -4]  # type: ignore[assignment]


def _everything(change: ChangeSet) -> Iterator[Member]:
    view = Quads(change.added)
    for thing in sorted({view.owner(subject) for subject in view.subjects()}):
        yield Member(thing, "Create", frozenset(view.description(thing)))


def _changed(store: Store, change: ChangeSet) -> Iterator[Member]:
    before, after = ViewBefore(store, change), ViewAfter(store)
    for thing in sorted(touched(change, before, after)):
        old, new = before.description(thing), after.description(thing)
        if old != new:
            what: What = "Update" if old and new else "Create" if new else "Delete"
            yield Member(thing, what, frozenset(new))


def _write(folder: Path, release: int, issued: str, found: Iterable[Member]) -> Index:
    counts: Counter[str] = Counter()
    kinds: dict[str, Counter[str]] = {}
    pages: list[Page] = []
    total = 0
    for batch in _batches(found):
        start = total
        path = folder / f"{len(pages) + 1:05d}.nq.gz"
        with path.open("wb") as raw, gzip.GzipFile("", "wb", 6, raw, mtime=0) as file:
            for member in batch:
                total += 1
                counts[member.what] += 1
                kinds.setdefault(kind_of(member.thing), Counter())[member.what] += 1
                text = lines(member, release, activity_iri(release, total), issued)
                file.write("".join(f"{line} .\n" for line in text).encode())
        size, digest = path.stat().st_size, sha256(path)
        first, last = batch[0].thing, batch[-1].thing
        pages.append(Page(path.name, start, len(batch), first, last, size, digest))
    return Index(
        release=release,
        issued=issued,
        members=total,
        counts=dict(counts),
        kinds={kind: dict(table) for kind, table in sorted(kinds.items())},
        pages=pages,
    )


def _batches(found: Iterable[Member]) -> Iterator[list[Member]]:
    batch: list[Member] = []
    quads = 0
    for member in found:
        if batch and (len(batch) >= _MOST_MEMBERS or quads + len(member.quads) > _MOST_QUADS):
            yield batch
            batch, quads = [], 0
        batch.append(member)
        quads += len(member.quads)
    if batch:
        yield batch


def kind_of(thing: str) -> str:
    """The path segment that groups things: ``role``; for what is not under ``id/``: ``def``,
    ``shapes``, ``graph``, or "" for a foreign IRI."""
    if thing.startswith(ID):
        return thing[len(ID) :].partition("/")[0]
    return thing[len(BASE) :].partition("/")[0] if thing.startswith(BASE) else ""
