"""A check from files to the document, and what one document says beside another."""

from __future__ import annotations

import copy
import hashlib
import io
import json
from pathlib import Path

import jsonschema
import pytest
from checked import BASE, GOOD, HEAD, basis, checked, good_without, of_rule
from openpyxl import load_workbook

from coi_graph import validation
from coi_graph.intake.tables import templates
from coi_graph.publishing.releases import Release
from coi_graph.validation import document as documents
from coi_graph.validation import workbook
from coi_graph.validation.document import Document

SCHEMA = json.loads(
    (Path(validation.__file__).parent / "report.schema.json").read_text(encoding="utf-8")
)
BAD = good_without("coi:aimsAt")
WORSE = BAD.replace("role:capacity-builder", "role:capacity-bulder")


def assert_valid(document: Document) -> None:
    as_sent = json.loads(json.dumps(document))
    jsonschema.Draft202012Validator(SCHEMA, format_checker=jsonschema.FormatChecker()).validate(
        as_sent
    )


@pytest.fixture
def filled(home: Path) -> bytes:
    """The Danish template of an activity with three mistakes in its first row."""
    names = basis(home).names
    book = load_workbook(io.BytesIO(templates.build("activity", "da", "xlsx", names)))
    sheet = book["Aktivitet"]
    column = {cell.value: cell.column for cell in sheet[1]}
    row = {
        "identifikator *": "aarhus-2026-01",
        "slags": "træningsforløb",
        "titel (dansk) *": "Kursus i afprøvning",
        "titel (engelsk)": "Course in testing",
        "beskrivelse (dansk) *": "Tre dage om at afprøve i det små.",
        "beskrivelse (engelsk)": "Three days on testing on a small scale.",
        "rolle *": "Kapacitetsopbyger",  # misspelt
        "arbejdsmetode *": "træningsforløb",
        "ønsket forandring *": None,  # missing
        "deltager": "Center for Offentlig Innovation (COI); Aarhus",
        "begyndelse": "den første marts",  # no date
    }
    for name, value in row.items():
        sheet.cell(3, column[name]).value = value
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


class TestTheDocument:
    @pytest.mark.parametrize(
        ("name", "data"),
        [
            ("good.ttl", GOOD),
            ("bad.ttl", WORSE),
            ("broken.ttl", HEAD + "activity:x a"),
            ("data.csv", "navn;tal\nx;1\n"),
            ("picture.png", b"\x89PNG\r\n\x1a\n" + bytes(100)),
        ],
    )
    def test_keeps_to_its_schema(self, home: Path, name: str, data: str | bytes) -> None:
        assert_valid(checked(home, (name, data)))

    def test_the_schema_refuses_another_document(self, home: Path) -> None:
        jsonschema.Draft202012Validator.check_schema(SCHEMA)
        document = checked(home, ("bad.ttl", BAD))
        document["results"][0]["severity"] = "fatal"
        with pytest.raises(jsonschema.ValidationError):
            assert_valid(document)

    def test_names_what_it_was_made_from(self, home: Path, release: Release) -> None:
        document = checked(home, ("bad.ttl", BAD))
        digest = hashlib.sha256(BAD.encode()).hexdigest()
        assert document["data"]["sha256"] == digest
        assert document["data"]["files"][0]["sha256"] == digest
        assert document["release"] == {
            "number": release.number,
            "content_hash": release.manifest.content_hash,
        }
        assert document["shapes"]["version"] == release.manifest.ontology_version
        assert document["software"]["engine"] == "pySHACL 0.40.1"

    def test_a_small_change_is_checked_by_what_it_can_affect(self, home: Path) -> None:
        scope = checked(home, ("bad.ttl", BAD))["scope"]
        assert (scope["kind"], scope["why"]) == ("bounded", None)
        assert scope["focus_nodes"] >= 1

    def test_what_cannot_be_bounded_says_so(self, home: Path) -> None:
        text = HEAD + "coi:Ny <http://www.w3.org/2000/01/rdf-schema#subClassOf> coi:Activity ."
        scope = checked(home, ("a.ttl", text))["scope"]
        assert scope["kind"] == "full"
        assert scope["why"]["da"] != scope["why"]["en"]

    def test_findings_of_one_cause_are_one_group(self, home: Path) -> None:
        many = GOOD + "".join(
            f'activity:n{n} a coi:Activity ; dct:title "n{n}"@da .\n' for n in range(250)
        )
        document = checked(home, ("many.ttl", many))
        assert_valid(document)
        (group,) = [
            one
            for one in document["groups"]
            if one["rule"] and one["rule"]["iri"] == BASE + "shapes/Activity-role"
        ]
        assert group["count"] == 250
        assert len(group["results"]) == documents.MOST_OF_A_CAUSE
        listed = [document["results"][index] for index in group["results"]]
        assert {one["rule"]["iri"] for one in listed} == {group["rule"]["iri"]}
        assert document["counts"]["violation"] >= 250
        assert document["listed"] == len(document["results"])
        severities = [one["severity"] for one in document["groups"]]
        assert severities == sorted(severities, key=["violation", "warning", "info"].index)

    def test_several_files_are_one_contribution(self, home: Path) -> None:
        rest = HEAD + "activity:ny coi:aimsAt aim:more-qualified-innovation-work ."
        assert checked(home, ("a.ttl", BAD))["conforms"] is False
        together = checked(home, ("a.ttl", BAD), ("b.ttl", rest))
        assert together["conforms"] is True
        assert [one["name"] for one in together["data"]["files"]] == ["a.ttl", "b.ttl"]

    def test_a_file_that_cannot_be_read_does_not_hide_the_others(self, home: Path) -> None:
        document = checked(home, ("a.ttl", BAD), ("broken.ttl", HEAD + "activity:x a"))
        assert_valid(document)
        assert document["readable"] is False
        assert document["conforms"] is False
        assert of_rule(document, "Activity-aim")
        (broken,) = [
            one for one in document["results"]
            if one["place"] and one["place"]["file"] == "broken.ttl"
        ]  # fmt: skip
        assert broken["place"]["line"] == HEAD.count("\n") + 1
        assert broken["problem"]["da"] != broken["problem"]["en"]

    def test_what_is_published_already_changes_nothing(self, home: Path) -> None:
        text = HEAD + "activity:eksempel-netvaerksmoede-om-spredning a coi:NetworkMeeting ."
        assert checked(home, ("a.ttl", text))["results"] == []


class TestASpreadsheet:
    """Three mistakes: three marked cells, with the framework's sentence; mended, it conforms."""

    def test_three_cells(self, home: Path, filled: bytes) -> None:
        document = checked(home, ("aktivitet.xlsx", filled))
        assert_valid(document)
        wrong = {
            one["place"]["cell"]: one
            for one in document["results"]
            if one["severity"] == "violation"
        }
        assert document["counts"]["violation"] == len(wrong) == 3
        columns = {one["place"]["cell"]: one["place"]["sheet"] for one in wrong.values()}
        assert set(columns.values()) == {"Aktivitet"}
        names = load_workbook(io.BytesIO(filled))["Aktivitet"]
        heads = {cell: names[cell[:-1] + "1"].value for cell in wrong}
        assert set(heads.values()) == {"rolle *", "ønsket forandring *", "begyndelse"}
        by_head = {heads[cell]: one for cell, one in wrong.items()}
        quote = "COI vil ofte kombinere relevante roller og arbejdsmetoder"
        for head in ("rolle *", "ønsket forandring *"):
            assert by_head[head]["because"]["quote"].startswith(quote)
        assert "Kapacitetsopbygger" in by_head["rolle *"]["mend"]["da"]
        assert by_head["ønsket forandring *"]["example"]["kind"] == "cell"

    def test_the_rows_are_shown(self, home: Path, filled: bytes) -> None:
        (table,) = checked(home, ("aktivitet.xlsx", filled))["tables"]
        (row,) = table["rows"]
        assert row["row"] == 3
        marked = {
            head: cell
            for head, cell in zip(table["columns"], row["cells"], strict=True)
            if cell["finding"]
        }
        assert set(marked) == {"rolle *", "ønsket forandring *", "begyndelse"}
        assert marked["rolle *"]["text"] == "Kapacitetsopbyger"

    def test_it_comes_back_marked_and_mended_it_conforms(self, home: Path, filled: bytes) -> None:
        document = checked(home, ("aktivitet.xlsx", filled))
        data = workbook.marked(document, ("aktivitet.xlsx", filled), "da", basis(home).names)
        book = load_workbook(io.BytesIO(data))
        sheet = book["Aktivitet"]
        noted = {cell.coordinate: cell.comment.text for cell in sheet[3] if cell.comment}
        wrong = {
            one["place"]["cell"] for one in document["results"] if one["severity"] == "violation"
        }
        assert wrong <= set(noted)
        summary = [[str(c) for c in row] for row in book.worksheets[0].values]
        assert any("COI vil ofte kombinere" in cell for row in summary for cell in row)
        # Each cell is given what its finding says to write; the date is for the sender to know.
        for one in document["results"]:
            if one["severity"] == "violation":
                write = one["example"]["write"]["da"] if one["example"] else None
                if write is None:
                    write = "Kapacitetsopbygger" if one["field"] else "01-03-2026 09:00"
                sheet[one["place"]["cell"]].value = write
        mended = io.BytesIO()
        book.save(mended)
        again = checked(home, ("aktivitet.xlsx", mended.getvalue()))
        assert again["conforms"] is True, again["results"]


class TestSinceLastTime:
    def compared(self, home: Path, before: str, now: str) -> Document:
        first = checked(home, ("a.ttl", before))
        first["id"] = "0" * 32
        second = checked(home, ("a.ttl", now))
        documents.compare(second, copy.deepcopy(first))
        assert_valid(second)
        return second

    def test_what_was_fixed(self, home: Path) -> None:
        document = self.compared(home, BAD, GOOD)
        (fixed,) = [one for one in document["compared"]["fixed"] if one["severity"] == "violation"]
        assert fixed["field"]["name"]["en"] == "desired change"
        assert document["compared"]["new"] == 0

    def test_what_remains_and_what_is_new(self, home: Path) -> None:
        document = self.compared(home, BAD, WORSE)
        assert of_rule(document, "Activity-aim")["status"] == "remains"
        assert of_rule(document, "Activity-role")["status"] == "new"
        assert document["compared"]["fixed"] == []
        assert document["compared"]["new"] == 1

    def test_another_wrong_value_remains(self, home: Path) -> None:
        wrong = GOOD.replace("role:capacity-builder", "role:one")
        document = self.compared(home, wrong, wrong.replace("role:one", "role:two"))
        assert of_rule(document, "Activity-role")["status"] == "remains"
