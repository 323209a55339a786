"""The triples that a SPARQL constraint reads, as links of `read_paths`.

A variable becomes a place when a triple pattern connects it to one that is a place already; `$this`
is the first. Only the pattern that connected a variable is followed back from it (going back along
every pattern would find far too much), but every pattern is read.

A variable inside OPTIONAL, MINUS, EXISTS or a branch of UNION is that of the group around it only
where the group binds it in any case; otherwise it is another one of the same name, and must be
connected where it stands (https://www.w3.org/TR/sparql11-query/#sparqlAlgebra). What is not
connected is `Unreadable`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from rdflib import Literal, URIRef, Variable
from rdflib.paths import AlternativePath, InvPath, MulPath, NegatedPath, Path, SequencePath
from rdflib.plugins.sparql.parserutils import CompValue
from rdflib.term import BNode, Node

from ..i18n import Message
from . import queries, query_texts, read_paths
from .query_groups import THIS, WRAPPERS, Group, allowed_by, shared

if TYPE_CHECKING:
    from .judge import Judge
    from .read_paths import Place, ReadPaths

# Variables that are bound besides `$this`: by pySHACL, and by `queries`.
_ALSO_BOUND: Final = ("currentShape", queries.VARIABLE)

Name = Variable | BNode
Env = Mapping[Node, int]


def derive(paths: ReadPaths, judge: Judge, shape: Any, place: Place, values: Place) -> None:
    """Adds what the queries of ``shape`` read, evaluated at ``place`` with these values."""
    own = query_texts.texts(shape, query_texts.constraints(shape), None)
    if own:
        paths.texts[shape.node] = [text for text, _ in own]
    for text, constants in own:
        query = judge.queries.prepared(text)
        start = paths.place()
        paths.same(place, start)
        if not any(name in text for name in _ALSO_BOUND):
            paths.queries[text] = start
        _Reads(paths, constants).scope(query.algebra, {THIS: start}, {})
    for component in shape.find_custom_constraints():
        # Here `$value` is bound as well, to each value node in turn.
        for text, constants in query_texts.texts(
            shape, query_texts.validator(component, shape), query_texts.DUMMY
        ):
            query = judge.queries.prepared(text)
            env: dict[Node, int] = {THIS: place, Variable("value"): values}
            _Reads(paths, constants).scope(query.algebra, env, {})


class _Reads:
    def __init__(self, paths: ReadPaths, constants: Mapping[Node, Node]) -> None:
        self.paths = paths
        self.constants = constants
        self._allowed: dict[Node, frozenset[Node]] = {}

    def scope(
        self,
        part: CompValue,
        env: Env,
        known: Mapping[Node, list[_Condition]],
        joined: bool = False,
    ) -> dict[Node, int]:
        """Adds the reads of a group; returns its variables that are places in any case.

        ``joined``: the filters of the group around it hold for its solutions as well."""
        around = self._allowed
        if not joined:
            self._allowed = {}
        try:
            return self._scope(part, env, known)
        finally:
            self._allowed = around

    def _scope(
        self, part: CompValue, env: Env, known: Mapping[Node, list[_Condition]]
    ) -> dict[Node, int]:
        group = Group()
        group.gather(part)
        here = dict(env)
        conditions = self._conditions(group, known)
        for name in group.unknown:
            self._unreadable(here, Message("it uses %(term)s", term=name), None)
        waiting = list(group.triples)
        alternatives = list(group.alternatives)
        while True:
            waiting = self._connect(waiting, here, conditions)
            if not alternatives:
                break
            self._choose(alternatives.pop(0), here, conditions)
        if waiting:
            predicates = [p if isinstance(p, URIRef) else None for _, p, _ in waiting]
            all_known = None not in predicates
            self._unreadable(
                here,
                Message("its query looks at something that is not connected to $this"),
                frozenset(p for p in predicates if p is not None) if all_known else None,
            )
        for dependent in group.dependent:
            inner = self.scope(dependent.p2, here, conditions)
            self._exists(dependent.expr, {**here, **inner}, conditions)
        for expression in group.expressions:
            self._exists(expression, here, conditions)
        return here

    def _connect(
        self,
        triples: list[tuple[Any, Any, Any]],
        env: dict[Node, int],
        conditions: Mapping[Node, list[_Condition]],
    ) -> list[tuple[Any, Any, Any]]:
        """Reads the triples that are connected, nearest first; returns those that are not."""
        while True:
            near = set(env)
            rest = []
            for triple in triples:
                subject, _, value = triple
                if self._term(subject) in near or self._term(value) in near:
                    self._read(triple, env, conditions)
                else:
                    rest.append(triple)
            if len(rest) == len(triples):
                return rest
            triples = rest

    def _read(
        self,
        triple: tuple[Any, Any, Any],
        env: dict[Node, int],
        conditions: Mapping[Node, list[_Condition]],
    ) -> None:
        subject, predicate, value = (self._term(term) for term in triple)
        inverse = subject not in env
        near, far = (value, subject) if inverse else (subject, value)
        place = env[near]
        if isinstance(predicate, Path):
            after = self._path(place, predicate, inverse)
        else:
            along = predicate if isinstance(predicate, URIRef) else None
            needed = tuple(
                read_paths.Condition(at_end, one.predicate, one.inverse, one.values)
                for term, at_end in ((near, False), (far, True))
                for one in conditions.get(term, ())
                if one.triple is not triple
            )
            ends = self._allowed.get(far)
            if not isinstance(far, Variable | BNode):
                ends = frozenset((far,))
            if far in env or not isinstance(far, Variable | BNode):
                self.paths.read(read_paths.Link(place, along, inverse, ends, needed))
                return
            after = self.paths.step(place, along, inverse, ends, needed)
        if isinstance(far, Variable | BNode) and far not in env:
            env[far] = after

    def _choose(
        self,
        branches: list[CompValue],
        env: dict[Node, int],
        conditions: Mapping[Node, list[_Condition]],
    ) -> None:
        """UNION, or a subquery: what all branches bind is bound."""
        ends = []
        for branch in branches:
            seen: Env = env
            if branch.name in WRAPPERS:
                names = shared(branch)
                seen = {name: place for name, place in env.items() if name in names}
                inner = {name: some for name, some in conditions.items() if name in names}
                found = self.scope(branch, seen, inner)
                outward = {*(branch.PV or ()), THIS}
                ends.append({name: place for name, place in found.items() if name in outward})
            else:
                ends.append(self.scope(branch, seen, conditions, joined=True))
        for name in set(ends[0]).intersection(*ends[1:]) - set(env):
            place = self.paths.place()
            for end in ends:
                self.paths.same(end[name], place)
            env[name] = place

    def _path(self, place: int, path: Any, inverse: bool) -> int:
        paths = self.paths
        if isinstance(path, URIRef):
            return paths.step(place, path, inverse)
        if isinstance(path, InvPath):
            return self._path(place, path.arg, not inverse)
        if isinstance(path, SequencePath):
            for part in reversed(path.args) if inverse else path.args:
                place = self._path(place, part, inverse)
            return place
        if isinstance(path, AlternativePath):
            after = paths.place()
            for part in path.args:
                paths.same(self._path(place, part, inverse), after)
            return after
        if isinstance(path, MulPath):
            if path.mod == "?":
                after = self._path(place, path.path, inverse)
                paths.same(place, after)
                return after
            loop = paths.loop(place)
            paths.same(self._path(loop, path.path, inverse), loop)
            return loop
        assert isinstance(path, NegatedPath)
        after = paths.step(place, None, inverse)
        paths.same(paths.step(place, None, not inverse), after)
        return after

    def _exists(
        self, expression: Any, env: Env, conditions: Mapping[Node, list[_Condition]]
    ) -> None:
        """The groups of EXISTS and NOT EXISTS anywhere in an expression."""
        if isinstance(expression, CompValue):
            if expression.name in ("Builtin_EXISTS", "Builtin_NOTEXISTS"):
                self.scope(expression.graph, env, conditions)
                return
            for value in expression.values():
                self._exists(value, env, conditions)
        elif isinstance(expression, list | tuple):
            for value in expression:
                self._exists(value, env, conditions)

    def _conditions(
        self, group: Group, known: Mapping[Node, list[_Condition]]
    ) -> dict[Node, list[_Condition]]:
        """Variable → what the triples of the group ask of it, where that is one of a few terms."""
        found: dict[Node, list[_Condition]] = defaultdict(list)
        for name, some in known.items():
            found[name].extend(some)
        allowed = dict(allowed_by(group.filters))
        self._allowed = {**self._allowed, **allowed}
        for triple in group.triples:
            subject, predicate, value = (self._term(term) for term in triple)
            if not isinstance(predicate, URIRef):
                continue
            for name, other, inverse in ((subject, value, False), (value, subject, True)):
                values = allowed.get(other)
                if isinstance(other, URIRef | Literal):
                    values = frozenset((other,))
                if isinstance(name, Variable | BNode) and values is not None:
                    found[name].append(_Condition(triple, predicate, inverse, values))
        return found

    def _term(self, term: Any) -> Any:
        return self.constants.get(term, term) if isinstance(term, Variable) else term

    def _unreadable(self, env: Env, why: Message, predicates: frozenset[URIRef] | None) -> None:
        place = env[THIS]
        self.paths.unreadable[place].append(read_paths.Unreadable(why, predicates))


@dataclass(frozen=True, slots=True)
class _Condition:
    triple: tuple[Any, Any, Any]
    predicate: URIRef
    inverse: bool
    values: frozenset[Node]
