"""The rewrite to hash joins: which queries it takes, that the rows stay the same, when it pays."""

from __future__ import annotations

import itertools
import random
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest
from asking import by_pool, stored
from hypothesis import given, settings
from hypothesis import strategies as st

from coi_graph.publishing.releases import Release
from coi_graph.query import joining
from coi_graph.query.errors import QueryRejected, QuerySyntaxError
from coi_graph.query.pieces import Pattern, Pieces, split
from coi_graph.query.planning import Counted, Step
from coi_graph.query.pool import WorkerPool

E = "http://e/"
STAR = "SELECT ?a WHERE { ?a <http://e/p> ?b ; <http://e/q> ?c . ?c <http://e/r> ?d }"
TAKEN = [
    STAR,
    "PREFIX : <http://e/> SELECT DISTINCT ?a { ?a a :C, :D . }",
    "PREFIX e: <http://e/>\n# all\nSELECT (COUNT(*) AS ?n) WHERE { ?a e:p 1 . ?a e:q true }",
    'PREFIX e: <http://e/> SELECT ?a { ?a e:p ?l FILTER(lang(?l) = "da") ?a e:q "x"@en }',
    'PREFIX e: <http://e/> SELECT ?a { ?a e:p ?l; e:q ?m FILTER langMatches(LANG(?l), "da"). }',
    "PREFIX e: <http://e/> SELECT ?a { ?a e:p ?b;; e:q ?c; . } ORDER BY ?a LIMIT 3",
    "PREFIX e: <http://e/> SELECT ?b (COUNT($a) AS ?m) { $a e:p ?b . ?a e:q '5'^^e:t } GROUP BY ?b",
    STAR.replace("SELECT ?a", "SELECT (COUNT(*) AS ?n)") + " LIMIT 1",
    STAR + " ORDER BY ?a LIMIT 5",
]
LEFT = [
    STAR.replace("SELECT ?a", "SELECT *"),  # the order of the columns is that of the patterns
    STAR.replace("SELECT ?a", "SELECT REDUCED ?a"),
    STAR.replace("SELECT ?a", "SELECT (SAMPLE(?a) AS ?x)"),
    STAR.replace("SELECT ?a", "SELECT (GROUP_CONCAT(?a) AS ?x)"),
    *(STAR.replace("SELECT ?a", f"SELECT ({name}(?a) AS ?x)") for name in ("SUM", "Avg", "MIN")),
    STAR.replace("SELECT ?a", "SELECT (RAND() AS ?x)"),
    STAR + " ORDER BYRAND()",
    STAR + " GROUP BY ?a HAVINGSUM(?c) > 1",
    STAR + " GROUP BY ?a LIMIT 5",  # any five
    STAR + " ORDER BY(?a)LIMIT5 OFFSET5".replace("ORDER BY(?a)", ""),
    STAR.replace("SELECT ?a", "CONSTRUCT"),
    STAR.replace("SELECT ?a WHERE", "ASK"),
    STAR.replace("SELECT ?a", "SELECT ?a FROM <http://e/g>"),
    STAR + " LIMIT 5",  # look-ups come to five rows first
    STAR + " OFFSET 5",
    STAR + " VALUES ?a { 1 }",
    STAR.replace("}", "OPTIONAL { ?a ?b ?c } }"),
    STAR.replace("}", "FILTER(?d = 1) }"),  # may leave few rows to look up
    STAR.replace("}", 'FILTER(lang(?d) != "da") }'),
    STAR.replace("}", 'FILTER(lang(?z) = "da") }'),
    STAR.replace("}", "BIND(1 AS ?x) }"),
    STAR.replace("<http://e/p>", "<http://e/p>/<http://e/p>"),
    STAR.replace("<http://e/p>", "^<http://e/p>"),
    STAR.replace("<http://e/p>", "?p"),
    STAR.replace("?b", "_:b"),
    STAR.replace("?b", "[]"),
    STAR.replace("?b", "()"),
    STAR.replace("?c .", "?c"),  # no SPARQL
    STAR.replace("?c .", "?c . ."),
    STAR.replace("{", "{ ."),
    STAR.replace("?b ;", "?b ; <http://e/z>"),
    "SELECT ?a WHERE { <http://e/x> <http://e/p> ?a . ?a <http://e/q> ?b }",
    "SELECT ?a WHERE { ?a <http://e/p> ?b }",
    "SELECT ?a WHERE { " + "?a <http://e/p> ?b . " * 13 + "}",
    STAR + "; " + STAR,
    "",
]


@pytest.mark.parametrize("query", TAKEN)
def test_a_basic_graph_pattern_is_taken_apart(query: str) -> None:
    pieces = split(query)
    assert pieces is not None
    prologue, head, patterns, tail = pieces
    assert query.startswith(prologue + head)
    assert query.endswith(tail)
    assert len(patterns) >= 2


@pytest.mark.parametrize("query", LEFT)
def test_any_other_query_is_left_alone(query: str) -> None:
    assert split(query) is None


# --- the rows ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def store() -> ox.Store:
    """60 things; properties with no, one and many values, in two languages, over two graphs."""
    store = ox.Store()
    for number in range(60):
        thing = ox.NamedNode(f"{E}n{number}")
        graph = ox.NamedNode(f"{E}g{number % 2}")
        values: list[tuple[str, ox.NamedNode | ox.Literal]] = [
            ("p", ox.NamedNode(f"{E}n{number * 7 % 60}")),
            ("p", ox.NamedNode(f"{E}n{number * 11 % 60}")),
            ("q", ox.NamedNode(f"{E}n{number * 13 % 20}")),
            ("label", ox.Literal(f"navn {number % 9}", language="da")),
            ("label", ox.Literal(f"name {number % 9}", language="en")),
            ("n", ox.Literal(number % 4)),
            ("type", ox.NamedNode(f"{E}C{number % 3}")),
        ]
        for name, value in values[: 7 - number % 3]:
            store.add(ox.Quad(thing, ox.NamedNode(E + name), value, graph))
    return store


VARIABLES = ["?a", "?b", "?c", "?d"]


@st.composite
def queries(draw: st.DrawFn) -> str:
    variable = st.sampled_from(VARIABLES)
    patterns, filters = [], []
    for _ in range(draw(st.integers(2, 4))):
        predicate = draw(st.sampled_from(["p", "q", "label", "n", "type"]))
        constants = {
            "label": '"navn 3"@da',
            "n": "2",
            "type": "e:C1",
        }
        constant = constants.get(predicate, "e:n14")
        object = draw(st.one_of(variable, variable, st.just(constant)))
        patterns.append(f"{draw(variable)} e:{predicate} {object}")
        if predicate == "label" and object in VARIABLES and draw(st.booleans()):
            filters.append(f'FILTER (lang({object}) = "da")')
    used = [v for v in VARIABLES if any(v in pattern for pattern in patterns)]
    group, *_ = used
    head, tail = draw(
        st.sampled_from(
            [
                (" ".join(used), ""),
                (f"DISTINCT {group}", ""),
                ("(COUNT(*) AS ?n)", ""),
                (f"{group} (COUNT(DISTINCT {used[-1]}) AS ?n)", f"GROUP BY {group}"),
                (f"{group} (COUNT(*) AS ?n)", f"GROUP BY {group} HAVING (COUNT(*) > 1)"),
                (f"{group} (COUNT({used[-1]}) AS ?n)", f"GROUP BY {group} ORDER BY {group}"),
                (f"{group} (STRLEN(STR({used[-1]})) AS ?n)", f"ORDER BY DESC({used[-1]}) ?n"),
            ]
        )
    )
    body = " . ".join(patterns) + " " + " ".join(dict.fromkeys(filters))
    return f"PREFIX e: <{E}> SELECT {head} WHERE {{ {body} }} {tail}"


def rows(store: ox.Store, query: str) -> Counter[tuple[str, ...]]:
    found = store.query(query, use_default_graph_as_union=True)
    assert isinstance(found, ox.QuerySolutions)
    return Counter(tuple(str(value) for value in solution) for solution in found)


def in_steps(pieces: Pieces, patterns: list[Pattern], scans: list[bool]) -> str:
    steps = [
        Step(Counted(pattern, 0, 0, exact=True), scan=scan)
        for pattern, scan in zip(patterns, scans, strict=True)
    ]
    return pieces[0] + pieces[1] + joining.joined(steps) + pieces[3]


def forwards(patterns: list[Pattern]) -> list[Pattern] | None:
    """An order in which each pattern's subject is known from those before, where there is one."""
    for order in itertools.permutations(patterns):
        known = {order[0][0]}
        for subject, _, value, _ in order:
            if subject not in known:
                break
            known.add(value)
        else:
            return list(order)
    return None


@settings(max_examples=3000, deadline=None)
@given(queries(), st.randoms(use_true_random=False))
def test_the_rows_stay_the_same(store: ox.Store, query: str, chance: random.Random) -> None:
    pieces = split(query)
    assert pieces is not None
    patterns = list(pieces[2])
    chance.shuffle(patterns)
    patterns = forwards(patterns) or patterns
    if forwards(patterns) is None and len(patterns) > 2:
        return  # a product of three is too large to be made three thousand times
    scans = [True, *(chance.random() < 0.5 for _ in patterns[1:])]
    assert rows(store, in_steps(pieces, patterns, scans)) == rows(store, query)


def test_the_rows_stay_the_same_on_w3cs_tests(shared: Path) -> None:
    compared = 0
    for path in sorted((shared / "conformance" / "sparql11").rglob("*.rq")):
        query = path.read_text(encoding="utf-8")
        pieces = split(query)
        if pieces is None:
            continue
        store = ox.Store()
        for data in path.parent.glob("*.ttl"):
            if data.stem != "manifest":
                store.bulk_load(path=str(data), base_iri=data.as_uri(), to_graph=ox.DefaultGraph())
        try:
            expected = rows(store, query)
        except SyntaxError:
            with pytest.raises(SyntaxError):
                rows(store, in_steps(pieces, pieces[2], [True] * len(pieces[2])))
            continue
        for patterns in itertools.permutations(pieces[2]):
            for scan in (True, False):
                scans = [True, *[scan] * (len(patterns) - 1)]
                assert rows(store, in_steps(pieces, list(patterns), scans)) == expected
        compared += bool(expected)
    assert compared >= 5


SHIPPED_QUERIES = 1500


def walks(quads: list[ox.Quad], seed: int) -> Iterator[str]:
    """Queries that walk through a graph as it is: patterns of a thing, and on to what it names."""
    chance = random.Random(seed)
    of: dict[str, list[ox.Quad]] = {}
    for quad in quads:
        of.setdefault(str(quad.subject), []).append(quad)
    while True:
        quad = chance.choice(quads)
        patterns, names = [], {str(quad.subject): "?v0"}
        thing = str(quad.subject)
        for _ in range(chance.randint(2, 5)):
            step = chance.choice(of[thing])
            value = str(step.object)
            fixed = chance.random() < 0.2 and "{" not in value  # those are left alone
            written = value if fixed else names.setdefault(value, f"?v{len(names)}")
            patterns.append(f"{names[thing]} {step.predicate} {written}")
            if value in of and written.startswith("?") and chance.random() < 0.4:
                thing = value
        used = [v for v in names.values() if any(v in pattern.split() for pattern in patterns)]
        test = chance.choice(["", "", "", f'FILTER (lang({used[-1]}) = "da")'])
        if not any(pattern.endswith(" " + used[-1]) for pattern in patterns):
            test = ""
        head, tail = chance.choice(
            [
                (" ".join(used), ""),
                ("DISTINCT " + " ".join({used[0]: 0, used[-1]: 0}), ""),
                (f"(COUNT(*) AS ?n) (COUNT(DISTINCT {used[-1]}) AS ?m)", ""),
                (f"{used[-1]} (COUNT(*) AS ?n)", f"GROUP BY {used[-1]} ORDER BY DESC(?n)"),
            ]
        )
        yield f"SELECT {head} WHERE {{ {' . '.join(patterns)} {test} }} {tail}"


def test_the_rows_stay_the_same_on_the_shipped_graph(release: Release) -> None:
    """Where the rewrite is made, and where it would be made of a larger graph."""
    store = ox.Store.read_only(str(release.store_path))
    queries, chance = walks(list(store), seed=2017), random.Random(2017)
    found = filtered = 0
    for query in itertools.islice(queries, SHIPPED_QUERIES):
        pieces = split(query)
        assert pieces is not None, query
        ordered = forwards(pieces[2])
        assert ordered is not None, query  # a walk goes forwards
        expected = rows(store, query)
        scans = [True, *(chance.random() < 0.5 for _ in ordered[1:])]
        assert rows(store, in_steps(pieces, ordered, scans)) == expected, query
        found += bool(expected)
        filtered += "FILTER" in query
    assert found > SHIPPED_QUERIES * 0.8  # what is compared is something
    assert filtered > SHIPPED_QUERIES * 0.1


# --- when it pays -----------------------------------------------------------------------------


def decided(query: str, counts: dict[str, int], most: int = 1_000_000) -> str | None:
    pieces = split(query)
    assert pieces is not None
    numbers = joining.counted(pieces[2], lambda triple, up: min(counts[triple], up + 1), most)
    return joining.rewritten(pieces, numbers, most)


P, Q, R = (f"?s <http://e/{name}> ?o" for name in "pqr")


def test_patterns_of_like_numbers_are_hashed() -> None:
    query = decided(STAR, {P: 4000, Q: 4000, R: 5000})
    assert query is not None
    assert "LATERAL" not in query
    assert query.startswith("SELECT ?a WHERE {")


def test_what_is_too_large_to_scan_is_looked_up_after_the_rest() -> None:
    query = decided(STAR, {P: 4000, Q: 4000, R: 400_000})
    assert query is not None
    assert query.endswith(" LATERAL { ?c <http://e/r> ?d } }")
    assert "SELECT ?c ?d" not in query


@pytest.mark.parametrize(
    "counts",
    [
        {P: 0, Q: 4000, R: 4000},
        {P: 100, Q: 100, R: 100},  # fast in any case
        {P: 900_000, Q: 900_000, R: 900_000},  # more rows than may be held
        {P: 400, Q: 50_000, R: 60_000},  # a scan would take longer than 400 look-ups
    ],
)
def test_look_ups_stay_where_they_are_better(counts: dict[str, int]) -> None:
    assert decided(STAR, counts) is None


CHAIN = """SELECT ?a WHERE {
  ?a <http://e/kind> <http://e/K> ; <http://e/label> ?l ; <http://e/at> ?b .
  ?b <http://e/town> <http://e/T> }"""
KIND, ANY_KIND = "?s <http://e/kind> <http://e/K>", "?s <http://e/kind> ?o"
TOWN, ANY_TOWN = "?s <http://e/town> <http://e/T>", "?s <http://e/town> ?o"
AT, LABEL = "?s <http://e/at> ?o", "?s <http://e/label> ?o"


def test_what_leaves_few_rows_comes_first_though_it_is_two_steps_away() -> None:
    counts = {KIND: 1000, ANY_KIND: 3000, LABEL: 9_000, AT: 3000, TOWN: 200, ANY_TOWN: 2000}
    query = decided(CHAIN, counts)
    assert query is not None
    # Oxigraph would look up all labels of a thousand things, before it asks for their town.
    assert query.index("/kind>") < query.index("/at>") < query.index("/town>")
    assert query.index("/town>") < query.index("LATERAL { ?a <http://e/label> ?l }")


def test_patterns_that_only_share_a_value_are_left_alone() -> None:
    """Their join can be larger than both by far."""
    query = "SELECT ?a WHERE { ?a <http://e/p> ?c . ?b <http://e/q> ?c }"
    assert decided(query, {P: 4000, Q: 4000}) is None
    query = "SELECT ?a WHERE { ?a <http://e/p> ?c . ?b <http://e/q> ?d }"
    assert decided(query, {P: 4000, Q: 4000}) is None


def test_a_step_always_leads_from_a_thing_to_its_values() -> None:
    query = decided(STAR, {P: 6000, Q: 5000, R: 4000})
    assert query is not None
    assert query.index("/q>") < query.index("/p>")
    assert query.index("/q>") < query.index("/r>")


def test_what_cannot_pay_is_not_counted_to_its_end() -> None:
    pieces = split(CHAIN)
    assert pieces is not None
    asked = []

    def count(triple: str, most: int) -> int:
        asked.append(most)
        return min(10, most + 1)

    numbers = joining.counted(pieces[2], count, 1_000_000)
    assert joining.rewritten(pieces, numbers, 1_000_000) is None
    # Ten things are looked up sooner than a thousand rows are read.
    assert sorted(set(asked))[:-1] == [450]


# --- through the pool -------------------------------------------------------------------------

THINGS = 3000


@pytest.fixture(scope="module")
def store_path(tmp_path_factory: pytest.TempPathFactory) -> str:
    lines = (
        f"<{E}t{i}> <{E}p> <{E}u{i % 50}> <{E}g> .\n"
        f"<{E}t{i}> <{E}q> <{E}t{i * 7 % THINGS}> <{E}g> .\n"
        f'<{E}t{i}> <{E}r> "{i % 10}" <{E}g> .\n'
        for i in range(THINGS)
    )
    return stored(str(tmp_path_factory.mktemp("store") / "store"), lines)


@pytest.fixture(scope="module")
def pool() -> Iterator[WorkerPool]:
    with WorkerPool(size=1) as pool:
        yield pool


GROUPED = (
    f"SELECT ?b (COUNT(?a) AS ?n) {{ ?a <{E}p> ?b ; <{E}q> ?c . ?c <{E}r> ?d }}"
    " GROUP BY ?b ORDER BY ?b"
)


def test_the_pool_answers_the_same(pool: WorkerPool, store_path: str) -> None:
    assert decided(GROUPED, {P: THINGS, Q: THINGS, R: THINGS}) is not None
    lines = by_pool(pool, store_path, GROUPED).decode().split()
    # 3,000 things, 60 of which point to each of 50 values, and each is joined to one q and one r.
    expected = sorted(f"{E}u{number},60" for number in range(50))
    assert lines == ["b,n", *expected]


def test_it_answers_in_the_same_order_again(store_path: str) -> None:
    answers = set()
    for _ in range(3):  # each with a worker of its own
        with WorkerPool(size=1) as pool:
            answers.add(by_pool(pool, store_path, GROUPED.replace(" ORDER BY ?b", "")))
    assert len(answers) == 1


def test_errors_are_those_of_the_query_itself(pool: WorkerPool, store_path: str) -> None:
    ungrouped = GROUPED.replace("SELECT ?b", "SELECT ?c")
    with pytest.raises(QuerySyntaxError) as caught:
        by_pool(pool, store_path, ungrouped)
    assert caught.value.line == 1
    with pytest.raises((QuerySyntaxError, QueryRejected)):
        by_pool(pool, store_path, "SELECT ?a WHERE { ?a e:p ?b . ?a e:q ?c }")
