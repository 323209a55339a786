"""Mutated files: whatever is done to a good file, reading it gives a `Sent` or `UnreadableInput`,
and every statement that was read can be asked for its place."""

from __future__ import annotations

import io
import zipfile

import pyoxigraph as ox
from hypothesis import given, settings
from hypothesis import strategies as st

from coi_graph.errors import UnreadableInput
from coi_graph.intake import reading
from coi_graph.intake.limits import Limits
from coi_graph.intake.names import Names
from coi_graph.intake.places import Sent

TURTLE = """@prefix : <https://e.example/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
# en kommentar
:a a :T ; :p "nærhed"@da , 'x' , \"\"\"flere
linjer\"\"\" ; :q [ :r 1.5 , true ; :s ( 1 "to" [ :t :u ] ( ) ) ] .
_:b :p "2024-01-01"^^xsd:date . <https://e.example/c> :p _:b , :a .
"""
TRIG = TURTLE + ":g { :a :p :b . } GRAPH <https://e.example/h> { :c :d [ :e 1 ] }\n"
NQUADS = (
    '<https://e.example/a> <https://e.example/p> "x\\u00e6"@da <https://e.example/g> .\n'
    "_:b <https://e.example/p> _:c .\n"
)
JSON = """{"@context": {"ex": "https://e.example/", "n": {"@id": "ex:n", "@language": "da"},
  "k": {"@id": "ex:k", "@type": "@id"}, "@vocab": "https://e.example/v/"},
 "@graph": [{"@id": "ex:a", "@type": "ex:T", "n": ["nær", {"@value": "x"}], "k": ["ex:b", "_:c"],
   "other": {"@list": [1, {"n": "inde"}, null]}},
  {"@id": "_:c", "@reverse": {"k": {"@id": "ex:d"}}}]}
"""
XML = """<?xml version="1.0" encoding="UTF-8"?>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="https://e.example/">
 <T rdf:about="https://e.example/a"><q xml:lang="da">nær</q>
  <r rdf:resource="https://e.example/b"/><s rdf:parseType="Resource"><t>1</t></s>
  <u rdf:parseType="Collection"><T/><rdf:Description rdf:nodeID="n"/></u></T></rdf:RDF>
"""
CSV = 'identifikator;titel (dansk);rolle\r\nprøve-1;"Opdigtet; prøve";Vidensallieret\r\n'
FILES = {
    "f.ttl": TURTLE,
    "f.trig": TRIG,
    "f.nq": NQUADS,
    "f.jsonld": JSON,
    "f.rdf": XML,
    "f.csv": CSV,
}
#: What is put into a file, anywhere.
NASTY = st.sampled_from(
    [
        b"\x00",
        b"\xff",
        b"\xc3",
        b"\xef\xbb\xbf",
        b"\xff\xfe",
        b"\r",
        b"\n\n",
        b"\t",
        b"\xc2\xa0",
        b'"',
        b"'",
        b'"""',
        b"\\",
        b"\\u",
        b"\\uD800",
        b"<",
        b">",
        b"<<",
        b"<<(",
        b"{|",
        b"[",
        b"]",
        b"(",
        b")",
        b"{",
        b"}",
        b".",
        b";",
        b",",
        b"^^",
        b"@",
        b"@da--ltr",
        b"#",
        b":",
        b"_:",
        b"a",
        b"%",
        b"<!DOCTYPE x>",
        b"<!ENTITY",
        b"<![CDATA[",
        b"-->",
        b"&amp;",
        b"&x;",
        b"xmlns:x=''",
        b"rdf:ID='x'",
        b'"@context":"http://x/"',
        b'"@id":',
        b'"@list":',
        b'"@nest":{}',
        b'"@value":',
        b"null",
        b"1e999",
        b"javascript:x",
        b"file:///",
        b" " * 50,
        b"[" * 150,
        b"(" * 150,
        b'{"a":' * 150,
        b"<a>" * 150,
        b"=1+1",
        b"sep=;\r\n",
        b'sep="\r\n',
        "æøå".encode(),
        "æ".encode("cp1252"),
        b"PK\x03\x04",
        b"%PDF",
    ]
)
EDIT = st.tuples(st.integers(0, 2000), st.integers(0, 40), NASTY | st.binary(max_size=6))


def edited(data: bytes, edits: list[tuple[int, int, bytes]]) -> bytes:
    """``data`` with some bytes at each place replaced."""
    for at, gone, new in edits:
        at %= len(data) + 1
        data = data[:at] + new + data[at + gone :]
    return data


def read(name: str, data: bytes, names: Names) -> Sent | None:
    refusal: UnreadableInput | None = None
    try:
        sent = reading.read(name, data, names, Limits(statements=5000, inflated_bytes=10_000_000))
    except UnreadableInput as error:
        refusal = error
    if refusal is not None:
        assert refusal.message.in_language("da")
        assert refusal.message.in_language("en")
        assert refusal.remedy is None or refusal.remedy.in_language("da")
        return None
    for quad in sent.quads:
        assert not isinstance(quad.subject, ox.BlankNode)
        place = sent.places.of(quad.subject, quad.predicate, quad.object)  # type: ignore[arg-type]
        assert place is not None
        assert str(place)
    for remark in sent.remarks:
        assert remark.message.in_language("da")
        assert remark.remedy is None or remark.remedy.in_language("da")
    return sent


def test_the_files_are_good_before_they_are_changed(names: Names) -> None:
    for name, text in FILES.items():
        sent = read(name, text.encode(), names)
        assert sent is not None, name
        assert sent.quads, name


@given(name=st.sampled_from(sorted(FILES)), edits=st.lists(EDIT, min_size=1, max_size=4))
@settings(max_examples=600)
def test_a_changed_file_is_read_or_refused(
    name: str, edits: list[tuple[int, int, bytes]], names: Names
) -> None:
    read(name, edited(FILES[name].encode(), edits), names)


@given(name=st.sampled_from(sorted(FILES)), end=st.integers(0, 1200))
@settings(max_examples=200)
def test_a_file_that_breaks_off_is_read_or_refused(name: str, end: int, names: Names) -> None:
    read(name, FILES[name].encode()[:end], names)


@given(
    name=st.sampled_from([*sorted(FILES), "f.xlsx", "f", "f.txt"]),
    data=st.binary(max_size=300) | st.text(max_size=200).map(lambda text: text.encode()),
)
@settings(max_examples=300)
def test_anything_at_all_is_read_or_refused(name: str, data: bytes, names: Names) -> None:
    read(name, data, names)


@given(
    part=st.sampled_from(["sheet", "workbook", "types", "relations", "whole"]),
    edits=st.lists(EDIT, min_size=1, max_size=3),
)
@settings(max_examples=300)
def test_a_changed_workbook_is_read_or_refused(
    part: str, edits: list[tuple[int, int, bytes]], names: Names
) -> None:
    parts = {
        "types": (
            "[Content_Types].xml",
            '<Types xmlns="http://schemas.openxmlformats.org/package/'
            '2006/content-types"><Override PartName="/xl/workbook.xml" '
            'ContentType="application'
            '/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>',
        ),
        "workbook": (
            "xl/workbook.xml",
            '<workbook xmlns="http://schemas.openxmlformats.org/'
            'spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/'
            'officeDocument/2006/relationships"><sheets>'
            '<sheet name="A" r:id="r1"/></sheets>'
            "</workbook>",
        ),
        "relations": (
            "xl/_rels/workbook.xml.rels",
            '<Relationships><Relationship Id="r1" '
            'Type="x/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        ),
        "sheet": (
            "xl/worksheets/sheet1.xml",
            "<worksheet><sheetData>"
            '<row r="1"><c r="A1" t="inlineStr"><is><t>identifikator</t></is></c>'
            '<c r="B1" t="inlineStr"><is><t>titel (dansk)</t></is></c></row>'
            '<row r="2"><c r="A2" t="str"><f>1+1</f><v>x</v></c>'
            '<c r="B2" s="1"><v>45000</v></c>'
            '</row></sheetData><mergeCells><mergeCell ref="A3:B4"/></mergeCells></worksheet>',
        ),
    }
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for key, (name, text) in parts.items():
            data = text.encode()
            archive.writestr(name, edited(data, edits) if key == part else data)
    whole = file.getvalue()
    read("f.xlsx", edited(whole, edits) if part == "whole" else whole, names)
