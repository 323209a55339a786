"""Servers on ports of their own: ours, `oxigraph serve-read-only`, Virtuoso."""

from __future__ import annotations

import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from .data import ROOT, Data

_START_SECONDS = 120
# What a benchmark asks of one address in a minute is more than one client's share. What is done
# once for each release, dumps and the rehearsal of a copy, shall not run beside what is measured.
_SETTINGS = {"COI_CLIENT_SECONDS": "0", "COI_PUBLISH": "never", "COI_REHEARSE": "false"}

_VIRTUOSO_INI = """
[Database]
DatabaseFile = virtuoso.db
ErrorLogFile = virtuoso.log
LockFile = virtuoso.lck
TransactionFile = virtuoso.trx
xa_persistent_file = virtuoso.pxa
MaxCheckpointRemap = 2000

[TempDatabase]
DatabaseFile = virtuoso-temp.db
TransactionFile = virtuoso-temp.trx

[Parameters]
ServerPort = {sql_port}
DirsAllowed = .
NumberOfBuffers = 170000
MaxDirtyBuffers = 130000
ServerThreads = 20
ThreadsPerQuery = 2
CheckpointInterval = 0

[HTTPServer]
ServerPort = 127.0.0.1:{http_port}
ServerThreads = 20
KeepAliveTimeout = 60
MaxClientConnections = 20
MaxKeepAlives = 20

[SPARQL]
ResultSetMaxRows = 10000000
"""


@dataclass(frozen=True)
class Endpoint:
    """Where a server answers queries."""

    name: str
    port: int
    path: str

    def target(self, query: str) -> str:
        return f"{self.path}?{urlencode({'query': query})}"


@contextmanager
def ours(data: Data, **settings: str) -> Iterator[Endpoint]:
    port = free_port()
    endpoint = Endpoint("coi-graph", port, "/sparql")
    command = [sys.executable, "-m", "coi_graph", "serve", "--no-build"]
    options = ["--home", str(data.home), "--port", str(port), "--sources", str(ROOT)]
    with running([*command, *options], endpoint, data.home, {**_SETTINGS, **settings}):
        yield endpoint


def has_oxigraph() -> bool:
    return _oxigraph() is not None


@contextmanager
def oxigraph(data: Data) -> Iterator[Endpoint]:
    command = _oxigraph()
    assert command is not None
    port = free_port()
    endpoint = Endpoint("oxigraph serve", port, "/query")
    options = ["--location", str(data.store_copy), "--bind", f"127.0.0.1:{port}"]
    with running(
        [command, "serve-read-only", "--union-default-graph", *options], endpoint, data.home
    ):
        yield endpoint


def has_virtuoso() -> bool:
    return shutil.which("virtuoso-t") is not None and shutil.which("isql-vt") is not None


@contextmanager
def virtuoso(data: Data) -> Iterator[Endpoint]:
    """Virtuoso 7 with the release's quads; its database is kept between runs."""
    folder = data.home / f"virtuoso-{data.release.manifest.content_hash[:12]}"
    loaded = folder / "loaded"
    folder.mkdir(exist_ok=True)
    sql_port, http_port = free_port(), free_port()
    (folder / "virtuoso.ini").write_text(
        _VIRTUOSO_INI.format(sql_port=sql_port, http_port=http_port)
    )
    (folder / "virtuoso.lck").unlink(missing_ok=True)
    endpoint = Endpoint("Virtuoso 7", http_port, "/sparql")
    command = ["virtuoso-t", "+configfile", "virtuoso.ini", "+foreground"]
    with running(command, endpoint, folder):
        if not loaded.exists():
            _load_virtuoso(data, folder, sql_port)
            loaded.touch()
        yield endpoint


_NGINX_CONF = """
daemon off;
worker_processes 2;
pid {folder}/{name}.pid;
error_log stderr error;
events {{ worker_connections 512; }}
http {{
  access_log off;
  sendfile on;
  tcp_nopush on;
  client_body_temp_path {folder};
  proxy_temp_path {folder};
  fastcgi_temp_path {folder};
  uwsgi_temp_path {folder};
  scgi_temp_path {folder};
  {upstream}
  server {{
    listen 127.0.0.1:{port};
    {locations}
  }}
}}
"""
_PROXY_LOCATIONS = """
    location / {{
      proxy_pass http://coi_graph;
      proxy_http_version 1.1;
      proxy_set_header Host $http_host;
      proxy_set_header Connection "";
    }}
    location /_releases/ {{ internal; alias {releases}/; }}
"""


@contextmanager
def nginx(path: Path, folder: Path) -> Iterator[Endpoint]:
    """nginx that serves one file."""
    endpoint = Endpoint("nginx", free_port(), f"/{path.name}")
    locations = f"location = /{path.name} {{ alias {path.resolve()}; }}"
    with _nginx(endpoint, folder.resolve(), "nginx", locations):
        yield endpoint


@contextmanager
def deployed(data: Data) -> Iterator[Endpoint]:
    """Ours behind nginx that sends the dumps itself, as deploy/nginx.conf has it."""
    folder = data.home.resolve()
    with ours(data, COI_ACCEL_REDIRECT="/_releases/") as behind:
        endpoint = Endpoint("coi-graph behind nginx", free_port(), behind.path)
        locations = _PROXY_LOCATIONS.format(releases=folder / "releases")
        upstream = f"upstream coi_graph {{ server 127.0.0.1:{behind.port}; keepalive 16; }}"
        with _nginx(endpoint, folder, "proxy", locations, upstream):
            yield endpoint


@contextmanager
def _nginx(
    endpoint: Endpoint, folder: Path, name: str, locations: str, upstream: str = ""
) -> Iterator[None]:
    config = folder / f"{name}.conf"
    config.write_text(
        _NGINX_CONF.format(
            folder=folder, name=name, port=endpoint.port, locations=locations, upstream=upstream
        )
    )
    with running(["nginx", "-c", str(config), "-e", "stderr"], endpoint, folder):
        yield


def _load_virtuoso(data: Data, folder: Path, sql_port: int) -> None:
    dump = folder / "release.nq"
    data.release.open().dump(str(dump))
    statements = (
        f"ld_dir('.', '{dump.name}', 'urn:none');",
        "rdf_loader_run();",
        "checkpoint;",
    )
    for statement in statements:
        login = [f"127.0.0.1:{sql_port}", "dba", "dba"]
        subprocess.run(
            ["isql-vt", *login, f"exec={statement}"], check=True, stdout=subprocess.DEVNULL
        )
    dump.unlink()


def _oxigraph() -> str | None:
    beside = Path(sys.executable).with_name("oxigraph")
    return str(beside) if beside.exists() else shutil.which("oxigraph")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def running(
    command: list[str], endpoint: Endpoint, folder: Path, settings: dict[str, str] | None = None
) -> Iterator[None]:
    """Runs ``command`` in ``folder`` until the block ends; begins when the endpoint answers."""
    log = folder / f"{endpoint.name.replace(' ', '-')}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=folder,
            stdout=output,
            stderr=output,
            start_new_session=True,
            env={**os.environ, **(settings or {})},
        )
    try:
        _wait(endpoint, process, log)
        yield
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _wait(endpoint: Endpoint, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while True:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", endpoint.port, timeout=10)
            connection.request("GET", endpoint.target("ASK {}"))
            if connection.getresponse().status == 200:
                return
        except OSError:
            pass
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"{endpoint.name} did not start:\n{log.read_text()[-2000:]}")
        time.sleep(0.1)
