"""The charts: what shares an axis, what stands beside a number, and what can be taken away."""

from __future__ import annotations

import csv
import html
import re
from itertools import combinations
from xml.etree import ElementTree

import pytest
from flask.testing import FlaskClient
from web_answers import BASE, BROWSER

from coi_graph.description import figures
from coi_graph.description.describer import Describer
from coi_graph.description.figures import Panel
from coi_graph.description.lookup import Lookup
from coi_graph.description.paths import Addresses
from coi_graph.store import Store
from environment import ROOT

PAGE = {"Accept": BROWSER}
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def rows() -> dict[str, dict[str, str]]:
    path = ROOT / "data/barometer/observations.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return {row["id"]: row for row in csv.DictReader(file)}


@pytest.fixture(scope="module")
def panels(built_store: Store) -> list[Panel]:
    lookup = Lookup(built_store)
    return figures.panels(figures.read(lookup, Describer(lookup, Addresses(BASE, "http://x/"))))


def test_every_figure_of_the_file_is_in_one_panel(
    panels: list[Panel], rows: dict[str, dict[str, str]]
) -> None:
    shown = [figure for panel in panels for figure in panel.figures]
    assert sorted(figure.name for figure in shown) == sorted(rows)
    for figure in shown:
        row = rows[figure.name]
        assert str(figure.value) == row["value"]
        assert str(figure.base_n or "") == row["base_n"]
        assert figure.population.iri.rpartition("/")[2] == row["population"]


def test_an_axis_has_one_indicator_one_denominator_and_comparable_figures(
    panels: list[Panel], rows: dict[str, dict[str, str]]
) -> None:
    together = [panel for panel in panels if len(panel.figures) > 1]
    assert together
    for panel in together:
        for one, other in combinations([rows[figure.name] for figure in panel.figures], 2):
            for same in ("indicator", "breakdown", "population", "unit"):
                assert one[same] == other[same]
            assert other["id"] not in one["not_strictly_comparable_with"].split()
            linked = f"{one['comparable_with']} {one['revision_of']}".split()
            back = f"{other['comparable_with']} {other['revision_of']}".split()
            corrected = "superseded" in (one["own_status"], other["own_status"])
            assert other["id"] in linked or one["id"] in back or corrected


def test_the_known_groups_of_comparable_figures(panels: list[Panel]) -> None:
    names = [{figure.name for figure in panel.figures} for panel in panels]
    assert {"e1", "e2", "e2-uncorrected", "e11", "e5"} in names
    assert {"s1", "s8", "n1", "n6"} in names
    # The shares of different actors are not built alike, although of one publication.
    assert not any({"p1a", "p1c"} <= one for one in names)


def pages(client: FlaskClient, lang: str) -> str:
    first = client.get(f"/barometer?lang={lang}", headers=PAGE).text
    last = max(int(n) for n in re.findall(r"page=(\d+)", first))
    rest = [
        client.get(f"/barometer?lang={lang}&page={n}", headers=PAGE) for n in range(2, last + 1)
    ]
    assert all(one.status_code == 200 for one in rest)
    return first + "".join(one.text for one in rest)


def test_every_number_stands_with_denominator_and_base(
    client: FlaskClient, rows: dict[str, dict[str, str]]
) -> None:
    page = pages(client, "en")
    panels = re.findall(r'<article class="panel".*?</article>', page, re.DOTALL)
    assert panels
    assert all("Share of:" in one or "Number, about:" in one for one in panels)
    svgs = "".join(re.findall(r"<svg class=\"chart\".*?</svg>", page, re.DOTALL))
    known = [int(row["base_n"]) for row in rows.values() if row["base_n"]]
    assert sum(svgs.count(f">n = {n:,}<") for n in set(known)) == len(known)
    assert svgs.count(">n not stated<") == len(rows) - len(known)


def test_corrections_and_conflicts_are_said(client: FlaskClient) -> None:
    page = pages(client, "da")
    assert "senere rettet" in page
    assert "Kilderne er uenige" in page
    assert "/doc/conflict/second-edition-responses" in page
    assert "Kan ikke sammenlignes strengt med" in page


def test_a_page_stays_below_100_kb(client: FlaskClient) -> None:
    for number in (1, 2):
        assert len(client.get(f"/barometer?page={number}", headers=PAGE).data) < 100_000


@pytest.mark.parametrize("lang", ["da", "en"])
def test_the_picture_is_a_file_of_its_own(client: FlaskClient, lang: str) -> None:
    answer = client.get(f"/barometer/e1.svg?lang={lang}")
    assert answer.mimetype == "image/svg+xml"
    picture = ElementTree.fromstring(answer.data)
    texts = " ".join(picture.itertext())
    assert BASE + "id/observation/e1" in texts
    assert ("44 %" if lang == "da" else "44%") in texts
    assert "style" not in answer.text
    widths = [float(r.get("width", "0")) for r in picture.iter(SVG + "rect") if r.get("stroke")]
    # 44, 45, 51, about 40 and 39 percent of 200, less the stroke
    assert sorted(widths) == [77.0, 79.0, 87.0, 89.0, 101.0]


def test_the_query_and_the_csv_of_a_chart(client: FlaskClient) -> None:
    answer = client.get("/barometer/s1.csv", follow_redirects=True)
    assert answer.mimetype == "text/csv"
    found = list(csv.DictReader(answer.text.splitlines()))
    assert {row["figure"].rpartition("/")[2] for row in found} == {"s1", "s8", "n1", "n6"}
    editor = client.get("/barometer/s1/query?lang=en", headers=PAGE, follow_redirects=True)
    assert "id/observation/s1" in html.unescape(editor.text)


@pytest.mark.parametrize("query", ["indicator=x", "page=0", "page=999", "page=²", "level=%00"])
def test_what_is_not_there_is_said(client: FlaskClient, query: str) -> None:
    assert client.get(f"/barometer?{query}", headers=PAGE).status_code == 400
    assert client.get("/barometer/nothing.svg").status_code == 404


def test_a_filter_narrows(client: FlaskClient, rows: dict[str, dict[str, str]]) -> None:
    page = client.get("/barometer?area=NOR&lang=en", headers=PAGE).text
    count = sum(row["country"] == "NOR" for row in rows.values())
    assert f"{count} figures" in page
    assert "· Norway, " in page
