"""The SPARQL editor in a real Chromium: what it completes, runs, shows and downloads.

Every page of this file may talk to the server under test only: a request to any other host is
refused, recorded, and fails the test.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from looking import picture, violations
from openpyxl import load_workbook
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from environment import Server

pytestmark = pytest.mark.browser

ROLES = (
    "SELECT ?role ?name WHERE { ?role a coi:StrategicRole ; skos:prefLabel ?name "
    'FILTER(lang(?name) = "da") } ORDER BY ?name'
)
HEAD = (
    "PREFIX coi: <https://w3id.org/coi-graph/def/> "
    "PREFIX skos: <http://www.w3.org/2004/02/skos/core#> "
)
NAMES = ["Dialog- og gearingspartner", "Kapacitetsopbygger", "Vidensallieret"]
IRIS = [
    "https://w3id.org/coi-graph/id/role/" + name
    for name in ("dialogue-and-leverage-partner", "capacity-builder", "knowledge-ally")
]


class Visit:
    """A page, what it asked of other hosts, and what the browser complained about."""

    def __init__(self, context: BrowserContext, server: Server) -> None:
        self.context = context
        self.server = server
        self.outside: list[str] = []
        self.complaints: list[str] = []
        context.route("**/*", self._ours_only)
        self.page = context.new_page()
        self.page.on("console", lambda m: self._complaint(m.text) if m.type != "log" else None)
        self.page.on("pageerror", lambda error: self._complaint(str(error)))

    def _ours_only(self, route: Route) -> None:
        if urlsplit(route.request.url).netloc == urlsplit(self.server.url).netloc:
            route.continue_()
        else:
            self.outside.append(route.request.url)
            route.abort()

    def _complaint(self, text: str) -> None:
        # The browser itself reports a refused query's status as an error; anything else is ours.
        if "400 (Bad Request)" not in text:
            self.complaints.append(text)

    def open(self, lang: str = "da", **parameters: str) -> Page:
        self.page.goto(f"{self.server.url}/sparql?{urlencode({'lang': lang, **parameters})}")
        return self.page

    def write(self, text: str) -> None:
        """Replaces the query, key by key."""
        self.page.locator("#editor-field").focus()
        self.page.keyboard.press("Control+a")
        self.page.keyboard.press("Delete")
        self.page.keyboard.type(text)
        # Suggestions and prefixes come after a key, and those of an earlier one may come last.
        self.page.wait_for_timeout(400)

    def text(self) -> str:
        """The query as it would be sent."""
        return self.page.locator("textarea#query").input_value()

    def expect(self, part: str) -> None:
        """In the query, soon: the editor adds prefixes after a key."""
        expect(self.page.locator("textarea#query")).to_have_value(re.compile(re.escape(part)))

    def run(self) -> None:
        self.page.keyboard.press("Escape")  # suggestions, if there are any
        self.page.keyboard.press("Control+Enter")


@pytest.fixture
def visit(browser: Browser, server: Server) -> Iterator[Visit]:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, accept_downloads=True)
    made = Visit(context, server)
    yield made
    context.close()
    assert made.outside == []
    assert made.complaints == []  # a violation of the Content-Security-Policy is one, too


@pytest.mark.parametrize("lang", ["da", "en"])
def test_a_query_is_typed_and_run_and_its_rows_have_labels(visit: Visit, lang: str) -> None:
    page = visit.open(lang)
    visit.write(ROLES)
    # The prefixes were added while typing.
    visit.expect("PREFIX coi: <https://w3id.org/coi-graph/def/>")
    visit.expect("PREFIX skos: <http://www.w3.org/2004/02/skos/core#>")
    visit.run()
    rows = page.locator("#answer tbody tr")
    expect(rows).to_have_count(3)
    english = ["Dialogue- and leverage partner", "Capacity builder", "Knowledge ally"]
    labels = {"da": NAMES, "en": english}[lang]
    assert page.locator("#answer tbody td:first-child .name").all_inner_texts() == labels
    assert page.locator("#answer tbody td:nth-child(2) span[lang=da]").count() == (
        3 if lang == "en" else 0
    )
    # The address is the query's permalink, and the answer stays when it is opened.
    assert parse_qs(urlsplit(page.url).query)["query"] == [visit.text().replace("\r\n", "\n")]
    page.reload()
    expect(page.locator("#answer tbody tr")).to_have_count(3)


def test_our_own_terms_are_completed_with_their_labels(visit: Visit) -> None:
    page = visit.open("da")
    visit.write("SELECT * WHERE { ?x a coi:Strat")
    hints = page.locator(".CodeMirror-hint")
    expect(hints).to_have_count(2)
    assert hints.all_inner_texts() == [
        "coi:StrategicFramework strategisk ramme",
        "coi:StrategicRole strategisk rolle",
    ]
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert visit.text().endswith("?x a coi:StrategicRole")


def test_a_term_is_found_by_its_label(visit: Visit) -> None:
    page = visit.open("en")
    visit.write("SELECT * WHERE { ?x a strategic r")
    expect(page.locator(".CodeMirror-hints")).to_have_count(0)  # two words are none
    visit.write("SELECT * WHERE { ?x a competence")
    expect(page.locator(".CodeMirror-hint").first).to_contain_text("coi:Competence")
    page.keyboard.press("Enter")
    visit.expect("PREFIX coi: <https://w3id.org/coi-graph/def/>")


def test_a_verb_is_a_property_and_foreign_ones_are_known(visit: Visit) -> None:
    page = visit.open("da")
    visit.write("SELECT * WHERE { ?x coi:uses")
    hints = page.locator(".CodeMirror-hint")
    expect(hints.first).to_contain_text("coi:usesMethod")
    assert all(":uses" in text or "bruger" in text.lower() for text in hints.all_inner_texts())
    visit.write("SELECT * WHERE { ?x dct:iss")
    expect(hints.first).to_contain_text("dct:issued")
    visit.expect("PREFIX dct: <http://purl.org/dc/terms/>")


def test_each_kind_of_thing_has_a_prefix(visit: Visit) -> None:
    page = visit.open("da")
    visit.write("SELECT ?name WHERE { role:knowledge-ally skos:prefLabel ?name }")
    visit.expect("PREFIX role: <https://w3id.org/coi-graph/id/role/>")
    visit.run()
    expect(page.locator("#answer tbody")).to_contain_text("Vidensallieret")


def test_keywords_and_texts_are_left_alone(visit: Visit) -> None:
    page = visit.open("en")
    for text in ("SELECT * WHERE { ?x ?y ?z FILTER", 'SELECT * WHERE { ?x ?y "role', "# role"):
        visit.write(text)
        page.wait_for_timeout(200)
        assert page.locator(".CodeMirror-hint").count() == 0, text


@pytest.mark.parametrize(("lang", "word"), [("da", "Linje 3"), ("en", "Line 3")])
def test_an_error_stands_at_its_line(visit: Visit, lang: str, word: str) -> None:
    page = visit.open(lang)
    visit.write("SELECT *\nWHERE { ?s ?p ?o }\n)")
    visit.run()
    at_line = page.locator(".CodeMirror-code > div:has(.error-at-line)")
    expect(at_line).to_contain_text(word)
    assert at_line.locator(".CodeMirror-linenumber").inner_text() == "3"
    assert word in page.locator("#problem").inner_text()
    assert visit.text() == "SELECT *\nWHERE { ?s ?p ?o }\n)"  # nothing typed is lost
    assert violations(page) == []
    page.keyboard.press("Control+End")
    page.keyboard.press("Backspace")
    expect(page.locator(".error-at-line")).to_have_count(0)


def test_the_error_stands_there_after_a_reload_too(visit: Visit) -> None:
    page = visit.open("en", query="SELECT *\nWHERE { ?s ?p }")
    expect(page.locator(".error-at-line")).to_contain_text("Line 2")


@pytest.mark.parametrize("width", [1280, 360])
@pytest.mark.parametrize("lang", ["da", "en"])
def test_axe_finds_nothing_wrong(visit: Visit, lang: str, width: int) -> None:
    visit.page.set_viewport_size({"width": width, "height": 900})
    page = visit.open(lang)
    expect(page.locator(".CodeMirror")).to_be_visible()
    assert violations(page) == []
    visit.write("SELECT * WHERE { ?x a coi:Str")
    expect(page.locator(".CodeMirror-hint").first).to_be_visible()
    picture(page, f"editor-suggests-{lang}-{width}", full_page=False)
    assert violations(page) == []
    visit.write(HEAD + ROLES)
    visit.run()
    expect(page.locator("#answer tbody tr")).to_have_count(3)
    assert violations(page) == []
    picture(page, f"editor-ran-{lang}-{width}")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_keyboard_gets_in_and_out(visit: Visit) -> None:
    page = visit.open("en")
    expect(page.get_by_role("textbox", name="Query")).to_be_visible()
    visit.write("SELECT ?x WHERE { ?x a coi:Str")
    expect(page.locator(".CodeMirror-hint").first).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator(".CodeMirror-hint")).to_have_count(0)
    before = visit.text()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "format"
    page.keyboard.press("Shift+Tab")
    assert page.evaluate("document.activeElement.id") == "editor-field"
    assert visit.text() == before


def test_a_running_query_can_be_stopped(visit: Visit) -> None:
    page = visit.open("en")
    visit.write("SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i FILTER(?c < ?f) }")
    visit.run()
    page.get_by_role("button", name="Stop").click()
    expect(page.locator("#status")).to_have_text("Stopped.")
    visit.write("SELECT ?x { VALUES ?x { 'after' } }")
    visit.run()
    expect(page.locator("#answer tbody")).to_contain_text("after")


def test_an_example_is_put_into_the_editor(visit: Visit) -> None:
    page = visit.open("da")
    link = page.locator(".questions a").first
    title = link.inner_text()
    link.click()
    expect(page.locator(".questions [aria-current]")).to_have_text(title)
    expect(page.locator(".CodeMirror")).to_contain_text("SELECT")
    page.get_by_role("button", name="Kør forespørgslen").click()
    expect(page.locator("#answer tbody tr").first).to_be_visible()
    assert page.evaluate("document.activeElement.id") == "result"


def download(page: Page, name: str) -> bytes:
    with page.expect_download() as waiting:
        page.get_by_role("link", name=name, exact=True).click()
    return Path(waiting.value.path()).read_bytes()


def test_the_answer_is_downloaded(visit: Visit) -> None:
    page = visit.open("da")
    visit.write(HEAD + ROLES)
    visit.run()
    expect(page.locator("#answer tbody tr")).to_have_count(3)
    rows = list(csv.reader(io.StringIO(download(page, "CSV").decode())))
    assert rows == [["role", "name"], *map(list, zip(IRIS, NAMES, strict=True))]
    bindings = json.loads(download(page, "SPARQL JSON"))["results"]["bindings"]
    assert [one["name"] for one in bindings] == [
        {"type": "literal", "value": name, "xml:lang": "da"} for name in NAMES
    ]
    book = load_workbook(io.BytesIO(download(page, "Excel (XLSX)")))
    assert book.sheetnames == ["Svar", "Om svaret"]
    assert [[cell.value for cell in row] for row in book.worksheets[0].iter_rows()] == rows


def test_the_answer_is_cited(visit: Visit) -> None:
    page = visit.open("en")
    visit.write(HEAD + ROLES)
    visit.run()
    query = visit.text()
    page.get_by_role("link", name="Cite this answer").click()
    expect(page.locator("h1")).to_have_text("Cite a query")
    asked = parse_qs(urlsplit(page.url).query)
    assert asked["query"] == [query]
    assert asked["release"] == ["1"]


def test_it_works_without_javascript(browser: Browser, server: Server) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{server.url}/sparql?lang=da")
    assert page.locator(".CodeMirror").count() == 0
    page.get_by_label("Forespørgsel", exact=True).fill(HEAD + ROLES)
    page.get_by_role("button", name="Kør forespørgslen").click()
    assert page.locator("#answer tbody td:first-child .name").all_inner_texts() == NAMES
    context.close()


def test_only_this_page_loads_the_editor(visit: Visit) -> None:
    loaded: list[str] = []
    visit.page.on("request", lambda request: loaded.append(urlsplit(request.url).path))
    for path in ("/", "/queries/", "/queries/cq-01", "/doc/role/capacity-builder"):
        visit.page.goto(visit.server.url + path)
    assert not any(path.endswith("/vendor/yasqe.js") for path in loaded)
    visit.open()
    assert any(path.endswith("/vendor/yasqe.js") for path in loaded)
