"""The pages in a real Chromium, in both languages and two widths; screenshots for people."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from environment import ROOT, Server, require

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or ""
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SCREENSHOTS = ROOT / "screenshots"
WIDTHS = (1280, 360)
PATHS = {
    "start": "/",
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
    "docs-english-only": "/docs/reference/findings",
    "named-query": "/queries/cq-01",
    "cite": "/cite?query=SELECT%20*%20WHERE%20%7B%20%3Fs%20%3Fp%20%3Fo%20%7D%20LIMIT%203",
    "not-found": "/doc/role/no-such-role",
}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    require(bool(CHROMIUM), "Chromium (Debian's package chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        browser.close()


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


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("lang", ["da", "en"])
@pytest.mark.parametrize("name", PATHS)
def test_a_page_fits_and_stays_at_home(
    visit: Page, server: Server, name: str, lang: str, width: int
) -> None:
    visit.set_viewport_size({"width": width, "height": 900})
    path = PATHS[name]
    url = f"{server.url}{path}{'&' if '?' in path else '?'}lang={lang}"
    answer = visit.goto(url)
    for _ in range(100):  # the index of a new release is being made
        if answer is None or answer.status != 503:
            break
        visit.wait_for_timeout(300)
        visit.complaints.clear()  # type: ignore[attr-defined]
        answer = visit.goto(url)
    assert answer is not None
    assert answer.status == (404 if name == "not-found" else 200)
    SCREENSHOTS.mkdir(exist_ok=True)
    visit.screenshot(path=SCREENSHOTS / f"{name}-{lang}-{width}.png", full_page=True)
    assert visit.locator("html").get_attribute("lang") == lang
    assert visit.locator("h1").count() == 1
    assert visit.outside == []  # type: ignore[attr-defined]
    # The browser itself reports a status of 404 as an error; anything else is ours.
    complaints = [
        text
        for text in visit.complaints  # type: ignore[attr-defined]
        if "404" not in text and "503" not in text
    ]
    assert complaints == []
    overflow = visit.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    assert overflow <= 0, f"{overflow} px wider than the screen"


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
