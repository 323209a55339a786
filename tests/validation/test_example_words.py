"""Rules that are queries say themselves what would be right."""

from __future__ import annotations

from pathlib import Path

from checked import HEAD, checked, of_rule
from rdflib.namespace import SH, SKOS

from coi_graph.validation.rendering import as_text
from shapes.shape_files import shapes

ENDED_BEFORE = HEAD + (
    'activity:x a coi:Activity ; dct:title "x"@da ;\n'
    "  prov:startedAtTime '2020-01-02T10:00:00+01:00'^^xsd:dateTime ;\n"
    "  prov:endedAtTime '2020-01-01T10:00:00+01:00'^^xsd:dateTime .\n"
)


def test_every_query_has_an_example_in_both_languages() -> None:
    graph = shapes()
    for shape in set(graph.subjects(SH.sparql)):
        languages = [getattr(text, "language", None) for text in graph.objects(shape, SKOS.example)]
        assert sorted(languages) == ["da", "en"], shape


def test_the_report_gives_it(home: Path) -> None:
    document = checked(home, ("x.ttl", ENDED_BEFORE))
    found = of_rule(document, "TimesOrderShape")
    assert found["example"]["kind"] == "words"
    assert found["example"]["write"]["da"].endswith("Slut: 2019-03-01T16:00:00+01:00.")
    assert "End: 2019-03-01T16:00:00+01:00." in " ".join(as_text(document, "en").split())


def test_what_is_no_turtle_is_asked_for_by_its_specification(home: Path) -> None:
    document = checked(home, ("x.ttl", HEAD + "activity:x a coi:Activity ;;; dct:title ."))
    assert document["results"][0]["because"] == {
        "iri": "https://www.w3.org/TR/turtle/",
        "title": {
            "da": "RDF 1.1 Turtle, formatets regler",
            "en": "RDF 1.1 Turtle, the format’s rules",
        },
        "quote": None,
    }
