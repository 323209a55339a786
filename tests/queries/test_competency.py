"""The 25 competency questions (model.md, C5) on a release built from the repository's files.

The expected rows stand beside each query, in the SPARQL 1.1 CSV results form. They were derived
from the domain files and from the examples, not from what the queries answer. A query whose rows
must stand in their order says `# ordered: true`.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from pathlib import Path

import pyoxigraph as ox
import pytest

from coi_graph.query.named import NamedQuery, load_queries
from coi_graph.store import Store

FOLDER = Path(__file__).resolve().parents[2] / "queries"
NAMES = [f"cq-{number:02}" for number in range(1, 26)]
QUERIES = load_queries(FOLDER)

# Who asks each question (model.md, C5).
USERS = dict(zip(NAMES, "RRSRRRRSSSSSSOOORRWWSRORS", strict=True))


def rows_of(text: str) -> tuple[list[str], list[tuple[str, ...]]]:
    """Header and rows of a SPARQL CSV result."""
    header, *rows = csv.reader(io.StringIO(text), strict=True)
    return header, [tuple(row) for row in rows]


def csv_of(solutions: object) -> str:
    assert isinstance(solutions, ox.QuerySolutions)
    content = solutions.serialize(format=ox.QueryResultsFormat.CSV)
    assert content is not None
    return content.decode()


def answer(store: Store, query: NamedQuery) -> tuple[list[str], list[tuple[str, ...]]]:
    return rows_of(csv_of(store.query(query.text)))


@pytest.fixture(scope="module")
def reversed_store(built_store: Store) -> ox.Store:
    """The release's quads in memory, put in from the last to the first."""
    store = ox.Store()
    for quad in reversed(list(built_store.quads())):
        store.add(quad)
    return store


def test_there_is_one_query_per_question() -> None:
    assert [name for name in QUERIES if name.startswith("cq-")] == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_question_has_both_languages_and_its_user(name: str) -> None:
    query = QUERIES[name]
    for texts in (query.titles, query.descriptions):
        assert set(texts) == {"da", "en"}
        assert texts["da"] != texts["en"]
    assert all(title.endswith("?") for title in query.titles.values())
    assert query.user == USERS[name]


@pytest.mark.parametrize("name", NAMES)
def test_the_answer_is_as_expected(name: str, built_store: Store) -> None:
    query = QUERIES[name]
    expected_header, expected = rows_of(query.path.with_suffix(".csv").read_text(encoding="utf-8"))
    header, found = answer(built_store, query)
    assert header == expected_header
    assert expected, "an expected answer without rows shows nothing"
    if query.ordered:
        assert found == expected
    else:
        assert Counter(found) == Counter(expected)


@pytest.mark.parametrize("name", [n for n in NAMES if QUERIES[n].ordered])
def test_the_order_is_that_of_the_query_not_of_the_store(
    name: str, built_store: Store, reversed_store: ox.Store
) -> None:
    """Two stores that were filled in opposite orders answer alike."""
    other = reversed_store.query(QUERIES[name].text, use_default_graph_as_union=True)
    assert rows_of(csv_of(other)) == answer(built_store, QUERIES[name])


@pytest.mark.parametrize(
    ("name", "rows"),
    [
        ("cq-01", 3),  # three roles
        ("cq-02", 4 + 5),  # explicit and derived methods
        ("cq-03", 6 + 3 + 2),  # aims
        ("cq-04", 3),  # S3, S4, S5
        ("cq-07", 5),  # framework conditions
        ("cq-09", 3 * 9 * 3),  # every combination, also those that never occur
        ("cq-16", 3 * 2),  # levels and periods
        ("cq-17", 4),  # editions
    ],
)
def test_the_number_of_rows_is_that_of_the_framework(
    name: str, rows: int, built_store: Store
) -> None:
    """The numbers of model.md, C5, so that expected rows and answer cannot be wrong together."""
    assert len(answer(built_store, QUERIES[name])[1]) == rows


def test_narrowing_by_a_parameter_keeps_a_part_of_the_rows(built_store: Store) -> None:
    """`# param: type` names a variable that may be bound from outside."""
    query = QUERIES["cq-19"]
    assert query.parameters == ("type", "value")
    header, rows = answer(built_store, query)
    wanted = "https://w3id.org/coi-graph/id/innovation-type/product"
    head, brace, rest = query.text.partition("WHERE {")
    narrowed = f"{head}{brace} VALUES ?type {{ <{wanted}> }} {rest}"
    column = header.index("type")
    kept = [row for row in rows if row[column] == wanted]
    assert 0 < len(kept) < len(rows)
    assert rows_of(csv_of(built_store.query(narrowed)))[1] == kept
