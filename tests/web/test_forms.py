"""Forms for contributions: every kind, both languages, through the application itself."""

from __future__ import annotations

import csv
import html
import io
import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from coi_graph import config
from coi_graph.intake.limits import Limits
from coi_graph.intake.names import Choice, Kind, Names, ValueKind
from coi_graph.intake.reading import read
from coi_graph.intake.tables import columns, read_csv, templates, typed, writing
from coi_graph.ledger.accounts import Accounts, Scope
from coi_graph.ledger.contributions import Contributions, unpack
from coi_graph.ledger.database import Ledger
from coi_graph.ledger.states import Role
from coi_graph.namespaces import shorten
from coi_graph.store import Store
from coi_graph.web import form_fields
from coi_graph.web.app import create_app

BASE = "https://w3id.org/coi-graph/"
RDF_TYPE = ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
KINDS = (
    "activity", "collaboration", "innovation", "initiative", "spread-case", "evaluation",
    "internship", "change-claim", "observation", "workplace", "organisation",
)  # fmt: skip
Fields = dict[str, Any]


@dataclass(frozen=True)
class Desk:
    """The application, and somebody who may contribute."""

    client: FlaskClient
    token: str
    contributions: Contributions
    ledger: Ledger
    reviewer: str  # another's token

    def get(self, path: str) -> TestResponse:
        return self.client.get(path, headers={"Authorization": f"Bearer {self.token}"})

    def post(self, path: str, fields: Fields) -> TestResponse:
        return self.client.post(
            path, data=fields, headers={"Authorization": f"Bearer {self.token}"}
        )

    def save(self, path: str, fields: Fields) -> int:
        answer = self.post(path, {**fields, "do": "save"})
        assert answer.status_code == 303, answer.text
        return int(answer.headers["Location"].split("/")[2])

    def triples(self, id: int) -> set[ox.Triple]:
        return {quad.triple for quad in unpack(self.revision(id).quads, "http://x/")}

    def report(self, id: int) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.revision(id).report)
        return found

    def revision(self, id: int) -> Any:
        account = Accounts(self.ledger).of_token(self.token)
        return self.contributions.get(account, id)[1]


@pytest.fixture(scope="module")
def desk(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    own = tmp_path_factory.mktemp("forms") / "home"
    shutil.copytree(home, own, symlinks=True)
    settings = config.load({}, home=own, public_url="http://localhost", check_workers=1)
    ledger = Ledger.open(settings)
    accounts = Accounts(ledger)
    accounts.create("contributor", Role.CONTRIBUTOR, password="fire ord på en række")
    token = accounts.make_token("contributor", "test", frozenset({Scope.CONTRIBUTE}))
    accounts.create("reviewer", Role.REVIEWER, password="fire ord på en række")
    reviewer = accounts.make_token("reviewer", "test", frozenset({Scope.REVIEW}))
    app = create_app(settings)
    yield Desk(app.test_client(), token, Contributions(ledger), ledger, reviewer)
    app.extensions["coi-checks"].close()
    app.extensions["coi-queries"].close()
    ledger.close()


@pytest.fixture(scope="module")
def names(built_store: Store) -> Names:
    return Names.from_store(built_store)


class Page(HTMLParser):
    """The inputs of a page, and what belongs to them. What is in a template is not there yet."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.inputs: list[dict[str, str]] = []
        self.hidden: dict[str, str] = {}
        self.areas: dict[str, str] = {}
        self.labels: dict[str, str] = {}
        self.described: list[str] = []
        self.links: list[str] = []
        self.legends: list[str] = []
        self._inside = 0
        self._label: str | None = None
        self._legend = False
        self._area = ""
        self.feed(text)
        # A line break right after the tag belongs to the tag.
        self.areas = {name: text.removeprefix("\n") for name, text in self.areas.items()}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag == "template":
            self._inside += 1
        if self._inside:
            return
        if "id" in said:
            self.ids.append(said["id"])
        self.described += said.get("aria-describedby", "").split()
        if tag in ("input", "select", "textarea") and said.get("type") != "hidden":
            self.inputs.append(said)
        if said.get("type") == "hidden":
            self.hidden[said["name"]] = said.get("value", "")
        if tag == "label":
            self._label = said["for"]
            self.labels[self._label] = ""
        if tag == "textarea":
            self._area = said["name"]
            self.areas[self._area] = ""
        if tag == "legend":
            self._legend = True
            self.legends.append("")
        if tag == "a" and said.get("href", "").startswith("#"):
            self.links.append(said["href"][1:])

    def handle_endtag(self, tag: str) -> None:
        if tag == "template":
            self._inside -= 1
        if tag == "label":
            self._label = None
        if tag == "textarea":
            self._area = ""
        if tag == "legend":
            self._legend = False

    def handle_data(self, data: str) -> None:
        if self._inside:
            return
        if self._area:
            self.areas[self._area] += data
        if self._label is not None:
            self.labels[self._label] += data
        if self._legend:
            self.legends[-1] += data


@pytest.mark.parametrize("lang", ["da", "en"])
@pytest.mark.parametrize("key", KINDS)
def test_every_field_of_every_kind_is_there(desk: Desk, names: Names, key: str, lang: str) -> None:
    answer = desk.get(f"/contributions/form/{key}?lang={lang}")
    assert answer.status_code == 200
    page = Page(answer.text)
    assert len(page.ids) == len(set(page.ids)), "an id stands twice"
    assert set(page.described) <= set(page.ids)
    for one in page.inputs:
        assert one.get("aria-label") or page.labels.get(one["id"], "").strip(), one
    shown = {text.rstrip(" *").strip().lower() for text in [*page.labels.values(), *page.legends]}
    for field in names.kind(key).fields:
        assert set(field.labels) >= {"da", "en"}, field.path
        label = field.labels[lang].lower()
        if field.value is ValueKind.TEXT:
            assert any(one.startswith(f"{label} (") for one in shown), label
        else:
            assert label in shown, label
        description = field.description[lang]
        assert description in html.unescape(answer.text), field.path
    required = [one for one in page.labels.values() if one.endswith(" *")]
    assert required, "what must be filled in is marked"
    assert "<script>" not in answer.text
    assert " onclick" not in answer.text
    if lang == "da":
        for english in ("Save as a draft", "About the record", "Choose<", "Remove<", "Add<"):
            assert english not in answer.text


def records(kind: Kind, store: Store) -> Iterator[dict[str, list[ox.NamedNode | ox.Literal]]]:
    """The shipped examples of a kind; their own IRI stands under ""."""
    graphs = (BASE + "graph/data/examples/", BASE + "graph/data/barometer/")
    subjects = {
        quad.subject.value  # type: ignore[union-attr]
        for iri in [kind.iri, *(one.iri for one in kind.types)]
        for quad in store.quads(None, RDF_TYPE, ox.NamedNode(iri))
        if quad.graph_name.value.startswith(graphs)  # type: ignore[union-attr]
    }
    for subject in sorted(subjects):
        yield about(subject, store)


def about(subject: str, store: Store) -> dict[str, list[ox.NamedNode | ox.Literal]]:
    found: dict[str, list[Any]] = {"": [ox.NamedNode(subject)]}
    for quad in store.quads(ox.NamedNode(subject)):
        found.setdefault(quad.predicate.value, []).append(quad.object)
    return found


def fields_of(
    kind: Kind, record: dict[str, list[Any]], page: Page, names: Names, store: Store, lead: str = ""
) -> Fields:
    """What somebody fills in to say ``record``: by hand, from the record's statements."""
    many = {one["name"] for one in page.inputs if one.get("type") == "checkbox"}
    lines = {m[1] for one in page.inputs if (m := re.fullmatch(r"(.+)-0", one["name"]))}
    selects = {one["name"] for one in page.inputs if "form-select" in one.get("class", "")}
    sent: Fields = {}
    if not lead:
        sent["identifier"] = record[""][0].value.rpartition("/")[2]
        if kind.types:
            sent["type"] = record[RDF_TYPE.value][0].value
    for field in kind.fields:
        terms = record.get(field.path, [])
        name = lead + re.sub(r"\W+", "-", shorten(field.path))
        if field.value is ValueKind.PART:
            for number, term in enumerate(
                sorted(terms, key=lambda one: (len(one.value), one.value))
            ):
                part = names.kind(field.part or "")
                inner = about(term.value, store)
                sent |= fields_of(part, inner, page, names, store, f"{name}-{number}-")
        elif field.value is ValueKind.TEXT:
            for term in terms:
                sent[f"{name}-{term.language}"] = term.value
        elif name in many:
            sent[name] = [term.value for term in terms]
        elif name in lines or (lead and field.many):
            for number, term in enumerate(terms):
                sent[f"{name}-{number}"] = term.value
        elif name in selects:
            sent[name] = [term.value for term in terms]
        elif terms:
            assert len(terms) == 1, field.path
            sent[name] = writing.cell_text(field, terms[0], "da", names)
    return sent


def statements(record: dict[str, list[Any]], kind: Kind) -> set[ox.Triple]:
    """What the shipped file says of ``record``, as far as the shapes describe a field for it."""
    paths = {RDF_TYPE.value, *(field.path for field in kind.fields)}
    return {
        ox.Triple(record[""][0], ox.NamedNode(path), term)
        for path, terms in record.items()
        if path in paths
        for term in terms
    }


def by_template(
    kind: Kind, record: dict[str, list[Any]], parts: dict[str, Any], names: Names
) -> set[ox.Triple]:
    """What the same record says when it is a row of the Danish CSV template."""
    out = io.StringIO()
    out.write(templates.build(kind.key, "da", "csv", names).decode("utf-8-sig"))
    shown = columns.columns_of(kind, names, parts=True)
    csv.writer(out, delimiter=";").writerow(
        writing.row_of(
            {path: ([t.value for t in terms] if not path else terms) for path, terms in
             record.items()}, shown, kind, "da", names, parts,
        )
    )  # fmt: skip
    sent = read_csv(f"{kind.key}.csv", out.getvalue().encode(), names, kind=kind.key)
    return {quad.triple for quad in sent.quads}


@pytest.mark.parametrize("key", KINDS)
def test_an_example_that_is_typed_in_says_what_its_file_says(
    desk: Desk, names: Names, built_store: Store, key: str
) -> None:
    kind = names.kind(key)
    found = list(records(kind, built_store))
    assert found or key in ("organisation", "change-claim", "initiative"), key
    for record in found[:1]:
        path = f"/contributions/form/{key}?lang=da"
        page = Page(desk.get(path).text)
        sent = fields_of(kind, record, page, names, built_store)
        expected, parts = statements(record, kind), {}
        for field in kind.fields:
            for part in record.get(field.path, []) if field.part else []:
                parts[part.value] = about(part.value, built_store)
                expected |= statements(parts[part.value], names.kind(field.part or ""))
        id = desk.save(path, sent)
        assert by_template(kind, record, parts, names) == expected
        assert desk.triples(id) == expected
        # And what was saved is what the form shows when it is opened again.
        again = Page(desk.get(f"/contributions/{id}/edit?lang=en").text)
        shown = {one["name"]: one.get("value", "") for one in again.inputs}
        assert shown["identifier"] == sent["identifier"]
        for name, value in sent.items():
            if isinstance(value, str) and name in shown and name not in ("type",):
                assert shown[name] in (value, ""), name  # a text area's stands inside it


COLLABORATION: Fields = {
    "identifier": "formular-1",
    "dct-title-da": "Opdigtet: Prøve",
    "prov-startedAtTime": "31-02-2026",
    "coi-participant-0": "Aarhus Kommune",
    "coi-participant-1": "Aarhuss komune",
    "coi-continuation-0-dct-description-da": "Vi fortsætter",
}


@pytest.mark.parametrize(
    ("lang", "unknown", "missing"),
    [("da", "er ukendt", "mangler"), ("en", "is not known", "is missing")],
)
def test_findings_stand_at_their_fields_and_in_the_summary(
    desk: Desk, lang: str, unknown: str, missing: str
) -> None:
    fields = {**COLLABORATION, "identifier": f"formular-{lang}"}
    answer = desk.post(f"/contributions/form/collaboration?lang={lang}", {**fields, "do": "submit"})
    assert answer.status_code == 303
    assert "stopped" in answer.headers["Location"], "with errors it is not submitted, but kept"
    text = desk.get(answer.headers["Location"]).text
    page = Page(text)
    assert set(page.links) - {"main-content"} <= set(page.ids)
    for anchor in (
        "prov-startedAtTime",
        "coi-participant",
        "coi-hasRole",
        "coi-learningSharing",
        "coi-continuation-0-coi-responsible",
        "dct-description-da",
    ):
        assert anchor in page.links, anchor
        assert f"{anchor}-said-1" in page.described, anchor
        assert f'id="{anchor}-said-1"' in text
    said = dict(re.findall(r'id="([\w-]+)-said-1">(.*?)</span>\s*\n', text))
    assert unknown in said["coi-participant"]
    assert "Aarhus Kommune" in said["coi-participant"], "what was meant is proposed"
    assert missing in said["coi-hasRole"]
    assert "31-02-2026" in said["prov-startedAtTime"]
    shown = {one["name"]: one.get("value") for one in page.inputs}
    for name in ("prov-startedAtTime", "coi-participant-1", "dct-title-da"):
        assert shown[name] == fields[name], "what was typed stands there still"
    assert "Vi fortsætter</textarea>" in text
    assert (text.count('aria-invalid="true"')) >= 5


def test_personal_data_are_found_at_the_field(desk: Desk) -> None:
    id = desk.save(
        "/contributions/form/workplace",
        {
            "identifier": "privat-1",
            "skos-prefLabel-da": "Opdigtet: Ring til Jens på jens.jensen@example.org",
        },
    )
    assert desk.report(id)["counts"]["violation"] > 0
    page = Page(desk.get(f"/contributions/{id}/edit?lang=da").text)
    assert "skos-prefLabel-da" in page.links


def test_rows_are_added_and_removed_without_scripts(desk: Desk) -> None:
    path = "/contributions/form/collaboration?lang=en"
    text = desk.post(path, {**COLLABORATION, "do": "add:coi-participant"}).text
    page = Page(text)
    shown = {one["name"]: one for one in page.inputs}
    assert shown["coi-participant-2"]["value"] == ""
    assert "autofocus" in shown["coi-participant-2"]
    assert shown["coi-participant-1"]["value"] == "Aarhuss komune", "nothing is lost"
    text = desk.post(path, {**COLLABORATION, "do": "remove:coi-participant:0"}).text
    shown = {one["name"]: one for one in Page(text).inputs}
    assert shown["coi-participant-0"]["value"] == "Aarhuss komune"
    assert "coi-participant-1" not in shown
    text = desk.post(path, {**COLLABORATION, "do": "add:coi-learningSharing"}).text
    shown = {one["name"]: one for one in Page(text).inputs}
    assert "coi-learningSharing-0-dct-description-da" in shown
    inner = {**COLLABORATION, "do": "add:coi-continuation-0-coi-responsible"}
    shown = {one["name"]: one for one in Page(desk.post(path, inner).text).inputs}
    assert "coi-continuation-0-coi-responsible-0" in shown
    gone = {**COLLABORATION, "do": "remove:coi-continuation:0"}
    assert "Vi fortsætter" not in desk.post(path, gone).text
    for strange in ("add:", "add:nonsense", "remove:coi-participant:99", "remove:x:y", "what"):
        answer = desk.post(path, {**COLLABORATION, "identifier": "x", "do": strange})
        assert answer.status_code in (200, 303), strange


def test_a_draft_goes_on_in_its_form(desk: Desk) -> None:
    id = desk.save(
        "/contributions/form/workplace?lang=da",
        {"identifier": "udkast-1", "skos-prefLabel-da": "Opdigtet: Første"},
    )
    other = desk.save(
        f"/contributions/{id}/edit?lang=da",
        {"identifier": "udkast-1", "skos-prefLabel-da": "Opdigtet: Anden"},
    )
    assert other == id
    texts = {t.object.value for t in desk.triples(id)}
    assert "Opdigtet: Anden" in texts
    assert "Opdigtet: Første" not in texts


def test_a_file_that_one_form_can_hold_opens_in_it(desk: Desk, names: Names) -> None:
    turtle = f"""@prefix coi: <{BASE}def/> . @prefix skos: <http://www.w3.org/2004/02/skos/core#> .
<{BASE}id/workplace/fra-fil> a coi:Workplace ; skos:prefLabel "Opdigtet: Fra fil"@da ;
  coi:governmentLevel <{BASE}id/government-level/municipality> .
"""
    sent = {"Content-Type": "text/turtle", "Authorization": f"Bearer {desk.token}"}
    made = desk.client.post("/api/contributions", data=turtle.encode(), headers=sent)
    assert made.status_code == 201, made.text
    id = made.json["id"]
    text = desk.get(f"/contributions/{id}/edit?lang=da").text
    shown = {one["name"]: one.get("value") for one in Page(text).inputs}
    assert shown["skos-prefLabel-da"] == "Opdigtet: Fra fil"
    assert shown["identifier"] == "fra-fil"
    assert f'value="{BASE}id/government-level/municipality" selected' in text
    # What a form has no place for is not dropped in silence.
    more = turtle.replace("fra-fil", "fra-fil-2").replace('"@da', '"@da , "Autre"@fr')
    made = desk.client.post("/api/contributions", data=more.encode(), headers=sent)
    answer = desk.get(f"/contributions/{made.json['id']}/edit?lang=en")
    assert answer.status_code == 409
    assert "file" in answer.text


def accepted(desk: Desk, id: int) -> None:
    """As a reviewer would, once it has no findings that must be mended."""
    accounts = Accounts(desk.ledger)
    sender, reviewer = accounts.of_token(desk.token), accounts.of_token(desk.reviewer)
    desk.contributions.submit(sender, id)
    desk.contributions.accept(reviewer, id, desk.revision(id).number)


def test_what_is_public_is_changed_and_nothing_is_overwritten_unseen(desk: Desk) -> None:
    level = f"{BASE}id/government-level/municipality"
    fields = {
        "identifier": "aendres",
        "skos-prefLabel-da": "Opdigtet: Bibliotek",
        "skos-prefLabel-en": "Invented: Library",
        "org-classification": [f"{BASE}id/actor-category/public-workplace"],
        "coi-governmentLevel": level,
        "coi-country": "http://publications.europa.eu/resource/authority/country/DNK",
    }
    first = desk.save("/contributions/form/workplace?lang=en", fields)
    assert desk.report(first)["conforms"], desk.report(first)["results"]
    accepted(desk, first)
    path = f"/contributions/form/workplace?amends={first}&lang=en"
    opened = Page(desk.get(path).text)
    shown = {one["name"]: one.get("value", "") for one in opened.inputs}
    assert shown["skos-prefLabel-en"] == "Invented: Library"
    assert opened.hidden["seen"] == str(first)
    second = desk.save(path, {**fields, "skos-prefLabel-en": "Invented: Hall", "seen": first})
    assert desk.revision(second).contribution_id == second != first
    accepted(desk, second)
    # Somebody who had opened it before that has not seen the hall.
    stale = {**fields, "skos-prefLabel-en": "Invented: House", "seen": first}
    answer = desk.post(path, {**stale, "do": "save"})
    assert answer.status_code == 409
    assert f"contribution {second}" in answer.text
    again = Page(answer.text)
    assert {one["name"]: one.get("value") for one in again.inputs}[
        "skos-prefLabel-en"
    ] == "Invented: House", "what was typed stands there still"
    assert again.hidden["seen"] == str(second)
    third = desk.save(path, {**stale, "seen": second})
    assert "Invented: House" in {triple.object.value for triple in desk.triples(third)}
    # What is already public goes on in a change of it.
    answer = desk.get(f"/contributions/{third}/edit")
    assert answer.status_code == 200


def test_what_only_reads_like_a_note_or_an_example_is_a_record_all_the_same(names: Names) -> None:
    table = typed.Table("workplace", ("identifier", "skos-prefLabel-da"), (
        {"identifier": "#1", "skos-prefLabel-da": "# Opdigtet"},))  # fmt: skip
    data = typed.Typed((table,)).to_bytes()
    sent = read("form.json", data, names, Limits())
    assert {q.object.value for q in sent.quads} >= {"# Opdigtet", BASE + "def/Workplace"}


def test_a_field_that_is_no_more_is_said_and_not_dropped_in_silence(names: Names) -> None:
    row = {"identifier": "gammel", "skos-prefLabel-da": "Opdigtet", "coi-gone": "et svar"}
    table = typed.Table("workplace", ("identifier", "coi-gone", "skos-prefLabel-da"), (row,))
    sent = read("form.json", typed.Typed((table,)).to_bytes(), names, Limits())
    assert "Opdigtet" in {quad.object.value for quad in sent.quads}
    (said,) = [one for one in sent.remarks if one.found == "coi-gone"]
    assert said.place.column == 2


HOSTILE = (
    "\"'><script>alert(1)</script> & \u00e6\u00f8\u00e5 \U0001f600",
    "a; b, c \\ {{ 7*7 }} {% x %} __n__ __p__",
    "=HYPERLINK(1) # @da ^^<x> \u202egnal",
    "x" * 5000,
)


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_whatever_is_typed_comes_back_as_it_was_typed(desk: Desk, text: str) -> None:
    path = "/contributions/form/collaboration?lang=en"
    first = Page(desk.post(path, {"do": "add:coi-continuation"}).text)
    fields: Fields = {
        one["name"]: text for one in first.inputs if one.get("type") == "text" or "type" not in one
    }
    assert len(fields) > 15
    id = desk.save(path, fields)
    answer = desk.get(f"/contributions/{id}/edit?lang=da")
    assert answer.status_code == 200
    assert "<script>alert" not in answer.text
    again = Page(answer.text)
    shown = {one["name"]: one.get("value", "") for one in again.inputs} | again.areas
    for name in fields:
        if "form-select" not in next(o for o in again.inputs if o["name"] == name)["class"]:
            assert shown[name] == text, name


@pytest.mark.parametrize(
    "data",
    [
        b'{"coi-graph-form": 1',
        b'{"coi-graph-form": 2, "tables": []}',
        b'{"coi-graph-form": 1, "tables": []}',
        b'{"coi-graph-form": 1, "tables": [{"kind": "x", "columns": [], "rows": [{}]}]}',
        b'{"coi-graph-form": 1, "tables": [{"kind": "workplace", "columns": 1, "rows": [{}]}]}',
        b'{"coi-graph-form": 1, "tables": [{"kind": "workplace", "columns": [], "rows": [[]]}]}',
        b'{"coi-graph-form": 1, "tables": [' + b"[" * 100_000,
    ],
)
def test_a_damaged_form_is_said_to_be_one(names: Names, data: bytes) -> None:
    from coi_graph.errors import UnreadableInput

    with pytest.raises(UnreadableInput):
        read("form.json", data, names, Limits())


def test_what_was_typed_comes_back_when_the_session_has_ended(desk: Desk) -> None:
    path = "/contributions/form/workplace?lang=en"
    typed = {"kind": "workplace", "do": "save", "skos-prefLabel-da": "Opdigtet: Ikke gemt"}
    ours = {"Sec-Fetch-Site": "same-origin", "Accept": "text/html"}
    answer = desk.client.post(path, data=typed, headers=ours)
    assert answer.status_code == 400
    assert 'value="Opdigtet: Ikke gemt"' in answer.text
    token = Page(answer.text).hidden["csrf_token"]
    # With this page's token, but nobody signed in.
    answer = desk.client.post(path, data={**typed, "csrf_token": token}, headers=ours)
    assert answer.status_code == 401
    assert "signed out" in answer.text
    assert 'value="Opdigtet: Ikke gemt"' in answer.text
    # Another site fills in nothing.
    theirs = {"Sec-Fetch-Site": "cross-site", "Accept": "text/html"}
    answer = desk.client.post(path, data=typed, headers=theirs)
    assert answer.status_code == 400
    assert "Ikke gemt" not in answer.text


def test_a_list_that_is_too_long_for_a_page_is_searched(desk: Desk, names: Names) -> None:
    path = "/contributions/form/collaboration/names?lang=da"
    found = desk.get(f"{path}&field=coi-participant&q=aarhus").json
    assert found[0] == {"value": "Aarhus", "label": "Aarhus Kommune"}
    assert all("aarhus" in f"{one['value']} {one['label']}".lower() for one in found)
    of_a_part = desk.get(f"{path}&field=coi-responsible&q=aarhus").json
    assert of_a_part == found
    for nothing in ("field=coi-participant&q=", "field=x&q=a", "q=a", "field=identifier&q=a"):
        assert desk.get(f"{path}&{nothing}").json == []
    assert desk.client.get(f"{path}&field=coi-participant&q=aarhus").status_code == 401
    # With 1,500 organisations the page carries some of them, and says where to ask.
    kind = names.kind("collaboration")
    (key,) = kind.field_at(f"{BASE}def/participant").lists  # type: ignore[union-attr]
    many = tuple(Choice(f"{BASE}id/organisation/o{n}", {"da": f"Nr. {n}"}) for n in range(1500))
    grown = Names(names.records, {**names.lists, key: replace(names.lists[key], choices=many)})
    made = form_fields.layout(kind, grown, "da")
    assert not made.suggested["coi-participant"].whole
    assert len(made.suggested["coi-participant"].names) == 1000
    assert form_fields.called(kind, grown, "coi-participant", "nr. 1499", "da") == [
        ("Nr. 1499", "")
    ]


def test_who_is_not_signed_in_is_asked_to_and_comes_back(desk: Desk) -> None:
    answer = desk.client.get("/contributions/form/workplace?amends=7&lang=da")
    assert answer.status_code == 303
    assert "next=%2Fcontributions%2Fform%2Fworkplace%3Famends%3D7" in answer.headers["Location"]
    assert desk.client.post("/contributions/form/workplace", data={}).status_code == 400
    assert desk.get("/contributions/form/nonsense").status_code == 404
