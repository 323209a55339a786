"""Every kind of page in a real Chromium, in both languages and two widths: axe-core finds nothing,
nothing is wider than the screen, no other host is asked, 100 KB are enough; screenshots for people.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from looking import pictures, violations
from playwright.sync_api import Browser, Page

from environment import ROOT, Server

MOST_BYTES = 100_000  # of a page with everything that belongs to it, without the editor
WIDTHS = (1280, 360)
PATHS = {
    "start": "/",
    "research": "/research",
    "harvest": "/harvest",
    "contribute": "/contribute",
    "accessibility": "/accessibility",
    "spread": "/spread",
    "spread-nothing": "/spread?examples=no",
    "region": "/doc/region/midtjylland",
    "municipality": "/doc/municipality/0751",
    "shape": "/shapes/Activity-method",
    "history": "/history/role/capacity-builder",
    "release": "/release/1",
    "editor": "/sparql",
    "editor-answer": "/sparql?query=SELECT%20*%20%7B%20%3Fs%20%3Fp%20%3Fo%20%7D%20LIMIT%205",
    "check": "/validate",
    "api": "/api/",
    "sign-in": "/sign-in",
    "bad-request": "/matrix?year=now",
    "kind": "/doc/aim/",
    "role": "/doc/role/capacity-builder",
    "aim": "/doc/aim/small-scale-testing-before-full-scale",
    "example": "/doc/activity/eksempel-spis-sammen",
    "organisation": "/doc/organisation/coi",
    "figure": "/doc/observation/e2",
    "ontology": "/def/",
    "term": "/def/Collaboration",
    "graph": "/graph/data/framework/roles",
    "releases": "/release/",
    "catalogue": "/catalog",
    "data-set": "/dataset/examples",
    "downloads": "/dump/",
    "files": "/dump/1/",
    "mapped": "/doc/indicator/innovative-share",
    "framework": "/framework",
    "search": "/search",
    "search-hits": "/search?q=v%C3%A6rkt%C3%B8jerne",
    "search-nothing": "/search?q=zzzqqq",
    "matrix": "/matrix",
    "matrix-nothing": "/matrix?examples=no",
    "barometer": "/barometer",
    "barometer-one": "/barometer?indicator=responses",
    "queries": "/queries/",
    "docs": "/docs/",
    "docs-primer": "/docs/primer",
    "docs-tutorial": "/docs/tutorials/contribute",
    "docs-operate": "/docs/operate",
    "docs-reference": "/docs/reference/addresses",
    "docs-decisions": "/docs/decisions",
    "named-query": "/queries/cq-01",
    "cite": "/cite?query=SELECT%20*%20WHERE%20%7B%20%3Fs%20%3Fp%20%3Fo%20%7D%20LIMIT%203",
    "not-found": "/doc/role/no-such-role",
    "shapes": "/shapes/",
    "ontology-version": "/def/0.1.0",
    "patterns": "/tpf?predicate=http%3A%2F%2Fwww.w3.org%2F2004%2F02%2Fskos%2Fcore%23prefLabel",
    "patterns-nothing": "/tpf?subject=https%3A%2F%2Fexample.org%2Fnothing",
    "feed": "/feed",
    "schemes": "/doc/scheme/",
    "scheme": "/doc/scheme/reuse-mode",
    "figures": "/doc/observation/",
    "places": "/doc/place/",
    "statements": "/doc/statement/",
    "conflicts": "/doc/conflict/",
    "findings": "/graph/validation",
    "search-typo": "/search?q=kapasitetsopbyger",
    "search-filtered": "/search?q=innovation&kind=aim",
    "matrix-filtered": "/matrix?role=capacity-builder&method=dissemination",
    "spread-region": "/spread?region=sjaelland",
    "form-kinds": "/contributions/form/",
    "invitation": "/invitation/no-such-secret",
    "query-refused": "/sparql?query=SELECT%20*%20%7B%20%3Fs%20%3Fp%20%7D",
    "query-nothing": "/sparql?query=SELECT%20*%20%7B%20%3Fs%20a%20%3Curn%3Ax%3E%20%7D",
    "query-graph": "/sparql?query=DESCRIBE%20%3Chttps%3A%2F%2Fw3id.org%2Fcoi-graph%2Fid%2Frole%2F"
    "capacity-builder%3E",
    "query-yes": "/sparql?query=ASK%20%7B%20%3Fs%20%3Fp%20%3Fo%20%7D",
    "named-query-long": "/queries/cq-25",
    "pinned": "/doc/role/capacity-builder?release=1",
    "no-such-release": "/doc/role/capacity-builder?release=99",
    "no-such-page": "/no-such-page",
    "no-such-report": "/validate/report/no-such-report",
    "not-rehearsed": "/release/1/rehearsal",
}
STATUS = {
    "not-found": 404, "bad-request": 400, "query-refused": 400, "no-such-release": 404,
    "no-such-page": 404, "no-such-report": 404, "not-rehearsed": 404,
}  # fmt: skip


@pytest.fixture
def visit(browser: Browser, server: Server) -> Iterator[Page]:
    """A page that may talk to the server only; what it asks of others is kept."""
    page = browser.new_page()
    page.outside = []  # type: ignore[attr-defined]
    page.complaints = []  # type: ignore[attr-defined]

    def ours_only(route) -> None:  # type: ignore[no-untyped-def]
        if route.request.url.startswith(server.url):
            route.continue_()
        else:
            page.outside.append(route.request.url)  # type: ignore[attr-defined]
            route.abort()

    page.route("**/*", ours_only)
    page.on("console", lambda m: page.complaints.append(m.text) if m.type == "error" else None)  # type: ignore[attr-defined]
    page.on("pageerror", lambda error: page.complaints.append(str(error)))  # type: ignore[attr-defined]
    yield page
    page.close()


def bytes_by_address(page: Page) -> dict[str, int]:
    """Address → bytes over the wire, headers included, of what ``page`` loads from now on."""
    addresses: dict[str, str] = {}
    found: dict[str, int] = {}
    devtools = page.context.new_cdp_session(page)
    devtools.send("Network.enable")
    devtools.on(
        "Network.requestWillBeSent",
        lambda sent: addresses.update({sent["requestId"]: sent["request"]["url"]}),
    )
    devtools.on(
        "Network.loadingFinished",
        lambda done: found.update(
            {addresses.get(done["requestId"], "?"): int(done["encodedDataLength"])}
        ),
    )
    return found


def load(page: Page, url: str, lang: str, status: int) -> dict[str, int]:
    """Goes to ``url``; what it took, as `bytes_by_address` has it."""
    loaded = bytes_by_address(page)
    whole = f"{url}{'&' if '?' in url else '?'}lang={lang}"
    answer = page.goto(whole)
    for _ in range(100):  # the index of a new release is being made
        if answer is None or answer.status != 503:
            break
        page.wait_for_timeout(300)
        page.complaints.clear()  # type: ignore[attr-defined]
        loaded.clear()
        answer = page.goto(whole)
    assert answer is not None
    assert answer.status == status
    return loaded


@pytest.mark.parametrize("lang", ["da", "en"])
@pytest.mark.parametrize("name", PATHS)
def test_a_page_is_accessible_light_fits_and_stays_at_home(
    visit: Page, server: Server, name: str, lang: str
) -> None:
    """Loaded once: in Danish on a wide screen, in English on a phone; then in the other width."""
    first, other = WIDTHS if lang == "da" else WIDTHS[::-1]
    visit.set_viewport_size({"width": first, "height": 900})
    loaded = load(visit, f"{server.url}{PATHS[name]}", lang, STATUS.get(name, 200))
    assert visit.locator("html").get_attribute("lang") == lang
    assert visit.locator("h1").count() == 1
    assert violations(visit) == []
    weight = {url: size for url, size in loaded.items() if "/vendor/yasqe." not in url}
    assert len(weight) > 3, "nothing was measured"
    assert sum(weight.values()) <= MOST_BYTES, weight
    pictures(visit, f"{name}-{lang}", (first, other))
    assert visit.outside == []  # type: ignore[attr-defined]
    # The browser itself reports such a status as an error; anything else is ours.
    complaints = [
        text
        for text in visit.complaints  # type: ignore[attr-defined]
        if not any(status in text for status in ("400", "404", "503"))
    ]
    assert complaints == []


@pytest.mark.parametrize(
    ("lang", "name", "other", "definition"),
    [
        ("da", "Kapacitetsopbygger", "Capacity builder", "Hvad det er"),
        ("en", "Capacity builder", "Kapacitetsopbygger", "What it is"),
    ],
)
def test_a_role_in_danish_and_english(
    visit: Page, server: Server, lang: str, name: str, other: str, definition: str
) -> None:
    visit.goto(f"{server.url}/id/role/capacity-builder?lang={lang}")
    assert visit.url.startswith(server.url + "/doc/role/capacity-builder")
    assert visit.locator("h1").inner_text() == name
    text = visit.locator("main").inner_text()
    assert other in text
    assert definition in text
    assert visit.locator("mark").first.inner_text() == "Kapacitetsopbygger"


def test_the_reader_changes_the_language(visit: Page, server: Server) -> None:
    visit.goto(f"{server.url}/doc/role/knowledge-ally?lang=da")
    visit.get_by_role("link", name="English").click()
    assert visit.locator("html").get_attribute("lang") == "en"
    assert visit.locator("h1").inner_text() == "Knowledge ally"


def test_an_invented_example_says_so(visit: Page, server: Server) -> None:
    visit.goto(f"{server.url}{PATHS['example']}?lang=da")
    assert "pdigtet eksempel" in visit.locator("main").inner_text()


def test_reading_works_without_javascript(browser: Browser, server: Server) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(server.url + "/?lang=da")
    page.locator("main").get_by_role("link", name="Kapacitetsopbygger").first.click()
    assert page.locator("h1").inner_text() == "Kapacitetsopbygger"
    page.goto(server.url + "/sparql?lang=da")
    page.locator("textarea[name=query]").fill("SELECT ?x WHERE { VALUES ?x { 'æøå' } }")
    page.locator("main button[type=submit]").first.click()
    assert "æøå" in page.locator("table").inner_text()
    context.close()


def test_the_folder_of_screenshots_is_not_committed() -> None:
    ignored = Path(ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
    assert "/screenshots/" in ignored
