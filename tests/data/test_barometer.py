"""The barometer's figures against the domain files: every value, and what must hold of them.

Expected values come from ../shared/domain/facts.csv and from model.md (A2, A3, A5), never from our
own output.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

import pytest
from barometer_graph import COI, ID, ask, local, select

# model.md, A2 and A3: the rows that have no edition or no good source are not loaded.
NOT_LOADED = {"r3", "s9"}
# model.md, A3: the other side of two conflicts, beside the facts' own rows.
ADDED = {"m3-alternative": ("2362", "c"), "e2-uncorrected": ("51", "c")}
# The facts call these workplaces; the note of t4 says that their base is the innovative ones.
INNOVATIVE_WORKPLACES_ONLY = {"t4", "t5", "t6"}
EDITIONS = {
    **{f"DK-IB-{n}": f"dk-ib-{n}" for n in range(1, 5)},
    "FI-IB": "fi-ib-2018",
    "IS-IB": "is-ib-1",
    "NO-KS-IB": "no-ks-ib-2017",
    "Nordic": "nordic-2018",
    "SE-IB": "se-ib-2018",
}
YEARS = {"2018 (survey)": "2018-2018", "2017 (survey)": "2017-2017", "~2018": "2018-2018"}
COUNTRY = "http://publications.europa.eu/resource/authority/country/"
AREAS = {
    "DK": COUNTRY + "DNK",
    "FI": COUNTRY + "FIN",
    "IS": COUNTRY + "ISL",
    "NO": COUNTRY + "NOR",
    "SE": COUNTRY + "SWE",
    "Nordic": ID + "place/nordic-countries",
}
POPULATIONS = {
    "innovations": "innovations",
    "innovative workplaces (latest innovation)": "innovative-workplaces",
    "municipalities": "municipalities",
    "unit leaders": "unit-leaders",
    "workplaces": "workplaces",
}
UNITS = {"percent": "PERCENT", "count": "NUM"}
BREAKDOWNS = {"": "total", "none": "no-technology"}

OBSERVATIONS = """
    SELECT * WHERE {
      ?o a qb:Observation ; sdmx-measure:obsValue ?value ; sdmx-attribute:unitMeasure ?unit ;
         coi:edition ?edition ; sdmx-dimension:refPeriod ?period ; sdmx-dimension:refArea ?area ;
         coi:governmentLevel ?level ; coi:population ?population ; coi:indicator ?indicator ;
         coi:breakdown ?breakdown ; coi:sourceGrade ?grade ; coi:statedAs ?stated ;
         prov:wasDerivedFrom ?source ; sdmx-attribute:obsStatus ?status ;
         coi:industry ?industry ; coi:sizeGroup ?size .
      ?source foaf:page ?page .
      ?period dcat:startDate ?from ; dcat:endDate ?to .
      OPTIONAL { ?o coi:baseN ?base }
    }
"""

Row = dict[str, str | None]


def kebab(name: str) -> str:
    """innovativeShare → innovative-share"""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "-", name).lower()


@pytest.fixture(scope="module")
def facts(shared: Path) -> dict[str, dict[str, str]]:
    with (shared / "domain" / "facts.csv").open(encoding="utf-8", newline="") as file:
        return {row["id"]: row for row in csv.DictReader(file)}


@pytest.fixture(scope="module")
def observations() -> dict[str, Row]:
    rows = select(OBSERVATIONS)
    assert len(rows) == len({row["o"] for row in rows}), "each property has one value"
    return {local(row["o"]): row for row in rows}


def test_the_facts_are_loaded_and_nothing_else(
    facts: Mapping[str, dict[str, str]], observations: Mapping[str, Row]
) -> None:
    assert observations.keys() == (facts.keys() - NOT_LOADED) | ADDED.keys()
    loaded = [facts[name]["grade"] for name in observations if name in facts]
    assert len([grade for grade in loaded if grade in "AB"]) == 91
    assert {name for name in observations if name in facts and facts[name]["grade"] == "C"} == {
        "m3",
        "p3a",
    }


def test_every_value_is_the_fact(
    facts: Mapping[str, dict[str, str]], observations: Mapping[str, Row]
) -> None:
    for name, fact in facts.items():
        if name in NOT_LOADED:
            continue
        row = observations[name]
        indicator, _, breakdown = fact["indicator"].partition(":")
        population = (
            "innovative-workplaces"
            if name in INNOVATIVE_WORKPLACES_ONLY
            else POPULATIONS[fact["population"]]
        )
        found = {
            "value": Decimal(row["value"] or "NaN"),
            "unit": local(row["unit"]),
            "base": row["base"] or "",
            "edition": local(row["edition"]),
            "period": f"{row['from']}-{row['to']}",
            "area": row["area"],
            "level": local(row["level"]),
            "population": local(row["population"]),
            "indicator": local(row["indicator"]),
            "breakdown": local(row["breakdown"]),
            "page": row["page"],
            "grade": local(row["grade"]),
        }
        assert found == {
            "value": Decimal(fact["value"].lstrip("<>")),
            "unit": UNITS[fact["unit"]],
            "base": fact["base_n"],
            "edition": EDITIONS[fact["survey"]],
            "period": YEARS.get(fact["period"], fact["period"]),
            "area": AREAS[fact["area"]],
            "level": fact["level"],
            "population": population,
            "indicator": kebab(indicator),
            "breakdown": BREAKDOWNS.get(breakdown, kebab(breakdown)),
            "page": fact["source_url"],
            "grade": fact["grade"].lower(),
        }, name


def test_a_bound_is_stated_as_a_bound_and_words_only_in_b(
    facts: Mapping[str, dict[str, str]], observations: Mapping[str, Row]
) -> None:
    signs = {">": "greater-than", "<": "less-than"}
    for name, fact in facts.items():
        if name in NOT_LOADED:
            continue
        stated = local(observations[name]["stated"])
        if fact["value"][0] in signs:
            assert stated == signs[fact["value"][0]], name
        elif fact["note"].startswith(("rounded", '"half"', '"same level"', "same caveat")):
            assert stated == "words", name
        else:
            assert stated in ("figure", "words"), name
        # A figure that the source writes as such is grade A (model.md, A2).
        assert fact["grade"] == "B" or stated != "words", name


@pytest.mark.parametrize("name", ADDED)
def test_the_other_side_of_a_conflict(observations: Mapping[str, Row], name: str) -> None:
    value, grade = ADDED[name]
    assert Decimal(observations[name]["value"] or "NaN") == Decimal(value)
    assert local(observations[name]["grade"]) == grade


def test_percentages_are_between_0_and_100(observations: Mapping[str, Row]) -> None:
    shares = [row for row in observations.values() if local(row["unit"]) == "PERCENT"]
    assert shares
    for row in shares:
        assert 0 <= Decimal(row["value"] or "NaN") <= 100, row["o"]


def test_counts_are_whole(observations: Mapping[str, Row]) -> None:
    for row in observations.values():
        if local(row["unit"]) == "NUM":
            assert Decimal(row["value"] or "NaN") % 1 == 0, row["o"]


def test_values_are_decimals() -> None:
    assert not ask("""
        ASK { ?o sdmx-measure:obsValue ?v
              FILTER (datatype(?v) != <http://www.w3.org/2001/XMLSchema#decimal>) }
    """)


def test_innovations_are_never_the_denominator_of_the_innovative_share() -> None:
    rows = select("SELECT DISTINCT ?p { ?o coi:indicator indicator:innovative-share ; "
                  "coi:population ?p }")  # fmt: skip
    assert {local(row["p"]) for row in rows} == {"workplaces", "municipalities"}


def test_the_quality_annotation_says_the_grade() -> None:
    rows = select("""
        SELECT ?o ?grade ?body {
          ?o coi:sourceGrade ?grade
          OPTIONAL { ?o dqv:hasQualityAnnotation ?a . ?a a dqv:QualityAnnotation ;
                     oa:motivatedBy dqv:qualityAssessment ; oa:hasBody ?body }
        }
    """)
    assert len(rows) >= 91
    assert [row for row in rows if row["grade"] != row["body"]] == []


# --- labels


def test_everything_of_the_barometer_is_named_in_both_languages() -> None:
    """Exactly one name in each language for every thing under id/ that has a type."""
    rows = select(f"""
        SELECT ?s ?language (COUNT(DISTINCT ?name) AS ?names) {{
          {{ SELECT DISTINCT ?s {{ ?s a ?type FILTER STRSTARTS(STR(?s), "{ID}") }} }}
          VALUES ?language {{ "da" "en" }}
          OPTIONAL {{
            ?s rdfs:label|skos:prefLabel|dct:title ?name FILTER (LANG(?name) = ?language)
          }}
        }} GROUP BY ?s ?language
    """)
    kinds = {(row["s"] or "").removeprefix(ID).split("/")[0] for row in rows}
    assert {"observation", "dataset", "slice", "source", "period", "edition", "conflict"} <= kinds
    for row in rows:
        count = int(row["names"] or 0)
        if "/survey/" in (row["s"] or ""):  # a concept of a scheme and a series: two names each
            assert count in (1, 2), row
        else:
            assert count == 1, row


TEXTS = ("dct:description", "coi:handling", "skos:definition", "skos:editorialNote", "skos:note")


@pytest.mark.parametrize("name", TEXTS)
def test_texts_come_in_both_languages(name: str) -> None:
    rows = select(f"""
        SELECT ?s (GROUP_CONCAT(DISTINCT LANG(?text); separator=" ") AS ?languages)
        {{ ?s {name} ?text }} GROUP BY ?s
    """)
    assert rows
    assert [row for row in rows if sorted((row["languages"] or "").split()) != ["da", "en"]] == []


def test_a_label_carries_its_value() -> None:
    rows = select("SELECT * { ?o sdmx-measure:obsValue ?value ; rdfs:label ?label }")
    assert rows
    for row in rows:
        digits = re.sub(r"(?<=\d)[.,](?=\d{3})", "", row["label"] or "")
        assert re.search(rf": (\D+ )?{Decimal(row['value'] or 0)}\b", digits), row


TERMS = [
    "PublishedConflict",
    *("baseN", "breakdown", "edition", "indicator", "industry", "population", "sizeGroup"),
    *("comparableWith", "notStrictlyComparableWith", "statedAs"),
    *("conflictingStatement", "handling", "preferredStatement"),
    *("dsd-innovation-barometer", "slice-by-edition"),
]


@pytest.mark.parametrize("name", TERMS)
def test_the_term_is_defined_in_both_languages(name: str) -> None:
    languages = {
        (row["p"], row["language"])
        for row in select(f"""
            SELECT ?p (LANG(?text) AS ?language) {{
              VALUES ?p {{ rdfs:label skos:definition }}
              <{COI}{name}> ?p ?text ; rdfs:isDefinedBy <{COI}>
            }}
        """)
    }
    assert {(local((p or "").replace("#", "/")), language) for p, language in languages} == {
        ("label", "da"),
        ("label", "en"),
        ("definition", "da"),
        ("definition", "en"),
    }
