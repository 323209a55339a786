"""Other people's harvesters against a real server: FAIR tools, web search, Comunica, validators."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import warnings
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import extruct
import pytest
import signposting
from flask.testing import FlaskClient
from live import fetch
from rdflib import Graph
from web_answers import BASE, BROWSER, SITE

from coi_graph.web import sitemap
from environment import Server, require
from npm_clients import client as npm_client

SKOS = "http://www.w3.org/2004/02/skos/core#"
ROLES = f"""PREFIX skos: <{SKOS}>
SELECT ?role ?name WHERE {{ ?role a <{BASE}def/StrategicRole> ; skos:prefLabel ?name }}"""


class TestSignposting:
    @pytest.mark.parametrize(
        ("path", "iri"),
        [
            ("/id/role/capacity-builder", BASE + "id/role/capacity-builder"),
            ("/def/StrategicRole", BASE + "def/StrategicRole"),
            ("/catalog", BASE + "catalog"),
            ("/dataset/framework", BASE + "dataset/framework"),
            ("/release/1", BASE + "release/1"),
        ],
    )
    def test_headers_and_linksets_agree(self, server: Server, path: str, iri: str) -> None:
        found = signposting.find_signposting_http(server.url + path)
        assert found.citeAs is not None
        assert str(found.citeAs.target) == iri
        assert found.license is not None
        assert "creativecommons.org" in str(found.license.target)
        assert len(found.authors) == 1
        assert {"text/turtle", "application/rdf+xml"} <= {
            str(one.type) for one in found.describedBy
        }
        assert found.items
        assert len(found.types) >= 2
        assert {str(one.type) for one in found.linksets} == {
            "application/linkset+json", "application/linkset",
        }  # fmt: skip
        said = {(str(one.rel), str(one.target)) for one in found.signposts}
        for linkset in found.linksets:
            linked = signposting.find_signposting_linkset(linkset.target)
            assert {(str(one.rel), str(one.target)) for one in linked.signposts} == said

    def test_all_that_is_described_by_answers(self, server: Server) -> None:
        found = signposting.find_signposting_http(server.url + "/dataset/framework")
        for one in found.describedBy:
            got = fetch(server, "/" + str(one.target).removeprefix(server.url + "/"))
            assert got.status == 200
            assert got.headers["Content-Type"].startswith(str(one.type))


def structured(server: Server, path: str) -> list[dict[str, Any]]:
    page = fetch(server, path, headers={"Accept": BROWSER}).body.decode()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found: list[dict[str, Any]] = extruct.extract(page, syntaxes=["json-ld"])["json-ld"]
    return found


class TestWebSearch:
    @pytest.mark.parametrize(
        ("path", "iri"),
        [
            ("/", "dataset"),
            ("/dataset", "dataset"),
            ("/dataset/barometer", "dataset/barometer"),
            ("/dataset/examples", "dataset/examples"),
            ("/doc/edition/dk-ib-1", "id/edition/dk-ib-1"),
            ("/def/", "def/"),
            ("/release/1", "release/1"),
        ],
    )
    @pytest.mark.parametrize("lang", ["da", "en"])
    def test_extruct_finds_the_data_set(
        self, server: Server, path: str, iri: str, lang: str
    ) -> None:
        (found,) = structured(server, f"{path}?lang={lang}")
        assert found["@type"] == "Dataset"
        assert found["@id"] == BASE + iri
        # what Google's guide for data sets requires, and what it recommends
        assert 50 <= len(found["description"]) <= 5000
        for name in ("name", "license", "creator", "keywords", "distribution", "url"):
            assert found[name], name
        for download in found["distribution"]:
            assert download["contentUrl"].startswith(server.url)
            assert download["encodingFormat"]

    def test_the_languages_differ(self, server: Server) -> None:
        danish, english = (
            structured(server, f"/dataset/framework?lang={lang}")[0]["name"]
            for lang in ("da", "en")
        )
        assert danish != english

    def test_extruct_finds_the_catalogue(self, server: Server) -> None:
        (found,) = structured(server, "/catalog")
        assert found["@type"] == "DataCatalog"
        assert BASE + "dataset/framework" in {one["@id"] for one in found["dataset"]}

    def test_other_pages_have_none(self, server: Server) -> None:
        assert structured(server, "/doc/role/capacity-builder") == []

    def test_the_policy_allows_no_script_in_the_page(self, server: Server) -> None:
        """The block is data: a policy without 'unsafe-inline' does not stop it, and stays."""
        policy = fetch(server, "/catalog").headers["Content-Security-Policy"]
        assert "unsafe" not in policy

    def test_every_address_of_the_sitemap_answers(self, server: Server) -> None:
        got = fetch(server, "/sitemap.xml")
        assert got.headers["Content-Type"].startswith("application/xml")
        namespace = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
        root = ET.fromstring(got.body)
        assert root.tag == namespace + "urlset"
        addresses = [str(one.text) for one in root.iter(namespace + "loc")]
        assert len(addresses) == len(set(addresses)) > 500
        for address in addresses[::20]:
            assert address.startswith(server.url + "/")
            path = address.removeprefix(server.url)
            assert fetch(server, path, headers={"Accept": BROWSER}).status == 200, address

    def test_robots_name_the_sitemap(self, server: Server) -> None:
        text = fetch(server, "/robots.txt").body.decode()
        assert f"Sitemap: {server.url}/sitemap.xml" in text.splitlines()
        assert "Disallow: /sparql?" in text.splitlines()
        assert not any(line == "Disallow: /" for line in text.splitlines())

    def test_a_large_sitemap_is_an_index(
        self, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        whole = client.get("/sitemap.xml").text
        monkeypatch.setattr(sitemap, "MOST", 400)
        index = client.get("/sitemap.xml").text
        assert "<sitemapindex" in index
        parts = [line.split("<loc>")[1].split("</loc>")[0] for line in index.splitlines()
                 if "<loc>" in line]  # fmt: skip
        assert all(part.startswith(SITE + "sitemap-") for part in parts)
        locations: list[str] = []
        for part in parts:
            text = client.get("/" + part.removeprefix(SITE)).text
            found = [line for line in text.splitlines() if "<loc>" in line]
            assert 0 < len(found) <= 400
            locations += found
        assert locations == [line for line in whole.splitlines() if "<loc>" in line]
        assert client.get(f"/sitemap-{len(parts) + 1}.xml").status_code == 404
        assert client.get("/sitemap-0.xml").status_code == 404


def comunica(source: str, query: str) -> list[dict[str, str]]:
    command = npm_client("comunica-sparql")
    done = subprocess.run(
        [str(command), source, "-q", query, "-t", "application/sparql-results+json"],
        capture_output=True, text=True, timeout=180, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    rows = json.loads(done.stdout)["results"]["bindings"]
    return [{name: value["value"] for name, value in row.items()} for row in rows]


class TestComunica:
    @pytest.mark.parametrize(
        "source", ["{}/tpf", "sparql@{}/sparql", "{}/graph/data/framework/roles"]
    )
    def test_finds_the_roles(self, server: Server, source: str) -> None:
        rows = comunica(source.format(server.url), ROLES)
        assert {(row["role"].rpartition("/")[2], row["name"]) for row in rows} == {
            ("capacity-builder", "Kapacitetsopbygger"),
            ("capacity-builder", "Capacity builder"),
            ("dialogue-and-leverage-partner", "Dialog- og gearingspartner"),
            ("dialogue-and-leverage-partner", "Dialogue- and leverage partner"),
            ("knowledge-ally", "Vidensallieret"),
            ("knowledge-ally", "Knowledge ally"),
        }

    def test_dereferences_an_iri(self, server: Server) -> None:
        rows = comunica(server.url + "/id/role/capacity-builder", ROLES)
        assert {row["name"] for row in rows} == {"Kapacitetsopbygger", "Capacity builder"}

    def test_walks_all_pages_of_a_fragment(self, server: Server) -> None:
        query = f"SELECT (COUNT(*) AS ?n) WHERE {{ ?s <{SKOS}prefLabel> ?o }}"
        by_fragments = comunica(server.url + "/tpf", query)
        by_endpoint = comunica(f"sparql@{server.url}/sparql", query)
        assert by_fragments == by_endpoint
        assert int(by_fragments[0]["n"]) > 1000

    def test_joins_over_fragments(self, server: Server) -> None:
        query = f"""PREFIX skos: <{SKOS}> PREFIX coi: <{BASE}def/>
        SELECT ?aim ?bearer WHERE {{ ?aim a coi:ChangeAim ; coi:changeBearer ?bearer .
          ?bearer skos:prefLabel ?name . FILTER(lang(?name) = "da") }}"""
        by_fragments = comunica(server.url + "/tpf", query)
        by_endpoint = comunica(f"sparql@{server.url}/sparql", query)
        assert by_fragments
        assert sorted(map(str, by_fragments)) == sorted(map(str, by_endpoint))


@pytest.mark.parametrize("path", ["/catalog", "/catalog?page=1", "/void", "/dataset/barometer"])
def test_rapper_and_rdflib_count_alike(server: Server, path: str) -> None:
    require(shutil.which("rapper") is not None, "rapper (Debian's raptor2-utils)")
    done = subprocess.run(
        ["rapper", "-c", "-g", server.url + path],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "rror" not in done.stderr
    assert f"returned {len(Graph().parse(server.url + path))} triples" in done.stderr


def test_pyshacl_on_the_command_line(server: Server, shared: Path, tmp_path: Path) -> None:
    """As a harvester's staff would run it, on what they have downloaded."""
    catalogue = tmp_path / "catalog.ttl"
    catalogue.write_bytes(fetch(server, "/catalog.ttl").body)
    pyshacl = shutil.which("pyshacl", path=str(Path(sys.executable).parent))
    assert pyshacl is not None
    for name in ("shapes", "range"):
        shapes = shared / f"conformance/dcat-ap/{name}.ttl"
        done = subprocess.run(
            [pyshacl, "-s", str(shapes), str(catalogue)],
            capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout[-2000:]
        assert "Conforms: True" in done.stdout
