"""The query half of W3C's protocol tests, and the service description's, on a real server.

https://www.w3.org/TR/sparql11-protocol/; the manifests are in ../shared/conformance/sparql11.
"""

from __future__ import annotations

import http.client
import json
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from rdflib import Graph, URIRef
from rdflib.collection import Collection
from rdflib.namespace import RDF, RDFS
from rdflib.term import Node

from coi_graph import config
from coi_graph.publishing.build import build
from coi_graph.publishing.loads import take_in
from environment import ROOT, SHARED, Server

MF = "http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#"
HT = "http://www.w3.org/2011/http#"
CNT = "http://www.w3.org/2011/content#"
HTS = "http://www.w3.org/2011/http-statusCodes#"
DATA = "http://kasei.us/2009/09/sparql/data/"
FOLDER = SHARED / "conformance" / "sparql11"

QUERY_TESTS = [
    "query_post_form", "query_dataset_default_graphs_get", "query_dataset_default_graphs_post",
    "query_dataset_named_graphs_post", "query_dataset_named_graphs_get", "query_dataset_full",
    "query_multiple_dataset", "query_get", "query_content_type_select", "query_content_type_ask",
    "query_content_type_describe", "query_content_type_construct", "query_post_direct",
    "bad_query_method", "bad_multiple_queries", "bad_query_wrong_media_type",
    "bad_query_missing_form_type", "bad_query_missing_direct_type", "bad_query_non_utf8",
    "bad_query_syntax",
]  # fmt: skip
FORMATS = {
    "tabular": {"application/sparql-results+json", "application/sparql-results+xml", "text/csv"},
    "boolean": {"application/sparql-results+json", "application/sparql-results+xml"},
    "RDF": {"text/turtle", "application/rdf+xml", "application/n-triples", "application/ld+json"},
}


@pytest.fixture(scope="module")
def manifest(shared: Path) -> Graph:
    return Graph().parse(shared / "conformance/sparql11/protocol/manifest.ttl", format="turtle")


@pytest.fixture(scope="module")
def endpoint(
    shared: Path,
    tmp_path_factory: pytest.TempPathFactory,
    start_server: Callable[..., Server],
) -> Server:
    """A server whose release holds the tests' graphs under the names that they use."""
    home = tmp_path_factory.mktemp("protocol")
    folder = shared / "conformance/sparql11/protocol"
    for number, file in ((0, "data1.nt"), (1, "data1.nt"), (2, "data2.nt"), (3, "data3.nt")):
        take_in(home, [folder / file], f"{DATA}data{number}.rdf", lambda read: None)
    build(config.load({}, home=home, sources=ROOT), validate=False)
    return start_server(home)


def test_the_manifest_has_the_tests(manifest: Graph) -> None:
    names = {
        str(s).rpartition("#")[2] for s in manifest.subjects(RDF.type, URIRef(MF + "ProtocolTest"))
    }
    assert {name for name in names if "update" not in name} == set(QUERY_TESTS)


@pytest.mark.parametrize("name", QUERY_TESTS)
def test_protocol(endpoint: Server, manifest: Graph, name: str) -> None:
    test = next(s for s in manifest.subjects(RDF.type) if str(s).endswith("#" + name))
    action = manifest.value(test, URIRef(MF + "action"))
    head = manifest.value(action, URIRef(HT + "requests"))
    requests = list(Collection(manifest, head))
    assert requests
    for request in requests:
        _run(endpoint, manifest, request)


def _run(endpoint: Server, manifest: Graph, request: Node) -> None:
    def one(subject: Node | None, name: str) -> Node | None:
        return manifest.value(subject, URIRef(name))

    path = str(one(request, HT + "absolutePath")).replace("/sparql/", "/sparql", 1)
    body = one(request, HT + "body")
    encoding = str(one(body, CNT + "characterEncoding") or "UTF-8")
    data = str(one(body, CNT + "chars")).encode(encoding) if body else None
    headers = {}
    if fields := one(request, HT + "headers"):
        for field in Collection(manifest, fields):
            headers[str(one(field, HT + "fieldName"))] = str(one(field, HT + "fieldValue"))
    place = urlsplit(endpoint.url)
    connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=30)
    connection.request(str(one(request, HT + "methodName")), path, data, headers)
    answer = connection.getresponse()
    content = answer.read()
    connection.close()

    response = one(request, HT + "resp")
    wanted = {str(o)[-3] for o in manifest.objects(response, URIRef(MF + "expectedStatus"))}
    assert str(answer.status)[0] in wanted, (answer.status, content)
    media_type = (answer.headers["Content-Type"] or "").partition(";")[0]
    if (expected := one(response, MF + "expectedFormat")) is not None:
        assert media_type in FORMATS[str(expected)]
    if (boolean := one(response, MF + "expectedBoolean")) is not None:
        assert json.loads(content)["boolean"] is (str(boolean) == "true")


def test_service_description(endpoint: Server, shared: Path) -> None:
    """returns-rdf, has-endpoint-triple, conforms-to-schema."""
    sd = "http://www.w3.org/ns/sparql-service-description#"
    place = urlsplit(endpoint.url)
    connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=30)
    connection.request("GET", "/sparql")
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    assert answer.headers["Content-Type"].partition(";")[0] in FORMATS["RDF"]
    graph = Graph().parse(data=content, format="turtle")
    url = URIRef(endpoint.url + "/sparql")
    assert (url, URIRef(sd + "endpoint"), url) in graph
    # The vocabulary's own rule: what sd:name, sd:graph and sd:namedGraph hang on (section 3).
    for named in graph.objects(None, URIRef(sd + "namedGraph")):
        assert graph.value(named, URIRef(sd + "name")) is not None
        assert graph.value(named, URIRef(sd + "graph")) is not None
    for dataset in graph.objects(url, URIRef(sd + "defaultDataset")):
        assert (dataset, RDF.type, URIRef(sd + "Dataset")) in graph
    terms = {str(p) for p in graph.predicates() if str(p).startswith(sd)}
    known = {"endpoint", "supportedLanguage", "feature", "resultFormat", "defaultDataset",
             "defaultGraph", "namedGraph", "name", "graph"}  # fmt: skip
    assert terms <= {sd + name for name in known}
    assert graph.value(url, RDFS.label) is not None
