"""What asks for a rule that reading found broken: the format's specification, or the templates.

(What a shape finds says itself what asks for it, by `dct:source`.)
"""

from __future__ import annotations

from typing import Any, Final

from ..i18n import Message, both
from ..namespaces import SHAPES

_TURTLE: Final = ("https://www.w3.org/TR/turtle/", Message("RDF 1.1 Turtle, the format’s rules"))
_JSON_LD: Final = ("https://www.w3.org/TR/json-ld11/", Message("JSON-LD 1.1, the format’s rules"))
_RDF_XML: Final = (
    "https://www.w3.org/TR/rdf-syntax-grammar/",
    Message("RDF 1.1 XML Syntax, the format’s rules"),
)
_TEMPLATES: Final = (SHAPES, Message("The templates for tables, which are made from the rules"))
_SOURCES: Final = {
    "ttl": _TURTLE,
    "trig": ("https://www.w3.org/TR/trig/", Message("RDF 1.1 TriG, the format’s rules")),
    "nt": ("https://www.w3.org/TR/n-triples/", Message("RDF 1.1 N-Triples, the format’s rules")),
    "nq": ("https://www.w3.org/TR/n-quads/", Message("RDF 1.1 N-Quads, the format’s rules")),
    "jsonld": _JSON_LD,
    "json": _JSON_LD,
    "rdf": _RDF_XML,
    "xml": _RDF_XML,
    "owl": _RDF_XML,
    "csv": _TEMPLATES,
    "xlsx": _TEMPLATES,
}


def of(file: str) -> dict[str, Any] | None:
    """The source, as a finding gives it, of what is wrong with the form of ``file``; None where
    its name does not tell the format."""
    found = _SOURCES.get(file.rpartition(".")[2].lower())
    if found is None:
        return None
    iri, title = found
    return {"iri": iri, "title": both(title), "quote": None}
