"""Named queries are held against their expected rows whenever a release is made."""

from __future__ import annotations

from coi_graph.i18n import Message
from coi_graph.publishing import checks
from coi_graph.publishing.build import build, publisher, tell_of_queries
from coi_graph.publishing.history import rollback
from small_tree import ANOTHER_ROLE, Tree

HEAD = """\
# title@da: Hvilke roller er der?
# title@en: Which roles are there?
# description@da: Alle roller.
# description@en: All roles.
# user: R
# ordered: {ordered}

"""
ROLES = "SELECT ?role {{ ?role a <https://w3id.org/coi-graph/def/StrategicRole> }} ORDER BY {by}\n"
TWO = (
    "role\r\nhttps://w3id.org/coi-graph/id/role/analyst\r\n"
    "https://w3id.org/coi-graph/id/role/networker\r\n"
)


def write(tree: Tree, name: str, query: str, expected: str | None, ordered: str = "true") -> None:
    tree.write(f"queries/{name}.rq", HEAD.format(ordered=ordered) + query)
    if expected is not None:
        tree.write(f"queries/{name}.csv", expected)


def last(tree: Tree) -> dict[str, int | None]:
    found = checks.of(tree.releases.current())
    return {name: known["release"] for name, known in found.items()}


def test_what_gives_its_rows_is_verified_and_what_does_not_is_told(tree: Tree) -> None:
    forwards, backwards = ROLES.format(by="?role"), ROLES.format(by="DESC(?role)")
    write(tree, "right", forwards, TWO)
    write(tree, "in-no-order", backwards, TWO, ordered="false")
    write(tree, "in-another-order", backwards, TWO)
    write(tree, "other-rows", forwards, "role\r\n")
    write(tree, "other-names", forwards.replace("?role", "?x"), TWO)
    write(tree, "no-query", "SELECT nonsense", TWO)
    write(tree, "an-ask", "ASK {}", TWO)
    write(tree, "nothing-expected", forwards, None)
    told: list[Message] = []
    build(tree.config(), tell=told.append)
    assert last(tree) == {
        "right": 1,
        "in-no-order": 1,
        "in-another-order": None,
        "other-rows": None,
        "other-names": None,
        "no-query": None,
        "an-ask": None,
    }
    said = [m.in_language("en") for m in told if "other rows" in m.in_language("en")]
    assert said == [
        "other rows than with the shipped data and examples alone: "
        "an-ask, in-another-order, no-query, other-names, other-rows"
    ]


def test_the_last_release_that_gave_the_rows_is_remembered(tree: Tree) -> None:
    write(tree, "roles", ROLES.format(by="?role"), TWO)
    tree.must_build()
    assert last(tree) == {"roles": 1}
    tree.append("data/roles.ttl", ANOTHER_ROLE)
    tree.must_build()
    assert last(tree) == {"roles": 1}
    assert rollback(tree.config(), 1).number == 3
    assert last(tree) == {"roles": 3}


def test_a_query_that_was_changed_is_another_one(tree: Tree) -> None:
    write(tree, "roles", ROLES.format(by="?role"), TWO)
    tree.must_build()
    write(tree, "roles", ROLES.format(by="?role") + "# new\n", TWO)
    tree.append("data/roles.ttl", ANOTHER_ROLE)
    tree.must_build()
    assert last(tree) == {"roles": None}


def test_a_publisher_asks_when_it_has_time(tree: Tree) -> None:
    write(tree, "roles", ROLES.format(by="?role"), TWO)
    tree.must_build()
    tree.append("data/tools.ttl", 'tool:guide skos:altLabel "x" .\n')
    release = build(tree.config(), dumps=False).release
    assert release is not None
    assert last(tree) == {"roles": 1}, "what the release before said"
    told: list[Message] = []
    with publisher(tree.config()) as releases:
        tell_of_queries(releases, tree.config(), told.append)
    assert (last(tree), told) == ({"roles": 2}, [])
    release.verify()
    tree.append("data/roles.ttl", ANOTHER_ROLE)
    build(tree.config(), dumps=False)
    assert last(tree) == {"roles": 2}


def test_what_was_said_beside_another_release_does_not_count(tree: Tree) -> None:
    write(tree, "roles", ROLES.format(by="?role"), TWO)
    release = tree.must_build()
    path = release.path / checks.NAME
    for text in ("", "{}", "[]", path.read_text().replace(release.manifest.content_hash, "0")):
        path.write_text(text)
        assert last(tree) == {}
