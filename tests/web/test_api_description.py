"""The OpenAPI description against a real server: schemathesis sends what it allows and what it
does not, as a contributor, as a reviewer, as an administrator and as nobody."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from openapi_spec_validator import validate as validate_openapi

from contributing_site import BASE, Site, open_site, workplace
from environment import ROOT, Server

EXAMPLES = 2  # of a kind, for each operation
CHECKS = (
    "not_a_server_error,status_code_conformance,content_type_conformance,"
    "response_headers_conformance,response_schema_conformance,ignored_auth,unsupported_method"
)


@pytest.fixture(scope="module")
def site(
    home: Path, tmp_path_factory: pytest.TempPathFactory, start_server: Callable[..., Server]
) -> Site:
    """With contributions in several states, so that there is something to be found."""
    site = open_site(home, tmp_path_factory.mktemp("site"), start_server)
    site.send("contributor", workplace("draft"))
    bad = f'<{BASE}id/workplace/bad> a coi:Workplace ; skos:prefLabel "Eksempel"@da .\n'
    site.send("contributor", bad, "?submit=true")
    made = site.send("contributor", workplace("public"), "?submit=true").json
    site.ask("reviewer", f"/api/contributions/{made['id']}/accept", {"revision": 1})
    site.published(made["id"])
    return site


@pytest.fixture(scope="module")
def description(site: Site) -> Any:
    return site.ask(None, "/api/openapi.json").json


def test_is_openapi_and_fetches_nothing(description: Any) -> None:
    validate_openapi(description)
    assert description["openapi"].startswith("3.1.")
    references = re.findall(r"'\$ref': '([^']+)'", repr(description))
    assert references
    assert [one for one in references if not one.startswith("#/components/schemas/")] == []


def test_describes_every_address_of_the_api(description: Any) -> None:
    """Against the application's own map of addresses."""
    program = (
        "from coi_graph.web.app import create_app\n"
        "for rule in create_app().url_map.iter_rules():\n"
        "    for method in rule.methods - {'HEAD', 'OPTIONS'}:\n"
        "        print(method, rule.rule)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60,
        cwd=ROOT,
    )  # fmt: skip
    served = {
        re.sub(r"<(?:[^>]*:)?(\w+)>", r"{\1}", line)
        for line in done.stdout.splitlines()
        if " /api/" in line
    } - {"GET /api/", "GET /api/openapi.json"}
    actions = next(line for line in served if line.endswith("/{action}"))
    steps = ("submit", "withdraw", "return", "accept", "waive", "comment")
    served = served - {actions} | {actions.replace("{action}", step) for step in steps}
    described = {
        f"{method.upper()} {path}"
        for path, methods in description["paths"].items()
        for method in methods
        if path.startswith("/api/")
    }
    assert described == served


def test_there_is_a_page_of_it(site: Site, description: Any) -> None:
    page = site.ask(None, "/api/?lang=da", Accept="text/html")
    assert page.status == 200
    shown = page.body.decode().replace("<wbr>", "")
    for path, methods in description["paths"].items():
        for method in methods:
            assert f"<code>{method.upper()} {path}</code>" in shown


@pytest.mark.parametrize(
    ("who", "phases", "paths"),
    [
        (None, "fuzzing", "^/"),
        ("reviewer", "coverage", "^/"),
        ("contributor", "fuzzing", "^/api/"),  # who asks is all the same to /validate
        ("administrator", "fuzzing", "^/api/"),
    ],
)
def test_answers_as_described(
    site: Site, tmp_path: Path, who: str | None, phases: str, paths: str
) -> None:
    token = [] if who is None else ["-H", f"Authorization: Bearer {site.tokens[who]}"]
    done = subprocess.run(
        [
            str(Path(sys.executable).with_name("schemathesis")), "run",
            site.server.url + "/api/openapi.json", *token,
            "--checks", CHECKS, "--max-examples", str(EXAMPLES),
            "--phases", phases, "--include-path-regex", paths, "--generation-deterministic",
            "--no-shrink", "--request-timeout", "60", "--suppress-health-check", "all",
        ],
        capture_output=True, text=True, timeout=300, cwd=tmp_path,
        env={**os.environ, "NO_COLOR": "1"},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-2000:]
