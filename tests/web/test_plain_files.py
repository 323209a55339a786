"""Small dumps in one piece: the application's answer, for as long as the file is the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from coi_graph.web.files import File
from coi_graph.web.plain_files import PlainFiles

HEADERS = [(b"etag", b'"x"'), (b"content-length", b"3")]
PATH = "/dump/1/x.nq.gz"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "x.nq.gz"
    path.write_bytes(b"abc")
    return path


def remembered(path: Path, headers: list[tuple[bytes, bytes]] = HEADERS) -> PlainFiles:
    files = PlainFiles()
    file = File(path, 0, path.stat().st_size)
    files.remember(PATH, headers, file)
    file.close()
    return files


def test_the_whole_file_with_its_headers(path: Path) -> None:
    files = remembered(path)
    assert files.answer(PATH) == (HEADERS, b"abc")
    assert files.answer("/dump/2/x.nq.gz") is None


def test_a_file_that_is_gone_or_another_goes_the_long_way(path: Path) -> None:
    files = remembered(path)
    path.unlink()
    assert files.answer(PATH) is None
    files = PlainFiles()
    path.write_bytes(b"abc")
    files = remembered(path)
    path.rename(path.with_suffix(".old"))
    path.write_bytes(b"abd")
    assert files.answer(PATH) is None
    assert files.answer(PATH) is None


def test_a_large_file_and_an_answer_for_one_reader_are_not_remembered(path: Path) -> None:
    assert remembered(path, [*HEADERS, (b"set-cookie", b"x")]).answer(PATH) is None
    path.write_bytes(bytes((2 << 20) + 1))
    assert remembered(path).answer(PATH) is None


def test_what_the_proxy_is_to_send_is_named_while_the_file_is_the_same(path: Path) -> None:
    named = [(b"x-accel-redirect", b"/_releases/000001/dumps/x.nq.gz"), (b"content-length", b"0")]
    files = PlainFiles()
    files.remember_proxied(PATH, named, path)
    for _ in range(2):
        assert files.answer(PATH) == (named, b"")
    path.unlink()
    assert files.answer(PATH) is None
    path.write_bytes(b"abc")
    assert files.answer(PATH) is None, "the application decides again"
    files.remember_proxied("/dump/1/none", named, path.with_name("none"))
    assert files.answer("/dump/1/none") is None
