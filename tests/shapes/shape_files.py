"""The shapes, the graph that their fixtures are added to, and one shape taken out of the others.

A fixture is validated by the one shape that its folder names, so that what it expects is exact and
another shape's result cannot stand in for it.
"""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pyoxigraph as ox
from rdflib import Graph, URIRef
from rdflib.namespace import RDF, RDFS, SH
from rdflib.term import Node

from coi_graph.namespaces import SHAPES
from coi_graph.validation.engine import PreparingGraph
from coi_graph.validation.terms import to_graph
from environment import ROOT

FIXTURES = ROOT / "tests" / "shapes" / "fixtures"
TARGETS = (SH.targetClass, SH.targetNode, SH.targetObjectsOf, SH.targetSubjectsOf)
# Parameters whose value is no constraint of its own: they qualify another one or are not evaluated.
_NO_CONSTRAINT = {
    *TARGETS, SH.path, SH.name, SH.description, SH.message, SH.severity, SH.group, SH.order,
    SH.property, SH.qualifiedValueShape, SH.flags, SH.deactivated, SH.defaultValue,
}  # fmt: skip


def read(path: Path, graph: Graph | None = None) -> Graph:
    """A Turtle file as the program reads it: by pyoxigraph, then as rdflib's terms."""
    quads = ox.parse(path=str(path), format=ox.RdfFormat.TURTLE, base_iri=path.as_uri())
    return to_graph(quads, graph)


@cache
def shapes() -> Graph:
    graph = Graph()
    for path in sorted((ROOT / "shapes").glob("*.ttl")):
        read(path, graph)
    return graph


@cache
def base() -> PreparingGraph:
    """The ontology with its lists, the framework and the organisations: what shapes refer to."""
    graph = PreparingGraph()
    for folder in ("ontology", "data/framework", "data/organisations"):
        for path in sorted((ROOT / folder).rglob("*.ttl")):
            read(path, graph)
    return graph


@cache
def owners() -> dict[URIRef, URIRef]:
    """Each shape that can be a result's source shape → the shape whose targets it is checked on.

    That is every shape with a target, and every property shape that hangs on one by `sh:property`.
    A shape that is only referred to (`sh:node`, a member of `sh:or`) is never a source shape.
    """
    found: dict[URIRef, URIRef] = {}
    for owner in {s for target in TARGETS for s in shapes().subjects(target)}:
        assert isinstance(owner, URIRef), f"a shape with a target, but without a name: {owner}"
        if next(constraints(owner), None):
            found[owner] = owner
        for member in shapes().objects(owner, SH.property):
            assert isinstance(member, URIRef), f"a property shape without a name on {owner}"
            found[member] = owner
    return found


def constraints(shape: Node) -> Iterator[tuple[URIRef, Node]]:
    """(component, value) of each constraint that ``shape`` itself declares."""
    for parameter, value in shapes().predicate_objects(shape):
        assert isinstance(parameter, URIRef)
        if parameter in SH and parameter not in _NO_CONSTRAINT:
            name = str(parameter).removeprefix(str(SH))
            name = "SPARQL" if name == "sparql" else name[0].upper() + name[1:]
            yield SH[f"{name}ConstraintComponent"], value


@cache
def alone(shape: URIRef) -> Graph:
    """``shape`` with all that it refers to and with its owner's targets, without its siblings."""
    graph = Graph()
    owner = owners()[shape]
    waiting: list[Node] = [shape]
    seen: set[Node] = set()
    while waiting:
        node = waiting.pop()
        if node in seen:
            continue
        seen.add(node)
        for predicate, value in shapes().predicate_objects(node):
            graph.add((node, predicate, value))
            waiting.append(value)
    if owner != shape:
        graph.add((owner, RDF.type, SH.NodeShape))
        graph.add((owner, SH.property, shape))
        for target in TARGETS:
            for value in shapes().objects(owner, target):
                graph.add((owner, target, value))
    return graph


def focus_nodes(shape: URIRef, data: Graph) -> set[Node]:
    """What ``shape``'s targets select in ``data`` (https://www.w3.org/TR/shacl/#targets)."""
    owner = owners()[shape]
    found: set[Node] = set(shapes().objects(owner, SH.targetNode))
    for wanted in shapes().objects(owner, SH.targetClass):
        for kind in data.transitive_subjects(RDFS.subClassOf, wanted):
            found.update(data.subjects(RDF.type, kind))
    for predicate in shapes().objects(owner, SH.targetSubjectsOf):
        found.update(data.subjects(predicate))
    for predicate in shapes().objects(owner, SH.targetObjectsOf):
        found.update(data.objects(None, predicate))
    return found


def path_text(graph: Graph, path: Node | None) -> str | None:
    """A property path in the notation of SPARQL, so that two of them can be compared."""
    if path is None:
        return None
    if isinstance(path, URIRef):
        return path.n3()
    if (inverse := graph.value(path, SH.inversePath)) is not None:
        return f"^{path_text(graph, inverse)}"
    if (choices := graph.value(path, SH.alternativePath)) is not None:
        return "(" + "|".join(str(path_text(graph, p)) for p in graph.items(choices)) + ")"
    return "(" + "/".join(str(path_text(graph, p)) for p in graph.items(path)) + ")"


def local_name(shape: URIRef) -> str:
    return str(shape).removeprefix(SHAPES)
