"""Making the dumps of a release: for the one publisher, who holds the lock (see `dumps`)."""

from __future__ import annotations

import json
import logging
import os
import shutil
from collections.abc import Container, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pyoxigraph as ox

from ..errors import ReleaseCorrupt
from ..media import N_QUADS, RDF_XML
from ..store import Store, graph_of
from . import changes, counts, dump_files, durable, parts
from .dump_files import Survey, Written
from .dump_plan import Planned, plan, stem_of
from .dumps import COMPRESSION, FORMAT, INDEX, Dump, folder_of, listed, path_of, read_index
from .releases import Release, Releases

_ASIDE = ".partial-"
_log = logging.getLogger(__name__)


def keep_up(releases: Releases, keep: int) -> None:
    """Makes what is missing for the newest ``keep`` releases, newest first, and removes the dumps
    of older ones; 0 keeps all."""
    every = list(reversed(releases.all()))
    kept = every if keep == 0 else every[:keep]
    for release in kept:
        if release.is_readable:
            try:
                complete(release)
            except ReleaseCorrupt as error:
                if release is kept[0]:
                    raise
                _log.warning("no dumps of release %s: %s", release.number, error)
    for release in every[len(kept) :]:
        shutil.rmtree(folder_of(release), ignore_errors=True)


def complete(release: Release) -> list[Dump]:
    """Makes the dumps and counts of ``release`` that are missing, and lists all dumps."""
    folder = folder_of(release)
    try:
        known, impossible = read_index(release)
    except ReleaseCorrupt:
        known, impossible = [], set()
    done = {dump.name: dump for dump in known if _size(folder / dump.name) == dump.bytes}
    missing = [
        one
        for one in plan(release.manifest.graphs)
        if one.name not in done and one.name not in impossible
    ]
    if missing or counts.of(folder, release.number) is None:
        folder.mkdir(exist_ok=True)
        for leftover in folder.rglob(_ASIDE + "*"):
            leftover.unlink()
        _Making(release, folder, done, impossible).do(missing)
    return list(done.values())


class _Making:
    """Making the dumps of one release."""

    def __init__(
        self, release: Release, folder: Path, done: dict[str, Dump], impossible: set[str]
    ) -> None:
        self._release = release
        self._folder = folder
        self._done = done
        self._impossible = impossible
        self._store: Store | None = None
        self._surveyed: Survey | None = None
        self._unsynced: list[Path] = []

    def do(self, missing: list[Planned]) -> None:
        """Each graph as N-Quads first: all others are made from these files."""
        inherited = self._inherited()
        for one in missing:
            if one.form is not N_QUADS and not one.is_a_piece:
                self._save()  # one long file after the other
            dump = self._link(one, inherited) or self._write(one)
            if dump is None:
                self._impossible.add(one.name)
            else:
                self._done[one.name] = dump
        self._save()
        if counts.of(self._folder, self._release.number) is None:
            quads = self._quads(sorted(self._release.manifest.graphs))
            found = counts.count(self._release.number, quads, self._survey().repeated)
            self._replace(counts.FILE, found.to_json())

    def _write(self, one: Planned) -> Dump | None:
        """None where the form cannot hold it."""
        prefixes: dict[str, str] = {}
        repeated: Container[int] = ()
        if one.form is not N_QUADS:
            survey = self._survey()
            if one.form is RDF_XML and not survey.not_xml.isdisjoint(one.graphs):
                return None
            prefixes, repeated = survey.prefixes, survey.repeated
        aside = self._aside(one.name)
        written = dump_files.write(self._quads(one.graphs), one.form, aside, prefixes, repeated)
        self._put(aside, one.name)
        return _described(one, written)

    def _quads(self, graphs: list[str]) -> Iterator[ox.Quad]:
        for graph in graphs:
            stem = stem_of(graph)
            if stem is not None and (name := f"{stem}.{N_QUADS.name}.gz") in self._done:
                yield from dump_files.read(self._folder / name)
            else:
                if self._store is None:
                    self._store = self._release.open()
                yield from self._store.quads(graph=graph)

    def _survey(self) -> Survey:
        if self._surveyed is None:
            self._surveyed = dump_files.survey(self._quads(sorted(self._release.manifest.graphs)))
        return self._surveyed

    def _link(self, one: Planned, inherited: dict[str, tuple[Path, Dump]]) -> Dump | None:
        """The parent's file, where it holds the same."""
        path, dump = inherited.get(one.name, (None, None))
        if path is None or dump is None or _size(path) != dump.bytes:
            return None
        aside = self._aside(one.name)
        try:
            os.link(path, aside)
        except OSError:  # another file system, or too many links: it is written anew
            return None
        self._put(aside, one.name)
        return dump

    def _inherited(self) -> dict[str, tuple[Path, Dump]]:
        """The parent's dumps of what this release has not touched, by name."""
        number = self._release.manifest.parent
        if number is None:
            return {}
        parent = Release(self._release.path.with_name(f"{number:06d}"))
        now = parts.of(self._release.manifest.graphs)
        try:
            touched = {
                graph_of(quad)
                for name in (changes.ADDED, changes.REMOVED)
                for quad in changes.read_quads(self._release.path / name)
            }
            listing = listed(parent)
            before = parts.of(parent.manifest.graphs)
        except ReleaseCorrupt:
            return {}
        same_parts = {
            slug for slug, graphs in now.items()
            if graphs == before.get(slug) and touched.isdisjoint(graphs)
        }  # fmt: skip
        return {
            dump.name: (path_of(parent, dump), dump)
            for dump in listing
            if (dump.graph is not None and dump.graph not in touched) or dump.part in same_parts
        }

    def _aside(self, name: str) -> Path:
        path = self._folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        aside = path.with_name(_ASIDE + path.name)
        aside.unlink(missing_ok=True)
        return aside

    def _put(self, aside: Path, name: str) -> None:
        path = self._folder / name
        aside.replace(path)
        aside.unlink(missing_ok=True)  # it stays where both were names of one file
        self._unsynced.append(path)

    def _save(self) -> None:
        """Lists what is done, once all of it is on disk."""
        for path in self._unsynced:
            durable.sync_file(path)
        for folder in {path.parent for path in self._unsynced}:
            durable.sync_file(folder)
        self._unsynced.clear()
        listing: dict[str, Any] = {
            "format": FORMAT,
            "release": self._release.number,
            "content_hash": self._release.manifest.content_hash,
            "dumps": [asdict(dump) for _, dump in sorted(self._done.items())],
            "impossible": sorted(self._impossible),
        }
        self._replace(INDEX, json.dumps(listing, indent=1, ensure_ascii=False) + "\n")

    def _replace(self, name: str, text: str) -> None:
        aside = self._aside(name)
        aside.write_text(text, encoding="utf-8")
        durable.sync_file(aside)
        durable.rename(aside, self._folder / name)


def _described(one: Planned, written: Written) -> Dump:
    return Dump(
        name=one.name,
        form=one.form.name,
        media_type=one.form.media_type,
        compression=COMPRESSION,
        bytes=written.size,
        sha256=written.sha256,
        content_bytes=written.content_size,
        content_sha256=written.content_sha256,
        statements=written.statements,
        graph=one.graph,
        part=one.part,
    )


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else -1
