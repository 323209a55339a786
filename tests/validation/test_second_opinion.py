"""pyshacl-turbo, an engine of another making, as second opinion (docs/decisions/0024)."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import pytest
from rdflib import Graph
from w3c_shacl import load, paths, results

from coi_graph.store import Store
from coi_graph.validation import engine, report, screening
from environment import require

pytestmark = pytest.mark.filterwarnings("ignore")

# rdflib reads "1"^^xsd:boolean as true, and so does the second opinion; by the suite a parameter
# is on where it is the term true.
OTHERWISE = {"uniqueLang-002"}


def second_opinion() -> Any:
    require(importlib.util.find_spec("pyshacl_turbo") is not None, "the package pyshacl-turbo")
    import pyshacl_turbo

    return pyshacl_turbo


@pytest.mark.parametrize(
    "path", paths("core") + paths("sparql"), ids=lambda path: f"{path.parent.name}/{path.stem}"
)
def test_both_pass_the_suite(path: Path) -> None:
    turbo, test = second_opinion(), load(path)
    try:
        _, found, _ = turbo.validate(test.data, shacl_graph=test.shapes)
    except turbo.ReportableRuntimeError:
        assert test.fails
        return
    if test.fails:
        assert isinstance(found, Exception)
        return
    assert (results(test, found) == test.expected) is (path.stem not in OTHERWISE)


@pytest.mark.slow
def test_both_say_the_same_of_the_shipped_release(built_store: Store) -> None:
    turbo, both = second_opinion(), engine.from_store(built_store)
    data = Graph()
    for triple in both.data:
        data.add(triple)
    _, found, _ = turbo.validate(data, shacl_graph=both.shapes)
    theirs = report.from_pyshacl(found, both.shapes, data)
    ours = screening.validate_whole(built_store, both.shapes)
    assert {one.key for one in theirs.results} == {one.key for one in ours.results}
