"""Editions, sources, conflicts and comparability of the barometer (model.md A3, A5, C5)."""

from __future__ import annotations

from collections import defaultdict

import pyoxigraph as ox
import pytest
from barometer_graph import ID, ROOT, ask, filled, local, select, shared_store

# --- conflicts (model.md, A3)

CONFLICTS = {
    "fourth-edition-period": {"2021-2023", "2022-2023"},
    "iceland-first-survey": {"survey-2018", "survey-2019"},
    "publication-frequency": {"ANNUAL", "IRREG"},
    "second-edition-evaluated-share": {"45", "51"},
    "second-edition-responses": {"2362", "2363"},
    "third-edition-employees-role": {"87", "89"},
}
PREFERRED = {
    "publication-frequency": "IRREG",
    "second-edition-evaluated-share": "45",
    "second-edition-responses": "2363",
}


def test_the_conflicts_are_modelled_with_both_sides() -> None:
    values = defaultdict(set)
    preferred = {}
    for row in select("""
        SELECT ?c ?value ?source ?preferred {
          ?c a coi:PublishedConflict ; coi:conflictingStatement ?s ; coi:handling ?how .
          ?s sdmx-measure:obsValue|rdf:object ?value ; prov:wasDerivedFrom ?source .
          FILTER (LANG(?how) = "da")
          BIND (EXISTS { ?c coi:preferredStatement ?s } AS ?preferred)
        }
    """):
        values[local(row["c"])].add(local(row["value"]))
        if row["preferred"] == "true":
            assert local(row["c"]) not in preferred, "one side is preferred, not both"
            preferred[local(row["c"])] = local(row["value"])
    assert values == CONFLICTS
    assert preferred == PREFERRED


def test_conflicting_figures_have_sources_of_their_own() -> None:
    rows = select("""
        SELECT ?a ?b {
          VALUES ?c { conflict:second-edition-responses conflict:second-edition-evaluated-share }
          ?c coi:conflictingStatement ?s , ?t FILTER (STR(?s) < STR(?t))
          ?s prov:wasDerivedFrom ?a . ?t prov:wasDerivedFrom ?b }
    """)
    assert len(rows) == 2
    assert all(row["a"] != row["b"] for row in rows)


def test_the_correction_of_31_january_2019() -> None:
    assert select("""
        SELECT ?now ?before ?day ?status {
          ?new prov:wasRevisionOf ?old ; sdmx-measure:obsValue ?now ; dct:modified ?day .
          ?old sdmx-measure:obsValue ?before ; sdmx-attribute:obsStatus ?status }
    """) == [
        {"now": "45", "before": "51", "day": "2019-01-31", "status": f"{ID}obs-status/superseded"}
    ]


def test_the_contradicted_headline_is_marked() -> None:
    assert ask(f"""ASK {{
        observation:p3a skos:editorialNote ?note ; coi:sourceGrade <{ID}source-grade/c> ;
            sdmx-attribute:obsStatus <{ID}obs-status/low-reliability>
        FILTER CONTAINS(?note, "89") }}""")


def test_what_a_statement_says_of_an_edition_is_a_period_the_edition_has() -> None:
    """Both sides are kept on the edition, since none of the two sources is preferred."""
    rows = select("""
        SELECT ?s { ?s a rdf:Statement ; rdf:subject ?edition ; rdf:predicate dct:temporal ;
            rdf:object ?period FILTER NOT EXISTS { ?edition dct:temporal ?period } }
    """)
    assert rows == []


# --- editions and series

DANISH = [
    # model.md, A2 (periods) and A3 (years of publication, both periods of the 4th edition)
    ("dk-ib-1", None, "2015", {"2013-2014"}),
    ("dk-ib-2", "dk-ib-1", "2017", {"2015-2016"}),
    ("dk-ib-3", "dk-ib-2", "2020", {"2018-2019"}),
    ("dk-ib-4", "dk-ib-3", "2023", {"2021-2023", "2022-2023"}),
]


@pytest.mark.parametrize(("edition", "previous", "issued", "periods"), DANISH)
def test_the_danish_editions(
    edition: str, previous: str | None, issued: str, periods: set[str]
) -> None:
    rows = select(f"""
        SELECT ?prev ?issued ?from ?to {{
          edition:{edition} a dcat:Dataset ; dcat:inSeries survey:dk-ib ; dct:issued ?issued ;
              dct:temporal ?period .
          ?period a dct:PeriodOfTime ; dcat:startDate ?from ; dcat:endDate ?to .
          OPTIONAL {{ edition:{edition} dcat:prev ?prev }}
        }}
    """)
    assert {f"{row['from']}-{row['to']}" for row in rows} == periods
    assert {(row["issued"] or "")[:4] for row in rows} == {issued}
    assert {row["prev"] and local(row["prev"]) for row in rows} == {previous}


def test_the_danish_series_is_irregular_and_belongs_to_the_tool() -> None:
    assert ask(f"""ASK {{ survey:dk-ib a dcat:DatasetSeries ;
        dct:accrualPeriodicity
            <http://publications.europa.eu/resource/authority/frequency/IRREG> ;
        prov:wasDerivedFrom <{ID}tool/innovation-barometer> }}""")


def test_every_edition_is_in_a_series_and_every_figure_in_an_edition() -> None:
    assert not ask("""ASK { ?o coi:edition ?e FILTER NOT EXISTS { ?e a dcat:Dataset ;
        dcat:inSeries ?series . ?series a dcat:DatasetSeries . } }""")


def test_a_later_edition_points_back_within_its_series() -> None:
    assert not ask("""ASK { ?e dcat:prev ?p ; dcat:inSeries ?mine . ?p dcat:inSeries ?other
        FILTER (?mine != ?other) }""")


def test_every_data_set_names_the_source_that_its_figures_come_from() -> None:
    rows = select("""
        SELECT ?o { ?o qb:dataSet ?d ; prov:wasDerivedFrom ?source .
                    FILTER NOT EXISTS { ?d dct:source ?source } }
    """)
    assert rows == []
    assert ask("ASK { ?d a qb:DataSet ; dct:source ?s . ?s a foaf:Document }")


def test_nothing_points_to_a_thing_that_is_not_described() -> None:
    """Publishers, places and the tool are in other files of data/."""
    data = ROOT / "data"
    everything = filled(data.rglob("*.ttl"), data.rglob("*.csv-metadata.json"))
    described = {str(quad.subject) for quad in [*everything, *shared_store()]}
    pointed_to = {
        str(quad.object)
        for quad in shared_store()
        if isinstance(quad.object, ox.NamedNode) and quad.object.value.startswith(ID)
    }
    assert pointed_to - described == set()


def test_no_data_set_and_no_slice_is_empty() -> None:
    assert not ask("ASK { ?d a qb:DataSet FILTER NOT EXISTS { ?o qb:dataSet ?d } }")
    assert not ask("ASK { ?s a qb:Slice FILTER NOT EXISTS { ?s qb:observation ?o } }")


def test_every_figure_is_in_the_slice_of_its_edition() -> None:
    assert not ask("""ASK { ?o a qb:Observation ; qb:dataSet ?d ; coi:edition ?e
        FILTER NOT EXISTS { ?d qb:slice ?s . ?s qb:observation ?o ; coi:edition ?e } }""")


# --- comparability (model.md C5, question 15)


def test_comparability_is_symmetric_and_never_both_ways_of_saying() -> None:
    for name in ("coi:comparableWith", "coi:notStrictlyComparableWith"):
        assert not ask(f"ASK {{ ?a {name} ?b FILTER NOT EXISTS {{ ?b {name} ?a }} }}")
    assert not ask("ASK { ?a coi:comparableWith ?b ; coi:notStrictlyComparableWith ?b }")


@pytest.mark.parametrize(
    "dimension", ["coi:indicator", "coi:breakdown", "coi:population", "coi:governmentLevel"]
)
def test_comparable_figures_measure_the_same(dimension: str) -> None:
    assert ask("ASK { ?a coi:comparableWith ?b }")
    assert not ask(f"""ASK {{ ?a coi:comparableWith|coi:notStrictlyComparableWith ?b ;
        {dimension} ?x . ?b {dimension} ?y FILTER (?x != ?y) }}""")


def test_comparable_figures_come_from_two_editions() -> None:
    assert not ask("""ASK { ?a coi:comparableWith|coi:notStrictlyComparableWith ?b ;
        coi:edition ?e . ?b coi:edition ?e }""")


def test_finland_counts_municipalities_and_is_comparable_with_none() -> None:
    rows = select("""
        SELECT ?p ?other { observation:n7 coi:population ?p
          OPTIONAL { observation:n7 coi:comparableWith|coi:notStrictlyComparableWith ?other } }
    """)
    assert rows == [{"p": f"{ID}population/municipalities", "other": None}]


def test_the_danish_norwegian_pairs_carry_the_authors_warning() -> None:
    """Six pairs: x0a/x0b to x5a/x5b (model.md, A2)."""
    rows = select("""
        SELECT ?a ?b { ?a coi:notStrictlyComparableWith ?b ; coi:edition edition:dk-ib-2 .
                       ?b coi:edition edition:no-ks-ib-2017 ; skos:note ?note
                       FILTER (LANG(?note) = "en" && CONTAINS(?note, "warn")) }
    """)
    assert {(local(row["a"]), local(row["b"])) for row in rows} == {
        (f"x{n}a", f"x{n}b") for n in range(6)
    }


def test_the_question_about_innovative_workplaces_can_be_answered() -> None:
    """Question 15: share by country and period, with denominator, and what compares with it."""
    rows = select("""
        SELECT ?o ?population (GROUP_CONCAT(?id; separator=" ") AS ?comparable) {
          ?o coi:indicator indicator:innovative-share ; coi:population ?population .
          OPTIONAL { ?o coi:comparableWith/dct:identifier ?id }
        } GROUP BY ?o ?population
    """)
    found = {local(row["o"]): set((row["comparable"] or "").split()) for row in rows}
    assert found["s1"] == {"s8", "n1", "n6"}
    assert found["s4"] == {"s5"}
    assert found["s2"] == {"s6"}
    assert found["s3"] == {"s7"}
    assert found["n7"] == found["n9"] == set()
