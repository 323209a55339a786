"""Pages that are sent again are those of the application, and nobody gets another's."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from live import fetch

from coi_graph.web.plain_pages import PlainPages
from coi_graph.web.publication import Opened
from environment import Server

THING = "/doc/role/capacity-builder"
PUBLIC = [
    (b"content-type", b"text/html; charset=utf-8"),
    (b"cache-control", b"public, max-age=0, must-revalidate"),
    (b"vary", b"Accept, Accept-Language"),
]


@pytest.fixture(scope="module")
def server(home: Path, start_server: Callable[..., Server]) -> Server:
    return start_server(home, COI_WEB_WORKERS="1")


def scope(path: str, query: bytes = b"", **headers: str) -> dict[str, object]:
    return {
        "path": path, "query_string": query, "raw_path": path.encode(),
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }  # fmt: skip


@pytest.fixture
def of() -> Opened:
    return Opened.__new__(Opened)


def page(server: Server, path: str = THING, **headers: str) -> tuple[int, dict[str, str], bytes]:
    given = {"Accept": "text/html", **{k.replace("_", "-"): v for k, v in headers.items()}}
    got = fetch(server, path, headers=given)
    kept = {name.lower(): value for name, value in got.headers.items() if name.lower() != "date"}
    return got.status, kept, got.body


@pytest.mark.parametrize("packing", ["identity", "br", "gzip", "zstd"])
@pytest.mark.parametrize("path", [THING, f"{THING}?lang=en", "/doc/role/", "/def/Activity"])
def test_the_second_answer_is_the_first(server: Server, path: str, packing: str) -> None:
    first = page(server, path, Accept_Encoding=packing)
    assert first[0] == 200
    assert page(server, path, Accept_Encoding=packing) == first
    # With a condition, a cookie or a range it goes the long way; of the same page.
    tagged = page(server, path, Accept_Encoding=packing, If_None_Match=first[1]["etag"])
    assert tagged[0] == 304
    _, headers, body = page(server, path, Accept_Encoding=packing, Cookie="a=b")
    assert headers["etag"] == first[1]["etag"]
    if packing == "identity":  # gzip holds the second in which it was packed
        assert body == first[2]


def test_each_language_gets_its_own(server: Server) -> None:
    for _ in range(2):
        danish = page(server, Accept_Language="da")
        english = page(server, Accept_Language="en")
        assert danish[1]["content-language"] == "da"
        assert english[1]["content-language"] == "en"
    assert danish[2] != english[2]


def test_a_pinned_release_is_not_kept() -> None:
    assert PlainPages().key(scope(THING, b"release=1")) is None
    assert PlainPages().key(scope("/contributions/1")) is None
    assert PlainPages().key(scope(THING, cookie="session=1")) is None
    assert PlainPages().key(scope(THING, b"lang=en")) is not None


@pytest.mark.parametrize(
    "headers",
    [
        [*PUBLIC, (b"set-cookie", b"a=b")],
        [PUBLIC[0], (b"cache-control", b"private, no-store"), PUBLIC[2]],
        [*PUBLIC[:2], (b"vary", b"Accept, Cookie")],
        [(b"content-type", b"text/turtle"), *PUBLIC[1:]],
        PUBLIC[:1],
    ],
)
def test_what_is_somebodys_own_is_not_kept(of: Opened, headers: list[tuple[bytes, bytes]]) -> None:
    pages = PlainPages()
    key = pages.key(scope(THING))
    assert key is not None
    pages.remember(of, key, headers, b"x")
    assert pages.answer(of, key) is None
    pages.remember(of, key, PUBLIC, b"x")
    assert pages.answer(of, key) == (PUBLIC, b"x")


def test_memory_is_bounded_and_what_is_asked_for_stays(of: Opened) -> None:
    pages = PlainPages(most_bytes=1 << 20)
    first = pages.key(scope("/doc/role/first"))
    assert first is not None
    pages.remember(of, first, PUBLIC, b"x" * 10_000)
    for number in range(500):
        key = pages.key(scope(f"/doc/role/{number}"))
        assert key is not None
        pages.remember(of, key, PUBLIC, b"x" * 10_000)
        assert pages.answer(of, first) is not None
    kept = sum(
        pages.answer(of, key) is not None
        for number in range(500)
        if (key := pages.key(scope(f"/doc/role/{number}"))) is not None
    )
    assert 50 < kept < 100
    large = pages.key(scope("/doc/role/large"))
    assert large is not None
    pages.remember(of, large, PUBLIC, b"x" * (1 << 20))
    assert pages.answer(of, large) is None


def test_another_release_is_another_page(of: Opened) -> None:
    pages, key = PlainPages(), PlainPages().key(scope(THING))
    assert key is not None
    pages.remember(of, key, PUBLIC, b"old")
    newer = Opened.__new__(Opened)
    assert pages.answer(newer, key) is None
    pages.remember(newer, key, PUBLIC, b"new")
    assert pages.answer(newer, key) == (PUBLIC, b"new")
    assert pages.answer(of, key) is None
