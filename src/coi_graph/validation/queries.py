"""The SPARQL constraints of the shapes, evaluated by rdflib: read once, compared right, and able to
see the shapes graph.

pySHACL hands over the text of a constraint for every focus node anew (measured: parsing it each
time makes it 6 to 7 times slower), calls the data graph's own ``query``, and knows no
`$shapesGraph` (https://www.w3.org/TR/shacl/#sparql-constraints-prebound). So the data graph that it
is given is one of ours.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator, Sequence
from types import MethodType
from typing import Any, Final, Protocol

from rdflib import XSD, Dataset, Graph, Literal, URIRef
from rdflib.namespace import NamespaceManager
from rdflib.plugins.sparql import prepareQuery
from rdflib.plugins.sparql.operators import RelationalExpression
from rdflib.plugins.sparql.parserutils import CompValue, Expr
from rdflib.plugins.sparql.sparql import Query, SPARQLError
from rdflib.query import Result
from rdflib.store import Store
from rdflib.term import Node

from ..namespaces import GRAPH

#: What `$shapesGraph` is bound to: the name of the graph that a query may read the shapes in.
SHAPES_GRAPH: Final = URIRef(GRAPH + "shapes")
# pySHACL refuses a query that names `$shapesGraph`; under another name it lets it pass.
VARIABLE: Final = "graphOfTheShapes"
_PREBOUND: Final = re.compile(r"[$?]shapesGraph\b")
_REBOUND: Final = re.compile(r"\bAS\s+[$?]shapesGraph\b", re.IGNORECASE)

_SHORTENED: Final = 20_000

_ORDERS: Final = frozenset(("<", ">", "<=", ">="))
_NUMBERS: Final = frozenset(
    (
        XSD.integer, XSD.decimal, XSD.double, XSD.float, XSD.byte, XSD.int, XSD.long,
        XSD.negativeInteger, XSD.nonNegativeInteger, XSD.nonPositiveInteger, XSD.positiveInteger,
        XSD.short, XSD.unsignedByte, XSD.unsignedInt, XSD.unsignedLong, XSD.unsignedShort,
    )
)  # fmt: skip


def with_shapes_graph(text: str) -> str:
    """The query with `$shapesGraph` under the name that `DataGraph` binds."""
    return text if _REBOUND.search(text) else _PREBOUND.sub(f"${VARIABLE}", text)


class Shortcut(Protocol):
    """Says beforehand, where it can, that a constraint's query finds nothing."""

    def texts(self, shape: Node) -> Sequence[str]:
        """All queries of the shape's own `sh:sparql`; none where it cannot answer for all."""

    def is_empty(self, text: str, focus: Node) -> bool:
        """Whether the query certainly finds nothing for ``focus``."""


class Names(NamespaceManager):
    """The prefixes that rdflib knows, as for a graph that pySHACL makes itself. pySHACL binds one
    and shortens several IRIs for each result, in a text that nobody reads."""

    def __init__(self) -> None:
        self._short: dict[str, str] = {}
        super().__init__(Graph())

    def bind(self, *args: Any, **options: Any) -> None:
        if not self._short:
            super().bind(*args, **options)

    def normalizeUri(self, rdfTerm: str) -> str:
        short = self._short.get(rdfTerm)
        if short is None:
            if len(self._short) > _SHORTENED:
                self._short.clear()
            short = self._short[rdfTerm] = super().normalizeUri(rdfTerm)
        return short


class Queries:
    """The prepared queries of one shapes graph, by their text."""

    def __init__(self, shapes: Graph) -> None:
        self.shapes = shapes
        self.names = Names()
        self._prefixes = dict(self.names.namespaces())
        self._prepared: dict[str, Query] = {}

    def prepared(self, text: str) -> Query:
        query = self._prepared.get(text)
        if query is None:
            query = prepareQuery(text, initNs=self._prefixes)
            _correct(query.algebra)
            self._prepared[text] = query
        return query


class DataGraph(Graph):
    """The triples of another graph, for one pySHACL run."""

    def __init__(self, data: Graph, queries: Queries, shortcut: Shortcut | None = None) -> None:
        super().__init__(store=data.store, identifier=data.identifier)
        self._shortcut = shortcut
        self.namespace_manager = queries.names
        self._queries = queries

    def __bool__(self) -> bool:
        """pySHACL asks for each result whether there is a graph; to rdflib that means to count."""
        return True

    def query(self, query_object: str | Query, *args: Any, **options: Any) -> Result:
        if not isinstance(query_object, str):
            return super().query(query_object, *args, **options)
        bindings = options.get("initBindings") or {}
        if (
            self._shortcut is not None
            and bindings.keys() == {"this"}
            and self._shortcut.is_empty(query_object, bindings["this"])
        ):
            nothing = Result("SELECT")
            nothing.bindings = []
            return nothing
        query = self._queries.prepared(query_object)
        if VARIABLE not in query_object:
            return super().query(query, *args, **options)
        options["initBindings"] = {**bindings, VARIABLE: SHAPES_GRAPH}
        return Dataset(store=_Beside(self, self._queries.shapes)).query(query, *args, **options)


class _Beside(Store):
    """The data as default graph and the shapes as a named one."""

    context_aware = True
    graph_aware = True

    def __init__(self, data: Graph, shapes: Graph) -> None:
        super().__init__()
        self._data, self._shapes = data, shapes

    def triples(self, triple_pattern: Any, context: Graph | None = None) -> Iterator[Any]:
        named = context is not None and context.identifier == SHAPES_GRAPH
        for triple in (self._shapes if named else self._data).triples(triple_pattern):
            yield triple, iter((context,))

    def contexts(self, triple: Any = None) -> Generator[Graph, None, None]:
        yield Graph(store=self, identifier=SHAPES_GRAPH)

    def add_graph(self, graph: Graph) -> None:
        """Nothing to do: there are the two."""


def _correct(part: object) -> None:
    """Gives each comparison beneath ``part`` the operator of `_compare`."""
    if isinstance(part, Expr) and part.name == "RelationalExpression":
        part._evalfn = MethodType(_compare, part)
    if isinstance(part, CompValue):
        for value in part.values():
            _correct(value)
    elif isinstance(part, list | tuple):
        for value in part:
            _correct(value)


def _compare(expression: Expr, context: Any) -> Literal:
    """rdflib orders unlike datatypes by the names of the datatypes, so that every date is less
    than every string; SPARQL says that is a type error
    (https://www.w3.org/TR/sparql11-query/#OperatorMapping)."""
    if expression.op in _ORDERS and not _comparable(expression.expr, expression.other):
        raise SPARQLError("these two cannot be ordered")
    return RelationalExpression(expression, context)


def _comparable(one: object, other: object) -> bool:
    if not (isinstance(one, Literal) and isinstance(other, Literal)):
        return True  # rdflib's own error
    if one.ill_typed or other.ill_typed or one.language != other.language:
        return False
    first, second = one.datatype or XSD.string, other.datatype or XSD.string
    return first == second or (first in _NUMBERS and second in _NUMBERS)
