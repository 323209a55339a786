"""`/sparql/terms.json`: what the editor completes."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from web_answers import BASE

from coi_graph.namespaces import PREFIXES
from coi_graph.store import Store


@pytest.mark.parametrize(
    ("lang", "role", "uses"),
    [("da", "strategisk rolle", "bruger metoden"), ("en", "strategic role", "uses the method")],
)
def test_labels_are_in_the_language_of_the_page(
    client: FlaskClient, lang: str, role: str, uses: str
) -> None:
    terms = client.get(f"/sparql/terms.json?lang={lang}").get_json()
    assert dict(terms["classes"])["coi:StrategicRole"] == role
    assert set(dict(terms["properties"])) >= {"coi:usesMethod", "skos:prefLabel", "dct:issued"}
    assert not set(dict(terms["classes"])) & set(dict(terms["properties"]))


def test_all_our_classes_and_properties_are_there(client: FlaskClient, built_store: Store) -> None:
    terms = client.get("/sparql/terms.json").get_json()
    listed = {name for kind in ("classes", "properties") for name, _ in terms[kind]}
    owl = "http://www.w3.org/2002/07/owl#"
    rows = built_store.query(
        "SELECT DISTINCT ?t { VALUES ?k "
        f"{{ <{owl}Class> <{owl}ObjectProperty> <{owl}DatatypeProperty> }} "
        f"GRAPH ?g {{ ?t a ?k }} FILTER(STRSTARTS(STR(?t), '{BASE}def/')) }}"
    )
    ours = {"coi:" + row["t"].value.removeprefix(BASE + "def/") for row in rows}
    assert len(ours) > 50
    assert ours <= listed


def test_prefixes_are_ours_and_one_per_kind(client: FlaskClient) -> None:
    prefixes = client.get("/sparql/terms.json").get_json()["prefixes"]
    assert PREFIXES.items() <= prefixes.items()
    assert prefixes["role"] == BASE + "id/role/"
    assert prefixes["spread-case"] == BASE + "id/spread-case/"


def test_it_is_cached_per_language(client: FlaskClient) -> None:
    danish = client.get("/sparql/terms.json?lang=da")
    english = client.get("/sparql/terms.json?lang=en")
    assert danish.headers["ETag"] != english.headers["ETag"]
    known = {"If-None-Match": danish.headers["ETag"]}
    assert client.get("/sparql/terms.json?lang=da", headers=known).status_code == 304
