"""What is derived of the shapes, held against the shapes' own text and the data's own names."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest
from filled_tables import DEF, ID, KINDS
from hypothesis import given
from hypothesis import strategies as st

from coi_graph.intake.names import Labelled, Names, ValueKind, mint, mint_part, slug
from coi_graph.intake.tables.columns import columns_of
from coi_graph.store import Store
from small_tree import Tree


def test_every_kind_of_contribution_is_there(names: Names) -> None:
    assert [kind.key for kind in names.kinds()] == list(KINDS)
    assert names.kind("collaboration").labels == {"da": "samarbejde", "en": "collaboration"}


def test_every_kind_and_field_has_a_name_in_both_languages(names: Names) -> None:
    for kind in names.records.values():
        assert kind.labels.keys() == {"da", "en"}, kind.key
        for field in kind.fields:
            assert field.labels.keys() == field.description.keys() == {"da", "en"}, field.path
            assert field.group.keys() == {"da", "en"}, field.path


def test_a_collaboration_has_the_fields_of_an_activity_too(names: Names) -> None:
    own = {field.path: field for field in names.kind("collaboration").fields}
    assert {DEF + "hasRole", DEF + "usesMethod", DEF + "continuation"} <= own.keys()
    support = own[DEF + "managementSupport"]  # sh:minCount 1, sh:maxCount 1, a code list
    assert support.required
    assert not support.many
    assert [c.label("da") for c in names.choices(support)] == [
        "med opbakning", "uden opbakning", "ukendt opbakning",
    ]  # fmt: skip
    assert own[DEF + "continuation"].value is ValueKind.PART
    assert own[DEF + "continuation"].part == "continuation"


@pytest.mark.parametrize("lang", ["da", "en"])
def test_a_list_is_in_the_readers_alphabet(names: Names, lang: str) -> None:
    methods = names.kind("collaboration").field_at(DEF + "usesMethod")
    assert methods is not None
    shown = [choice.label(lang) for choice in names.choices(methods, lang)]
    assert len(shown) == 9
    assert shown == sorted(shown, key=str.casefold)


def test_fields_stand_in_the_order_of_their_groups(names: Names) -> None:
    """sh:order of the group (shapes/shapes.ttl), then of the shape."""
    shown = [field.labels["en"] for field in names.kind("activity").fields]
    assert shown[:5] == ["title", "description", "role", "working method", "desired change"]
    assert shown.index("participant") < shown.index("start") < shown.index("current value")


@pytest.mark.parametrize(
    ("kind", "path", "value"),
    [
        ("activity", "http://www.w3.org/ns/prov#startedAtTime", ValueKind.DATETIME),
        ("innovation", DEF + "implementationDate", ValueKind.DATE),
        ("internship", DEF + "internshipYear", ValueKind.YEAR),
        ("internship", DEF + "guestCount", ValueKind.INTEGER),
        ("change-claim", DEF + "share", ValueKind.DECIMAL),
        ("change-claim", "http://purl.org/dc/terms/source", ValueKind.LINK),
        ("change-claim", DEF + "contribution", ValueKind.TEXT),
        ("observation", DEF + "edition", ValueKind.THING),
    ],
)
def test_datatypes_become_kinds_of_value(
    names: Names, kind: str, path: str, value: ValueKind
) -> None:
    field = names.kind(kind).field_at(path)
    assert field is not None
    assert field.value is value


def test_bounds_and_languages_are_the_shapes(names: Names) -> None:
    share = names.kind("change-claim").field_at(DEF + "share")
    title = names.kind("innovation").field_at("http://purl.org/dc/terms/title")
    assert share is not None
    assert (share.minimum, share.maximum) == (0, 100)
    assert title is not None
    assert title.languages == ("da", "en")


def test_what_is_required_wanted_or_free(names: Names) -> None:
    activity = {field.path: field for field in names.kind("activity").fields}
    assert activity[DEF + "hasRole"].required
    assert activity[DEF + "choiceFollowsFrom"].wanted, "coish:ChoiceFollowsFromShape, sh:Info"
    assert activity[DEF + "participant"].wanted, "coish:ActivityOtherPartyShape, sh:Warning"
    condition = activity[DEF + "addressesCondition"]
    assert not condition.required
    assert not condition.wanted
    by_others = activity[DEF + "carriedOutBy"]
    assert by_others.required_for == (DEF + "CompetenceDevelopmentSupport",)
    assert not by_others.required
    assert activity[DEF + "hasRole"].asked_by["da"] == "COI's strategiske ramme"


def test_a_name_is_asked_for_in_both_languages_a_title_in_one(names: Names) -> None:
    """coish:Organisation-prefLabel has sh:minCount 2, coish:Contribution-title 1."""
    columns = {
        (column.header("da"), column.is_required("da"))
        for kind in ("workplace", "evaluation")
        for column in columns_of(names.kind(kind), names, parts=False)
    }
    assert {("navn (dansk)", True), ("navn (engelsk)", True)} <= columns
    assert {("titel (dansk)", True), ("titel (engelsk)", False)} <= columns


def test_a_rule_under_a_condition_is_a_note(names: Names) -> None:
    """coish:InternationalAddedValueShape is SPARQL, and reports coi:expectedAddedValue."""
    field = names.kind("activity").field_at(DEF + "expectedAddedValue")
    assert field is not None
    assert any("ikke er danske" in note["da"] for note in field.notes)


def test_a_field_that_must_not_be_is_none(names: Names) -> None:
    """coish:InnovativeInitiative-achievedValue has sh:maxCount 0."""
    assert names.kind("initiative").field_at(DEF + "achievedValue") is None
    assert names.kind("innovation").field_at(DEF + "achievedValue") is not None


def test_activities_have_the_types_that_are_no_kind_of_their_own(names: Names) -> None:
    assert [choice.iri for choice in names.kind("activity").types] == [
        DEF + name
        for name in (
            "Activity", "CompetenceDevelopmentSupport", "KnowledgeActivity", "NetworkMeeting",
            "TrainingCourse",
        )
    ]  # fmt: skip
    assert names.kind("evaluation").types == ()


def test_organisations_are_found_by_name_number_and_full_name(names: Names) -> None:
    participant = names.kind("activity").field_at(DEF + "participant")
    assert participant is not None
    index = names.index(participant.lists)
    odense = ID + "municipality/0461"
    for spelling in (
        "Odense",
        "odense ",
        "ODENSE",
        "0461",
        "Odense Kommune",
        "Odense\u00a0Kommune",
    ):
        assert [choice.iri for choice in index.find(spelling)] == [odense], spelling
    assert index.find("Odensee") == []
    assert "Odense" in index.close_to("Odensee")


def test_codes_are_found_in_both_languages_and_by_notation(names: Names) -> None:
    grade = names.kind("change-claim").field_at(DEF + "sourceGrade")
    assert grade is not None
    index = names.index(grade.lists)
    for spelling in ("afrundet eller udledt", "rounded or inferred", "B", "b"):
        assert [one.iri for one in index.find(spelling)] == [ID + "source-grade/b"], spelling


def test_foreign_codes_have_names_of_ours(names: Names) -> None:
    country = names.kind("workplace").field_at(DEF + "country")
    assert country is not None
    assert next(c.label("da") for c in names.choices(country)) == "Danmark"
    assert names.index(country.lists).find("DNK") == names.index(country.lists).find("Denmark")


def test_parts_of_other_things_are_not_offered(names: Names) -> None:
    """``id/region/…/existence`` is a period, but none that a figure covers."""
    period = names.kind("observation").field_at(
        "http://purl.org/linked-data/sdmx/2009/dimension#refPeriod"
    )
    assert period is not None
    iris = [choice.iri for choice in names.choices(period)]
    assert ID + "period/2018-2019" in iris
    assert not [iri for iri in iris if "/existence" in iri]


def test_names_can_be_pickled(names: Names) -> None:
    again = pickle.loads(pickle.dumps(names))
    assert again == names
    assert again.kind("activity") == names.kind("activity")


def test_the_names_of_a_release_without_the_kinds(tmp_path: Path) -> None:
    """A release whose shapes say nothing of contributions has no kinds, and no trouble."""
    store = Tree.make(tmp_path).must_build().open()
    assert Names.from_store(store).kinds() == []


@pytest.mark.parametrize(
    ("identifier", "name"),
    [
        ("eksempel-faelles-indgang-til-job", "eksempel-faelles-indgang-til-job"),
        ("Eksempel: Fælles indgang til job", "eksempel-faelles-indgang-til-job"),
        ("Aarhus 2026/01", "aarhus-2026-01"),
        ("Ål på Øen", "aal-paa-oeen"),
        ("A\u030al", "aal"),  # å in two characters
        ("Café Élan", "cafe-elan"),
        ("  -- ", ""),
        ("日本", ""),
    ],
)
def test_names_are_made_as_in_the_data(identifier: str, name: str) -> None:
    assert slug(identifier) == name


@given(st.text(max_size=60))
def test_a_made_name_is_an_iri_and_stays_the_same(identifier: str) -> None:
    name = slug(identifier)
    assert slug(name) == name
    assert all(c.isascii() and (c.isalnum() or c == "-") for c in name)


def test_iris_of_records_and_parts_are_those_of_the_examples(
    names: Names, built_store: Store
) -> None:
    collaboration = names.kind("collaboration")
    iri = mint(collaboration, "Eksempel: Fælles indgang til job")
    assert iri == ID + "activity/eksempel-faelles-indgang-til-job"
    learning = collaboration.field_at(DEF + "learningSharing")
    assert learning is not None
    assert mint_part(iri, learning, 1) == iri + "/learning-sharing"
    assert mint_part(iri, learning, 2) == iri + "/learning-sharing-2"
    known = names.records_of(collaboration)
    assert known[iri].labels["da"] == "Eksempel: Fælles indgang til job"
    assert mint(collaboration, "--") is None


def test_a_label_is_a_message_in_either_language() -> None:
    message = Labelled({"da": "æble", "en": "apple"})
    assert (message.in_language("da"), str(message)) == ("æble", "apple")
