"""Role × working method × change, from what was done: contributed activities, never the framework.

The framework ties no role to a change; only an activity has a role, uses a method and aims at a
change at once. An aim counts as the ambition that it belongs to.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import product

from ..namespaces import DCT, DEF, ID, PROV, SKOS
from .describer import EXAMPLE_TYPE, Describer
from .lookup import Lookup
from .view import Link

_MOST = 100_000  # activities of a role
_LONGEST = 50  # years of one activity; a slip of the pen must not fill the list of years
PARTS = ("role", "method", "change")
_QUERY = """\
PREFIX coi: <https://w3id.org/coi-graph/def/>
PREFIX dct: <http://purl.org/dc/terms/>
PREFIX prov: <http://www.w3.org/ns/prov#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>

SELECT DISTINCT ?activity ?role ?method ?change WHERE {
  ?activity coi:hasRole ?role ;
    coi:usesMethod ?method ;
    coi:aimsAt/skos:broader? ?change .
  ?change a coi:ChangeAmbition .
"""


@dataclass(frozen=True, slots=True)
class Activity:
    """``years`` are those from its beginning to its end; none where it does not say."""

    thing: Link
    roles: frozenset[str]
    methods: frozenset[str]
    changes: frozenset[str]
    years: range
    is_example: bool


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a reader has chosen; "" is everything."""

    role: str = ""
    method: str = ""
    change: str = ""
    year: str = ""
    examples: bool = True

    def has(self, activity: Activity) -> bool:
        return (
            (not self.role or self.role in activity.roles)
            and (not self.method or self.method in activity.methods)
            and (not self.change or self.change in activity.changes)
            and (not self.year or int(self.year) in activity.years)
            and (self.examples or not activity.is_example)
        )

    def query(self) -> str:
        """SPARQL that finds the same activities, with each of their combinations."""
        chosen = [
            f"  VALUES ?{name} {{ <{iri}> }}\n" for name in PARTS if (iri := getattr(self, name))
        ]
        if self.year:
            chosen.append(
                "  ?activity prov:startedAtTime ?start .\n"
                "  OPTIONAL { ?activity prov:endedAtTime ?end }\n"
                f"  FILTER(YEAR(?start) <= {int(self.year)}"
                f" && YEAR(COALESCE(?end, ?start)) >= {int(self.year)})\n"
            )
        if not self.examples:
            chosen.append(f'  FILTER NOT EXISTS {{ ?activity dct:type "{EXAMPLE_TYPE}" }}\n')
        return _QUERY + "".join(chosen) + "}\nORDER BY ?activity ?role ?method ?change\n"


def activities(lookup: Lookup, describer: Describer) -> list[Activity]:
    """All that have a role, by their Danish name."""
    changes = set(lookup.of_kind(f"{ID}ambition/"))
    found = {
        iri
        for role in lookup.of_kind(f"{ID}role/")
        for iri in lookup.subjects(DEF + "hasRole", role, _MOST)
    }
    read = [_activity(lookup, describer, iri, changes) for iri in sorted(found)]
    return sorted(read, key=lambda one: (one.thing.label("da").casefold(), one.thing.iri))


def _activity(lookup: Lookup, describer: Describer, iri: str, ambitions: set[str]) -> Activity:
    aims = _iris(lookup, iri, "aimsAt")
    broader = {term.value for aim in aims for term in lookup.values(aim, SKOS + "broader")}
    start = _year(lookup, iri, "startedAtTime")
    end = _year(lookup, iri, "endedAtTime") or start
    return Activity(
        thing=describer.link(iri),
        roles=_iris(lookup, iri, "hasRole"),
        methods=_iris(lookup, iri, "usesMethod"),
        changes=frozenset((aims | broader) & ambitions),
        years=range(start, min(end, start + _LONGEST) + 1) if start else range(0),
        is_example=any(one.value == EXAMPLE_TYPE for one in lookup.values(iri, DCT + "type")),
    )


def _iris(lookup: Lookup, iri: str, name: str) -> frozenset[str]:
    return frozenset(term.value for term in lookup.values(iri, DEF + name))


def _year(lookup: Lookup, iri: str, name: str) -> int:
    """0 where there is none."""
    texts = [term.value[:4] for term in lookup.values(iri, PROV + name)]
    return next((int(text) for text in texts if len(text) == 4 and text.isdecimal()), 0)


def counts(found: list[Activity]) -> Counter[tuple[str, str, str]]:
    """(role, method, change) → how many activities have all three; 0 for what never was."""
    return Counter(cell for one in found for cell in product(one.roles, one.methods, one.changes))
