"""Municipalities, regions and the areas that they cover (model.md A1, B4)."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from rdflib import Literal, URIRef
from rdflib.namespace import DCAT, DCTERMS, ORG, RDF, RDFS, SKOS
from reference_graph import (
    ADMS,
    COI,
    CV,
    DATA,
    folder,
    local,
    name,
    names_of,
    rows,
    thing,
)

GRAPH = folder("places")
ROWS = rows(DATA / "places" / "municipalities.csv")
MUNICIPALITIES = {s for s in GRAPH.subjects() if local(s).count("/") == 1} & {
    thing("municipality/" + row["kommunekode"]) for row in ROWS
}
WIKIDATA = "http://www.wikidata.org/entity/"

# model.md, B4: ISO 3166-2, Wikidata, NUTS 2, number of municipalities
REGIONS = {
    "hovedstaden": ("DK-84", "Q26073", "DK01", 29),
    "sjaelland": ("DK-85", "Q26589", "DK02", 17),
    "syddanmark": ("DK-83", "Q26061", "DK03", 22),
    "midtjylland": ("DK-82", "Q26586", "DK04", 19),
    "nordjylland": ("DK-81", "Q26067", "DK05", 11),
}


def in_area_of(region: str) -> set[URIRef]:
    """The municipalities whose area lies in the region's, by the places' dct:isPartOf."""
    areas = set(GRAPH.objects(thing("region/" + region), DCTERMS.spatial))
    return {
        m
        for m in MUNICIPALITIES
        for area in GRAPH.objects(m, DCTERMS.spatial)
        if areas & set(GRAPH.transitive_objects(area, DCTERMS.isPartOf))
    }


def test_there_are_98_municipalities() -> None:
    assert len(ROWS) == len(MUNICIPALITIES) == 98
    typed = {s for s in GRAPH.subjects(RDF.type, CV.PublicOrganisation) if "/municipality/" in s}  # type: ignore[operator]
    assert typed == MUNICIPALITIES


def test_the_table_is_the_shared_one(shared: Path) -> None:
    expected = rows(shared / "domain" / "municipalities.csv")
    assert [{key: row[key] for key in expected[0]} for row in ROWS] == expected


def test_each_municipality_is_described() -> None:
    for row in ROWS:
        iri = thing("municipality/" + row["kommunekode"])
        assert names_of(iri, "da") == [row["navn"]]
        assert names_of(iri, "en") == [row["navn_en"]]
        assert row["navn_en"] == row["navn"]
        assert set(GRAPH.objects(iri, RDF.type)) == {ORG.FormalOrganization, CV.PublicOrganisation}
        assert set(GRAPH.objects(iri, ORG.classification)) == {thing("actor-category/municipality")}
        assert set(GRAPH.objects(iri, COI.governmentLevel)) == {
            thing("government-level/municipality")
        }


def test_the_code_is_an_identifier_of_its_own_datatype() -> None:
    for row in ROWS:
        iri = thing("municipality/" + row["kommunekode"])
        (identifier,) = GRAPH.objects(iri, ADMS.identifier)
        assert (identifier, RDF.type, ADMS.Identifier) in GRAPH
        assert list(GRAPH.objects(identifier, SKOS.notation)) == [
            Literal(row["kommunekode"], datatype=COI.MunicipalityCode)
        ]


def test_christiansoe_is_no_municipality() -> None:
    assert "0411" not in {row["kommunekode"] for row in ROWS}
    assert (thing("municipality/0411"), None, None) not in GRAPH


def test_the_area_has_the_lau_code_of_the_municipality() -> None:
    for row in ROWS:
        (area,) = GRAPH.objects(thing("municipality/" + row["kommunekode"]), DCTERMS.spatial)
        lau = "DK" + row["kommunekode"][1:]
        assert (row["lau"], local(area)) == (lau, f"place/lau-{lau}")
        assert list(GRAPH.objects(area, DCTERMS.identifier)) == [Literal(lau)]
        assert list(GRAPH.objects(area, DCTERMS.isPartOf)) == [
            thing("place/nuts-" + row["nuts3_2016_2021"])
        ]


def test_no_municipality_is_a_part_of_an_authority() -> None:
    up = {ORG.subOrganizationOf, ORG.unitOf, ORG.transitiveSubOrganizationOf, ORG.linkedTo}
    parts = {(s, p) for m in MUNICIPALITIES for s, p, _ in GRAPH.triples((m, None, None))}
    assert {p for _, p in parts} & (up | {DCTERMS.isPartOf}) == set()
    assert not [o for o in GRAPH.objects(None, DCTERMS.isPartOf) if "/region/" in str(o)]


# --- regions


def test_five_regions_and_the_one_to_come() -> None:
    found = {name(s) for s in GRAPH.subjects(ORG.classification, thing("actor-category/region"))}
    assert found == {*REGIONS, "oestdanmark"}


@pytest.mark.parametrize("region", REGIONS)
def test_the_codes_of_a_region(region: str) -> None:
    iri = thing("region/" + region)
    iso, wikidata, nuts, _ = REGIONS[region]
    codes = {
        str(GRAPH.value(i, ADMS.schemaAgency)): str(GRAPH.value(i, SKOS.notation))
        for i in GRAPH.objects(iri, ADMS.identifier)
    }
    assert codes == {"ISO": iso, "Wikidata": wikidata}
    assert list(GRAPH.objects(iri, RDFS.seeAlso)) == [URIRef(WIKIDATA + wikidata)]
    assert list(GRAPH.objects(iri, DCTERMS.spatial)) == [thing("place/nuts-" + nuts)]


@pytest.mark.parametrize("region", REGIONS)
def test_the_municipalities_in_the_area_of_a_region(region: str) -> None:
    found = in_area_of(region)
    assert len(found) == REGIONS[region][3]
    (label,) = names_of(thing("region/" + region), "da")
    assert {name(m) for m in found} == {r["kommunekode"] for r in ROWS if r["region"] == label}


def test_46_municipalities_in_the_area_of_the_region_to_come() -> None:
    found = in_area_of("oestdanmark")
    assert found == in_area_of("hovedstaden") | in_area_of("sjaelland")
    assert len(found) == 46


def test_when_the_regions_are() -> None:
    found = {
        name(region): (
            str(GRAPH.value(period, DCAT.startDate)),
            str(GRAPH.value(period, DCAT.endDate)),
        )
        for region, period in GRAPH.subject_objects(DCTERMS.temporal)
    }
    assert found == {
        "hovedstaden": ("2007-01-01", "2026-12-31"),
        "sjaelland": ("2007-01-01", "2026-12-31"),
        "syddanmark": ("2007-01-01", "None"),
        "midtjylland": ("2007-01-01", "None"),
        "nordjylland": ("2007-01-01", "None"),
        "oestdanmark": ("2027-01-01", "None"),
    }


# --- areas


def test_areas_nest_by_their_codes() -> None:
    levels = Counter()  # type: ignore[var-annotated]
    for area, whole in GRAPH.subject_objects(DCTERMS.isPartOf):
        code = str(GRAPH.value(area, DCTERMS.identifier))
        levels[local(area).split("-")[0], len(code)] += 1
        if local(area).startswith("place/nuts-") and len(code) == 5:
            assert local(whole) == f"place/nuts-{code[:4]}"
    assert levels == {("place/lau", 5): 98, ("place/nuts", 5): 11, ("place/nuts", 4): 5}


def test_every_province_is_used() -> None:
    provinces = {name(s) for s in GRAPH.subjects(DCTERMS.identifier) if "nuts-DK0" in str(s)}
    used = {"nuts-" + row["nuts3_2016_2021"] for row in ROWS}
    assert {p for p in provinces if len(p) == len("nuts-DK011")} == used


def test_the_nordic_countries_are_not_enumerated() -> None:
    nordic = thing("place/nordic-countries")
    assert (nordic, RDF.type, DCTERMS.Location) in GRAPH
    assert (nordic, DCTERMS.hasPart, None) not in GRAPH
    assert (None, DCTERMS.isPartOf, nordic) not in GRAPH


def test_every_place_and_authority_has_a_source() -> None:
    """Or, for what the framework names, the passage."""
    subjects = {s for s in GRAPH.subjects(RDF.type) if local(s).count("/") == 1}
    assert len(subjects) == 98 + 98 + 11 + 5 + 6 + 1
    unsourced = {
        local(s)
        for s in subjects
        if (s, DCTERMS.source, None) not in GRAPH and (s, COI.statedIn, None) not in GRAPH
    }
    assert unsourced == set()
