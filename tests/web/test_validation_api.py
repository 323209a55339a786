"""`/validate` over HTTP: a real server, real uploads, the reports' own addresses."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import threading
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import jsonschema
import pyoxigraph as ox
import pytest
from live import Got, fetch
from openapi_spec_validator import validate as validate_openapi
from openpyxl import load_workbook
from web_answers import BROWSER, assert_problem

from coi_graph import validation as validation_package
from environment import Server
from validation.checked import GOOD, HEAD, good_without

BAD = good_without("coi:aimsAt")
SCHEMA = json.loads(
    (Path(validation_package.__file__).parent / "report.schema.json").read_text(encoding="utf-8")
)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def multipart(files: list[tuple[str, bytes]], **fields: str) -> tuple[bytes, dict[str, str]]:
    """A form as a browser sends it."""
    boundary = uuid.uuid4().hex
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    ]
    for name, data in files:
        head = f'Content-Disposition: form-data; name="files"; filename="{name}"'
        kind = "Content-Type: application/octet-stream"
        parts.append(f"--{boundary}\r\n{head}\r\n{kind}\r\n\r\n".encode() + data + b"\r\n")
    body = b"".join(parts) + f"--{boundary}--\r\n".encode()
    return body, {"Content-Type": f"multipart/form-data; boundary={boundary}"}


def send(
    server: Server,
    *files: tuple[str, str | bytes],
    accept: str = "application/json",
    query: str = "",
    client: str = "127.0.0.1",
    **fields: str,
) -> Got:
    named = [(n, data.encode() if isinstance(data, str) else data) for n, data in files]
    body, headers = multipart(named, **fields)
    return fetch(
        server, f"/validate{query}", method="POST", body=body,
        headers={**headers, "Accept": accept}, client=client, timeout=120,
    )  # fmt: skip


def post(server: Server, data: bytes, kind: str, query: str = "", **headers: str) -> Got:
    return fetch(
        server, f"/validate{query}", method="POST", body=data,
        headers={"Content-Type": kind, **headers}, timeout=120,
    )  # fmt: skip


def path_of(server: Server, got: Got) -> str:
    location = got.headers["Location"]
    assert location.startswith(server.url)
    return location.removeprefix(server.url)


class TestSending:
    def test_a_form_gets_the_report_as_json(self, server: Server) -> None:
        got = send(server, ("bad.ttl", BAD))
        assert got.status == 200
        assert got.headers.get_content_type() == "application/json"
        document = json.loads(got.body)
        jsonschema.validate(document, SCHEMA)
        assert document["conforms"] is False
        (one,) = [r for r in document["results"] if r["severity"] == "violation"]
        assert one["field"]["name"]["da"] == "ønsket forandring"
        assert one["place"]["file"] == "bad.ttl"
        assert got.headers["Location"] == document["address"]
        assert got.headers["COI-Release"] == str(document["release"]["number"])

    @pytest.mark.parametrize(
        ("kind", "query"),
        [
            ("text/turtle", ""),
            ("text/turtle; charset=utf-8", ""),
            ("application/octet-stream", "?filename=bad.ttl"),
            ("text/plain", "?filename=bad.ttl"),
        ],
    )
    def test_the_body_itself(self, server: Server, kind: str, query: str) -> None:
        got = post(server, BAD.encode(), kind, query)
        assert got.status == 200, got.body
        assert json.loads(got.body)["counts"]["violation"] == 1

    def test_several_files(self, server: Server) -> None:
        rest = HEAD + "activity:ny coi:aimsAt aim:more-qualified-innovation-work ."
        document = json.loads(send(server, ("a.ttl", BAD), ("b.ttl", rest)).body)
        assert document["conforms"] is True
        assert len(document["data"]["files"]) == 2

    def test_two_files_of_one_name(self, server: Server) -> None:
        document = json.loads(send(server, ("a.ttl", BAD), ("a.ttl", BAD)).body)
        assert len({one["name"] for one in document["data"]["files"]}) == 2

    def test_pasted_text(self, server: Server) -> None:
        document = json.loads(send(server, text=BAD, text_format="ttl", lang="da").body)
        assert document["counts"]["violation"] == 1
        assert document["data"]["files"][0]["name"] == "indsat tekst.ttl"

    def test_a_pasted_text_of_a_megabyte(self, server: Server) -> None:
        text = BAD + "# " + "x" * 1_500_000 + "\n"
        assert send(server, text=text, text_format="ttl").status == 200

    def test_more_than_any_other_request_may_hold(self, server: Server) -> None:
        got = send(server, ("bad.ttl", BAD + "#" + "x" * 5_000_000 + "\n"))
        assert got.status == 200

    def test_strict(self, server: Server) -> None:
        assert send(server, ("bad.ttl", BAD), query="?strict").status == 422
        assert send(server, ("bad.ttl", BAD), query="?strict=1").status == 422
        assert send(server, ("bad.ttl", BAD), query="?strict=0").status == 200
        assert send(server, ("bad.ttl", BAD), strict="1").status == 422
        assert send(server, ("good.ttl", GOOD), query="?strict").status == 200
        jsonschema.validate(json.loads(send(server, ("b.ttl", BAD), query="?strict").body), SCHEMA)

    def test_a_file_that_cannot_be_read_is_a_report_too(self, server: Server) -> None:
        document = json.loads(send(server, ("a.ttl", HEAD + "activity:x a")).body)
        jsonschema.validate(document, SCHEMA)
        assert (document["readable"], document["conforms"]) == (False, False)

    @pytest.mark.parametrize(
        ("accept", "kind"),
        [
            ("*/*", "application/json"),
            ("text/plain", "text/plain"),
            ("text/csv", "text/csv"),
            ("text/turtle", "text/turtle"),
        ],
    )
    def test_forms(self, server: Server, accept: str, kind: str) -> None:
        got = send(server, ("bad.ttl", BAD), accept=accept, query="?lang=da")
        assert got.status == 200
        assert got.headers.get_content_type() == kind
        assert got.headers["Content-Language"] == "da"
        assert "ønsket forandring" in got.body.decode()

    def test_a_browser_is_sent_to_the_report(self, server: Server) -> None:
        got = send(server, ("bad.ttl", BAD), accept=BROWSER, query="?lang=da")
        assert got.status == 303
        page = fetch(server, got.headers["Location"], headers={"Accept": BROWSER})
        assert page.status == 200
        assert page.headers["Content-Language"] == "da"
        assert "»ønsket forandring« mangler" in page.body.decode()


class TestWhatIsRefused:
    def test_nothing(self, server: Server) -> None:
        got = send(server)
        assert_problem(got.problem(), 400)
        assert_problem(post(server, b"", "text/turtle").problem(), 400)
        assert_problem(send(server, text="  ").problem(), 400)

    def test_a_type_that_says_nothing(self, server: Server) -> None:
        got = post(server, BAD.encode(), "application/octet-stream")
        assert_problem(got.problem(), 415)
        assert "text/turtle" in str(got.problem()["remedy"])
        assert_problem(post(server, b"x", "image/png", "?filename=x.ttl").problem(), 415)

    def test_a_form_of_report_that_there_is_not(self, server: Server) -> None:
        assert_problem(send(server, ("a.ttl", BAD), query="?format=pdf").problem(), 400)
        assert_problem(send(server, ("a.ttl", BAD), accept="image/png").problem(), 406)

    def test_too_much(self, home: Path, start_server: Callable[..., Server]) -> None:
        own = start_server(home, COI_CHECK_BYTES="100000", COI_WEB_WORKERS="1")
        got = send(own, ("a.ttl", BAD + "#" + "x" * 3_000_000))
        assert_problem(got.problem(), 413)
        # One file over its own limit, within the request's: its report says so.
        document = json.loads(send(own, ("a.ttl", BAD + "#" + "x" * 150_000)).body)
        assert document["readable"] is False

    def test_too_long(self, home: Path, start_server: Callable[..., Server]) -> None:
        own = start_server(home, COI_CHECK_TIMEOUT="0.05", COI_WEB_WORKERS="1")
        got = send(own, ("a.ttl", BAD + "".join(
            f'activity:n{n} a coi:Activity ; dct:title "n{n}"@da .\n' for n in range(3000)
        )))  # fmt: skip
        assert_problem(got.problem(), 504)
        assert fetch(own, "/healthz").status == 200

    def test_too_many_at_once(self, home: Path, start_server: Callable[..., Server]) -> None:
        own = start_server(home, COI_CHECK_QUEUE="0", COI_WEB_WORKERS="1")
        assert send(own, ("a.ttl", BAD)).status == 200  # its worker is ready now
        answers = self._at_once(own, [f"127.0.0.{number}" for number in range(1, 5)])
        answers.sort(key=lambda one: one[1].status)
        assert answers[0][1].status == 200
        self._is_refused(answers[-1][1], 503, "checks-busy")

    def test_too_many_of_one_client(self, home: Path, start_server: Callable[..., Server]) -> None:
        """They are told to wait, while another client's file is checked."""
        own = start_server(home, COI_CHECK_QUEUE="2", COI_WEB_WORKERS="1")
        assert send(own, ("a.ttl", BAD)).status == 200
        answers = self._at_once(own, ["127.0.0.1"] * 5 + ["127.0.0.2"])
        first = sorted(
            (got for of, got in answers if of == "127.0.0.1"), key=lambda got: got.status
        )
        (other,) = (got for of, got in answers if of == "127.0.0.2")
        assert other.status == 200
        assert first[0].status == 200
        # One is at work and one may wait; three more are refused in any case.
        assert [one.status for one in first].count(429) >= 3
        self._is_refused(first[-1], 429, "checks-over-share")
        messages = first[-1].problem()["messages"]
        assert messages["da"].startswith("Dine kontroller har brugt deres andel")
        assert messages["en"].startswith("Your checks have used their share")

    def test_a_client_that_has_used_its_minute(
        self, home: Path, start_server: Callable[..., Server]
    ) -> None:
        own = start_server(home, COI_CLIENT_SECONDS="0.01", COI_WEB_WORKERS="1")
        assert send(own, ("a.ttl", BAD)).status == 200
        self._is_refused(send(own, ("a.ttl", BAD)), 429, "checks-over-share")
        assert send(own, ("a.ttl", BAD), client="127.0.0.2").status == 200

    def _at_once(self, server: Server, clients: list[str]) -> list[tuple[str, Got]]:
        """Each client with its answer."""
        slow = BAD + "".join(
            f'activity:n{n} a coi:Activity ; dct:title "n{n}"@da .\n' for n in range(600)
        )

        def ask(client: str) -> tuple[str, Got]:
            return client, send(server, ("a.ttl", slow), client=client)

        with ThreadPoolExecutor(len(clients)) as threads:
            return list(threads.map(ask, clients))

    def _is_refused(self, got: Got, status: int, slug: str) -> None:
        problem = got.problem()
        assert_problem(problem, status)
        assert str(problem["type"]).endswith(slug)
        assert int(got.headers["Retry-After"]) >= 1

    @pytest.mark.parametrize("name", ["x", "0" * 31, "0" * 33, "g" * 32, "..%2f..%2fetc"])
    def test_names_of_reports_that_cannot_be(self, server: Server, name: str) -> None:
        assert fetch(server, f"/validate/report/{name}").status == 404

    def test_a_report_that_is_not_kept(self, server: Server) -> None:
        got = fetch(server, "/validate/report/" + "0" * 32)
        assert_problem(got.problem(), 410)
        assert_problem(send(server, ("a.ttl", BAD), previous="0" * 32).problem(), 410)


class TestTheReportsAddress:
    def test_serves_every_form(self, server: Server) -> None:
        path = path_of(server, send(server, ("bad.ttl", BAD)))
        assert json.loads(fetch(server, path + ".json").body)["conforms"] is False
        rows = csv.reader(
            io.StringIO(fetch(server, path + ".csv?lang=da").body.decode("utf-8-sig"))
        )
        assert next(rows)[0] == "alvorsgrad"
        assert b"bad.ttl:" in fetch(server, path + ".txt").body
        parsed = ox.parse(fetch(server, path + ".ttl").body, format=ox.RdfFormat.TURTLE)
        subjects = {q.subject for q in parsed}
        assert ox.NamedNode(server.url + path) in subjects
        assert fetch(server, path + ".pdf").status == 404
        got = fetch(server, path + ".xlsx")
        assert_problem(got.problem(), 404)  # no table was sent

    def test_is_for_whoever_has_it_only(self, server: Server) -> None:
        path = path_of(server, send(server, ("bad.ttl", BAD)))
        for form in ("", ".json", ".csv"):
            headers = fetch(server, path + form).headers
            assert "private" in headers["Cache-Control"]
            assert "noindex" in headers["X-Robots-Tag"]
            assert "ETag" not in headers

    def test_sent_again_it_says_what_is_fixed(self, server: Server) -> None:
        first = json.loads(send(server, ("bad.ttl", BAD)).body)
        worse = GOOD.replace("role:capacity-builder", "role:nobody")
        second = json.loads(send(server, ("bad.ttl", worse), previous=first["id"]).body)
        jsonschema.validate(second, SCHEMA)
        compared = second["compared"]
        assert compared["previous"] == first["id"]
        assert [one["field"]["name"]["en"] for one in compared["fixed"]] == ["desired change"]
        assert compared["new"] == 1
        page = fetch(
            server, f"/validate/report/{second['id']}?lang=da", headers={"Accept": BROWSER}
        )
        assert "1 rettet" in page.body.decode()

    def test_can_be_deleted(self, server: Server) -> None:
        path = path_of(server, send(server, ("bad.ttl", BAD)))
        assert fetch(server, path + "/delete", method="POST", body=b"").status == 200
        assert fetch(server, path).status == 410

    def test_another_reader_gets_the_page_with_nothing_of_the_sender_run(
        self, server: Server
    ) -> None:
        script = "<script>alert(1)</script>"
        text = good_without("dct:title", f'dct:title "{script}" ;')
        got = send(server, (f"{script}.ttl", text))
        page = fetch(server, path_of(server, got), headers={"Accept": BROWSER}).body.decode()
        assert script not in page
        assert "&lt;script&gt;" in page


class TestSpreadsheets:
    def test_from_template_to_marked_workbook(self, server: Server) -> None:
        got = fetch(server, "/validate/templates/activity.xlsx?lang=da")
        assert got.status == 200
        assert got.headers.get_content_type() == XLSX
        book = load_workbook(io.BytesIO(got.body))
        sheet = book["Aktivitet"]
        column = {cell.value: cell.column for cell in sheet[1]}
        sheet.cell(3, column["identifikator *"]).value = "aarhus-2026-01"
        sheet.cell(3, column["titel (dansk) *"]).value = "Kursus"
        sheet.cell(3, column["rolle *"]).value = "Kapacitetsopbyger"
        file = io.BytesIO()
        book.save(file)
        sent = send(server, ("aktivitet.xlsx", file.getvalue()))
        document = json.loads(sent.body)
        jsonschema.validate(document, SCHEMA)
        marked = fetch(server, path_of(server, sent) + ".xlsx?lang=da", timeout=60)
        assert marked.status == 200
        assert marked.headers.get_content_type() == XLSX
        noted = [
            c.coordinate
            for c in load_workbook(io.BytesIO(marked.body))["Aktivitet"][3]
            if c.comment
        ]
        wrong = {r["place"]["cell"] for r in document["results"] if r["severity"] == "violation"}
        assert wrong <= set(noted)
        direct = send(server, ("aktivitet.xlsx", file.getvalue()), accept=XLSX)
        assert load_workbook(io.BytesIO(direct.body)).sheetnames

    def test_csv(self, server: Server) -> None:
        got = fetch(server, "/validate/templates/activity.csv?lang=en")
        assert got.status == 200
        assert b"identifier" in got.body

    @pytest.mark.parametrize("name", ["nothing.xlsx", "activity.pdf", "..xlsx"])
    def test_a_template_that_there_is_not(self, server: Server, name: str) -> None:
        assert fetch(server, f"/validate/templates/{name}").status == 404


def test_progress_is_told_while_a_check_runs(server: Server) -> None:
    token = uuid.uuid4().hex
    slow = GOOD + "".join(
        f'activity:n{n} a coi:Activity ; dct:title "n{n}"@da .\n' for n in range(300)
    )
    seen = set()
    done: list[Got] = []
    thread = threading.Thread(
        target=lambda: done.append(send(server, ("slow.ttl", slow), progress=token))
    )
    thread.start()
    while thread.is_alive():
        seen.add(json.loads(fetch(server, f"/validate/progress/{token}").body)["stage"])
        time.sleep(0.05)
    thread.join()
    assert done[0].status == 200
    assert seen & {"reading", "checking", "explaining"}
    with contextlib.suppress(ValueError):
        assert_problem(fetch(server, "/validate/progress/x").problem(), 400)


class TestTheDescription:
    def test_is_openapi(self, server: Server) -> None:
        got = fetch(server, "/api/openapi.json")
        assert got.status == 200
        description = json.loads(got.body)
        assert description["components"]["schemas"]["Report"]["title"] == SCHEMA["title"]
        validate_openapi(description)
        assert description["servers"][0]["url"] == server.url

    def test_names_every_status_and_form_that_comes(self, server: Server) -> None:
        post_ = json.loads(fetch(server, "/api/openapi.json").body)["paths"]["/validate"]["post"]
        assert {"200", "303", "400", "413", "415", "422", "429", "503", "504"} <= set(
            post_["responses"]
        )
        kinds = set(post_["responses"]["200"]["content"])
        assert {
            "application/json",
            "text/html",
            "text/csv",
            "text/plain",
            "text/turtle",
            XLSX,
        } == kinds

    def test_the_schema_is_where_the_report_says(self, server: Server) -> None:
        document = json.loads(send(server, ("good.ttl", GOOD)).body)
        path = document["$schema"].removeprefix("https://w3id.org/coi-graph")
        assert json.loads(fetch(server, path).body) == SCHEMA

    def test_there_is_a_page(self, server: Server) -> None:
        page = fetch(server, "/api/?lang=da", headers={"Accept": BROWSER}).body.decode()
        assert "POST /validate" in page
