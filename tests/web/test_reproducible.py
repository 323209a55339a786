"""Releases over HTTP: pinned for good, switched to at once, and never a bad one."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from live import Got, ask, connect, fetch, query_workers, wait_until
from rdflib import Graph, URIRef
from rdflib.namespace import DCTERMS
from web_answers import assert_problem

from environment import ROOT, Server
from small_tree import ANOTHER_ROLE, FILES, HEAD, ROLE, Tree

ROLES = "SELECT ?role { ?role a <https://w3id.org/coi-graph/def/StrategicRole> } ORDER BY ?role"
EVERYTHING = "SELECT ?s ?p ?o { ?s ?p ?o } ORDER BY ?s ?p ?o"
TEXTS = "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o FILTER(ISLITERAL(?o)) }"
NAMED = f"""# title@da: Hvilke roller er der?
# title@en: Which roles are there?
# description@da: Alle roller, efter navn.
# description@en: All roles, by name.
# user: R
# ordered: true

{ROLES}
"""
#: What the roles are in each release.
EXPECTED = {
    1: ["analyst", "networker"],
    2: ["adviser", "analyst", "networker"],
    3: ["adviser", "analyst", "partner"],
    4: ["adviser", "analyst", "editor", "partner"],
}
PARTNER = (
    "@prefix dct: <http://purl.org/dc/terms/> .\n"
    'role:partner a coi:StrategicRole ; skos:prefLabel "partner"@da, "partner"@en ;\n'
    "  dct:replaces role:networker .\n"
)
EDITOR = 'role:editor a coi:StrategicRole ; skos:prefLabel "redaktør"@da, "editor"@en .\n'


def publish(tree: Tree, number: int) -> None:
    """Brings ``tree`` from the release before to release ``number``."""
    if number == 2:
        tree.append("data/roles.ttl", ANOTHER_ROLE)
    elif number == 3:
        lines = FILES["data/roles.ttl"].removeprefix(HEAD).splitlines(keepends=True)
        kept = [line for line in lines if not line.startswith("role:networker")]
        tree.write("data/roles.ttl", HEAD + PARTNER + "".join(kept) + ANOTHER_ROLE)
    elif number == 4:
        tree.append("data/roles.ttl", EDITOR)
    assert tree.must_build(validate=False).number == number


@dataclass(frozen=True)
class History:
    """Four releases, published while ``server`` was running; what was answered under each."""

    tree: Tree
    server: Server
    answers: dict[tuple[int, str], bytes]


def names(got: Got) -> list[str]:
    assert got.status == 200
    rows = list(csv.reader(io.StringIO(got.body.decode())))
    return [row[0].removeprefix(ROLE) for row in rows[1:]]


def on_the_command_line(tree: Tree, number: int, query: str, form: str) -> bytes:
    done = subprocess.run(
        [sys.executable, "-m", "coi_graph", "query", "--home", str(tree.home),
         "--release", str(number), "--format", form, query],
        capture_output=True, timeout=60, check=True, cwd=ROOT,
    )  # fmt: skip
    return done.stdout


QUESTIONS = {"csv": EVERYTHING, "json": ROLES, "nt": TEXTS}


@pytest.fixture(scope="module")
def history(
    tmp_path_factory: pytest.TempPathFactory, start_server: Callable[..., Server]
) -> History:
    tree = Tree.make(tmp_path_factory.mktemp("history"))
    tree.write("queries/roles.rq", NAMED)
    publish(tree, 1)
    server = start_server(tree.home, COI_SOURCES=str(tree.sources), COI_CLIENT_SECONDS="0")
    answers = {}
    for number in EXPECTED:
        if number > 1:
            publish(tree, number)
        # the very next request, whichever process it reaches
        for _ in range(4):
            got = ask(server, ROLES)
            assert got.headers["COI-Release"] == str(number)
            assert names(got) == EXPECTED[number]
        for form, query in QUESTIONS.items():
            answers[number, form] = ask(server, query, "*/*", format=form).body
    return History(tree, server, answers)


@pytest.mark.parametrize("number", EXPECTED)
def test_release_pins_a_query(history: History, number: int) -> None:
    for form, query in QUESTIONS.items():
        got = ask(history.server, query, "*/*", format=form, release=str(number))
        assert got.body == history.answers[number, form]
        assert got.headers["COI-Release"] == str(number)
        assert "immutable" in got.headers["Cache-Control"]
    assert names(ask(history.server, ROLES, release=str(number))) == EXPECTED[number]


@pytest.mark.parametrize("form", ["csv", "json", "nt"])
def test_the_command_line_gives_the_same_bytes_years_later(history: History, form: str) -> None:
    for number in (1, 3):
        given = on_the_command_line(history.tree, number, QUESTIONS[form], form)
        assert given == history.answers[number, form]
    assert history.answers[1, "csv"] != history.answers[3, "csv"]


@pytest.mark.parametrize("number", EXPECTED)
def test_release_pins_documents_and_named_queries(history: History, number: int) -> None:
    server = history.server
    for name in ("analyst", "networker", "adviser", "partner"):
        got = fetch(server, f"/doc/role/{name}.ttl?release={number}")
        was = any(name in EXPECTED[earlier] for earlier in range(1, number))
        expected = 200 if name in EXPECTED[number] else 410 if was else 404
        assert got.status == expected, name
        if got.status == 200:
            assert got.headers["COI-Release"] == str(number)
    listed = fetch(server, f"/doc/role/?release={number}", headers={"Accept": "text/turtle"})
    roles = {
        str(s).removeprefix(ROLE) for s in Graph().parse(listed.body, format="turtle").subjects()
    }
    assert roles == set(EXPECTED[number])
    named = fetch(server, f"/queries/roles?format=csv&release={number}")
    assert named.headers["COI-Release"] == str(number)
    assert names(named) == EXPECTED[number]


def test_every_answer_names_its_release(history: History) -> None:
    server = history.server
    for path in ("/", "/def/", "/doc/role/", "/doc/role/analyst", "/doc/role/analyst.nt",
                 "/sparql", "/queries/", "/queries/roles", "/release/", "/dataset",
                 "/graph/data/roles", "/graph/data/roles.ttl"):  # fmt: skip
        got = fetch(server, path, headers={"Accept": "text/html, */*;q=0.5"})
        assert (got.status, got.headers["COI-Release"]) == (200, "4"), path
    for query, accept in ((ROLES, "text/csv"), (TEXTS, "text/turtle"), ("ASK {}", "*/*")):
        assert ask(server, query, accept).headers["COI-Release"] == "4"
        posted = fetch(
            server,
            "/sparql",
            method="POST",
            body=query.encode(),
            headers={"Accept": accept, "Content-Type": "application/sparql-query"},
        )
        assert posted.headers["COI-Release"] == "4"


@pytest.mark.parametrize(("release", "status"), [("5", 404), ("0", 404), ("-1", 400), ("x", 400)])
def test_a_release_that_is_not_there(history: History, release: str, status: int) -> None:
    for path in ("/sparql?query=ASK%7B%7D&", "/doc/role/analyst?", "/queries/roles?format=csv&"):
        got = fetch(history.server, f"{path}release={release}")
        assert got.status == status
        assert_problem(got.problem(), status)


def test_a_removed_thing_names_its_successor(history: History) -> None:
    server = history.server
    gone = fetch(server, "/doc/role/networker", headers={"Accept": "text/turtle"})
    assert gone.status == 410
    assert_problem(gone.problem(), 410)
    assert gone.problem()["replaced_by"] == [ROLE + "partner"]
    page = fetch(server, "/doc/role/networker?lang=en", headers={"Accept": "text/html"})
    assert page.status == 410
    assert b'href="/doc/role/partner' in page.body
    assert b'href="/history/role/networker' in page.body
    assert re.search(rb"removed on \d\d? [A-Z][a-z]+ \d{4}", page.body)
    # where it was, it still is; and it was never gone there
    old = fetch(server, "/doc/role/networker.ttl?release=2")
    assert old.status == 200
    assert (URIRef(ROLE + "networker"), None, None) in Graph().parse(old.body, format="turtle")
    new = Graph().parse(fetch(server, "/doc/role/partner.ttl").body, format="turtle")
    assert (URIRef(ROLE + "partner"), DCTERMS.replaces, URIRef(ROLE + "networker")) in new


def test_readers_never_go_back(tmp_path: Path, start_server: Callable[..., Server]) -> None:
    """Six readers, each on a connection to one of two processes, and one who changes between
    them, through eight releases."""
    tree = Tree.make(tmp_path)
    publish(tree, 1)
    server = start_server(tree.home, COI_CLIENT_SECONDS="0")
    over = threading.Event()
    wrong: list[object] = []
    seen = [1]

    def read(number: int) -> None:
        last = 0
        with contextlib.closing(connect(server, f"127.0.4.{number + 1}")) as connection:
            while not over.is_set():
                connection.request("GET", "/doc/role/analyst.nt" if number % 2 else "/healthz")
                answer = connection.getresponse()
                body = answer.read()
                if answer.status != 200:
                    wrong.append((answer.status, body))
                    return
                named = answer.headers["COI-Release"]
                release = int(named) if number % 2 else json.loads(body)["release"]
                if release < last:
                    wrong.append((last, release))
                last = release
                if number == 0:
                    seen.append(release)
                    connection.close()  # the next request may reach the other process
                time.sleep(0.005)

    readers = [threading.Thread(target=read, args=(number,)) for number in range(7)]
    for reader in readers:
        reader.start()
    try:
        for number in range(2, 9):
            tree.append("data/roles.ttl", f'role:analyst skos:altLabel "nr. {number}"@da .\n')
            assert tree.must_build(validate=False).number == number
            assert wait_until(lambda number=number: seen[-1] == number, 5)
    finally:
        over.set()
        for reader in readers:
            reader.join()
    assert wrong == []


@pytest.mark.parametrize("harm", ["store", "manifest", "folder"])
def test_a_corrupt_release_is_not_served(
    tmp_path: Path, start_server: Callable[..., Server], harm: str
) -> None:
    tree = Tree.make(tmp_path)
    publish(tree, 1)
    server = start_server(tree.home, COI_CLIENT_SECONDS="0")
    # Built where the server does not see it, harmed, and only then put in place.
    aside = Tree(tree.folder, "aside")
    shutil.copytree(tree.home, aside.home, symlinks=True)
    publish(aside, 2)
    bad = aside.current.path
    if harm == "store":
        largest = max(bad.rglob("*.sst"), key=lambda path: path.stat().st_size)
        content = bytearray(largest.read_bytes())
        content[len(content) // 2] ^= 0xFF
        largest.chmod(0o644)
        largest.unlink()
        largest.write_bytes(content)
    elif harm == "manifest":
        manifest = bad / "manifest.json"
        text = manifest.read_text()
        manifest.unlink()
        manifest.write_text(text.replace('"quads": ', '"quads": 1'))
    else:
        shutil.rmtree(bad / "store")
    shutil.move(bad, tree.home / "releases" / bad.name)
    pointer = tree.home / "releases" / "current"
    new = pointer.with_name("new")
    new.symlink_to(bad.name)
    new.rename(pointer)
    for _ in range(6):
        got = ask(server, ROLES)
        assert got.headers["COI-Release"] == "1"
        assert names(got) == EXPECTED[1]
        assert fetch(server, "/healthz").status == 200
        assert fetch(server, "/doc/role/adviser").status == 404
    assert "release 2 is not served" in server.log.read_text()
    # a process that starts now finds the good one too
    before = set(query_workers(server))
    os.kill(min(before), signal.SIGKILL)
    assert wait_until(lambda: len(set(query_workers(server)) - before) == 1, 15)
    for _ in range(10):
        assert ask(server, ROLES).headers["COI-Release"] == "1"
    refused = ask(server, ROLES, release="2")
    assert refused.status == (410 if harm == "folder" else 503)
    assert_problem(refused.problem(), refused.status)
    # mended, it is served
    shutil.rmtree(tree.home / "releases" / bad.name)
    pointer.unlink()
    pointer.symlink_to("000001")
    tree.append("data/roles.ttl", ANOTHER_ROLE + EDITOR)
    number = tree.must_build(validate=False).number
    assert number == 2
    # each process looks again after some seconds
    assert wait_until(
        lambda: {ask(server, ROLES).headers["COI-Release"] for _ in range(40)} == {"2"}, 15
    )
    assert names(ask(server, ROLES)) == ["adviser", "analyst", "editor", "networker"]
