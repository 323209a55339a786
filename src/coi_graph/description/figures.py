"""The barometer's figures, gathered into panels: what may stand on one axis.

Figures share an axis where the data call them comparable (`coi:comparableWith`, followed from one
to the next) and indicator, breakdown, denominator and unit are the same; a figure that was
corrected stands beside its correction. Everything else has an axis of its own. See
docs/decisions/0060.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

import pyoxigraph as ox

from ..namespaces import DEF, ID, PROV, QB, RDF, SKOS
from .describer import Describer
from .lookup import Lookup
from .view import Link, Value

_SDMX = "http://purl.org/linked-data/sdmx/2009/"
_PERCENT = "http://qudt.org/vocab/unit/PERCENT"
_MOST = 20_000  # figures
_CORRECTED, _UNCERTAIN = ID + "obs-status/superseded", ID + "obs-status/low-reliability"
_IN_WORDS = ID + "stated-as/words"
Terms = dict[str, list[ox.NamedNode | ox.Literal]]


@dataclass(frozen=True, slots=True)
class Figure:
    """One published number. ``base_n`` is how many the share is of, None where no source says."""

    thing: Link
    value: Decimal
    is_percent: bool
    indicator: Link
    breakdown: Link | None
    population: Link
    level: Link | None
    edition: Link | None
    period: Link | None
    area: Link | None
    base_n: int | None
    is_corrected: bool
    is_uncertain: bool
    is_rounded: bool
    notes: list[Value]
    correction_of: str
    comparable: frozenset[str]
    not_strictly: list[Link]
    conflicts: list[Link]

    @property
    def name(self) -> str:
        return self.thing.iri.rpartition("/")[2]

    @property
    def axis(self) -> tuple[str, str, str, bool]:
        """What figures on one axis must have in common."""
        breakdown = self.breakdown.iri if self.breakdown else ""
        return (self.indicator.iri, breakdown, self.population.iri, self.is_percent)


@dataclass(slots=True)
class Panel:
    """Figures on one axis, the oldest first."""

    figures: list[Figure] = field(default_factory=list)

    @property
    def first(self) -> Figure:
        return self.figures[0]

    @property
    def name(self) -> str:
        """In addresses: the smallest of the figures' names."""
        return min(figure.name for figure in self.figures)

    @property
    def end(self) -> Decimal:
        """Where the axis ends; it begins at 0."""
        if self.first.is_percent:
            return Decimal(100)
        return max(max(figure.value for figure in self.figures), Decimal(1))

    @property
    def is_of_one_place(self) -> bool:
        """Whether all figures are of the same area and level of government."""
        return len({(_iri(one.area), _iri(one.level)) for one in self.figures}) == 1

    @property
    def conflicts(self) -> list[Link]:
        """Published conflicts that one of the figures is part of."""
        found = {link.iri: link for figure in self.figures for link in figure.conflicts}
        return list(found.values())

    @property
    def query(self) -> str:
        """SPARQL that finds these figures."""
        values = " ".join(f"<{figure.thing.iri}>" for figure in self.figures)
        return _QUERY.replace("FIGURES", values)


_QUERY = """\
PREFIX coi: <https://w3id.org/coi-graph/def/>
PREFIX prov: <http://www.w3.org/ns/prov#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX sdmx-attribute: <http://purl.org/linked-data/sdmx/2009/attribute#>
PREFIX sdmx-dimension: <http://purl.org/linked-data/sdmx/2009/dimension#>
PREFIX sdmx-measure: <http://purl.org/linked-data/sdmx/2009/measure#>

SELECT ?figure ?label ?value ?unit ?population ?baseN ?area ?level ?period ?edition ?status ?source
WHERE {
  VALUES ?figure { FIGURES }
  ?figure rdfs:label ?label ;
    sdmx-measure:obsValue ?value ;
    sdmx-attribute:unitMeasure ?unit ;
    coi:population ?population .
  FILTER(LANG(?label) = "en")
  OPTIONAL { ?figure coi:baseN ?baseN }
  OPTIONAL { ?figure sdmx-dimension:refArea ?area }
  OPTIONAL { ?figure coi:governmentLevel ?level }
  OPTIONAL { ?figure sdmx-dimension:refPeriod ?period }
  OPTIONAL { ?figure coi:edition ?edition }
  OPTIONAL { ?figure sdmx-attribute:obsStatus ?status }
  OPTIONAL { ?figure prov:wasDerivedFrom ?source }
}
ORDER BY ?period ?figure
"""


def read(lookup: Lookup, describer: Describer) -> list[Figure]:
    """Every figure that has a number, an indicator and a denominator."""
    iris = lookup.subjects(RDF + "type", QB + "Observation", _MOST)
    figures = [_figure(lookup, describer, iri) for iri in iris]
    return [figure for figure in figures if figure is not None]


def _figure(lookup: Lookup, describer: Describer, iri: str) -> Figure | None:
    terms: Terms = {}
    for quad in sorted(lookup.about(iri), key=lambda one: str(one.object)):
        if isinstance(quad.object, ox.NamedNode | ox.Literal):
            terms.setdefault(quad.predicate.value, []).append(quad.object)

    def link(predicate: str) -> Link | None:
        found = terms.get(predicate)
        return describer.link(found[0].value) if found else None

    def iris(predicate: str) -> list[str]:
        return sorted({term.value for term in terms.get(predicate, ())})

    value = _number(terms.get(_SDMX + "measure#obsValue"))
    base_n = _number(terms.get(DEF + "baseN"))
    indicator, population = link(DEF + "indicator"), link(DEF + "population")
    if value is None or value < 0 or indicator is None or population is None:
        return None
    statuses = iris(_SDMX + "attribute#obsStatus")
    notes = [*terms.get(SKOS + "note", ()), *terms.get(SKOS + "editorialNote", ())]
    return Figure(
        thing=describer.link(iri),
        value=value,
        is_percent=_PERCENT in iris(_SDMX + "attribute#unitMeasure"),
        indicator=indicator,
        breakdown=link(DEF + "breakdown"),
        population=population,
        level=link(DEF + "governmentLevel"),
        edition=link(DEF + "edition"),
        period=link(_SDMX + "dimension#refPeriod"),
        area=link(_SDMX + "dimension#refArea"),
        base_n=int(base_n) if base_n is not None else None,
        is_corrected=_CORRECTED in statuses,
        is_uncertain=_UNCERTAIN in statuses,
        is_rounded=_IN_WORDS in iris(DEF + "statedAs"),
        notes=[
            Value(text=one.value, language=one.language or "")
            for one in notes
            if isinstance(one, ox.Literal)
        ],
        correction_of=next(iter(iris(PROV + "wasRevisionOf")), ""),
        comparable=frozenset(iris(DEF + "comparableWith")),
        not_strictly=[describer.link(one) for one in iris(DEF + "notStrictlyComparableWith")],
        conflicts=[
            describer.link(one) for one in lookup.subjects(DEF + "conflictingStatement", iri)
        ],
    )


def _iri(link: Link | None) -> str:
    return link.iri if link else ""


def _number(terms: list[ox.NamedNode | ox.Literal] | None) -> Decimal | None:
    try:
        number = Decimal(terms[0].value) if terms else None
    except InvalidOperation:
        return None
    return number if number is not None and number.is_finite() else None


def panels(figures: list[Figure]) -> list[Panel]:
    """Those with most figures first, then by indicator."""
    by_iri = {figure.thing.iri: figure for figure in figures}
    neighbours: dict[str, set[str]] = {iri: set() for iri in by_iri}
    for figure in figures:
        for other in (*figure.comparable, figure.correction_of):
            if other in by_iri and by_iri[other].axis == figure.axis:
                neighbours[figure.thing.iri].add(other)
                neighbours[other].add(figure.thing.iri)
    found, seen = [], set()
    for iri in by_iri:
        waiting, here = [iri], []
        while waiting:
            one = waiting.pop()
            if one not in seen:
                seen.add(one)
                here.append(by_iri[one])
                waiting += neighbours[one]
        if here:
            found.append(Panel(sorted(here, key=_order)))
    return sorted(found, key=_panel_order)


def _order(figure: Figure) -> tuple[str, str, bool, str]:
    area = figure.area.iri if figure.area else ""
    period = figure.period.iri.rpartition("/")[2].removeprefix("survey-") if figure.period else ""
    return (area, period, figure.is_corrected, figure.name)


def _panel_order(panel: Panel) -> tuple[int, int, str, str]:
    first = panel.first
    return (not first.is_percent, -len(panel.figures), first.indicator.iri, panel.name)
