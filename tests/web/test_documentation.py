"""`/docs/`: pages, links, both languages; and that the reference says what the code does."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote

import pytest
from flask import Flask
from flask.testing import FlaskClient
from web_answers import BROWSER, SITE, assert_problem
from werkzeug.exceptions import HTTPException

from coi_graph import config
from coi_graph.documentation import model_picture, rendering
from coi_graph.documentation.library import CONTENTS, Library, Source
from coi_graph.namespaces import DEF, RDFS, expand
from coi_graph.store import Store
from environment import ROOT
from error_types import errors

DOCS = ROOT / "docs"
LISTED = [name for _, names in CONTENTS for name in names]
#: Decisions, too, which the contents do not list one by one.
PAGES = sorted(Library(ROOT).names)


def page(client: FlaskClient, path: str, lang: str = "en") -> str:
    answer = client.get(f"{path}?lang={lang}", headers={"Accept": BROWSER})
    assert answer.status_code == 200, path
    return answer.text


# --- pages -----------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", ["da", "en"])
def test_the_contents_list_every_page(client: FlaskClient, lang: str) -> None:
    text = page(client, "/docs/", lang)
    assert set(re.findall(r'href="/docs/([^"?]+)\?lang=', text)) >= set(LISTED)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_in_the_readers_language(client: FlaskClient, name: str) -> None:
    for lang in ("da", "en"):
        assert 'class="docs__text">' in page(client, f"/docs/{name}", lang)


def test_a_page_without_danish_says_so(
    app: Flask, client: FlaskClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "new.md").write_text("# New\n\nText.\n", encoding="utf-8")
    monkeypatch.setattr(app.extensions["coi-docs"], "library", Library(tmp_path))
    danish = page(client, "/docs/new", "da")
    assert 'class="docs__text" lang="en"' in danish
    assert "Denne side findes kun på engelsk." in danish
    assert "in English only" not in page(client, "/docs/new", "en")


@pytest.mark.parametrize("name", PAGES)
def test_both_languages_have_the_same_parts(name: str) -> None:
    library = Library(ROOT)
    parts = []
    for lang in ("da", "en"):
        source = library.page(name, lang)
        assert source is not None
        assert source.language == lang
        lines = source.text.splitlines()
        headings = [len(marks) for line in lines for marks in re.findall(r"^(#+) ", line)]
        parts.append((headings, sum(line.startswith(("|", "```")) for line in lines)))
    assert parts[0] == parts[1]


@pytest.mark.parametrize("folder", ["docs", "docs/da"])
def test_the_table_of_decisions_has_their_titles(folder: str) -> None:
    table = (ROOT / folder / "decisions" / "README.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\| \[(\d+)\]\(([\w.-]+)\) \| (.+) \|$", table, re.MULTILINE)
    assert listed == [
        (
            str(int(file.name[:4])),
            file.name,
            file.read_text(encoding="utf-8").split(". ", 1)[1].partition("\n")[0],
        )
        for file in sorted((ROOT / folder / "decisions").glob("0*.md"))
    ]


def test_every_link_of_every_page_leads_somewhere(client: FlaskClient) -> None:
    library = Library(ROOT)
    anchors: dict[str, set[str]] = {}
    links: set[tuple[str, str, str]] = set()
    for name in library.names:
        for lang in ("da", "en"):
            text = page(client, f"/docs/{name}", lang)
            anchors[f"/docs/{name}", lang] = set(re.findall(r'id="([^"]+)"', text))
            article = text.split("docs__text")[1].split("</article>")[0]
            assert "<span>" not in article, f"{name}: a link to what is not served"
            for target in re.findall(r'<a [^>]*?href="([^"]+)"', article):
                links.add((f"/docs/{name}", lang, unquote(target.replace("&amp;", "&"))))
    for of, lang, target in links:
        path, _, fragment = target.partition("#")
        path = path.partition("?")[0] or of
        if path.startswith("/docs/") and not path.startswith("/docs/files/"):
            if fragment:
                assert fragment in anchors[path, lang], f"{of} ({lang}) → {target}"
            else:
                assert (path, lang) in anchors or path == "/docs/", f"{of} → {target}"
        elif path.startswith("/"):
            assert client.get(path).status_code in (200, 303), f"{of} → {target}"


def test_what_is_not_there_is_told(client: FlaskClient) -> None:
    for path in (
        *("/docs/nothing", "/docs/files/deploy/nothing", "/docs/da/primer"),
        *("/docs/../pyproject", "/docs/files/pyproject.toml", "/docs/files/../pyproject.toml"),
        "/docs/files/docs/how-to/examples/../../../pyproject.toml",
    ):
        answer = client.get(path)
        assert_problem(answer.get_json(force=True), 404)


def test_files_are_given_to_copy_as_they_are(client: FlaskClient) -> None:
    answer = client.get("/docs/files/deploy/nginx.conf")
    assert answer.data == (ROOT / "deploy" / "nginx.conf").read_bytes()
    assert "attachment" in answer.headers["Content-Disposition"]
    assert answer.mimetype == "text/plain"


def test_the_address_in_the_examples_is_the_sites_own(client: FlaskClient) -> None:
    text = page(client, "/docs/tutorials/harvest")
    assert "localhost" not in text
    assert f"{SITE}catalog.nt" in text


def test_a_page_is_not_sent_twice(client: FlaskClient) -> None:
    first = client.get("/docs/primer?lang=da")
    again = client.get("/docs/primer?lang=da", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
    assert client.get("/docs/primer?lang=en").headers["ETag"] != first.headers["ETag"]


def test_raw_html_is_shown_and_not_passed_on(tmp_path: Path) -> None:
    text = (
        "# T\n\n<script>alert(1)</script>\n\na <b onclick=x>b</b> [l](javascript:alert(1))"
        ' ![p](../x.svg) [q](data:text/html,x "<i>")\n\n```"><script>\n</code><script>\n```\n'
    )
    source = Source("x", "en", "docs/x.md", "T", text)
    html = rendering.render(source, Library(tmp_path), SITE, "en").html
    assert not re.search(r"<(script|b|i|img)\b", html)
    assert not re.search(r'(href|src)="(javascript|data)', html)
    assert "&lt;script&gt;" in html


def test_headings_have_the_anchors_of_github() -> None:
    taken: set[str] = set()
    found = [rendering.slug(text, taken) for text in ("Hvad der er ændret", "1. Get it!", "a", "a")]
    assert found == ["hvad-der-er-ændret", "1-get-it", "a", "a-1"]


# --- the drawn model -------------------------------------------------------------------------


@pytest.mark.parametrize("lang", ["da", "en"])
def test_the_picture_is_the_one_that_the_ontology_makes(lang: str) -> None:
    drawn = model_picture.draw(model_picture.Ontology.read(ROOT / "ontology"), lang)
    kept = (DOCS / "images" / f"model-{lang}.svg").read_text(encoding="utf-8")
    assert kept == drawn, (
        "run: python -m coi_graph.documentation.model_picture ontology docs/images"
    )


def test_a_wrong_arrow_is_no_picture() -> None:
    ontology = model_picture.Ontology.read(ROOT / "ontology")
    assert ontology.allows("coi:Collaboration", "coi:hasRole", "coi:StrategicRole")
    assert not ontology.allows("coi:Tool", "coi:hasRole", "coi:StrategicRole")
    assert not ontology.allows("coi:Activity", "coi:hasRole", "coi:ChangeAim")
    with pytest.raises(model_picture.NotInTheOntology):
        ontology.label("coi:NoSuchThing", "da")


def test_the_picture_leaves_out_no_property_between_its_classes(built_store: Store) -> None:
    """Asked of the release: domain and range among the classes that are drawn."""
    drawn = {name for name in model_picture.PLACES if name.startswith("coi:")}
    shown = {property for _, property, _ in model_picture.ARROWS}
    rows = built_store.query(
        "SELECT ?p ?d ?r { ?p rdfs:domain ?d ; rdfs:range ?r }", prefixes={"rdfs": RDFS}
    )
    found = {
        "coi:" + row["p"].value.removeprefix(DEF)
        for row in rows
        if {row["d"].value, row["r"].value} <= {expand(name) for name in drawn}
    }
    assert found
    assert found <= shown


def test_every_arrow_of_ours_is_used_by_something_published(built_store: Store) -> None:
    for _, property, _ in model_picture.ARROWS:
        if property.startswith("coi:"):
            asked = f"ASK {{ ?s <{expand(property)}> ?o }}"
            assert built_store.query(asked), property


def test_the_picture_is_in_the_page_with_its_links(client: FlaskClient) -> None:
    text = page(client, "/docs/primer", "da")
    assert text.count("<svg xmlns") == 1
    assert 'href="/def/StrategicRole"' in text
    assert "style=" not in text


# --- the reference ---------------------------------------------------------------------------


def _documented(folder: str) -> set[str]:
    text = (DOCS / folder / "reference" / "addresses.md").read_text(encoding="utf-8")
    table = text.split("\n\n**")[0]
    first_cells = (line.split("|")[1] for line in table.splitlines() if line.startswith("| `"))
    return {one for cell in first_cells for one in re.findall(r"`(/[^`]*)`", cell)}


@pytest.mark.parametrize("folder", [".", "da"])
def test_the_addresses_are_those_of_the_application(app: Flask, folder: str) -> None:
    """Each address that is documented exists, and each that exists is documented."""
    adapter = app.url_map.bind("localhost")
    found = set()
    for address in _documented(folder):
        path = re.sub(r"<n>", "1", address.partition("?")[0])
        path = re.sub(r"<[^>]+>", "x", path)
        for method in ("GET", "POST"):
            try:
                found.add(adapter.match(path, method=method, return_rule=True)[0].rule)
                break
            except HTTPException:
                continue
        else:
            pytest.fail(f"{address} does not exist")
    # Parts of what is documented, told in words there.
    words = {f"{app.static_url_path}/<path:filename>", "/favicon.ico"}
    rest = {
        rule.rule
        for rule in app.url_map.iter_rules()
        if rule.methods and "GET" in rule.methods and rule.rule not in found | words
    }
    assert rest == set()


def test_the_addresses_are_the_same_in_both_languages() -> None:
    assert _documented(".") == _documented("da")


@pytest.mark.parametrize(("folder", "lang"), [(".", "en"), ("da", "da")])
def test_the_errors_are_those_of_the_code(folder: str, lang: str) -> None:
    text = (DOCS / folder / "reference" / "errors.md").read_text(encoding="utf-8")
    rows = {}
    for line in text.splitlines():
        if line.startswith("| `"):
            slug, status, code, title, todo = (cell.strip() for cell in line.split("|")[1:6])
            assert todo, slug
            rows[slug.strip("`")] = (status, code, title)
    for one in errors():
        code = "" if one.exit_code is None else str(one.exit_code)
        assert rows.pop(one.slug, None) == (
            str(one.status),
            code,
            one.title.in_language(lang),
        ), one.slug
    assert rows == {}


def test_the_danish_settings_are_the_table_of_settings() -> None:
    text = (DOCS / "da" / "reference" / "settings.md").read_text(encoding="utf-8")
    found = [line for line in text.splitlines() if line.startswith("| `")]
    assert found == [
        f"| `{one.name}` | `{one.environment}` | `{one.default}` | {one.help_da} |"
        for one in config.settings()
    ]


def test_the_danish_commands_are_the_english_ones() -> None:
    english, danish = (
        (DOCS / folder / "reference" / "commands.md").read_text(encoding="utf-8")
        for folder in (".", "da")
    )

    def commands(text: str) -> list[tuple[str, list[str]]]:
        rows = re.findall(r"^\| `(coi-graph [a-z ]+)(.*?)` \|", text, re.MULTILINE)
        return [(name.strip(), re.findall(r"--?[a-z-]+", rest)) for name, rest in rows]

    assert len(commands(english)) > 15
    assert commands(english) == commands(danish)
    for number in re.findall(r"^\| (\d+) \|", english, re.MULTILINE):
        assert f"| {number} |" in danish


@pytest.mark.parametrize("folder", [".", "da"])
def test_the_operators_guide_names_metrics_and_settings_that_exist(folder: str) -> None:
    text = (DOCS / folder / "operate.md").read_text(encoding="utf-8")
    settings = {one.environment for one in config.settings()} | {"COI_BACKUPS"}
    assert set(re.findall(r"\bCOI_[A-Z_]+", text)) <= settings
    code = "".join(
        (ROOT / "src" / "coi_graph" / "web" / f"{name}.py").read_text(encoding="utf-8")
        for name in ("meter", "metrics")
    )
    for metric in set(re.findall(r"`(coi_[a-z_]+)", text)):
        stem = re.sub(r"^coi_|_total$|_info$", "", metric)
        plain = re.sub(r"^(query|check|queries|checks)_", "", stem)
        assert any(name in code for name in (stem, plain)), metric
