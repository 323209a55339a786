"""The SPARQL 1.1 service description (https://www.w3.org/TR/sparql11-service-description/)."""

from __future__ import annotations

from collections.abc import Iterator

import pyoxigraph as ox

from ..config import Config
from ..description import document
from ..media import GRAPH_FORMS, RESULTS_FORMS, Form
from ..namespaces import DCAT, DCT, RDF, RDFS, VOID, XSD
from ..publishing.metadata import DATASET, LICENCE, release_iri
from .publication import Opened

_SD = "http://www.w3.org/ns/sparql-service-description#"
_FORMATS = "http://www.w3.org/ns/formats/"
_FORMAT_NAMES = {
    "ttl": "Turtle",
    "nt": "N-Triples",
    "rdf": "RDF_XML",
    "jsonld": "JSON-LD",
    "trig": "TriG",
    "nq": "N-Quads",
    "json": "SPARQL_Results_JSON",
    "xml": "SPARQL_Results_XML",
    "csv": "SPARQL_Results_CSV",
    "tsv": "SPARQL_Results_TSV",
}


def serialize(of: Opened, settings: Config, form: Form) -> bytes:
    return document.serialize(list(_triples(of, settings)), form)


def _triples(of: Opened, settings: Config) -> Iterator[ox.Triple]:
    endpoint = ox.NamedNode(settings.site + "sparql")
    dataset, default = ox.BlankNode("dataset"), ox.BlankNode("default")

    def triple(
        subject: ox.NamedNode | ox.BlankNode,
        predicate: str,
        value: ox.NamedNode | ox.BlankNode | ox.Literal,
    ) -> ox.Triple:
        return ox.Triple(subject, ox.NamedNode(predicate), value)

    def integer(number: int) -> ox.Literal:
        return ox.Literal(str(number), datatype=ox.NamedNode(XSD + "integer"))

    yield triple(endpoint, RDF + "type", ox.NamedNode(_SD + "Service"))
    yield triple(endpoint, _SD + "endpoint", endpoint)
    yield triple(endpoint, _SD + "supportedLanguage", ox.NamedNode(_SD + "SPARQL11Query"))
    yield triple(endpoint, _SD + "feature", ox.NamedNode(_SD + "UnionDefaultGraph"))
    for one in (*RESULTS_FORMS, *GRAPH_FORMS):
        name = ox.NamedNode(_FORMATS + _FORMAT_NAMES[one.name])
        yield triple(endpoint, _SD + "resultFormat", name)
    yield triple(endpoint, DCT + "license", ox.NamedNode(LICENCE))
    yield triple(endpoint, RDFS + "label", ox.Literal("coi-graph SPARQL", language="en"))
    for lang, text in _limits(settings).items():
        yield triple(endpoint, RDFS + "comment", ox.Literal(text, language=lang))
    yield triple(endpoint, _SD + "defaultDataset", dataset)
    yield triple(dataset, RDF + "type", ox.NamedNode(_SD + "Dataset"))
    yield triple(dataset, DCT + "isVersionOf", ox.NamedNode(DATASET))
    yield triple(dataset, DCAT + "version", ox.Literal(str(of.number)))
    yield triple(dataset, DCT + "source", ox.NamedNode(release_iri(of.number)))
    yield triple(dataset, _SD + "defaultGraph", default)
    yield triple(default, RDF + "type", ox.NamedNode(_SD + "Graph"))
    yield triple(default, VOID + "triples", integer(of.manifest.quads))
    for graph, count in of.manifest.graphs.items():
        named, content = ox.BlankNode(), ox.BlankNode()
        yield triple(dataset, _SD + "namedGraph", named)
        yield triple(named, RDF + "type", ox.NamedNode(_SD + "NamedGraph"))
        yield triple(named, _SD + "name", ox.NamedNode(graph))
        yield triple(named, _SD + "graph", content)
        yield triple(content, RDF + "type", ox.NamedNode(_SD + "Graph"))
        yield triple(content, VOID + "triples", integer(count))


def _limits(settings: Config) -> dict[str, str]:
    seconds, memory = f"{settings.query_timeout:g}", settings.query_memory >> 20
    size = settings.query_result_bytes >> 20
    return {
        "da": f"Grænser: {seconds} sekunder, {memory} MiB hukommelse, svar på højst {size} MiB. "
        "Standardgrafen er foreningen af udgivelsens navngivne grafer.",
        "en": f"Limits: {seconds} seconds, {memory} MiB of memory, results of {size} MiB. "
        "The default graph is the union of the release's named graphs.",
    }
