"""What could hang or crash a validation: each case in a process of its own, under limits."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

SECONDS = 60
BYTES = 2 << 30

_PROGRAM = """
import json, resource, sys
from pathlib import Path
resource.setrlimit(resource.RLIMIT_AS, ({bytes}, {bytes}))
resource.setrlimit(resource.RLIMIT_CPU, ({seconds}, {seconds}))
import pyoxigraph as ox
from rdflib import Graph
from coi_graph.store import Store
from coi_graph.validation import screening

folder = Path(sys.argv[1])
shapes = Graph().parse(folder / "shapes.ttl")
store = Store.create(folder / "store")
graph = ox.NamedNode("urn:data")
triples = ox.parse(path=str(folder / "data.nt"), format=ox.RdfFormat.N_TRIPLES)
store.add_bulk(ox.Quad(t.subject, t.predicate, t.object, graph) for t in triples)
found = screening.validate_whole(store, shapes)
rows = [[str(r.focus), str(r.shape), str(r.component), r.messages] for r in found.results]
print(json.dumps(rows))
"""

HEAD = """
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix ex: <urn:> .
"""
TYPE = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
SUBCLASS = "<http://www.w3.org/2000/01/rdf-schema#subClassOf>"


def run(folder: Path, shapes: str, data: list[str]) -> list[tuple[str, str, str]]:
    (folder / "shapes.ttl").write_text(HEAD + shapes, encoding="utf-8")
    (folder / "data.nt").write_text("\n".join(data) + "\n", encoding="utf-8")
    program = _PROGRAM.format(bytes=BYTES, seconds=SECONDS)
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program, str(folder)],
        capture_output=True,
        text=True,
        timeout=5 * SECONDS,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    found = json.loads(done.stdout.splitlines()[-1])
    assert all(messages for *_, messages in found)
    return [(focus, shape, component.rpartition("#")[2]) for focus, shape, component, _ in found]


def test_a_shape_that_refers_to_itself_on_data_in_a_circle(tmp_path: Path) -> None:
    shapes = """
        ex:Shape a sh:NodeShape ; sh:targetClass ex:A ; sh:property ex:next , ex:name .
        ex:next a sh:PropertyShape ; sh:path ex:p ; sh:node ex:Shape .
        ex:name a sh:PropertyShape ; sh:path ex:name ; sh:minCount 1 .
    """
    data = [f"<urn:n{n}> {TYPE} <urn:A> ." for n in range(30)]
    data += [f"<urn:n{n}> <urn:p> <urn:n{(n + 1) % 30}> ." for n in range(30)]
    data += [f'<urn:n{n}> <urn:name> "x" .' for n in range(1, 30)]
    assert ("urn:n0", "urn:name", "MinCountConstraintComponent") in run(tmp_path, shapes, data)


def test_shapes_nested_deeply_end_in_a_result_that_names_the_shape(tmp_path: Path) -> None:
    """pySHACL gives up at a depth of 15."""
    deep = "".join(f"ex:S{n} a sh:NodeShape ; sh:not ex:S{n + 1} .\n" for n in range(200))
    shapes = f"{deep} ex:S200 a sh:NodeShape ; sh:class ex:B . ex:S0 sh:targetClass ex:A ."
    data = [f"<urn:a> {TYPE} <urn:A> ."]
    assert run(tmp_path, shapes, data) == [("urn:a", "urn:S0", "NotConstraintComponent")]


def test_classes_and_lists_in_circles(tmp_path: Path) -> None:
    shapes = """
        ex:Shape a sh:NodeShape ; sh:targetClass ex:C0 ; sh:class ex:C7 ; sh:property ex:Members .
        ex:Members a sh:PropertyShape ; sh:maxCount 4 ;
            sh:path ( ex:list [ sh:oneOrMorePath rdf:rest ] ) .
    """
    data = [f"<urn:C{n}> {SUBCLASS} <urn:C{(n + 1) % 1000}> ." for n in range(1000)]
    data += [f"<urn:a> {TYPE} <urn:C500> .", "<urn:a> <urn:list> <urn:l0> ."]
    rest = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#rest>"
    data += [f"<urn:l{n}> {rest} <urn:l{(n + 1) % 5}> ." for n in range(5)]
    assert run(tmp_path, shapes, data) == [("urn:a", "urn:Members", "MaxCountConstraintComponent")]


@pytest.mark.slow
def test_a_million_values_of_one_property(tmp_path: Path) -> None:
    shapes = """
        ex:Shape a sh:NodeShape ; sh:targetClass ex:A ; sh:property ex:Value , ex:Link .
        ex:Value a sh:PropertyShape ; sh:path ex:p ; sh:minLength 1 ; sh:maxLength 9 ;
            sh:uniqueLang true ; sh:pattern "^v" ; sh:nodeKind sh:Literal .
        ex:Link a sh:PropertyShape ; sh:path ex:q ; sh:maxCount 1 ; sh:class ex:B .
    """
    data = [f"<urn:a> {TYPE} <urn:A> .", f"<urn:b> {TYPE} <urn:B> .", "<urn:a> <urn:q> <urn:b> ."]
    data += [f'<urn:a> <urn:p> "v{n}" .' for n in range(1_000_000)]
    assert run(tmp_path, shapes, data) == []


def test_an_exception_in_a_constraint_is_a_result_beside_the_others(tmp_path: Path) -> None:
    shapes = """
        ex:Shape a sh:NodeShape ; sh:targetClass ex:A ; sh:property ex:Order , ex:Name .
        ex:Order a sh:PropertyShape ; sh:path ex:p ; sh:lessThanOrEquals ex:q .
        ex:Name a sh:PropertyShape ; sh:path ex:name ; sh:minCount 1 .
    """
    genid = "<https://w3id.org/coi-graph/.well-known/genid/1>"
    data = [f"<urn:a> {TYPE} <urn:A> .", f"<urn:a> <urn:p> {genid} .", "<urn:a> <urn:q> <urn:c> ."]
    assert sorted(run(tmp_path, shapes, data)) == [
        ("urn:a", "urn:Name", "MinCountConstraintComponent"),
        ("urn:a", "urn:Order", "LessThanOrEqualsConstraintComponent"),
    ]
