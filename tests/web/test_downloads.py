"""`/dump/` over a real connection: whole, in parts, many at once, and behind nginx."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import os
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pyoxigraph as ox
import pytest
from flask.testing import FlaskClient
from live import fetch, memory_of
from web_answers import BROWSER, SITE, assert_problem

from coi_graph.publishing import dumps
from coi_graph.publishing.releases import Release, Releases
from environment import Server, require

NQ = "/dump/1/coi-graph.nq.gz"


@pytest.fixture(scope="module")
def nq(release: Release) -> bytes:
    return (dumps.folder_of(release) / "coi-graph.nq.gz").read_bytes()


def curl(*arguments: str) -> subprocess.CompletedProcess[bytes]:
    require(shutil.which("curl") is not None, "curl")
    return subprocess.run(["curl", "-s", *arguments], capture_output=True, timeout=60, check=False)


class TestFiles:
    def test_every_file_is_what_the_listing_says(self, server: Server) -> None:
        listing = json.loads(fetch(server, "/dump/1/dumps.json").body)
        assert len(listing["dumps"]) > 500
        for dump in listing["dumps"]:
            got = fetch(server, f"/dump/1/{dump['name']}")
            assert got.status == 200
            assert len(got.body) == dump["bytes"]
            assert hashlib.sha256(got.body).hexdigest() == dump["sha256"]
            content = gzip.decompress(got.body)
            assert hashlib.sha256(content).hexdigest() == dump["content_sha256"]

    def test_the_whole_is_the_release(self, server: Server, release: Release) -> None:
        content = gzip.decompress(fetch(server, NQ).body)
        quads = set(ox.parse(content, format=ox.RdfFormat.N_QUADS))
        assert quads == set(release.open().quads())

    def test_headers(self, server: Server, nq: bytes) -> None:
        got = fetch(server, NQ)
        digest = hashlib.sha256(nq).digest()
        assert got.headers["Content-Type"] == "application/gzip"
        assert "Content-Encoding" not in got.headers, "the file, not its content in transit"
        assert got.headers["Content-Length"] == str(len(nq))
        assert got.headers["Accept-Ranges"] == "bytes"
        assert got.headers["ETag"] == f'"{digest.hex()}"'
        assert got.headers["Repr-Digest"] == f"sha-256=:{base64.b64encode(digest).decode()}:"
        assert got.headers["COI-Release"] == "1"
        assert "immutable" in got.headers["Cache-Control"]
        assert got.headers["Access-Control-Allow-Origin"] == "*"

    def test_again_is_the_same(self, server: Server, nq: bytes) -> None:
        first, *others = [fetch(server, NQ) for _ in range(6)]  # several processes serve
        for other in others:
            assert other.body == nq
            varying = {"Date", "date"}
            assert {(k, v) for k, v in other.headers.items() if k not in varying} == {
                (k, v) for k, v in first.headers.items() if k not in varying
            }

    def test_head_and_304(self, server: Server, nq: bytes) -> None:
        head = fetch(server, NQ, method="HEAD")
        assert (head.status, head.body) == (200, b"")
        assert head.headers["Content-Length"] == str(len(nq))
        again = fetch(server, NQ, headers={"If-None-Match": head.headers["ETag"]})
        assert (again.status, again.body) == (304, b"")


class TestRange:
    @pytest.mark.parametrize(
        ("asked", "part"),
        [("0-0", slice(0, 1)), ("100-199", slice(100, 200)), ("1000-", slice(1000, None)),
         ("-50", slice(-50, None)), ("0-99999999", slice(0, None))],
    )  # fmt: skip
    def test_a_part(self, server: Server, nq: bytes, asked: str, part: slice) -> None:
        got = fetch(server, NQ, headers={"Range": f"bytes={asked}"})
        assert got.status == 206
        assert got.body == nq[part]
        assert got.headers["Content-Range"].endswith(f"/{len(nq)}")
        assert got.headers["Content-Length"] == str(len(nq[part]))

    def test_curl_resumes(self, server: Server, nq: bytes, tmp_path: Path) -> None:
        file = tmp_path / "half.nq.gz"
        file.write_bytes(nq[:12345])
        done = curl("-C", "-", "-o", str(file), server.url + NQ)
        assert done.returncode == 0
        assert file.read_bytes() == nq

    def test_if_range_of_another_file_gets_the_whole(self, server: Server, nq: bytes) -> None:
        headers = {"Range": "bytes=10-", "If-Range": '"another"'}
        got = fetch(server, NQ, headers=headers)
        assert (got.status, got.body) == (200, nq)

    def test_beyond_the_end(self, server: Server, nq: bytes) -> None:
        got = fetch(server, NQ, headers={"Range": f"bytes={len(nq)}-"})
        assert got.status == 416
        assert got.headers["Content-Range"] == f"bytes */{len(nq)}"
        assert_problem(got.problem(), 416)

    @pytest.mark.parametrize("asked", ["bytes=x", "lines=1-2", "bytes=5-1", "bytes=", "=" * 300])
    def test_what_is_no_range_is_passed_over(self, server: Server, nq: bytes, asked: str) -> None:
        got = fetch(server, NQ, headers={"Range": asked})
        assert got.status in (200, 416)
        if got.status == 200:
            assert got.body == nq


class TestNames:
    def test_latest_redirects_to_a_number(self, client: FlaskClient) -> None:
        response = client.get("/dump/latest/coi-graph.ttl.gz")
        assert response.status_code == 302
        assert response.headers["Location"].endswith("/dump/1/coi-graph.ttl.gz")
        assert "immutable" not in response.headers["Cache-Control"]
        assert client.get("/dump/latest/nonsense").status_code == 404

    @pytest.mark.parametrize(
        "path",
        ["/dump/1/../manifest.json", "/dump/1/..%2fmanifest.json", "/dump/1//etc/passwd",
         "/dump/1/%2e%2e/manifest.json", "/dump/../manifest.json", "/dump/000001/coi-graph.nq.gz",
         "/dump/0/x", "/dump/-1/x", "/dump/%C2%B2/x", "/dump/99999999999/x", "/dump/1/%00",
         "/dump/1/" + "a" * 5000, "/dump/x/"],
    )  # fmt: skip
    def test_hostile_names_are_404(self, server: Server, path: str) -> None:
        got = fetch(server, path, headers={"Accept": "application/json"})
        assert got.status in (400, 404), path
        assert b"root:" not in got.body
        assert b"content_hash" not in got.body

    def test_a_release_that_is_not_there(self, client: FlaskClient) -> None:
        response = client.get("/dump/7/coi-graph.nq.gz")
        assert response.status_code == 404
        assert_problem(response.get_json(), 404)

    def test_listing_for_people_and_programs(self, client: FlaskClient) -> None:
        assert client.get("/dump/", headers={"Accept": BROWSER}).mimetype == "text/html"
        rows = client.get("/dump/", headers={"Accept": "application/json"}).get_json()
        assert [row["release"] for row in rows] == [1]
        listing = client.get("/dump/1/dumps.json").get_json()
        assert all(row["url"] == f"{SITE}dump/1/{row['name']}" for row in listing["dumps"])


def test_files_that_are_no_longer_kept_are_gone(
    home: Path, tmp_path: Path, start_server: Callable[..., Server]
) -> None:
    """And those that are not made yet are told so."""
    copy = tmp_path / "home"
    shutil.copytree(home, copy, symlinks=True)
    release = Releases(copy / "releases").current()
    shutil.rmtree(dumps.folder_of(release))
    server = start_server(copy)
    got = fetch(server, NQ)
    assert got.status == 404
    assert "lavet" in str(got.problem()["detail"])
    catalogue = fetch(server, "/catalog.nt").body
    assert b"downloadURL" not in catalogue
    dumps.folder_of(release).mkdir()
    shutil.copytree(dumps.folder_of(Releases(home / "releases").current()),
                    dumps.folder_of(release), dirs_exist_ok=True)  # fmt: skip
    assert fetch(server, NQ).status == 200, "noticed without a restart"
    assert b"downloadURL" in fetch(server, "/catalog.nt").body


def test_a_hundred_copies_at_once(server: Server, nq: bytes) -> None:
    """All whole; and the server's memory stays bounded."""
    before = memory_of(server)
    wrong: list[str] = []

    def copy() -> None:
        got = fetch(server, NQ, timeout=120)
        if got.status != 200 or got.body != nq:
            wrong.append(f"{got.status} {len(got.body)}")

    threads = [threading.Thread(target=copy) for _ in range(100)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert wrong == []
    assert memory_of(server) - before < 300 << 20


def test_a_hundred_readers_that_stop(
    home: Path, tmp_path: Path, start_server: Callable[..., Server]
) -> None:
    """Of a file of 64 MB: the server holds little for each, and goes on with others."""
    copy = tmp_path / "home"
    shutil.copytree(home, copy, symlinks=True)
    release = Releases(copy / "releases").current()
    content = os.urandom(1 << 20) * 64
    index = dumps.folder_of(release) / "dumps.json"
    listing = json.loads(index.read_text())
    large = dumps.folder_of(release) / "part" / "large.nq.gz"
    large.write_bytes(content)
    listing["dumps"].append(
        {**listing["dumps"][0], "name": "part/large.nq.gz", "bytes": len(content), "graph": None}
    )
    index.write_text(json.dumps(listing))
    server = start_server(copy)
    path = "/dump/1/part/large.nq.gz"
    assert fetch(server, path, method="HEAD").headers["Content-Length"] == str(len(content))
    before = memory_of(server)
    host, port = "127.0.0.1", int(server.url.rpartition(":")[2])
    readers = [socket.create_connection((host, port), 10) for _ in range(100)]
    try:
        for reader in readers:
            reader.sendall(f"GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
        for reader in readers:
            assert reader.recv(4096).startswith(b"HTTP/1.1 200")
        time.sleep(3)
        assert memory_of(server) - before < 300 << 20
        started = time.monotonic()
        assert fetch(server, path).body == content
        assert time.monotonic() - started < 20
    finally:
        for reader in readers:
            reader.close()


def test_nginx_sends_the_file_where_it_stands_in_front(
    home: Path, tmp_path: Path, start_server: Callable[..., Server], nq: bytes
) -> None:
    require(shutil.which("nginx") is not None, "nginx")
    server = start_server(home, COI_ACCEL_REDIRECT="/_releases")
    assert fetch(server, NQ).body == b"", "the application leaves it to nginx"
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    temporary = "\n".join(
        f"{kind}_temp_path {tmp_path};"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    config = tmp_path / "nginx.conf"
    config.write_text(f"""daemon off; master_process off;
pid {tmp_path}/pid; error_log stderr error;
events {{ worker_connections 64; }}
http {{ access_log off; {temporary}
  server {{ listen 127.0.0.1:{port};
    location / {{ proxy_pass {server.url}; }}
    location /_releases/ {{ internal; alias {(home / "releases").resolve()}/;
      add_header Repr-Digest $upstream_http_repr_digest; }} }} }}
""")
    process = subprocess.Popen(["nginx", "-c", str(config), "-e", "stderr"])
    try:
        front = Server(f"http://127.0.0.1:{port}", process, server.log)
        deadline = time.monotonic() + 20
        while True:
            try:
                got = fetch(front, NQ)
                break
            except OSError:
                assert time.monotonic() < deadline
                time.sleep(0.05)
        assert (got.status, got.body) == (200, nq)
        assert got.headers["ETag"], "nginx's own"
        assert "Repr-Digest" in got.headers
        part = fetch(front, NQ, headers={"Range": "bytes=5-9"})
        assert (part.status, part.body) == (206, nq[5:10])
        assert fetch(front, "/_releases/000001/manifest.json").status == 404, "internal"
    finally:
        process.terminate()
        process.wait(10)
