"""The code lists and the alignments: complete in both languages, no more than the model."""

from pathlib import Path

import pytest
from ontology_files import DEF, ID, parsed, relative, turtle_files, union
from rdflib import BNode, Literal, URIRef
from rdflib.namespace import DCTERMS, PROV, RDF, RDFS, SKOS, Namespace

COI = Namespace(DEF)
GRAPH = union("ontology")
ALIGNMENTS = union("ontology/alignments")


def own_instances(of: URIRef) -> set[URIRef]:
    """The things under id/ that ontology/ gives a type."""
    things = GRAPH.subjects(RDF.type, of)
    return {t for t in things if isinstance(t, URIRef) and t.startswith(ID)}


SCHEMES = sorted(own_instances(SKOS.ConceptScheme))
CONCEPTS = sorted(own_instances(SKOS.Concept))

# The codes of the lists that contributions and the framework use (model.md A4, A6, B2, C1-C4).
CODES = {
    "innovation-type": "product service process-or-organisation communication",
    "novelty": "first adapted copied",
    "closeness": "further-development new-approach unknown",
    "value": "quality efficiency citizen-involvement employee-satisfaction political-goals",
    "collaboration-partner": "own-region-workplace other-region-workplace state-workplace"
    " higher-education-or-research municipal-workplace citizen voluntary-association"
    " private-company none",
    "reuse-mode": "copied adapted inspired",
    "spread-status": "planned under-way spread stopped",
    "spread-initiator": "sharer reuser",
    "management-support": "supported not-supported support-unknown",
    "evaluation-purpose": "learning documentation-of-value decision-basis spreading",
    "conducted-as": "internal external with-external-help",
    "internship-outcome": "relation inspiration concrete-solution",
    "derivation-status": "explicit derived inferred",
    "wording-status": "official proposed",
    "modality": "prohibition tendency priority requirement condition necessity endeavour property"
    " collective explanation rule aim closed-count quality",
    "government-level": "public state region municipality",
    "source-grade": "a b c",
    "oecd-principle": "1 2 3 4 5",
    "opsi-facet": "enhancement-oriented mission-oriented adaptive anticipatory",
    "opsi-change": "sustaining transformative disruptive optimising",
}

# Model.md C5, question 23, by the aims' notations: V1 and A3 to 5; S3 to 4; S4 and S5 to 3;
# S6 to 2; S1 to 1.
AIMS_TO_PRINCIPLES = {
    "coi-knowledge-used-and-debated": "5",
    "valuable-solutions-actively-spread": "5",
    "small-scale-testing-before-full-scale": "4",
    "cross-level-innovation-collaboration": "3",
    "innovation-with-others-required": "3",
    "innovation-competences-in-hr-and-curricula": "2",
    "innovative-ways-of-working-in-major-initiatives": "1",
}


def languages(subject: URIRef, predicate: URIRef) -> list[str]:
    """The languages of a property's literals, sorted: one entry a literal."""
    values = GRAPH.objects(subject, predicate)
    return sorted((v.language or "") for v in values if isinstance(v, Literal))


def short(iri: URIRef) -> str:
    return iri.removeprefix(ID)


@pytest.mark.parametrize("kind", CODES)
def test_list_has_its_codes(kind: str) -> None:
    scheme = URIRef(f"{ID}scheme/{kind}")
    codes = {str(c) for c in GRAPH.subjects(SKOS.inScheme, scheme)}
    assert codes == {f"{ID}{kind}/{code}" for code in CODES[kind].split()}


@pytest.mark.parametrize("kind", CODES)
def test_every_code_in_use_is_in_its_list(kind: str) -> None:
    used = {
        str(node)
        for triple in union("ontology", "data", "shapes")
        for node in triple
        if isinstance(node, URIRef)
        and node.startswith(f"{ID}{kind}/")
        # deeper paths are parts of a thing, such as the annotation of a grade
        and "/" not in node.removeprefix(f"{ID}{kind}/")
    }
    assert used == {f"{ID}{kind}/{code}" for code in CODES[kind].split()}


@pytest.mark.parametrize("scheme", SCHEMES, ids=short)
def test_scheme_speaks_both_languages(scheme: URIRef) -> None:
    assert languages(scheme, DCTERMS.title) == ["da", "en"]
    assert languages(scheme, SKOS.definition) == ["da", "en"]


@pytest.mark.parametrize("concept", CONCEPTS, ids=short)
def test_concept_speaks_both_languages_and_is_in_a_scheme(concept: URIRef) -> None:
    assert languages(concept, SKOS.prefLabel) == ["da", "en"]
    assert languages(concept, SKOS.definition) == ["da", "en"]
    schemes = set(GRAPH.objects(concept, SKOS.inScheme))
    assert schemes
    assert schemes <= set(SCHEMES)


@pytest.mark.parametrize("concept", CONCEPTS, ids=short)
def test_a_concept_without_broader_is_a_top_concept(concept: URIRef) -> None:
    if not list(GRAPH.objects(concept, SKOS.broader)):
        for scheme in GRAPH.objects(concept, SKOS.inScheme):
            assert (concept, SKOS.topConceptOf, scheme) in GRAPH
            assert (scheme, SKOS.hasTopConcept, concept) in GRAPH


@pytest.mark.parametrize("scheme", SCHEMES, ids=short)
@pytest.mark.parametrize("language", ["da", "en"])
def test_labels_are_unique_in_a_scheme(scheme: URIRef, language: str) -> None:
    labels = [
        str(label)
        for concept in GRAPH.subjects(SKOS.inScheme, scheme)
        for label in GRAPH.objects(concept, SKOS.prefLabel)
        if isinstance(label, Literal) and label.language == language
    ]
    assert len(labels) == len(set(labels))


def test_the_levels_have_no_hierarchy_and_kinds_of_workplace_point_to_their_level() -> None:
    """Hierarchy is allowed from level to kind of workplace only (model.md B1)."""
    level, partner = Namespace(ID + "government-level/"), Namespace(ID + "collaboration-partner/")
    for code in CODES["government-level"].split():
        assert not list(GRAPH.objects(level[code], SKOS.broader | SKOS.narrower))
    assert set(GRAPH.subject_objects(SKOS.broadMatch)) == {
        (partner["municipal-workplace"], level.municipality),
        (partner["other-region-workplace"], level.region),
        (partner["own-region-workplace"], level.region),
        (partner["state-workplace"], level.state),
    }


def test_grades_have_their_letters() -> None:
    grade = Namespace(ID + "source-grade/")
    letters = {GRAPH.value(grade[code], SKOS.notation) for code in "abc"}
    assert letters == {Literal("A"), Literal("B"), Literal("C")}


def test_aims_are_related_to_the_principles_that_the_model_proposes() -> None:
    expected = {
        (URIRef(f"{ID}aim/{aim}"), URIRef(f"{ID}oecd-principle/{principle}"))
        for aim, principle in AIMS_TO_PRINCIPLES.items()
    }
    found = {
        (aim, principle)
        for aim, principle in ALIGNMENTS.subject_objects(SKOS.relatedMatch)
        if f"{ID}oecd-principle/" in str(principle)
    }
    assert found == expected
    for aim, principle in expected:
        assert_attributed(aim, SKOS.relatedMatch, principle)


def assert_attributed(subject: URIRef, predicate: URIRef, matched: URIRef) -> None:
    """One rdf:Statement of the mapping has a note in both languages and the project as author."""
    statements = [
        s
        for s in ALIGNMENTS.subjects(RDF.type, RDF.Statement)
        if isinstance(s, URIRef)
        and ALIGNMENTS.value(s, RDF.subject) == subject
        and ALIGNMENTS.value(s, RDF.predicate) == predicate
        and ALIGNMENTS.value(s, RDF.object) == matched
    ]
    assert len(statements) == 1, (subject, predicate, matched)
    assert languages(statements[0], SKOS.editorialNote) == ["da", "en"]
    assert languages(statements[0], RDFS.label) == ["da", "en"]
    assert GRAPH.value(statements[0], PROV.wasAttributedTo) == URIRef(
        ID + "organisation/coi-graph-project"
    )


def test_the_oslo_manual_is_close_and_never_exact() -> None:
    """Oslo's definition does not demand value, the centre's does (model.md A5)."""
    oslo = URIRef(ID + "oslo-concept/innovation")
    assert set(GRAPH.subject_predicates(oslo)) & {
        (COI.Innovation, SKOS.closeMatch),
        (COI.Innovation, SKOS.exactMatch),
    } == {(COI.Innovation, SKOS.closeMatch)}
    assert_attributed(COI.Innovation, SKOS.closeMatch, oslo)


#: Vocabulary → the things of ours that are mapped to it by SKOS.
MAPPED = {
    "id/oecd-principle/": 7,
    "id/opsi-facet/": 2,
    "id/oslo-concept/": 1,
    "id/nordic-indicator/": 6,
    "http://publications.europa.eu/resource/authority/": 3,
}


def test_every_mapping_is_marked_as_our_reading() -> None:
    """Those to schema.org excepted, whose terms are for search engines: see the file."""
    counts = dict.fromkeys(MAPPED, 0)
    for predicate in (SKOS.closeMatch, SKOS.relatedMatch, SKOS.broadMatch, SKOS.narrowMatch):
        for thing, other in ALIGNMENTS.subject_objects(predicate):
            if str(other).startswith("https://schema.org/"):
                continue
            assert_attributed(thing, predicate, other)  # type: ignore[arg-type]
            (name,) = (name for name in MAPPED if name in str(other))
            counts[name] += 1
    assert counts == MAPPED
    assert not list(ALIGNMENTS.subject_objects(SKOS.exactMatch))


def test_nordic_indicators_point_to_known_sources() -> None:
    indicators = [c for c in CONCEPTS if c.startswith(f"{ID}nordic-indicator/")]
    assert len(indicators) == 6
    known = union("data/barometer")
    for indicator in indicators:
        sources = list(GRAPH.objects(indicator, DCTERMS.source))
        assert sources
        assert all((source, RDF.type, None) in known for source in sources)


@pytest.mark.parametrize("path", turtle_files("ontology/alignments"), ids=relative)
def test_an_alignment_speaks_of_our_things_only(path: Path) -> None:
    for subject in set(parsed(path).subjects()):
        assert str(subject).startswith((DEF, ID))


@pytest.mark.parametrize("path", turtle_files("ontology"), ids=relative)
def test_there_are_no_blank_nodes(path: Path) -> None:
    graph = parsed(path)
    assert not [node for triple in graph for node in triple if isinstance(node, BNode)]
