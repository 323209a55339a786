"""Contributed RDF: what is read is what the parser reads, and every statement has its place.

The places are checked against other means: what stands at the offset must be able to be the term,
in files that rdflib and pyoxigraph write of the project's own data, in every format.
"""

from __future__ import annotations

import re
import time
import warnings
from pathlib import Path

import pyoxigraph as ox
import pytest
from rdflib import Graph

from coi_graph.errors import UnreadableInput
from coi_graph.intake import reading, skolem
from coi_graph.intake.jsonld_context import CONTEXT, bundled, make
from coi_graph.intake.limits import Limits
from coi_graph.intake.places import Place, Sent, Severity
from coi_graph.intake.recovery import SyntaxErrors
from coi_graph.namespaces import GENID, RDF
from environment import ROOT

P = "@prefix : <https://e.example/> .\n"
E = "https://e.example/"
FILES = sorted(
    [*ROOT.glob("data/**/*.ttl"), *ROOT.glob("shapes/*.ttl"), *ROOT.glob("ontology/**/*.ttl")]
)


def read(content: str | bytes, name: str = "f.ttl", **limits: int) -> Sent:
    data = content if isinstance(content, bytes) else content.encode()
    return reading.read(name, data, None, Limits(**limits))


def place(sent: Sent, *terms: ox.NamedNode | ox.Literal) -> str:
    found = sent.places.of(*terms)
    assert found is not None
    return f"{found.line}:{found.column}"


def n(local: str) -> ox.NamedNode:
    return ox.NamedNode(E + local)


# -- places, by hand ---------------------------------------------------------------------------


def test_statements_properties_and_records_have_places_of_their_own() -> None:
    sent = read(P + ':a a :T ;\n  :p "x"@da ,\n     "y" ;\n  :q :b .\n:b :p 1 .\n')
    assert place(sent, n("a")) == "2:1"
    assert place(sent, n("a"), n("p")) == "3:3"
    assert place(sent, n("a"), n("p"), ox.Literal("x", language="da")) == "3:6"
    assert place(sent, n("a"), n("p"), ox.Literal("y")) == "4:6"
    assert place(sent, n("a"), n("q"), n("b")) == "5:6"
    assert place(sent, n("b")) == "6:1"


def test_what_is_missing_is_looked_for_at_the_record() -> None:
    sent = read(P + "\n\n:a :p :b .\n")
    assert place(sent, n("a"), n("missing")) == "4:1"
    assert place(sent, n("a"), n("p"), n("other")) == "4:4"
    assert place(sent, n("b")) == "4:7"  # spoken of, as a value
    assert sent.places.of(n("nowhere")) is None


def test_blank_nodes_keep_their_places_under_their_new_names() -> None:
    sent = read(P + ":a :p [ :q 1 ;\n  :r ( 2 [ :s 3 ] ) ] .\n")
    inner = next(q for q in sent.quads if q.predicate == n("s"))
    assert inner.subject.value.startswith(GENID)  # type: ignore[union-attr]
    assert place(sent, inner.subject) == "3:10"  # type: ignore[arg-type]
    assert place(sent, inner.subject, n("s"), inner.object) == "3:15"  # type: ignore[arg-type]
    outer = next(q for q in sent.quads if q.predicate == n("p"))
    assert place(sent, outer.object) == "2:7"  # type: ignore[arg-type]
    assert place(sent, outer.object, n("r")) == "3:3"  # type: ignore[arg-type]


def test_columns_count_letters_and_lines_end_as_they_are_written() -> None:
    sent = read('@prefix : <https://e.example/> .\r\n:a :p "æøå😀" , :b .\r:c :d :e .\r\n')
    assert place(sent, n("a"), n("p"), n("b")) == "2:16"
    assert place(sent, n("c")) == "3:1"


def test_places_in_trig_n_quads_json_ld_and_rdf_xml() -> None:
    sent = read(P + ":g {\n  :a :p :b }\n", "f.trig")
    assert place(sent, n("a"), n("p"), n("b")) == "3:9"
    sent = read(f'<{E}a> <{E}p> "x" <{E}g> .\n<{E}a> <{E}p> "y" .\n', "f.nq")
    assert place(sent, n("a"), n("p"), ox.Literal("y")) == "2:45"
    sent = read('{"@context": {"p": "https://e.example/p"},\n "@id": "https://e.example/a",\n'
                ' "p": ["x",\n  {"p": 5}]}', "f.jsonld")  # fmt: skip
    assert place(sent, n("a"), n("p"), ox.Literal("x")) == "3:8"
    nested = next(q for q in sent.quads if q.object == ox.Literal(5))
    assert place(sent, nested.subject, n("p")) == "4:4"  # type: ignore[arg-type]
    sent = read(
        f'<r:RDF xmlns:r="{RDF}" xmlns="{E}">\n<T r:about="{E}a">\n <p>x</p>\n'
        " <q><U><s>1</s></U></q></T></r:RDF>",
        "f.rdf",
    )
    assert place(sent, n("a")) == "2:1"
    assert place(sent, n("a"), n("p")) == "3:2"
    nested = next(q for q in sent.quads if q.predicate == n("s"))
    assert place(sent, nested.subject) == "4:5"  # type: ignore[arg-type]


# -- places, on the project's own data in all formats ------------------------------------------


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_statement_of_our_own_files_has_a_true_place(path: Path) -> None:
    quads = [*ox.parse(path=str(path), format=ox.RdfFormat.TURTLE, base_iri=E)]
    triples = [quad.triple for quad in quads]
    graph = Graph().parse(path, format="turtle", publicID=E)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        written = {
            "a.ttl": ox.serialize(triples, format=ox.RdfFormat.TURTLE),
            "b.ttl": graph.serialize(format="turtle").encode(),
            "a.nt": ox.serialize(triples, format=ox.RdfFormat.N_TRIPLES),
            "a.rdf": ox.serialize(triples, format=ox.RdfFormat.RDF_XML),
            "b.rdf": graph.serialize(format="xml").encode(),
            "a.jsonld": ox.serialize(triples, format=ox.RdfFormat.JSON_LD),
            "b.jsonld": graph.serialize(format="json-ld", auto_compact=True).encode(),
        }
    wanted = len({*skolem.skolemize(triples, "x")})
    for name, data in written.items():
        assert data is not None
        sent = read(data, name)
        assert len(sent.quads) == wanted, name
        assert sent.remarks == (), name
        lines = re.split(r"\r\n|\n|\r", data.decode())
        for quad in sent.quads:
            assert_true(name, lines, quad, sent)


def assert_true(name: str, lines: list[str], quad: ox.Quad, sent: Sent) -> None:
    """What stands at the statement's place can be its object."""
    found = sent.places.of(quad.subject, quad.predicate, quad.object)  # type: ignore[arg-type]
    assert found is not None
    assert found.file == name
    assert found.line is not None
    assert found.column is not None
    text = lines[found.line - 1][found.column - 1 :]
    value = quad.object
    if name.endswith(".nt"):
        assert text.startswith(str(value)) or isinstance(quad.object, ox.NamedNode)
        assert not text.startswith("<") or text.startswith(str(value))
    elif name.endswith((".rdf", ".jsonld")):
        assert text[:1] in '<"{[-0123456789tf'
    elif isinstance(value, ox.Literal):
        assert text[:1] in "\"'-+.0123456789tf", text
    elif isinstance(value, ox.NamedNode) and not value.value.startswith(GENID):
        if value.value != RDF + "nil":
            local = re.split(r"[/#]", value.value)[-1]
            assert text.startswith("<") or local.replace("%", "\\%") in text or ":" in text, text
    else:
        assert text[:1] in "[(_" or quad.predicate.value in (RDF + "rest", RDF + "first"), text


# -- what is said of it ------------------------------------------------------------------------


def test_all_syntax_errors_that_can_be_told_apart_are_reported() -> None:
    with pytest.raises(SyntaxErrors) as raised:
        read(P + ":a :b <x y> .\n:c :d :e .\n:f :g h .\n:i :j dtc:k .\n:l :m :n .\n")
    assert [remark.place.line for remark in raised.value.remarks] == [2, 4, 5]
    assert all(remark.severity is Severity.VIOLATION for remark in raised.value.remarks)
    assert raised.value.details["line"] == 2
    assert len(raised.value.details["errors"]) == 3  # type: ignore[arg-type]


def test_the_line_is_shown_with_a_caret_under_the_place() -> None:
    with pytest.raises(UnreadableInput) as raised:
        read(P + ":a :b True .\n")
    assert raised.value.details["excerpt"] == ":a :b True .\n      ^"


def test_a_text_that_names_a_file_cannot_steer_a_terminal() -> None:
    with pytest.raises(UnreadableInput) as raised:
        read(P + ":a :b", "\x1b[2J.ttl")
    assert "\x1b" not in str(raised.value)


def test_the_same_file_is_the_same_record_in_the_same_graph() -> None:
    text = P + ":a :p [ :q 1 ] ."
    assert read(text).quads == read(text).quads
    assert read(text).graph == "https://w3id.org/coi-graph/graph/contribution/f"
    assert {quad.graph_name.value for quad in read(text).quads} == {read(text).graph}  # type: ignore[union-attr]


def test_remarks_stand_where_the_thing_does() -> None:
    sent = read(P + ":a :b <javascript:x> .\n")
    assert [remark.place for remark in sent.remarks] == [Place("f.ttl", line=2, column=7)]
    assert sent.remarks[0].found == "javascript:x"


def test_limits_are_those_given() -> None:
    text = P + ":a :b 1, 2, 3 .\n"
    assert len(read(text, statements=3).quads) == 3
    with pytest.raises(UnreadableInput, match="more than 2 statements"):
        read(text, statements=2)
    with pytest.raises(UnreadableInput, match=r"at most 0\.0 MB"):
        read(text, file_bytes=10)
    with pytest.raises(UnreadableInput, match="more than 1 levels"):
        read(P + ":a :b [ :c [ :d 1 ] ] .", depth=1)


# -- the bundled context -----------------------------------------------------------------------


def test_the_bundled_context_is_made_from_the_ontology() -> None:
    triples = [
        quad.triple
        for path in sorted(ROOT.glob("ontology/*.ttl"))
        for quad in ox.parse(path=str(path), format=ox.RdfFormat.TURTLE, base_iri=E)
    ]
    import json

    kept = json.loads((ROOT / "src/coi_graph/intake/contexts/coi.jsonld").read_text("utf-8"))
    assert kept == make(triples), "write intake/contexts/coi.jsonld anew with jsonld_context.make"


def test_the_bundled_context_means_what_it_says() -> None:
    assert bundled("https://schema.org") is None
    sent = read(f'{{"@context": "{CONTEXT}", "id": "https://e.example/a", "type": "Activity",'
                ' "dct:title": "x", "usesMethod": "https://e.example/m"}', "f.jsonld")  # fmt: skip
    assert not [remark for remark in sent.remarks if "usesMethod" not in str(remark.message)]
    coi = "https://w3id.org/coi-graph/def/"
    said = {(quad.predicate.value, quad.object) for quad in sent.quads}
    assert (RDF + "type", ox.NamedNode(coi + "Activity")) in said
    assert ("http://purl.org/dc/terms/title", ox.Literal("x")) in said


# -- speed -------------------------------------------------------------------------------------


def test_a_record_of_thirty_lines_is_read_with_places_in_milliseconds() -> None:
    text = (P + "".join(f':a{i} a :T ;\n  :p "x"@da, "y"@en ;\n  :q [ :r 1 ] ;\n  :s :t .\n'
                        for i in range(7))).encode()  # fmt: skip
    took = []
    for _ in range(30):
        begun = time.perf_counter()
        sent = read(text)
        assert sent.places.of(n("a6"), n("s"), n("t")) is not None
        took.append(time.perf_counter() - begun)
    assert min(took) < 0.002
