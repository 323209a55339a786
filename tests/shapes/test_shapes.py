"""The shapes as a whole: what the domain asks of them, and what SHACL asks of shapes."""

import csv
import logging
import re

import pyshacl
import pytest
from pyshacl.errors import ReportableRuntimeError
from rdflib import Graph, URIRef
from rdflib.namespace import DCTERMS, OWL, RDFS, SH, SKOS
from rdflib.term import Literal
from shape_files import alone, constraints, local_name, owners, shapes

from coi_graph.namespaces import DEF, ID, SHAPES
from environment import ROOT

PASSAGE = ID + "passage/constraint-"
# Model.md, C4: what each sentence of the framework becomes, and how severe it is to disregard it.
# C16 is a count: its shapes guard the lists that the framework closes.
CONSTRAINTS: dict[str, dict[str, str]] = {
    "C01": {"NotHierarchicalShape": "Violation"},
    "C02": {
        "Activity-role": "Violation", "Activity-method": "Violation", "Activity-aim": "Violation",
        "ActivityCombinesShape": "Info",
    },
    "C03": {
        "Collaboration-managementSupport": "Violation",
        "ManagementSupportPriorityShape": "Warning",
    },
    "C04": {"Collaboration-continuation": "Violation", "ContinuationEvidenceShape": "Warning"},
    "C05": {"Collaboration-learning": "Violation", "LearningBeyondParticipantsShape": "Violation"},
    "C06": {"InternationalAddedValueShape": "Violation"},
    "C07": {"ActivityOtherPartyShape": "Warning"},
    "C08": {"ActivityAcrossSectorsShape": "Info"},
    "C09": {"StrategicFramework-replaces": "Violation", "DeprecatedTermShape": "Violation"},
    "C10": {"CollectiveContributionShape": "Violation"},
    "C11": {"ChoiceFollowsFromShape": "Info"},
    "C12": {"CompletedActivityEvaluatedShape": "Warning", "Evaluation-tool": "Violation"},
    "C13": {"Adjustment-followUp": "Violation", "Adjustment-steeringGroup": "Violation"},
    "C14": {"CompetenceDevelopment-carriedOutBy": "Violation"},
    "C15": {"ActivityYield-currentValue": "Info", "ActivityYield-longTermYield": "Info"},
    "C16": {"ThreeAmbitionsShape": "Violation"},
    "C17": {"ChangeClaimMeasuredShape": "Info"},
    "C18": {"ToolDevelopedWithShape": "Info"},
}  # fmt: skip
# The "+" rows of the same table.
PROJECT: dict[str, str] = {
    "Innovation-innovationType": "Violation", "Innovation-novelty": "Violation",
    "Innovation-implementedAt": "Violation", "Innovation-achievedValue": "Violation",
    "SpreadCase-origin": "Violation", "SpreadCase-reachedStep": "Violation",
    "SpreadCompletedShape": "Violation",
    "Internship-hostWorkplace": "Violation", "InternshipGuestsShape": "Warning",
    "ChangeClaim-aim": "Violation", "ChangeClaim-source": "Violation",
    "ChangeClaim-contribution": "Violation",
    "Observation-dataSet": "Violation", "Observation-derivedFrom": "Violation",
    "Identifier-municipalityCode": "Violation", "Identifier-cvrNumber": "Violation",
    "CvrCheckDigitShape": "Warning", "CountryShape": "Violation", "LanguageShape": "Violation",
    "NoPersonShape": "Violation", "NoEmailShape": "Violation", "NoCprNumberShape": "Violation",
}  # fmt: skip


def _severity(name: str) -> str | None:
    severity = shapes().value(URIRef(SHAPES + name), SH.severity)
    return None if severity is None else str(severity).removeprefix(str(SH))


@pytest.mark.parametrize("constraint", sorted(CONSTRAINTS))
def test_each_sentence_has_its_shapes(constraint: str) -> None:
    expected = CONSTRAINTS[constraint]
    assert {name: _severity(name) for name in expected} == expected
    sources = {name: shapes().value(URIRef(SHAPES + name), DCTERMS.source) for name in expected}
    assert set(sources.values()) == {URIRef(PASSAGE + constraint)}


def test_each_rule_of_the_project_has_its_shape() -> None:
    assert {name: _severity(name) for name in PROJECT} == PROJECT


def test_every_sentence_that_a_shape_refers_to_is_annotated() -> None:
    with (ROOT / "data/framework/passages.csv").open(encoding="utf-8", newline="") as file:
        passages = {f"{ID}passage/{row['passage']}" for row in csv.DictReader(file)}
    cited = {str(source) for source in shapes().objects(None, DCTERMS.source)}
    assert {source for source in cited if source.startswith(ID + "passage/")} <= passages


def test_the_shapes_conform_to_shacl_shacl(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL, logger="pyshacl")
    _, results, text = pyshacl.validate(Graph(), shacl_graph=shapes(), meta_shacl=True)
    assert isinstance(results, Graph), text


def test_shacl_shacl_finds_faults(caplog: pytest.LogCaptureFixture) -> None:
    """The check above can fail: with two values of `sh:minCount`, it does."""
    caplog.set_level(logging.CRITICAL, logger="pyshacl")
    role = URIRef(SHAPES + "Activity-role")
    faulty = alone(role) + Graph().add((role, SH.minCount, Literal(2)))
    with pytest.raises(ReportableRuntimeError, match="MetaSHACL"):
        pyshacl.validate(Graph(), shacl_graph=faulty, meta_shacl=True)


def test_the_shapes_import_nothing() -> None:
    assert not list(shapes().triples((None, OWL.imports, None)))


def test_the_municipality_codes_are_the_98() -> None:
    with (ROOT / "data/places/municipalities.csv").open(encoding="utf-8", newline="") as file:
        codes = [row["kommunekode"] for row in csv.DictReader(file)]
    listed = [
        str(code)
        for alternatives in shapes().objects(
            URIRef(SHAPES + "Identifier-municipalityCode"), SH["or"]
        )
        for alternative in shapes().items(alternatives)
        for head in shapes().objects(alternative, SH["in"])
        for code in shapes().items(head)
        if isinstance(code, Literal) and code.datatype == URIRef(DEF + "MunicipalityCode")
    ]
    assert len(listed) == 98
    assert sorted(listed) == sorted(codes)


def test_every_code_list_that_a_shape_refers_to_exists() -> None:
    schemes = Graph()
    for path in sorted((ROOT / "ontology/schemes").glob("*.ttl")):
        schemes.parse(path)
    in_scheme = {
        value
        for shape in shapes().subjects(SH.path, SKOS.inScheme)
        for value in shapes().objects(shape, SH.hasValue)
    }
    assert in_scheme
    assert in_scheme <= set(schemes.objects(None, SKOS.inScheme))


@pytest.mark.parametrize("shape", sorted(owners()), ids=local_name)
def test_a_message_is_a_sentence_in_each_language(shape: URIRef) -> None:
    literals = [text for text in shapes().objects(shape, SH.message) if isinstance(text, Literal)]
    messages = {str(text.language): str(text) for text in literals}
    assert set(messages) == {"da", "en"}
    assert messages["da"] != messages["en"]
    for message in messages.values():
        assert message[0].isupper()
        assert message.endswith(".")
        assert len(message) < 300
    quoted = {language: re.findall(r"[»“]", text) for language, text in messages.items()}
    assert all(mark == "»" for mark in quoted["da"])
    assert all(mark == "“" for mark in quoted["en"])


@pytest.mark.parametrize("shape", sorted(owners()), ids=local_name)
def test_a_shape_says_in_both_languages_what_it_is_about(shape: URIRef) -> None:
    is_property = shapes().value(shape, SH.path) is not None
    about = SH.description if is_property else RDFS.comment
    texts = [text for text in shapes().objects(shape, about) if isinstance(text, Literal)]
    assert sorted(str(text.language) for text in texts) == ["da", "en"]
    assert any(constraints(shape))
