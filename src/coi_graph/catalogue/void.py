"""VoID (https://www.w3.org/TR/void/): what is in a release, as it was counted at the build."""

from __future__ import annotations

from itertools import islice

import pyoxigraph as ox

from ..description.lookup import Lookup
from ..i18n import both
from ..namespaces import BASE, DCT, FOAF, ID, PREFIXES, VOID
from ..publishing.counts import Counts
from ..publishing.metadata import DATASET, LICENCE
from . import texts
from .model import PUBLISHER, Publication
from .triples import Triples, date_time, plain_integer
from .triples import texts as literals

DOCUMENT = BASE + "void"
_FORMATS = "http://www.w3.org/ns/formats/"
_MOST_LINKSETS = 200


def describe(of: Publication, counts: Counts | None) -> Triples:
    """The description: of the data set, with its classes, properties, links out and graphs.
    Without ``counts`` (they come with the dumps) it has the numbers of the manifest only."""
    found, manifest = Triples(), of.current.manifest
    found.add_types(DOCUMENT, VOID + "DatasetDescription")
    found.add_to(
        DOCUMENT,
        (DCT + "title", literals(both(texts.WHOLE.title))),
        (DCT + "creator", PUBLISHER),
        (FOAF + "primaryTopic", DATASET),
    )
    found.add_types(DATASET, VOID + "Dataset")
    found.add_to(
        DATASET,
        (DCT + "title", literals(both(texts.WHOLE.title))),
        (DCT + "description", literals(both(texts.WHOLE.description))),
        (DCT + "license", LICENCE),
        (DCT + "publisher", PUBLISHER),
        (DCT + "modified", date_time(manifest.issued)),
        (FOAF + "homepage", of.site),
        (VOID + "sparqlEndpoint", of.site + "sparql"),
        (VOID + "uriSpace", ox.Literal(BASE)),
        (VOID + "rootResource", BASE + "catalog"),
        (VOID + "exampleResource", _examples(of.lookup)),
        (VOID + "feature", [_FORMATS + name for name in _FEATURES]),
        (
            VOID + "dataDump",
            [
                f"{of.site}dump/{manifest.release}/{dump.name}"
                for dump in of.current.dumps
                if dump.graph is None and dump.part is None
            ],
        ),
    )
    if counts is None:
        found.add_to(DATASET, (VOID + "triples", plain_integer(manifest.quads)))
    else:
        _add_counts(found, counts)
        _add_partitions(found, counts)
        _add_linksets(found, counts)
    _add_graphs(found, of)
    return found


def _examples(lookup: Lookup) -> list[str]:
    kinds = ("role", "method", "aim", "indicator")
    found = (lookup.of_kind(f"{ID}{kind}/") for kind in kinds)
    return [iris[0] for iris in found if iris]


def _add_counts(found: Triples, counts: Counts) -> None:
    found.add_to(
        DATASET,
        (VOID + "triples", plain_integer(counts.triples)),
        (VOID + "entities", plain_integer(counts.entities)),
        (VOID + "distinctSubjects", plain_integer(counts.subjects)),
        (VOID + "distinctObjects", plain_integer(counts.objects)),
        (VOID + "classes", plain_integer(len(counts.classes))),
        (VOID + "properties", plain_integer(len(counts.properties))),
        (VOID + "vocabulary", _vocabularies(counts)),
    )


_FEATURES = ("Turtle", "N-Triples", "RDF_XML", "JSON-LD")


def _vocabularies(counts: Counts) -> list[str]:
    used = (*counts.classes, *counts.properties)
    return sorted(
        namespace
        for namespace in set(PREFIXES.values())
        if any(term.startswith(namespace) for term in used)
    )


def _add_partitions(found: Triples, counts: Counts) -> None:
    for number, (iri, entities) in enumerate(counts.classes.items()):
        node = f"{DOCUMENT}#class-{number}"
        found.add_to(DATASET, (VOID + "classPartition", node))
        found.add_to(node, (VOID + "class", iri), (VOID + "entities", plain_integer(entities)))
    for number, (iri, triples) in enumerate(counts.properties.items()):
        node = f"{DOCUMENT}#property-{number}"
        found.add_to(DATASET, (VOID + "propertyPartition", node))
        found.add_to(node, (VOID + "property", iri), (VOID + "triples", plain_integer(triples)))


def _add_linksets(found: Triples, counts: Counts) -> None:
    """One for each site and predicate."""
    pairs = (
        (host, predicate, triples)
        for host, by_predicate in counts.links.items()
        for predicate, triples in by_predicate.items()
    )
    for number, (host, predicate, triples) in enumerate(islice(pairs, _MOST_LINKSETS)):
        node, target = f"{DOCUMENT}#links-{number}", f"{DOCUMENT}#site-{_name(host)}"
        found.add_types(node, VOID + "Linkset")
        found.add_to(DATASET, (VOID + "subset", node))
        found.add_to(
            node,
            (VOID + "subjectsTarget", DATASET),
            (VOID + "objectsTarget", target),
            (VOID + "linkPredicate", predicate),
            (VOID + "triples", plain_integer(triples)),
        )
        found.add_types(target, VOID + "Dataset")
        found.add_to(target, (VOID + "uriSpace", ox.Literal(host)))


def _name(host: str) -> str:
    return "".join(c if c.isalnum() else "-" for c in host.partition("://")[2].strip("/"))


def _add_graphs(found: Triples, of: Publication) -> None:
    """Each named graph as a subset, with its own dumps."""
    files: dict[str, list[str]] = {}
    for dump in of.current.dumps:
        if dump.graph is not None:
            address = f"{of.site}dump/{of.current.manifest.release}/{dump.name}"
            files.setdefault(dump.graph, []).append(address)
    for graph, triples in of.current.manifest.graphs.items():
        found.add_types(graph, VOID + "Dataset")
        found.add_to(DATASET, (VOID + "subset", graph))
        found.add_to(
            graph,
            (VOID + "triples", plain_integer(triples)),
            (VOID + "dataDump", files.get(graph, [])),
        )
