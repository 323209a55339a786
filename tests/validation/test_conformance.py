"""The W3C's SHACL suite through screening: every expected report, exactly.

Stock pySHACL passes 21 of the 23 SPARQL tests: it knows neither `owl:imports` beneath
`sh:prefixes` nor `$shapesGraph`.

The suspects come from a store, as always; they are judged on the data as the file has them, because
Oxigraph keeps "300"^^xsd:byte as the integer 300, and one test expects that very literal.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from fuzzing import store_of
from w3c_shacl import failed, load, paths, results

from coi_graph.validation.judge import Judge
from coi_graph.validation.screening import suspects
from environment import require

CORE, SPARQL = paths("core"), paths("sparql")


def test_the_suite_is_whole() -> None:
    require(bool(CORE), "../shared/conformance/shacl")
    assert (len(CORE), len(SPARQL)) == (98, 23)


@pytest.mark.parametrize("path", CORE + SPARQL, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_screening_gives_the_expected_report(path: Path) -> None:
    test = load(path)
    judge, store = Judge(test.shapes), store_of(test.data)
    found = judge.report_graph(suspects(judge, store), test.data)
    if test.fails:
        assert failed(found)
    else:
        assert not failed(found)
        assert results(test, found) == test.expected
