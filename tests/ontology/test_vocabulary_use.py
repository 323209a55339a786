"""How the repository's files use vocabularies: declared terms, real terms, nobody else's annotated.

The files are the Turtle of ontology/, data/ and shapes/; for the ontology's own terms also the CSVW
metadata of data/, and the SPARQL of shapes/ and queries/.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from ontology_files import (
    BASE,
    DEF,
    ID,
    ONTOLOGY,
    ROOT,
    is_real_term,
    known_namespace,
    parsed,
    relative,
    turtle_files,
    union,
)
from rdflib import Graph, Literal, URIRef
from rdflib.namespace import OWL, RDF, RDFS, SH, SKOS, Namespace

COI = Namespace(DEF)
FOLDERS = ("ontology", "data", "shapes")
FILES = turtle_files(*FOLDERS)
AUTHORITY = "http://publications.europa.eu/resource/authority/"
ANNOTATIONS = {
    OWL.deprecated,
    RDFS.comment,
    RDFS.domain,
    RDFS.isDefinedBy,
    RDFS.label,
    RDFS.range,
    RDFS.subClassOf,
    RDFS.subPropertyOf,
    SKOS.altLabel,
    SKOS.definition,
    SKOS.editorialNote,
    SKOS.prefLabel,
    SKOS.scopeNote,
}


def declared() -> set[str]:
    """The ontology's own IRIs: all under def/ that ontology/ gives a type, and its version."""
    graph = union("ontology")
    own = {str(s) for s in graph.subjects(RDF.type) if str(s).startswith(DEF)}
    return own | {str(v) for v in graph.objects(ONTOLOGY, OWL.versionIRI)}


def own_iris(graph: Graph) -> set[str]:
    return {str(n) for t in graph for n in t if isinstance(n, URIRef) and n.startswith(DEF)}


def prefixed_names(text: str) -> set[str]:
    """The IRIs of the names with the prefix coi: in a text such as a query or CSVW metadata."""
    return {DEF + name for name in re.findall(r"(?<![\w/-])coi:([A-Za-z][\w-]*)", text)}


def texts_with_names() -> Iterator[tuple[str, str]]:
    """Name and text of what uses coi: outside Turtle."""
    for folder, pattern in (("data", "*-metadata.json"), ("queries", "*.rq")):
        for path in sorted((ROOT / folder).rglob(pattern)):
            yield relative(path), path.read_text(encoding="utf-8")
    for path in turtle_files("shapes"):
        queries = [str(o) for p in (SH.select, SH.ask) for o in parsed(path).objects(None, p)]
        if queries:
            yield relative(path), "\n".join(queries)


@pytest.mark.parametrize("path", FILES, ids=relative)
def test_every_own_term_in_use_is_declared(path: Path) -> None:
    assert own_iris(parsed(path)) - declared() == set()


@pytest.mark.parametrize(("name", "text"), list(texts_with_names()))
def test_every_own_term_in_queries_and_metadata_is_declared(name: str, text: str) -> None:
    names = prefixed_names(text) | set(re.findall(rf"{re.escape(DEF)}[\w/-]*\w", text))
    assert names - declared() == set(), name


def test_a_misspelt_own_term_is_found() -> None:
    assert prefixed_names("?a coi:hasRolle ?r ; coi:hasRole ?s .") - declared() == {
        DEF + "hasRolle"
    }


@pytest.mark.parametrize("path", FILES, ids=relative)
def test_predicates_and_classes_come_from_known_vocabularies(path: Path) -> None:
    graph = parsed(path)
    used = set(graph.predicates()) | set(graph.objects(None, RDF.type))
    foreign = {t for t in used if isinstance(t, URIRef) and not t.startswith(BASE)}
    assert {t for t in foreign if known_namespace(t) is None} == set()


@pytest.mark.parametrize("path", FILES, ids=relative)
def test_foreign_terms_are_real(path: Path) -> None:
    """Every IRI in the namespace of a known vocabulary is a term of it, wherever it stands."""
    iris = {n for t in parsed(path) for n in t if isinstance(n, URIRef) and known_namespace(n)}
    assert {iri for iri in iris if not is_real_term(iri)} == set()


@pytest.mark.parametrize(
    "iri",
    [
        "http://www.w3.org/2004/02/skos/core#prefLabels",
        "http://www.w3.org/ns/org#Organisation",
        "http://www.w3.org/ns/oa#TextSelector",
        "http://purl.org/dc/terms/licence",
    ],
)
def test_a_misspelt_foreign_term_is_found(iri: str) -> None:
    assert known_namespace(URIRef(iri)) is not None
    assert not is_real_term(URIRef(iri))


@pytest.mark.parametrize("path", turtle_files("ontology", "shapes"), ids=relative)
def test_no_foreign_term_is_annotated(path: Path) -> None:
    annotated = {
        (s, p) for s, p, _ in parsed(path) if p in ANNOTATIONS and not str(s).startswith(BASE)
    }
    assert annotated == set()


@pytest.mark.parametrize("path", turtle_files("data"), ids=relative)
def test_data_say_nothing_of_vocabulary_terms(path: Path) -> None:
    annotated = {
        (s, p)
        for s, p, _ in parsed(path)
        if p in ANNOTATIONS and isinstance(s, URIRef) and (known_namespace(s) or s.startswith(DEF))
    }
    assert annotated == set()


@pytest.mark.parametrize("path", FILES, ids=relative)
def test_nothing_is_imported(path: Path) -> None:
    assert not list(parsed(path).subject_objects(OWL.imports))


def test_authority_entries_in_use_are_stubbed() -> None:
    stubs = union(*FOLDERS).subjects(RDF.type, SKOS.Concept)
    used = {
        str(node)
        for triple in union(*FOLDERS)
        for node in triple
        if isinstance(node, URIRef) and node.startswith(AUTHORITY)
    }
    for path in (*(ROOT / "data").rglob("*.csv"), *(ROOT / "data").rglob("*-metadata.json")):
        text = path.read_text(encoding="utf-8")
        used |= set(re.findall(rf"{re.escape(AUTHORITY)}[\w-]+/\w+", text))
    entries = {iri for iri in used if "/" in iri.removeprefix(AUTHORITY)}
    assert entries - {str(stub) for stub in stubs} == set()


def test_authority_stubs_are_typed_and_nothing_else() -> None:
    stubs = parsed(ROOT / "ontology" / "authority-stubs.ttl")
    assert set(stubs.predicates()) == {RDF.type, SKOS.inScheme}
    for stub in set(stubs.subjects()):
        assert (stub, RDF.type, SKOS.Concept) in stubs


# --- the framework is neither hierarchical nor linear (C01), and roles cause no change (C10)

UNORDERED = {"StrategicRole": 3, "WorkingMethod": 9, "ChangeAmbition": 3}
UPWARD = {SKOS.broader, SKOS.broaderTransitive, SKOS.broadMatch}
DOWNWARD = {SKOS.narrower, SKOS.narrowerTransitive, SKOS.narrowMatch}
POSITION = {SH.order, URIRef("https://schema.org/position"), URIRef("http://schema.org/position")}


def instances(graph: Graph, name: str) -> set[URIRef]:
    return {s for s in graph.subjects(RDF.type, COI[name]) if isinstance(s, URIRef)}


@pytest.fixture(scope="module")
def graph() -> Graph:
    return union("ontology", "data")


@pytest.mark.parametrize("name", UNORDERED)
def test_the_unordered_lists_are_there(graph: Graph, name: str) -> None:
    """At least as many as the framework names; the list of methods is open."""
    assert len(instances(graph, name)) >= UNORDERED[name]


def test_roles_methods_and_ambitions_have_no_hierarchy(graph: Graph) -> None:
    members = set().union(*(instances(graph, name) for name in UNORDERED))
    flat = instances(graph, "StrategicRole") | instances(graph, "WorkingMethod")
    bad = [
        (s, p, o)
        for s, p, o in graph
        if (p in UPWARD and (s in members or o in flat))
        or (p in DOWNWARD and (o in members or s in flat))
    ]
    assert bad == []


def test_roles_methods_and_ambitions_have_no_order(graph: Graph) -> None:
    members = set().union(*(instances(graph, name) for name in UNORDERED))
    ordered = set(graph.subjects(RDF.type, SKOS.OrderedCollection))
    bad = [
        (s, p, o)
        for s, p, o in graph
        if (o in members and (p == RDF.first or is_ordinal(p) or s in ordered))
        or (s in members and p in POSITION)
        or (s in members and p == SKOS.notation and isinstance(o, Literal) and o.isdigit())
    ]
    assert bad == []


def is_ordinal(predicate: object) -> bool:
    """Whether the predicate is a container's rdf:_1, rdf:_2 and so on."""
    return re.fullmatch(re.escape(str(RDF)) + r"_\d+", str(predicate)) is not None


def test_no_role_is_tied_to_a_change(graph: Graph) -> None:
    roles = instances(graph, "StrategicRole")
    changes = instances(graph, "ChangeAmbition") | instances(graph, "ChangeAim")
    tied = [
        (s, p, o)
        for s, p, o in graph
        if (s in roles and o in changes) or (s in changes and o in roles)
    ]
    assert tied == []


def test_no_own_property_leads_from_role_to_change() -> None:
    ontology = union("ontology")
    role_or_method = {COI.StrategicRole, COI.WorkingMethod}
    change = {COI.ChangeAim, COI.ChangeAmbition}
    for term in set(ontology.subjects(RDFS.range)):
        domains, ranges = (set(ontology.objects(term, p)) for p in (RDFS.domain, RDFS.range))
        assert not (domains & role_or_method and ranges & change), term
        assert not (domains & change and ranges & role_or_method), term


def test_ids_of_the_ontology_folder_are_under_id() -> None:
    own = {str(s) for s in union("ontology").subjects() if str(s).startswith(BASE)}
    assert {iri for iri in own if not iri.startswith((DEF, ID))} == set()
