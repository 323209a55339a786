"""A page speaks in words: each property and each type that it names has some, in both languages."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from coi_graph.namespaces import DCT, DEF, RDFS, SKOS, shorten
from coi_graph.store import Store

BROWSER = {"Accept": "text/html"}
#: What stands in a page's heading or its definition, and not among its relations.
NAMES = {DCT + "title", DCT + "description", RDFS + "label", SKOS + "prefLabel"}


@pytest.mark.parametrize("lang", ["da", "en"])
def test_every_property_has_words(app: Flask, built_store: Store, lang: str) -> None:
    with app.test_request_context(f"/?lang={lang}"):
        properties, _ = app.extensions["coi-vocabulary"].in_the_readers_language()
    used = {row["p"].value for row in built_store.query("SELECT DISTINCT ?p { ?s ?p ?o }")}
    foreign = {one for one in used - NAMES if not one.startswith(DEF)}
    assert {shorten(one) for one in foreign} - set(properties) == set()


@pytest.mark.parametrize("lang", ["da", "en"])
def test_what_the_framework_became_is_named_in_words(client: FlaskClient, lang: str) -> None:
    text = client.get(f"/framework?lang={lang}", headers=BROWSER).text
    types = re.findall(r'class="margin__type"><span[^>]*>([^<]*)<', text)
    assert len(types) > 100
    assert [one for one in types if ":" in one] == []
