"""The judge: W3C's suite on it, what pySHACL does not do, and constraints that raise."""

from __future__ import annotations

from pathlib import Path

import pytest
from rdflib import Graph, Literal, URIRef
from rdflib.namespace import RDF, SH
from w3c_shacl import failed, load, paths, results

from coi_graph.validation.judge import Judge, Question
from coi_graph.validation.report import Severity
from environment import require

EX = "https://example.org/"
CORE, SPARQL = paths("core"), paths("sparql")

PREFIXES = """
    @prefix ex: <https://example.org/> .
    @prefix sh: <http://www.w3.org/ns/shacl#> .
    @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""


def ex(name: str) -> URIRef:
    return URIRef(EX + name)


def graph(text: str) -> Graph:
    return Graph().parse(data=PREFIXES + text, format="turtle")


def test_the_suite_is_whole() -> None:
    require(bool(CORE), "../shared/conformance/shacl")
    assert (len(CORE), len(SPARQL)) == (98, 23)


@pytest.mark.parametrize("path", CORE + SPARQL, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_w3c(path: Path) -> None:
    test = load(path)
    found = Judge(test.shapes).whole(test.data)
    if test.fails:
        assert failed(found)
    else:
        assert not failed(found)
        assert results(test, found) == test.expected


def test_an_exception_is_a_result_and_ends_nothing_else() -> None:
    """sh:lessThanOrEquals raises on a blank node; its neighbours still say what they have to."""
    shapes = graph("""
        ex:Shape a sh:NodeShape ; sh:targetClass ex:Stay ;
            sh:property ex:Shape-start, ex:Shape-name .
        ex:Shape-start a sh:PropertyShape ; sh:path ex:start ; sh:severity sh:Warning ;
            sh:lessThanOrEquals ex:end ; sh:datatype xsd:date .
        ex:Shape-name a sh:PropertyShape ; sh:path ex:name ; sh:minCount 1 .
    """)
    data = graph('ex:stay a ex:Stay ; ex:start [] ; ex:end "2017-01-01"^^xsd:date .')
    judge = Judge(shapes)
    found = judge.results(ex("Shape"), [ex("stay")], data)
    assert {(one.shape, one.component, one.severity) for one in found} == {
        (ex("Shape-start"), SH.LessThanOrEqualsConstraintComponent, Severity.WARNING),
        (ex("Shape-start"), SH.DatatypeConstraintComponent, Severity.WARNING),
        (ex("Shape-name"), SH.MinCountConstraintComponent, Severity.VIOLATION),
    }
    assert {one.focus for one in found} == {ex("stay")}
    (failure,) = (one for one in found if one.component == SH.LessThanOrEqualsConstraintComponent)
    assert "LessThanOrEquals" in failure.messages["da"]
    assert "BlankNode" in failure.messages["en"]


def test_an_exception_below_not_does_not_pass_for_a_no() -> None:
    shapes = graph("""
        ex:Shape a sh:NodeShape ; sh:targetNode ex:stay ; sh:not ex:Early .
        ex:Early a sh:NodeShape ; sh:property [ sh:path ex:start ; sh:lessThan ex:end ] .
    """)
    data = graph("ex:stay ex:start [] ; ex:end 1 .")
    found = Judge(shapes).whole(data)
    assert failed(found)
    (component,) = found.objects(None, SH.sourceConstraintComponent)
    assert component == SH.NotConstraintComponent


def test_own_leaves_the_property_shapes_out() -> None:
    shapes = graph("""
        ex:Shape a sh:NodeShape ; sh:targetNode ex:a ; sh:nodeKind sh:Literal ;
            sh:property [ sh:path ex:p ; sh:minCount 1 ] .
        ex:Bare a sh:NodeShape ; sh:targetNode ex:a ; sh:property [ sh:path ex:p ; sh:minCount 1 ] .
    """)
    judge = Judge(shapes)
    components = [one.component for one in judge.results(ex("Shape"), [ex("a")], Graph())]
    assert sorted(components) == [SH.MinCountConstraintComponent, SH.NodeKindConstraintComponent]
    own = judge.results(ex("Shape"), [ex("a")], Graph(), own=True)
    assert [one.component for one in own] == [SH.NodeKindConstraintComponent]
    assert judge.results(ex("Bare"), [ex("a")], Graph(), own=True) == []


def test_a_date_is_not_less_than_a_string() -> None:
    """rdflib alone says it is, since "date" comes before "string"."""
    shapes = graph("""
        ex:Shape a sh:NodeShape ; sh:targetClass ex:Stay ; sh:sparql [ sh:select '''
            SELECT $this ?value { $this <https://example.org/start> ?value .
                                  $this <https://example.org/end> ?end FILTER (?value < ?end) }
        ''' ] .
    """)
    data = graph("""
        ex:mixed a ex:Stay ; ex:start "2017-01-01"^^xsd:date ; ex:end "later" .
        ex:wrong a ex:Stay ; ex:start "soon"^^xsd:date ; ex:end "2018-01-01"^^xsd:date .
        ex:dates a ex:Stay ; ex:start "2017-01-01"^^xsd:date ; ex:end "2018-01-01"^^xsd:date .
        ex:numbers a ex:Stay ; ex:start 1 ; ex:end 2.5 .
        ex:strings a ex:Stay ; ex:start "a" ; ex:end "b" .
    """)
    judge = Judge(shapes)
    targets = judge.target_nodes(ex("Shape"), data)
    assert len(targets) == 5
    found = judge.results(ex("Shape"), targets, data)
    assert {one.focus for one in found} == {ex("dates"), ex("numbers"), ex("strings")}


def test_targets_and_deactivated_shapes() -> None:
    shapes = graph("""
        @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
        ex:Off a sh:NodeShape ; sh:targetNode ex:a ; sh:deactivated true ; sh:nodeKind sh:Literal .
        ex:On a sh:NodeShape ; sh:targetSubjectsOf ex:p ; sh:nodeKind sh:Literal .
        ex:Implicit a sh:NodeShape, rdfs:Class ; sh:nodeKind sh:Literal .
        ex:Unused a sh:NodeShape ; sh:nodeKind sh:Literal .
    """)
    data = graph("ex:a ex:p ex:b . ex:c a ex:Implicit .")
    judge = Judge(shapes)
    assert judge.targeted() == [ex("Implicit"), ex("On")]
    assert judge.target_nodes(ex("On"), data) == {ex("a")}
    found = judge.whole(data)
    assert set(found.objects(None, SH.focusNode)) == {ex("a"), ex("c")}
    assert (None, RDF.type, SH.ValidationReport) in found


def test_a_result_is_given_once() -> None:
    """Two shapes with the same property shape, and both have the node as a target."""
    shapes = graph("""
        ex:One a sh:NodeShape ; sh:targetNode ex:a ; sh:property ex:Name .
        ex:Two a sh:NodeShape ; sh:targetNode ex:a ; sh:property ex:Name .
        ex:Name a sh:PropertyShape ; sh:path ex:name ; sh:minCount 1 ; sh:message "navn"@da .
    """)
    judge = Judge(shapes)
    found = judge.verdicts([Question(ex(name), [ex("a")]) for name in ("One", "Two")], Graph())
    assert [one.shape for one in found] == [ex("Name")]
    assert found[0].messages == {"da": "navn"}


def test_the_language_of_a_filled_in_message_is_kept() -> None:
    shapes = graph("""
        ex:Shape a sh:NodeShape ; sh:targetNode ex:a ; sh:sparql [
            sh:message "Fjern {?value}."@da, "Take {?value} away."@en ;
            sh:select "SELECT $this ?value { $this <https://example.org/p> ?value }" ] .
    """)
    (one,) = Judge(shapes).results(ex("Shape"), [ex("a")], graph('ex:a ex:p "x" .'))
    assert one.value == Literal("x")
    assert one.messages == {"da": "Fjern x.", "en": "Take x away."}
