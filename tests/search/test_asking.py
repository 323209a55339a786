"""What is found: word forms, typing errors, facets, beginnings, hostile texts."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coi_graph.namespaces import ID
from coi_graph.search import asking
from coi_graph.search.index import Index
from coi_graph.store import Store


def iris(index: Index, text: str, **chosen: str) -> list[str]:
    return [hit.iri for hit in asking.search(index, text, chosen).hits]


@pytest.mark.parametrize(
    ("text", "thing"),
    [
        ("Kapacitetsopbygger", "role/capacity-builder"),
        ("kapacitetsopbyggeren", "role/capacity-builder"),
        ("CAPACITY BUILDERS", "role/capacity-builder"),
        ("kapasitetsopbyger", "role/capacity-builder"),  # two errors
        ("capcity bilder", "role/capacity-builder"),  # one in each word
        ("vidensalieret", "role/knowledge-ally"),
        ("gearings", "role/dialogue-and-leverage-partner"),  # within a compound with a hyphen
        ("innovationsbarom", "tool/innovation-barometer"),  # a beginning
        ("systemforandring", "ambition/system-changes"),
        ("Københavns", "municipality/0101"),
        ("spis sammen", "activity/eksempel-spis-sammen"),
    ],
)
def test_a_thing_is_found_among_the_first(made: Index, text: str, thing: str) -> None:
    assert ID + thing in iris(made, text)[:5]


def test_word_forms_find_the_same(made: Index) -> None:
    found = [
        {hit.iri for hit in asking.search(made, form, {"kind": "tool"}).hits}
        for form in ("værktøj", "værktøjer", "værktøjerne", "værktøjets")
    ]
    assert found[0]
    assert all(one == found[0] for one in found)


def test_a_quote_finds_the_thing_and_the_passage(made: Index, built_store: Store) -> None:
    found = iris(made, "tæt samarbejde med centrale aktører i og udenfor")
    assert any(iri.startswith(ID + "passage/") for iri in found)


def test_an_error_is_said_and_a_known_word_is_none(made: Index) -> None:
    assert asking.search(made, "kapasitetsopbyger", {}).forgiven == ["kapasitetsopbyger"]
    assert asking.search(made, "kapacitetsopbygger", {}).forgiven == []


def test_some_words_where_no_record_has_all(made: Index) -> None:
    found = asking.search(made, "vidensallieret kalundborg", {})
    assert found.some
    assert ID + "role/knowledge-ally" in [hit.iri for hit in found.hits]


def test_facets_count_and_narrow(made: Index) -> None:
    everything = asking.search(made, "", {"kind": "activity"})
    for facet in ("organisation", "change", "year"):
        for value, count in everything.facets[facet]:
            narrowed = asking.search(made, "", {"kind": "activity", facet: value})
            assert narrowed.total == count > 0
    assert asking.search(made, "", {"year": "1066"}).total == 0
    assert asking.search(made, "", {"year": "20²0"}).total == 0


def test_the_change_of_an_aim_and_the_years_are_those_of_the_data(
    made: Index, built_store: Store
) -> None:
    rows = built_store.query(
        "PREFIX coi: <https://w3id.org/coi-graph/def/>"
        "PREFIX skos: <http://www.w3.org/2004/02/skos/core#>"
        "SELECT ?change (COUNT(DISTINCT ?a) AS ?n) {"
        " ?a coi:aimsAt/skos:broader? ?change . ?change a coi:ChangeAmbition ."
        f" FILTER(STRSTARTS(STR(?a), '{ID}activity/')) }} GROUP BY ?change"
    )
    expected = {row["change"].value: int(row["n"].value) for row in rows}
    found = asking.search(made, "", {"kind": "activity"}).facets["change"]
    assert dict(found) == expected


def test_pages_follow_one_another(made: Index) -> None:
    first, second = (asking.search(made, "innovation", {}, page) for page in (1, 2))
    assert len(first.hits) == asking.PAGE
    assert first.total == second.total > 2 * asking.PAGE
    assert {hit.iri for hit in first.hits}.isdisjoint({hit.iri for hit in second.hits})


def test_the_snippet_marks_the_word_in_any_form(made: Index) -> None:
    hits = asking.search(made, "værktøjerne", {"kind": "aim"}, 1, "da").hits
    marked = {part for hit in hits for part, is_found in hit.snippet if is_found}
    assert "værktøjer" in marked


@pytest.mark.parametrize(
    ("typed", "thing"),
    [
        ("kapa", "role/capacity-builder"),
        ("capacity bu", "role/capacity-builder"),
        ("dialog part", "role/dialogue-and-leverage-partner"),
        ("kapasitetsopby", "role/capacity-builder"),
    ],
)
def test_suggestions(made: Index, typed: str, thing: str) -> None:
    assert ID + thing in [hit.iri for hit in asking.suggest(made, typed)]


@pytest.mark.parametrize(
    "text",
    [
        "", " ", '"', "a AND (b OR", "name_da:x", "*", "/.*/", "[a TO z]", "x~9", "\x00", "\ud800",
        "-", "æ" * 10_000, "a " * 10_000, "💥", "(((((((((", "\\", "^^", "kind:role", "İ" * 300,
    ],
)  # fmt: skip
def test_no_text_is_a_query(made: Index, text: str) -> None:
    assert asking.search(made, text, {}).total >= 0
    assert len(asking.suggest(made, text)) <= 8
    assert len(asking.words(made, text)) <= asking.MOST_WORDS


@given(st.text(max_size=80))
@settings(max_examples=80, deadline=None)
def test_any_text_is_answered(made: Index, text: str) -> None:
    found = asking.search(made, text, {"kind": text[:5]} if text else {})
    assert found.total == 0 or asking.words(made, text) == []
