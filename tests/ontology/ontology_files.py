"""The files that the ontology's tests read, and the terms of the vocabularies that they may use.

Paths are relative to the repository root, found from this file. Nothing is fetched: a vocabulary is
known either from rdflib's DefinedNamespace or from the list of its terms below.
"""

from functools import cache
from pathlib import Path

from rdflib import Graph, URIRef
from rdflib.namespace import (
    CSVW,
    DCAT,
    DCTERMS,
    FOAF,
    ORG,
    OWL,
    PROV,
    QB,
    RDF,
    RDFS,
    SDO,
    SH,
    SKOS,
    TIME,
    VANN,
    VOID,
    XSD,
    DefinedNamespace,
)

ROOT = Path(__file__).resolve().parents[2]
BASE = "https://w3id.org/coi-graph/"
DEF = BASE + "def/"
ID = BASE + "id/"
SHAPES = BASE + "shapes/"
ONTOLOGY = URIRef(DEF)


def terms(names: str) -> frozenset[str]:
    """The local names that a text lists, separated by spaces."""
    return frozenset(names.split())


# Namespaces whose terms rdflib knows.
DEFINED_NAMESPACES: tuple[type[DefinedNamespace], ...] = (
    CSVW,
    DCAT,
    DCTERMS,
    FOAF,
    ORG,
    OWL,
    PROV,
    QB,
    RDF,
    RDFS,
    SDO,
    SH,
    SKOS,
    TIME,
    VANN,
    VOID,
    XSD,
)

# Terms of vocabularies that rdflib does not ship, and of DCAT 3, where rdflib still has DCAT 2.
# A term that is missing here but stands in the vocabulary's own document belongs in the list.
LISTED_TERMS: dict[str, frozenset[str]] = {
    # https://www.w3.org/TR/vocab-dcat-3/
    "http://www.w3.org/ns/dcat#": terms(
        "DatasetSeries first hasCurrentVersion hasVersion inSeries isCurrentVersionOf "
        "isVersionOf last next nextVersion prev previousVersion resource seriesMember version"
    ),
    # https://semiceu.github.io/ADMS/releases/2.00/
    "http://www.w3.org/ns/adms#": terms(
        "Asset AssetDistribution AssetRepository Identifier identifier includedAsset "
        "interoperabilityLevel last next prev representationTechnique sample schemaAgency "
        "status supportedSchema translation versionNotes"
    ),
    # https://www.w3.org/TR/annotation-vocab/
    "http://www.w3.org/ns/oa#": terms(
        "Annotation Choice CssSelector DataPositionSelector FragmentSelector Motivation State "
        "SvgSelector TimeState XPathSelector bookmarking cachedSource sourceDate "
        "RangeSelector ResourceSelection Selector SpecificResource TextPositionSelector "
        "TextQuoteSelector TextualBody annotationService assessing bodyValue canonical "
        "classifying commenting describing editing end exact hasBody hasEndSelector "
        "hasPurpose hasScope hasSelector hasSource hasStartSelector hasState hasTarget "
        "highlighting identifying linking moderating motivatedBy prefix processingLanguage "
        "questioning refinedBy renderedVia replying start styleClass styledBy suffix tagging "
        "textDirection via"
    ),
    # https://www.w3.org/TR/vocab-dqv/
    "http://www.w3.org/ns/dqv#": terms(
        "Category Dimension Metric QualityAnnotation QualityCertificate QualityMeasurement "
        "QualityMeasurementDataset QualityMetadata QualityPolicy UserQualityFeedback "
        "computedOn expectedDataType hasQualityAnnotation hasQualityMeasurement "
        "hasQualityMetadata inCategory inDimension isMeasurementOf qualityAssessment value"
    ),
    # https://semiceu.github.io/CPOV/releases/2.1.1/
    "http://data.europa.eu/m8g/": terms(
        "ContactPoint PublicOrganisation contactPage contactPoint email frequency telephone"
    ),
    # SDMX content-oriented guidelines in RDF, https://www.w3.org/TR/vocab-data-cube/#bib-COG
    "http://purl.org/linked-data/sdmx/2009/attribute#": terms(
        "confStatus decimals obsStatus unitMeasure unitMult"
    ),
    "http://purl.org/linked-data/sdmx/2009/dimension#": terms(
        "age freq refArea refPeriod sex timePeriod"
    ),
    "http://purl.org/linked-data/sdmx/2009/measure#": terms("obsValue"),
    "http://purl.org/linked-data/sdmx/2009/concept#": terms(
        "confStatus freq obsStatus obsValue refArea refPeriod timePeriod unitMeasure"
    ),
    "http://purl.org/linked-data/sdmx/2009/code#": terms(
        "ObsStatus obsStatus obsStatus-A obsStatus-B obsStatus-E obsStatus-F obsStatus-I "
        "obsStatus-M obsStatus-P obsStatus-S"
    ),
    # https://www.dublincore.org/specifications/bibo/bibo/
    "http://purl.org/ontology/bibo/": terms(
        "Article Book Document Report Webpage doi isbn isbn13 status status/accepted "
        "status/draft status/published"
    ),
    # SDFIdk/ea-modelling-tools-java, concept_model_rdf.ftlx: the Danish FDA model metadata
    "https://data.gov.dk/model/core/modelling#": terms("deprecatedLabel modelScope"),
    "http://voag.linkedmodel.org/schema/voag#": terms("hasApprovalStatus"),
    "http://purl.org/vocab/frbr/core#": terms("responsibleEntity"),
    # https://qudt.org/schema/qudt/ and https://qudt.org/vocab/unit/
    "http://qudt.org/schema/qudt/": terms("Unit"),
    "http://qudt.org/vocab/unit/": terms("NUM PERCENT"),
    # https://spdx.org/rdf/terms/
    "http://spdx.org/rdf/terms#": terms(
        "Checksum algorithm checksum checksumAlgorithm_sha256 checksumValue"
    ),
    # https://www.dublincore.org/specifications/dublin-core/dcmi-terms/#section-7
    "http://purl.org/dc/dcmitype/": terms("Collection Dataset Event Image Service Text"),
}


def known_namespace(iri: URIRef) -> str | None:
    """The namespace of `iri` if it is one whose terms are known, else None."""
    namespaces = {str(ns._NS) for ns in DEFINED_NAMESPACES} | set(LISTED_TERMS)
    fitting = [ns for ns in namespaces if str(iri).startswith(ns) and str(iri) != ns]
    return max(fitting, key=len, default=None)


def is_real_term(iri: URIRef) -> bool:
    """Whether `iri` is a term of a known vocabulary."""
    if any(iri in ns for ns in DEFINED_NAMESPACES):
        return True
    namespace = known_namespace(iri)
    return namespace is not None and str(iri)[len(namespace) :] in LISTED_TERMS.get(namespace, ())


def turtle_files(*folders: str) -> list[Path]:
    """All Turtle files under the folders of the repository, sorted."""
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.ttl"))


@cache
def parsed(path: Path) -> Graph:
    """The graph of one Turtle file."""
    return Graph().parse(path, format="turtle")


@cache
def union(*folders: str) -> Graph:
    """The graphs of all Turtle files under the folders, in one."""
    graph = Graph()
    for path in turtle_files(*folders):
        graph += parsed(path)
    return graph


def relative(path: Path) -> str:
    """The path from the repository root, for messages and test names."""
    return path.relative_to(ROOT).as_posix()
