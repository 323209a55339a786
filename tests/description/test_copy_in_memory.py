"""A release read from its copy in memory says what it says when it is read from disk.

The two give their quads in another order; what is shown must not depend on it, nor on when the
copy was made.
"""

from __future__ import annotations

import gc
import shutil
import time
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest

from coi_graph import config
from coi_graph.description import document, figures
from coi_graph.description.describer import Describer
from coi_graph.description.lookup import Lookup
from coi_graph.description.paths import Addresses
from coi_graph.description.turtle import Turtle
from coi_graph.namespaces import BASE, DEF, ID, RDF
from coi_graph.publishing.releases import Release, Releases
from coi_graph.store import Store
from coi_graph.web import publication, reading

SITE = "https://coi.example/"


@pytest.fixture(scope="module")
def copy(release: Release) -> Store:
    return release.open().copy_in_memory()


@pytest.fixture(scope="module")
def lookups(release: Release, copy: Store) -> tuple[Lookup, Lookup]:
    """From disk, and from memory."""
    near = Lookup(release.open())
    near.read_from(copy)
    return Lookup(release.open()), near


@pytest.fixture(scope="module")
def things(release: Release) -> list[str]:
    subjects = {quad.subject.value for quad in release.open().quads()}  # type: ignore[union-attr]
    return sorted(iri for iri in subjects if iri.startswith((ID, DEF)))


def test_the_copy_holds_the_same_quads(release: Release, copy: Store) -> None:
    quads = list(copy.quads())
    assert set(quads) == set(release.open().quads())
    assert len(quads) == len(copy) == release.manifest.quads


def test_every_description_is_the_same(
    lookups: tuple[Lookup, Lookup], things: list[str], copy: Store
) -> None:
    writers = [Turtle(lookup) for lookup in lookups]
    assert len(things) > 1_000
    for iri in things[::5]:
        described = [document.describe(lookup, iri, f"{iri}#doc", 1) for lookup in lookups]
        if described[0] is None or described[1] is None:
            assert described == [None, None], iri
            continue
        on_disk, in_memory = (
            writer.write(found)
            for writer, found in zip(writers, described, strict=True)
            if found is not None
        )
        assert in_memory == on_disk, iri
        assert described[0].types() == described[1].types()


def test_every_view_is_the_same(lookups: tuple[Lookup, Lookup], things: list[str]) -> None:
    describers = [Describer(lookup, Addresses(BASE, SITE)) for lookup in lookups]
    for iri in things[::5]:
        on_disk, in_memory = (describer.entity(iri) for describer in describers)
        assert in_memory == on_disk, iri
    on_disk_figures, in_memory_figures = (
        figures.read(lookup, describer)
        for lookup, describer in zip(lookups, describers, strict=True)
    )
    assert in_memory_figures == on_disk_figures
    assert on_disk_figures


@pytest.mark.parametrize("most", [1, 7, 40, 1_000])
def test_what_a_bound_leaves_out_is_the_same(lookups: tuple[Lookup, Lookup], most: int) -> None:
    role = ID + "role/capacity-builder"
    passage = next(
        iri for iri in lookups[0].of_kind(ID + "passage/") if len(lookups[0].closure(iri)) > 7
    )
    for find in (
        lambda lookup: lookup.to(role, most),
        lambda lookup: lookup.about(role, most),
        lambda lookup: lookup.closure(passage, most),
        lambda lookup: lookup.subjects(DEF + "hasRole", role, most),
    ):
        on_disk, in_memory = (find(lookup) for lookup in lookups)
        assert on_disk
        assert set(in_memory) == set(on_disk)
        if len(on_disk) >= most:  # the store's first
            assert in_memory == on_disk


@pytest.mark.parametrize("too_many", [0, 1])
def test_only_a_small_release_is_copied(
    release: Release, monkeypatch: pytest.MonkeyPatch, too_many: int
) -> None:
    monkeypatch.setattr(publication, "_COPY_AFTER", 0.0)
    read, asked = Store.quads, set()

    def noted(self: Store, *pattern: Any, **named: Any) -> Iterator[ox.Quad]:
        asked.add(bool(self.path.parts))
        return read(self, *pattern, **named)

    monkeypatch.setattr(Store, "quads", noted)
    releases = Releases(release.path.parent)
    published = publication.Publication(
        releases,
        publication.Stores(releases),
        Addresses(BASE, SITE),
        release.manifest.quads - too_many,
    )
    opened = published.current()
    deadline = time.monotonic() + (1 if too_many else 30)
    while time.monotonic() < deadline and False not in asked:
        assert opened.lookup.values(ID + "role/capacity-builder", RDF + "type")
        time.sleep(0.02)
    assert (False in asked) is not bool(too_many)
    assert opened.store is not None
    assert opened.store.path == release.store_path  # which queries read


def test_the_copy_of_the_release_before_goes(
    release: Release, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The objects of a release hold each other, and garbage is collected seldom."""
    monkeypatch.setattr(publication, "_COPY_AFTER", 0.0)
    shutil.copytree(release.path, tmp_path / release.path.name)
    shutil.copytree(release.path, tmp_path / "000002")
    copies: list[weakref.ref[Store]] = []
    made = Store.copy_in_memory

    def noted(self: Store) -> Store:
        copy = made(self)
        copies.append(weakref.ref(copy))
        return copy

    monkeypatch.setattr(Store, "copy_in_memory", noted)
    published = publication.Publication(
        Releases(tmp_path), _Shelf(tmp_path), Addresses(BASE, SITE), release.manifest.quads
    )
    gc.disable()
    try:
        for number in (1, 2):
            _Shelf.newest = number
            assert published.current().number == number
            _until(lambda number=number: len(copies) == number)  # type: ignore[misc]
        _until(lambda: copies[0]() is None)
        assert copies[1]() is not None
    finally:
        gc.enable()


class _Shelf:
    """Two releases, of which the newest is told."""

    newest = 1

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def number(self) -> int:
        return self.newest

    def open(self, number: int | None) -> tuple[Release, Store]:
        found = Release(self._folder / f"{number or self.newest:06}")
        return found, Store.open(found.store_path)


def _until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_the_setting_reaches_the_publication(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Any] = []
    monkeypatch.setattr(reading, "Publication", lambda *given: made.append(given))
    settings = config.load({}, home=home, memory_quads=7)
    _, service = reading.make(settings, Addresses(BASE, SITE))
    service.close()
    assert made[0][-1] == 7
