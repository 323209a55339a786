"""Our Turtle against Oxigraph's, of the same triples: byte for byte."""

from __future__ import annotations

import pyoxigraph as ox
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from coi_graph.description import document
from coi_graph.description.lookup import Lookup
from coi_graph.description.turtle import Turtle
from coi_graph.media import TURTLE
from coi_graph.namespaces import BASE, DEF, GENID, ID, SKOS, XSD
from coi_graph.store import Store

THING = ID + "role/x"
GRAPH = ox.NamedNode(BASE + "graph/test")


def both(lookup: Lookup, iri: str) -> tuple[bytes, bytes]:
    address = iri.replace("/id/", "/doc/")
    described = document.describe(lookup, iri, address, 7)
    assert described is not None
    expected = document.serialize(described.triples(lookup), TURTLE)
    return Turtle(lookup).write(described), expected


def test_every_thing_and_term_of_the_release(built_store: Store) -> None:
    lookup = Lookup(built_store)
    turtle = Turtle(lookup)
    iris = sorted(
        {
            quad.subject.value
            for quad in built_store.quads()
            if isinstance(quad.subject, ox.NamedNode) and quad.subject.value.startswith((ID, DEF))
        }
    )
    assert len(iris) > 1_000
    for iri in iris[::3]:
        described = document.describe(lookup, iri, iri.replace("/id/", "/doc/"), 7)
        assert described is not None
        expected = document.serialize(described.triples(lookup), TURTLE)
        assert turtle.write(described) == expected, iri


NAMES = st.lists(st.sampled_from([*"a1-_./,()~'!æ@:", "%20"]), max_size=6).map("".join)
NAMESPACES = st.sampled_from(
    [THING, THING + "/", ID + "role/", ID, DEF, SKOS, "http://e/", BASE + "doc/role/"]
)
IRIS = st.one_of(
    st.builds(lambda namespace, name: ox.NamedNode(namespace + name), NAMESPACES, NAMES),
    st.sampled_from([ox.NamedNode(GENID + name) for name in ("a", "b1")]),
)
DATATYPES = st.sampled_from(
    [XSD + name for name in ("integer", "decimal", "double", "boolean", "string", "dateTime")]
    + ["http://e/type", ID + "role/type/x"]
)
LITERALS = st.one_of(
    st.builds(ox.Literal, st.text()),
    st.builds(lambda text: ox.Literal(text, language="da"), st.text(max_size=4)),
    st.builds(
        lambda text, datatype: ox.Literal(text, datatype=ox.NamedNode(datatype)),
        st.sampled_from(["1", "+01", "1.50", "1.", "1e0", "INF", "true", "x\ty", ' " ']),
        DATATYPES,
    ),
)
STATEMENTS = st.lists(
    st.tuples(st.one_of(st.just(ox.NamedNode(THING)), IRIS), IRIS, st.one_of(IRIS, LITERALS)),
    max_size=12,
)


@settings(max_examples=200, deadline=None)
@example([(ox.NamedNode(THING), ox.NamedNode(DEF + "p"), ox.NamedNode(THING + "/a/b"))])
@given(STATEMENTS)
def test_whatever_is_said(statements: list[tuple[ox.NamedNode, ox.NamedNode, ox.Literal]]) -> None:
    said = ox.Quad(ox.NamedNode(THING), ox.NamedNode(SKOS + "prefLabel"), ox.Literal("x"), GRAPH)
    store = Store.in_memory([said, *(ox.Quad(*one, GRAPH) for one in statements)])
    written, expected = both(Lookup(store), THING)
    assert written == expected


@pytest.mark.parametrize("count", [0, 3, 400])
def test_a_bound_that_is_not_reached_leaves_nothing_out(count: int) -> None:
    thing, relation = ox.NamedNode(THING), ox.NamedNode(DEF + "hasRole")
    quads = [
        ox.Quad(ox.NamedNode(f"{ID}activity/{n}"), relation, thing, GRAPH) for n in range(count)
    ]
    quads.append(ox.Quad(thing, ox.NamedNode(SKOS + "prefLabel"), ox.Literal("x"), GRAPH))
    described = document.describe(Lookup(Store.in_memory(quads)), THING, THING, 1, most=100)
    assert described is not None
    assert (len(described.quads) < 100) == (count < 99)
    assert len(described.quads) <= 201
