"""Choosing a form by RFC 9110, section 12.5.1.

Each row of the table is one header and the answer that the RFC, and where it leaves the choice to
the server the order of what is offered, asks for.
"""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coi_graph.media import (
    DOCUMENT_FORMS,
    GRAPH_FORMS,
    HTML,
    JSON_LD,
    N_TRIPLES,
    RDF_XML,
    RESULTS_CSV,
    RESULTS_FORMS,
    RESULTS_JSON,
    RESULTS_TSV,
    RESULTS_XML,
    TURTLE,
    Form,
    by_name,
    negotiate,
    parse_accept,
)

PAGE = (HTML, *DOCUMENT_FORMS)

FIREFOX = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
CHROME = (
    "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,"
    "*/*;q=0.8,application/signed-exchange;v=b3;q=0.7"
)
RDFLIB = (
    "application/rdf+xml;q=0.9, application/ld+json;q=0.8, text/turtle;q=1.0, "
    "application/n-triples;q=0.7, application/xhtml+xml;q=0.5, */*;q=0.1"
)
RAPPER = (
    "application/rdf+xml, text/rdf;q=0.6, application/x-turtle;q=0.8, text/turtle, "
    "application/n-triples;q=0.9, text/html;q=0.4, */*;q=0.1"
)
JENA = "text/turtle,application/n-triples;q=0.9,application/ld+json;q=0.8,*/*;q=0.5"
JAVA = "text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2"


@pytest.mark.parametrize(
    ("header", "offered", "expected"),
    [
        # nothing said: the first of what is offered
        (None, PAGE, HTML),
        ("", PAGE, HTML),
        ("  ", PAGE, HTML),
        ("*/*", PAGE, HTML),
        ("*/*", GRAPH_FORMS, TURTLE),
        ("*", PAGE, HTML),
        # programs as they are
        (FIREFOX, PAGE, HTML),
        (CHROME, PAGE, HTML),
        (FIREFOX, DOCUMENT_FORMS, RDF_XML),  # application/xml names it
        (RDFLIB, PAGE, TURTLE),
        (RAPPER, PAGE, TURTLE),
        (JENA, PAGE, TURTLE),
        (JAVA, PAGE, HTML),
        # exactly named
        ("text/turtle", PAGE, TURTLE),
        ("application/ld+json", PAGE, JSON_LD),
        ("application/rdf+xml", PAGE, RDF_XML),
        ("application/n-triples", PAGE, N_TRIPLES),
        ("TEXT/Turtle", PAGE, TURTLE),
        ("application/x-turtle", PAGE, TURTLE),
        ("application/json", PAGE, JSON_LD),
        ("application/json", RESULTS_FORMS, RESULTS_JSON),
        ("application/sparql-results+xml", RESULTS_FORMS, RESULTS_XML),
        ("text/csv", RESULTS_FORMS, RESULTS_CSV),
        ("text/tab-separated-values", RESULTS_FORMS, RESULTS_TSV),
        # parameters, and space where the grammar has it
        ("text/turtle; charset=utf-8", PAGE, TURTLE),
        ("text/turtle;charset=utf-8;q=0.1, text/html;q=0.2", PAGE, HTML),
        ("text/turtle ; q=0.3 , text/html ; q = 0.2", PAGE, TURTLE),
        ("text/turtle;Q=0.3, text/html;q=0.2", PAGE, TURTLE),
        ('application/ld+json;profile="http://www.w3.org/ns/json-ld#compacted"', PAGE, JSON_LD),
        ('text/html;title="a,b;q=0", text/turtle;q=0.9', PAGE, HTML),
        ('text/html;title="a,text/turtle";q=0.1, text/turtle;q=0.2', PAGE, TURTLE),
        # weights
        ("text/turtle;q=0.5, application/rdf+xml;q=0.6", PAGE, RDF_XML),
        ("text/turtle;q=0.001, text/html;q=0.002", PAGE, HTML),
        ("text/html;q=0.5, text/turtle;q=0.5", PAGE, HTML),  # equal: the order offered
        ("text/turtle;q=1.000, text/html", PAGE, HTML),
        # not acceptable
        ("application/ld+json;q=0.1, application/json, text/turtle;q=0.2", PAGE, TURTLE),
        ("text/turtle;q=0", PAGE, None),
        ("text/turtle;q=0.0, */*", PAGE, HTML),
        ("text/html;q=0, */*", PAGE, TURTLE),
        ("text/html;q=0, text/turtle;q=0, */*;q=0.1", PAGE, JSON_LD),
        ("*/*;q=0", PAGE, None),
        ("*/*;q=0, text/turtle", PAGE, TURTLE),
        ("text/*;q=0, */*", PAGE, JSON_LD),
        ("application/ld+json;q=0, application/json", (JSON_LD, TURTLE), None),
        ("application/ld+json;q=0, application/json, text/turtle;q=0.1", PAGE, TURTLE),
        ("image/png", PAGE, None),
        ("text/html", DOCUMENT_FORMS, None),
        ("application/sparql-results+json", PAGE, None),
        # the most specific range decides the weight of a form (12.5.1)
        ("text/*;q=0.3, text/turtle;q=0.7, text/html;q=0.5, */*;q=0.9", PAGE, JSON_LD),
        ("text/turtle;q=0.4, text/*;q=0.9", PAGE, HTML),
        ("application/*;q=0.9, application/ld+json;q=0.1", PAGE, RDF_XML),
        ("*/*;q=0.9, application/*;q=0.1", PAGE, HTML),
        # of equals, what was named goes before what a wildcard covers
        ("text/turtle, */*", PAGE, TURTLE),
        ("text/*, application/rdf+xml", PAGE, RDF_XML),
        ("*/*, text/*", (JSON_LD, TURTLE), TURTLE),
        # a wildcard does not reach an alias: N-Triples is not text/*
        ("text/*", (N_TRIPLES,), None),
        ("text/*", (N_TRIPLES, TURTLE), TURTLE),
        ("text/plain", (N_TRIPLES,), N_TRIPLES),
        # malformed parts are left out, the rest counts
        ("text/turtle;q=abc, text/html;q=0.1", PAGE, HTML),
        ("text/turtle;q=abc, */*;q=0.1", (TURTLE, JSON_LD), TURTLE),
        ("text/turtle;q=nan, text/html;q=0.1", PAGE, HTML),
        ("text/turtle;q=inf, text/html;q=0.1", PAGE, HTML),
        ("text/turtle;q=-1, text/html;q=0.1", PAGE, HTML),
        ("text/turtle;q=1e0, text/html;q=0.1", PAGE, HTML),
        ("text/turtle;q=, text/html;q=0.1", PAGE, HTML),
        ("text/turtle;q, text/html;q=0.1", PAGE, HTML),
        ("turtle, text/html;q=0.1", PAGE, HTML),
        ("text/turtle/x, text/html;q=0.1", PAGE, HTML),
        (",,;;,text/turtle,", PAGE, TURTLE),
        ("text/, /turtle, /, text/html;q=0.1", PAGE, HTML),
        ("*/turtle, text/html;q=0.1", PAGE, HTML),
    ],
)
def test_negotiation(header: str | None, offered: tuple[Form, ...], expected: Form | None) -> None:
    assert negotiate(header, offered) == expected


@settings(deadline=None)
@given(st.lists(st.sampled_from(PAGE), unique=True, min_size=1), st.randoms())
def test_the_heaviest_of_what_is_named_wins_whatever_the_order(forms: list[Form], rng) -> None:  # type: ignore[no-untyped-def]
    ranges = [f"{form.media_type};q={1 - place / 10}" for place, form in enumerate(forms)]
    rng.shuffle(ranges)
    assert negotiate(",".join(ranges), PAGE) == forms[0]


@settings(deadline=None)
@given(st.text())
def test_any_header_is_answered_with_something_offered(header: str) -> None:
    assert negotiate(header, PAGE) in (*PAGE, None)
    assert all(0 <= weight <= 1 for _, weight in parse_accept(header))


@pytest.mark.parametrize("part", [",", '"', ";", '\\"', 'a/b;c="d",', "a/b;q=0.1,", '";"'])
def test_a_long_header_takes_no_time(part: str) -> None:
    start = time.monotonic()
    negotiate(part * (100_000 // len(part)), PAGE)
    assert time.monotonic() - start < 20, "twice as long takes four times as long"


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        (TURTLE, "text/turtle; charset=utf-8"),
        (HTML, "text/html; charset=utf-8"),
        (JSON_LD, "application/ld+json"),
        (RDF_XML, "application/rdf+xml"),
        (N_TRIPLES, "application/n-triples"),
        (RESULTS_CSV, "text/csv; charset=utf-8"),
    ],
)
def test_text_forms_say_their_encoding(form: Form, expected: str) -> None:
    assert form.content_type == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("ttl", TURTLE),
        (" TTL ", TURTLE),
        ("text/turtle", TURTLE),
        ("rdf", RDF_XML),
        ("application/xml", RDF_XML),
        ("json", None),
        ("application/json", JSON_LD),
        ("", None),
        ("*/*", None),
    ],
)
def test_a_form_by_name(name: str, expected: Form | None) -> None:
    assert by_name(name, DOCUMENT_FORMS) == expected


def test_a_form_is_one_of_those_that_are_offered() -> None:
    """Not an equal one that somebody else has offered before: callers ask ``form is JSON``."""
    header = "application/json"
    for _ in range(2):
        own = Form("json", header, "JSON")
        assert negotiate(header, (own, HTML)) is own
