"""The forms in which things are served, and the choice among them.

Negotiation follows RFC 9110, section 12.5.1, as one function of the Accept header and of what is
offered. Parameters other than ``q`` are ignored, so that ``text/turtle; charset=utf-8`` works.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache


@dataclass(frozen=True, slots=True)
class Form:
    """One form: its short name (also the ``?format=`` value and the file extension)."""

    name: str
    media_type: str
    title: str
    aliases: tuple[str, ...] = ()
    other_names: tuple[str, ...] = ()  # what clients write in ``?format=``

    @property
    def content_type(self) -> str:
        """The Content-Type header; text forms say their encoding."""
        return (
            f"{self.media_type}; charset=utf-8"
            if self.media_type.startswith("text/")
            else self.media_type
        )


HTML = Form("html", "text/html", "HTML", ("application/xhtml+xml",))
TURTLE = Form("ttl", "text/turtle", "Turtle", ("application/x-turtle",), ("turtle", "n3"))
JSON_LD = Form("jsonld", "application/ld+json", "JSON-LD", ("application/json",), ("json-ld",))
RDF_XML = Form(
    "rdf",
    "application/rdf+xml",
    "RDF/XML",
    ("application/xml", "text/xml"),
    ("rdf+xml", "rdf/xml", "rdfxml"),
)
N_TRIPLES = Form(
    "nt", "application/n-triples", "N-Triples", ("text/plain",), ("ntriples", "n-triples")
)
TRIG = Form("trig", "application/trig", "TriG")
N_QUADS = Form("nq", "application/n-quads", "N-Quads")
JSON = Form("json", "application/json", "JSON")

#: What a document about a thing is served as, most preferred first.
DOCUMENT_FORMS = (TURTLE, JSON_LD, RDF_XML, N_TRIPLES)
#: What a query's graph is served as.
GRAPH_FORMS = (TURTLE, N_TRIPLES, RDF_XML, JSON_LD, TRIG, N_QUADS)

RESULTS_JSON = Form("json", "application/sparql-results+json", "SPARQL JSON", ("application/json",))
RESULTS_XML = Form(
    "xml", "application/sparql-results+xml", "SPARQL XML", ("application/xml", "text/xml")
)
RESULTS_CSV = Form("csv", "text/csv", "CSV")
RESULTS_TSV = Form("tsv", "text/tab-separated-values", "TSV")
RESULTS_FORMS = (RESULTS_JSON, RESULTS_XML, RESULTS_CSV, RESULTS_TSV)

#: For people, beside the standard's forms: an answer in cells that no program runs as formulas.
SPREADSHEET = Form(
    "xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "Excel (XLSX)"
)


# Quoted strings may hold commas and semicolons (RFC 9110, section 5.6.4).
_PARTS = re.compile(r'(?:[^,"]|"[^"]*")+')
_PIECES = re.compile(r'(?:[^;"]|"[^"]*")+')
# The RFC's qvalue, and ".2" as Java's HttpURLConnection sends it.
_QVALUE = re.compile(r"[0-9]*\.?[0-9]+|[0-9]+\.")
_LONGEST_KEPT = 512  # characters of a header whose answer is kept


def parse_accept(header: str | None) -> list[tuple[str, float]]:
    """The media ranges of an Accept header with their weights; malformed parts are left out."""
    if not header or not header.strip():
        return [("*/*", 1.0)]
    ranges = []
    for part in _PARTS.findall(header):
        media_range, *parameters = (piece.strip() for piece in _PIECES.findall(part) or [""])
        media_range = media_range.lower()
        if media_range == "*":  # Java again
            media_range = "*/*"
        if media_range.count("/") != 1:
            continue
        weight: float | None = 1.0
        for parameter in parameters:
            name, _, value = parameter.partition("=")
            if name.strip().lower() == "q":
                value = value.strip()
                weight = min(float(value), 1.0) if _QVALUE.fullmatch(value) else None
        if weight is not None:
            ranges.append((media_range, weight))
    return ranges


def negotiate(header: str | None, offered: Sequence[Form]) -> Form | None:
    """The offered form that ``header`` weighs highest; None where none is acceptable.

    Among equal weights the form named exactly wins over one matched by a wildcard, then the
    order of ``offered`` decides.
    """
    forms = tuple(offered)
    find = _best if header is None or len(header) > _LONGEST_KEPT else _kept_best
    place = find(header, forms)
    return None if place is None else forms[place]


def _best(header: str | None, offered: tuple[Form, ...]) -> int | None:
    """The place of the form; not the form itself, as equal ones may be others."""
    ranges = parse_accept(header)
    best: tuple[float, int, int] | None = None
    for place, form in enumerate(offered):
        weight, specificity = _weight(ranges, form.media_type, alias=False)
        if specificity < _NAMED:
            weight, specificity = max(
                (weight, specificity),
                *(_weight(ranges, alias, alias=True) for alias in form.aliases),
                (0.0, 0),
            )
        if weight <= 0:
            continue
        rank = (weight, specificity, -place)
        if best is None or rank > best:
            best = rank
    return None if best is None else -best[2]


#: Browsers and programs send the same header again and again.
_kept_best = lru_cache(1024)(_best)

_NAMED = 4  # specificity of a media type that the header names


def _weight(ranges: list[tuple[str, float]], name: str, *, alias: bool) -> tuple[float, int]:
    """The weight of the most specific range that matches, and that specificity.

    An alias counts only where it is named: ``text/*`` must not make N-Triples of HTML.
    """
    kind = name.split("/")[0]
    candidates = [(name, 3)] if alias else [(name, _NAMED), (f"{kind}/*", 2), ("*/*", 1)]
    for candidate, specificity in candidates:
        weights = [weight for media_range, weight in ranges if media_range == candidate]
        if weights:
            return max(weights), specificity
    return 0.0, 0


def by_name(name: str, offered: Sequence[Form]) -> Form | None:
    """The offered form with that short name or media type."""
    wanted = name.strip().lower()
    for form in offered:
        if wanted in (form.name, form.media_type, *form.other_names, *form.aliases):
            return form
    return None
