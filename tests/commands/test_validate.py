"""`coi-graph validate` as people and machines run it: files, folders, standard input, watching,
the hook for pre-commit, and the steps of the workflow that the docs show."""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from openpyxl import load_workbook
from test_cli import Done, run

from coi_graph.intake.tables import templates
from coi_graph.namespaces import BASE, RDF
from environment import ROOT
from validation.checked import GOOD, HEAD, basis, good_without

BAD = good_without("coi:aimsAt")
WORKFLOW = ROOT / "docs" / "how-to" / "examples" / "coi-graph.yml"


@pytest.fixture
def validate(home: Path) -> Callable[..., Done]:
    return lambda *arguments, **options: run("validate", *arguments, "--home", home, **options)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "deep").mkdir()
    (tmp_path / "a.ttl").write_text(BAD)
    rest = HEAD + "activity:ny coi:aimsAt aim:more-qualified-innovation-work .\n"
    (tmp_path / "deep" / "b.ttl").write_text(rest)
    (tmp_path / "README.md").write_text("# No data")
    (tmp_path / ".hidden.ttl").write_text("this is not Turtle")
    return tmp_path


class TestExitCodes:
    """The contract: 0 conforms, 1 violations, 2 cannot be read."""

    def test_0(self, validate: Callable[..., Done], tmp_path: Path) -> None:
        (tmp_path / "good.ttl").write_text(GOOD)
        assert validate(tmp_path / "good.ttl").code == 0

    def test_1(self, validate: Callable[..., Done], tmp_path: Path) -> None:
        (tmp_path / "bad.ttl").write_text(BAD)
        assert validate(tmp_path / "bad.ttl").code == 1

    @pytest.mark.parametrize("name", ["broken.ttl", "missing.ttl", "empty.ttl"])
    def test_2(self, validate: Callable[..., Done], tmp_path: Path, name: str) -> None:
        (tmp_path / "broken.ttl").write_text(HEAD + "activity:x a")
        (tmp_path / "empty.ttl").write_text("")
        done = validate(tmp_path / name)
        assert done.code == 2
        assert name in done.out + done.err

    def test_2_also_where_another_file_has_violations(
        self, validate: Callable[..., Done], tmp_path: Path
    ) -> None:
        (tmp_path / "bad.ttl").write_text(BAD)
        (tmp_path / "broken.ttl").write_text(HEAD + "activity:x a")
        done = validate(tmp_path / "bad.ttl", tmp_path / "broken.ttl")
        assert done.code == 2
        assert "desired change" in done.out
        assert f"broken.ttl:{HEAD.count(chr(10)) + 1}:" in done.out

    def test_2_for_a_call_that_cannot_be_understood(
        self, validate: Callable[..., Done], tmp_path: Path
    ) -> None:
        (tmp_path / "bad.ttl").write_text(BAD)
        assert validate(tmp_path / "bad.ttl", "--format", "xlsx").code == 2
        assert validate("-", "--watch", stdin=BAD).code == 2


class TestWhatIsChecked:
    def test_a_folder(self, validate: Callable[..., Done], folder: Path) -> None:
        done = validate(folder, "--format", "json")
        document = json.loads(done.out)
        assert done.code == 0
        assert [one["name"] for one in document["data"]["files"]] == [
            str(folder / "a.ttl"),
            str(folder / "deep" / "b.ttl"),
        ]

    def test_an_empty_folder(self, validate: Callable[..., Done], tmp_path: Path) -> None:
        done = validate(tmp_path)
        assert done.code == 2
        assert ".ttl" in done.err

    def test_two_files_of_one_name(self, validate: Callable[..., Done], folder: Path) -> None:
        (folder / "deep" / "a.ttl").write_text(BAD.replace("activity:ny", "activity:nyere"))
        done = validate(folder / "a.ttl", folder / "deep" / "a.ttl")
        assert done.code == 1
        for path in (folder / "a.ttl", folder / "deep" / "a.ttl"):
            assert re.search(rf"^{re.escape(str(path))}:\d+:1: error", done.out, re.MULTILINE)

    def test_standard_input(self, validate: Callable[..., Done]) -> None:
        done = validate("-", stdin=BAD)
        assert done.code == 1
        assert "stdin.ttl:" in done.out
        line = f"<{BASE}id/activity/ny> <{RDF}type> <{BASE}def/Activity> .\n"
        assert validate("-", "--stdin-name", "x.nt", stdin=line).code == 1

    def test_an_output_file(
        self, validate: Callable[..., Done], folder: Path, tmp_path: Path
    ) -> None:
        report = tmp_path / "report.json"
        done = validate(folder / "a.ttl", "--format", "json", "-o", report)
        assert (done.code, done.out) == (1, "")
        assert json.loads(report.read_text())["counts"]["violation"] == 1

    def test_a_marked_workbook(
        self, validate: Callable[..., Done], home: Path, tmp_path: Path
    ) -> None:
        book = load_workbook(
            io.BytesIO(templates.build("activity", "da", "xlsx", basis(home).names))
        )
        sheet = book["Aktivitet"]
        column = {cell.value: cell.column for cell in sheet[1]}
        sheet.cell(3, column["identifikator *"]).value = "aarhus-2026-01"
        sheet.cell(3, column["rolle *"]).value = "Kapacitetsopbyger"
        book.save(tmp_path / "aktivitet.xlsx")
        marked = tmp_path / "marked.xlsx"
        done = validate(
            tmp_path / "aktivitet.xlsx", "--format", "xlsx", "-o", marked, "--lang", "da"
        )
        assert done.code == 1
        noted = [cell for cell in load_workbook(marked)["Aktivitet"][3] if cell.comment]
        assert any("Kapacitetsopbyger" in cell.comment.text for cell in noted)


class Watching:
    """A `coi-graph validate --watch` that is running."""

    def __init__(self, path: Path, home: Path) -> None:
        self.process = subprocess.Popen(
            [
                *(sys.executable, "-m", "coi_graph"),
                *("validate", str(path), "--watch", "--home", str(home)),
            ],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, bufsize=1,
            # What runs in the background hears no interrupts, nor do its children.
            preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),
        )  # fmt: skip
        assert self.process.stdout is not None
        os.set_blocking(self.process.stdout.fileno(), False)
        self.text = ""

    def wait_for(self, words: str, seconds: float = 90) -> str:
        """What it has said up to ``words``, which then counts as read."""
        end = time.monotonic() + seconds
        while words not in self.text:
            assert time.monotonic() < end, self.text
            assert self.process.poll() is None, self.text
            with contextlib.suppress(BlockingIOError, TypeError):
                self.text += self.process.stdout.read() or ""  # type: ignore[union-attr]
            time.sleep(0.05)
        said, _, self.text = self.text.partition(words)
        return said


@pytest.fixture
def watching(home: Path, tmp_path: Path) -> Iterator[Watching]:
    (tmp_path / "a.ttl").write_text(BAD)
    made = Watching(tmp_path / "a.ttl", home)
    yield made
    made.process.kill()
    made.process.wait()
    made.process.stdout.close()  # type: ignore[union-attr]


def test_watching(watching: Watching, tmp_path: Path) -> None:
    assert "desired change" in watching.wait_for("before this can be published.")
    (tmp_path / "a.ttl").write_text(GOOD)
    said = watching.wait_for("this can be published.")
    assert "1 fixed" in said
    assert "fixed: Course in testing" in said
    (tmp_path / "a.ttl").write_text(GOOD.replace("role:capacity-builder", "role:nobody"))
    assert "error (new)" in watching.wait_for("before this can be published.")
    (tmp_path / "a.ttl").unlink()  # as an editor does for a moment
    time.sleep(1.2)
    (tmp_path / "a.ttl").write_text(GOOD)
    watching.wait_for("this can be published.")
    watching.process.send_signal(signal.SIGINT)
    assert watching.process.wait(20) == 130


def test_the_hook_for_pre_commit_as_it_would_be_run(home: Path, folder: Path) -> None:
    """pre-commit appends the files that match to the entry."""
    text = (ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8")
    entry = shlex.split(re.search(r"^  entry: (.*)$", text, re.MULTILINE)[1])  # type: ignore[index]
    files = re.compile(re.search(r"^  files: (.*)$", text, re.MULTILINE)[1])  # type: ignore[index]
    names = [str(p.relative_to(folder)) for p in sorted(folder.rglob("*")) if p.is_file()]
    matching = [name for name in names if files.search(name)]
    assert "README.md" not in matching
    assert {"a.ttl", "deep/b.ttl"} <= set(matching)
    matching.remove(".hidden.ttl")
    assert entry[0] == "coi-graph"
    for given, code in ((["a.ttl"], 1), (["a.ttl", "deep/b.ttl"], 0)):
        done = run(*entry[1:], "--lang", "da", *given, cwd=folder, COI_HOME=str(home))
        assert done.code == code, done.out


def test_the_steps_of_the_workflow_as_they_stand(home: Path, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "a.ttl").write_text(BAD)
    (tmp_path / "bin").mkdir()
    command = tmp_path / "bin" / "coi-graph"
    command.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m coi_graph "$@"\n')
    command.chmod(0o755)
    steps = re.findall(r"run: (coi-graph .*)$", WORKFLOW.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(steps) == 2
    environment = {
        **os.environ, "PATH": f"{command.parent}:{os.environ['PATH']}", "COI_HOME": str(home),
    }  # fmt: skip
    codes = [
        subprocess.run(
            step, shell=True, cwd=tmp_path, env=environment, capture_output=True
        ).returncode
        for step in steps
    ]
    assert codes == [1, 0]
    assert "ønsket forandring" in (tmp_path / "report.csv").read_text(encoding="utf-8")
