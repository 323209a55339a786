"""Shapes → SPARQL patterns that find the nodes which may violate them.

The pattern of a shape is made for *rows*: a pattern that binds a variable to the nodes in question.
What it finds is some of those rows, and among them are all whose node violates the shape in the
eyes of pySHACL. One pattern is made for each constraint; where none is known, it is the rows
themselves. The patterns work on whole sets (MINUS, GROUP BY) and not node by node, because that is
what Oxigraph does by hashing, without looking at a text (measured: a class constraint on 6,000
activities takes 7 ms so, and 340 ms with FILTER NOT EXISTS).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from rdflib import Graph
from rdflib.namespace import RDF, RDFS, SH
from rdflib.term import Node

from . import candidate_paths as paths
from . import candidate_values as values
from .candidate_logic import Constraint
from .candidate_rows import Found, Rows, everything
from .candidate_values import Unscreenable, sparql

# Deeper shapes go to pySHACL whole: at a depth of 15 it raises, and then that is the result.
_DEEPEST: Final = 8
_LONGEST: Final = 60_000  # characters of one pattern; Oxigraph takes long to plan more
#: Parameters of constraints that raise on some values, or may.
_RAISING: Final = (SH.lessThan, SH.lessThanOrEquals, SH.sparql)


class Candidates:
    """The patterns of one shapes graph; ``populated`` gives those of a class and the classes
    beneath it that have instances of their own (the class itself, where none has)."""

    def __init__(self, shapes: Graph, populated: Callable[[Node], Iterable[Node]]) -> None:
        self.shapes = shapes
        self.populated = populated
        self._variables = 0
        # Parameters of constraint components that the shapes graph itself declares.
        self._custom = {
            path
            for parameter in shapes.objects(None, SH.parameter)
            for path in shapes.objects(parameter, SH.path)
        }

    def violating(
        self, shape: Node, rows: Rows, *, own: bool = False, nested: bool = False
    ) -> list[Found]:
        """The rows whose node may violate ``shape``; with ``own``, leaving out `sh:property`.

        ``nested``: for a shape that sh:or and its like refer to. What raises in one member is the
        failure of them all for pySHACL, so what cannot be screened there is raised, too.
        """
        given: dict[Node, list[Node]] = {}
        for predicate, value in self.shapes.predicate_objects(shape):
            given.setdefault(predicate, []).append(value)
        if own:
            given.pop(SH.property, None)
        try:
            found = self._violating(shape, given, rows, nested)
        except Unscreenable:
            if nested:
                raise
            return [everything(rows)]
        return [everything(rows)] if any(one.all for one in found) else found

    def goes_whole(self, shape: Node, above: tuple[Node, ...] = (), nested: bool = False) -> bool:
        """Whether pySHACL must see all focus nodes: ``shape`` refers to itself, or is too deep, or
        beneath sh:or and its like is something that may raise for one value."""
        if shape in above or len(above) >= _DEEPEST:
            return True
        if nested and any((shape, parameter, None) in self.shapes for parameter in _RAISING):
            return True
        beneath: dict[Node, bool] = {}
        for parameter in (SH.property, SH.node, SH["not"], SH.qualifiedValueShape):
            for one in self.shapes.objects(shape, parameter):
                beneath[one] = beneath.get(one, nested) or parameter != SH.property
        for parameter in (SH["and"], SH["or"], SH.xone):
            for head in self.shapes.objects(shape, parameter):
                try:
                    beneath |= dict.fromkeys(paths.items(self.shapes, head), True)
                except Unscreenable:
                    return True
        return any(self.goes_whole(one, (*above, shape), kind) for one, kind in beneath.items())

    def targets(self, shape: Node, node: str) -> str | None:
        """The pattern of the focus nodes that ``shape`` targets; None where it targets none.

        Raises `Unscreenable` for a node that the store would give back as another term.
        """
        found = [
            f"{{ {node} a {sparql(kind)} }}"
            for wanted in self._target_classes(shape)
            for kind in self.populated(wanted)
        ]
        fresh = self.fresh()
        for predicate in self.shapes.objects(shape, SH.targetSubjectsOf):
            found.append(f"{{ {node} {sparql(predicate)} {fresh} }}")
        for predicate in self.shapes.objects(shape, SH.targetObjectsOf):
            found.append(f"{{ {fresh} {sparql(predicate)} {node} }}")
        nodes = list(self.shapes.objects(shape, SH.targetNode))
        if not all(map(values.same, nodes)):
            raise Unscreenable
        if nodes:
            found.append(f"{{ VALUES {node} {{ {' '.join(map(sparql, nodes))} }} }}")
        return " UNION ".join(dict.fromkeys(found)) or None

    def _target_classes(self, shape: Node) -> set[Node]:
        classes = set(self.shapes.objects(shape, SH.targetClass))
        # https://www.w3.org/TR/shacl/#implicit-targetClass, as pySHACL tells it
        kinds = {RDFS.Class, *self.shapes.subjects(RDFS.subClassOf, RDFS.Class)}
        if not kinds.isdisjoint(self.shapes.objects(shape, RDF.type)):
            classes.add(shape)
        return classes

    def _violating(
        self, shape: Node, given: dict[Node, list[Node]], rows: Rows, nested: bool
    ) -> list[Found]:
        if not self._custom.isdisjoint(given):
            raise Unscreenable
        for value in given.get(SH.deactivated, ()):
            if str(value) not in ("true", "false"):
                raise Unscreenable
            if str(value) == "true":
                return []
        constraint = Constraint(self, given, rows, nested)
        found = [one for parameter in given for one in constraint.violating(parameter)]
        found += constraint.violating_values()
        if any(len(one.pattern) > _LONGEST for one in found):
            raise Unscreenable
        return found

    def fresh(self) -> str:
        self._variables += 1
        return f"?v{self._variables}"
