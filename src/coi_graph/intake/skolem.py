"""Blank nodes → stable IRIs (RDF 1.1 Concepts, section 3.5).

A release holds no blank nodes: otherwise two releases could not be compared statement by
statement, and a query would name the same node differently each time. The name of a node is made
from where it hangs and what it says, so the same file gives the same names again.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

import pyoxigraph as ox

from ..namespaces import GENID


def skolemize(triples: Iterable[ox.Triple], scope: str) -> Iterator[ox.Triple]:
    """The triples with each blank node replaced by an IRI under ``.well-known/genid/``.

    ``scope`` (the graph's IRI) keeps nodes of different graphs apart. Two nodes that hang at the
    same place and say the same become one, which RDF's semantics allows.
    """
    given = list(triples)
    if any(isinstance(t.subject, ox.Triple) or isinstance(t.object, ox.Triple) for t in given):
        raise ValueError("triple terms are not supported")
    about: dict[ox.BlankNode, list[ox.Triple]] = defaultdict(list)
    parents: dict[ox.BlankNode, list[ox.Triple]] = defaultdict(list)
    for triple in given:
        if isinstance(triple.subject, ox.BlankNode):
            about[triple.subject].append(triple)
        if isinstance(triple.object, ox.BlankNode):
            parents[triple.object].append(triple)
    nodes = about.keys() | parents.keys()
    if not nodes:
        yield from given
        return
    order = _leaves_first(about, nodes)
    if order is None or any(len(parents[node]) > 1 for node in nodes):
        yield from _canonical(given, scope)  # nodes that are shared, or that form a cycle
    else:
        yield from _renamed(given, _tree_names(order, about, parents, scope))


def _renamed(
    triples: Iterable[ox.Triple], names: dict[ox.BlankNode, ox.NamedNode]
) -> list[ox.Triple]:
    return [
        ox.Triple(_named(t.subject, names), t.predicate, _named(t.object, names)) for t in triples
    ]


def _named(term: Any, names: dict[ox.BlankNode, ox.NamedNode]) -> Any:
    return names[term] if isinstance(term, ox.BlankNode) else term


def _leaves_first(
    about: dict[ox.BlankNode, list[ox.Triple]], nodes: Iterable[ox.BlankNode]
) -> list[ox.BlankNode] | None:
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


def _tree_names(
    leaves_first: list[ox.BlankNode],
    about: dict[ox.BlankNode, list[ox.Triple]],
    parents: dict[ox.BlankNode, list[ox.Triple]],
    scope: str,
) -> dict[ox.BlankNode, ox.NamedNode]:
    content: dict[ox.BlankNode, str] = {}
    for node in leaves_first:
        content[node] = _digest(
            *sorted(
                f"{t.predicate} {content.get(t.object, str(t.object))}"  # type: ignore[arg-type]
                for t in about.get(node, ())
            )
        )
    names: dict[ox.BlankNode, ox.NamedNode] = {}
    for node in reversed(leaves_first):
        above = parents[node]
        if above:
            subject = above[0].subject
            place = names[subject] if isinstance(subject, ox.BlankNode) else subject
            name = _digest(scope, str(place), str(above[0].predicate), content[node])
        else:
            name = _digest(scope, content[node])
        names[node] = ox.NamedNode(GENID + name[:32])
    return names


def _canonical(given: list[ox.Triple], scope: str) -> list[ox.Triple]:
    """The triples with RDFC-1.0 labels (https://www.w3.org/TR/rdf-canon/) made into IRIs."""
    dataset = ox.Dataset(ox.Quad(t.subject, t.predicate, t.object) for t in given)
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    quads = sorted(dataset, key=str)
    touching = (q for q in quads if ox.BlankNode in (type(q.subject), type(q.object)))
    whole = _digest(scope, *(str(quad) for quad in touching))
    names = {
        term: ox.NamedNode(GENID + _digest(whole, term.value)[:32])
        for quad in quads
        for term in (quad.subject, quad.object)
        if isinstance(term, ox.BlankNode)
    }
    return _renamed((quad.triple for quad in quads), names)


def _digest(*parts: str) -> str:
    return hashlib.sha256("\x00".join(parts).encode("utf-8")).hexdigest()
