"""Offsets and lines: found by counting, and by an index, they are what splitting the text gives."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from coi_graph.intake import lines
from coi_graph.intake.lines import Lines
from coi_graph.intake.places import Place

TEXT = st.lists(
    st.sampled_from(["a", "æ", "😀", " ", "\n", "\r", "\r\n", "\n\n", "x" * 30]), max_size=60
).map("".join)


def positions(text: str) -> dict[int, tuple[int, int]]:
    """Offset → line and column, the slow way; none between a carriage return and a line feed."""
    found, line, column = {}, 1, 1
    for match in re.finditer(r"\r\n|\n|\r|.", text):
        found[match.start()] = (line, column)
        ends = match[0] in ("\r\n", "\n", "\r")
        line, column = (line + 1, 1) if ends else (line, column + 1)
    found[len(text)] = (line, column)
    return found


@given(TEXT)
def test_positions_and_the_way_back(text: str) -> None:
    indexed = Lines("f", text)
    for _ in range(lines._COUNTED):
        indexed.position(0)
    for offset, position in positions(text).items():
        assert Lines("f", text).position(offset) == position
        assert Lines("f", text).offset(*position) == offset
        assert indexed.position(offset) == position
        assert indexed.offset(*position) == offset


@given(TEXT, st.integers(0, 200), st.integers(-3, 100), st.integers(-3, 100))
def test_what_lies_outside_is_the_nearest_end(text: str, at: int, line: int, column: int) -> None:
    assert 0 <= Lines("f", text).offset(line, column) <= len(text)
    shown, caret = Lines("f", text).excerpt(at).split("\n")
    assert caret.strip() == "^"
    assert len(shown) <= 102
    assert "\r" not in shown


def test_places_are_written_as_people_write_them() -> None:
    assert str(Place("f.ttl", line=12, column=5)) == "f.ttl:12:5"
    assert str(Place("f.ttl", line=12)) == "f.ttl:12"
    assert str(Place("f.ttl")) == "f.ttl"
    assert str(Place("f.xlsx", sheet="Ark1", row=7, column=3)) == "f.xlsx, Ark1!C7"
    assert str(Place("f.csv", row=7, column=3)) == "f.csv, C7"
    assert Place("f.csv", row=1, column=27).cell == "AA1"
    assert Place("f.csv", row=1, column=16_384).cell == "XFD1"
