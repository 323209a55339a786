"""The catalogue of each release, made once and kept in memory."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable

from ..catalogue import schema_org
from ..catalogue.entries import entries
from ..catalogue.model import Entry, Kept
from ..catalogue.model import Publication as Source
from ..errors import ReleaseCorrupt
from ..namespaces import ID
from ..publishing import dumps
from ..publishing.dumps import Dump
from ..publishing.releases import Release
from .publication import Opened, Publication

_BODIES = 128  # that are remembered
_LISTINGS = 64
_LISTED = (ID + "edition/", ID + "survey/")
Stamp = tuple[int, int, int]  # release, size and time of its list of dumps


class CatalogueShelf:
    """One a web process; thread-safe.

    Dumps may be finished after the release was switched to, so what is made from a release is
    remembered together with the state of its list of dumps.
    """

    def __init__(self, publication: Publication, site: str) -> None:
        self.site = site
        self._publication = publication
        self._lock = threading.Lock()
        self._listings: OrderedDict[Stamp, list[Dump]] = OrderedDict()
        self._sources: OrderedDict[tuple[int, str], tuple[Source, list[Entry]]] = OrderedDict()
        self._bodies: OrderedDict[tuple[int, str, str], bytes] = OrderedDict()

    def dumps_of(self, release: Release) -> list[Dump]:
        """What can be downloaded; nothing where the list is damaged: it is made again by the next
        `build`."""
        stamp = _stamp(release)
        if stamp is None:
            return []
        with self._lock:
            if stamp in self._listings:
                return self._listings[stamp]
        try:
            found = dumps.listed(release)
        except ReleaseCorrupt:
            found = []
        with self._lock:
            self._listings[stamp] = found
            _trim(self._listings, _LISTINGS)
        return found

    def kept(self) -> list[Kept]:
        """The releases with dumps, newest first."""
        newest = self._publication.current().number
        return [
            Kept(release.manifest, found)
            for release in reversed(self._publication.releases.all())
            if release.number <= newest and (found := self.dumps_of(release))
        ]

    def tag(self) -> str:
        """Names the state of all lists of dumps."""
        stamps = [_stamp(release) for release in self._publication.releases.all()]
        return hashlib.sha256(repr(stamps).encode()).hexdigest()[:12]

    def source(self, of: Opened) -> tuple[Source, list[Entry]]:
        """What the catalogue of ``of`` is made from, and what it lists."""
        key = (of.number, self.tag())
        with self._lock:
            if key in self._sources:
                return self._sources[key]
        others = [one for one in self.kept() if one.manifest.release != of.number]
        current = Kept(of.manifest, self.dumps_of(of.release))
        source = Source(current, of.lookup, self.site, others)
        found = (source, entries(source))
        with self._lock:
            self._sources[key] = found
            _trim(self._sources, 4)
        return found

    def structured(self, of: Opened, iri: str, lang: str) -> str | None:
        """schema.org's description for the page about ``iri``, where it is a data set of the
        catalogue."""
        if iri.startswith(ID) and not iri.startswith(_LISTED):
            return None  # most pages; nothing need be looked up
        entry = next((one for one in self.source(of)[1] if one.iri == iri), None)
        return None if entry is None else schema_org.script(schema_org.dataset(entry, lang))

    def body(self, of: Opened, name: str, make: Callable[[], bytes]) -> bytes:
        """The document ``name`` of the release, made by ``make`` where it is not at hand."""
        key = (of.number, self.tag(), name)
        with self._lock:
            if key in self._bodies:
                self._bodies.move_to_end(key)
                return self._bodies[key]
        made = make()
        with self._lock:
            self._bodies[key] = made
            _trim(self._bodies, _BODIES)
        return made


def _stamp(release: Release) -> Stamp | None:
    try:
        found = (dumps.folder_of(release) / dumps.INDEX).stat()
    except OSError:
        return None
    return (release.number, found.st_size, found.st_mtime_ns)


def _trim(entries: OrderedDict[object, object] | OrderedDict, most: int) -> None:  # type: ignore[type-arg]
    while len(entries) > most:
        entries.popitem(last=False)
