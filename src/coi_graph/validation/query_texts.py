"""The texts of a shape's queries, as pySHACL hands them to rdflib."""

from __future__ import annotations

from typing import Any, Final

from pyshacl.constraints.sparql.sparql_based_constraints import SPARQLBasedConstraint
from rdflib import URIRef, Variable
from rdflib.namespace import SH
from rdflib.term import Node

DUMMY: Final = URIRef("urn:x-coi:focus-node")
_SHAPE: Final = Variable("currentShape")


def constraints(shape: Any) -> list[Any]:
    """pySHACL's helpers for the shape's own `sh:sparql`."""
    if (shape.node, SH.sparql, None) not in shape.sg.graph:
        return []
    try:
        found = SPARQLBasedConstraint(shape).sparql_constraints
    except Exception:  # see `texts`
        return []
    return [one for one in found if not one.deactivated]


def validator(component: Any, shape: Any) -> list[Any]:
    try:
        return [component.make_validator_for_shape(shape).query_helper]
    except Exception:  # see `texts`
        return []


def texts(shape: Any, helpers: list[Any], value: Node | None) -> list[tuple[str, dict[Node, Node]]]:
    """(text, variables with a fixed value) as pySHACL hands them to rdflib. Nothing where it
    refuses one of them: it does so for every node alike, whatever the data."""
    found = []
    try:
        for helper in helpers:
            given = helper.param_bind_map
            _, text = helper.pre_bind_variables(DUMMY, valuenode=value, extravars=given.keys())
            constants: dict[Node, Node] = {Variable(name): term for name, term in given.items()}
            found.append((helper.apply_prefixes(text), {_SHAPE: shape.node, **constants}))
    except Exception:
        return []
    return found
