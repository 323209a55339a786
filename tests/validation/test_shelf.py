"""Kept reports: found by their name only, bounded in number, size and time."""

from __future__ import annotations

import os
import stat
import time
from pathlib import Path
from typing import Any

import pytest

from coi_graph.errors import Gone, NotFound
from coi_graph.validation.shelf import Progress, Shelf

TABLE = ("a.xlsx", b"PK" + bytes(1000))
TURTLE = ("a.ttl", b"<urn:x> <urn:y> <urn:z> .")
DAY = 86_400


def document(**more: Any) -> dict[str, Any]:
    return {"id": None, "address": None, "results": [], **more}


def keep(shelf: Shelf, *files: tuple[str, bytes], **more: Any) -> str:
    name = shelf.keep(document(**more), files)
    assert name is not None
    return name


def age(shelf: Shelf, name: str, days: float) -> None:
    moment = time.time() - days * DAY
    os.utime(shelf.folder / name, (moment, moment))


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / "reports", number=3, size=1 << 20, days=30)


def test_a_report_comes_back_as_it_was(shelf: Shelf) -> None:
    name = keep(shelf, TURTLE, summary={"da": "æøå", "en": "x"})
    found = shelf.find(name)
    assert found["id"] == name
    assert found["summary"]["da"] == "æøå"
    found["address"] = "https://example.org/"
    shelf.rewrite(found)
    assert shelf.find(name)["address"] == "https://example.org/"


def test_names_cannot_be_guessed(shelf: Shelf) -> None:
    names = {keep(shelf, TURTLE) for _ in range(20)}
    assert len(names) == 20
    assert all(len(name) == 32 for name in names)


def test_only_the_owner_may_read_the_folder(shelf: Shelf) -> None:
    name = keep(shelf, TURTLE)
    assert stat.S_IMODE((shelf.folder / name).stat().st_mode) == 0o700


def test_of_the_files_only_a_table_is_kept(shelf: Shelf) -> None:
    assert shelf.table(keep(shelf, TURTLE)) is None
    assert shelf.table(keep(shelf, TURTLE, TABLE)) == TABLE
    held = b"".join(path.read_bytes() for path in shelf.folder.rglob("*") if path.is_file())
    assert TURTLE[1] not in held


def test_the_oldest_go_where_there_are_too_many(shelf: Shelf) -> None:
    names = []
    for number in range(5):
        names.append(keep(shelf, TURTLE))
        age(shelf, names[-1], (5 - number) / 100)
    keep(shelf, TURTLE)
    for name in names[:3]:
        with pytest.raises(Gone):
            shelf.find(name)
    assert shelf.find(names[-1])


def test_the_oldest_go_where_it_is_too_much(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path / "reports", number=100, size=5000, days=30)
    first = keep(shelf, ("a.csv", bytes(4000)))
    age(shelf, first, 0.1)
    second = keep(shelf, ("a.csv", bytes(4000)))
    with pytest.raises(Gone):
        shelf.find(first)
    assert shelf.find(second), "the newest stays, however large"


def test_an_old_one_is_gone_before_it_is_deleted(shelf: Shelf) -> None:
    name = keep(shelf, TURTLE)
    age(shelf, name, 31)
    with pytest.raises(Gone):
        shelf.find(name)
    keep(shelf, TURTLE)
    assert not (shelf.folder / name).exists()


def test_nothing_is_kept_where_nothing_shall_be(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path / "reports", number=0, size=1 << 20, days=30)
    assert shelf.keep(document(), [TABLE]) is None
    assert not shelf.folder.exists()


@pytest.mark.parametrize("name", ["", "x", "../../etc/passwd", "0" * 31, "A" * 32, "." * 32])
def test_names_that_there_cannot_be(shelf: Shelf, name: str) -> None:
    keep(shelf, TURTLE)
    with pytest.raises(NotFound):
        shelf.find(name)
    with pytest.raises(NotFound):
        shelf.delete(name)


def test_deleting(shelf: Shelf) -> None:
    name = keep(shelf, TABLE)
    shelf.delete(name)
    assert list(shelf.folder.iterdir()) == []


class TestProgress:
    def test_is_told_and_forgotten(self, shelf: Shelf) -> None:
        progress = shelf.progress("0" * 32)
        assert progress is not None
        assert progress.read()["stage"] == "waiting"
        progress.tell("reading", 1, 3)
        assert progress.read() == {"stage": "reading", "done": 1, "total": 3}
        progress.end()
        assert progress.read()["stage"] == "waiting"
        assert list(shelf.folder.iterdir()) == []

    def test_no_token_no_progress(self, shelf: Shelf) -> None:
        for token in ("", "x", "../" + "0" * 29):
            assert shelf.progress(token) is None

    def test_what_was_broken_off_is_cleared(self, shelf: Shelf) -> None:
        keep(shelf, TURTLE)
        left = Progress(shelf.folder / (".progress-" + "0" * 32))
        left.tell("reading", 0, 1)
        os.utime(left.path, (0, 0))
        keep(shelf, TURTLE)
        assert not left.path.exists()
