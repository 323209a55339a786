"""The framework's text as blocks of nested pieces."""

from __future__ import annotations

import csv
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coi_graph.description import annotated_text
from coi_graph.description.annotated_text import Block, Piece, Span, blocks
from coi_graph.description.describer import Describer
from coi_graph.description.lookup import Lookup
from coi_graph.description.paths import Addresses
from coi_graph.namespaces import BASE, ID
from coi_graph.store import Store
from environment import ROOT

FRAMEWORK = ROOT / "data" / "framework"


def leaves(pieces: list[Piece], around: tuple[Span, ...] = ()) -> Iterator[tuple[str, set[int]]]:
    """Each text with the numbers of the spans around it."""
    for piece in pieces:
        if piece.span is None:
            yield piece.text, {span.number for span in around}
        else:
            yield from leaves(piece.pieces, (*around, piece.span))


def marks(pieces: list[Piece]) -> Iterator[Piece]:
    for piece in pieces:
        if piece.span is not None:
            yield piece
            yield from marks(piece.pieces)


def spans_of(text: str, *quotes: str) -> list[Span]:
    places = sorted(
        ((text.index(quote), text.index(quote) + len(quote)) for quote in quotes),
        key=lambda place: (place[0], -place[1]),
    )
    return [Span(number, *place) for number, place in enumerate(places, 1)]


def test_headings_paragraphs_and_items() -> None:
    text = (
        "\n\nFORMÅL\n\nCOI arbejder for, at\n\n- første, og\n- andet.\n\nTilmeld dig\nog følg os\n"
    )
    found = blocks(text, [])
    assert [(b.kind, b.pieces[0].text) for b in found] == [
        ("heading", "FORMÅL"),
        ("paragraph", "COI arbejder for, at"),
        ("item", "første, og"),
        ("item", "andet."),
        ("paragraph", "Tilmeld dig\nog følg os"),
    ]


def test_a_quote_in_a_quote_nests_and_an_overlap_is_cut() -> None:
    text = "en to tre fire fem"
    spans = spans_of(text, "en to tre", "to", "tre fire")
    (block,) = blocks(text, spans)
    assert list(leaves(block.pieces)) == [
        ("en ", {1}), ("to", {1, 2}), (" ", {1}), ("tre", {1, 3}), (" fire", {3}), (" fem", set()),
    ]  # fmt: skip
    third = [piece for piece in marks(block.pieces) if piece.span is spans[2]]
    assert [(p.is_first, p.is_last) for p in third] == [(True, False), (False, True)]


def test_a_quote_over_two_blocks_is_counted_in_the_first() -> None:
    text = "et ord her.\n\nog et andet."
    spans = spans_of(text, "her.\n\nog")
    first, second = blocks(text, spans)
    assert [block.spans for block in (first, second)] == [spans, []]
    assert list(leaves(second.pieces)) == [("og", {1}), (" et andet.", set())]


@given(
    st.text("abc æø\n-", max_size=60),
    st.lists(st.tuples(st.integers(0, 60), st.integers(1, 30)), max_size=8),
)
@settings(max_examples=60, deadline=None)
def test_every_character_is_there_and_in_the_spans_that_cover_it(
    text: str, places: list[tuple[int, int]]
) -> None:
    ranges = sorted(
        {(a, a + n) for a, n in places if a + n <= len(text)}, key=lambda p: (p[0], -p[1])
    )
    spans = [Span(number, *place) for number, place in enumerate(ranges, 1)]
    for block in blocks(text, spans):
        at = block.start
        for part, around in leaves(block.pieces):
            assert text[at : at + len(part)] == part
            for offset in range(at, at + len(part)):
                assert around == {s.number for s in spans if s.start <= offset < s.end}
            at += len(part)
        firsts = [p.span.number for p in marks(block.pieces) if p.span and p.is_first]
        assert len(firsts) == len(set(firsts)), "an anchor once"


@pytest.fixture(scope="module")
def read(built_store: Store) -> list[Block]:
    lookup = Lookup(built_store)
    return annotated_text.read(lookup, Describer(lookup, Addresses(BASE, "http://localhost/")))


def test_every_passage_of_the_file_has_its_place_and_its_things(read: list[Block]) -> None:
    with (FRAMEWORK / "passages.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    spans = {(s.start, s.end): s for block in read for s in block.spans}
    assert {(int(row["start"]), int(row["end"])) for row in rows} == set(spans)
    for row in rows:
        span = spans[int(row["start"]), int(row["end"])]
        assert f"{ID}passage/{row['passage']}" in [link.iri for link in span.passages]
        # What a passage is said to be read out of is what says that it comes from the passage.
        for body in row["body"].split(";"):
            assert ID + body in [one.thing.iri for one in span.modelled], row["passage"]


def test_the_marked_words_are_those_of_the_quotes(read: list[Block]) -> None:
    with (FRAMEWORK / "passages.csv").open(encoding="utf-8", newline="") as file:
        quotes = {(int(r["start"]), int(r["end"])): r["exact"] for r in csv.DictReader(file)}
    marked: dict[tuple[int, int], str] = dict.fromkeys(quotes, "")
    for block in read:
        for piece in marks(block.pieces):
            assert piece.span is not None
            text = "".join(part for part, _ in leaves([piece]))
            marked[piece.span.start, piece.span.end] += text
    # Between blocks lie line breaks and hyphens, which stand in no block.
    assert {k: "".join(v.split()) for k, v in marked.items()} == {
        k: "".join(v.replace("\n- ", "\n").split()) for k, v in quotes.items()
    }


def test_the_headings(read: list[Block]) -> None:
    headings = ["".join(part for part, _ in leaves(b.pieces)) for b in read if b.kind == "heading"]
    assert headings == [
        "STRATEGISK RAMME", "FORMÅL", "COI samarbejder", "COI's strategiske ramme",
        "Roller og arbejdsmetoder", "Forandringer", "Dialog- og gearingspartner",
        "Kapacitetsopbygger", "Vidensallieret", "Systemforandringer", "Adfærdsændringer",
        "Viden tilegnet og anvendt", "Opfølgning på COI's strategiske ramme", "Om COI",
    ]  # fmt: skip
