"""What holds for all reference data: named in both languages, described, sourced, impersonal."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest
from rdflib import Literal, URIRef
from rdflib.namespace import DCTERMS, FOAF, ORG, PROV, RDF, SDO, SKOS
from reference_graph import (
    DATA,
    ID,
    TEXT,
    everything,
    folder,
    framework_text,
    local,
    names_of,
    reference,
    thing,
)

THINGS = sorted({local(s) for s in reference().subjects() if str(s).startswith(ID)})


@pytest.mark.parametrize("language", ["da", "en"])
def test_everything_has_one_name_in_each_language(language: str) -> None:
    """A scheme has its title as its label too; nothing else has two names."""
    names = {path: set(names_of(thing(path), language)) for path in THINGS}
    assert {path for path, found in names.items() if len(found) != 1} == set()


def test_everything_that_is_referred_to_is_described() -> None:
    described = set(everything().subjects())
    missing = {
        local(node)
        for triple in reference()
        for node in triple
        if isinstance(node, URIRef) and node.startswith(ID) and node not in described
    }
    assert missing == set()


def test_no_person_and_no_email() -> None:
    graph = reference()
    people = {FOAF.Person, PROV.Person, SDO.Person}
    assert set(graph.objects(None, RDF.type)) & people == set()
    person_properties = {ORG.heldBy, ORG.holds, ORG.headOf, ORG.reportsTo}
    assert set(graph.predicates()) & person_properties == set()
    email = re.compile(r"[\w.+-]+@[\w-]+\.\w|mailto:")
    assert [str(n) for t in graph for n in t if email.search(str(n))] == []


LONGEST_RUN = 60  # characters; shorter runs are names and terms


def test_own_texts_do_not_copy_the_framework() -> None:
    """Definitions, descriptions and notes are in our own words; quotes are in the passages."""
    text = framework_text().casefold()
    copied = [
        (local(subject), value[i : i + LONGEST_RUN])
        for predicate in (
            DCTERMS.description,
            SKOS.definition,
            SKOS.scopeNote,
            SKOS.editorialNote,
            SKOS.note,
        )
        for subject, value in reference().subject_objects(predicate)
        for i in range(len(value) - LONGEST_RUN + 1)
        if value[i : i + LONGEST_RUN].casefold() in text
    ]
    assert copied == []


# --- sources

SOURCES = folder("sources.ttl")


def test_the_cited_sources_are_described() -> None:
    graph = everything()
    cited = {
        o
        for p in (DCTERMS.source, PROV.wasDerivedFrom)
        for o in reference().objects(None, p)
        if isinstance(o, URIRef)
    }
    assert {str(c) for c in cited if not str(c).startswith(ID)} == set()
    assert {local(c).split("/")[0] for c in cited} == {"source", "framework"}
    for source in cited:
        assert (source, RDF.type, None) in graph, source


def test_each_source_has_its_address_or_says_why_not() -> None:
    for source in SOURCES.subjects(RDF.type, FOAF.Document):
        pages = [str(page) for page in SOURCES.objects(source, FOAF.page)]
        notes = {
            note.language
            for note in SOURCES.objects(source, SKOS.note)
            if isinstance(note, Literal)
        }
        assert len(pages) == 1 or notes == {"da", "en"}, source
        assert all(re.fullmatch(r"https?://[^/ ]+/[^ …]*", page) for page in pages), source


def test_no_page_is_described_twice() -> None:
    """Not here and not in the barometer's sources; the one exception is a corrected page there."""
    pages = Counter(str(o) for o in SOURCES.objects(None, FOAF.page))
    barometer = {
        str(o) for s, o in everything().subject_objects(FOAF.page) if "/source/barometer-" in str(s)
    }
    assert [page for page, count in pages.items() if count > 1 or page in barometer] == []


def test_each_described_source_is_cited() -> None:
    described = set(SOURCES.subjects(RDF.type, FOAF.Document))
    referred = {o for o in reference().objects() if isinstance(o, URIRef)}
    assert {local(s) for s in described - referred} == set()


def test_the_text_says_whose_it_is() -> None:
    rights = {
        r.language for r in reference().objects(TEXT, DCTERMS.rights) if isinstance(r, Literal)
    }
    assert rights == {"da", "en"}


FILES = sorted(
    path
    for part in ("framework", "organisations", "places")
    for path in (DATA / part).glob("*.ttl")
)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.stem))
def test_a_file_has_a_heading_and_the_prefixes_that_it_uses(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.startswith("# ")
    prefixes = re.findall(r"^@prefix (\S+):", text, re.MULTILINE)
    assert prefixes == sorted(prefixes)
    triples = text[text.rindex("@prefix") :].split("\n", 1)[1]
    outside = re.sub(r'""".*?"""|"[^"\n]*"|<[^>]*>', "", triples, flags=re.DOTALL)
    assert set(re.findall(r"(?<![\w-])([a-z][a-z-]*):\w", outside)) == set(prefixes)
