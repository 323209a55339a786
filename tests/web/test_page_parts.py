"""What pages are made of: escaped, in the reader's language, and in its place."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from web_answers import BROWSER

from coi_graph.description.view import Link, Relation, Value
from coi_graph.namespaces import XSD
from coi_graph.web.parts import Parts

EVIL = '"><script>alert(1)</script>'


@pytest.fixture
def parts(app: Flask) -> Iterator[Parts]:
    with app.test_request_context("/?lang=en"):
        yield Parts(app, "en", "lang=en&release=1", {}, {})


@pytest.mark.parametrize("path", [None, f"/doc/role/{EVIL}"])
@pytest.mark.parametrize("iri", [f"http://e/{EVIL}", f"javascript:{EVIL}"])
@pytest.mark.parametrize("labels", [{}, {"en": EVIL}, {EVIL: EVIL}])
def test_nothing_of_the_data_becomes_markup(
    parts: Parts, iri: str, path: str | None, labels: dict[str, str]
) -> None:
    link = Link(iri, labels, path)
    values = [Value(link=link), Value(text=EVIL, language=EVIL), Value(text=f"{EVIL}\nx")]
    values += [Value(text=EVIL, datatype=XSD + kind) for kind in ("date", "dateTime", "anyURI")]
    relations = [Relation(link, values, 3), Relation(link, values, 0, incoming=True)]
    for text in (parts.link(link), parts.values(values), parts.relations(relations, link)):
        assert "<script" not in text
        assert "&lt;script" in text
        assert 'href="javascript' not in text


def test_links_keep_what_the_reader_chose(parts: Parts) -> None:
    assert parts.to("/x") == "/x?lang=en&amp;release=1"
    assert parts.to("/x?y=1&z=2") == "/x?y=1&amp;z=2&amp;lang=en&amp;release=1"


@pytest.mark.parametrize(
    ("text", "kind", "shown"),
    [
        ("2015-04-21", "date", '<time datetime="2015-04-21">21 April 2015</time>'),
        ("2015-04", "gYearMonth", '<time datetime="2015-04">April 2015</time>'),
        ("2015-13-01", "date", "2015-13-01"),
        ("2015-04-21T09:30:00Z", "dateTime",
         '<time datetime="2015-04-21T09:30:00Z">21 April 2015</time> at 09:30'),
        ("12345", "integer", "12,345"),
        ("-5", "integer", "-5"),
        ("12.5", "decimal", "12.5"),
        ("true", "boolean", "yes"),
        ("https://e/", "anyURI",
         '<a href="https://e/" rel="external noopener" class="foreign">https://e/</a>'),
    ],
)  # fmt: skip
def test_values_in_the_readers_way(parts: Parts, text: str, kind: str, shown: str) -> None:
    assert parts.value(Value(text=text, datatype=XSD + kind)) == shown


def test_the_frame_is_the_pages_own(client: FlaskClient) -> None:
    """It is kept, so pages of several sections, languages and releases take turns."""
    for _ in range(2):
        for lang, framework, ontology in (
            ("da", "Rammen", "Ontologi"),
            ("en", "The framework", "Ontology"),
        ):
            for pinned in ("", "&release=1"):
                for path, name in (("/doc/role/capacity-builder", framework), ("/def/", ontology)):
                    asked = f"{path}?lang={lang}{pinned}"
                    page = client.get(asked, headers={"Accept": BROWSER}).text
                    assert page.count('aria-current="page">') >= 1
                    assert f'aria-current="page">{name}</a></li>' in page, asked
                    assert ('name="release"' in page) == bool(pinned)
        search = client.get("/search", headers={"Accept": BROWSER}).text
        assert 'id="search-header"' not in search
