"""The forms of a report: text, CSV, JSON, RDF."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pyoxigraph as ox
import pyshacl
import pytest
from checked import ACTIVITY, BASE, GOOD, checked, good_without
from rdflib import Graph

from coi_graph.validation import rendering, report_graph
from coi_graph.validation.document import Document

SH = "http://www.w3.org/ns/shacl#"
BAD = good_without("coi:hasRole", "coi:hasRole role:capacity-bulder ;")


@pytest.fixture
def document(home: Path) -> Document:
    return checked(home, ("bad.ttl", BAD))


class TestText:
    def test_is_like_a_compilers(self, document: Document) -> None:
        text = rendering.as_text(document, "en")
        line = BAD[: BAD.index("role:capacity-bulder")].count("\n") + 1
        first, margin, shown, caret, *rest = text.splitlines()
        assert first.startswith(f"bad.ttl:{line}:17: error: Course in testing (training course): ")
        assert margin.strip() == "|"
        assert shown == f"  {line} |     coi:hasRole role:capacity-bulder ;"
        assert shown[caret.index("^") :].startswith("role:capacity-bulder")
        body = "\n".join(rest)
        assert "did you mean: <https://w3id.org/coi-graph/id/role/capacity-builder>" in body
        assert "because: “COI vil ofte kombinere" in body
        assert "rule: coish:Activity-role" in body
        assert text.rstrip().endswith("the errors must be mended before this can be published.")

    def test_in_danish_has_no_english_words(self, document: Document) -> None:
        text = rendering.as_text(document, "da")
        for word in ("error:", "found:", "expected:", "because:", "did you mean", "for example"):
            assert word not in text
        for word in ("fejl:", "fundet:", "forventet:", "fordi:", "mente du", "for eksempel"):
            assert word in text

    def test_of_nothing(self, home: Path) -> None:
        text = GOOD.replace("activity:ny", "activity:eksempel-ny")
        document = checked(home, ("good.ttl", text))
        document["results"], document["groups"] = [], []
        assert rendering.as_text(document, "en").count("\n") == 1

    def test_control_characters_do_not_reach_a_terminal(self, home: Path) -> None:
        wrong = good_without("dct:title", 'dct:title "a\\u001B[31mb" , "Course"@en ;')
        text = rendering.as_text(checked(home, ("bad.ttl", wrong)), "en")
        assert "\x1b" not in text
        assert "\\x1b[31m" in text


class TestCsv:
    def test_one_row_a_finding(self, document: Document) -> None:
        rows = list(csv.DictReader(io.StringIO(rendering.as_csv(document, "en"), newline="")))
        assert len(rows) == len(document["results"])
        first = rows[0]
        assert first["severity"] == "error"
        assert first["file"] == "bad.ttl"
        assert first["record"] == "Course in testing"
        assert first["address of the record"] == ACTIVITY + "ny"
        assert first["rule"] == BASE + "shapes/Activity-role"

    def test_nothing_in_it_is_a_formula(self, home: Path) -> None:
        wrong = good_without("dct:title", 'dct:title "=HYPERLINK(\'x\')" , "Course"@en ;')
        text = rendering.as_csv(checked(home, ("=bad.ttl", wrong)), "da")
        cells = [cell for row in csv.reader(io.StringIO(text, newline="")) for cell in row]
        assert "'=HYPERLINK('x')" in cells
        assert [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))] == []


def test_json_is_the_document(document: Document) -> None:
    assert json.loads(rendering.as_json(document)) == document
    assert "ønsket" in rendering.as_json(document) or "fejl" in rendering.as_json(document)


class TestRdf:
    def triples(self, document: Document) -> set[tuple[str, str, object]]:
        parsed = ox.parse(report_graph.as_turtle(document), format=ox.RdfFormat.TURTLE)
        return {(str(q.subject.value), q.predicate.value, q.object) for q in parsed}  # type: ignore[union-attr]

    def test_says_the_same(self, document: Document) -> None:
        said = self.triples(document)
        results = {o.value for _, p, o in said if p == SH + "result"}  # type: ignore[attr-defined]
        assert len(results) == len(document["results"])
        (role,) = {
            s for s, p, o in said
            if p == SH + "sourceShape" and o == ox.NamedNode(BASE + "shapes/Activity-role")
        }  # fmt: skip
        about = {(p, o) for s, p, o in said if s == role}
        assert (SH + "focusNode", ox.NamedNode(ACTIVITY + "ny")) in about
        assert (SH + "value", ox.NamedNode(BASE + "id/role/capacity-bulder")) in about
        assert (SH + "resultPath", ox.NamedNode(BASE + "def/hasRole")) in about
        assert (SH + "resultSeverity", ox.NamedNode(SH + "Violation")) in about
        component = ox.NamedNode(SH + "ClassConstraintComponent")
        assert (SH + "sourceConstraintComponent", component) in about
        languages = {o.language for p, o in about if p == SH + "resultMessage"}  # type: ignore[attr-defined]
        assert languages == {"da", "en"}

    def test_names_data_release_and_rules(self, document: Document) -> None:
        said = self.triples(document)
        digests = {o.value for _, p, o in said if p.endswith("#checksumValue")}  # type: ignore[attr-defined]
        assert {document["data"]["sha256"], document["shapes"]["sha256"]} <= digests
        used = {o.value for _, p, o in said if p.endswith("prov#used")}  # type: ignore[attr-defined]
        assert f"{BASE}release/{document['release']['number']}" in used

    def test_has_no_blank_nodes(self, document: Document) -> None:
        assert not any(
            isinstance(term, ox.BlankNode)
            for q in ox.parse(report_graph.as_turtle(document), format=ox.RdfFormat.TURTLE)
            for term in (q.subject, q.object)
        )

    def test_the_same_check_gives_the_same_report(self, home: Path, document: Document) -> None:
        again = checked(home, ("bad.ttl", BAD))
        again["created"] = document["created"]
        assert self.triples(again) == self.triples(document)

    @pytest.mark.parametrize("name", ["bad.ttl", "broken.ttl"])
    def test_conforms_to_what_shacl_says_of_reports(self, home: Path, name: str) -> None:
        """Section 3.6 of SHACL, written as shapes."""
        text = BAD if name == "bad.ttl" else BAD[:-40]
        rules = Graph().parse(
            data="""
            @prefix sh: <http://www.w3.org/ns/shacl#> .
            @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
            [] a sh:NodeShape ; sh:targetClass sh:ValidationReport ;
              sh:property [ sh:path sh:conforms ; sh:minCount 1 ; sh:maxCount 1 ;
                            sh:datatype xsd:boolean ] ;
              sh:property [ sh:path sh:result ; sh:class sh:ValidationResult ; sh:minCount 1 ] .
            [] a sh:NodeShape ; sh:targetClass sh:ValidationResult ;
              sh:property [ sh:path sh:focusNode ; sh:minCount 1 ; sh:maxCount 1 ] ;
              sh:property [ sh:path sh:resultPath ; sh:maxCount 1 ] ;
              sh:property [ sh:path sh:value ; sh:maxCount 1 ] ;
              sh:property [ sh:path sh:sourceShape ; sh:maxCount 1 ] ;
              sh:property [ sh:path sh:sourceConstraintComponent ; sh:minCount 1 ; sh:maxCount 1 ;
                            sh:nodeKind sh:IRI ] ;
              sh:property [ sh:path sh:resultMessage ; sh:minCount 1 ; sh:uniqueLang true ] ;
              sh:property [ sh:path sh:resultSeverity ; sh:minCount 1 ; sh:maxCount 1 ;
                            sh:in ( sh:Violation sh:Warning sh:Info ) ] .
            """,
            format="turtle",
        )
        report = Graph().parse(
            data=report_graph.as_turtle(checked(home, (name, text))), format="turtle"
        )
        conforms, _, said = pyshacl.validate(report, shacl_graph=rules)
        assert conforms, said
