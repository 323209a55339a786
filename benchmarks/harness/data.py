"""The data of a size, kept in ``benchmarks/.data`` between runs: a home folder and its copies."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from generate import GRAPH, units_of, write

from coi_graph.publishing.releases import Release, Releases

HERE = Path(__file__).resolve().parents[1]
FOLDER = HERE / ".data"
ROOT = HERE.parent


@dataclass(frozen=True)
class Data:
    """Generated contributions and the repository's own files as a published release."""

    size: str
    home: Path

    @property
    def units(self) -> int:
        return units_of(self.size)

    @property
    def release(self) -> Release:
        return Releases(self.home / "releases").current()

    @property
    def store_copy(self) -> Path:
        """A copy of the release's store for a peer."""
        copy = self.home / f"copy-{self.release.manifest.content_hash[:12]}"
        if not copy.exists():
            aside = copy.with_suffix(".aside")
            shutil.rmtree(aside, ignore_errors=True)
            shutil.copytree(self.release.store_path, aside)
            aside.rename(copy)
        return copy


def prepared(size: str) -> Data:
    """The data of ``size``, made when it is not there yet (1.6m: about four minutes)."""
    data = Data(size, FOLDER / size)
    if (data.home / "releases" / "current").exists():
        return data
    data.home.mkdir(parents=True, exist_ok=True)
    file = data.home / "contributions.nt"
    print(f"making the data of {size}, once", file=sys.stderr)
    write(file, size)
    load = ["load", str(file), "--graph", GRAPH, "--skip-validation", "--home", str(data.home)]
    environment = {**os.environ, "COI_SOURCES": str(ROOT)}
    subprocess.run([sys.executable, "-m", "coi_graph", *load], check=True, env=environment)
    file.unlink()
    return data
