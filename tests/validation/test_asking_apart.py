"""Queries asked of several processes: the answers of one, also when somebody kills a process."""

from __future__ import annotations

import os
import signal
import time
from contextlib import closing
from pathlib import Path

import pyoxigraph as ox
import pytest

from coi_graph.store import Store
from coi_graph.validation.asking import Apart, Here

TEXTS = [
    "SELECT DISTINCT ?s WHERE { ?s a ?class }",
    "SELECT ?o WHERE { ?s ?p ?o FILTER (isLiteral(?o)) }",
    "SELECT ?s WHERE { ?s <urn:nothing> ?o }",
    "SELECT ?b WHERE { ?b <urn:p> ?o }",
]


@pytest.fixture
def data(tmp_path: Path, built_store: Store) -> Store:
    """A few thousand statements of the release, and blank nodes."""
    store = Store.create(tmp_path / "store")
    store.add_bulk(
        [
            *(quad for quad, _ in zip(built_store.quads(), range(5000), strict=False)),
            *(ox.Quad(ox.BlankNode(), ox.NamedNode("urn:p"), ox.Literal(n)) for n in range(9)),
        ]
    )
    store.close()
    return Store.open(tmp_path / "store")


def test_the_answers_are_those_of_one_process(data: Store) -> None:
    with closing(Apart(data)) as apart:
        promised = [apart.ask(text) for text in TEXTS * 3]
        found = [set(promise()) for promise in promised]
    assert found == [set(Here(data).ask(text)()) for text in TEXTS * 3]
    assert len(found[0]) > 100
    assert len(found[3]) == 9


@pytest.mark.parametrize("kind", [Here, Apart])
def test_what_the_probe_does_not_find_is_not_asked_for(data: Store, kind: type) -> None:
    nothing = "SELECT * WHERE { ?s <urn:nothing> ?o } LIMIT 1"
    something = "SELECT * WHERE { ?s ?p ?o } LIMIT 1"
    asking = kind(data)
    try:
        assert asking.ask(TEXTS[0], nothing)() == []
        assert asking.ask(TEXTS[0], something)()
    finally:
        if isinstance(asking, Apart):
            asking.close()


def test_processes_that_are_killed_are_done_without(data: Store) -> None:
    others = _children()
    with closing(Apart(data)) as apart:
        expected = set(apart.ask(TEXTS[0])())
        helpers = _children() - others
        assert helpers
        for process in helpers:
            os.kill(process, signal.SIGKILL)
        for _ in range(3):
            assert set(apart.ask(TEXTS[0])()) == expected


def test_an_error_is_the_engines_own(data: Store) -> None:
    with closing(Apart(data)) as apart, pytest.raises(SyntaxError):
        apart.ask("SELECT nothing")()


def test_no_process_is_left(data: Store) -> None:
    before = _children()
    with closing(Apart(data)) as apart:
        apart.ask(TEXTS[0])()
        assert _children() - before
    deadline = time.monotonic() + 10
    while _children() - before and time.monotonic() < deadline:
        time.sleep(0.01)
    assert _children() <= before


def _children() -> set[int]:
    found: set[int] = set()
    for task in Path(f"/proc/{os.getpid()}/task").iterdir():
        found |= set(map(int, (task / "children").read_text().split()))
    return found
