"""The page about a thing: its neighbours as a picture, and a query that fits it."""

from __future__ import annotations

import html
import re
import xml.etree.ElementTree as ET
from urllib.parse import parse_qs, urlsplit

import pytest
from flask.testing import FlaskClient
from web_answers import BROWSER

THINGS = (
    "/doc/role/capacity-builder",
    "/doc/aim/small-scale-testing-before-full-scale",
    "/doc/activity/eksempel-spis-sammen",
    "/doc/organisation/coi",
    "/doc/region/midtjylland",
    "/doc/workplace/eksempel-koekkenet-gryden",
    "/doc/innovation/eksempel-den-faelles-gryde",
    "/doc/indicator/innovative-share",
    "/doc/passage/method-dialogue",
    "/doc/observation/e2",
    "/doc/scheme/working-methods",
    "/def/Collaboration",
    "/def/hasRole",
)


def page(client: FlaskClient, path: str) -> str:
    response = client.get(f"{path}?lang=en", headers={"Accept": BROWSER})
    assert response.status_code == 200
    return response.text


@pytest.mark.parametrize("path", THINGS)
def test_what_the_picture_shows_the_lists_say_in_words(client: FlaskClient, path: str) -> None:
    text = page(client, path)
    drawn = re.findall(r'<svg class="picture.*?</svg>', text, re.DOTALL)
    assert len(drawn) in (0, 2)
    rest = re.sub(r'<svg class="picture.*?</svg>', "", text, flags=re.DOTALL)
    for one in drawn:
        picture = ET.fromstring(one)
        links = [link.get("href", "") for link in picture.iter("a")]
        assert links
        for link in links:
            assert (
                f'id="{link[1:]}"' in rest if link.startswith("#") else link in html.unescape(rest)
            )
        assert all(group.get("aria-label") for group in picture.iter("g")
                   if group.get("role") == "list")  # fmt: skip
        assert "coi:" not in "".join(picture.itertext())  # words, not names of properties


@pytest.mark.parametrize("path", THINGS)
def test_query_this_opens_a_query_that_finds_something(client: FlaskClient, path: str) -> None:
    found = re.findall(r'href="(/sparql\?query=[^"]+)"[^>]*>Query this', page(client, path))
    assert found
    query = parse_qs(urlsplit(html.unescape(found[0])).query)["query"][0]
    answer = client.get("/sparql", query_string={"query": query}, headers={"Accept": "text/csv"})
    assert answer.status_code == 200, (query, answer.text)
    assert len(answer.text.splitlines()) > 1, query


def test_the_query_of_a_role_finds_the_activities_that_fill_it(client: FlaskClient) -> None:
    text = page(client, "/doc/role/capacity-builder")
    found = re.findall(r'href="(/sparql\?query=[^"]+)"[^>]*>Query this', text)[0]
    query = parse_qs(urlsplit(html.unescape(found)).query)["query"][0]
    rows = client.get("/sparql", query_string={"query": query}, headers={"Accept": "text/csv"}).text
    listed = set(re.findall(r'href="/doc/(activity/[^"?]+)', text))
    assert {row.split(",")[0].partition("/id/")[2] for row in rows.splitlines()[1:]} >= listed
    assert listed
