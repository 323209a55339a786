"""Pictures from the graph: text fits its shapes, shapes keep apart, and both are bounded."""

from __future__ import annotations

import itertools
import math

import pytest
import rdflib

from coi_graph.description import framework_picture, lettering, neighbourhood
from coi_graph.description.framework_picture import Entry, Part, Picture
from coi_graph.description.view import Link, Relation, Value
from environment import ROOT

SKOS = rdflib.SKOS
COI = rdflib.Namespace("https://w3id.org/coi-graph/def/")


@pytest.fixture(scope="module")
def framework() -> dict[str, list[Entry]]:
    """Roles, methods and changes as the files have them."""
    graph = rdflib.Graph()
    for name in ("roles", "working-methods", "changes"):
        graph.parse(ROOT / "data" / "framework" / f"{name}.ttl")

    def entries(kind: rdflib.URIRef) -> list[Entry]:
        return [
            (
                Link(
                    str(thing),
                    {str(one.language): str(one) for one in graph.objects(thing, SKOS.prefLabel)},
                    "/x",
                ),
                {str(one.language): str(one) for one in graph.objects(thing, SKOS.definition)},
            )
            for thing in sorted(graph.subjects(rdflib.RDF.type, kind))
        ]

    return {
        "roles": entries(COI.StrategicRole),
        "methods": entries(COI.WorkingMethod),
        "changes": entries(COI.ChangeAmbition),
    }


def drawn(framework: dict[str, list[Entry]], size: str, lang: str) -> Picture:
    draw = framework_picture.wide if size == "wide" else framework_picture.narrow
    return draw(framework["roles"], framework["methods"], framework["changes"], lang)


@pytest.mark.parametrize("size", ["wide", "narrow"])
@pytest.mark.parametrize("lang", ["da", "en"])
def test_the_framework_is_whole_and_nothing_in_it_is_broken_or_laid_over(
    framework: dict[str, list[Entry]], size: str, lang: str
) -> None:
    picture = drawn(framework, size, lang)
    assert (len(picture.roles), len(picture.methods), len(picture.changes)) == (3, 9, 3)
    for part in (*picture.roles, *picture.methods, *picture.changes):
        assert " ".join(line.text for line in part.name) == part.link.label(lang)
        assert 0 <= part.x <= part.x + part.width <= picture.width + 0.1
        assert 0 <= part.y <= part.y + part.height <= picture.height + 0.1
        for line in (*part.name, *part.text):
            assert part.y < line.y < part.y + part.height
    for one, other in itertools.combinations(picture.methods, 2):
        assert math.dist(one.centre, other.centre) >= (one.width + other.width) / 2


@pytest.mark.parametrize("size", ["wide", "narrow"])
def test_no_part_outranks_its_like(framework: dict[str, list[Entry]], size: str) -> None:
    picture = drawn(framework, size, "da")
    for parts in (picture.roles, picture.methods, picture.changes):
        labels = [part.link.label("da").casefold() for part in parts]
        assert labels == sorted(labels)
        assert len({part.width for part in parts}) == 1
    # The strands end where all the circles lie: none ties a role to a method, or to a change.
    if picture.hub is not None:
        x, y, radius = picture.hub
        for strand in picture.strands:
            start, end = strand.removeprefix("M").split("H")
            assert math.dist((float(end), float(start.split(" ")[1])), (x, y)) == pytest.approx(
                radius, abs=1
            )
        assert all(
            math.dist(one.centre, (x, y)) + one.width / 2 < radius for one in picture.methods
        )


def test_a_list_that_has_grown_still_fits() -> None:
    many = [(Link(f"m{n}", {"da": f"metode nummer {n}"}, "/x"), {}) for n in range(17)]
    picture = framework_picture.wide([], many, [], "da")
    circles: list[Part] = picture.methods
    assert len(circles) == 17
    for one, other in itertools.combinations(circles, 2):
        assert math.dist(one.centre, other.centre) >= (one.width + other.width) / 2


@pytest.mark.parametrize(
    ("text", "widest", "most", "expected"),
    [
        ("en to tre", 1000, 2, ("en to tre",)),
        ("en to tre", 45, 3, ("en to", "tre")),
        ("en to tre fire fem", 60, 1, ("en to …",)),
        ("", 100, 2, ("",)),
    ],
)
def test_text_breaks_between_words(
    text: str, widest: float, most: int, expected: tuple[str, ...]
) -> None:
    assert lettering.lines(text, 14, widest, most) == expected


def test_a_number_keeps_its_sign() -> None:
    for widest in range(60, 300, 10):
        for line in lettering.lines("andelen: 51 % rettet til 45 %", 14, widest, 9):
            assert not line.startswith("%"), widest


def test_a_word_that_is_too_long_is_broken_and_nothing_of_it_is_lost() -> None:
    word = "arbejdsmarkedsuddannelsesudvalg"
    found = lettering.lines(word, 14, 90, 9)
    assert len(found) > 1
    assert "".join(line.removesuffix("-") for line in found) == word
    assert all(lettering.width(line, 14) <= 90 for line in found)


def relation(name: str, count: int, more: int = 0) -> Relation:
    values = [Value(link=Link(f"{name}{n}", {"da": f"{name} {n}"}, f"/{n}")) for n in range(count)]
    return Relation(Link(name, {"da": name}, None), values, more)


@pytest.mark.parametrize("relations", [1, 7, 40])
def test_a_thing_with_thousands_of_neighbours_has_a_picture_of_a_few(relations: int) -> None:
    every = [relation(f"r{n}", 60, more=4_940) for n in range(relations)]
    shown = neighbourhood.chosen(every)
    taken = sum(len(links) for _, links in shown.relations)
    assert 0 < taken <= 8
    assert taken + shown.more == relations * 5_000
    thing = Link("t", {"da": "Ting"}, "/t")
    for draw in (neighbourhood.wide, neighbourhood.narrow):
        picture = draw(thing, shown, shown, "da", lambda link: link.label("da"))
        assert picture is not None
        assert picture.height < 900


def test_a_thing_without_neighbours_has_no_picture() -> None:
    nothing = neighbourhood.chosen([])
    assert neighbourhood.wide(Link("t", {}, "/t"), nothing, nothing, "da", str) is None
