"""Blank nodes → stable IRIs (RDF 1.1 Concepts, section 3.5).

A release holds no blank nodes: otherwise two releases could not be compared statement by
statement, and a query would name the same node differently each time. The name of a node is made
from where it hangs and what it says, so the same file gives the same names again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from typing import Any

import pyoxigraph as ox

from ..i18n import Message
from ..namespaces import GENID
from . import knots
from .knots import digest

NO_TRIPLE_TERMS = Message("triple terms (RDF 1.2) are not supported")
Links = dict[ox.BlankNode, list[ox.Triple]]


class Unnameable(ValueError):
    """Statements that a release cannot hold."""

    def __init__(self, message: Message) -> None:
        self.message = message
        super().__init__(str(message))


def skolemize(triples: Iterable[ox.Triple], scope: str) -> Iterator[ox.Triple]:
    """The triples, each once, with blank nodes replaced by IRIs under ``.well-known/genid/``.

    ``scope`` (the graph's IRI) keeps nodes of different graphs apart. Nodes, or groups of nodes,
    that hang at the same place and say the same become one, which RDF's semantics allows.
    Raises `Unnameable`.
    """
    given = list(dict.fromkeys(triples))
    yield from dict.fromkeys(renamed(given, names(given, scope)))


def names(given: Collection[ox.Triple], scope: str) -> dict[ox.BlankNode, ox.NamedNode]:
    """The IRI of each blank node of ``given``, whose triples stand once each. See `skolemize`."""
    if any(isinstance(t.subject, ox.Triple) or isinstance(t.object, ox.Triple) for t in given):
        raise Unnameable(NO_TRIPLE_TERMS)
    about: Links = defaultdict(list)
    parents: Links = defaultdict(list)
    for triple in given:
        if isinstance(triple.subject, ox.BlankNode):
            about[triple.subject].append(triple)
        if isinstance(triple.object, ox.BlankNode):
            parents[triple.object].append(triple)
    found: dict[ox.BlankNode, ox.NamedNode] = {}
    for nodes in _components(about, parents):
        order = _leaves_first(about, nodes)
        if order is None or any(len(parents[node]) > 1 for node in nodes):
            found |= _knot_names(nodes, order, about, parents, scope)
        else:
            found |= _tree_names(order, about, parents, scope)
    return found


def _components(about: Links, parents: Links) -> Iterator[list[ox.BlankNode]]:
    """The blank nodes, in groups that no statement connects."""
    done: set[ox.BlankNode] = set()
    for start in (*about, *parents):
        if start in done:
            continue
        done.add(start)
        group = [start]
        for node in group:
            near = [t.object for t in about.get(node, ())]
            near += [t.subject for t in parents.get(node, ())]
            for other in near:
                if isinstance(other, ox.BlankNode) and other not in done:
                    done.add(other)
                    group.append(other)
        yield group


def renamed(
    triples: Iterable[ox.Triple], names: dict[ox.BlankNode, ox.NamedNode]
) -> Iterator[ox.Triple]:
    """The triples, in their order, with ``names`` for their blank nodes."""
    return (
        ox.Triple(_named(t.subject, names), t.predicate, _named(t.object, names)) for t in triples
    )


def _named(term: Any, names: dict[ox.BlankNode, ox.NamedNode]) -> Any:
    return names[term] if isinstance(term, ox.BlankNode) else term


def _leaves_first(about: Links, nodes: Iterable[ox.BlankNode]) -> list[ox.BlankNode] | None:
    """The nodes with children before parents; None when they form a cycle.

    Without recursion: a list of 10,000 members is 10,000 levels deep.
    """
    order: list[ox.BlankNode] = []
    done: set[ox.BlankNode] = set()
    open_: set[ox.BlankNode] = set()
    for start in nodes:
        stack = [start]
        while stack:
            node = stack[-1]
            if node in done:
                stack.pop()
                continue
            children = [t.object for t in about.get(node, ()) if isinstance(t.object, ox.BlankNode)]
            waiting = [child for child in children if child not in done]
            if not waiting:
                open_.discard(node)
                done.add(node)
                order.append(node)
                stack.pop()
            elif node in open_:
                return None  # it waits for itself
            else:
                open_.add(node)
                stack.extend(waiting)
    return order


def _contents(leaves_first: Iterable[ox.BlankNode], about: Links) -> dict[ox.BlankNode, str]:
    """What each node says, down to the leaves."""
    content: dict[ox.BlankNode, str] = {}
    for node in leaves_first:
        content[node] = digest(
            *sorted(
                f"{t.predicate} {content.get(t.object, str(t.object))}"  # type: ignore[arg-type]
                for t in about.get(node, ())
            )
        )
    return content


def _tree_names(
    leaves_first: list[ox.BlankNode], about: Links, parents: Links, scope: str
) -> dict[ox.BlankNode, ox.NamedNode]:
    content = _contents(leaves_first, about)
    names: dict[ox.BlankNode, ox.NamedNode] = {}
    for node in reversed(leaves_first):
        above = parents[node]
        if above:
            subject = above[0].subject
            place = names[subject] if isinstance(subject, ox.BlankNode) else subject
            names[node] = _name(scope, str(place), str(above[0].predicate), content[node])
        else:
            names[node] = _name(scope, content[node])
    return names


def _knot_names(
    nodes: Collection[ox.BlankNode],
    leaves_first: list[ox.BlankNode] | None,
    about: Links,
    parents: Links,
    scope: str,
) -> dict[ox.BlankNode, ox.NamedNode]:
    links = dict.fromkeys(t for node in nodes for t in (*about.get(node, ()), *parents[node]))
    try:
        found = knots.names(nodes, links, _contents(leaves_first or (), about))
    except knots.Tangled:
        raise Unnameable(
            Message(
                "%(count)s blank nodes are tangled and cannot be told apart; give them IRIs",
                count=len(nodes),
            )
        ) from None
    return {node: _name(scope, name) for node, name in found.items()}


def _name(*parts: str) -> ox.NamedNode:
    return ox.NamedNode(GENID + digest(*parts)[:32])
