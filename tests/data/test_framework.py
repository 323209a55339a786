"""The framework's lists: complete, defined in both languages, and flat (model.md C)."""

from __future__ import annotations

import re
from collections import Counter

import pytest
from rdflib import Literal
from rdflib.namespace import DCTERMS, PROV, RDF, SKOS
from reference_graph import (
    COI,
    FRAMEWORK,
    everything,
    folder,
    local,
    name,
    names_of,
    reference,
    thing,
)

LISTS = folder("framework")


def instances(cls: str) -> set[str]:
    return {name(s) for s in LISTS.subjects(RDF.type, COI[cls])}


# --- counts (model.md C3, C4 C16, C5)


@pytest.mark.parametrize(
    ("cls", "count"),
    [
        ("Purpose", 3),
        ("OverallPurpose", 1),
        ("FrameworkCondition", 5),
        ("InnovationPractice", 3),
        ("StrategicRole", 3),
        ("WorkingMethod", 9),
        ("CollaborationForm", 4),
        ("ChangeAmbition", 3),
        ("ChangeAim", 11),
        ("ActorCategory", 18),
        ("FrameworkConstraint", 18),
        ("Tool", 5),
        ("Channel", 3),
        ("SpreadingStep", 6),
        ("EvaluationPhase", 4),
        ("JointContribution", 1),
    ],
)
def test_counts(cls: str, count: int) -> None:
    assert len(instances(cls)) == count


def test_the_aims_of_each_ambition() -> None:
    found = {
        str(LISTS.value(aim, SKOS.notation)): name(LISTS.value(aim, SKOS.broader))
        for aim in LISTS.subjects(RDF.type, COI.ChangeAim)
    }
    assert found == {
        **{f"S{n}": "system-changes" for n in range(1, 7)},
        **{f"A{n}": "behavioural-changes" for n in range(1, 4)},
        **{f"V{n}": "knowledge-acquired-and-applied" for n in range(1, 3)},
    }


def test_methods_are_explicit_or_derived() -> None:
    found = Counter(
        (name(m), name(status))
        for m in LISTS.subjects(RDF.type, COI.WorkingMethod)
        for status in LISTS.objects(m, COI.derivationStatus)
    )
    explicit = {"dissemination", "collaboration", "training-course", "dialogue"}
    derived = {
        "competence-development-support",
        "knowledge-collection",
        "knowledge-creation",
        "knowledge-debate",
        "trend-spotting",
    }
    assert found == Counter([(m, "explicit") for m in explicit] + [(m, "derived") for m in derived])


# model.md, C4
MODALITIES = {
    "C01": "prohibition",
    "C02": "tendency",
    "C03": "priority",
    "C04": "requirement",
    "C05": "requirement",
    "C06": "condition",
    "C07": "necessity",
    "C08": "endeavour",
    "C09": "property",
    "C10": "collective",
    "C11": "explanation",
    "C12": "rule",
    "C13": "rule",
    "C14": "rule",
    "C15": "aim",
    "C16": "closed-count",
    "C17": "quality",
    "C18": "rule",
}


def test_the_modality_of_each_constraint() -> None:
    for code, modality in MODALITIES.items():
        constraint = thing("constraint/" + code)
        assert str(LISTS.value(constraint, SKOS.notation)) == code
        assert [name(m) for m in LISTS.objects(constraint, COI.modality)] == [modality]


# --- flat, and no role tied to a change


def test_the_only_hierarchy_is_from_aim_to_ambition() -> None:
    graph = reference()
    upward = {SKOS.broader, SKOS.broaderTransitive, SKOS.broadMatch}
    downward = {SKOS.narrower, SKOS.narrowerTransitive, SKOS.narrowMatch}
    found = {(local(s).split("/")[0], p, local(o).split("/")[0]) for s, p, o in graph}
    assert {t for t in found if t[1] in upward | downward} == {("aim", SKOS.broader, "ambition")}


def test_no_role_and_no_method_is_tied_to_a_change() -> None:
    means, changes = {"role", "method"}, {"ambition", "aim"}
    kinds = {(local(s).split("/")[0], local(o).split("/")[0]) for s, _, o in everything()}
    assert ("framework", "aim") in kinds
    assert not {(s, o) for s, o in kinds if {s, o} & means and {s, o} & changes}


def test_purpose_and_role_are_related_and_no_more() -> None:
    found = {
        (name(s), p, name(o))
        for s, p, o in reference()
        if {local(s).split("/")[0], local(o).split("/")[0]} == {"purpose", "role"}
    }
    assert found == {
        ("supportive-conditions", SKOS.related, "dialogue-and-leverage-partner"),
        ("innovation-capacity", SKOS.related, "capacity-builder"),
        ("knowledge-and-debate", SKOS.related, "knowledge-ally"),
    }


def test_roles_and_methods_contribute_together() -> None:
    joint = thing("joint-contribution/roles-and-methods")
    contributors = {name(o) for o in LISTS.objects(joint, COI.hasContributor)}
    assert contributors == instances("StrategicRole") | instances("WorkingMethod")
    assert set(LISTS.objects(joint, COI.contributesTo)) == {thing("purpose/overall-purpose")}


def test_the_framework_relates_all_of_its_lists() -> None:
    expected = set().union(
        *(instances(c) for c in ("StrategicRole", "WorkingMethod", "ChangeAmbition", "ChangeAim"))
    )
    assert {name(o) for o in LISTS.objects(FRAMEWORK, COI.relates)} == expected
    assert len(expected) == 26


# --- schemes


def test_each_concept_is_in_the_scheme_of_its_list() -> None:
    schemes = {
        "purpose": "purposes",
        "condition": "framework-conditions",
        "practice": "innovation-practices",
        "role": "roles",
        "method": "working-methods",
        "form": "collaboration-forms",
        "ambition": "changes",
        "aim": "changes",
        "actor-category": "actor-categories",
        "constraint": "framework-constraints",
        "spreading-step": "spreading-steps",
        "evaluation-phase": "evaluation-phases",
    }
    concepts = set(LISTS.subjects(RDF.type, SKOS.Concept))
    assert {local(c).split("/")[0] for c in concepts} == set(schemes)
    for concept in concepts:
        scheme = thing("scheme/" + schemes[local(concept).split("/")[0]])
        assert list(LISTS.objects(concept, SKOS.inScheme)) == [scheme]
        is_top = "/aim/" not in str(concept)
        assert ((concept, SKOS.topConceptOf, scheme) in LISTS) is is_top
        assert ((scheme, SKOS.hasTopConcept, concept) in LISTS) is is_top
    assert {name(s) for s in LISTS.subjects(RDF.type, SKOS.ConceptScheme)} == set(schemes.values())


# --- definitions (the Danish FDA rules 20-22)

PROPER_NAMES = r"COI|Center for Offentlig Innovation|Danmark|Denmark|KL|OECD|FTF|OAO|Norden"
HEDGES = r"ofte|typisk|normalt|sædvanligvis|often|typically|usually|normally"
DEFINITIONS = sorted(
    (local(s), value.language or "", str(value))
    for s, value in LISTS.subject_objects(SKOS.definition)
    if (s, RDF.type, SKOS.Concept) in LISTS and isinstance(value, Literal)
)


def test_each_concept_has_a_definition_in_both_languages() -> None:
    found = Counter((subject, language) for subject, language, _ in DEFINITIONS)
    concepts = [local(c) for c in set(LISTS.subjects(RDF.type, SKOS.Concept))]
    assert found == Counter((c, language) for c in concepts for language in ("da", "en"))


@pytest.mark.parametrize(
    ("subject", "language", "definition"),
    DEFINITIONS,
    ids=[f"{subject}-{language}" for subject, language, _ in DEFINITIONS],
)
def test_definition(subject: str, language: str, definition: str) -> None:
    (label,) = names_of(thing(subject), language)
    assert definition[0].islower()
    assert not definition.endswith(".")
    assert definition == definition.strip()
    assert not re.search(rf"(?<!\w){re.escape(label)}(?!\w)", definition, re.IGNORECASE)
    assert not re.search(rf"\b({PROPER_NAMES})\b", definition)
    assert not re.search(rf"\b({HEDGES})\b", definition, re.IGNORECASE)
    assert not re.match(r"(ikke|ingen|intet|not|no|none)\b", definition)


def test_definitions_are_different() -> None:
    texts = Counter(definition for _, _, definition in DEFINITIONS)
    assert [text for text, count in texts.items() if count > 1] == []


# --- tools (model.md A6)


def test_what_the_tools_serve() -> None:
    found = {
        (name(tool), name(practice))
        for tool in LISTS.subjects(RDF.type, COI.Tool)
        for practice in LISTS.objects(tool, COI.concernsPractice)
    }
    assert found == {
        ("evaluation-guide", "evaluation"),
        ("spreading-guide", "spreading"),
        ("networks", "spreading"),
    }


def test_the_steps_of_spreading_and_their_instruments() -> None:
    found = {
        str(LISTS.value(step, SKOS.notation)): (
            names_of(step, "en")[0],
            len(list(LISTS.objects(step, DCTERMS.hasPart))),
        )
        for step in LISTS.objects(thing("tool/spreading-guide"), DCTERMS.hasPart)
        if (step, RDF.type, COI.SpreadingStep) in LISTS
    }
    assert found == {
        "1": ("Check", 5),
        "2": ("Test", 3),
        "3": ("Adapt", 1),
        "4": ("Remove", 1),
        "5": ("Implement", 1),
        "6": ("Harvest", 2),
    }


def test_our_own_danish_names_are_marked() -> None:
    """Of the steps' Danish names only ”Tjek” was found."""
    steps = set(LISTS.subjects(RDF.type, COI.SpreadingStep))
    instruments = {o for s in steps for o in LISTS.objects(s, DCTERMS.hasPart)}
    ours = {
        node
        for node in steps | instruments
        for note in LISTS.objects(node, SKOS.editorialNote)
        if "projektets oversættelse" in note
    }
    assert (steps | instruments) - ours == {thing("spreading-step/check")}


def test_the_phases_of_evaluation() -> None:
    found = {
        str(LISTS.value(phase, SKOS.notation)): names_of(phase, "da")[0]
        for phase in LISTS.objects(thing("tool/evaluation-guide"), DCTERMS.hasPart)
        if (phase, RDF.type, COI.EvaluationPhase) in LISTS
    }
    assert found == {
        "1": "Afklar",
        "2": "Planlæg",
        "3": "Indsaml, analysér og konkludér",
        "4": "Brug det",
    }


def test_follow_up_as_the_text_has_it() -> None:
    adjustment = thing("follow-up/adjustment")
    assert set(LISTS.objects(adjustment, PROV.wasAssociatedWith)) == {
        thing("organisation/steering-group")
    }
    assert set(LISTS.objects(adjustment, PROV.wasInformedBy)) == {
        thing("follow-up/continuous-follow-up")
    }
