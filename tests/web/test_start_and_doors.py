"""The start page and the three doors: what they show is in the files, and what they say works."""

from __future__ import annotations

import html
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
import rdflib
from flask.testing import FlaskClient
from live import fetch
from web_answers import BROWSER, SITE

from coi_graph import config
from coi_graph.web.app import create_app
from environment import ROOT, Server

COI = rdflib.Namespace("https://w3id.org/coi-graph/def/")
DOORS = ("research", "harvest", "contribute", "accessibility")


def page(client: FlaskClient, path: str) -> str:
    response = client.get(path, headers={"Accept": BROWSER})
    assert response.status_code == 200
    return response.text


def pictures(text: str) -> list[ET.Element]:
    found = re.findall(r"<svg class=\"picture.*?</svg>", text, re.DOTALL)
    return [ET.fromstring(one) for one in found]


@pytest.mark.parametrize("lang", ["da", "en"])
def test_the_picture_has_every_part_of_the_framework_as_a_link(
    client: FlaskClient, lang: str
) -> None:
    graph = rdflib.Graph()
    for name in ("roles", "working-methods", "changes"):
        graph.parse(ROOT / "data" / "framework" / f"{name}.ttl")
    expected = {
        f"/doc/{str(thing).partition('/id/')[2]}?lang={lang}": str(label)
        for kind in (COI.StrategicRole, COI.WorkingMethod, COI.ChangeAmbition)
        for thing in graph.subjects(rdflib.RDF.type, kind)
        for label in graph.objects(thing, rdflib.SKOS.prefLabel)
        if isinstance(label, rdflib.Literal) and label.language == lang
    }
    assert len(expected) == 15
    drawn = pictures(page(client, f"/?lang={lang}"))
    assert len(drawn) == 2  # for wide screens, and for phones
    for picture in drawn:
        assert picture.get("role") == "group"
        links = {
            link.get("href", ""): " ".join("".join(link.itertext()).split())
            for item in picture.iter("g")
            if item.get("role") == "listitem"
            for link in item.iter("a")
        }
        assert links == expected


def test_the_start_page_leads_to_every_main_page(client: FlaskClient) -> None:
    text = page(client, "/?lang=en")
    for path in ("/framework", "/matrix", "/barometer", "/spread", "/search", "/def/",
                 "/sparql", "/research", "/harvest", "/contribute", "/accessibility",
                 "/release/"):  # fmt: skip
        assert f'href="{path}?lang=en"' in text
        assert client.get(path, headers={"Accept": BROWSER}).status_code == 200
    assert "all of its" in text  # the first release: everything is new
    assert text.count("<h1") == 1


@pytest.mark.parametrize("name", DOORS)
@pytest.mark.parametrize("lang", ["da", "en"])
def test_what_a_door_leads_to_is_there(client: FlaskClient, name: str, lang: str) -> None:
    text = page(client, f"/{name}?lang={lang}")
    main = text[text.index("<main") : text.index("</main>")]
    addresses = {html.unescape(one) for one in re.findall(r'<a [^>]*?href="(/[^"#]*)', main)}
    assert name == "accessibility" or len(addresses) > 4
    for address in sorted(addresses):
        status = client.get(address, headers={"Accept": BROWSER}, buffered=True).status_code
        # Templates are made once the shapes have been read; a contributor signs in first.
        assert status in (200, 302, 303) or (status == 503 and "/templates/" in address), address


def test_the_agencys_short_address_leads_to_the_statement(client: FlaskClient) -> None:
    assert client.get("/was").headers["Location"] == "/accessibility"


def test_the_statement_says_whom_to_tell(home: Path) -> None:
    """Or that whoever runs the site has not said so."""
    silent = create_app(config.load({}, home=home)).test_client()
    page = silent.get("/accessibility?lang=en").text
    assert "has not given both" in page
    assert "mailto:" not in page
    given = {"COI_CONTACT_EMAIL": "web@example.org", "COI_CONTACT_PHONE": "+45 12 34 56 78"}
    told = create_app(config.load(given, home=home)).test_client()
    page = told.get("/accessibility?lang=da").text
    assert 'href="mailto:web%40example.org">web@example.org</a>' in page
    assert "+45 12 34 56 78" in page
    assert "has not given both" not in told.get("/accessibility?lang=en").text


def test_each_command_of_the_harvesters_works_as_it_stands(server: Server, tmp_path: Path) -> None:
    got = fetch(server, "/harvest?lang=en", headers={"Accept": BROWSER})
    commands = [
        html.unescape(one)
        for one in re.findall(r'<code class="command">(.*?)</code>', got.body.decode())
    ]
    assert len(commands) == 5
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    outputs = []
    for command in commands:
        assert server.url in command or SITE in command
        done = subprocess.run(
            ["bash", "-c", f"set -o pipefail; {command}"],
            cwd=tmp_path,
            env={**os.environ, "PATH": path},
            capture_output=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, (command, done.stderr)
        outputs.append(done.stdout.decode())
    catalogue, lines, changes, _, role = outputs
    assert "dcat:Catalog" in catalogue
    assert int(lines) > 10_000
    assert '"since": 1' in changes
    assert (tmp_path / "mirror").is_dir()
    assert "coi:StrategicRole" in role
