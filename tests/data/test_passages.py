"""The framework's quotes: every offset, the characters around it, and what was read there."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pyoxigraph as ox
import pytest
from rdflib import Graph, Literal, URIRef
from rdflib.namespace import DCTERMS, RDF, SKOS, XSD
from reference_graph import (
    COI,
    DATA,
    FURTHER,
    ITEMS,
    OA,
    SPDX,
    TEXT,
    TEXT_FILE,
    folder,
    framework_text,
    local,
    name,
    names_of,
    reference,
    rows,
    thing,
)

CONTEXT = 32  # code points of prefix and suffix
# model.md, first paragraph
SHA256 = "8c4b1312238a2c2a7d4f6368d2d5fb1930686e9a8e6112425d7bbd26bbbd4d5d"
CODE_POINTS = 6992

PASSAGES = sorted(str(p) for p in reference().subjects(RDF.type, OA.Annotation))

RIGHT_OFFSETS = """
    PREFIX dct: <http://purl.org/dc/terms/>
    PREFIX oa: <http://www.w3.org/ns/oa#>
    PREFIX framework: <https://w3id.org/coi-graph/id/framework/>
    PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#>
    SELECT (COUNT(DISTINCT ?passage) AS ?right) {
      ?passage dct:isPartOf framework:strategic-framework-2017\\/items ;
          oa:motivatedBy oa:identifying ; oa:hasTarget ?target .
      ?target oa:hasSource/rdf:value ?text ; oa:hasSelector ?quote .
      ?quote a oa:TextQuoteSelector ; oa:exact ?exact ; oa:refinedBy ?position .
      ?position a oa:TextPositionSelector ; oa:start ?start ; oa:end ?end .
      FILTER (SUBSTR(STR(?text), ?start + 1, ?end - ?start) = ?exact)
    }"""


def only(graph: Graph, subject: URIRef, predicate: URIRef) -> URIRef | Literal:
    values = list(graph.objects(subject, predicate))
    assert len(values) == 1, (subject, predicate, values)
    assert isinstance(values[0], URIRef | Literal)
    return values[0]


def selectors(passage: str) -> tuple[URIRef, URIRef, URIRef]:
    """Target, quote selector and position selector of a passage."""
    target = URIRef(only(reference(), URIRef(passage), OA.hasTarget))
    quote = URIRef(only(reference(), target, OA.hasSelector))
    return target, quote, URIRef(only(reference(), quote, OA.refinedBy))


def right_offsets(graph: Graph) -> int:
    """The answer of the engine that serves the data; rdflib's own takes a minute."""
    store = ox.Store()
    store.load(graph.serialize(format="nt", encoding="utf-8"), format=ox.RdfFormat.N_TRIPLES)
    solutions = store.query(RIGHT_OFFSETS)
    assert isinstance(solutions, ox.QuerySolutions)
    return int(next(solutions)["right"].value)


def test_the_text_is_the_one_that_was_read() -> None:
    assert hashlib.sha256(TEXT_FILE.read_bytes()).hexdigest() == SHA256
    assert len(framework_text()) == CODE_POINTS


def test_the_text_is_the_shared_one(shared: Path) -> None:
    assert TEXT_FILE.read_bytes() == (shared / "domain" / TEXT_FILE.name).read_bytes()


def test_the_literal_is_the_text() -> None:
    literal = only(reference(), TEXT, RDF.value)
    assert literal == Literal(framework_text(), lang="da")
    checksum = URIRef(only(reference(), TEXT, SPDX.checksum))
    value = only(reference(), checksum, SPDX.checksumValue)
    assert str(value) == SHA256


def test_104_of_104_offsets_by_one_query() -> None:
    assert right_offsets(reference()) == 104


def test_a_wrong_offset_is_not_counted() -> None:
    graph = folder("framework")
    position = thing("passage/role-capacity-builder/position")
    graph.set((position, OA.start, Literal(3119, datatype=XSD.nonNegativeInteger)))
    assert right_offsets(graph) == 103


@pytest.mark.parametrize("passage", PASSAGES, ids=name)
def test_selectors_resolve(passage: str) -> None:
    graph, text = reference(), framework_text()
    target, quote, position = selectors(passage)
    assert (target, quote, position) == tuple(
        URIRef(f"{passage}/{part}") for part in ("target", "quote", "position")
    )
    assert graph.value(target, OA.hasSource) == TEXT
    assert (target, RDF.type, OA.SpecificResource) in graph
    start = int(str(only(graph, position, OA.start)))
    end = int(str(only(graph, position, OA.end)))
    assert str(only(graph, quote, OA.exact)) == text[start:end]
    found = {p: str(graph.value(quote, OA[p], default="")) for p in ("prefix", "suffix")}
    expected = {
        "prefix": text[max(0, start - CONTEXT) : start],
        "suffix": text[end : end + CONTEXT],
    }
    assert found == expected, f"write {expected}"


@pytest.mark.parametrize("passage", PASSAGES, ids=name)
def test_a_quote_that_occurs_more_than_once_says_so(passage: str) -> None:
    _, quote, _ = selectors(passage)
    often = framework_text().count(str(reference().value(quote, OA.exact))) > 1
    notes = {
        note.language
        for note in reference().objects(URIRef(passage), SKOS.note)
        if isinstance(note, Literal)
    }
    assert notes == ({"da", "en"} if often else set())


def test_each_passage_is_in_one_collection_with_its_motivation() -> None:
    found = [
        (
            only(reference(), URIRef(p), DCTERMS.isPartOf),
            only(reference(), URIRef(p), OA.motivatedBy),
            (URIRef(p), DCTERMS.identifier, None) in reference(),
        )
        for p in PASSAGES
    ]
    assert found.count((ITEMS, OA.identifying, True)) == 104
    assert set(found) == {(ITEMS, OA.identifying, True), (FURTHER, OA.linking, False)}


def test_a_passage_is_named_after_its_thing() -> None:
    """``role-capacity-builder`` for ``role/capacity-builder``."""
    bodies = {
        name(p): {local(b) for b in reference().objects(p, OA.hasBody)}
        for p in reference().subjects(DCTERMS.isPartOf, ITEMS)
    }
    odd = {p: b for p, b in bodies.items() if {x.replace("/", "-", 1) for x in b} != {p}}
    assert odd == {
        "statement-steering-group-funding": {
            f"statement/coi-funded-by-{party}" for party in ("danske-regioner", "government", "kl")
        }
    }


def test_things_and_passages_refer_to_each_other() -> None:
    """What is identified by a passage is stated in it, and so is each statement it bears out."""
    graph = reference()
    missing = [
        (local(body), name(passage))
        for passage, body in graph.subject_objects(OA.hasBody)
        if (body, COI.statedIn, passage) not in graph
    ]
    assert missing == []
    further = set(graph.subjects(DCTERMS.isPartOf, FURTHER))
    unsaid = [
        (local(subject), name(passage))
        for subject, passage in graph.subject_objects(COI.statedIn)
        if (subject, RDF.type, RDF.Statement) in graph
        and passage in further
        and (passage, OA.hasBody, subject) not in graph
    ]
    assert unsaid == []


def test_stated_in_leads_to_passages_only() -> None:
    stated = {str(o) for o in reference().objects(None, COI.statedIn)}
    assert stated - set(PASSAGES) == set()
    assert set(PASSAGES) - stated == set()


# --- against the list of items

KINDS = {
    "Document": "framework",
    "Purpose": "purpose",
    "FrameworkCondition": "condition",
    "InnovationPractice": "practice",
    "Role": "role",
    "WorkingMethod": "method",
    "CollaborationForm": "form",
    "Ambition": "ambition",
    "Aim": "aim",
    "ActorCategory": "actor-category",
    "FoundingParty": "organisation",
    "SteeringGroup": "organisation",
    "Tool": "tool",
    "FollowUp": "follow-up",
    "Channel": "channel",
    "Constraint": "constraint",
}
ELSEWHERE = {
    "coi": "organisation/coi",
    "establishment-2014": "event/establishment-2014",
    "oecd": "organisation/oecd",
    "nordic-countries": "place/nordic-countries",
}
STATEMENTS = {"strategic-framework-2017/year", "steering-group/funding"}
WORDING = {"official-en": "official", "proposed-en": "proposed"}


def test_the_quotes_are_those_of_the_items(shared: Path) -> None:
    expected = {
        (r["local_name"], r["quote"], r["start_codepoint"], r["end_codepoint"])
        for r in rows(shared / "domain" / "items.csv")
    }
    ours = rows(DATA / "framework" / "passages.csv")
    found = {(r["identifier"], r["exact"], r["start"], r["end"]) for r in ours if r["identifier"]}
    assert found == expected


def test_the_things_are_named_as_the_items(shared: Path) -> None:
    for row in rows(shared / "domain" / "items.csv"):
        item = row["local_name"]
        if item in STATEMENTS:
            continue
        path = ELSEWHERE.get(item) or f"{KINDS[row['group']]}/{item}"
        assert names_of(thing(path), "da") == [row["label_da"]], path
        assert names_of(thing(path), "en") == [row["label_en"]], path
        status = name(only(reference(), thing(path), COI.wordingStatus))
        assert status == WORDING[row["english_status"]], path
