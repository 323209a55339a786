"""Screening gives what pySHACL gives: on the shipped graph, on all fixtures, on random pairs."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pyoxigraph as ox
import pytest
from fuzzing import compare, pair, store_of
from rdflib import Graph, Literal, URIRef
from rdflib.namespace import PROV, RDF, SH

from coi_graph.namespaces import DEF, SHAPES
from coi_graph.publishing.releases import Release
from coi_graph.store import Store, graph_of
from coi_graph.validation import engine, report, screening
from coi_graph.validation.judge import Judge
from coi_graph.validation.report import Report
from environment import ROOT

EXAMPLES = ROOT / "data" / "examples"
RESULTS = 5  # at least so many seeds of the hundred have results; else the fuzz proves nothing


def quads(found: Report) -> set[ox.Quad]:
    return set(report.to_quads(found))


@pytest.fixture(scope="module")
def spoiled(release: Release, tmp_path_factory: pytest.TempPathFactory) -> Store:
    """The built release with many things wrong in its examples."""
    store = release.open().clone_to(tmp_path_factory.mktemp("spoiled") / "store")
    removed, added = [], []
    examples = [quad for quad in store.quads() if "/data/examples/" in graph_of(quad)]
    for number, quad in enumerate(sorted(examples, key=str)):
        if number % 7 == 0:
            removed.append(quad)
        elif number % 11 == 0:
            wrong = (
                ox.Literal("forkert"), ox.Literal("wrong", language="en"), ox.NamedNode(DEF + "No"),
                ox.Literal("soon", datatype=ox.NamedNode("http://www.w3.org/2001/XMLSchema#date")),
                ox.Literal("skriv til nogen@example.org"), ox.Literal("010190-1234"),
            )[number % 6]  # fmt: skip
            added.append(ox.Quad(quad.subject, quad.predicate, wrong, quad.graph_name))
    store.apply(removed=removed, added=added)
    return store


def test_the_report_of_the_shipped_release_stays_the_same(built_store: Store) -> None:
    reference = engine.validate(engine.from_store(built_store))
    found = screening.validate_whole(built_store, engine.shapes_of(built_store))
    assert quads(found) == quads(reference)
    # The report that the build wrote (examples included) came by screening, too.
    stored = set(built_store.quads(graph=report.REPORT_GRAPH))
    assert stored == quads(reference)


@pytest.mark.slow
def test_a_spoiled_release_gives_every_result_of_pyshacl(spoiled: Store) -> None:
    both = engine.from_store(spoiled)
    found = screening.validate_whole(spoiled, both.shapes)
    judge = Judge(both.shapes)
    whole = report.from_pyshacl(judge.whole(both.data), both.shapes, both.data)
    assert set(found.results) == set(whole.results)
    assert quads(found) == quads(whole)
    # Stock pySHACL differs in one thing: rdflib finds every date less than every string, and an
    # end that is a string to be before a start that is a date; SPARQL says that is a type error.
    stock = set(engine.validate(both).results)
    assert set(found.results) <= stock
    for extra in stock - set(found.results):
        assert extra.shape == URIRef(SHAPES + "TimesOrderShape")
        times = [
            both.data.value(extra.focus, PROV[name]) for name in ("startedAtTime", "endedAtTime")
        ]
        kinds = {time.datatype for time in times if isinstance(time, Literal)}
        assert len(kinds) == 2
    assert len({result.component for result in found.results}) >= 8
    assert len(found.results) > 100


def test_only_suspects_are_judged(built_store: Store) -> None:
    """What the screening is for: hardly anything of a sound graph is left for pySHACL."""
    judge = Judge(engine.shapes_of(built_store))
    with screening.data_only(built_store) as data:
        suspects = {
            (question.shape, node)
            for question in screening.suspects(judge, data)
            for node in question.focus_nodes
        }
    results = engine.validate(engine.from_store(built_store)).results
    assert {(one.shape, one.focus) for one in results} <= suspects
    assert len(suspects) < 3 * len(results) + 150


def test_the_copy_that_is_screened_holds_the_data_alone(built_store: Store) -> None:
    before = sorted(path.name for path in built_store.path.parent.iterdir())
    with screening.data_only(built_store) as data:
        names = data.graph_names()
        assert not [name for name in names if name in engine.GENERATED]
        assert not [name for name in names if name.startswith(engine.SHAPES_GRAPHS)]
        assert len(data) == sum(1 for quad in built_store.quads() if graph_of(quad) in set(names))
    assert sorted(path.name for path in built_store.path.parent.iterdir()) == before


def test_generated_statements_do_not_stand_in_for_data(tmp_path: Path) -> None:
    """A label in a graph that is generated at each release is none of the thing itself."""
    shapes = Graph().parse(
        data="""@prefix sh: <http://www.w3.org/ns/shacl#> .
        <urn:Shape> a sh:NodeShape ; sh:targetClass <urn:Thing> ; sh:property <urn:Shape-label> .
        <urn:Shape-label> a sh:PropertyShape ; sh:path <urn:label> ; sh:minCount 1 .""",
        format="turtle",
    )
    store = Store.create(tmp_path / "store")
    thing, rdf_type = ox.NamedNode("urn:one"), ox.NamedNode(str(RDF.type))
    label = ox.NamedNode("urn:label")
    store.apply(
        removed=(),
        added=[
            ox.Quad(thing, rdf_type, ox.NamedNode("urn:Thing"), ox.NamedNode("urn:data")),
            ox.Quad(thing, label, ox.Literal("x"), ox.NamedNode(engine.GENERATED[0])),
            ox.Quad(thing, label, ox.Literal("x"), ox.NamedNode(engine.SHAPES_GRAPHS + "s")),
        ],
    )
    (result,) = screening.validate_whole(store, shapes).results
    assert (result.focus, result.shape) == (URIRef("urn:one"), URIRef("urn:Shape-label"))


@pytest.mark.filterwarnings("ignore:Serializing weird numerical:UserWarning")
@pytest.mark.parametrize("first", range(0, 120, 10))
def test_random_shapes_on_random_data(first: int) -> None:
    """A slice of `python tests/validation/fuzzing.py 10000`."""
    with_results = 0
    for seed in range(first, first + 10):
        missed, invented, found = compare(*pair(seed))
        assert not missed, seed
        assert not invented, seed
        with_results += found > 0
    assert with_results >= RESULTS


def test_a_shape_that_cannot_be_screened_goes_to_pyshacl_whole() -> None:
    """A path of length nought, a query with an aggregate, a shape that refers to itself."""
    shapes = Graph().parse(
        data='''@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix ex: <https://example.org/> .
        ex:Path a sh:PropertyShape ; sh:targetClass ex:A ;
            sh:path [ sh:zeroOrMorePath ex:p ] ; sh:maxCount 1 .
        ex:Query a sh:NodeShape ; sh:targetClass ex:A ; sh:sparql [ sh:select
            """SELECT $this WHERE { $this <https://example.org/p> ?x }
               GROUP BY $this HAVING (COUNT(?x) > 1)""" ] .
        ex:Self a sh:NodeShape ; sh:targetClass ex:A ;
            sh:property [ sh:path ex:p ; sh:node ex:Self ] .
        ''',
        format="turtle",
    )
    data = Graph().parse(
        data="""@prefix ex: <https://example.org/> .
        ex:a a ex:A ; ex:p ex:b , ex:c . ex:b a ex:A . ex:c a ex:A ; ex:p ex:b .""",
        format="turtle",
    )
    judge, store = Judge(shapes), store_of(data)
    nodes = Counter(
        question.shape
        for question in screening.suspects(judge, store)
        for _ in question.focus_nodes
    )
    assert nodes == {URIRef(f"https://example.org/{name}"): 3 for name in ("Path", "Query", "Self")}
    missed, invented, found = compare(shapes, data)
    assert not missed
    assert not invented
    assert found


@pytest.mark.parametrize(
    ("pattern", "translated"),
    [
        ("^[0-9]{8}$", r"^[0-9]{8}(\n?$)"),
        ("(Z|[+-][0-9]{2}:[0-9]{2})$", r"(Z|[+-][0-9]{2}:[0-9]{2})(\n?$)"),
        ("a[.]b|c$", r"a[.]b|c(\n?$)"),
        (r"\.dk", r"\.dk"),
        (r"\d", None),  # Rust's are those of Unicode, as are Python's, but not of the same version
        (r"(?=a)", None),
        (r"(a)\1", None),
        ("[[:alpha:]]", None),
        ("[a&&b]", None),
        ("[a--b]", None),
        ("a{,2}", None),
        ("(", None),
    ],
)
def test_patterns_that_two_engines_read_alike(pattern: str, translated: str | None) -> None:
    from coi_graph.validation.candidate_values import portable_pattern

    assert portable_pattern(pattern) == translated
    if translated is not None:
        store = ox.Store()
        for text in (
            "x.dk",
            "12345678",
            "12345678\n",
            "10:00Z",
            "10:00+01:00\n",
            "a.b",
            "c",
            "cc\n",
        ):
            asked = f"ASK {{ FILTER REGEX({ox.Literal(text)}, {ox.Literal(translated)}) }}"
            import re

            assert bool(store.query(asked)) is bool(re.search(pattern, text)), text


def test_every_core_component_has_a_rule() -> None:
    """Nothing in SHACL Core falls through to "all nodes" for want of a rule."""
    from pyshacl.constraints import CONSTRAINT_PARAMETERS_MAP

    from coi_graph.validation import candidate_rules as rules
    from coi_graph.validation.candidate_logic import Constraint

    known = {*Constraint.table, *rules._VALUE_CONDITIONS, *rules._SILENT}
    assert {p for p in CONSTRAINT_PARAMETERS_MAP if str(p).startswith(str(SH))} <= known


def test_literals_that_the_store_keeps_in_another_form() -> None:
    from coi_graph.validation.candidate_values import faithful

    xsd = "http://www.w3.org/2001/XMLSchema#"
    forms = [("007", "integer"), ("1.0", "decimal"), ("300", "byte"), ("P12M", "duration")]
    for text, kind in forms:
        assert not faithful(Literal(text, datatype=URIRef(xsd + kind), normalize=False))
    for text, kind in [("7", "integer"), ("1.5", "decimal"), ("2020-01-01", "date"), ("x", "date")]:
        assert faithful(Literal(text, datatype=URIRef(xsd + kind), normalize=False))
