"""A private PostgreSQL: a folder and a socket of its own, no network port, no service."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def binaries() -> Path | None:
    """Where Debian's package postgresql puts them; None where it is not installed."""
    found = shutil.which("initdb")
    if found:
        return Path(found).parent
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return folders[-1].parent if folders else None


@contextmanager
def running(bin: Path) -> Iterator[str]:
    """A server with an empty database; yields its address for the setting ``ledger``."""
    # Not pytest's folder: a socket's path may have 107 bytes, and the server's own user reads it.
    folder = Path(tempfile.mkdtemp(prefix="coi-pg-"))
    user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    if user:
        shutil.chown(folder, "postgres")

    def run(program: str, *arguments: str) -> None:
        subprocess.run(
            [*user, str(bin / program), *arguments],
            check=True,
            capture_output=True,
            cwd=folder,
            env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"},
        )

    data = str(folder / "data")
    try:
        run("initdb", "-D", data, "-U", "coi", "--auth=trust", "-E", "UTF8")
        # fsync stays on: what is acknowledged must be on disk here as well.
        run("pg_ctl", "-D", data, "-w", "-l", str(folder / "log"), "start",
            "-o", f"-c listen_addresses='' -k {folder}")  # fmt: skip
        try:
            yield f"postgresql+psycopg://coi@/postgres?host={folder}"
        finally:
            run("pg_ctl", "-D", data, "-w", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
