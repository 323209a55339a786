"""Accepted contributions become releases: each once, in order, and none holds up another."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pyoxigraph as ox
import pytest

from coi_graph.ledger import events
from coi_graph.ledger.accounts import Accounts, Actor
from coi_graph.ledger.contributions import GRAPHS, Content, Contributions
from coi_graph.ledger.database import Ledger
from coi_graph.ledger.keys import actor_of
from coi_graph.ledger.states import Role, State
from coi_graph.publishing.build import build
from coi_graph.publishing.history import rollback
from coi_graph.validation.impact import Checker
from small_tree import A_NAMELESS_ROLE, HEAD, ROLE, Tree, assert_whole

KILLS = int(os.environ.get("COI_TEST_KILLS", "30"))


@dataclass
class Desk:
    """A small tree with a ledger, somebody who sends, and somebody who accepts."""

    tree: Tree
    ledger: Ledger
    nina: Actor
    rikke: Actor

    @classmethod
    def open(cls, tree: Tree) -> Desk:
        ledger = Ledger.open(tree.config())
        accounts = Accounts(ledger)
        known = {account.name: actor_of(account) for account in accounts.all()}
        nina = known.get("nina") or accounts.create("nina", Role.CONTRIBUTOR)
        rikke = known.get("rikke") or accounts.create("rikke", Role.REVIEWER)
        return cls(tree, ledger, nina, rikke)

    @property
    def contributions(self) -> Contributions:
        return Contributions(self.ledger)

    def send(self, turtle: str, **more: object) -> int:
        """Submitted, not accepted."""
        made = self.contributions.begin(self.nina, sent(turtle), **more)  # type: ignore[arg-type]
        self.contributions.submit(self.nina, made.id)
        return made.id

    def accept(self, turtle: str, **more: object) -> int:
        made = self.send(turtle, **more)
        self.contributions.accept(self.rikke, made, 1)
        return made

    def state(self, contribution: int) -> tuple[str, int | None]:
        found, _ = self.contributions.get(self.rikke, contribution)
        return found.state, found.release

    def held(self, contribution: int) -> set[str]:
        """The subjects of that contribution's graph in the current release."""
        quads = self.tree.current.open().quads(graph=f"{GRAPHS}{contribution}")
        return {quad.subject.value.removeprefix(ROLE) for quad in quads}  # type: ignore[union-attr]


def sent(turtle: str, violations: tuple[str, ...] = ()) -> Content:
    return Content(
        file="role.ttl",
        media_type="text/turtle",
        data=turtle.encode(),
        quads=tuple(ox.parse(HEAD + turtle, format=ox.RdfFormat.TURTLE)),
        report={"results": []},
        violations=violations,
        warnings=0,
        checked_release=1,
    )


def role(name: str) -> str:
    return f'role:{name} a coi:StrategicRole ; skos:prefLabel "{name}"@da, "{name}"@en .\n'


@pytest.fixture
def desk(tree: Tree) -> Iterator[Desk]:
    tree.must_build()
    opened = Desk.open(tree)
    yield opened
    opened.ledger.close()


def test_an_accepted_contribution_is_in_the_next_release(desk: Desk) -> None:
    assert desk.tree.build() is None
    waiting = desk.send(role("waiting"))
    made = desk.accept(role("adviser"))
    assert desk.state(made) == (State.ACCEPTED, None)
    release = desk.tree.must_build()
    assert_whole(release)
    assert desk.held(made) == {"adviser"}
    assert desk.held(waiting) == set()
    assert desk.state(made) == (State.PUBLISHED, 2)
    assert desk.tree.build() is None


def test_an_edit_and_a_removal(desk: Desk) -> None:
    made = desk.accept(role("adviser"))
    desk.tree.must_build()
    edit = desk.accept(role("editor"), amends=made)
    desk.tree.must_build()
    assert desk.held(made) == {"editor"}
    end = desk.accept(role("editor"), amends=edit, removes=True)
    release = desk.tree.must_build()
    assert desk.held(made) == set()
    assert f"{GRAPHS}{made}" not in release.manifest.graphs
    assert [desk.state(one) for one in (made, edit, end)] == [
        (State.PUBLISHED, 2), (State.PUBLISHED, 3), (State.PUBLISHED, 4),
    ]  # fmt: skip
    removed = release.open().quads(ox.NamedNode(ROLE + "editor"))
    assert [quad.predicate.value.rpartition("#")[2] for quad in removed] == ["invalidatedAtTime"]


def test_two_edits_before_one_build(desk: Desk) -> None:
    made = desk.accept(role("first"))
    edit = desk.accept(role("second"), amends=made)
    desk.tree.must_build()
    assert desk.held(made) == {"second"}
    assert desk.state(made) == desk.state(edit) == (State.PUBLISHED, 2)


def test_one_that_does_not_conform_goes_back_and_holds_up_nobody(desk: Desk) -> None:
    before = desk.accept(role("before"))
    bad = desk.accept(A_NAMELESS_ROLE)
    after = desk.accept(role("after"))
    desk.tree.must_build()
    assert desk.held(before) == {"before"}
    assert desk.held(after) == {"after"}
    assert desk.held(bad) == set()
    assert desk.state(bad) == (State.RETURNED, None)
    aside = events.of_contribution(desk.ledger, bad)[-1]
    assert aside["kind"] == "set-aside"
    assert aside["details"]["report"]["results"][0]["message"]["da"] == "Giv rollen et navn."
    assert desk.tree.build() is None


def test_only_bad_ones_make_no_release(desk: Desk) -> None:
    bad = desk.accept(A_NAMELESS_ROLE)
    assert desk.tree.build() is None
    assert desk.state(bad) == (State.RETURNED, None)
    assert desk.tree.current.number == 1


def test_a_bad_edit_leaves_the_record_as_it_was(desk: Desk) -> None:
    made = desk.accept(role("adviser"))
    desk.tree.must_build()
    bad = desk.accept(A_NAMELESS_ROLE, amends=made)
    assert desk.tree.build() is None
    assert desk.held(made) == {"adviser"}
    assert desk.state(bad) == (State.RETURNED, None)


def test_a_waived_violation_is_published_and_blocks_no_later_release(desk: Desk) -> None:
    made = desk.contributions.begin(desk.nina, sent(A_NAMELESS_ROLE, ("unknown",)))
    desk.contributions.submit(desk.nina, made.id)
    # The key of the finding is what the publisher finds: sent with a key that is not it, it goes
    # back, and from there we know it.
    desk.contributions.waive(desk.rikke, made.id, "unknown", "oplyses senere", "2099-01-01")
    desk.contributions.accept(desk.rikke, made.id, 1)
    assert desk.tree.build() is None
    report = events.of_contribution(desk.ledger, made.id)[-1]["details"]["report"]
    key = report["results"][0]["key"]
    desk.contributions.revise(desk.nina, made.id, sent(A_NAMELESS_ROLE, (key,)))
    desk.contributions.submit(desk.nina, made.id)
    desk.contributions.waive(desk.rikke, made.id, key, "oplyses senere", "2099-01-01")
    desk.contributions.accept(desk.rikke, made.id, 2)
    desk.tree.must_build()
    assert desk.held(made.id) == {"nobody"}
    desk.tree.append("data/roles.ttl", role("later"))
    desk.tree.must_build()
    assert desk.held(made.id) == {"nobody"}


def test_no_statement_stands_in_two_graphs(desk: Desk) -> None:
    made = desk.accept('role:analyst a coi:StrategicRole ; skos:note "x"@da .')
    again = desk.accept(role("adviser") + 'role:analyst skos:note "x"@da .')
    desk.tree.must_build()
    store = desk.tree.current.open()
    triples = [str(quad.triple) for quad in store.quads()]
    assert len(triples) == len(set(triples))
    assert desk.held(made) == {"analyst"}
    assert desk.held(again) == {"adviser"}


def test_a_rollback_takes_a_contribution_back_until_something_changes(desk: Desk) -> None:
    made = desk.accept(role("adviser"))
    desk.tree.must_build()
    rollback(desk.tree.config(), 1)
    assert desk.held(made) == set()
    assert desk.tree.build() is None
    other = desk.accept(role("other"))
    desk.tree.must_build()
    assert desk.held(other) == {"other"}
    assert desk.held(made) == {"adviser"}
    assert desk.state(made) == (State.PUBLISHED, 2)


def test_a_publisher_killed_before_its_entry_makes_up_for_it(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = desk.accept(role("adviser"))

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Contributions, "mark_published", die)
        with pytest.raises(KeyboardInterrupt):
            desk.tree.build()
    assert desk.held(made) == {"adviser"}
    assert desk.state(made) == (State.ACCEPTED, None)
    assert desk.tree.build() is None
    assert desk.state(made) == (State.PUBLISHED, 2)


def test_a_home_without_a_ledger_does_not_get_one(tree: Tree) -> None:
    tree.must_build()
    assert not (tree.home / "ledger.sqlite").exists()


@pytest.mark.slow
def test_publishers_killed_at_random_publish_each_contribution_once(desk: Desk) -> None:
    """Real `coi-graph build` processes, killed with SIGKILL while contributions are accepted."""
    rng = random.Random(1917)
    environment = {name: value for name, value in os.environ.items() if "COI_" not in name}
    command = [sys.executable, "-m", "coi_graph", "build", "--home", str(desk.tree.home),
               "--sources", str(desk.tree.sources)]  # fmt: skip
    made: list[int] = []
    newest = 1

    def one_build() -> float:
        started = time.monotonic()
        subprocess.run(command, env=environment, check=True, capture_output=True)
        return time.monotonic() - started

    made.append(desk.accept(role("r-0")))
    whole = one_build()
    killed = 0
    while killed < KILLS:
        made.append(desk.accept(role(f"r-{len(made)}")))
        child = subprocess.Popen(
            command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        # Most of them late, where the release is written and the ledger told.
        time.sleep(whole * rng.choice((rng.uniform(0, 1), rng.uniform(0.6, 1.1))))
        child.kill()
        killed += child.wait() == -9
        assert desk.tree.current.number >= newest, "readers never go backwards"
        newest = desk.tree.current.number
        assert_whole(desk.tree.current)
        assert len(made) < 4 * KILLS, "the children finish before they are killed"
    one_build()
    assert_whole(desk.tree.current)
    published: dict[int, int] = {}
    for event in events.since(desk.ledger, limit=10_000):
        if event["kind"] == "published":
            assert event["contribution"] not in published, "published twice"
            published[event["contribution"]] = event["details"]["release"]
    assert sorted(published) == made, "each acknowledged acceptance is published"
    for contribution, number in published.items():
        held = desk.tree.releases.get(number).manifest.sources
        assert f"{GRAPHS}{contribution}" in held
        before = desk.tree.releases.get(number - 1).manifest.sources
        assert f"{GRAPHS}{contribution}" not in before, "in the release that the ledger says"
    assert desk.tree.leftovers() == []


def test_many_are_taken_by_and_by_and_in_order(desk: Desk) -> None:
    first = [desk.accept(role(f"role-{number}")) for number in range(3)]
    bad = desk.accept(A_NAMELESS_ROLE)
    edit = desk.accept(role("edited"), amends=first[0])
    last = desk.accept(role("last"))
    states = []
    while (built := build(desk.tree.config(), most=2)).release is not None:
        assert_whole(built.release)
        states.append([desk.state(one)[1] for one in (*first, bad, edit, last)])
    assert states == [
        [2, 2, None, None, None, None],
        [2, 2, 3, None, None, None],
        [2, 2, 3, None, 4, 4],
    ]
    assert desk.state(bad) == (State.RETURNED, None)
    assert desk.held(first[0]) == {"edited"}


def test_what_is_accepted_while_one_is_set_aside_waits_for_the_next_release(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = desk.accept(A_NAMELESS_ROLE)
    good = desk.accept(role("good"))
    late: list[int] = []
    set_aside = Contributions.set_aside

    def and_accept(self: Contributions, *arguments: Any) -> None:
        set_aside(self, *arguments)
        late.append(desk.accept(role("late")))

    monkeypatch.setattr(Contributions, "set_aside", and_accept)
    assert_whole(desk.tree.must_build())
    assert [desk.state(one) for one in (bad, good, *late)] == [
        (State.RETURNED, None), (State.PUBLISHED, 2), (State.ACCEPTED, None),
    ]  # fmt: skip
    desk.tree.must_build()
    assert desk.state(late[0]) == (State.PUBLISHED, 3)


def test_one_bad_among_many_costs_few_checks(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    good = [desk.accept(role(f"role-{number}")) for number in range(30)]
    bad = desk.accept(A_NAMELESS_ROLE)
    checks = []
    check = Checker.check

    def counted(self: Checker, *arguments: Any) -> Any:
        checks.append(arguments)
        return check(self, *arguments)

    monkeypatch.setattr(Checker, "check", counted)
    desk.tree.must_build()
    assert {desk.state(one)[0] for one in good} == {State.PUBLISHED}
    assert desk.state(bad)[0] == State.RETURNED
    assert len(checks) <= 13, "two for each of log2(31) halvings, and three"
