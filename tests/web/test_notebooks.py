"""The example notebooks run as they are, and say what the data says."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import os
import shutil
import subprocess

import pytest
from live import ask

from environment import ROOT, Server, require

NOTEBOOKS = ROOT / "notebooks"


def cells(name: str) -> list[dict[str, object]]:
    notebook = json.loads((NOTEBOOKS / name).read_text(encoding="utf-8"))
    assert (notebook["nbformat"], notebook["nbformat_minor"]) == (4, 5)
    found: list[dict[str, object]] = notebook["cells"]
    return found


def test_a_notebook_is_small_and_has_no_outputs() -> None:
    for path in NOTEBOOKS.glob("*.ipynb"):
        assert path.stat().st_size < 20_000
        for cell in cells(path.name):
            if cell["cell_type"] == "code":
                assert cell["outputs"] == []
                assert cell["execution_count"] is None


def test_the_python_notebook_answers_from_the_pinned_release(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cell by cell in one namespace, as a kernel does it."""
    monkeypatch.setenv("COI_SITE", server.url + "/")
    names: dict[str, object] = {}
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        for cell in cells("barometer.ipynb"):
            if cell["cell_type"] == "code":
                source = cell["source"]
                assert isinstance(source, list)
                exec(compile("".join(source), "barometer.ipynb", "exec"), names)
    # The expected rows are those of the competency question 17, read from the sources.
    with (ROOT / "queries" / "cq-17.csv").open(encoding="utf-8", newline="") as file:
        expected = [(row["period"], row["share"], row["base"]) for row in csv.DictReader(file)]
    rows = names["evaluated"]
    assert isinstance(rows, list)
    assert [(row["period"], row["share"], row["base"]) for row in rows] == expected
    with (ROOT / "queries" / "cq-18.csv").open(encoding="utf-8", newline="") as file:
        titles = {row["conflictEn"] for row in csv.DictReader(file)}
    conflicts = names["conflicts"]
    assert isinstance(conflicts, list)
    assert {row["title"] for row in conflicts} == titles
    assert "2021–2023" in said.getvalue()
    assert "@misc{coigraph-1-" in said.getvalue()


def test_the_r_notebook_counts_what_the_graph_holds(server: Server) -> None:
    require(shutil.which("Rscript") is not None, "R")
    done = subprocess.run(
        ["Rscript", NOTEBOOKS / "combinations.R"],
        env={**os.environ, "COI_SITE": server.url + "/", "LC_ALL": "C.UTF-8"},
        capture_output=True, encoding="utf-8", timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    asked = """PREFIX coi: <https://w3id.org/coi-graph/def/>
        PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
        SELECT (COUNT(DISTINCT ?a) AS ?n) {
          ?a coi:hasRole <https://w3id.org/coi-graph/id/role/capacity-builder> ;
             coi:aimsAt/skos:broader? ?c . ?c a coi:ChangeAmbition ;
             skos:prefLabel "Behavioural changes"@en }"""
    count = ask(server, asked).body.decode().splitlines()[1]
    lines = done.stdout.splitlines()
    header = next(line for line in lines if "Behavioural changes" in line)
    row = next(line for line in lines if line.strip().startswith("Capacity builder"))
    column = header.index("Behavioural changes") + len("Behavioural changes")
    assert row[:column].split()[-1] == count
    assert "Aims that no activity aims at: " in done.stdout
