"""The part "In other vocabularies" of a thing's page."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient
from web_answers import BROWSER

TITLES = {"da": "I andre vokabularer", "en": "In other vocabularies"}


def part(client: FlaskClient, path: str, lang: str) -> str | None:
    """The part's words; None where the page has none."""
    page = client.get(f"{path}?lang={lang}", headers={"Accept": BROWSER}).text
    found = re.search(r'<section aria-labelledby="matches">(.*?)</section>', page, re.DOTALL)
    if found is None:
        assert TITLES[lang] not in page
        return None
    assert TITLES[lang] in found[1]
    return " ".join(re.sub(r"<[^>]+>", " ", found[1]).split())


@pytest.mark.parametrize("lang", ["da", "en"])
@pytest.mark.parametrize(
    ("path", "danish", "english"),
    [
        ("/def/Innovation", "innovation (Oslo-manualen 2018)", "innovation (Oslo Manual 2018)"),
        (
            "/doc/aim/small-scale-testing-before-full-scale",
            "støt udforskning",
            "support exploration",
        ),
        ("/doc/method/trend-spotting", "foregribende innovation", "anticipatory innovation"),
        ("/doc/indicator/innovative-share", "(Sverige)", "(Sweden)"),
        ("/doc/organisation/oecd", "corporate-body/OECD", "corporate-body/OECD"),
    ],
)
def test_names_the_term_and_whose_reading_it_is(
    client: FlaskClient, path: str, danish: str, english: str, lang: str
) -> None:
    text = part(client, path, lang)
    assert text is not None
    assert (danish if lang == "da" else english) in text
    assert ("Projektets fortolkning" if lang == "da" else "The project's interpretation") in (
        text.replace("&#39;", "'")
    )


def test_a_foreign_superclass_stands_there_too(client: FlaskClient) -> None:
    text = part(client, "/def/InnovationCentre", "en")
    assert text is not None
    assert "GovernmentOrganization" in text


def test_a_thing_without_has_no_such_part(client: FlaskClient) -> None:
    assert part(client, "/doc/municipality/0101", "en") is None


def test_it_stands_nowhere_else_on_the_page(client: FlaskClient) -> None:
    page = client.get("/doc/method/trend-spotting?lang=en", headers={"Accept": BROWSER}).text
    assert page.count("/doc/opsi-facet/anticipatory") == 1
