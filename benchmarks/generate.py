"""Generated contributions: activities, innovations, spread cases and workplaces, as N-Triples.

    python benchmarks/generate.py --size 160k contributions.nt

Invented by a random generator with a fixed seed, with the terms of ontology/coi.ttl and the code
lists that the release holds; the same size gives the same bytes.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Iterator
from pathlib import Path

BASE = "https://w3id.org/coi-graph/"
DEF = BASE + "def/"
DCT = "http://purl.org/dc/terms/"
ORG = "http://www.w3.org/ns/org#"
PROV = "http://www.w3.org/ns/prov#"
SKOS = "http://www.w3.org/2004/02/skos/core#"
XSD = "http://www.w3.org/2001/XMLSchema#"
RDF_TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
DENMARK = "http://publications.europa.eu/resource/authority/country/DNK"

GRAPH = BASE + "graph/benchmark"
#: Triples wanted, roughly; a unit (below) is about 174 triples.
SIZES = {"160k": 160_000, "1.6m": 1_600_000}
#: With the files of the repository, some 19,000 more, these make releases of 25,000, 250,000 and
#: 2.5 million quads.
WIDER_SIZES = {"25k": 6_000, **SIZES, "250k": 231_000, "2.5m": 2_481_000}
SEED = 2017

# For each unit so many things of each kind.
WORKPLACES, INNOVATIONS, SPREAD_CASES, ACTIVITIES = 2, 3, 4, 4
_TRIPLES_IN_UNIT = 174

_ACTIVITY_CLASSES = (
    "Collaboration",
    "CompetenceDevelopmentSupport",
    "KnowledgeActivity",
    "NetworkMeeting",
    "TrainingCourse",
)
_CODES = {
    "actor-category": ("citizen", "decision-maker", "innovation-active-employee", "opinion-former"),
    "aim": (
        "coi-knowledge-used-and-debated",
        "cross-level-innovation-collaboration",
        "evaluation-and-spreading-tools-are-practice",
        "innovation-competences-in-hr-and-curricula",
        "more-qualified-innovation-work",
        "reuse-and-sharing-in-development-strategies",
        "small-scale-testing-before-full-scale",
        "valuable-solutions-actively-spread",
    ),
    "closeness": ("further-development", "new-approach", "unknown"),
    "collaboration-partner": ("citizen", "municipal-workplace", "private-company"),
    "condition": ("competences", "culture", "incentives", "requirements", "structural-frameworks"),
    "innovation-type": ("communication", "process-or-organisation", "product", "service"),
    "method": ("collaboration", "dialogue", "dissemination", "knowledge-creation"),
    "municipality": ("0101", "0147", "0461", "0561", "0751", "0756", "0849", "0851"),
    "novelty": ("adapted", "copied", "first"),
    "practice": ("anchoring", "evaluation", "spreading"),
    "reuse-mode": ("adapted", "copied", "inspired"),
    "role": ("capacity-builder", "dialogue-and-leverage-partner", "knowledge-ally"),
    "spread-initiator": ("reuser", "sharer"),
    "spread-status": ("planned", "spread", "stopped", "under-way"),
    "spreading-step": ("adapt", "check", "harvest", "implement", "remove", "test"),
    "tool": ("evaluation-guide", "innovation-barometer", "networks", "spreading-guide"),
    "value": ("citizen-involvement", "efficiency", "employee-satisfaction", "quality"),
}
_WORDS = (
    "aften", "barn", "beboer", "besked", "bord", "brev", "bro", "dag", "daglig", "deling",
    "elev", "fælles", "forløb", "gryde", "have", "hjem", "hverdag", "hånd", "idé", "indgang",
    "kort", "køkken", "læring", "mad", "møde", "nabo", "opkald", "overblik", "pleje", "prøve",
    "ramme", "samtale", "skærm", "skole", "spring", "sprog", "støtte", "svar", "tavle", "tid",
    "tur", "vej", "viden", "vindue",
)  # fmt: skip


def thing(kind: str, number: int) -> str:
    """The IRI of a generated thing: ``…/id/activity/g-17``."""
    return f"{BASE}id/{kind}/g-{number}"


def units_of(size: str) -> int:
    return round(WIDER_SIZES[size] / _TRIPLES_IN_UNIT)


def lines(units: int) -> Iterator[str]:
    """N-Triples lines without their line feeds."""
    random_ = random.Random(SEED)
    maker = _Maker(random_, units)
    for number in range(units * WORKPLACES):
        yield from maker.workplace(number)
    for number in range(units * INNOVATIONS):
        yield from maker.innovation(number)
    for number in range(units * SPREAD_CASES):
        yield from maker.spread_case(number)
    for number in range(units * ACTIVITIES):
        yield from maker.activity(number)


class _Maker:
    def __init__(self, random_: random.Random, units: int) -> None:
        self.random = random_
        self.units = units

    def code(self, kind: str) -> str:
        return f"{BASE}id/{kind}/{self.random.choice(_CODES[kind])}"

    def codes(self, kind: str, most: int) -> list[str]:
        names = self.random.sample(_CODES[kind], self.random.randint(1, most))
        return [f"{BASE}id/{kind}/{name}" for name in names]

    def any(self, kind: str, count: int) -> str:
        # The square prefers low numbers: a few workplaces take part in much, as in life.
        return thing(kind, int(self.random.random() ** 2 * count))

    def words(self, least: int, most: int) -> str:
        return " ".join(self.random.choices(_WORDS, k=self.random.randint(least, most)))

    def day(self) -> str:
        random_ = self.random
        year, month = random_.randint(2014, 2024), random_.randint(1, 12)
        return f"{year}-{month:02d}-{random_.randint(1, 28):02d}"

    def texts(self, subject: str, property: str, least: int, most: int) -> Iterator[str]:
        text = self.words(least, most)
        yield f'<{subject}> <{property}> "{text}"@da .'
        yield f'<{subject}> <{property}> "{text} (generated)"@en .'

    def links(self, subject: str, **objects: str | list[str]) -> Iterator[str]:
        for name, found in objects.items():
            for each in found if isinstance(found, list) else [found]:
                yield f"<{subject}> <{DEF}{name}> <{each}> ."

    def typed(self, subject: str, name: str) -> str:
        return f"<{subject}> <{RDF_TYPE}> <{DEF}{name}> ."

    def dated(self, subject: str, property: str) -> str:
        return f'<{subject}> <{property}> "{self.day()}"^^<{XSD}date> .'

    def timed(self, subject: str, property: str) -> str:
        return f'<{subject}> <{property}> "{self.day()}T09:00:00+01:00"^^<{XSD}dateTime> .'

    def workplace(self, number: int) -> Iterator[str]:
        here = thing("workplace", number)
        yield self.typed(here, "Workplace")
        yield from self.texts(here, SKOS + "prefLabel", 2, 3)
        yield from self.texts(here, DCT + "description", 6, 14)
        yield f"<{here}> <{ORG}classification> <{BASE}id/actor-category/public-workplace> ."
        yield f"<{here}> <{ORG}unitOf> <{self.code('municipality')}> ."
        level = f"{BASE}id/government-level/municipality"
        yield from self.links(here, country=DENMARK, governmentLevel=level)

    def innovation(self, number: int) -> Iterator[str]:
        here = thing("innovation", number)
        yield self.typed(here, "Innovation")
        yield from self.texts(here, DCT + "title", 2, 5)
        yield from self.texts(here, DCT + "description", 12, 30)
        yield from self.links(
            here,
            innovationType=self.codes("innovation-type", 2),
            novelty=self.code("novelty"),
            closeness=self.code("closeness"),
            achievedValue=self.codes("value", 3),
            implementedAt=self.any("workplace", self.units * WORKPLACES),
            collaborationPartner=self.codes("collaboration-partner", 2),
        )
        yield self.dated(here, DEF + "implementationDate")

    def spread_case(self, number: int) -> Iterator[str]:
        here = thing("spread-case", number)
        yield self.typed(here, "SpreadCase")
        yield from self.texts(here, DCT + "title", 3, 6)
        yield self.timed(here, PROV + "startedAtTime")
        yield from self.links(
            here,
            spreads=self.any("innovation", self.units * INNOVATIONS),
            origin=self.any("workplace", self.units * WORKPLACES),
            adopter=self.any("workplace", self.units * WORKPLACES),
            reuseMode=self.code("reuse-mode"),
            spreadStatus=self.code("spread-status"),
            spreadInitiator=self.code("spread-initiator"),
            reachedStep=self.code("spreading-step"),
        )

    def activity(self, number: int) -> Iterator[str]:
        here = thing("activity", number)
        yield self.typed(here, self.random.choice(_ACTIVITY_CLASSES))
        yield from self.texts(here, DCT + "title", 3, 6)
        yield from self.texts(here, DCT + "description", 12, 30)
        yield self.timed(here, PROV + "startedAtTime")
        workplaces = self.units * WORKPLACES
        participants = {self.any("workplace", workplaces) for _ in range(self.random.randint(1, 4))}
        yield from self.links(
            here,
            hasRole=self.codes("role", 2),
            usesMethod=self.codes("method", 2),
            aimsAt=self.codes("aim", 2),
            addressesCondition=self.code("condition"),
            usesTool=self.code("tool"),
            concernsPractice=self.code("practice"),
            targetGroup=self.codes("actor-category", 2),
            participant=sorted(participants),
        )


def write(path: Path, size: str) -> int:
    """Writes the contributions of ``size``; returns how many triples."""
    count = 0
    with path.open("w", encoding="utf-8") as file:
        for line in lines(units_of(size)):
            file.write(line + "\n")
            count += 1
    return count


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--size", choices=WIDER_SIZES, default="160k")
    parser.add_argument("file", type=Path)
    arguments = parser.parse_args()
    count = write(arguments.file, arguments.size)
    print(f"{count:,} triples in {arguments.file}")


if __name__ == "__main__":
    main()
