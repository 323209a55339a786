"""The Danish FDA rules for definitions (20-22), as far as a machine can check them.

They hold for the ontology's terms and for the concepts of its schemes.
"""

import re

import pytest
from ontology_files import BASE, union
from rdflib import Literal, URIRef
from rdflib.namespace import RDF, RDFS, SKOS

GRAPH = union("ontology")

# Words that make a definition hold only most of the time.
HEDGES = {
    "da": r"ofte|typisk|typiske|normalt|sædvanligvis|som regel",
    "en": r"often|typically|usually|normally|as a rule",
}
NEGATIONS = {"da": r"ikke|ingen|intet", "en": r"not|no|none"}


def label(subject: URIRef, language: str) -> str:
    """The one name of a term or concept in a language."""
    names = [
        str(value)
        for predicate in (RDFS.label, SKOS.prefLabel)
        for value in GRAPH.objects(subject, predicate)
        if isinstance(value, Literal) and value.language == language
    ]
    assert len(names) == 1, (subject, language, names)
    return names[0]


DEFINITIONS = [
    pytest.param(subject, value.language, str(value), id=f"{subject[len(BASE) :]}-{value.language}")
    for subject, value in sorted(GRAPH.subject_objects(SKOS.definition))
    if isinstance(subject, URIRef)
    and isinstance(value, Literal)
    and (subject, RDF.type, SKOS.ConceptScheme) not in GRAPH
]


def has_phrase(text: str, phrase: str) -> bool:
    """Whether the phrase stands in the text as whole words, whatever its case."""
    return re.search(rf"(?<!\w){re.escape(phrase)}(?!\w)", text, re.IGNORECASE) is not None


@pytest.mark.parametrize(("subject", "language", "definition"), DEFINITIONS)
def test_definition(subject: URIRef, language: str, definition: str) -> None:
    assert definition[0].islower(), "starts in lower case"
    assert not definition.endswith("."), "has no final full stop"
    assert definition == definition.strip()
    assert not has_phrase(definition, label(subject, language)), "does not contain its own label"
    assert not re.search(rf"\b({HEDGES[language]})\b", definition, re.IGNORECASE), "does not hedge"
    assert not re.match(rf"({NEGATIONS[language]})\b", definition), "is not negative"


@pytest.mark.parametrize(
    ("text", "phrase", "expected"),
    [
        ("løsning, der er ny", "ny", True),
        ("løsning, der er nyttig", "ny", False),
        ("et Formål for sig", "formål", True),
        ("et delformål", "formål", False),
        ("gør rum for åben deling", "ben", False),
    ],
)
def test_has_phrase(text: str, phrase: str, expected: bool) -> None:
    assert has_phrase(text, phrase) is expected
