"""Releases pushed to a real Virtuoso: whole, or not marked as there."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pyoxigraph as ox
import pytest
from virtuoso import Virtuoso

from coi_graph import config
from coi_graph.errors import CoiError, ReleaseCorrupt
from coi_graph.publishing import push as pushing
from coi_graph.query.answering import engine as make_engine
from coi_graph.query.engine import Engine
from coi_graph.query.marker import ReleaseMarker
from coi_graph.web.app import create_app
from environment import ROOT
from small_tree import ANOTHER_ROLE, HEAD, Tree

ROLES = "data/roles.ttl"
#: Of everything that can be changed: a text in two languages, a number, an accent, a new graph.
SECOND = HEAD + (
    'role:analyst a coi:StrategicRole ; skos:prefLabel "analytiker igen"@da, "analyst"@en .\n'
    'role:analyst skos:altLabel "a \\"quoted\\" text,\\nof two lines", \'ÆØÅ 😀\'@da .\n'
)


@pytest.fixture(scope="module")
def virtuoso(start_virtuoso: Callable[..., Virtuoso]) -> Virtuoso:
    return start_virtuoso()


@pytest.fixture
def tree(tmp_path: Path, virtuoso: Virtuoso) -> Tree:
    """Two releases, and an engine without any."""
    made = Tree.make(tmp_path)
    made.must_build()
    made.write(ROLES, SECOND)
    made.append("data/tools.ttl", 'tool:film a coi:Tool ; skos:prefLabel "film"@da, "film"@en .\n')
    made.must_build()
    graphs = {g for release in made.releases.all() for g in release.manifest.graphs}
    engine = make_engine(settings(made, virtuoso))
    for graph in sorted(graphs):
        engine.update(f"CLEAR SILENT GRAPH <{graph}>", timeout=30)
    return made


def settings(tree: Tree, virtuoso: Virtuoso) -> config.Config:
    return config.load(virtuoso.environment, home=tree.home, sources=tree.sources)


def held(tree: Tree, virtuoso: Virtuoso) -> int | None:
    return ReleaseMarker(make_engine(settings(tree, virtuoso))).number()


def content(tree: Tree, virtuoso: Virtuoso) -> set[ox.Quad]:
    """All that the engine has in the graphs of any release."""
    found = set()
    for graph in {g for release in tree.releases.all() for g in release.manifest.graphs}:
        query = f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ GRAPH <{graph}> {{ ?s ?p ?o }} }}"
        with make_engine(settings(tree, virtuoso)).ask(
            query, "application/n-triples", timeout=30, trusted=True
        ) as reply:
            triples = ox.parse(reply.read(), format=ox.RdfFormat.N_TRIPLES)
            found |= {
                ox.Quad(t.subject, t.predicate, t.object, ox.NamedNode(graph)) for t in triples
            }
    return found


def expected(tree: Tree, number: int) -> set[ox.Quad]:
    return set(tree.releases.get(number).open().quads())


def test_a_first_push_uploads_everything(tree: Tree, virtuoso: Virtuoso) -> None:
    told: list[str] = []
    given = pushing.push(settings(tree, virtuoso), lambda message: told.append(str(message)))
    assert (given, held(tree, virtuoso)) == (2, 2)
    assert content(tree, virtuoso) == expected(tree, 2)
    assert not any("counts" in line for line in told)
    assert pushing.push(settings(tree, virtuoso)) == 0, "there is nothing more to give"


def test_a_change_set_is_pushed(tree: Tree, virtuoso: Virtuoso) -> None:
    pushing.push(settings(tree, virtuoso))
    tree.append(ROLES, ANOTHER_ROLE)
    tree.must_build()
    assert pushing.push(settings(tree, virtuoso)) == 1
    assert content(tree, virtuoso) == expected(tree, 3)


def test_what_was_there_before_goes(tree: Tree, virtuoso: Virtuoso) -> None:
    graph = next(iter(tree.current.manifest.graphs))
    make_engine(settings(tree, virtuoso)).update(
        f"INSERT DATA {{ GRAPH <{graph}> {{ <http://x/> <http://x/> 'stray' }} }}", timeout=30
    )
    pushing.push(settings(tree, virtuoso))
    assert content(tree, virtuoso) == expected(tree, 2)


@pytest.mark.parametrize("before", [0, 1, 3, 8, 20, 45])
def test_a_push_that_is_cut_off_is_taken_up(
    tree: Tree, virtuoso: Virtuoso, monkeypatch: pytest.MonkeyPatch, before: int
) -> None:
    """Cut off after so many requests of the change, with one quad in each."""
    pushing.push(settings(tree, virtuoso))
    tree.append(ROLES, ANOTHER_ROLE)
    tree.append("data/tools.ttl", "tool:guide skos:altLabel " + ", ".join(
        f'"nr. {number}"@da' for number in range(40)) + " .\n")  # fmt: skip
    tree.must_build()
    _cut_off(tree, virtuoso, monkeypatch, before)
    assert held(tree, virtuoso) in (None, 2)
    if held(tree, virtuoso) is None:
        app = create_app(settings(tree, virtuoso))
        response = app.test_client().get("/doc/role/analyst")
        assert (response.status_code, "Retry-After" in response.headers) == (503, True)
        app.extensions["coi-queries"].close()
    # Meanwhile another release has been made.
    tree.write(ROLES, SECOND)
    tree.must_build()
    pushing.push(settings(tree, virtuoso))
    assert held(tree, virtuoso) == 4
    assert content(tree, virtuoso) == expected(tree, 4)


@pytest.mark.parametrize("before", [0, 3, 60])
def test_a_first_push_that_is_cut_off_begins_again(
    tree: Tree, virtuoso: Virtuoso, monkeypatch: pytest.MonkeyPatch, before: int
) -> None:
    _cut_off(tree, virtuoso, monkeypatch, before)
    assert held(tree, virtuoso) is None
    pushing.push(settings(tree, virtuoso))
    assert content(tree, virtuoso) == expected(tree, 2)


def _cut_off(tree: Tree, virtuoso: Virtuoso, monkeypatch: pytest.MonkeyPatch, before: int) -> None:
    update, done = Engine.update, 0

    def counted(engine: Engine, text: str, *, timeout: float) -> None:
        nonlocal done
        if done == before:
            raise KeyboardInterrupt
        done += 1
        update(engine, text, timeout=timeout)

    with monkeypatch.context() as patch:
        patch.setattr(pushing, "MOST_QUADS", 1)
        patch.setattr(Engine, "update", counted)
        with pytest.raises(KeyboardInterrupt):
            pushing.push(settings(tree, virtuoso))


def test_a_killed_process_is_taken_up(tree: Tree, virtuoso: Virtuoso) -> None:
    pushing.push(settings(tree, virtuoso))
    tree.append("data/tools.ttl", "tool:guide skos:altLabel " + ", ".join(
        f'"nr. {number}"@da' for number in range(400)) + " .\n")  # fmt: skip
    tree.must_build()
    code = (
        "from coi_graph import config; from coi_graph.publishing import push;"
        "push.MOST_QUADS = 1; push.push(config.load())"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT,
        env={**os.environ, **virtuoso.environment, "COI_HOME": str(tree.home)},
    )  # fmt: skip
    deadline = time.monotonic() + 60
    while held(tree, virtuoso) is not None:
        assert process.poll() is None
        assert time.monotonic() < deadline
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert held(tree, virtuoso) is None
    pushing.push(settings(tree, virtuoso))
    assert held(tree, virtuoso) == 3
    assert content(tree, virtuoso) == expected(tree, 3)


def test_what_the_engine_refuses_is_taken_back(tree: Tree, virtuoso: Virtuoso) -> None:
    pushing.push(settings(tree, virtuoso))
    tree.append(ROLES, 'role:analyst skos:note "P1D"^^<http://www.w3.org/2001/XMLSchema#duration>'
                ', "x"@en .\n')  # fmt: skip
    tree.must_build(validate=False)
    with pytest.raises(CoiError, match="duration"):
        pushing.push(settings(tree, virtuoso))
    assert held(tree, virtuoso) == 2, "readers go on"
    assert content(tree, virtuoso) == expected(tree, 2)


def test_an_engine_of_another_home_is_left_alone(
    tree: Tree, virtuoso: Virtuoso, tmp_path: Path
) -> None:
    pushing.push(settings(tree, virtuoso))
    other = Tree.make(tmp_path / "other")
    other.must_build()
    with pytest.raises(ReleaseCorrupt, match="holds release 2"):
        pushing.push(settings(other, virtuoso))
    assert content(tree, virtuoso) == expected(tree, 2)


def test_a_wrong_password_is_said_and_not_shown(tree: Tree, virtuoso: Virtuoso) -> None:
    environment = {**virtuoso.environment, "COI_ENGINE_PASSWORD": "geheim"}
    with pytest.raises(CoiError) as caught:
        pushing.push(config.load(environment, home=tree.home))
    assert "401" in str(caught.value)
    assert "geheim" not in str(caught.value)


def test_a_reader_moves_to_the_new_release(tree: Tree, virtuoso: Virtuoso) -> None:
    pushing.push(settings(tree, virtuoso))
    app = create_app(settings(tree, virtuoso))
    client = app.test_client()
    query = {"query": "SELECT (COUNT(*) AS ?n) { ?role a ?kind }"}
    before = client.get("/sparql", query_string=query, headers={"Accept": "text/csv"})
    assert before.headers["COI-Release"] == "2"
    tree.append(ROLES, ANOTHER_ROLE)
    tree.must_build()
    assert client.get("/doc/role/adviser").status_code == 404, "it is built, but not pushed"
    pushing.push(settings(tree, virtuoso))
    deadline = time.monotonic() + 10
    while (found := client.get("/doc/role/adviser.nt")).status_code != 200:
        assert found.status_code in (404, 503)
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert found.headers["COI-Release"] == "3"
    older = client.get("/doc/role/adviser?release=2")
    assert older.status_code == 501
    assert "release 3" in older.get_json(force=True)["messages"]["en"]
    app.extensions["coi-queries"].close()


def test_an_engine_that_dies_is_a_503_and_known_answers_go_on(
    tree: Tree, start_virtuoso: Callable[..., Virtuoso]
) -> None:
    mortal = start_virtuoso()
    pushing.push(settings(tree, mortal))
    app = create_app(settings(tree, mortal))
    client = app.test_client()
    known, new = {"query": "ASK { ?s ?p ?o }"}, {"query": "ASK { ?s ?p 1 }"}
    assert client.get("/sparql", query_string=known).status_code == 200
    mortal.stop()
    for _ in range(8):
        failed = client.get("/sparql", query_string=new)
        assert failed.status_code == 503
        assert int(failed.headers["Retry-After"]) > 0
    assert failed.get_json(force=True)["type"].endswith("engine-resting")
    assert client.get("/sparql", query_string=known).status_code == 200
    app.extensions["coi-queries"].close()
