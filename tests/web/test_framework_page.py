"""The page of the framework's text, and the links to it and from it."""

from __future__ import annotations

import csv
import re

import pytest
from flask.testing import FlaskClient
from web_answers import BROWSER

from environment import ROOT


@pytest.fixture
def page(client: FlaskClient) -> str:
    response = client.get("/framework?lang=en", headers={"Accept": BROWSER})
    assert response.status_code == 200
    return response.text


def test_every_anchor_and_number_is_there_once_and_leads_somewhere(page: str) -> None:
    identifiers = re.findall(r'\bid="([^"]+)"', page)
    assert len(identifiers) == len(set(identifiers))
    targets = set(re.findall(r'href="#([^"]+)"', page))
    assert targets <= set(identifiers)
    with (ROOT / "data/framework/passages.csv").open(encoding="utf-8", newline="") as file:
        places = {f"c{row['start']}-{row['end']}" for row in csv.DictReader(file)}
    # Each place is marked in the text, and its note in the margin leads back to it.
    assert places == {name for name in identifiers if re.fullmatch(r"c\d+-\d+", name)}
    assert places <= targets


def test_a_thing_leads_to_its_place_in_the_text_and_back(client: FlaskClient, page: str) -> None:
    thing = client.get("/doc/role/capacity-builder?lang=en", headers={"Accept": BROWSER}).text
    anchors = re.findall(r'href="/framework\?lang=en#(c\d+-\d+)"', thing)
    assert anchors
    assert all(f'id="{anchor}"' in page for anchor in anchors)
    assert 'href="/doc/role/capacity-builder?lang=en"' in page


def test_the_text_is_marked_as_danish(client: FlaskClient, page: str) -> None:
    assert len(re.findall(r'<p class="annotated__text" lang="da">', page)) > 20
    assert "The framework’s text" in page
    danish = client.get("/framework?lang=da").text
    assert "Rammens tekst" in danish
    assert "udsagn" in danish


def test_the_page_is_read_again_only_when_it_has_changed(client: FlaskClient) -> None:
    first = client.get("/framework")
    again = client.get("/framework", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
    assert first.headers["COI-Release"] == "1"
