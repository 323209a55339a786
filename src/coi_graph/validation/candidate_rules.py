"""One rule for each constraint component: its parameter → patterns of nodes that may violate it.

The words are those of `candidates`. The rules stand in the order of
https://www.w3.org/TR/shacl/#core-components.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any, ClassVar, Final, Protocol

from rdflib import Graph, URIRef
from rdflib.namespace import RDF, RDFS, SH
from rdflib.term import Node

from . import candidate_paths as paths
from . import candidate_values as values
from .candidate_rows import Found, Rows, everything
from .candidate_values import Condition, Unscreenable, count_of, one_of, sparql


class Outer(Protocol):
    """What a rule needs of `candidates.Candidates`."""

    shapes: Graph

    def violating(
        self, shape: Node, rows: Rows, *, own: bool = False, nested: bool = False
    ) -> list[Found]: ...

    def populated(self, wanted: Node) -> Iterable[Node]: ...

    def fresh(self) -> str: ...


class Rules:
    """The constraints of one shape, for some rows of focus nodes."""

    table: ClassVar[dict[Node, Callable[[Any, Node], list[Found]]]] = {}

    def __init__(
        self,
        outer: Outer,
        given: dict[Node, list[Node]],
        focus: Rows,
        nested: bool,
    ) -> None:
        self._outer, self._given, self._focus, self._nested = outer, given, focus, nested
        self._shapes = outer.shapes
        self._path: str | None = None
        self._values = focus
        self._value_conditions: list[Condition] = []
        if SH.path in given:
            self._path = paths.text(self._shapes, one_of(given[SH.path]))
            value = outer.fresh()
            step = f"{focus.node} {self._path} {value} ."
            # Focus nodes that are many come last: Oxigraph then hashes them instead of looking
            # each one up.
            self._values = Rows(f"{focus.pattern} {step}" if focus.few else step, value, focus.few)

    def violating(self, parameter: Node) -> list[Found]:
        given = self._given[parameter]
        if parameter in _VALUE_CONDITIONS:
            self._value_conditions += self._conditions(parameter, given)
            return []
        if (rule := self.table.get(parameter)) is not None:
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
        return Found(f"{{ {nodes} {self._focus.pattern} }}", exact, probe=self._probe(pattern))

    def _probe(self, pattern: str) -> str | None:
        """Sound data have no wrong value anywhere: then the many focus nodes need no look."""
        return None if self._focus.few else pattern

    def _filtered(self, condition: str, exact: bool) -> Found:
        return self._focused(f"{self._values.pattern} FILTER ({condition})", exact)

    def _all_with_values(self) -> Found:
        if self._path is None:
            return everything(self._focus)
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

    # The rules, in the order of https://www.w3.org/TR/shacl/#core-components

    def _conditions(self, parameter: Node, given: list[Node]) -> list[Condition]:
        v = self._values.node
        if parameter in (SH.minInclusive, SH.minExclusive, SH.maxInclusive, SH.maxExclusive):
            return [one for bound in given for one in values.in_range(v, parameter, bound)]
        if parameter == SH.pattern:
            flags = self._given.get(SH.flags, [])
            return [one for each in given for one in values.pattern(v, each, flags)]
        value = one_of(given)
        if parameter == SH.datatype:
            return values.datatype(v, value)
        if parameter == SH.nodeKind:
            return values.node_kind(v, value)
        return values.length(v, count_of(value), least=parameter == SH.minLength)

    def _class(self, wanted: Node) -> list[Found]:
        kinds = [
            f"{{ {self._values.node} a {sparql(kind)} }}" for kind in self._outer.populated(wanted)
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
        return count_of(wanted)

    def _grouped(self, pattern: str, test: str) -> str:
        x, v = self._focus.node, self._values.node
        having = f"HAVING (COUNT(DISTINCT {v}) {test})"
        return f"{{ SELECT {x} {{ {pattern} }} GROUP BY {x} {having} }}"

    def _language_in(self, head: Node) -> list[Found]:
        v, tag, listed = self._values.node, self._outer.fresh(), paths.items(self._shapes, head)
        ((condition, exact),) = values.language_in(f"LANG({v})", listed)
        found = self._filtered(condition, exact)
        if found.probe is None:
            return [found]
        # Each mention of LANG fetches the text anew, and there are few languages.
        ((condition, _),) = values.language_in(tag, listed)
        tags = f"SELECT {tag} {{ {self._values.pattern} BIND (LANG({v}) AS {tag}) }}"
        probe = f"{{ {tags} GROUP BY {tag} HAVING ({condition}) }}"
        return [replace(found, probe=probe)]

    def _unique_lang(self, wanted: Node) -> list[Found]:
        if self._path is None or str(wanted) not in ("true", "false"):
            raise Unscreenable
        if str(wanted) == "false":
            return []
        x, v, tag = self._focus.node, self._values.node, self._outer.fresh()
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
            w = self._outer.fresh()
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
        w = self._outer.fresh()
        pairs = f"{self._values.pattern} {self._focus.node} {sparql(other)} {w} ."
        test = values.not_less(self._values.node, w, or_equal=or_equal)
        return [
            self._focused(f"{pairs} FILTER ({test})", False),
            self._filtered(values.blank(self._values.node), False),  # pySHACL raises
        ]

    def _or_equals(self, other: Node) -> list[Found]:
        return self._less_than(other, or_equal=True)

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
        v, p, o = self._values.node, self._outer.fresh(), self._outer.fresh()
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


_VALUE_CONDITIONS: Final = {
    SH.datatype, SH.nodeKind, SH.minLength, SH.maxLength, SH.pattern, SH.minInclusive,
     SH.minExclusive, SH.maxInclusive, SH.maxExclusive,
}  # fmt: skip
#: Predicates of a shape that say nothing of its nodes, or are read along with another.
_SILENT: Final = {
    SH.targetClass, SH.targetNode, SH.targetObjectsOf, SH.targetSubjectsOf, SH.path, SH.name,
    SH.description, SH.message, SH.severity, SH.group, SH.order, SH.defaultValue, SH.deactivated,
    SH.flags, SH.ignoredProperties, SH.qualifiedMinCount, SH.qualifiedMaxCount,
    SH.qualifiedValueShapesDisjoint, SH.declare,
}  # fmt: skip

Rules.table = {
    SH["class"]: Rules._class,
    SH.minCount: Rules._min_count,
    SH.maxCount: Rules._max_count,
    SH.languageIn: Rules._language_in,
    SH.uniqueLang: Rules._unique_lang,
    SH.equals: Rules._equals,
    SH.disjoint: Rules._disjoint,
    SH.lessThan: Rules._less_than,
    SH.lessThanOrEquals: Rules._or_equals,
    SH.closed: Rules._closed,
    SH.hasValue: Rules._has_value,
    SH["in"]: Rules._in,
}
