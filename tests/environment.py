"""Where tests run, and what they may need from the machine."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared"


def require(condition: bool, what: str) -> None:
    """Skips a test for want of a part on a user's machine; fails it in CI, where it must be."""
    if condition:
        return
    if os.environ.get("CI"):
        pytest.fail(f"CI must have {what}", pytrace=False)
    pytest.skip(f"needs {what}")


@dataclass(frozen=True)
class Server:
    """A running `coi-graph serve`."""

    url: str
    process: subprocess.Popen[bytes]
    log: Path
