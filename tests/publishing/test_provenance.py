"""What the graph says of where contributions come from: asked by SPARQL, as a stranger would."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from test_contributed import Desk, role

from coi_graph.ledger.accounts import Accounts
from coi_graph.ledger.states import Role
from coi_graph.publishing import timeline
from coi_graph.publishing.history import rollback
from coi_graph.publishing.timeline import Timeline
from small_tree import A_NAMELESS_ROLE, BASE, ROLE, Tree, assert_whole

LIBRARY = BASE + "id/workplace/library"
CENTRE = BASE + "id/organisation/coi"
NOBODY = BASE + "graph/provenance#"
WHO = """
PREFIX prov: <http://www.w3.org/ns/prov#>
PREFIX sh: <http://www.w3.org/ns/shacl#>
SELECT ?contributor ?reviewer ?conforms ?checked WHERE {
  GRAPH ?graph { <%s> a ?type }
  ?graph prov:wasGeneratedBy ?review ; prov:wasAttributedTo ?contributor .
  ?review prov:wasAssociatedWith ?reviewer ; prov:used ?report ; prov:wasInformedBy ?sending .
  ?sending prov:wasAssociatedWith ?contributor .
  ?report a sh:ValidationReport ; sh:conforms ?conforms ; prov:wasDerivedFrom ?checked .
}"""
NEW = """
PREFIX prov: <http://www.w3.org/ns/prov#>
SELECT ?review WHERE {
  <%srelease/%s> prov:wasGeneratedBy/prov:wasInformedBy ?review . ?review a prov:Activity
} ORDER BY ?review"""


@pytest.fixture
def desk(tree: Tree) -> Iterator[Desk]:
    tree.must_build()
    opened = Desk.open(tree)
    accounts = Accounts(opened.ledger)
    opened.nina = accounts.create(
        "nina.hansen", Role.CONTRIBUTOR, organisation=LIBRARY, email="nina@example.org"
    )
    opened.rikke = accounts.create("rikke.jensen", Role.REVIEWER, organisation=CENTRE)
    yield opened
    opened.ledger.close()


def asked(desk: Desk, query: str) -> list[list[str]]:
    return [[term.value for term in row] for row in desk.tree.current.open().query(query)]


def new_in(desk: Desk, release: int) -> list[str]:
    return [review.rpartition("#")[2] for (review,) in asked(desk, NEW % (BASE, release))]


def test_who_contributed_who_reviewed_and_from_which_report(desk: Desk) -> None:
    desk.accept(role("adviser"))
    assert_whole(desk.tree.must_build())
    rows = asked(desk, WHO % (ROLE + "adviser"))
    assert rows == [[LIBRARY, CENTRE, "true", BASE + "release/1"]]
    assert new_in(desk, 2) == ["review-1"]


def test_nothing_of_a_person_is_in_the_graph(desk: Desk) -> None:
    desk.accept(role("adviser"))
    everything = "".join(map(str, desk.tree.must_build().open().quads()))
    for word in ("nina", "rikke", "hansen", "jensen", "example.org"):
        assert word not in everything


def test_who_contributes_for_no_organisation_is_one_of_many(desk: Desk) -> None:
    accounts = Accounts(desk.ledger)
    desk.nina = accounts.create("private", Role.CONTRIBUTOR, organisation="not an IRI")
    desk.rikke = accounts.create("other", Role.REVIEWER)
    desk.accept(role("adviser"))
    desk.tree.must_build()
    ((contributor, reviewer, *_),) = asked(desk, WHO % (ROLE + "adviser"))
    assert (contributor, reviewer) == (NOBODY + "contributor", NOBODY + "reviewer")


def test_a_graph_names_its_newest_contribution_and_keeps_the_earlier(desk: Desk) -> None:
    made = desk.accept(role("adviser"))
    desk.tree.must_build()
    desk.nina = Accounts(desk.ledger).create("second", Role.CONTRIBUTOR, organisation=CENTRE)
    edit = desk.accept(role("adviser") + 'role:adviser skos:altLabel "x" .', amends=made)
    desk.tree.must_build()
    ((contributor, *_),) = asked(desk, WHO % (ROLE + "adviser"))
    assert contributor == CENTRE
    assert new_in(desk, 3) == [f"review-{edit}"]
    found = Timeline(desk.tree.releases).reviews_of_thing(ROLE + "adviser", 9)
    assert {release: [one.contributor for one in by] for release, by in found.items()} == {
        2: [LIBRARY], 3: [CENTRE],
    }  # fmt: skip
    end = desk.accept(role("adviser"), amends=edit, removes=True)
    desk.tree.must_build()
    graph = f"<{BASE}graph/contribution/{made}>"
    assert asked(desk, f"SELECT ?by {{ {graph} <http://www.w3.org/ns/prov#wasInvalidatedBy> ?by }}")
    assert sorted(Timeline(desk.tree.releases).reviews_of_thing(ROLE + "adviser", 9)) == [2, 3, 4]
    assert [one.number for one in Timeline(desk.tree.releases).reviews_of_release(4)] == [end]


def test_what_was_set_aside_is_not_told(desk: Desk) -> None:
    desk.accept(A_NAMELESS_ROLE)
    good = desk.accept(role("good"))
    desk.tree.must_build()
    assert new_in(desk, 2) == [f"review-{good}"]


def test_a_rollback_takes_it_back_and_it_returns_with_its_graph(desk: Desk) -> None:
    desk.accept(role("adviser"))
    desk.tree.must_build()
    rollback(desk.tree.config(), 1)
    assert asked(desk, WHO % (ROLE + "adviser")) == []
    desk.accept(role("other"))
    assert_whole(desk.tree.must_build())
    assert len(asked(desk, WHO % (ROLE + "adviser"))) == 1
    assert new_in(desk, 4) == ["review-1", "review-2"]


def test_an_index_made_again_says_the_same(desk: Desk) -> None:
    made = desk.accept(role("adviser"))
    desk.tree.must_build()
    before = Timeline(desk.tree.releases).reviews_of_release(2)
    assert [(one.number, one.reviewer) for one in before] == [(made, CENTRE)]
    assert before[0].report["da"] == "Rapport om bidrag 1: 0 fejl, 0 advarsler"
    (desk.tree.home / timeline.NAME).unlink()
    desk.tree.build()
    assert Timeline(desk.tree.releases).reviews_of_release(2) == before
