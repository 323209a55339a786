"""The ontology's header and terms: complete, in both languages, and as the model asks.

Sources: the row "ontology as a citizen" of the harvesters' needs (what FOOPS reads), the Danish FDA
rules 06-14 (model metadata) and 17-22 (terms and definitions), and the project's model (C1).
"""

import re

import pytest
from ontology_files import BASE, DEF, ONTOLOGY, union
from rdflib import Literal, URIRef
from rdflib.namespace import (
    DCTERMS,
    FOAF,
    OWL,
    QB,
    RDF,
    RDFS,
    SDO,
    SKOS,
    VANN,
    XSD,
    Namespace,
)

COI = Namespace(DEF)
ADMS = Namespace("http://www.w3.org/ns/adms#")
BIBO = Namespace("http://purl.org/ontology/bibo/")
OA = Namespace("http://www.w3.org/ns/oa#")
PROJECT = URIRef(BASE + "id/organisation/coi-graph-project")

GRAPH = union("ontology")
TERM_TYPES = {
    OWL.Class,
    OWL.ObjectProperty,
    OWL.DatatypeProperty,
    RDFS.Datatype,
    RDF.Property,
    QB.DimensionProperty,
    QB.AttributeProperty,
    QB.MeasureProperty,
}
TERMS = sorted(
    term
    for term in set(GRAPH.subjects())
    if isinstance(term, URIRef)
    and term.startswith(DEF)
    and TERM_TYPES & set(GRAPH.objects(term, RDF.type))
)

HEADER = [
    RDFS.label,
    DCTERMS.title,
    DCTERMS.abstract,
    DCTERMS.description,
    DCTERMS.license,
    DCTERMS.creator,
    DCTERMS.publisher,
    DCTERMS.created,
    DCTERMS.issued,
    DCTERMS.modified,
    DCTERMS.language,
    DCTERMS.source,
    DCTERMS.bibliographicCitation,
    OWL.versionIRI,
    OWL.versionInfo,
    VANN.preferredNamespacePrefix,
    VANN.preferredNamespaceUri,
    ADMS.status,
    BIBO.status,
    FOAF.logo,
    SDO.includedInDataCatalog,
    URIRef("https://data.gov.dk/model/core/modelling#modelScope"),
    URIRef("http://voag.linkedmodel.org/schema/voag#hasApprovalStatus"),
    URIRef("http://purl.org/vocab/frbr/core#responsibleEntity"),
    URIRef("http://www.w3.org/ns/dcat#theme"),
]


def texts(subject: URIRef, predicate: URIRef, language: str) -> list[str]:
    """The literals of a subject's property in one language."""
    return [
        str(value)
        for value in GRAPH.objects(subject, predicate)
        if isinstance(value, Literal) and value.language == language
    ]


def local_name(term: URIRef) -> str:
    return term.removeprefix(DEF)


def test_there_is_exactly_one_ontology() -> None:
    assert list(GRAPH.subjects(RDF.type, OWL.Ontology)) == [ONTOLOGY]


@pytest.mark.parametrize("predicate", HEADER)
def test_header_has(predicate: URIRef) -> None:
    assert list(GRAPH.objects(ONTOLOGY, predicate))


@pytest.mark.parametrize("predicate", [*HEADER[:4], DCTERMS.bibliographicCitation])
@pytest.mark.parametrize("language", ["da", "en"])
def test_header_speaks(predicate: URIRef, language: str) -> None:
    assert len(texts(ONTOLOGY, predicate, language)) == 1


def test_header_values() -> None:
    assert GRAPH.value(ONTOLOGY, DCTERMS.license) == URIRef(
        "https://creativecommons.org/licenses/by/4.0/"
    )
    assert GRAPH.value(ONTOLOGY, DCTERMS.creator) == PROJECT
    assert GRAPH.value(ONTOLOGY, DCTERMS.publisher) == PROJECT
    assert GRAPH.value(ONTOLOGY, OWL.versionInfo) == Literal("0.1.0")
    assert GRAPH.value(ONTOLOGY, OWL.versionIRI) == URIRef(DEF + "0.1.0")
    assert GRAPH.value(ONTOLOGY, VANN.preferredNamespacePrefix) == Literal("coi")
    assert str(GRAPH.value(ONTOLOGY, VANN.preferredNamespaceUri)) == DEF
    assert GRAPH.value(ONTOLOGY, SDO.includedInDataCatalog) == URIRef(BASE + "catalog")
    assert GRAPH.value(ONTOLOGY, FOAF.logo) == URIRef(BASE + "static/logo.svg")


def test_a_version_below_one_is_under_development() -> None:
    """FDA rule 12: a version below 1.0.0 always has the status development."""
    version = str(GRAPH.value(ONTOLOGY, OWL.versionInfo))
    assert re.fullmatch(r"0\.\d+\.\d+", version)
    assert GRAPH.value(ONTOLOGY, ADMS.status) == URIRef(
        "http://purl.org/adms/status/UnderDevelopment"
    )


@pytest.mark.parametrize("predicate", [DCTERMS.created, DCTERMS.issued, DCTERMS.modified])
def test_header_dates_are_dates(predicate: URIRef) -> None:
    date = GRAPH.value(ONTOLOGY, predicate)
    assert isinstance(date, Literal)
    assert date.datatype == XSD.date
    assert re.fullmatch(r"\d{4}-\d{2}-\d{2}", date)


def test_the_project_is_named_and_coi_is_not_claimed_as_author() -> None:
    assert len(texts(PROJECT, FOAF.name, "da")) == len(texts(PROJECT, FOAF.name, "en")) == 1
    assert set(GRAPH.objects(ONTOLOGY, DCTERMS.creator)) == {PROJECT}
    assert "COI has neither made nor approved it" in texts(ONTOLOGY, DCTERMS.description, "en")[0]


def test_a_prior_version_is_named_only_when_there_is_one() -> None:
    assert not list(GRAPH.objects(ONTOLOGY, OWL.priorVersion))


@pytest.mark.parametrize("term", TERMS, ids=local_name)
@pytest.mark.parametrize("language", ["da", "en"])
def test_term_has_one_label_and_one_definition(term: URIRef, language: str) -> None:
    assert len(texts(term, RDFS.label, language)) == 1
    assert len(texts(term, SKOS.definition, language)) == 1


@pytest.mark.parametrize("term", TERMS, ids=local_name)
def test_term_is_defined_by_the_ontology(term: URIRef) -> None:
    assert list(GRAPH.objects(term, RDFS.isDefinedBy)) == [ONTOLOGY]


@pytest.mark.parametrize("term", TERMS, ids=local_name)
@pytest.mark.parametrize("language", ["da", "en"])
def test_label_is_in_lower_case(term: URIRef, language: str) -> None:
    """FDA rule 18: ordinary spelling, so lower case but for abbreviations such as CVR."""
    label = texts(term, RDFS.label, language)[0]
    assert label[0].islower() or label[:2].isupper()


@pytest.mark.parametrize("term", TERMS, ids=local_name)
def test_local_name_is_english_camel_case(term: URIRef) -> None:
    is_class = {OWL.Class, RDFS.Datatype} & set(GRAPH.objects(term, RDF.type))
    pattern = r"[A-Z][A-Za-z]*" if is_class else r"[a-z][A-Za-z]*"
    assert re.fullmatch(pattern, local_name(term))
