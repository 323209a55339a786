"""What the catalogue's data sets and services are called, in both languages."""

from __future__ import annotations

from dataclasses import dataclass

from ..i18n import Message, Number, day
from ..publishing.manifest import Manifest


@dataclass(frozen=True, slots=True)
class Named:
    title: Message
    description: Message


CATALOG = Named(
    Message("coi-graph: catalogue of public sector innovation data"),
    Message(
        "The data sets of coi-graph: the strategic framework of Denmark's National Centre for "
        "Public Sector Innovation as linked data, with the Innovation Barometer, organisations "
        "and places. An independent project publishes them; COI has neither made nor approved them."
    ),
)
WHOLE = Named(
    Message("coi-graph: COI's strategic framework as linked data"),
    Message(
        "Everything that coi-graph publishes in one data set: ontology, framework, Innovation "
        "Barometer, organisations, places and sources. Each statement is in the named graph of "
        "the file that it comes from."
    ),
)
PARTS: dict[str, Named] = {
    "ontology": Named(
        Message("COI ontology with code lists and alignments"),
        Message(
            "The classes and properties that describe the roles, working methods, desired "
            "changes, partners and tools of an innovation centre, with code lists, and with "
            "links to other vocabularies that are our own reading."
        ),
    ),
    "shapes": Named(
        Message("SHACL shapes for contributions"),
        Message(
            "The rules that contributed data are checked against, with messages in Danish and "
            "English and the sentence of the framework that asks for each."
        ),
    ),
    "framework": Named(
        Message("COI's strategic framework of 2017"),
        Message(
            "Roles, working methods, changes, actors and tools as the strategic framework of "
            "2017 states them, each with the sentence that it was read out of."
        ),
    ),
    "barometer": Named(
        Message("The Innovation Barometer: published figures"),
        Message(
            "Figures that have been published from the Danish Innovation Barometer and from the "
            "Nordic surveys related to it, as a data cube. Each has its source, base and edition."
        ),
    ),
    "organisations": Named(
        Message("Organisations around COI"),
        Message(
            "The centre, its founders, funders, partners and successor, and the events that "
            "changed them. Organisations only, no persons."
        ),
    ),
    "places": Named(
        Message("Danish municipalities and regions"),
        Message("Municipalities and regions of Denmark with their official codes."),
    ),
    "examples": Named(
        Message("Invented examples"),
        Message(
            "INVENTED: activities, innovations and cases of spreading that show how to describe "
            "one's own. Nothing in this data set has happened."
        ),
    ),
    "contributions": Named(
        Message("Contributions from innovators"),
        Message(
            "Activities, innovations and cases of spreading that others have described, that "
            "were checked by the shapes and accepted by a reviewer."
        ),
    ),
}
EDITION_FIGURES = Named(
    Message("Published figures of this edition, as CSV"),
    Message(
        "The figures of this edition that coi-graph holds, read from the current release by a "
        "SPARQL query. Not the survey's own microdata."
    ),
)
SPARQL = Named(
    Message("coi-graph: SPARQL endpoint"),
    Message(
        "SPARQL 1.1 queries over the newest release, or over the one that the parameter release "
        "names. Limits stand in the service description."
    ),
)
FEED = Named(
    Message("coi-graph: change feed"),
    Message(
        "A Linked Data Event Stream with one member for every thing that a release created, "
        "changed or removed."
    ),
)
FRAGMENTS = Named(
    Message("coi-graph: Triple Pattern Fragments"),
    Message("The triples of the newest release by pattern, a hundred a page."),
)

KEYWORDS: dict[str, tuple[str, ...]] = {
    "da": ("offentlig innovation", "innovationsbarometer", "linkede data"),
    "en": ("public sector innovation", "innovation barometer", "linked data"),
}
_MORE: dict[str, dict[str, tuple[str, ...]]] = {
    "ontology": {"da": ("ontologi", "kodelister"), "en": ("ontology", "code lists")},
    "shapes": {"da": ("SHACL", "validering"), "en": ("SHACL", "validation")},
    "framework": {"da": ("strategisk ramme",), "en": ("strategic framework",)},
    "barometer": {"da": ("statistik", "Norden"), "en": ("statistics", "Nordic countries")},
    "organisations": {"da": ("organisationer",), "en": ("organisations",)},
    "places": {"da": ("kommuner", "regioner"), "en": ("municipalities", "regions")},
    "examples": {"da": ("eksempel", "opdigtet"), "en": ("example", "invented")},
    "contributions": {"da": ("bidrag", "praksis"), "en": ("contributions", "practice")},
}


def keywords_of(slug: str) -> dict[str, tuple[str, ...]]:
    return {lang: words + _MORE[slug][lang] for lang, words in KEYWORDS.items()}


def release(manifest: Manifest) -> Named:
    return Named(
        Message("coi-graph, release %(number)s", number=manifest.release),
        Message(
            "Release %(number)s of %(date)s: %(quads)s statements in %(graphs)s named graphs. "
            "A release never changes.",
            number=manifest.release,
            date=day(manifest.issued),
            quads=Number(manifest.quads),
            graphs=len(manifest.graphs),
        ),
    )
