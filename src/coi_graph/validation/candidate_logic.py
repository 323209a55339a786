"""The rules of constraints that refer to other shapes, and of SPARQL constraints."""

from __future__ import annotations

from itertools import combinations
from typing import Final

from rdflib.namespace import SH
from rdflib.term import Node

from . import candidate_paths as paths
from . import candidate_queries as queries
from .candidate_rows import Found, Rows, distinct
from .candidate_rules import Rules, count_of, one_of, some_of
from .candidate_values import Unscreenable

_MOST_MEMBERS: Final = 12  # of sh:xone, where each pair makes a pattern


class Constraint(Rules):
    def _conforming(self, shape: Node, rows: Rows) -> Found:
        """The rows whose node may conform to ``shape``: those that do not violate it for sure."""
        apart = Rows(distinct(rows), rows.node, rows.few)
        found = self._outer.violating(shape, apart, nested=True)
        exact = all(one.exact for one in found)
        sure = [one.pattern for one in found if one.exact]
        if not sure:
            return Found(f"{{ {rows.pattern} }}", exact, all=not exact)
        return Found(f"{{ {rows.pattern} MINUS {{ {' UNION '.join(sure)} }} }}", exact)

    def _not(self, shape: Node) -> list[Found]:
        return self._lifted([self._conforming(shape, self._values)])

    def _and(self, head: Node) -> list[Found]:
        members = some_of(paths.items(self._shapes, head))
        return self._lifted(
            one
            for shape in members
            for one in self._outer.violating(shape, self._values, nested=True)
        )

    def _or(self, head: Node) -> list[Found]:
        return self._lifted(self._none_of(some_of(paths.items(self._shapes, head))))

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
        members = some_of(paths.items(self._shapes, head))
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
        if least and (count := count_of(one_of(least))):
            rows = Rows(distinct(self._values), self._values.node, self._values.few)
            failing = self._outer.violating(shape, rows, nested=True)
            union = " UNION ".join(one.pattern for one in failing)
            conforming = self._values.pattern + (f" MINUS {{ {union} }}" if union else "")
            grouped = self._grouped(conforming, f">= {count}")
            found += self._without(grouped, all(one.exact for one in failing))
        if most:
            one = self._conforming(shape, self._values)
            grouped = self._grouped(one.pattern, f"> {count_of(one_of(most))}")
            found.append(self._focused(grouped, one.exact))
        return found

    def _sparql(self, constraint: Node) -> list[Found]:
        x, few = self._focus.node, self._focus.few
        asked = queries.question(self._shapes, constraint, x, few=few)
        if asked is None:
            return []
        scan = None if few else asked.scan()
        pattern = f"{self._focus.pattern} {asked}" if few else str(asked)
        if scan is not None:
            pattern = f"{scan} {asked.pattern}"
        nodes = f"{{ SELECT DISTINCT {x} {{ {pattern} }} }}"
        whole = f"{{ {nodes} {self._focus.pattern} }}"
        # Where patterns are subtracted, asking twice is dearer than the focus nodes.
        dear = scan is not None or "MINUS" in pattern or "EXISTS" in pattern
        found = [Found(whole, False, probe=None if dear else self._probe(pattern), scan=scan)]
        if self._focus.literals:
            # rdflib takes false, 0 and "" for no binding of $this at all.
            found.append(Found(f"{{ {self._focus.pattern} FILTER (isLiteral({x})) }}", False))
        return found


Constraint.table = {
    **Rules.table,
    SH["not"]: Constraint._not,
    SH["and"]: Constraint._and,
    SH["or"]: Constraint._or,
    SH.xone: Constraint._xone,
    SH.node: Constraint._node,
    SH.property: Constraint._property,
    SH.qualifiedValueShape: Constraint._qualified,
    SH.sparql: Constraint._sparql,
}
