"""A private Virtuoso: a folder and free ports of its own, on this machine only, no service."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path

PROGRAM = shutil.which("virtuoso-t")
SITE = "https://graf.example/coi/"  # of the application over it
USER, PASSWORD = "dba", "dba"  # of every new database; it listens on 127.0.0.1 only

_SETTINGS = """\
[Database]
DatabaseFile = {folder}/virtuoso.db
ErrorLogFile = {folder}/virtuoso.log
LockFile = {folder}/virtuoso.lck
TransactionFile = {folder}/virtuoso.trx
xa_persistent_file = {folder}/virtuoso.pxa
FileExtend = 200

[TempDatabase]
DatabaseFile = {folder}/virtuoso-temp.db
TransactionFile = {folder}/virtuoso-temp.trx

[Parameters]
ServerPort = 127.0.0.1:{sql_port}
ServerThreads = 20
NumberOfBuffers = 20000
MaxDirtyBuffers = 15000
CheckpointInterval = 0

[HTTPServer]
ServerPort = 127.0.0.1:{port}
ServerThreads = 12
MaxClientConnections = 12

[SPARQL]
ResultSetMaxRows = {max_rows}
MaxQueryExecutionTime = 60
"""


@dataclass(frozen=True)
class Virtuoso:
    """A running engine. `environment` makes coi-graph use it."""

    process: subprocess.Popen[bytes]
    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/sparql"

    @property
    def environment(self) -> dict[str, str]:
        return {
            "COI_ENGINE": self.url,
            "COI_ENGINE_UPDATE": self.url + "-auth",
            "COI_ENGINE_USER": USER,
            "COI_ENGINE_PASSWORD": PASSWORD,
        }

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()


def start(folder: Path, *, max_rows: int = 10_000_000) -> Virtuoso:
    """Starts one over an empty database in ``folder``, and waits until it answers."""
    assert PROGRAM is not None
    port, sql_port = _free_ports(2)
    settings = folder / "virtuoso.ini"
    settings.write_text(
        _SETTINGS.format(folder=folder, port=port, sql_port=sql_port, max_rows=max_rows)
    )
    with (folder / "out").open("wb") as out:
        process = subprocess.Popen(
            [PROGRAM, "+foreground", "+configfile", str(settings)],
            stdin=subprocess.DEVNULL, stdout=out, stderr=out, cwd=folder, start_new_session=True,
        )  # fmt: skip
    virtuoso = Virtuoso(process, port)
    deadline = time.monotonic() + 120
    while True:
        try:
            urllib.request.urlopen(virtuoso.url + "?query=ASK%7B%7D", timeout=5).close()
            return virtuoso
        except OSError:
            if process.poll() is not None or time.monotonic() > deadline:
                virtuoso.stop()
                raise AssertionError((folder / "out").read_text(errors="replace")) from None
            time.sleep(0.1)


def _free_ports(count: int) -> list[int]:
    probes = [socket.socket() for _ in range(count)]
    try:
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]
    finally:
        for probe in probes:
            probe.close()
