"""A server starts fast: what takes long to import is imported where it is used."""

from __future__ import annotations

import subprocess
import sys

import pytest

SLOW = (
    "pyshacl",
    "openpyxl",
    "SPARQLWrapper",
    "rdflib.plugins.sparql",
    "rich",
    "sqlalchemy",
    "authlib",
    "requests",
    "smtplib",
)


@pytest.mark.parametrize("module", ["coi_graph.cli", "coi_graph.web.app", "coi_graph.query.worker"])
def test_slow_modules_are_not_imported_at_the_start(module: str) -> None:
    program = f"import {module}, sys; print(*sys.modules, sep='\\n')"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    )
    loaded = set(done.stdout.split())
    assert module in loaded
    assert loaded & set(SLOW) == set()
