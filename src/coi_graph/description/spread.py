"""What is reused from where to where: the cases of spreading, with the places at both ends.

A workplace is a unit of an authority (`org:unitOf`): a municipality, a region, or something else.
In which region's area a municipality lies follows from the places, not from the authorities.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from ..namespaces import DCT, DEF, ID, ORG, PROV, RDF
from .describer import EXAMPLE_TYPE, Describer
from .lookup import Lookup
from .view import Link

_MOST = 10_000  # cases
_STATUS = ID + "spread-status/"
QUERY = """\
PREFIX coi: <https://w3id.org/coi-graph/def/>
PREFIX dct: <http://purl.org/dc/terms/>
PREFIX org: <http://www.w3.org/ns/org#>
PREFIX prov: <http://www.w3.org/ns/prov#>

SELECT ?case ?solution ?origin ?originAuthority ?adopter ?adopterAuthority ?mode ?status ?start
WHERE {
  ?case a coi:SpreadCase ;
    coi:origin ?origin ;
    coi:adopter ?adopter .
  OPTIONAL { ?case coi:spreads ?solution }
  OPTIONAL { ?origin org:unitOf ?originAuthority }
  OPTIONAL { ?adopter org:unitOf ?adopterAuthority }
  OPTIONAL { ?case coi:reuseMode ?mode }
  OPTIONAL { ?case coi:spreadStatus ?status }
  OPTIONAL { ?case prov:startedAtTime ?start }
"""


class Reach(Enum):
    """How far a solution went."""

    WITHIN = "within one authority"
    REGION = "between authorities in one region"
    BEYOND = "from one region to another, or to or from elsewhere"


@dataclass(frozen=True, slots=True)
class End:
    """Where a solution comes from or goes to; ``region`` is None outside the regions."""

    workplace: Link
    authority: Link
    region: Link | None


@dataclass(frozen=True, slots=True)
class Case:
    """``started`` is a date or a time as it is written; "" where there is none."""

    thing: Link
    solution: Link | None
    origin: End
    adopter: End
    mode: Link | None
    status: Link | None
    started: str
    is_example: bool

    @property
    def reach(self) -> Reach:
        if self.origin.authority.iri == self.adopter.authority.iri:
            return Reach.WITHIN
        here, there = self.origin.region, self.adopter.region
        is_one = here is not None and there is not None and here.iri == there.iri
        return Reach.REGION if is_one else Reach.BEYOND

    @property
    def state(self) -> str:
        """``spread``, ``stopped``, or ``open`` for what is planned or under way."""
        name = self.status.iri.removeprefix(_STATUS) if self.status else ""
        return name if name in ("spread", "stopped") else "open"


def query(*, examples: bool) -> str:
    """SPARQL that finds the cases; without the invented ones where ``examples`` is false."""
    text = QUERY
    if not examples:
        text += f'  FILTER NOT EXISTS {{ ?case dct:type "{EXAMPLE_TYPE}" }}\n'
    return text + "}\nORDER BY ?case\n"


def read(lookup: Lookup, describer: Describer) -> list[Case]:
    """All that have both ends, by their Danish name."""
    regions = _regions(lookup)
    ends: dict[str, End] = {}

    def end(workplace: str) -> End:
        if workplace not in ends:
            authority = _first(lookup, workplace, ORG + "unitOf") or workplace
            region = _region(lookup, authority, regions)
            ends[workplace] = End(
                describer.link(workplace),
                describer.link(authority),
                describer.link(region) if region else None,
            )
        return ends[workplace]

    def link(iri: str, predicate: str) -> Link | None:
        found = _first(lookup, iri, predicate)
        return describer.link(found) if found else None

    cases = []
    for iri in lookup.subjects(RDF + "type", DEF + "SpreadCase", _MOST):
        origin, adopter = _first(lookup, iri, DEF + "origin"), _first(lookup, iri, DEF + "adopter")
        if origin is None or adopter is None:
            continue
        cases.append(
            Case(
                thing=describer.link(iri),
                solution=link(iri, DEF + "spreads"),
                origin=end(origin),
                adopter=end(adopter),
                mode=link(iri, DEF + "reuseMode"),
                status=link(iri, DEF + "spreadStatus"),
                started=_first(lookup, iri, PROV + "startedAtTime") or "",
                is_example=any(
                    one.value == EXAMPLE_TYPE for one in lookup.values(iri, DCT + "type")
                ),
            )
        )
    return sorted(cases, key=lambda one: (one.thing.label("da").casefold(), one.thing.iri))


def _first(lookup: Lookup, iri: str, predicate: str) -> str | None:
    values = lookup.values(iri, predicate)
    return values[0].value if values else None


def _regions(lookup: Lookup) -> dict[str, str]:
    """Place → the region whose area it is; the smaller one where two regions name it, as a merged
    region names the areas of those that it takes over."""
    found: dict[str, tuple[int, str]] = {}
    for region in lookup.of_kind(f"{ID}region/"):
        areas = lookup.values(region, DCT + "spatial")
        for area in areas:
            found[area.value] = min(found.get(area.value, (99, "")), (len(areas), region))
    return {area: region for area, (_, region) in found.items()}


def _region(lookup: Lookup, authority: str, regions: dict[str, str]) -> str | None:
    """The region itself, or the one in whose area a municipality's area lies."""
    if authority in regions.values():
        return authority
    place = _first(lookup, authority, DCT + "spatial")
    for _ in range(4):  # a municipality's area, NUTS 3, NUTS 2
        if place is None or place in regions:
            break
        place = _first(lookup, place, DCT + "isPartOf")
    return regions.get(place) if place else None
