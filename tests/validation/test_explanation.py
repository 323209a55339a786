"""What a finding says to a person: what is wrong, where, what is expected, and who asks for it."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from checked import ACTIVITY, BASE, GOOD, HEAD, checked, good_without, of_rule

from environment import ROOT


def passage(name: str) -> str:
    """The framework's own words, from the table that they are published from."""
    with (ROOT / "data/framework/passages.csv").open(encoding="utf-8", newline="") as file:
        return next(row["exact"] for row in csv.DictReader(file) if row["passage"] == name)


def test_the_good_file_has_no_violation_and_no_warning(home: Path) -> None:
    document = checked(home, ("good.ttl", GOOD))
    assert [one for one in document["results"] if one["severity"] != "info"] == []
    assert document["conforms"] is True


class TestAMissingValue:
    @pytest.fixture
    def text(self) -> str:
        return good_without("coi:aimsAt")

    def test_all_of_it(self, home: Path, text: str) -> None:
        one = of_rule(checked(home, ("a.ttl", text)), "Activity-aim")
        assert one["severity"] == "violation"
        assert one["record"]["iri"] == ACTIVITY + "ny"
        assert one["record"]["name"] == {"da": "Kursus i afprøvning", "en": "Course in testing"}
        assert one["record"]["kind"] == {"da": "træningsforløb", "en": "training course"}
        assert one["field"]["name"] == {"da": "ønsket forandring", "en": "desired change"}
        assert one["problem"]["da"] == "»ønsket forandring« mangler"
        assert one["problem"]["en"] == "“desired change” is missing"
        assert one["found"] is None
        assert one["mend"]["en"].startswith("Choose at least one change")
        assert one["mend"]["da"].startswith("Vælg mindst én forandring")

    def test_what_is_expected_with_the_list(self, home: Path, text: str) -> None:
        expected = of_rule(checked(home, ("a.ttl", text)), "Activity-aim")["expected"]
        assert expected["text"]["en"].startswith("at least one")
        assert "“change aim” or “change ambition”" in expected["text"]["en"]
        assert "»forandringsmål« eller »forandringsambition«" in expected["text"]["da"]
        # The framework has eleven aims and three ambitions.
        assert len(expected["choices"]) + expected["more"] == 11 + 3

    def test_the_sentence_that_asks_for_it(self, home: Path, text: str) -> None:
        because = of_rule(checked(home, ("a.ttl", text)), "Activity-aim")["because"]
        assert because["iri"] == BASE + "id/passage/constraint-C02"
        assert because["quote"] == passage("constraint-C02")

    def test_the_place_is_the_record(self, home: Path, text: str) -> None:
        place = of_rule(checked(home, ("a.ttl", text)), "Activity-aim")["place"]
        line = 1 + text[: text.index("activity:ny")].count("\n")
        assert (place["file"], place["line"], place["column"]) == ("a.ttl", line, 1)
        assert place["shown"] == f"a.ttl:{line}:1"
        assert place["text"][place["mark"] :].startswith("activity:ny")

    def test_the_example_mends_it(self, home: Path, text: str) -> None:
        one = of_rule(checked(home, ("a.ttl", text)), "Activity-aim")
        assert one["example"]["kind"] == "turtle"
        mended = checked(home, ("a.ttl", text + "\n" + one["example"]["write"]["en"]))
        assert one["about"] not in {other["about"] for other in mended["results"]}
        assert mended["conforms"] is True


class TestAWrongValue:
    def test_a_near_miss(self, home: Path) -> None:
        text = good_without("coi:hasRole", "coi:hasRole role:capacity-bulder ;")
        one = of_rule(checked(home, ("a.ttl", text)), "Activity-role")
        assert one["found"]["term"] == {"type": "uri", "value": BASE + "id/role/capacity-bulder"}
        assert one["example"]["guess"] is True
        assert f"<{BASE}id/role/capacity-builder>" in one["example"]["write"]["da"]
        assert f"<{BASE}id/role/capacity-bulder>" in one["example"]["instead_of"]
        assert one["place"]["text"][one["place"]["mark"] :].startswith("role:capacity-bulder")

    def test_a_name_in_words_is_found_in_the_list(self, home: Path) -> None:
        text = good_without("coi:usesMethod", 'coi:usesMethod "Dialog" ;')
        one = of_rule(checked(home, ("a.ttl", text)), "Activity-method")
        assert f"<{BASE}id/method/dialogue>" in one["example"]["write"]["en"]

    def test_a_danish_date(self, home: Path) -> None:
        text = good_without("prov:startedAtTime", 'prov:startedAtTime "1.3.2019" ;')
        one = of_rule(checked(home, ("a.ttl", text)), "Times-startedAtTime")
        assert '"2019-03-01T00:00:00+01:00"^^xsd:dateTime' in one["example"]["write"]["en"]
        # It is no date, and it lacks its time zone: one thing to mend, of two components.
        components = {one["component"], *one["also"]}
        sh = "http://www.w3.org/ns/shacl#"
        assert components == {sh + "DatatypeConstraintComponent", sh + "PatternConstraintComponent"}

    def test_a_text_without_its_language(self, home: Path) -> None:
        text = good_without("dct:title", 'dct:title "Kursus"@da , "Course" ;')
        one = of_rule(checked(home, ("a.ttl", text)), "Contribution-title")
        assert one["problem"]["da"] == "teksten i »titel« angiver ikke sit sprog"
        assert 'dct:title "Course"@en' in one["example"]["write"]["da"]

    def test_a_text_in_another_language(self, home: Path) -> None:
        text = good_without("dct:title", 'dct:title "Kurs"@sv , "Course"@en ;')
        one = of_rule(checked(home, ("a.ttl", text)), "Contribution-title")
        assert "language" in one["problem"]["en"]
        assert one["found"]["term"]["xml:lang"] == "sv"


def test_a_record_without_an_address_is_called_by_what_it_is_a_part_of(home: Path) -> None:
    text = GOOD.replace("coi:aimsAt", "coi:continuation [ a coi:Continuation ] ;\n    coi:aimsAt")
    document = checked(home, ("a.ttl", text))
    names = [
        one["record"]["name"]["en"]
        for one in document["results"]
        if one["record"] and ".well-known/genid" in one["record"]["iri"]
    ]
    assert names
    assert all("“Course in testing”" in name for name in names)


def test_what_a_rule_on_whole_records_says(home: Path) -> None:
    text = good_without("prov:startedAtTime", (
        'prov:startedAtTime "2019-03-01T09:00:00+01:00"^^xsd:dateTime ; '
        'prov:endedAtTime "2018-03-01T09:00:00+01:00"^^xsd:dateTime ;'
    ))  # fmt: skip
    one = of_rule(checked(home, ("a.ttl", text)), "TimesOrderShape")
    assert "rule" in one["problem"]["en"]
    assert one["field"]["name"]["da"] == "slutning"
    assert one["found"]["text"].startswith("2018-03-01")


def test_a_side_effect_on_what_is_published_has_no_place(home: Path) -> None:
    """The contribution takes a published record's title in Danish a second time."""
    role = "<https://w3id.org/coi-graph/id/activity/eksempel-netvaerksmoede-om-spredning>"
    document = checked(home, ("a.ttl", HEAD + f'{role} dct:title "To"@da .'))
    one = of_rule(document, "Contribution-title")
    assert one["record"]["name"]["en"].startswith("Example:")
    assert one["place"]["line"] == HEAD.count("\n") + 1  # the file speaks of the record


def test_a_value_as_long_as_a_book_is_shortened(home: Path) -> None:
    text = good_without("dct:title", f'dct:title "{"x" * 5000}" , "Course"@en ;')
    one = of_rule(checked(home, ("a.ttl", text)), "Contribution-title")
    assert len(one["found"]["text"]) < 1000
    assert len(one["place"]["text"]) <= 100
