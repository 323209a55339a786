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


COMMANDS = (
    "account", "build", "contribute", "follow", "query", "release", "serve", "validate",
)  # fmt: skip


@pytest.mark.parametrize(
    "module",
    [
        "coi_graph.cli",
        *(f"coi_graph.commands.{name}" for name in COMMANDS),
        "coi_graph.web.app",
        "coi_graph.query.worker",
    ],
)
def test_slow_modules_are_not_imported_at_the_start(module: str) -> None:
    program = f"import {module}, sys; print(*sys.modules, sep='\\n')"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    )
    loaded = set(done.stdout.split())
    assert module in loaded
    assert loaded & set(SLOW) == set()


def test_the_command_line_loads_the_command_that_is_asked_for() -> None:
    program = (
        "import sys; sys.argv = ['coi-graph', 'account', '--help']\n"
        "from coi_graph.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "print(*sys.modules, sep='\\n')"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    )
    assert "coi_graph.commands.account" in done.stdout
    assert not {"rdflib", "coi_graph.commands.validate"} & set(done.stdout.split())
