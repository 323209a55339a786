"""Blank nodes → IRIs: stable, apart, and nothing lost.

The oracle for "says the same" is rdflib.compare, which knows nothing of our names.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable

import pyoxigraph as ox
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rdflib import BNode, Graph, Literal, URIRef
from rdflib.compare import isomorphic
from rdflib.term import Node

from coi_graph.intake.skolem import skolemize
from coi_graph.namespaces import GENID

SCOPE = "https://w3id.org/coi-graph/graph/data/x"
EX = "http://example.org/"
FIRST = ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#first")
REST = ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#rest")
NIL = ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#nil")

Triples = list[ox.Triple]


def turtle(text: str) -> Triples:
    head = f"@prefix : <{EX}> .\n"
    return [q.triple for q in ox.parse(head + text, format=ox.RdfFormat.TURTLE)]


def skolemized(triples: Iterable[ox.Triple], scope: str = SCOPE) -> set[ox.Triple]:
    return set(skolemize(triples, scope))


def renamed(triples: Triples, seed: int) -> Triples:
    """The same graph: other labels, another order."""
    rng = random.Random(seed)
    nodes = sorted({str(t) for triple in triples for t in triple if isinstance(t, ox.BlankNode)})
    labels = [f"n{number}" for number in range(len(nodes))]
    rng.shuffle(labels)
    new = dict(zip(nodes, map(ox.BlankNode, labels), strict=True))

    def other(term: object) -> object:
        return new[str(term)] if isinstance(term, ox.BlankNode) else term

    result = [
        ox.Triple(other(t.subject), t.predicate, other(t.object))  # type: ignore[arg-type]
        for t in triples
    ]
    rng.shuffle(result)
    return result


def blank_again(triples: Iterable[ox.Triple]) -> Graph:
    """As an rdflib graph in which the names made by `skolemize` are blank."""

    def term(value: object) -> Node:
        if isinstance(value, ox.NamedNode):
            iri = value.value
            return BNode(iri.removeprefix(GENID)) if iri.startswith(GENID) else URIRef(iri)
        if isinstance(value, ox.BlankNode):
            return BNode("given" + value.value)
        assert isinstance(value, ox.Literal)
        return Literal(value.value)

    graph = Graph()
    for triple in triples:
        graph.add((term(triple.subject), term(triple.predicate), term(triple.object)))
    return graph


def has_blank_nodes(triples: Iterable[ox.Triple]) -> bool:
    return any(isinstance(term, ox.BlankNode) for triple in triples for term in triple)


names = st.sampled_from([ox.NamedNode(EX + local) for local in "abc"])
predicates = st.sampled_from([ox.NamedNode(EX + local) for local in ("p", "q")])
literals = st.sampled_from([ox.Literal("x"), ox.Literal("y")])
blanks = st.sampled_from([ox.BlankNode(f"b{number}") for number in range(6)])
graphs = st.lists(
    st.builds(ox.Triple, names | blanks, predicates, names | literals | blanks | blanks),
    max_size=12,
)


@st.composite
def trees(draw: st.DrawFn) -> Triples:
    """Graphs in which each blank node hangs at most once, and none hangs below itself."""
    triples: Triples = []
    size = draw(st.integers(1, 12))
    nodes = [ox.BlankNode(f"t{number}") for number in range(size)]
    for number, node in enumerate(nodes):
        above = draw(st.none() | names | (st.sampled_from(nodes[:number]) if number else names))
        if above is not None:
            triples.append(ox.Triple(above, draw(predicates), node))
        for _ in range(draw(st.integers(0, 2))):
            triples.append(ox.Triple(node, draw(predicates), draw(names | literals)))
    return triples


@given(graphs | trees(), st.integers())
@example(turtle("_:a :p _:b . _:b :p _:a ."), 1)
@example(turtle(":s :p [ :p 1 ] , [ :p 1 ] ."), 2)
def test_labels_and_order_do_not_matter(triples: Triples, seed: int) -> None:
    assert skolemized(renamed(triples, seed)) == skolemized(triples)


@given(graphs | trees(), st.data())
def test_saying_something_twice_does_not_matter(triples: Triples, data: st.DataObject) -> None:
    again = data.draw(st.lists(st.sampled_from(triples), max_size=3) if triples else st.just([]))
    assert skolemized(triples + again) == skolemized(triples)


@given(graphs | trees())
def test_no_blank_node_is_left(triples: Triples) -> None:
    assert not has_blank_nodes(skolemized(triples))


@given(graphs | trees())
def test_what_had_no_blank_node_is_as_it_was(triples: Triples) -> None:
    ground = {triple for triple in triples if not has_blank_nodes([triple])}
    assert ground <= skolemized(triples)
    assert skolemized(ground) == ground


@given(graphs | trees())
@example(turtle("_:a :p _:a . _:b :p _:b ."))
@example(turtle(":s :p [ :q [ :q 1 ] ] , [ :q [ :q 1 ] ] ."))
def test_nothing_is_lost_and_nothing_invented(triples: Triples) -> None:
    result, given = blank_again(skolemized(triples)), blank_again(triples)
    assert entails(given, result)
    assert entails(result, given)
    if len(result) == len(given):  # nothing was said twice: the very same graph
        assert isomorphic(result, given)


def entails(whole: Graph, part: Graph) -> bool:
    """Simple entailment by its definition (RDF 1.1 Semantics, section 5.3): some way to read the
    blank nodes of ``part`` as terms of ``whole`` makes each of its triples one of ``whole``."""
    wanted = sorted(part, key=lambda t: sum(isinstance(term, BNode) for term in t))

    def fits(position: int, reading: dict[Node, Node]) -> bool:
        if position == len(wanted):
            return True
        subject, predicate, object = (reading.get(term, term) for term in wanted[position])
        pattern = (
            None if isinstance(subject, BNode) and subject in blank else subject,
            predicate,
            None if isinstance(object, BNode) and object in blank else object,
        )
        for s, _, o in whole.triples(pattern):
            more = {**reading}
            if all(
                more.setdefault(term, found) == found
                for term, found in ((wanted[position][0], s), (wanted[position][2], o))
                if isinstance(term, BNode)
            ) and fits(position + 1, more):
                return True
        return False

    blank = {term for triple in part for term in triple if isinstance(term, BNode)}
    return fits(0, {})


@given(graphs | trees())
def test_graphs_are_kept_apart_by_their_scope(triples: Triples) -> None:
    def made(scope: str) -> set[str]:
        return {
            term.value
            for triple in skolemized(triples, scope)
            for term in triple
            if isinstance(term, ox.NamedNode) and term.value.startswith(GENID)
        }

    assert not made(SCOPE) & made(SCOPE + "2")


@pytest.mark.parametrize(
    ("text", "count"),
    [
        (":s :p [ :q 1 ] .", 1),
        (":s :p [ :q 1 ] , [ :q 2 ] .", 2),
        (":s :p [ :q 1 ] ; :q [ :q 1 ] .", 2),  # they hang at different places
        (":s :p [ :q 1 ] . :t :p [ :q 1 ] .", 2),
        (":s :p [ :q 1 ] , [ :q 1 ] .", 1),  # the same, said twice
        (":s :p [ :q [ :q 1 ] ] , [ :q [ :q 1 ] ] .", 2),
        (":s :p [] , [] .", 1),
        ("[] :q 1 . [] :q 1 . [] :q 2 .", 2),
        (":s :p _:x . :t :p _:x .", 1),  # shared
        ("_:x :p _:x .", 1),
        ("_:x :p _:y . _:y :p _:x .", 2),
        (":s :p _:x . _:x :p _:y . _:y :p _:x .", 2),
        (":s :p (1 2 3) .", 3),
        (":s :p (1 2 3) , (1 2 3) .", 3),
        (":s :p (1 2 3) , (1 2 4) .", 6),
    ],
)
def test_how_many_nodes_there_are(text: str, count: int) -> None:
    made = {
        term
        for triple in skolemized(turtle(text))
        for term in triple
        if isinstance(term, ox.NamedNode) and term.value.startswith(GENID)
    }
    assert len(made) == count


def test_a_node_keeps_its_name_while_others_come_and_go() -> None:
    alone = skolemized(turtle(":s :p [ :q 1 ; :r ( 1 2 ) ] ."))
    among = skolemized(turtle(":s :p [ :q 1 ; :r ( 1 2 ) ] , [ :q 2 ] . :t :p ( 1 ) ."))
    assert alone <= among


def test_a_node_that_says_something_else_is_another_node() -> None:
    one, two = skolemized(turtle(":s :p [ :q 1 ] .")), skolemized(turtle(":s :p [ :q 2 ] ."))
    assert not one & two


def list_of(size: int) -> Triples:
    triples = [ox.Triple(ox.NamedNode(EX + "s"), ox.NamedNode(EX + "p"), ox.BlankNode("l0"))]
    for number in range(size):
        node = ox.BlankNode(f"l{number}")
        after = ox.BlankNode(f"l{number + 1}") if number + 1 < size else NIL
        triples.append(ox.Triple(node, FIRST, ox.Literal(number)))
        triples.append(ox.Triple(node, REST, after))
    return triples


def shared_list_of(size: int) -> Triples:
    return [
        *list_of(size),
        ox.Triple(ox.NamedNode(EX + "t"), ox.NamedNode(EX + "p"), ox.BlankNode("l0")),
    ]


@pytest.mark.parametrize("make", [list_of, shared_list_of])
def test_a_list_of_10_000_members(make: Callable[[int], Triples]) -> None:
    triples = make(10_000)
    result = skolemized(triples)
    assert len(result) == len(triples)
    assert not has_blank_nodes(result)
    after = {t.subject: t.object for t in result if t.predicate == REST}
    value = {t.subject: t.object for t in result if t.predicate == FIRST}
    (node,) = {t.object for t in result if t.predicate == ox.NamedNode(EX + "p")}
    members = []
    while node != NIL:
        members.append(value[node])
        node = after[node]
    assert members == [ox.Literal(number) for number in range(10_000)]
    assert skolemized(renamed(triples, 7)) == result


def test_a_ring_of_500() -> None:
    next_ = ox.NamedNode(EX + "next")
    ring = [
        ox.Triple(ox.BlankNode(f"r{n}"), next_, ox.BlankNode(f"r{(n + 1) % 500}"))
        for n in range(500)
    ]
    ring.append(ox.Triple(ox.BlankNode("r0"), next_, ox.Literal("start")))
    result = skolemized(ring)
    assert len(result) == 501
    assert skolemized(renamed(ring, 3)) == result


@pytest.mark.parametrize(
    "text",
    [
        # two squares and a ring of eight: each node looks like the others from nearby
        "_:a :p _:b . _:b :p _:c . _:c :p _:d . _:d :p _:a . "
        "_:e :p _:f . _:f :p _:g . _:g :p _:h . _:h :p _:e . ",
        "".join(f"_:n{n} :p _:n{(n + 1) % 8} . " for n in range(8)),
        # the same, connected by a node of their own
        "_:a :p _:b . _:b :p _:c . _:c :p _:d . _:d :p _:a . "
        "_:e :p _:f . _:f :p _:g . _:g :p _:h . _:h :p _:e . "
        + "".join(f"_:hub :p _:{n} . " for n in "abcdefgh"),
        # everybody knows everybody
        "".join(f"_:n{a} :p _:n{b} . " for a in range(5) for b in range(5) if a != b),
        # the corners of a cube
        "".join(f"_:n{a} :p _:n{a ^ b} . " for a in range(8) for b in (1, 2, 4)),
    ],
)
def test_nodes_that_look_alike_are_told_apart(text: str) -> None:
    triples = turtle(text)
    result = skolemized(triples)
    for seed in range(5):
        assert skolemized(renamed(triples, seed)) == result
    assert entails(blank_again(result), blank_again(triples))
    assert entails(blank_again(triples), blank_again(result))


def test_one_shared_node_does_not_rename_the_rest_of_the_file() -> None:
    lists = ":s :p ( 0 0 0 ) , [ :q 1 ] . "
    alone, beside = skolemized(turtle(lists)), skolemized(turtle(lists + ":s :p _:x . :t :p _:x ."))
    assert alone <= beside


def test_a_knot_that_would_take_for_ever_is_refused() -> None:
    everybody = [(a, b) for a in range(12) for b in range(12) if a != b]
    knot = turtle("".join(f"_:n{a} :p _:n{b} . " for a, b in everybody))
    start = time.monotonic()
    with pytest.raises(ValueError, match="12 blank nodes are tangled"):
        skolemized(knot)
    assert time.monotonic() - start < 60


def test_a_long_list_of_equal_values_that_is_shared() -> None:
    triples = turtle(f":s :p _:x . :t :p _:x . _:x :q ({' 0' * 5000}) .")
    result = skolemized(triples)
    assert len(result) == len(triples)
    assert skolemized(renamed(triples, 5)) == result


@pytest.mark.parametrize("text", [":s :p <<( :a :b :c )>> .", ":s :p :o {| :q 1 |} ."])
def test_triple_terms_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="triple terms"):
        skolemized(turtle(text))
