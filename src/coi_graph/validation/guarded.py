"""pySHACL's shapes, guarded: a constraint that fails is a result, and ends nothing else.

`sh:lessThanOrEquals` raises on a blank node, a path may be too deep, a query may fail. pySHACL then
gives up the whole run. Here the constraints of the shape in question are evaluated one by one, and
the one that raised becomes a result that names shape, component and node.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Generator, Iterable, Iterator
from typing import Any, Final, Self

from pyshacl.constraints import CONSTRAINT_PARAMETERS_MAP
from pyshacl.constraints.core.shape_based_constraints import PropertyConstraintComponent
from pyshacl.shape import Shape
from pyshacl.shapes_graph import ShapesGraph
from rdflib import BNode, Graph, Literal, URIRef
from rdflib.namespace import RDF, SH
from rdflib.term import Node

from ..i18n import Message, both
from ..namespaces import DEF

#: A second type of the results that stand for a constraint which could not be evaluated.
FAILURE: Final = URIRef(DEF + "EvaluationFailure")

# pySHACL is typed in part only.
AnyShape = Any
#: What pySHACL gives for a result: its text, its node, and the triples of the report. An object
#: that is a pair is (the graph that describes it, the node).
Raw = tuple[str, BNode, list[tuple[Any, Any, Any]]]


class FixedGraph(Graph):
    """The shapes, which do not change while they are used: each look-up is made once.

    pySHACL builds every constraint anew for every focus node, out of look-ups like these.
    """

    def __init__(self, shapes: Graph) -> None:
        super().__init__()
        for triple in shapes:
            super().add(triple)
        self._objects: dict[tuple[Node | None, Any], list[Node]] = {}
        self._properties: dict[Node | None, list[tuple[Node, Node]]] = {}

    def add(self, triple: Any) -> Self:
        self._objects.clear()
        self._properties.clear()
        return super().add(triple)

    def objects(
        self, subject: Any = None, predicate: Any = None, unique: bool = False
    ) -> Generator[Node, None, None]:
        key = (subject, predicate)
        found = self._objects.get(key)
        if found is None:
            found = list(dict.fromkeys(super().objects(subject, predicate)))
            self._objects[key] = found
        yield from found

    def predicate_objects(
        self, subject: Any = None, unique: bool = False
    ) -> Generator[tuple[Node, Node], None, None]:
        found = self._properties.get(subject)
        if found is None:
            found = list(super().predicate_objects(subject))
            self._properties[subject] = found
        yield from found


class GuardedShapes(ShapesGraph):
    """pySHACL's graph of shapes, with a guard for each."""

    def __init__(self, graph: FixedGraph, logger: logging.Logger) -> None:
        super().__init__(graph, logger=logger)
        self._parameters: dict[Node, list[tuple[Node, Node]]] = {}

    def predicate_objects(self, s: Node) -> Iterator[tuple[Node, Node]]:
        """Of a shape's properties the parameters of constraints: what pySHACL seeks among them,
        by going through a list of all that there are for each."""
        found = self._parameters.get(s)
        if found is None:
            found = [
                pair
                for pair in self.graph.predicate_objects(s)
                if pair[0] in CONSTRAINT_PARAMETERS_MAP
            ]
            self._parameters[s] = found
        return iter(found)

    def _build_node_shape_cache(self) -> None:
        super()._build_node_shape_cache()  # type: ignore[no-untyped-call]
        for node, shape in list(self._node_shape_cache.items()):
            self._node_shape_cache[node] = _guard(self, shape)


class GuardedShape(Shape):
    __slots__ = ()

    def __str__(self) -> str:
        """Written into log messages that nobody reads, several for each evaluation."""
        return str(self.node)

    def validate(
        self,
        executor: Any,
        target_graph: Graph,
        focus: Any = None,
        _evaluation_path: list[Any] | None = None,
    ) -> tuple[bool, list[Raw]]:
        above = list(_evaluation_path or ())
        # Below sh:not, sh:or, sh:node and so on it counts whether this shape conforms, which is
        # not known: the shape that says sh:not cannot be evaluated either.
        if not all(isinstance(one, PropertyConstraintComponent) for one in above[1::2]):
            return super().validate(executor, target_graph, focus, _evaluation_path)  # type: ignore[no-any-return]
        try:
            return super().validate(executor, target_graph, focus, _evaluation_path)  # type: ignore[no-any-return]
        except MemoryError:
            raise
        except Exception as error:
            return self._piecewise(executor, target_graph, focus, above, error)

    def _piecewise(
        self, executor: Any, data: Graph, focus: Any, above: list[Any], error: Exception
    ) -> tuple[bool, list[Raw]]:
        results: list[Raw] = []
        parts = list(self._parts())
        for node in _nodes(self, data, focus):
            failed = False
            for component, part in parts:
                try:
                    _, found = Shape.validate(
                        part,
                        executor,
                        data,
                        node,  # type: ignore[arg-type]
                        above[:] or None,
                    )
                except MemoryError:
                    raise
                except Exception as why:
                    failed = True
                    results.append(failure(self, node, component, why))
                else:
                    results.extend(found)
            if not parts and not failed:
                results.append(failure(self, node, SH.PropertyConstraintComponent, error))
        return not results, results

    def _parts(self) -> Iterator[tuple[Node, AnyShape]]:
        """(component, this shape with that one constraint)."""
        seen = set()
        shape: AnyShape = self
        for parameter, _ in shape.sg.predicate_objects(shape.node):
            component = CONSTRAINT_PARAMETERS_MAP.get(parameter)
            if component is not None and component not in seen:
                seen.add(component)
                yield _name(component, parameter), only(self, (parameter,))
        for custom in shape.find_custom_constraints():
            yield custom.node, only(self, (), (custom,))


def only(shape: AnyShape, parameters: Iterable[Node], custom: Iterable[Any] = ()) -> GuardedShape:
    """``shape`` as if it had these constraints alone."""
    return _guard(_Part(shape.sg, shape.node, frozenset(parameters), tuple(custom)), shape)


def without(shape: AnyShape, left_out: Collection[Node]) -> GuardedShape | None:
    """``shape`` without some of its parameters; None where it has no constraint besides."""
    parameters = {
        parameter
        for parameter, _ in shape.sg.predicate_objects(shape.node)
        if parameter in CONSTRAINT_PARAMETERS_MAP and parameter not in left_out
    }
    custom = shape.find_custom_constraints()
    return only(shape, parameters, custom) if parameters or custom else None


class _Part:
    """A graph of shapes in which one shape has only some of its constraints."""

    def __init__(
        self, shapes: Any, node: Node, parameters: frozenset[Node], custom: tuple[Any, ...]
    ) -> None:
        self._shapes = shapes
        self._node = node
        self._parameters = parameters
        self.custom_constraints = custom

    def __getattr__(self, name: str) -> Any:
        return getattr(self._shapes, name)

    def predicate_objects(self, subject: Node) -> Iterator[tuple[Node, Node]]:
        found: Iterator[tuple[Node, Node]] = self._shapes.predicate_objects(subject)
        if subject != self._node:
            return found
        return (pair for pair in found if pair[0] in self._parameters)


def _guard(shapes: Any, shape: AnyShape) -> GuardedShape:
    return GuardedShape(
        shapes, shape.node, shape.is_property_shape, shape._path, logger=shape.logger
    )


def _nodes(shape: AnyShape, data: Graph, focus: Any) -> list[Node]:
    if focus is None:
        return list(shape.focus_nodes(data))
    return [focus] if isinstance(focus, Node) else list(focus)


def _name(component: Any, parameter: Node) -> Node:
    name = component.shacl_constraint_component
    if isinstance(name, Node):
        return name
    # sh:qualifiedValueShape is the parameter of two components; pySHACL's class names neither.
    return SH.QualifiedMinCountConstraintComponent


def failure(shape: AnyShape, focus: Node, component: Node, error: Exception) -> Raw:
    """The result that stands for a constraint which raised ``error``. As severe as the shape:
    what cannot be known to hold is not let through, but a Warning stays one."""
    why = _plain(error)
    name = str(component).rpartition("#")[2].removesuffix("ConstraintComponent") or str(component)
    message = Message(
        "This could not be checked: the rule “%(component)s” cannot be evaluated here (%(why)s)."
        " See that the values are of the kind that the rule asks for.",
        component=name,
        why=why,
    )
    node = BNode()
    shapes = shape.sg.graph
    triples: list[tuple[Any, Any, Any]] = [
        (node, RDF.type, SH.ValidationResult),
        (node, RDF.type, FAILURE),
        (node, SH.sourceConstraintComponent, component),
        (node, SH.sourceShape, (shapes, shape.node)),
        (node, SH.resultSeverity, shape.severity),
        (node, SH.focusNode, focus),
    ]
    if shape.is_property_shape:
        triples.append((node, SH.resultPath, (shapes, shape.path())))
    for language, text in both(message).items():
        triples.append((node, SH.resultMessage, Literal(text, lang=language)))
    return f"{message}\n", node, triples


def _plain(error: Exception) -> str:
    text = str(getattr(error, "message", "") or error) or type(error).__name__
    return text.partition("\n")[0]
