"""The lint of shapes: each thing that it must tell, and silence on what is in order."""

import pytest
from rdflib import Graph, URIRef
from rdflib.namespace import SH

from coi_graph.validation.lint import Finding, lint
from environment import ROOT

PREFIXES = """
@prefix coi:  <https://w3id.org/coi-graph/def/> .
@prefix dct:  <http://purl.org/dc/terms/> .
@prefix ex:   <https://example.org/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix sh:   <http://www.w3.org/ns/shacl#> .
@prefix xsd:  <http://www.w3.org/2001/XMLSchema#> .
"""
IN_ORDER = """
ex: sh:declare ex:prefix-coi .
ex:prefix-coi a sh:PrefixDeclaration ;
    sh:prefix "coi" ; sh:namespace "https://w3id.org/coi-graph/def/"^^xsd:anyURI .
ex:group a sh:PropertyGroup ; rdfs:label "gruppe"@da , "group"@en ; sh:order 1 .

ex:Shape a sh:NodeShape ; sh:targetClass coi:Activity ; sh:property ex:Shape-role .
ex:Shape-role a sh:PropertyShape ;
    sh:path     [ sh:alternativePath ( coi:hasRole [ sh:inversePath coi:roleOf ] ) ] ;
    sh:name     "rolle"@da , "role"@en ;
    sh:minCount 1 ;
    sh:pattern  "^https:" ;
    sh:nodeKind sh:IRI ;
    sh:node     ex:Helper ;
    sh:severity sh:Violation ;
    sh:message  "Vælg en rolle."@da , "Choose a role."@en ;
    sh:group    ex:group ;
    sh:order    1 ;
    dct:source  ex:sentence .
ex:Helper a sh:NodeShape ; sh:or ( [ sh:class coi:StrategicRole ] ex:Helper-deprecated ) .
ex:Helper-deprecated a sh:PropertyShape ; sh:path coi:deprecated ; sh:hasValue true .

ex:Rule a sh:NodeShape ; sh:targetClass coi:Activity ;
    rdfs:label "regel"@da , "rule"@en ;
    sh:severity sh:Info ;
    sh:message "Ret den."@da , "Correct it."@en ;
    dct:source ex:sentence ;
    sh:sparql [ a sh:SPARQLConstraint ; sh:prefixes ex: ;
        sh:select "SELECT $this WHERE { $this coi:hasRole ?role }" ] .
"""
ROLE, RULE, HELPER = (f"<https://example.org/{n}>" for n in ("Shape-role", "Rule", "Helper"))


def _lint(turtle: str) -> list[Finding]:
    return lint(Graph().parse(data=PREFIXES + turtle, format="turtle"))


def _codes(turtle: str) -> list[tuple[str, str]]:
    return [(finding.node.n3(), finding.code) for finding in _lint(turtle)]


def _changed(old: str, new: str) -> str:
    assert IN_ORDER.count(old) == 1, old
    return IN_ORDER.replace(old, new)


def test_shapes_in_order_give_no_finding() -> None:
    assert _codes(IN_ORDER) == []


def test_the_projects_own_shapes_are_in_order() -> None:
    graph = Graph()
    for path in sorted((ROOT / "shapes").glob("*.ttl")):
        graph.parse(path)
    assert (None, SH.sparql, None) in graph
    assert [str(finding) for finding in lint(graph)] == []


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        # terms that the engine would pass over
        ("sh:minCount 1", "sh:minimumCount 1", [(ROLE, "unknown-term")]),
        ("sh:minCount 1", "sh:minListLength 1", [(ROLE, "unknown-term")]),  # SHACL 1.2
        ("sh:minCount 1", "sh:rule ex:rule", [(ROLE, "unknown-term")]),  # SHACL-AF
        ("sh:nodeKind sh:IRI", "sh:nodeKind sh:Iri", [(ROLE, "unknown-term")]),
        ("ex:Rule a sh:NodeShape", "ex:Rule a sh:Shape", [(RULE, "unknown-term")]),
        # terms in the wrong place
        (
            "a sh:PropertyShape ;\n    sh:path ",
            "a sh:NodeShape ;\n    sh:path ",
            [(ROLE, "misplaced-term")],
        ),
        ("ex:Helper a sh:NodeShape", "ex:Helper a sh:PropertyShape", [(HELPER, "misplaced-term")]),
        (
            "ex:Helper a sh:NodeShape",
            "ex:Helper a sh:NodeShape ; sh:minCount 1",
            [(HELPER, "misplaced-term")],
        ),
        (
            "ex:Helper a sh:NodeShape",
            "ex:Helper a sh:NodeShape ; sh:name 'x'@en",
            [(HELPER, "misplaced-term")],
        ),
        (
            "sh:minCount 1",
            "sh:minCount 1 ; sh:select 'SELECT $this {}'",
            [(ROLE, "misplaced-term")],
        ),
        (
            "ex:sentence .\nex:Helper",
            "ex:sentence .\nex:stray sh:class coi:Tool .\nex:Helper",
            [("<https://example.org/stray>", "misplaced-term")],
        ),
        # strings
        ('sh:pattern  "^https:"', 'sh:pattern  "^https:"@en', [(ROLE, "language-on-string")]),
        # messages
        ('"Vælg en rolle."@da , ', "", [(ROLE, "message-missing")]),
        (' , "Choose a role."@en', "", [(ROLE, "message-missing")]),
        (
            ' , "Choose a role."@en',
            ' , "Choose a role."',
            [(ROLE, "message-language"), (ROLE, "message-missing")],
        ),
        (
            '"Choose a role."@en',
            '"Choose a role."@en , "Välj en roll."@sv',
            [(ROLE, "message-language")],
        ),
        (
            '"Choose a role."@en',
            '"Choose a role."@en , "Add a role."@en',
            [(ROLE, "message-repeated")],
        ),
        # name, severity, source
        ('"rolle"@da , "role"@en', '"rolle"@da', [(ROLE, "name-missing")]),
        (
            'rdfs:label "regel"@da , "rule"@en',
            "sh:deactivated false",
            [(RULE, "name-missing"), (RULE, "name-missing")],
        ),
        ("sh:severity sh:Violation", "rdfs:comment 'x'", [(ROLE, "severity-missing")]),
        (
            "sh:severity sh:Violation",
            "sh:severity sh:Violation , sh:Info",
            [(ROLE, "severity-missing")],
        ),
        ("sh:severity sh:Violation", "sh:severity sh:Error", [(ROLE, "severity-unknown")]),
        (
            "sh:order    1 ;\n    dct:source  ex:sentence",
            "sh:order    1",
            [(ROLE, "source-missing")],
        ),
        (
            "sh:order    1 ;\n    dct:source  ex:sentence",
            "dct:source  ex:sentence , ex:other",
            [(ROLE, "source-missing")],
        ),
        # queries
        ("?role }", "?role", "bad-query"),
        ("coi:hasRole ?role", "coy:hasRole ?role", "bad-query"),
        # shapes that nothing leads to
        ("sh:node     ex:Helper ;", "", [(HELPER, "unused-shape")]),
        (
            "ex:Rule a sh:NodeShape ; sh:targetClass coi:Activity",
            "ex:Rule a sh:NodeShape",
            [(RULE, "unused-shape")],
        ),
    ],
)
def test_each_fault_is_told(old: str, new: str, expected: list[tuple[str, str]] | str) -> None:
    found = _codes(_changed(old, new))
    if isinstance(expected, str):  # on a blank node
        assert [code for _, code in found] == [expected]
    else:
        assert found == expected


def test_a_property_shape_without_a_name_is_told() -> None:
    turtle = _changed("sh:property ex:Shape-role", "sh:property ex:Shape-role , [ sh:path coi:x ]")
    assert [finding.code for finding in _lint(turtle)] == ["unnamed-shape"]


def test_a_message_on_the_query_counts() -> None:
    turtle = _changed('sh:message "Ret den."@da , "Correct it."@en ;', "").replace(
        "a sh:SPARQLConstraint ;",
        'a sh:SPARQLConstraint ; sh:message "Ret den."@da , "Correct it."@en ;',
    )
    assert _codes(turtle) == []


def test_a_finding_says_in_both_languages_what_is_wrong() -> None:
    (finding,) = _lint(_changed("sh:minCount 1", "sh:minimumCount 1"))
    assert finding.node == URIRef("https://example.org/Shape-role")
    assert finding.message_en == "sh:minimumCount is no term of SHACL 1.0 that the engine evaluates"
    assert finding.message_da == "sh:minimumCount er ikke et ord i SHACL 1.0, som motoren bruger"
    assert str(finding) == f"{ROLE}: {finding.message_en} [unknown-term]"


@pytest.mark.parametrize(
    "flags",
    ['sh:pattern "^a" ; sh:flags "s"', 'sh:pattern "^a" ; sh:flags "ix"', 'sh:flags "i"'],
)
def test_flags_that_the_engine_passes_over_are_told(flags: str) -> None:
    assert _codes(_changed('sh:pattern  "^https:"', flags)) == [(ROLE, "misplaced-term")]


def test_the_flags_that_the_engine_reads_are_in_order() -> None:
    assert not _codes(_changed('sh:pattern  "^https:"', 'sh:pattern "^https:" ; sh:flags "im"'))
