"""The forms in which things are served, and the choice among them.

Negotiation follows RFC 9110, section 12.5.1, as one function of the Accept header and of what is
offered. Parameters other than ``q`` are ignored, so that ``text/turtle; charset=utf-8`` works.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Form:
    """One form: its short name (also the ``?format=`` value and the file extension)."""

    name: str
    media_type: str
    title: str
    aliases: tuple[str, ...] = ()

    @property
    def content_type(self) -> str:
        """The Content-Type header; text forms say their encoding."""
        return (
            f"{self.media_type}; charset=utf-8"
            if self.media_type.startswith("text/")
            else self.media_type
        )


HTML = Form("html", "text/html", "HTML", ("application/xhtml+xml",))
TURTLE = Form("ttl", "text/turtle", "Turtle", ("application/x-turtle",))
JSON_LD = Form("jsonld", "application/ld+json", "JSON-LD", ("application/json",))
RDF_XML = Form("rdf", "application/rdf+xml", "RDF/XML", ("application/xml", "text/xml"))
N_TRIPLES = Form("nt", "application/n-triples", "N-Triples", ("text/plain",))
TRIG = Form("trig", "application/trig", "TriG")
N_QUADS = Form("nq", "application/n-quads", "N-Quads")

#: What a document about a thing is served as, most preferred first.
DOCUMENT_FORMS = (TURTLE, JSON_LD, RDF_XML, N_TRIPLES)
GRAPH_FORMS = (TURTLE, N_TRIPLES, RDF_XML, JSON_LD)

RESULTS_JSON = Form("json", "application/sparql-results+json", "SPARQL JSON", ("application/json",))
RESULTS_XML = Form(
    "xml", "application/sparql-results+xml", "SPARQL XML", ("application/xml", "text/xml")
)
RESULTS_CSV = Form("csv", "text/csv", "CSV")
RESULTS_TSV = Form("tsv", "text/tab-separated-values", "TSV")
RESULTS_FORMS = (RESULTS_JSON, RESULTS_XML, RESULTS_CSV, RESULTS_TSV)


def parse_accept(header: str | None) -> list[tuple[str, float]]:
    """The media ranges of an Accept header with their weights; malformed parts are left out."""
    if not header or not header.strip():
        return [("*/*", 1.0)]
    ranges = []
    for part in header.split(","):
        media_range, *parameters = (piece.strip() for piece in part.split(";"))
        media_range = media_range.lower()
        if media_range == "*":  # Java's old HttpURLConnection sends it
            media_range = "*/*"
        if media_range.count("/") != 1:
            continue
        weight = 1.0
        for parameter in parameters:
            name, _, value = parameter.partition("=")
            if name.strip().lower() == "q":
                try:
                    weight = min(max(float(value), 0.0), 1.0)
                except ValueError:
                    weight = 0.0
        ranges.append((media_range, weight))
    return ranges


def negotiate(header: str | None, offered: Sequence[Form]) -> Form | None:
    """The offered form that ``header`` weighs highest; None where none is acceptable.

    Among equal weights the form named exactly wins over one matched by a wildcard, then the
    order of ``offered`` decides.
    """
    ranges = parse_accept(header)
    best: tuple[float, int, int] | None = None
    chosen: Form | None = None
    for place, form in enumerate(offered):
        weight, specificity = max(
            (_weight(ranges, name, alias=name != form.media_type))
            for name in (form.media_type, *form.aliases)
        )
        if weight <= 0:
            continue
        rank = (weight, specificity, -place)
        if best is None or rank > best:
            best, chosen = rank, form
    return chosen


def _weight(ranges: list[tuple[str, float]], name: str, *, alias: bool) -> tuple[float, int]:
    """The weight of the most specific range that matches, and that specificity.

    An alias counts only where it is named: ``text/*`` must not make N-Triples of HTML.
    """
    kind = name.split("/")[0]
    candidates = [(name, 3)] if alias else [(name, 4), (f"{kind}/*", 2), ("*/*", 1)]
    for candidate, specificity in candidates:
        weights = [weight for media_range, weight in ranges if media_range == candidate]
        if weights:
            return max(weights), specificity
    return 0.0, 0


def by_name(name: str, offered: Sequence[Form]) -> Form | None:
    """The offered form with that short name or media type."""
    wanted = name.strip().lower()
    for form in offered:
        if wanted in (form.name, form.media_type, *form.aliases):
            return form
    return None
