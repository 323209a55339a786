"""What is in `deploy/`: a real nginx before a real server, the units, and the backup."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import click
import pytest
from live import fetch, wait_until

from coi_graph import config
from coi_graph.ledger.database import Ledger
from contributing_site import Site, open_site, workplace
from environment import ROOT, Server, require

DEPLOY = ROOT / "deploy"
NGINX = shutil.which("nginx") or "/usr/sbin/nginx"
MAIN = """
daemon off;
pid {folder}/pid;
error_log {folder}/error.log;
{user}
events {{ worker_connections 256; }}
http {{
  include /etc/nginx/mime.types;
  access_log off;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  include {folder}/coi-graph.conf;
}}
"""


@dataclass(frozen=True)
class Front:
    """nginx, and what is behind it. Both look like a server to a client."""

    server: Server
    behind: Server


def configured(folder: Path, port: int, behind: Server, releases: Path) -> Path:
    """`deploy/nginx.conf` for this machine: other ports and folders, nothing else."""
    text = (DEPLOY / "nginx.conf").read_text(encoding="utf-8")
    for written, here in (
        ("listen 80;", f"listen 127.0.0.1:{port};"),
        ("    listen [::]:80;\n", ""),
        ("server 127.0.0.1:8000;", f"server {behind.url.removeprefix('http://')};"),
        ("/var/cache/nginx-coi-graph", f"{folder}/cache"),
        ("/var/lib/coi-graph/releases/", f"{releases}/"),
    ):
        assert text.count(written) == 1, written
        text = text.replace(written, here)
    (folder / "coi-graph.conf").write_text(text, encoding="utf-8")
    user = "user root;" if os.getuid() == 0 else ""
    main = folder / "nginx.conf"
    main.write_text(MAIN.format(folder=folder, user=user), encoding="utf-8")
    return main


@pytest.fixture(scope="module")
def front(
    home: Path,
    tmp_path_factory: pytest.TempPathFactory,
    start_server: Callable[..., Server],
    free_port: Callable[[], int],
) -> Iterator[Front]:
    require(Path(NGINX).exists(), "nginx")
    folder, port = tmp_path_factory.mktemp("nginx"), free_port()
    behind = start_server(
        home,
        COI_PUBLIC_URL=f"http://127.0.0.1:{port}/",
        COI_TRUSTED_PROXIES="1",
        COI_ACCEL_REDIRECT="/_releases/",
        COI_METRICS_TOKEN="a token",
    )
    main = configured(folder, port, behind, home / "releases")
    subprocess.run([NGINX, "-t", "-q", "-c", main, "-p", folder], check=True, timeout=30)
    log = folder / "log"
    with log.open("wb") as output:
        process = subprocess.Popen([NGINX, "-c", main, "-p", folder], stdout=output, stderr=output)
    server = Server(f"http://127.0.0.1:{port}", process, log)

    def answers() -> bool:
        try:
            return fetch(server, "/healthz").status == 200
        except OSError:
            return False

    try:
        assert wait_until(answers, 15), log.read_text()
        yield Front(server, behind)
    finally:
        process.terminate()
        process.wait(15)


def test_pages_come_compressed_and_need_not_come_twice(front: Front) -> None:
    plain = fetch(front.server, "/def/?lang=en", headers={"Accept": "text/html"})
    small = fetch(
        front.server, "/def/?lang=en", headers={"Accept": "text/html", "Accept-Encoding": "gzip"}
    )
    assert small.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(small.body) == plain.body
    assert len(small.body) < len(plain.body) / 3
    again = fetch(
        front.server,
        "/def/?lang=en",
        headers={
            "Accept": "text/html",
            "Accept-Encoding": "gzip",
            "If-None-Match": small.headers["ETag"],
        },
    )
    assert again.status == 304
    pinned = "/def/?lang=en&release=1"  # nginx answers from its cache
    kept = fetch(front.server, pinned, headers={"Accept": "text/html"})
    seen = {"Accept": "text/html", "If-None-Match": kept.headers["ETag"]}
    assert [fetch(front.server, pinned, headers=seen).status for _ in range(2)] == [304, 304]


def test_links_come_from_the_setting_whatever_host_a_client_names(front: Front) -> None:
    got = fetch(
        front.server, "/id/role/capacity-builder", headers={"Host": "evil.example", "Accept": "*/*"}
    )
    assert got.status == 303
    catalogue = fetch(front.server, "/catalog.nt", headers={"Host": "evil.example"}).body
    assert front.server.url.encode() in catalogue
    assert b"evil.example" not in catalogue + str(got.headers).encode()


def test_dumps_are_sent_by_nginx(front: Front) -> None:
    listed = json.loads(
        fetch(front.server, "/dump/1/", headers={"Accept": "application/json"}).body
    )["dumps"]
    whole = next(one for one in listed if one["name"] == "coi-graph.nq.gz")
    path = "/dump/1/coi-graph.nq.gz"
    got = fetch(front.server, path, headers={"Accept-Encoding": "gzip"})
    assert hashlib.sha256(got.body).hexdigest() == whole["sha256"]
    assert "X-Accel-Redirect" not in got.headers
    assert fetch(front.behind, path).headers["X-Accel-Redirect"]
    named = [fetch(front.behind, path).headers.items() for _ in range(6)]
    told = [
        sorted((name.lower(), text) for name, text in one if name.lower() != "date")
        for one in named
    ]
    assert all(one == told[0] for one in told), "whether Flask answers or not"
    part = fetch(front.server, path, headers={"Range": "bytes=100-199"})
    assert (part.status, part.body) == (206, got.body[100:200])
    for outside in ("/_releases/000001/manifest.json", "/_releases/../ledger.sqlite"):
        assert fetch(front.server, outside).status in (400, 404)


def test_uploads_may_be_large_where_they_are_taken(front: Front) -> None:
    comment = b"# " + b"x" * (2 << 20) + b"\n"
    types = {"Content-Type": "text/turtle", "Accept": "application/json"}
    checked = fetch(
        front.server, "/validate", method="POST", body=comment, headers=types, timeout=120
    )
    assert checked.status == 200, checked.body[:300]
    assert fetch(front.server, "/sparql", method="POST", body=comment, headers=types).status == 413


def test_metrics_still_want_their_token(front: Front) -> None:
    assert fetch(front.server, "/metrics").status == 401
    got = fetch(front.server, "/metrics", headers={"Authorization": "Bearer a token"})
    assert got.status == 200
    assert b"coi_requests_total" in got.body


def test_one_client_cannot_take_it_all_and_the_cache_holds(front: Front) -> None:
    """The last test of this nginx: its server is stopped."""
    pinned, newest = "/doc/role/capacity-builder.ttl?release=1", "/doc/role/capacity-builder.ttl"
    before = fetch(front.server, pinned)
    assert "immutable" in before.headers["Cache-Control"]
    statuses = [fetch(front.server, newest).status for _ in range(150)]
    assert set(statuses) == {200, 429}
    time.sleep(2)  # its share comes back
    os.killpg(front.behind.process.pid, 15)
    front.behind.process.wait(20)
    assert fetch(front.server, pinned).body == before.body
    assert fetch(front.server, newest).status == 502


UNITS = [*sorted(path.name for path in DEPLOY.glob("*.service")), "coi-graph-backup.timer"]


def test_the_units_are_understood_and_hardened(tmp_path: Path) -> None:
    analyze = shutil.which("systemd-analyze") or ""
    if not analyze:
        pytest.skip("needs systemd-analyze")
    for name in UNITS:
        text = (DEPLOY / name).read_text(encoding="utf-8")
        here = re.sub(r"^(Exec\w+)=/opt/coi-graph/\S+", r"\1=/bin/true", text, flags=re.MULTILINE)
        (tmp_path / name).write_text(here, encoding="utf-8")
    paths = [str(tmp_path / name) for name in UNITS]
    done = subprocess.run(
        [analyze, "verify", "--man=no", *paths], capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stderr) == (0, "")
    for path in paths:
        if path.endswith(".service"):
            said = subprocess.run(
                [analyze, "security", "--offline=true", path],
                capture_output=True, text=True, timeout=60, check=False,
            )  # fmt: skip
            exposure = re.search(r"exposure level for \S+: ([\d.]+)", said.stdout)
            assert exposure is not None, said.stderr
            assert float(exposure[1]) < 3, path


def test_what_is_published_is_served_while_the_publisher_builds() -> None:
    """At a restart of both, and when the machine starts."""
    unit = (DEPLOY / "coi-graph.service").read_text(encoding="utf-8")
    assert not re.search(r"^(After|Requires|Wants|BindsTo)=.*coi-graph-publisher", unit, re.M)


def test_the_units_run_commands_that_exist() -> None:
    from coi_graph.cli import cli

    for name in UNITS:
        text = (DEPLOY / name).read_text(encoding="utf-8")
        for command in re.findall(r"^Exec\w+=/opt/coi-graph/bin/coi-graph (.*)$", text, re.M):
            words = command.split()
            found = cli.get_command(click.Context(cli), words[0])
            assert found is not None
            options = {option for one in found.params for option in one.opts}
            assert {word for word in words[1:] if word.startswith("-")} <= options


def test_the_ledger_is_for_its_owner_only(tmp_path: Path) -> None:
    """A proxy that sends the dumps may read everything else in the folder."""
    Ledger.open(config.load({}, home=tmp_path)).close()
    assert {path.stat().st_mode & 0o777 for path in tmp_path.glob("ledger.sqlite*")} == {0o600}


def test_what_git_ignores_is_not_in_the_image() -> None:
    """An old wheel, or another machine's node_modules, would be built in."""
    ignored = (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
    patterns = (ROOT / ".containerignore").read_text(encoding="utf-8").splitlines()
    assert {
        line.strip("/") if line.startswith("/") else f"**/{line.strip('/')}" for line in ignored
    } <= set(patterns)


def test_a_backup_is_made_in_use_and_restored(
    home: Path, tmp_path: Path, start_server: Callable[..., Server]
) -> None:
    site: Site = open_site(home, tmp_path, start_server)
    made = site.send("contributor", workplace("sikkerhedskopi"), "?submit=true").json
    site.ask("reviewer", f"/api/contributions/{made['id']}/accept", {"revision": 1})
    site.published(made["id"])
    folder, restored = tmp_path / "backups", tmp_path / "restored"
    # What is loaded is part of every later release; an index of the search has a hidden file;
    # a release that is being made is none.
    wanted = ["loads/index.json", "releases/000001/search/index/.managed.json"]
    unwanted = ["loads/.1", "releases/.building-9/manifest.json"]
    for path in [site.home / name for name in wanted + unwanted]:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("{}", encoding="utf-8")
    folder.mkdir()
    done = subprocess.run(
        [DEPLOY / "backup.sh", folder],
        env={**os.environ, "COI_HOME": str(site.home)},
        capture_output=True, text=True, check=True, timeout=120,
    )  # fmt: skip
    (archive,) = folder.iterdir()
    assert done.stdout.strip() == str(archive)
    with tarfile.open(archive) as tar:
        assert set(tar.getnames()).intersection(wanted + unwanted) == set(wanted)
        assert tar.getmember("ledger.sqlite").mode == 0o600
        tar.extractall(restored, filter="data")

    clean = {name: value for name, value in os.environ.items() if not name.startswith("COI_")}

    def coi_graph(*arguments: str) -> str:
        return subprocess.run(
            [sys.executable,
             "-m", "coi_graph", *arguments, "--home", str(restored)],
            capture_output=True, text=True, check=True, timeout=120, env=clean, cwd=ROOT,
        ).stdout  # fmt: skip

    coi_graph("release", "verify")
    there = start_server(restored)
    assert fetch(there, "/doc/workplace/sikkerhedskopi.ttl").status == 200
    assert "contributor" in coi_graph("account", "list")


@pytest.mark.parametrize(("replaced", "status"), [(1, 0), (99, 1)])
def test_a_backup_begins_anew_where_a_bulk_load_is_replaced(
    tmp_path: Path, replaced: int, status: int
) -> None:
    """The file of the load before would be gone, and the new one not in the archive."""
    tar, home, folder = shutil.which("tar"), tmp_path / "home", tmp_path / "backups"
    for path in (home / "releases", home / "loads", folder, tmp_path / "bin"):
        path.mkdir(parents=True)
    (home / "loads" / "index.json").write_text("0", encoding="utf-8")
    # Does what tar does; then somebody loads other data, so many times.
    (tmp_path / "bin" / "tar").write_text(
        f"""#!/bin/sh
{tar} "$@" || exit
cd "{home}/loads"
count=$(cat index.json)
[ "$count" -ge {replaced} ] || echo "$((count + 1))" > index.json
touch "load-$(cat index.json)"
""",
        encoding="utf-8",
    )
    (tmp_path / "bin" / "tar").chmod(0o755)
    done = subprocess.run(
        [DEPLOY / "backup.sh", folder],
        env={**os.environ, "COI_HOME": str(home), "PATH": f"{tmp_path}/bin:{os.environ['PATH']}"},
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.returncode == status, done.stderr
    if status:
        assert "try later" in done.stderr
        assert list(folder.iterdir()) == []
        return
    (archive,) = folder.iterdir()
    with tarfile.open(archive) as made:
        index = made.extractfile("loads/index.json")
        assert index is not None
        assert index.read().strip() == b"1"
        assert "loads/load-1" in made.getnames()
