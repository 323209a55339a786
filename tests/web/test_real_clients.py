"""Other people's clients against a real server process."""

from __future__ import annotations

import shutil
import subprocess
import urllib.request
from typing import Any

from rdflib import Graph, Literal, URIRef
from rdflib.namespace import SKOS
from SPARQLWrapper import CSV, JSON, POST, TURTLE, SPARQLWrapper

from environment import Server, require

ROLE = "https://w3id.org/coi-graph/id/role/capacity-builder"
LABEL = (URIRef(ROLE), SKOS.prefLabel, Literal("Kapacitetsopbygger", lang="da"))


def test_rdflib_follows_the_iri(server: Server) -> None:
    graph = Graph().parse(server.url + "/id/role/capacity-builder")
    assert LABEL in graph


def test_rapper_guesses_and_counts(server: Server) -> None:
    require(shutil.which("rapper") is not None, "rapper (Debian's raptor2-utils)")
    done = subprocess.run(
        ["rapper", "-c", "-g", server.url + "/id/role/capacity-builder"],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    expected = len(Graph().parse(server.url + "/doc/role/capacity-builder.nt"))
    assert f"returned {expected} triples" in done.stderr


def test_sparqlwrapper_asks(server: Server) -> None:
    wrapper = SPARQLWrapper(server.url + "/sparql")
    wrapper.setQuery(
        f"SELECT ?name WHERE {{ <{ROLE}> <{SKOS.prefLabel}> ?name }} ORDER BY lang(?name)"
    )
    wrapper.setReturnFormat(JSON)
    answer: Any = wrapper.queryAndConvert()
    names = [row["name"]["value"] for row in answer["results"]["bindings"]]
    assert names == ["Kapacitetsopbygger", "Capacity builder"]
    wrapper.setMethod(POST)
    wrapper.setReturnFormat(CSV)
    answer = wrapper.queryAndConvert()
    assert answer.decode().split() == ["name", "Kapacitetsopbygger", "Capacity", "builder"]


def test_sparqlwrapper_constructs(server: Server) -> None:
    wrapper = SPARQLWrapper(server.url + "/sparql")
    wrapper.setQuery(f"CONSTRUCT WHERE {{ <{ROLE}> <{SKOS.prefLabel}> ?name }}")
    wrapper.setReturnFormat(TURTLE)
    answer: Any = wrapper.queryAndConvert()
    assert LABEL in Graph().parse(data=answer, format="turtle")


def test_the_server_answers_on_every_kind_of_page(server: Server) -> None:
    for path in ("/", "/def/", "/doc/role/", "/sparql", "/release/", "/release/1", "/dataset",
                 "/graph/data/framework/roles", "/static/coi.css", "/static/logo.svg"):  # fmt: skip
        request = urllib.request.Request(server.url + path, headers={"Accept": "text/html,*/*"})
        with urllib.request.urlopen(request, timeout=20) as response:
            assert response.status == 200, path
