"""Checking a contribution in a real Chromium: dropped files, the report, the next version.

Every page of this file may talk to the server under test only: a request to any other host is
refused, recorded, and fails the test.
"""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from looking import pictures, violations
from openpyxl import load_workbook
from playwright.sync_api import Browser, Page, Route, expect

from environment import Server
from validation.checked import GOOD, good_without

pytestmark = pytest.mark.browser

BAD = good_without("coi:aimsAt")
REPORT = re.compile(r"/validate/report/[0-9a-f]{32}")
WORDS = {
    "da": {
        "check": "Kontrollér", "missing": "»ønsket forandring« mangler",
        "mend": "Sådan rettes det",
        "errors": "Der er fejl, der skal rettes", "send": "Send den rettede fil",
        "fine": "Det her kan udgives", "fixed": "1 rettet", "nothing": "Vælg en fil",
        "deleted": "Rapporten er slettet", "delete": "Slet rapporten nu",
    },
    "en": {
        "check": "Check", "missing": "“desired change” is missing", "mend": "How to mend it",
        "errors": "There are errors to mend", "send": "Send the mended file",
        "fine": "This can be published", "fixed": "1 fixed", "nothing": "Choose a file",
        "deleted": "The report has been deleted", "delete": "Delete the report now",
    },
}  # fmt: skip


class Visit:
    """A page, what it asked of other hosts, and what the browser complained about."""

    def __init__(self, page: Page, server: Server, lang: str) -> None:
        self.page, self.server, self.lang = page, server, lang
        self.words = WORDS[lang]
        self.outside: list[str] = []
        self.complaints: list[str] = []
        page.context.route("**/*", self._ours_only)
        page.on("console", lambda m: self.complaints.append(m.text) if m.type != "log" else None)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _ours_only(self, route: Route) -> None:
        if urlsplit(route.request.url).netloc == urlsplit(self.server.url).netloc:
            route.continue_()
        else:
            self.outside.append(route.request.url)
            route.abort()

    def open(self, path: str = "/validate") -> None:
        self.page.goto(f"{self.server.url}{path}?lang={self.lang}")

    def drop(self, *files: tuple[str, bytes]) -> None:
        """As the mouse does it: a file that is dragged over the field and let go."""
        given = [[name, base64.b64encode(data).decode()] for name, data in files]
        transfer = self.page.evaluate_handle(
            """(files) => {
              const transfer = new DataTransfer();
              for (const [name, data] of files) {
                const bytes = Uint8Array.from(atob(data), (c) => c.charCodeAt(0));
                transfer.items.add(new File([bytes], name));
              }
              return transfer;
            }""",
            given,
        )
        for event in ("dragenter", "dragover", "drop"):
            self.page.dispatch_event("#drop", event, {"dataTransfer": transfer})

    def send(self) -> None:
        self.page.get_by_role("button", name=self.words["check"], exact=True).click()
        self.page.wait_for_url(REPORT, timeout=90_000)

    def shoot(self, name: str) -> None:
        pictures(self.page, f"{name}-{self.lang}")


@pytest.fixture(params=["da", "en"])
def visit(request: pytest.FixtureRequest, browser: Browser, server: Server) -> Iterator[Visit]:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, accept_downloads=True)
    made = Visit(context.new_page(), server, request.param)
    yield made
    context.close()
    assert made.outside == []
    assert made.complaints == []  # a violation of the Content-Security-Policy is one, too


def test_from_a_dropped_file_to_a_mended_one(visit: Visit) -> None:
    page = visit.page
    visit.open()
    visit.drop(("bad.ttl", BAD.encode()))
    expect(page.locator("#chosen li")).to_have_text(re.compile(r"bad\.ttl, 1 KB"))
    visit.send()
    expect(page.get_by_role("heading", name=visit.words["missing"])).to_be_visible()
    expect(page.get_by_text(visit.words["errors"], exact=True)).to_be_visible()
    expect(page.get_by_role("heading", name=visit.words["mend"]).first).to_be_visible()
    # The line itself, the framework's sentence, an example that can be pasted.
    expect(page.locator(".finding__line").first).to_contain_text("activity:ny a coi:TrainingCourse")
    expect(page.locator(".sentence blockquote").first).to_contain_text("COI vil ofte kombinere")
    example = page.locator(".finding pre.query code").first.inner_text()
    assert violations(page) == []
    visit.shoot("report")
    page.get_by_role("link", name=visit.words["send"]).first.click()
    page.wait_for_url(re.compile(r"/validate\?"))  # with its scripts, which take what is dropped
    visit.drop(("bad.ttl", (BAD + example).encode()))
    visit.send()
    expect(page.get_by_text(visit.words["fine"], exact=True)).to_be_visible()
    expect(page.locator(".compared")).to_contain_text(visit.words["fixed"])
    assert violations(page) == []


def test_the_page_itself(visit: Visit) -> None:
    visit.open()
    page = visit.page
    assert violations(page) == []
    visit.shoot("validate")
    assert page.locator("a[href*='/validate/templates/'][href*='.xlsx']").count() >= 8
    page.get_by_role("button", name=visit.words["check"], exact=True).click()
    expect(page.locator("#problem")).to_contain_text(visit.words["nothing"])


def test_a_spreadsheet_with_three_mistakes(visit: Visit, tmp_path: Path) -> None:
    """From the template by hand: three cells marked, shown in their row, and in the workbook."""
    page = visit.page
    visit.open()
    with page.expect_download() as download:
        page.locator("a[href*='/validate/templates/activity.xlsx']").click()
    book = load_workbook(io.BytesIO(download.value.path().read_bytes()))
    sheet = next(s for s in book if s.title in ("Aktivitet", "Activity"))
    place = {cell.value.rstrip(" *"): cell.column for cell in sheet[1]}
    danish, english = ("dansk", "engelsk") if visit.lang == "da" else ("Danish", "English")
    title, about = ("titel", "beskrivelse") if visit.lang == "da" else ("title", "description")
    row = {
        "identifikator" if visit.lang == "da" else "identifier": "aarhus-2026-01",
        f"{title} ({danish})": "Kursus",
        f"{title} ({english})": "Course",
        f"{about} ({danish})": "Tre dage.",
        f"{about} ({english})": "Three days.",
        "rolle" if visit.lang == "da" else "role": "Kapacitetsopbyger",
        "arbejdsmetode" if visit.lang == "da" else "working method": "træningsforløb",
        "begyndelse" if visit.lang == "da" else "start": "den første marts",
    }
    for name, value in row.items():
        sheet.cell(3, place[name]).value = value
    filled = io.BytesIO()
    book.save(filled)
    visit.drop(("aktivitet.xlsx", filled.getvalue()))
    visit.send()
    expect(page.locator(".marked-cell--violation")).to_have_count(3)
    visit.shoot("report-sheet")
    assert violations(page) == []
    page.locator(".marked-cell--violation a").first.click()
    expect(page.locator(".finding:target")).to_be_visible()
    with page.expect_download() as download:
        page.locator("a[href*='.xlsx']").first.click()
    marked = load_workbook(io.BytesIO(download.value.path().read_bytes()))
    noted = [c for c in marked[sheet.title][3] if c.comment]
    assert len(noted) >= 3


def test_without_javascript(browser: Browser, server: Server, tmp_path: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{server.url}/validate?lang=da")
    (tmp_path / "bad.ttl").write_text(BAD, encoding="utf-8")
    page.set_input_files("#files", tmp_path / "bad.ttl")
    page.get_by_role("button", name="Kontrollér", exact=True).click()
    page.wait_for_url(REPORT, timeout=90_000)
    expect(page.get_by_role("heading", name="»ønsket forandring« mangler")).to_be_visible()
    context.close()


def test_with_the_keyboard_only_a_text_is_pasted(visit: Visit) -> None:
    page = visit.page
    visit.open()
    page.locator("main summary").first.focus()
    page.keyboard.press("Enter")
    page.locator("#text").focus()
    page.keyboard.insert_text(GOOD)
    page.get_by_role("button", name=visit.words["check"], exact=True).focus()
    page.keyboard.press("Enter")
    page.wait_for_url(REPORT, timeout=90_000)
    expect(page.get_by_text(visit.words["fine"], exact=True)).to_be_visible()
    page.get_by_role("button", name=visit.words["delete"]).click()
    expect(page.get_by_role("heading", name=visit.words["deleted"])).to_be_visible()


def test_on_a_small_screen_nothing_is_cut_off(visit: Visit) -> None:
    page = visit.page
    page.set_viewport_size({"width": 360, "height": 700})
    visit.open()
    visit.drop(("bad.ttl", BAD.encode()))
    visit.send()
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= 360
