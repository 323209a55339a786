"""Every class, property and datatype that data, shapes and queries rely on, as they rely on it.

The tables are written from the project's model (C1) and the agreement between its parts, not from
the ontology. Ranges are given where there is a single one.
"""

import pytest
from ontology_files import DEF, union
from rdflib import URIRef
from rdflib.namespace import (
    DCTERMS,
    ORG,
    OWL,
    PROV,
    QB,
    RDF,
    RDFS,
    SKOS,
    XSD,
    Namespace,
)

COI = Namespace(DEF)
OA = Namespace("http://www.w3.org/ns/oa#")
GRAPH = union("ontology")

# The classes of the contract with their superclasses.
CLASSES: dict[str, set[URIRef]] = {
    "StrategicFramework": {PROV.Plan, DCTERMS.BibliographicResource},
    "JointContribution": set(),
    "Purpose": {SKOS.Concept},
    "OverallPurpose": {SKOS.Concept},
    "FrameworkCondition": {SKOS.Concept},
    "InnovationPractice": {SKOS.Concept},
    "StrategicRole": {SKOS.Concept},
    "WorkingMethod": {SKOS.Concept},
    "CollaborationForm": {SKOS.Concept},
    "ChangeAmbition": {SKOS.Concept},
    "ChangeAim": {SKOS.Concept},
    "ActorCategory": {SKOS.Concept},
    "FrameworkConstraint": {SKOS.Concept},
    "InnovationCentre": {ORG.FormalOrganization},
    "SteeringGroup": {ORG.OrganizationalCollaboration},
    "Channel": set(),
    "Activity": {PROV.Activity},
    "Collaboration": {COI.Activity},
    "CompetenceDevelopmentSupport": {COI.Activity},
    "TrainingCourse": {COI.Activity},
    "KnowledgeActivity": {COI.Activity},
    "NetworkMeeting": {COI.Activity},
    "Continuation": set(),
    "LearningSharing": set(),
    "Tool": {PROV.Entity},
    "StatisticalSurvey": {COI.Tool},
    "Guide": {COI.Tool},
    "ExchangeScheme": {COI.Tool},
    "NetworkProgramme": {COI.Tool},
    "ToolPart": {PROV.Entity},
    "SpreadingStep": {SKOS.Concept},
    "EvaluationPhase": {SKOS.Concept},
    "InnovativeInitiative": {PROV.Entity},
    "Innovation": {PROV.Entity},
    "SpreadCase": {PROV.Activity},
    "Evaluation": {PROV.Activity},
    "InternshipStay": {PROV.Activity},
    "FollowUp": {PROV.Activity},
    "Adjustment": {PROV.Activity},
    "ChangeClaim": {PROV.Entity},
    "Workplace": {ORG.OrganizationalUnit},
    "PublishedConflict": set(),
}

# The object properties of the contract; None where it names no single range.
OBJECT_PROPERTIES: dict[str, URIRef | None] = {
    "hasRole": COI.StrategicRole,
    "usesMethod": COI.WorkingMethod,
    "aimsAt": SKOS.Concept,
    "addressesCondition": COI.FrameworkCondition,
    "usesTool": COI.Tool,
    "engagesWith": None,
    "appliesTo": None,
    "benefits": None,
    "concernsPractice": COI.InnovationPractice,
    "relates": SKOS.Concept,
    "contributesTo": COI.OverallPurpose,
    "hasContributor": SKOS.Concept,
    "changeBearer": COI.ActorCategory,
    "participant": ORG.Organization,
    "targetGroup": COI.ActorCategory,
    "collaborationForm": COI.CollaborationForm,
    "managementSupport": SKOS.Concept,
    "continuation": COI.Continuation,
    "responsible": ORG.Organization,
    "continuationEvidence": None,
    "learningSharing": COI.LearningSharing,
    "sharedWith": None,
    "country": SKOS.Concept,
    "carriedOutBy": ORG.Organization,
    "choiceFollowsFrom": None,
    "developedWith": None,
    "foundedBy": ORG.Organization,
    "fundedBy": ORG.Organization,
    "foundingPartyOf": ORG.Organization,
    "funderOf": ORG.Organization,
    "innovationType": SKOS.Concept,
    "novelty": SKOS.Concept,
    "achievedValue": SKOS.Concept,
    "implementedAt": COI.Workplace,
    "spreads": COI.Innovation,
    "origin": COI.Workplace,
    "adopter": COI.Workplace,
    "reuseMode": SKOS.Concept,
    "spreadStatus": SKOS.Concept,
    "spreadInitiator": SKOS.Concept,
    "valueAtAdopter": SKOS.Concept,
    "reachedStep": COI.SpreadingStep,
    "contactUnit": ORG.OrganizationalUnit,
    "evaluates": None,
    "evaluationPhase": COI.EvaluationPhase,
    "evaluationPurpose": SKOS.Concept,
    "conductedAs": SKOS.Concept,
    "hostWorkplace": COI.Workplace,
    "homeWorkplace": COI.Workplace,
    "internshipOutcome": SKOS.Concept,
    "aboutAim": COI.ChangeAim,
    "sourceGrade": SKOS.Concept,
    "statedIn": OA.Annotation,
    "derivationStatus": SKOS.Concept,
    "wordingStatus": SKOS.Concept,
    "modality": SKOS.Concept,
    "governmentLevel": SKOS.Concept,
}

DATATYPE_PROPERTIES: dict[str, URIRef] = {
    "expectedAddedValue": RDF.langString,
    "currentValue": RDF.langString,
    "longTermYield": RDF.langString,
    "contribution": RDF.langString,
    "useOfResult": RDF.langString,
    "stopReason": RDF.langString,
    "implementationDate": XSD.date,
    "implementedAtAdopter": XSD.date,
    "guestCount": XSD.integer,
    "durationDays": XSD.integer,
    "internshipYear": XSD.gYear,
    "share": XSD.decimal,
    "count": XSD.integer,
}

CUBE_PROPERTIES = [
    "edition",
    "governmentLevel",
    "industry",
    "sizeGroup",
    "indicator",
    "breakdown",
    "population",
    "baseN",
    "statedAs",
    "sourceGrade",
]


@pytest.mark.parametrize("name", CLASSES)
def test_class_of_the_contract(name: str) -> None:
    assert (COI[name], RDF.type, OWL.Class) in GRAPH
    assert CLASSES[name] <= set(GRAPH.objects(COI[name], RDFS.subClassOf))


@pytest.mark.parametrize("name", OBJECT_PROPERTIES)
def test_object_property_of_the_contract(name: str) -> None:
    expected = OBJECT_PROPERTIES[name]
    assert (COI[name], RDF.type, OWL.ObjectProperty) in GRAPH
    assert set(GRAPH.objects(COI[name], RDFS.range)) == ({expected} if expected else set())


@pytest.mark.parametrize("name", DATATYPE_PROPERTIES)
def test_datatype_property_of_the_contract(name: str) -> None:
    assert (COI[name], RDF.type, OWL.DatatypeProperty) in GRAPH
    assert list(GRAPH.objects(COI[name], RDFS.range)) == [DATATYPE_PROPERTIES[name]]


@pytest.mark.parametrize("name", ["CvrNumber", "MunicipalityCode"])
def test_datatype_of_the_contract(name: str) -> None:
    assert (COI[name], RDF.type, RDFS.Datatype) in GRAPH


@pytest.mark.parametrize("name", CUBE_PROPERTIES)
def test_cube_property_of_the_contract(name: str) -> None:
    types = set(GRAPH.objects(COI[name], RDF.type))
    assert types & {QB.DimensionProperty, QB.AttributeProperty, QB.MeasureProperty}


def test_the_overall_purpose_is_not_one_of_the_purposes() -> None:
    assert COI.Purpose not in set(GRAPH.transitive_objects(COI.OverallPurpose, RDFS.subClassOf))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("StrategicRole", "WorkingMethod"),
        ("StrategicRole", "ChangeAmbition"),
        ("StrategicRole", "ChangeAim"),
        ("WorkingMethod", "ChangeAmbition"),
        ("WorkingMethod", "ChangeAim"),
        ("ChangeAmbition", "ChangeAim"),
        ("Innovation", "InnovativeInitiative"),
    ],
)
def test_disjoint(one: str, other: str) -> None:
    pair = {(COI[one], COI[other]), (COI[other], COI[one])}
    assert pair & set(GRAPH.subject_objects(OWL.disjointWith))


@pytest.mark.parametrize(
    ("name", "inverse"), [("foundedBy", "foundingPartyOf"), ("fundedBy", "funderOf")]
)
def test_inverse(name: str, inverse: str) -> None:
    assert (COI[name], OWL.inverseOf, COI[inverse]) in GRAPH
