"""The bundled JSON-LD context at its own address: what rdflib makes of it is what we make of it."""

from __future__ import annotations

import json

import pyoxigraph as ox
from flask.testing import FlaskClient
from rdflib import Graph

from coi_graph.intake import reading
from coi_graph.intake.jsonld_context import CONTEXT
from coi_graph.intake.limits import Limits

RECORD = {
    "id": "https://e.example/a",
    "type": "Activity",
    "dct:title": {"@value": "Prøve", "@language": "da"},
    "contributesTo": "https://e.example/b",
    "count": 7,
}


def test_the_context_is_served_to_everybody(client: FlaskClient) -> None:
    answer = client.get("/context.jsonld")
    assert answer.status_code == 200
    assert answer.content_type == "application/ld+json"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert json.loads(answer.text)["@context"]["coi"] == "https://w3id.org/coi-graph/def/"
    again = client.get("/context.jsonld", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304


def test_another_processor_reads_the_same_from_it(client: FlaskClient) -> None:
    served = json.loads(client.get("/context.jsonld").text)["@context"]
    graph = Graph().parse(data=json.dumps({"@context": served, **RECORD}), format="json-ld")
    theirs = {*ox.parse(graph.serialize(format="nt"), format=ox.RdfFormat.N_TRIPLES)}
    named = json.dumps({"@context": CONTEXT, **RECORD}).encode()
    ours = reading.read("f.jsonld", named, None, Limits())
    assert {quad.triple for quad in ours.quads} == {quad.triple for quad in theirs}
    assert len(ours.quads) == 4
    assert ours.remarks == ()
