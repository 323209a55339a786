"""What goes packed over the wire, what must not, and what tells the two apart."""

from __future__ import annotations

import gzip
from pathlib import Path

import brotli
import pytest
from flask import Flask
from flask.testing import FlaskClient
from live import fetch
from web_answers import BROWSER

from coi_graph.web import static_files
from environment import require

PAGE = "/doc/role/capacity-builder?lang=en"
PACKED = sorted(static_files.FOLDER.rglob("*.br"))


def ask(client: FlaskClient, path: str, encoding: str, accept: str = BROWSER, **more: str):  # type: ignore[no-untyped-def]
    headers = {"Accept": accept, "Accept-Encoding": encoding, **more}
    return client.get(path, headers=headers, buffered=True)


@pytest.mark.parametrize(
    ("accepted", "used"),
    [("br", "br"), ("gzip, br", "br"), ("gzip", "gzip"), ("gzip;q=1, br;q=0.1", "gzip"),
     ("identity", None), ("", None), ("compress", None)],
)  # fmt: skip
def test_a_page_is_packed_as_the_client_accepts(
    client: FlaskClient, accepted: str, used: str | None
) -> None:
    plain = ask(client, PAGE, "identity")
    answer = ask(client, PAGE, accepted)
    assert answer.headers.get("Content-Encoding") == used
    unpack = {"br": brotli.decompress, "gzip": gzip.decompress, None: bytes}[used]
    assert unpack(answer.data) == plain.data
    assert "Accept-Encoding" in answer.headers["Vary"]
    assert int(answer.headers["Content-Length"]) == len(answer.data)
    # A strong tag names the bytes, so each packing has its own (RFC 9110, section 8.8.3.3).
    assert (answer.headers["ETag"] == plain.headers["ETag"]) == (used is None)


@pytest.mark.parametrize("encoding", ["br", "gzip", "identity"])
def test_each_packing_is_asked_for_again_with_its_own_tag(
    client: FlaskClient, encoding: str
) -> None:
    tag = ask(client, PAGE, encoding).headers["ETag"]
    again = ask(client, PAGE, encoding, **{"If-None-Match": tag})
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["ETag"] == tag


@pytest.mark.parametrize(
    ("path", "accept"),
    [
        ("/doc/role/capacity-builder.jsonld", "*/*"),
        ("/def/index.jsonld", "*/*"),
        ("/catalog.rdf", "*/*"),
        ("/barometer/e2.svg", "*/*"),
        ("/framework", BROWSER),
    ],
)
def test_text_is_packed_whatever_its_form(client: FlaskClient, path: str, accept: str) -> None:
    answer = ask(client, path, "br", accept)
    assert answer.headers["Content-Encoding"] == "br"
    assert brotli.decompress(answer.data) == ask(client, path, "identity", accept).data


@pytest.mark.parametrize(
    ("path", "accept"),
    [
        ("/dump/1/coi-graph.nq.gz", "*/*"),  # packed already, with a digest of its bytes
        ("/release/1/added.nq.gz", "*/*"),
        ("/sparql?query=SELECT*{?s?p?o}", "text/csv"),  # streams; `express` may answer the next
        ("/queries/cq-01", "text/csv"),
        ("/barometer/e2.png", "*/*"),
        ("/healthz", "*/*"),
    ],
)
def test_what_must_not_be_packed_is_not(client: FlaskClient, path: str, accept: str) -> None:
    answer = ask(client, path, "br, gzip", accept)
    assert answer.status_code == 200
    assert "Content-Encoding" not in answer.headers


def test_the_length_of_a_page_for_one_reader_tells_nothing_of_its_token(
    client: FlaskClient,
) -> None:
    answers = [ask(client, "/sign-in", "br") for _ in range(12)]
    assert {answer.headers["Content-Encoding"] for answer in answers} == {"br"}
    assert len({len(answer.data) for answer in answers}) > 4
    whole = brotli.decompress(answers[0].data).decode()
    assert 'name="csrf_token"' in whole
    assert "public" not in answers[0].headers["Cache-Control"]


def test_a_stream_that_is_cut_off_is_still_seen_to_be(server) -> None:  # type: ignore[no-untyped-def]
    """The endpoint's answers go out as they did: in chunks, with nothing packed."""
    got = fetch(server, "/sparql?query=SELECT*{?s?p?o}", headers={
        "Accept": "text/csv", "Accept-Encoding": "br, gzip"})  # fmt: skip
    assert got.headers["Transfer-Encoding"] == "chunked"
    assert got.headers["Content-Encoding"] is None
    assert got.body.count(b"\n") > 10_000


# --- the site's own files ---------------------------------------------------------------------


@pytest.mark.parametrize("path", PACKED, ids=[path.stem for path in PACKED])
def test_each_packed_file_holds_what_the_file_does(path: Path) -> None:
    source = path.with_suffix("")
    assert brotli.decompress(path.read_bytes()) == source.read_bytes(), "make install packs anew"
    other = source.with_name(f"{source.name}.gz")
    if other.exists():  # gzip does not make everything smaller
        assert gzip.decompress(other.read_bytes()) == source.read_bytes()


def test_an_address_with_a_version_is_kept_for_good_and_another_for_an_hour(
    app: Flask, client: FlaskClient
) -> None:
    require(bool(PACKED), "packed files (make install)")
    assert app.static_url_path is not None
    kept = ask(client, f"{app.static_url_path}/vendor/site.css", "gzip, br", "*/*")
    assert kept.headers["Content-Encoding"] == "br"
    assert "immutable" in kept.headers["Cache-Control"]
    assert kept.headers["Vary"] == "Accept-Encoding"
    assert kept.headers["ETag"].startswith('W/"')
    assert kept.headers["X-Content-Type-Options"] == "nosniff"
    tag = {"If-None-Match": kept.headers["ETag"]}
    assert (
        ask(client, f"{app.static_url_path}/vendor/site.css", "br", "*/*", **tag).status_code == 304
    )
    other = ask(client, "/static/coi.css", "identity", "*/*")
    assert "max-age=3600" in other.headers["Cache-Control"]
    assert "Content-Encoding" not in other.headers
    assert ask(client, "/static/000000000000/coi.css", "br", "*/*").status_code == 404


def test_the_version_is_of_what_the_files_hold(tmp_path: Path) -> None:
    (tmp_path / "a.css").write_text("a")
    first = static_files.version(tmp_path)
    (tmp_path / "a.css.br").write_text("packed")
    assert static_files.version(tmp_path) == first
    (tmp_path / "a.css").write_text("b")
    changed = static_files.version(tmp_path)
    (tmp_path / "a.css").rename(tmp_path / "b.css")
    assert len({first, changed, static_files.version(tmp_path)}) == 3


def test_pages_name_their_files_by_version(app: Flask, client: FlaskClient) -> None:
    text = ask(client, PAGE, "identity").text
    assert f'href="{app.static_url_path}/coi.css"' in text
    assert '="/static/coi.css"' not in text
