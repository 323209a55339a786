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
from dataclasses import dataclass
from itertools import combinations
from typing import Final

from rdflib import Graph, Literal, URIRef
from rdflib.namespace import RDF, RDFS, SH, XSD
from rdflib.term import Node

from . import candidate_paths as paths
from . import candidate_queries as queries
from . import candidate_values as values
from .candidate_values import Condition, Unscreenable, sparql

# Deeper shapes go to pySHACL whole: at a depth of 15 it raises, and then that is the result.
_DEEPEST: Final = 8
_LONGEST: Final = 60_000  # characters of one pattern; Oxigraph takes long to plan more
_MOST_MEMBERS: Final = 12  # of sh:xone, where each pair makes a pattern


@dataclass(frozen=True, slots=True)
class Found:
    """A pattern for some rows. An exact one finds rows that violate and no others, as needed
    beneath sh:not; ``all`` says that it finds all rows, so that no other pattern is needed."""

    pattern: str
    exact: bool
    all: bool = False


@dataclass(frozen=True, slots=True)
class Rows:
    """A group pattern that binds ``node``. ``few``: it is so selective that it comes first.
    ``literals``: the node may be a literal."""

    pattern: str
    node: str
    few: bool = False
    literals: bool = True


class Candidates:
    """The patterns of one shapes graph; ``subclasses`` gives a class and those beneath it."""

    def __init__(self, shapes: Graph, subclasses: Callable[[Node], Iterable[Node]]) -> None:
        self._shapes = shapes
        self._subclasses = subclasses
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
        for predicate, value in self._shapes.predicate_objects(shape):
            given.setdefault(predicate, []).append(value)
        if own:
            given.pop(SH.property, None)
        try:
            found = self._violating(shape, given, rows, nested)
        except Unscreenable:
            if nested:
                raise
            return [_all(rows)]
        return [_all(rows)] if any(one.all for one in found) else found

    def goes_whole(self, shape: Node, above: tuple[Node, ...] = (), nested: bool = False) -> bool:
        """Whether pySHACL must see all focus nodes: ``shape`` refers to itself, or is too deep, or
        beneath sh:or and its like is something that may raise for one value."""
        if shape in above or len(above) >= _DEEPEST:
            return True
        if nested and any((shape, parameter, None) in self._shapes for parameter in _RAISING):
            return True
        beneath: dict[Node, bool] = {}
        for parameter in (SH.property, SH.node, SH["not"], SH.qualifiedValueShape):
            for one in self._shapes.objects(shape, parameter):
                beneath[one] = beneath.get(one, nested) or parameter != SH.property
        for parameter in (SH["and"], SH["or"], SH.xone):
            for head in self._shapes.objects(shape, parameter):
                try:
                    beneath |= dict.fromkeys(paths.items(self._shapes, head), True)
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
            for kind in self._subclasses(wanted)
        ]
        fresh = self._fresh()
        for predicate in self._shapes.objects(shape, SH.targetSubjectsOf):
            found.append(f"{{ {node} {sparql(predicate)} {fresh} }}")
        for predicate in self._shapes.objects(shape, SH.targetObjectsOf):
            found.append(f"{{ {fresh} {sparql(predicate)} {node} }}")
        nodes = list(self._shapes.objects(shape, SH.targetNode))
        if not all(map(values.faithful, nodes)):
            raise Unscreenable
        if nodes:
            found.append(f"{{ VALUES {node} {{ {' '.join(map(sparql, nodes))} }} }}")
        return " UNION ".join(dict.fromkeys(found)) or None

    def _target_classes(self, shape: Node) -> set[Node]:
        classes = set(self._shapes.objects(shape, SH.targetClass))
        # https://www.w3.org/TR/shacl/#implicit-targetClass, as pySHACL tells it
        kinds = {RDFS.Class, *self._shapes.subjects(RDFS.subClassOf, RDFS.Class)}
        if not kinds.isdisjoint(self._shapes.objects(shape, RDF.type)):
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
        constraint = _Constraint(self, given, rows, nested)
        found = [one for parameter in given for one in constraint.violating(parameter)]
        found += constraint.violating_values()
        if any(len(one.pattern) > _LONGEST for one in found):
            raise Unscreenable
        return found

    def _fresh(self) -> str:
        self._variables += 1
        return f"?v{self._variables}"


class _Constraint:
    """The constraints of one shape, for some rows of focus nodes."""

    def __init__(
        self,
        outer: Candidates,
        given: dict[Node, list[Node]],
        focus: Rows,
        nested: bool,
    ) -> None:
        self._outer, self._given, self._focus, self._nested = outer, given, focus, nested
        self._shapes = outer._shapes
        self._path: str | None = None
        self._values = focus
        self._value_conditions: list[Condition] = []
        if SH.path in given:
            self._path = paths.text(self._shapes, _one(given[SH.path]))
            value = outer._fresh()
            step = f"{focus.node} {self._path} {value} ."
            # Focus nodes that are many come last: Oxigraph then hashes them instead of looking
            # each one up.
            self._values = Rows(f"{focus.pattern} {step}" if focus.few else step, value, focus.few)

    def violating(self, parameter: Node) -> list[Found]:
        given = self._given[parameter]
        if parameter in _VALUE_CONDITIONS:
            self._value_conditions += self._conditions(parameter, given)
            return []
        if (rule := _RULES.get(parameter)) is not None:
            return [one for value in given for one in rule(self, value)]
        if parameter in _SILENT or not str(parameter).startswith(str(SH)):
            return []
        raise Unscreenable

    def violating_values(self) -> list[Found]:
        """What the conditions on values find, all of them in one look at the values."""
        found = []
        for exact in (True, False):
            tests = [f"({test})" for test, kind in self._value_conditions if kind is exact]
            if tests:
                found.append(self._filtered(" || ".join(tests), exact))
        return found

    # What a rule is made of

    def _focused(self, pattern: str, exact: bool) -> Found:
        """Some rows of values → the focus nodes that they belong to."""
        if self._path is None:
            return Found(f"{{ {pattern} }}", exact)
        nodes = f"{{ SELECT DISTINCT {self._focus.node} {{ {pattern} }} }}"
        return Found(f"{{ {nodes} {self._focus.pattern} }}", exact)

    def _filtered(self, condition: str, exact: bool) -> Found:
        return self._focused(f"{self._values.pattern} FILTER ({condition})", exact)

    def _all_with_values(self) -> Found:
        if self._path is None:
            return _all(self._focus)
        return self._focused(self._values.pattern, False)

    def _lifted(self, found: Iterable[Found]) -> list[Found]:
        """Values that violate a shape → focus nodes."""
        return [
            self._all_with_values() if one.all else self._focused(one.pattern, one.exact)
            for one in found
        ]

    def _without(self, pattern: str, exact: bool = True) -> list[Found]:
        """The focus nodes that ``pattern`` does not find."""
        return [Found(f"{{ {self._focus.pattern} MINUS {{ {pattern} }} }}", exact)]

    def _conforming(self, shape: Node, rows: Rows) -> Found:
        """The rows whose node may conform to ``shape``: those that do not violate it for sure."""
        apart = Rows(_distinct(rows), rows.node, rows.few)
        found = self._outer.violating(shape, apart, nested=True)
        exact = all(one.exact for one in found)
        sure = [one.pattern for one in found if one.exact]
        if not sure:
            return Found(f"{{ {rows.pattern} }}", exact, all=not exact)
        return Found(f"{{ {rows.pattern} MINUS {{ {' UNION '.join(sure)} }} }}", exact)

    # The rules, in the order of https://www.w3.org/TR/shacl/#core-components

    def _conditions(self, parameter: Node, given: list[Node]) -> list[Condition]:
        v = self._values.node
        if parameter in (SH.minInclusive, SH.minExclusive, SH.maxInclusive, SH.maxExclusive):
            return [one for bound in given for one in values.in_range(v, parameter, bound)]
        if parameter == SH.pattern:
            flags = self._given.get(SH.flags, [])
            return [one for each in given for one in values.pattern(v, each, flags)]
        value = _one(given)
        if parameter == SH.datatype:
            return values.datatype(v, value)
        if parameter == SH.nodeKind:
            return values.node_kind(v, value)
        if parameter == SH.languageIn:
            return values.language_in(v, paths.items(self._shapes, value))
        return values.length(v, _count(value), least=parameter == SH.minLength)

    def _class(self, wanted: Node) -> list[Found]:
        kinds = [
            f"{{ {self._values.node} a {sparql(kind)} }}"
            for kind in self._outer._subclasses(wanted)
        ]
        union = " UNION ".join(kinds)
        if self._values.few:
            return [self._focused(f"{self._values.pattern} FILTER NOT EXISTS {{ {union} }}", True)]
        return [self._focused(f"{self._values.pattern} MINUS {{ {union} }}", True)]

    def _min_count(self, wanted: Node) -> list[Found]:
        count = self._counted(wanted)
        if count == 0:
            return []
        if count == 1:
            return self._without(self._values.pattern)
        return self._without(self._grouped(self._values.pattern, f">= {count}"))

    def _max_count(self, wanted: Node) -> list[Found]:
        count = self._counted(wanted)
        if count == 0:
            return [self._focused(self._values.pattern, True)]
        return [self._focused(self._grouped(self._values.pattern, f"> {count}"), True)]

    def _counted(self, wanted: Node) -> int:
        if self._path is None or len(self._given.get(SH.minCount, ())) > 1:
            raise Unscreenable
        if len(self._given.get(SH.maxCount, ())) > 1:
            raise Unscreenable
        return _count(wanted)

    def _grouped(self, pattern: str, test: str) -> str:
        x, v = self._focus.node, self._values.node
        having = f"HAVING (COUNT(DISTINCT {v}) {test})"
        return f"{{ SELECT {x} {{ {pattern} }} GROUP BY {x} {having} }}"

    def _unique_lang(self, wanted: Node) -> list[Found]:
        if self._path is None or str(wanted) not in ("true", "false"):
            raise Unscreenable
        if str(wanted) == "false":
            return []
        x, v, tag = self._focus.node, self._values.node, self._outer._fresh()
        # Values without a tag, and those that are no literals, have an empty or an unbound one.
        tagged = f'{self._values.pattern} BIND (LANG({v}) AS {tag}) FILTER ({tag} != "")'
        having = f"HAVING (COUNT(DISTINCT {v}) > 1)"
        grouped = f"{{ SELECT {x} {{ {tagged} }} GROUP BY {x} {tag} {having} }}"
        return [self._focused(grouped, True)]

    def _equals(self, other: Node) -> list[Found]:
        x, v = self._focus.node, self._values.node
        if not isinstance(other, URIRef):
            raise Unscreenable
        if self._path is None:
            w = self._outer._fresh()
            return [
                *self._without(f"{x} {sparql(other)} {x}"),
                Found(
                    f"{{ {self._focus.pattern} {x} {sparql(other)} {w}"
                    f" FILTER (!sameTerm({x}, {w})) }}",
                    True,
                ),
            ]
        left, right = self._values.pattern, f"{x} {sparql(other)} {v} ."
        if self._focus.few:
            right = f"{self._focus.pattern} {right}"
        return [
            self._focused(f"{left} MINUS {{ {right} }}", True),
            self._focused(f"{right} MINUS {{ {left} }}", True),
        ]

    def _disjoint(self, other: Node) -> list[Found]:
        if not isinstance(other, URIRef):
            raise Unscreenable
        both = f"{self._focus.node} {sparql(other)} {self._values.node} ."
        return [self._focused(f"{self._values.pattern} {both}", True)]

    def _less_than(self, other: Node, *, or_equal: bool = False) -> list[Found]:
        if self._path is None or not isinstance(other, URIRef):
            raise Unscreenable
        w = self._outer._fresh()
        pairs = f"{self._values.pattern} {self._focus.node} {sparql(other)} {w} ."
        test = values.not_less(self._values.node, w, or_equal=or_equal)
        return [
            self._focused(f"{pairs} FILTER ({test})", False),
            self._filtered(values.blank(self._values.node), False),  # pySHACL raises
        ]

    def _or_equals(self, other: Node) -> list[Found]:
        return self._less_than(other, or_equal=True)

    def _not(self, shape: Node) -> list[Found]:
        return self._lifted([self._conforming(shape, self._values)])

    def _and(self, head: Node) -> list[Found]:
        members = _some(paths.items(self._shapes, head))
        return self._lifted(
            one
            for shape in members
            for one in self._outer.violating(shape, self._values, nested=True)
        )

    def _or(self, head: Node) -> list[Found]:
        return self._lifted(self._none_of(_some(paths.items(self._shapes, head))))

    def _none_of(self, shapes: list[Node]) -> list[Found]:
        """The values that may violate all of ``shapes``."""
        left = [Found(self._values.pattern, True)]
        for shape in shapes:
            following = []
            for one in left:
                rows = Rows(one.pattern, self._values.node, self._values.few)
                for found in self._outer.violating(shape, rows, nested=True):
                    following.append(Found(found.pattern, found.exact and one.exact))
            left = following
            if len(left) > 16:
                raise Unscreenable
        return left

    def _xone(self, head: Node) -> list[Found]:
        members = _some(paths.items(self._shapes, head))
        if len(members) > _MOST_MEMBERS:
            raise Unscreenable
        found = self._none_of(members)
        for one, other in combinations(members, 2):
            first = self._conforming(one, self._values)
            rows = Rows(first.pattern, self._values.node, self._values.few)
            second = self._conforming(other, rows)
            found.append(Found(second.pattern, first.exact and second.exact))
        return self._lifted(found)

    def _node(self, shape: Node) -> list[Found]:
        if (shape, SH.path, None) in self._shapes:
            raise Unscreenable
        return self._lifted(self._outer.violating(shape, self._values, nested=True))

    def _property(self, shape: Node) -> list[Found]:
        if (shape, SH.path, None) not in self._shapes:
            raise Unscreenable
        return self._lifted(self._outer.violating(shape, self._values, nested=self._nested))

    def _qualified(self, shape: Node) -> list[Found]:
        if self._path is None:  # pySHACL passes over it
            return []
        if self._given.get(SH.qualifiedValueShapesDisjoint):
            raise Unscreenable
        least = self._given.get(SH.qualifiedMinCount)
        most = self._given.get(SH.qualifiedMaxCount)
        if not (least or most):
            raise Unscreenable
        found = []
        if least and (count := _count(_one(least))):
            rows = Rows(_distinct(self._values), self._values.node, self._values.few)
            failing = self._outer.violating(shape, rows, nested=True)
            union = " UNION ".join(one.pattern for one in failing)
            conforming = self._values.pattern + (f" MINUS {{ {union} }}" if union else "")
            grouped = self._grouped(conforming, f">= {count}")
            found += self._without(grouped, all(one.exact for one in failing))
        if most:
            one = self._conforming(shape, self._values)
            grouped = self._grouped(one.pattern, f"> {_count(_one(most))}")
            found.append(self._focused(grouped, one.exact))
        return found

    def _closed(self, wanted: Node) -> list[Found]:
        if len(self._given.get(SH.ignoredProperties, ())) > 1:
            raise Unscreenable
        if str(wanted) not in ("true", "false"):
            raise Unscreenable
        if str(wanted) == "false":
            return []
        allowed = {
            path
            for shape in self._given.get(SH.property, ())
            for path in self._shapes.objects(shape, SH.path)
        }
        for head in self._given.get(SH.ignoredProperties, ()):
            allowed.update(paths.items(self._shapes, head))
        listed = ", ".join(sparql(one) for one in allowed if isinstance(one, URIRef))
        v, p, o = self._values.node, self._outer._fresh(), self._outer._fresh()
        test = f"!({p} = {sparql(RDF.type)} && sameTerm({o}, {sparql(RDFS.Resource)}))"
        test += f" && {p} NOT IN ({listed})" if listed else ""
        return [self._focused(f"{self._values.pattern} {v} {p} {o} . FILTER ({test})", True)]

    def _has_value(self, wanted: Node) -> list[Found]:
        if not values.faithful(wanted):
            raise Unscreenable
        if self._path is None:
            return [self._filtered(f"!sameTerm({self._focus.node}, {sparql(wanted)})", True)]
        has = f"{self._focus.node} {self._path} {sparql(wanted)} ."
        return self._without(f"{self._focus.pattern} {has}" if self._focus.few else has)

    def _in(self, head: Node) -> list[Found]:
        v = self._values.node
        listed = values.named(paths.items(self._shapes, head))
        among = f"VALUES {v} {{ {listed} }}"
        return [self._focused(f"{self._values.pattern} MINUS {{ {among} }}", True)]

    def _sparql(self, constraint: Node) -> list[Found]:
        x, few = self._focus.node, self._focus.few
        asked = queries.question(self._shapes, constraint, x, few=few)
        if asked is None:
            return []
        pattern = f"{self._focus.pattern} {asked}" if few else asked.by_value()
        nodes = f"{{ SELECT DISTINCT {x} {{ {pattern} }} }}"
        found = [Found(f"{{ {nodes} {self._focus.pattern} }}", False)]
        if self._focus.literals:
            # rdflib takes false, 0 and "" for no binding of $this at all.
            found.append(Found(f"{{ {self._focus.pattern} FILTER (isLiteral({x})) }}", False))
        return found


def _all(rows: Rows) -> Found:
    return Found(f"{{ {rows.pattern} }}", False, all=True)


def _distinct(rows: Rows) -> str:
    return f"{{ SELECT DISTINCT {rows.node} {{ {rows.pattern} }} }}"


def _one(given: list[Node]) -> Node:
    if len(given) != 1:
        raise Unscreenable
    return given[0]


def _some(members: list[Node]) -> list[Node]:
    if not members:
        raise Unscreenable
    return members


def _count(term: Node) -> int:
    if isinstance(term, Literal) and term.datatype == XSD.integer and isinstance(term.value, int):
        if term.value >= 0:
            return term.value
    raise Unscreenable


#: Parameters of constraints that raise on some values, or may.
_RAISING: Final = (SH.lessThan, SH.lessThanOrEquals, SH.sparql)
_VALUE_CONDITIONS: Final = {
    SH.datatype, SH.nodeKind, SH.minLength, SH.maxLength, SH.pattern, SH.languageIn,
    SH.minInclusive, SH.minExclusive, SH.maxInclusive, SH.maxExclusive,
}  # fmt: skip
_RULES: Final[dict[Node, Callable[[_Constraint, Node], list[Found]]]] = {
    SH["class"]: _Constraint._class,
    SH.minCount: _Constraint._min_count,
    SH.maxCount: _Constraint._max_count,
    SH.uniqueLang: _Constraint._unique_lang,
    SH.equals: _Constraint._equals,
    SH.disjoint: _Constraint._disjoint,
    SH.lessThan: _Constraint._less_than,
    SH.lessThanOrEquals: _Constraint._or_equals,
    SH["not"]: _Constraint._not,
    SH["and"]: _Constraint._and,
    SH["or"]: _Constraint._or,
    SH.xone: _Constraint._xone,
    SH.node: _Constraint._node,
    SH.property: _Constraint._property,
    SH.qualifiedValueShape: _Constraint._qualified,
    SH.closed: _Constraint._closed,
    SH.hasValue: _Constraint._has_value,
    SH["in"]: _Constraint._in,
    SH.sparql: _Constraint._sparql,
}
#: Predicates of a shape that say nothing of its nodes, or are read along with another.
_SILENT: Final = {
    SH.targetClass, SH.targetNode, SH.targetObjectsOf, SH.targetSubjectsOf, SH.path, SH.name,
    SH.description, SH.message, SH.severity, SH.group, SH.order, SH.defaultValue, SH.deactivated,
    SH.flags, SH.ignoredProperties, SH.qualifiedMinCount, SH.qualifiedMaxCount,
    SH.qualifiedValueShapesDisjoint, SH.declare,
}  # fmt: skip
