"""A report on contributed files as RDF: `sh:ValidationReport`
(https://www.w3.org/TR/shacl/#validation-report), without blank nodes, with what it was made from
(PROV-O, and SPDX's checksums as DCAT uses them)."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pyoxigraph as ox

from ..i18n import LANGUAGES
from ..namespaces import BASE, DCAT, DCT, PREFIXES, PROV, RDF, RDFS, SH, SHAPES, XSD
from .document import Document
from .explanation import Finding
from .json_terms import from_json

SPDX = "http://spdx.org/rdf/terms#"
#: The component of what reading a file had to say: no shape was asked.
READING = SHAPES + "Reading"
_URNS = uuid.UUID("c1a5f3ac-9d0c-5b3e-8f62-3a6c0b0f7d5e")
_Value = ox.NamedNode | ox.Literal


def as_turtle(document: Document) -> str:
    """The whole report. Its IRI is its address, or a URN made from data and rules where it has
    none: the same check gives the same report."""
    prefixes = {
        name: PREFIXES[name]
        for name in ("sh", "rdfs", "xsd", "coi", "coish", "dct", "prov", "dcat")
    }
    text = ox.serialize(
        to_triples(document),
        format=ox.RdfFormat.TURTLE,
        prefixes={**prefixes, "spdx": SPDX},
    )
    return text.decode("utf-8") if text is not None else ""


def report_iri(document: Document) -> str:
    if document["address"]:
        return str(document["address"])
    made_of = f"{document['data']['sha256']} {document['release']} {document['shapes']['sha256']}"
    return f"urn:uuid:{uuid.uuid5(_URNS, made_of)}"


def to_triples(document: Document) -> Iterator[ox.Triple]:
    iri = report_iri(document)

    def say(subject: str, predicate: str, value: _Value) -> ox.Triple:
        return ox.Triple(ox.NamedNode(subject), ox.NamedNode(predicate), value)

    def texts(subject: str, predicate: str, said: dict[str, str] | None) -> Iterator[ox.Triple]:
        for language in LANGUAGES if said else ():
            assert said is not None
            if said[language]:
                yield say(subject, predicate, ox.Literal(said[language], language=language))

    def checksum(subject: str, digest: str) -> Iterator[ox.Triple]:
        node = f"{iri}#sha256-{digest[:16]}"
        yield say(subject, SPDX + "checksum", ox.NamedNode(node))
        yield say(node, RDF + "type", ox.NamedNode(SPDX + "Checksum"))
        yield say(node, SPDX + "algorithm", ox.NamedNode(SPDX + "checksumAlgorithm_sha256"))
        kind = ox.NamedNode(XSD + "hexBinary")
        yield say(node, SPDX + "checksumValue", ox.Literal(digest, datatype=kind))

    yield say(iri, RDF + "type", ox.NamedNode(SH + "ValidationReport"))
    # SHACL's own word: any result, also a hint, and the data do not conform.
    yield say(iri, SH + "conforms", ox.Literal(not any(document["counts"].values())))
    moment = ox.NamedNode(XSD + "dateTime")
    yield say(iri, DCT + "created", ox.Literal(document["created"], datatype=moment))
    yield from texts(iri, RDFS + "comment", document["summary"])
    yield say(iri, DCT + "conformsTo", ox.NamedNode(SH[:-1]))
    software = document["software"]
    named = f"{software['name']} {software['version']}, {software['engine']}"
    yield say(iri, DCT + "creator", ox.Literal(named))
    for file in document["data"]["files"]:
        node = _file(iri, document, file["name"])
        yield say(iri, PROV + "used", ox.NamedNode(node))
        yield say(node, RDF + "type", ox.NamedNode(PROV + "Entity"))
        yield say(node, DCT + "title", ox.Literal(file["name"]))
        size = ox.NamedNode(XSD + "nonNegativeInteger")
        yield say(node, DCAT + "byteSize", ox.Literal(str(file["bytes"]), datatype=size))
        yield from checksum(node, file["sha256"])
    if document["release"]:
        release = f"{BASE}release/{document['release']['number']}"
        yield say(iri, PROV + "used", ox.NamedNode(release))
        content = document["release"]["content_hash"]
        yield say(release, DCT + "identifier", ox.Literal(f"sha256-sum:{content}"))
    shapes = f"{iri}#shapes"
    yield say(iri, PROV + "used", ox.NamedNode(shapes))
    yield say(shapes, RDF + "type", ox.NamedNode(PROV + "Entity"))
    yield say(shapes, PROV + "specializationOf", ox.NamedNode(SHAPES))
    yield say(shapes, DCAT + "version", ox.Literal(document["shapes"]["version"]))
    yield from checksum(shapes, document["shapes"]["sha256"])
    for one in document["results"]:
        for number, component in enumerate([one["component"] or READING, *one["also"]]):
            node = f"{iri}#{one['key']}" + (f"-{number}" if number else "")
            yield say(iri, SH + "result", ox.NamedNode(node))
            yield say(node, SH + "sourceConstraintComponent", ox.NamedNode(component))
            for predicate, value in _result(iri, document, one):
                yield say(node, predicate, value)
            yield from texts(node, SH + "resultMessage", one["mend"] or one["problem"])
            yield from texts(node, RDFS + "label", one["problem"])


def _result(iri: str, document: Document, one: Finding) -> Iterator[tuple[str, _Value]]:
    yield RDF + "type", ox.NamedNode(SH + "ValidationResult")
    yield SH + "resultSeverity", ox.NamedNode(SH + one["severity"].capitalize())
    place, record, field = one["place"], one["record"], one["field"]
    name = place["file"] if place else document["data"]["files"][0]["name"]
    focus = from_json(record["term"]) if record else ox.NamedNode(_file(iri, document, name))
    yield SH + "focusNode", focus
    if one["rule"]:
        yield SH + "sourceShape", ox.NamedNode(one["rule"]["iri"])
    if field and " " not in field["path"] and "://" in field["path"]:
        yield SH + "resultPath", ox.NamedNode(field["path"])
    if one["found"] and one["found"]["term"]:
        yield SH + "value", from_json(one["found"]["term"])
    if one["because"]:
        yield DCT + "source", ox.NamedNode(one["because"]["iri"])
    if place:
        yield RDFS + "comment", ox.Literal(place["shown"])


def _file(iri: str, document: Document, name: str) -> str:
    names = [file["name"] for file in document["data"]["files"]]
    number = names.index(name) + 1 if name in names else 1
    return f"{iri}#file-{number}"
