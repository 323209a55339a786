"""Every kind of constraint and query, one shape at a time, on small graphs edited at random: what
the impact analysis finds is what two whole runs find."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest
from rdflib import Graph, Literal, URIRef
from rdflib.namespace import RDF, RDFS
from rdflib.term import BNode, Node
from test_impact import quads, whole

from coi_graph.store import Store
from coi_graph.validation.impact import Checker, Full
from coi_graph.validation.judge import Judge

EX = "https://example.org/"
HEAD = """
    @prefix ex: <https://example.org/> .
    @prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
    @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
    @prefix sh: <http://www.w3.org/ns/shacl#> .
    @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
    ex:prefixes sh:declare [ sh:prefix "ex" ; sh:namespace "https://example.org/"^^xsd:anyURI ] .
"""
#: What is said of the node shape `ex:Shape`, whose targets are the instances of `ex:A`.
CORE = {
    "cardinality": "sh:property [ sh:path ex:p ; sh:minCount 1 ; sh:maxCount 2 ]",
    "class": "sh:property [ sh:path ex:p ; sh:class ex:B ]",
    "class of itself": "sh:class ex:B",
    "values": "sh:property [ sh:path ex:p ; sh:nodeKind sh:IRI ; sh:in ( ex:n1 ex:n2 3 ) ]",
    "has value": "sh:property [ sh:path ex:p ; sh:hasValue ex:n1 ]",
    "datatype": "sh:property [ sh:path ex:p ; sh:datatype xsd:integer ; sh:minInclusive 2 ]",
    "languages": "sh:property [ sh:path ex:p ; sh:uniqueLang true ; sh:languageIn ( 'da' ) ]",
    "inverse": "sh:property [ sh:path [ sh:inversePath ex:p ] ; sh:maxCount 1 ]",
    "sequence": "sh:property [ sh:path ( ex:p ex:q ) ; sh:minCount 1 ; sh:class ex:B ]",
    "inverse sequence": "sh:property [ sh:path [ sh:inversePath ( ex:p ex:q ) ] ; sh:maxCount 0 ]",
    "alternative": "sh:property [ sh:path [ sh:alternativePath ( ex:p ( ex:q ex:r ) ) ] ;"
    " sh:maxCount 1 ]",
    "zero or more": "sh:property [ sh:path [ sh:zeroOrMorePath ex:p ] ; sh:class ex:A ]",
    "one or more": "sh:property [ sh:path [ sh:oneOrMorePath [ sh:alternativePath ( ex:p ex:q ) ]"
    " ] ; sh:maxCount 2 ]",
    "zero or one": "sh:property [ sh:path ( [ sh:zeroOrOnePath ex:p ] ex:q ) ; sh:maxCount 1 ]",
    "list": "sh:property [ sh:path ( [ sh:zeroOrMorePath ex:r ] ex:p ) ; sh:nodeKind sh:IRI ]",
    "equals": "sh:property [ sh:path ex:p ; sh:equals ex:q ]",
    "disjoint": "sh:property [ sh:path ex:p ; sh:disjoint ex:r ]",
    "less than": "sh:property [ sh:path ex:p ; sh:lessThan ex:q ]",
    "raises on blank nodes": "sh:property [ sh:path ex:p ; sh:lessThanOrEquals ex:q ]",
    "closed": "sh:closed true ; sh:ignoredProperties ( rdf:type ex:q ) ;"
    " sh:property [ sh:path ex:p ]",
    "node": "sh:property [ sh:path ex:p ; sh:node ex:Other ]",
    "nested": "sh:property [ sh:path ex:p ; sh:property [ sh:path ex:q ; sh:minCount 1 ;"
    " sh:node ex:Other ] ]",
    "not": "sh:not ex:Other",
    "and, or, xone": "sh:or ( ex:Other [ sh:xone ( [ sh:path ex:p ; sh:minCount 1 ]"
    " [ sh:and ( [ sh:path ex:q ; sh:minCount 1 ] ex:Other ) ] ) ] )",
    "qualified": "sh:property [ sh:path ex:p ; sh:qualifiedValueShape ex:Other ;"
    " sh:qualifiedMinCount 1 ; sh:qualifiedMaxCount 1 ]",
    "disjoint siblings": "sh:property [ sh:path ex:p ; sh:qualifiedValueShape ex:Other ;"
    " sh:qualifiedMinCount 1 ; sh:qualifiedValueShapesDisjoint true ] ,"
    " [ sh:path ex:q ; sh:qualifiedValueShape [ sh:path ex:r ; sh:minCount 1 ] ;"
    " sh:qualifiedMaxCount 1 ; sh:qualifiedValueShapesDisjoint true ]",
    "recursive": "sh:property [ sh:path ex:p ; sh:node ex:Shape ] ;"
    " sh:property [ sh:path ex:q ; sh:maxCount 1 ]",
    "deactivated": "sh:property [ sh:path ex:p ; sh:minCount 1 ; sh:deactivated true ] ;"
    " sh:property [ sh:path ex:q ; sh:minCount 1 ]",
}
OTHER = "ex:Other a sh:NodeShape ; sh:property [ sh:path ex:r ; sh:minCount 1 ; sh:class ex:B ] ."
#: The rest of a query that begins with SELECT $this.
QUERIES = {
    "pattern": "?value { $this ex:p ?value }",
    "any predicate": "?path ?value { $this ?path ?value FILTER (isLiteral(?value)) }",
    "inverse": "?value { ?value ex:p $this ; a ex:B }",
    "chain": "?value { $this ex:p ?x . ?x ex:q ?value . ?value a ex:B }",
    "back and forth": "?value { $this ex:p ?x . ?value ex:p ?x FILTER (?value != $this) }",
    "not exists": "{ $this a ex:A FILTER NOT EXISTS { $this ex:p ?x . ?x ex:q ?y } }",
    "only not exists": "{ FILTER NOT EXISTS { ?x ex:p $this } }",
    "nested not exists": "{ $this ex:p ?x FILTER NOT EXISTS { ?x ex:q ?y"
    " FILTER NOT EXISTS { ?y ex:r $this } } }",
    "exists": "{ $this ex:p ?x FILTER EXISTS { ?x ex:q ?y } }",
    "exists within an expression": "{ $this ex:p ?x FILTER (EXISTS { ?x ex:q ?y } || ?x = ex:n1) }",
    "optional": "?value { $this ex:p ?x OPTIONAL { ?x ex:q ?value } }",
    "optional with filter": "?x { $this ex:p ?x OPTIONAL { ?x ex:q ?y . ?y ex:r ?z"
    " FILTER (?z != $this) } FILTER (!BOUND(?z)) }",
    "union": "?value { { $this ex:p ?value } UNION { ?value ex:q $this } ?value a ?kind"
    " FILTER (?kind IN (ex:B, ex:C)) }",
    "union of unlike branches": "?value { { $this ex:p ?value } UNION { $this ex:q ?x ."
    " ?x ex:r ?value } }",
    "union of the like": "?value { $this ex:p ?x { ?x ex:q ?value } UNION { ?x ex:r ?value } }",
    "path": "?value { $this ex:p*/ex:q ?value }",
    "inverse path": "?value { ?value (ex:p|^ex:q)+ $this . ?value a ex:B }",
    "negated path": "?value { $this !(ex:p|rdf:type) ?value }",
    "path with option": "?value { $this ex:p?/^ex:r ?value FILTER (?value != $this) }",
    "bind": "?path ?value { $this ex:p ?x BIND (ex:p AS ?path) BIND (STR(?x) AS ?value) }",
    "subquery": "?value { { SELECT $this ?value WHERE { $this ex:p ?x . ?x ex:q ?value } }"
    " ?value a ex:B }",
    "count": "{ { SELECT $this (COUNT(?x) AS ?many) WHERE { $this ex:p/ex:q ?x } GROUP BY $this }"
    " FILTER (?many > 1) }",
    "group": "(COUNT(?x) AS ?value) { $this ex:p ?x } GROUP BY $this HAVING (COUNT(?x) > 1)",
    "shape in question": "?value { $this ex:p ?value FILTER ($currentShape = ex:Shape) }",
    "shapes graph": "?value { $this ex:p ?value GRAPH $shapesGraph { $currentShape a ?kind } }",
    "filter on this in a group": "?value { { FILTER (BOUND($this)) } $this ex:p ?value }",
    "same name elsewhere": "?x { $this ex:p ?x FILTER NOT EXISTS { ?x ex:q ?y }"
    " FILTER NOT EXISTS { $this ex:r ?y . ?y a ex:B } }",
}
UNBOUNDED = {
    "not connected": "?x { ?x ex:p ?y FILTER NOT EXISTS { $this ex:p ?y } }",
    "not connected within not exists": "{ FILTER NOT EXISTS { ?x ex:p ex:n1 } }",
    "connected by a name alone": "{ OPTIONAL { $this ex:p ?x } OPTIONAL { ?x ex:q ?y } }",
    "limited subquery": "?x { { SELECT $this ?x WHERE { ?x ex:q ex:n1 } ORDER BY ?x LIMIT 1 }"
    " $this ex:p ?x }",
}
TARGETS = {
    "node": "sh:targetNode ex:n1, ex:n9",
    "class": "sh:targetClass ex:A, ex:C",
    "subjects": "sh:targetSubjectsOf ex:p",
    "objects": "sh:targetObjectsOf ex:q",
    "implicit": "a rdfs:Class",
}
CASES = {
    **{
        name: f"ex:Shape a sh:NodeShape ; sh:targetClass ex:A ; {body} ."
        for name, body in CORE.items()
    },
    **{
        f"query: {name}": "ex:Shape a sh:NodeShape ; sh:targetClass ex:A ; sh:sparql ["
        f' sh:prefixes ex:prefixes ; sh:select "SELECT $this {body}" ] .'
        for name, body in (QUERIES | UNBOUNDED).items()
    },
    **{
        f"target: {name}": f"ex:Shape a sh:NodeShape ; {target} ; sh:property"
        " [ sh:path ex:p ; sh:maxCount 1 ; sh:class ex:B ] ; sh:nodeKind sh:IRI ."
        for name, target in TARGETS.items()
    },
    "property shape with a target": "ex:Shape a sh:PropertyShape ; sh:targetClass ex:A ;"
    " sh:path ex:p ; sh:maxCount 1 ; sh:property [ sh:path ex:q ; sh:minCount 1 ] .",
    "query of a property shape": "ex:Shape a sh:PropertyShape ; sh:targetClass ex:A ;"
    " sh:path ex:p ; sh:sparql [ sh:prefixes ex:prefixes ;"
    ' sh:select "SELECT $this ?value { $this $PATH ?value . ?value a ex:B }" ] .',
    "component of one's own": """
        ex:Component a sh:ConstraintComponent ; sh:parameter [ sh:path ex:needs ] ;
            sh:validator [ a sh:SPARQLAskValidator ; sh:prefixes ex:prefixes ;
                           sh:ask "ASK { $value ?any $needs }" ] .
        ex:Shape a sh:NodeShape ; sh:targetClass ex:A ;
            sh:property [ sh:path ex:p ; ex:needs ex:n2 ] .""",
    "select component": """
        ex:Component a sh:ConstraintComponent ; sh:parameter [ sh:path ex:along ] ;
            sh:propertyValidator [ a sh:SPARQLSelectValidator ; sh:prefixes ex:prefixes ;
                sh:select "SELECT $this ?value { $this $PATH ?value . ?value ex:q ?x }" ] .
        ex:Shape a sh:NodeShape ; sh:targetClass ex:A ;
            sh:property [ sh:path ex:p ; ex:along true ] .""",
}  # fmt: skip

NODES: list[Node] = [URIRef(f"{EX}n{number}") for number in range(1, 5)]
NODES += [BNode("b1"), URIRef(EX + "Shape")]
LITERALS: list[Node] = [
    Literal(1), Literal(3), Literal("x"), Literal("x", lang="da"), Literal("y", lang="da")
]  # fmt: skip
PREDICATES = [URIRef(EX + name) for name in "pqr"]
CLASSES: list[Node] = [URIRef(EX + name) for name in "ABC"] + [URIRef(EX + "Shape")]
HIERARCHY = [(URIRef(EX + "C"), RDFS.subClassOf, URIRef(EX + "A"))]
Triple = tuple[Node, Node, Node]


def _triple(random_: random.Random) -> Triple:
    subject = random_.choice(NODES)
    if random_.random() < 0.4:
        return subject, RDF.type, random_.choice(CLASSES)
    value = random_.choice(LITERALS if random_.random() < 0.2 else NODES)
    return subject, random_.choice(PREDICATES), value


def _graph(triples: set[Triple]) -> Graph:
    graph = Graph()
    for triple in triples:
        graph.add(triple)
    return graph


def _edits(seed: str, count: int) -> Iterator[tuple[set[Triple], set[Triple]]]:
    """(before, after)"""
    random_ = random.Random(seed)
    for _ in range(count):
        before = {*HIERARCHY, *(_triple(random_) for _ in range(random_.choice((8, 14, 24))))}
        after = set(before)
        for _ in range(random_.choice((1, 1, 2, 4))):
            if random_.random() < 0.4:
                after.discard(random_.choice(sorted(after - set(HIERARCHY))))
            after.add(_triple(random_))
        yield before, after


@pytest.mark.parametrize("name", CASES)
def test_as_whole_runs(name: str) -> None:
    shapes = Graph().parse(data=HEAD + OTHER + CASES[name], format="turtle")
    judge, checker = Judge(shapes), Checker(Store.in_memory(), shapes)
    results = bounded = 0
    for before, after in _edits(name, 60):
        checked = Checker(Store.in_memory(quads(before)), rules=checker.rules).check(
            quads(after - before), quads(before - after)
        )
        was, now = whole(judge, _graph(before)), whole(judge, _graph(after))
        told = f"{sorted(before)}\n+ {sorted(after - before)}\n- {sorted(before - after)}"
        assert set(checked.report.results) == now - was, told
        assert set(checked.mended.results) == was - now, told
        results += len(now ^ was)
        bounded += not isinstance(checked.scope, Full)
    assert results, "nothing was tested"
    if name.removeprefix("query: ") in UNBOUNDED:
        assert checker.paths.unbounded
    else:
        assert not checker.paths.unbounded
        assert bounded == 60
