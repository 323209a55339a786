"""Random Turtle and TriG, nested in every way: the places' reading agrees with the parser's order.

Each value is a number of its own or hangs at one, so that a place that was off by one statement
would be seen: at the place of a statement stands its own number.
"""

from __future__ import annotations

from itertools import count

import pyoxigraph as ox
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from coi_graph.errors import UnreadableInput
from coi_graph.intake import reading
from coi_graph.intake.limits import Limits

SPACE = st.sampled_from([" ", "\n", '  # note ; . [ " \n', "\t", "\r\n"])
PLAIN = st.sampled_from([
    "%d", "%d.5", "-%d", '"%d"', '"%d"@da', '"%d"^^:t', "'%d'", '"""%d\n"x" """', ":n%d", "<u:%d>",
    "_:b%d", '"%d . ; [ ("', ":n%d.x", "'''%d'''@en-GB",
])  # fmt: skip
NAME = st.sampled_from(["a", ":p", "<u:q>"])


def bracketed(inner: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    """Lists and nested records of ``inner``."""
    lists = st.lists(inner, max_size=4).map(lambda v: ["(", *v, ")"])
    pairs = st.tuples(NAME, st.lists(inner, min_size=1, max_size=3))
    return lists | st.lists(pairs, max_size=3).map(lambda v: ["[", *v, "]"])


VALUE = st.recursive(PLAIN, bracketed, max_leaves=12)
SUBJECT = st.sampled_from([":s%d", "<u:s%d>", "_:s%d", "(%d)", '("%d" [])', "[:i %d]", "[]"])
PAIR = st.tuples(st.just(":p%d"), st.lists(VALUE, min_size=1, max_size=3))
STATEMENT = st.tuples(SUBJECT, st.lists(PAIR, min_size=1, max_size=3))


def written(statements: list[object], draw: st.DataObject) -> str:
    numbers = count(1)

    def number(pattern: str) -> str:
        return pattern.replace("%d", str(next(numbers)))

    def value(one: object) -> list[str]:
        if isinstance(one, str):
            return [number(one)]
        assert isinstance(one, list)
        if one[0] == "(":
            return ["(", *(token for item in one[1:-1] for token in value(item)), ")"]
        return ["[", *properties(one[1:-1]), "]"]

    def properties(pairs: object) -> list[str]:
        tokens: list[str] = []
        for name, values in pairs:  # type: ignore[attr-defined]
            tokens += [";"] if tokens else []
            tokens.append(number(name))
            for index, one in enumerate(values):
                tokens += [",", *value(one)] if index else value(one)
        return tokens

    tokens = []
    for subject, pairs in statements:  # type: ignore[misc]
        tokens += [number(subject), *properties(pairs), "."]
    space = draw.draw(st.lists(SPACE, min_size=3, max_size=3))
    return "".join(token + space[index % 3] for index, token in enumerate(tokens))


@given(st.lists(STATEMENT, min_size=1, max_size=4), st.data())
@settings(max_examples=300)
def test_every_statement_is_found_where_its_number_stands(
    statements: list[object], data: st.DataObject
) -> None:
    body = written(statements, data)
    head = "@prefix : <https://e.example/> .\n"
    for name, text in {
        "f.ttl": head + body,
        "f.trig": f"{head}:g {{ {body} }} {{ {body} }}",
    }.items():
        try:
            sent = reading.read(name, text.encode(), None, Limits())
        except UnreadableInput as error:  # many nodes of which nothing different is said
            assume("cannot be told apart" not in str(error))
            raise
        index = sent.places.index  # type: ignore[attr-defined]
        assert index, text
        for quad in sent.quads:
            assert (quad.subject, quad.predicate, quad.object) in index, text
            at = index[quad.subject, quad.predicate, quad.object]
            own = _number(quad.object)
            if own is not None:
                assert own in text[at : at + len(own) + 4], (text, quad)


def _number(term: object) -> str | None:
    """The number that the term was written with."""
    if isinstance(term, ox.Literal):
        return "".join(c for c in term.value.split(".")[0] if c.isdigit()) or None
    if isinstance(term, ox.NamedNode) and "genid" not in term.value and "#nil" not in term.value:
        return "".join(c for c in term.value if c.isdigit()) or None
    return None
