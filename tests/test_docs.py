"""The reference pages say what the code does."""

from __future__ import annotations

import re
import subprocess
import sys
from datetime import date
from decimal import Decimal
from pathlib import Path

import click
import pytest

from coi_graph import config, errors, namespaces
from coi_graph.cli import cli
from coi_graph.intake import fields
from coi_graph.intake.tables import dates, numbers
from coi_graph.intake.tables.grid import Cell
from coi_graph.store import Store
from environment import ROOT

REFERENCE = ROOT / "docs" / "reference"


def test_the_settings_page_is_the_table_of_settings() -> None:
    text = (REFERENCE / "settings.md").read_text(encoding="utf-8")
    rows = {
        cells[1].strip("` "): cells[2:]
        for line in text.splitlines()
        if line.startswith("| `") and len(cells := line.split("|")) >= 6
    }
    assert set(rows) == {setting.name for setting in config.settings()}
    for setting in config.settings():
        environment, default, english, danish = (cell.strip() for cell in rows[setting.name][:4])
        assert environment == f"`{setting.environment}`"
        assert default == f"`{setting.default}`"
        assert (english, danish) == (setting.help, setting.help_da)


def _commands(group: click.Group, before: str = "coi-graph") -> list[tuple[str, click.Command]]:
    found = []
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            found += _commands(command, f"{before} {name}")
        else:
            found.append((f"{before} {name}", command))
    return found


def test_the_commands_page_names_every_command_and_option() -> None:
    text = (REFERENCE / "commands.md").read_text(encoding="utf-8")
    for name, command in _commands(cli):
        line = next((row for row in text.splitlines() if f"`{name}" in row), "")
        assert line, name
        for parameter in command.params:
            if not isinstance(parameter, click.Option) or parameter.hidden:
                continue
            if parameter.name not in ("home", "lang"):
                assert parameter.opts[0] in line, (name, parameter.opts[0])


def test_the_exit_codes_are_those_of_the_code() -> None:
    text = (REFERENCE / "commands.md").read_text(encoding="utf-8")
    documented = {int(code) for code in re.findall(r"^\| (\d+) \|", text, re.MULTILINE)}
    ours = {value for name, value in vars(errors).items() if name.startswith("EXIT_")}
    assert documented == ours | {130}


def test_every_link_between_the_docs_leads_somewhere() -> None:
    for page in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]:
        for target in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name} → {target}"


DANISH = {"advarsel (Warning)": "Warning", "bemærkning (Info)": "Info"}


@pytest.mark.parametrize("folder", ["docs", "docs/da"])
def test_the_findings_page_lists_exactly_the_findings(built_store: Store, folder: str) -> None:
    text = (ROOT / folder / "reference" / "findings.md").read_text(encoding="utf-8")
    documented = set()
    for line in text.splitlines():
        if line.startswith("| `"):
            shape, severity, things = (cell.strip() for cell in line.split("|")[1:4])
            severity = DANISH.get(severity, severity)
            documented |= {
                (shape.strip("`"), severity, thing) for thing in re.findall(r"`([^`]+)`", things)
            }
    found = {
        (
            row["shape"].value.removeprefix(namespaces.SHAPES),
            row["severity"].value.removeprefix(namespaces.SH),
            row["focus"].value.removeprefix(namespaces.ID),
        )
        for row in built_store.query(
            "SELECT * { ?r sh:focusNode ?focus ; sh:sourceShape ?shape ;"
            " sh:resultSeverity ?severity }",
            prefixes={"sh": namespaces.SH},
        )
    }
    assert documented == found


def test_the_example_of_the_readme_answers_as_it_says(home: Path) -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    command = re.search(r"\.venv/bin/coi-graph query '(.*?)'\n```", text, re.DOTALL)
    answer = re.search(r"```csv\n(.*?)```", text, re.DOTALL)
    assert command is not None
    assert answer is not None
    done = subprocess.run(
        [sys.executable, "-m", "coi_graph", "query", "--home", str(home), command[1]],
        capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    assert done.stdout.splitlines() == answer[1].splitlines()


def test_the_tables_page_lists_every_kind_with_its_class_and_path() -> None:
    text = (REFERENCE / "tables.md").read_text(encoding="utf-8")
    rows = re.findall(
        r"^\| `([\w-]+)` \| `(\w+:\w+)`[^|]*\| `id/([\w-]+)/…` \|$", text, re.MULTILINE
    )
    shown = [(key, namespaces.expand(name), path) for key, name, path in rows]
    assert shown == list(fields.KINDS)


def test_the_tables_page_writes_numbers_and_dates_that_are_read() -> None:
    text = (REFERENCE / "tables.md").read_text(encoding="utf-8")
    listed = re.search(r"\*\*Numbers\*\*: (.*?)\. \*\*Dates\*\*: (.*?), and cells", text, re.DOTALL)
    assert listed is not None
    found = [re.findall(r"`(.*?)`", part) for part in listed.groups()]
    assert {numbers.decimal(Cell(one)) for one in found[0]} == {
        Decimal("66.7"), Decimal("1234.5"), 1234,
    }  # fmt: skip
    assert {dates.day(Cell(one))[0] for one in found[1]} == {date(2026, 11, 25)}
