"""The named graphs of the shipped release."""

from __future__ import annotations

from collections import defaultdict

from coi_graph.store import Store, graph_of


def test_no_statement_stands_in_two_graphs(built_store: Store) -> None:
    """The engine does not make the union of graphs distinct: a query would count it twice."""
    graphs = defaultdict(set)
    for quad in built_store.quads():
        graphs[quad.triple].add(graph_of(quad))
    assert {str(t): names for t, names in graphs.items() if len(names) > 1} == {}


def test_no_blank_node_and_no_default_graph(built_store: Store) -> None:
    assert all(
        "_:" not in (str(quad.subject)[:2], str(quad.object)[:2]) and graph_of(quad)
        for quad in built_store.quads()
    )
