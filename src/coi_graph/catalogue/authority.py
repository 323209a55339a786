"""Entries of authority tables that the catalogue points to, with their types and names inline: a
validator, or a harvester, should not have to fetch them.

EU Vocabularies: https://op.europa.eu/en/web/eu-vocabularies/authority-tables
"""

from __future__ import annotations

from dataclasses import dataclass

import pyoxigraph as ox

from ..media import HTML, JSON_LD, N_QUADS, RDF_XML, RESULTS_CSV, TRIG, TURTLE
from ..namespaces import DCT, RDFS, SKOS
from .triples import Triples

EU = "http://publications.europa.eu/resource/authority/"
_IANA = "https://www.iana.org/assignments/media-types/"
_ADMS = "http://purl.org/adms/"


@dataclass(frozen=True, slots=True)
class Term:
    """``classes`` are what the term has to be where the catalogue uses it."""

    iri: str
    classes: tuple[str, ...]
    english: str
    danish: str = ""
    scheme: str = ""

    def describe(self, into: Triples) -> str:
        """Adds what the term is to ``into``, and gives its IRI."""
        into.add_types(self.iri, *self.classes)
        names = [ox.Literal(self.english, language="en")]
        if self.danish:
            names.append(ox.Literal(self.danish, language="da"))
        concept = SKOS + "Concept" in self.classes
        into.add_to(self.iri, ((SKOS + "prefLabel") if concept else (RDFS + "label"), names))
        if self.scheme:
            into.add_to(self.iri, (SKOS + "inScheme", self.scheme))
        return self.iri


def _eu(table: str, code: str, kind: str, english: str, danish: str) -> Term:
    classes = (SKOS + "Concept", kind) if kind else (SKOS + "Concept",)
    return Term(f"{EU}{table}/{code}", classes, english, danish, f"{EU}{table}")


DENMARK = _eu("country", "DNK", DCT + "Location", "Denmark", "Danmark")
COUNTRIES = {
    term.iri: term
    for term in (
        DENMARK,
        _eu("country", "FIN", DCT + "Location", "Finland", "Finland"),
        _eu("country", "ISL", DCT + "Location", "Iceland", "Island"),
        _eu("country", "NOR", DCT + "Location", "Norway", "Norge"),
        _eu("country", "SWE", DCT + "Location", "Sweden", "Sverige"),
    )
}
LANGUAGES = (
    _eu("language", "DAN", DCT + "LinguisticSystem", "Danish", "dansk"),
    _eu("language", "ENG", DCT + "LinguisticSystem", "English", "engelsk"),
)
IRREGULAR = _eu("frequency", "IRREG", DCT + "Frequency", "irregular", "uregelmæssig")
PUBLIC = _eu("access-right", "PUBLIC", DCT + "RightsStatement", "public", "offentlig")
GOVERNMENT = _eu(
    "data-theme", "GOVE", "", "Government and public sector", "Regeringen og den offentlige sektor"
)
THEMES = f"{EU}data-theme"
STABLE = _eu("planned-availability", "STABLE", "", "stable", "stabil")
LICENCE = _eu(
    "licence",
    "CC_BY_4_0",
    DCT + "LicenseDocument",
    "Creative Commons Attribution 4.0 International",
    "Creative Commons Kreditering 4.0 International",
)
ATTRIBUTION = Term(
    f"{_ADMS}licencetype/Attribution",
    (SKOS + "Concept",),
    "attribution",
    "navngivelse",
    f"{_ADMS}licencetype/1.0",
)
DCAT_AP = Term("http://data.europa.eu/r5r/", (DCT + "Standard",), "DCAT-AP 3.0", "DCAT-AP 3.0")
SPARQL = Term("http://www.w3.org/TR/sparql11-protocol/", (DCT + "Standard",), "SPARQL 1.1 Protocol")
LDES = Term("https://w3id.org/ldes/specification", (DCT + "Standard",), "Linked Data Event Streams")
FRAGMENTS = Term(
    "http://www.hydra-cg.com/spec/latest/triple-pattern-fragments/",
    (DCT + "Standard",),
    "Triple Pattern Fragments",
)
GZIP = Term(f"{_IANA}application/gzip", (DCT + "MediaType",), "gzip")
SHA256 = Term(
    "http://spdx.org/rdf/terms#checksumAlgorithm_sha256",
    ("http://spdx.org/rdf/terms#ChecksumAlgorithm",),
    "SHA-256",
)
_FILE_TYPES = {
    N_QUADS: ("RDF_N_QUADS", "RDF N-Quads"),
    TRIG: ("RDF_TRIG", "RDF TriG"),
    TURTLE: ("RDF_TURTLE", "RDF Turtle"),
    JSON_LD: ("JSON_LD", "JSON-LD"),
    RDF_XML: ("RDF_XML", "RDF/XML"),
    RESULTS_CSV: ("CSV", "CSV"),
    HTML: ("HTML", "HTML"),
}
#: A form's short name → its entry in the table of file types, and its media type at IANA.
FILE_TYPES = {
    form.name: _eu("file-type", code, DCT + "MediaTypeOrExtent", title, title)
    for form, (code, title) in _FILE_TYPES.items()
}
MEDIA_TYPES = {
    form.name: Term(f"{_IANA}{form.media_type}", (DCT + "MediaType",), form.media_type)
    for form in _FILE_TYPES
}
