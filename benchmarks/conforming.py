"""Contributions that keep to the shapes, but for a known few: what a release really looks like.

The generator of `generate.py`, completed by what the shapes ask for. Every 500th record lacks one
statement or has a wrong one.
"""

from __future__ import annotations

import random
from collections.abc import Iterator

import generate
from generate import BASE, DCT, DEF, SEED, thing

#: Triples of a unit, on average.
TRIPLES_IN_UNIT = 226
_FAULTY = 500


def lines(units: int) -> Iterator[str]:
    """N-Triples lines without their line feeds."""
    maker = _Maker(random.Random(SEED), units)
    for kind, count in (
        ("workplace", generate.WORKPLACES),
        ("innovation", generate.INNOVATIONS),
        ("spread_case", generate.SPREAD_CASES),
        ("activity", generate.ACTIVITIES),
    ):
        for number in range(units * count):
            record = list(getattr(maker, kind)(number))
            yield from _spoiled(record, number) if number % _FAULTY == _FAULTY - 1 else record


def _spoiled(record: list[str], number: int) -> list[str]:
    kept = [line for line in record if DEF not in line.split(" ", 2)[1]]
    return record[:-1] if number % 2 else kept


class _Maker(generate._Maker):
    def workplace(self, number: int) -> Iterator[str]:
        for line in super().workplace(number):
            if number % 2:  # so that an activity can reach across levels
                line = line.replace("government-level/municipality", "government-level/region")
            yield line

    def spread_case(self, number: int) -> Iterator[str]:
        here = thing("spread-case", number)
        statements = list(super().spread_case(number))
        yield from (line for line in statements if f"<{DEF}adopter>" not in line)
        origin = next(line.split(" ")[2] for line in statements if f"<{DEF}origin>" in line)
        adopter = self.any("workplace", self.units * generate.WORKPLACES)
        if f"<{adopter}>" == origin:
            adopter = thing("workplace", (int(adopter.rpartition("-")[2]) + 1) % (self.units * 2))
        yield from self.links(here, adopter=adopter, valueAtAdopter=self.code("value"))
        yield self.dated(here, DEF + "implementedAtAdopter")
        yield from self.texts(here, DCT + "description", 12, 30)

    def activity(self, number: int) -> Iterator[str]:
        here = thing("activity", number)
        for line in super().activity(number):
            if "/def/Collaboration>" in line or "/def/CompetenceDevelopmentSupport>" in line:
                yield self.typed(here, "KnowledgeActivity")
            elif "/def/TrainingCourse>" in line:
                yield self.typed(here, "NetworkMeeting")
            else:
                yield line
        yield from self.links(
            here,
            hasRole=[f"{BASE}id/role/capacity-builder", f"{BASE}id/role/knowledge-ally"],
            choiceFollowsFrom=self.any("workplace", self.units * generate.WORKPLACES),
        )
        first = 2 * self.random.randrange(self.units)
        yield from self.links(
            here, participant=[thing("workplace", first), thing("workplace", first + 1)]
        )
        yield from self.texts(here, DEF + "currentValue", 8, 16)
        yield from self.texts(here, DEF + "longTermYield", 8, 16)
