"""Other people's clients from npm, installed by `make clients` into tests/clients."""

from __future__ import annotations

from pathlib import Path

from environment import ROOT, require

FOLDER = ROOT / "tests" / "clients"


def client(name: str) -> Path:
    """The command ``name``; skips the test where it is not installed."""
    path = FOLDER / "node_modules" / ".bin" / name
    require(path.exists(), f"{name} (make clients)")
    return path
