"""The matrix against the named query's expected rows and against its own queries."""

from __future__ import annotations

import csv
import html
import re

import pytest
from flask.testing import FlaskClient
from web_answers import BASE, BROWSER

from environment import ROOT

PAGE = {"Accept": BROWSER}


def cells(page: str) -> dict[tuple[str, str, str], int]:
    """The numbers of the page, by the English names in their texts for screen readers."""
    found = re.findall(r">([\d,]+)<span class=\"sr-only\"> with (.*?)</span>", page)
    return {
        tuple(re.split(r", | and (?=System|Behav|Knowledge a)", html.unescape(text))): int(number)  # type: ignore[misc]
        for number, text in found
    }


def test_the_numbers_are_those_of_the_named_query(client: FlaskClient) -> None:
    with (ROOT / "queries/cq-09.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    page = client.get("/matrix?lang=en", headers=PAGE).text
    expected = {
        (row["roleEn"], row["methodEn"], row["ambitionEn"]): int(row["activities"])
        for row in rows
        if row["activities"] != "0"
    }
    assert expected
    assert cells(page) == expected
    assert page.count('class="matrix__never"') == len(rows) - len(expected)


@pytest.mark.parametrize(
    "chosen",
    ["", "role=capacity-builder", "method=dialogue&change=system-changes", "year=2019",
     "role=knowledge-ally&year=2019&change=knowledge-acquired-and-applied", "examples=no"],
)  # fmt: skip
def test_the_query_finds_what_the_page_counts(client: FlaskClient, chosen: str) -> None:
    page = client.get(f"/matrix?lang=en&{chosen}", headers=PAGE).text
    link = re.search(r'href="(/sparql\?query=[^"]+)"', page)
    assert link
    answer = client.get(html.unescape(link[1]), headers={"Accept": "text/csv"})
    assert answer.status_code == 200
    rows = list(csv.DictReader(answer.text.splitlines()))
    listed = re.search(r'id="activities".*?</ul>', page, re.DOTALL)
    paths = set(re.findall(r'href="/doc/([^"?]+)', listed[0])) if listed else set()
    assert paths == {row["activity"].removeprefix(BASE + "id/") for row in rows}
    assert sum(cells(page).values()) == len(
        {(r["activity"], r["role"], r["method"], r["change"]) for r in rows}
    )


def test_it_says_that_all_are_invented_and_that_there_are_none(client: FlaskClient) -> None:
    page = client.get("/matrix?lang=da", headers=PAGE).text
    assert "Alle disse aktiviteter er opdigtede eksempler" in page
    none = client.get("/matrix?lang=da&examples=no", headers=PAGE).text
    assert "Ingen aktivitet passer" in none
    assert "opdigtede eksempler</p>" not in none


@pytest.mark.parametrize(
    "query", ["role=boss", "year=x", "year=²019", "change=%00", "method=https://x/"]
)
def test_what_is_not_there_is_said(client: FlaskClient, query: str) -> None:
    assert client.get(f"/matrix?{query}", headers=PAGE).status_code == 400
