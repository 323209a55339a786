"""What is reused from where to where: the page's numbers are those of the files."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter

import pytest
import rdflib
from flask.testing import FlaskClient
from web_answers import BROWSER

from environment import ROOT

COI = rdflib.Namespace("https://w3id.org/coi-graph/def/")
ORG = rdflib.Namespace("http://www.w3.org/ns/org#")


@pytest.fixture(scope="module")
def ways() -> list[tuple[str, str]]:
    """(authority of origin, authority of adopter) of each case in the files."""
    graph = rdflib.Graph()
    for name in ("spread-cases", "workplaces"):
        graph.parse(ROOT / "data" / "examples" / f"{name}.ttl")
    found = [
        tuple(
            str(graph.value(graph.value(case, end), ORG.unitOf)).rpartition("/id/")[2]
            for end in (COI.origin, COI.adopter)
        )
        for case in graph.subjects(rdflib.RDF.type, COI.SpreadCase)
    ]
    return [(origin, adopter) for origin, adopter in found]


def page(client: FlaskClient, query: str) -> str:
    response = client.get(f"/spread?lang=en{query}", headers={"Accept": BROWSER})
    assert response.status_code == 200
    return response.text


def test_each_way_is_in_the_picture_and_each_case_in_the_table(
    client: FlaskClient, ways: list[tuple[str, str]]
) -> None:
    text = page(client, "")
    assert len(ways) == 8
    for svg in re.findall(r'<svg class="picture.*?</svg>', text, re.DOTALL):
        assert svg.count('<path class="strand') == len(set(ways))
        drawn = re.findall(r'<a href="/doc/([^"?]+)', svg)
        origins, adopters = ({way[end] for way in ways} for end in (0, 1))
        assert Counter(drawn) == Counter([*origins, *adopters])
    table = text[text.index('<table class="table table--compact cases"') :]
    assert table.count("<tr>") == len(ways) + 1
    within = sum(origin == adopter for origin, adopter in ways)
    assert f"8 cases of spreading: {within} within one authority" in " ".join(text.split())
    assert "invented examples" in text


def test_a_municipality_lies_in_the_region_that_the_list_of_municipalities_says(
    client: FlaskClient,
) -> None:
    """Lejre is in Region Zealand, Jammerbugt in North Denmark Region (municipalities.csv)."""
    with (ROOT / "data/places/municipalities.csv").open(encoding="utf-8", newline="") as file:
        regions = {row["kommunekode"]: row["region"] for row in csv.DictReader(file)}
    assert (regions["0350"], regions["0849"]) == ("Region Sjælland", "Region Nordjylland")
    text = page(client, "&region=nordjylland")
    assert "1 case of spreading" in text
    assert 'href="/doc/municipality/0350?lang=en"' in text
    assert 'href="/doc/municipality/0849?lang=en"' in text
    assert 'href="/doc/municipality/0240?lang=en"' not in text
    assert 'value="oestdanmark"' not in text  # it begins in 2027, and has no case of its own


def test_without_the_invented_ones_there_is_nothing_and_it_says_so(client: FlaskClient) -> None:
    text = page(client, "&examples=no")
    assert "No case fits" in text
    assert '<svg class="picture' not in text


def test_the_csv_has_the_cases_with_their_authorities(
    client: FlaskClient, ways: list[tuple[str, str]]
) -> None:
    answer = client.get("/spread.csv", follow_redirects=True)
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    found = [
        tuple(row[name].rpartition("/id/")[2] for name in ("originAuthority", "adopterAuthority"))
        for row in rows
    ]
    assert Counter(found) == Counter(ways)
    assert list(csv.reader(io.StringIO(
        client.get("/spread.csv?examples=no", follow_redirects=True).text
    )))[1:] == []  # fmt: skip


def test_an_unknown_region_is_refused_in_words(client: FlaskClient) -> None:
    response = client.get("/spread?region=atlantis&lang=da", headers={"Accept": BROWSER})
    assert response.status_code == 400
    assert "»atlantis«" in response.text
