"""From draft to published: who may do what when, and what happens when two do it at once."""

from __future__ import annotations

import csv
import io
import itertools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from samples import BASE, content

from coi_graph.errors import CoiError, NotFound
from coi_graph.ledger import events
from coi_graph.ledger.accounts import Actor
from coi_graph.ledger.contributions import GRAPHS, Accepted, Contributions
from coi_graph.ledger.database import Ledger
from coi_graph.ledger.errors import Conflict, Forbidden, Refused
from coi_graph.ledger.states import FOLLOWING, Role, State

FAR = "2099-01-01"


@pytest.fixture
def nina(actor: Callable[..., Actor]) -> Actor:
    return actor("nina")


@pytest.fixture
def rikke(actor: Callable[..., Actor]) -> Actor:
    return actor("rikke", Role.REVIEWER)


def accepted(contributions: Contributions, nina: Actor, rikke: Actor, **more: object) -> int:
    made = contributions.begin(nina, content(**more))  # type: ignore[arg-type]
    contributions.submit(nina, made.id)
    contributions.accept(rikke, made.id, 1)
    return made.id


def wanted(contributions: Contributions) -> list[Accepted]:
    return contributions.for_publisher().wanted


def waiting(contributions: Contributions) -> list[int]:
    return [one.contribution_id for one in contributions.for_publisher().waiting]


def test_the_whole_way(contributions: Contributions, nina: Actor, rikke: Actor) -> None:
    made = contributions.begin(nina, content())
    assert made.state == State.DRAFT
    assert contributions.submit(nina, made.id).state == State.SUBMITTED
    assert wanted(contributions) == []
    assert contributions.accept(rikke, made.id, 1).state == State.ACCEPTED
    (only,) = wanted(contributions)
    assert only.graph == f"{GRAPHS}{made.id}"
    assert [str(quad.triple) for quad in contributions.read(only)] == [
        f'<{BASE}id/innovation/x> <http://purl.org/dc/terms/title> "Fælles morgenmad"'
    ]
    assert waiting(contributions) == [made.id]
    contributions.mark_published([made.id], 7)
    contributions.mark_published([made.id], 8)
    found, _ = contributions.get(nina, made.id)
    assert (found.state, found.release) == (State.PUBLISHED, 7)
    assert waiting(contributions) == []
    assert [one.contribution_id for one in wanted(contributions)] == [made.id]


def test_what_was_sent_is_kept_byte_for_byte(
    contributions: Contributions, nina: Actor, rikke: Actor
) -> None:
    made = contributions.begin(nina, content("Første"))
    contributions.revise(nina, made.id, content("Anden"))
    assert contributions.revision(nina, made.id, 1).data == content("Første").data
    assert contributions.revision(rikke, made.id, 2).data == content("Anden").data
    with pytest.raises(NotFound):
        contributions.revision(nina, made.id, 3)


def test_every_step_is_allowed_only_where_it_fits(
    contributions: Contributions, nina: Actor, rikke: Actor
) -> None:
    """Every pair of steps from every state, against the table of the issue."""
    numbers = itertools.count()

    def at(state: State) -> int:
        made = contributions.begin(nina, content(name=f"n{next(numbers)}"))
        if state in (State.SUBMITTED, State.RETURNED, State.ACCEPTED, State.PUBLISHED):
            contributions.submit(nina, made.id)
        if state is State.RETURNED:
            contributions.give_back(rikke, made.id, "mangler en titel")
        if state in (State.ACCEPTED, State.PUBLISHED):
            contributions.accept(rikke, made.id, 1)
        if state is State.PUBLISHED:
            contributions.mark_published([made.id], 1)
        if state is State.WITHDRAWN:
            contributions.withdraw(nina, made.id)
        return made.id

    def new(_: int) -> object:
        return contributions.revise(nina, _, content(name=f"n{next(numbers)}"))

    steps: dict[State, Callable[[int], object]] = {
        State.DRAFT: new,
        State.SUBMITTED: lambda id: contributions.submit(nina, id),
        State.RETURNED: lambda id: contributions.give_back(rikke, id, "nej"),
        State.ACCEPTED: lambda id: contributions.accept(rikke, id, 1),
        State.WITHDRAWN: lambda id: contributions.withdraw(nina, id),
    }
    allowed = {
        (State.DRAFT, State.DRAFT), (State.DRAFT, State.SUBMITTED),
        (State.DRAFT, State.WITHDRAWN), (State.SUBMITTED, State.DRAFT),
        (State.SUBMITTED, State.ACCEPTED), (State.SUBMITTED, State.RETURNED),
        (State.SUBMITTED, State.WITHDRAWN), (State.RETURNED, State.DRAFT),
        (State.RETURNED, State.SUBMITTED), (State.RETURNED, State.WITHDRAWN),
    }  # fmt: skip
    for start, to in itertools.product(State, steps):
        contribution = at(start)
        if (start, to) in allowed:
            steps[to](contribution)
        else:
            with pytest.raises(Conflict):
                steps[to](contribution)
            assert contributions.get(nina, contribution)[0].state == start
    assert set(FOLLOWING) == set(State)


def test_nobody_reviews_their_own(
    contributions: Contributions, actor: Callable[..., Actor], nina: Actor
) -> None:
    rikke = actor("rikke", Role.REVIEWER)
    made = contributions.begin(rikke, content())
    contributions.submit(rikke, made.id)
    with pytest.raises(Forbidden):
        contributions.accept(rikke, made.id, 1)
    with pytest.raises(Forbidden):
        contributions.give_back(rikke, made.id, "nej")
    with pytest.raises(Forbidden):
        contributions.accept(nina, made.id, 1)
    contributions.accept(actor("chief", Role.ADMINISTRATOR), made.id, 1)


def test_what_is_anothers_is_not_there(
    contributions: Contributions, actor: Callable[..., Actor], nina: Actor, rikke: Actor
) -> None:
    made = contributions.begin(nina, content())
    other = actor("other")
    for attempt in (
        lambda: contributions.get(other, made.id),
        lambda: contributions.submit(other, made.id),
        lambda: contributions.comment(other, made.id, "hej"),
        lambda: contributions.revision(other, made.id, 1),
    ):
        with pytest.raises(NotFound):
            attempt()
    assert contributions.listed(other) == []
    assert [one.id for one in contributions.listed(rikke)] == [made.id]
    with pytest.raises(Forbidden):
        contributions.withdraw(rikke, made.id)


def test_violations_block_until_each_is_waived(
    contributions: Contributions, nina: Actor, rikke: Actor
) -> None:
    made = contributions.begin(nina, content(violations=("first", "second")))
    contributions.submit(nina, made.id)
    with pytest.raises(Refused) as caught:
        contributions.accept(rikke, made.id, 1)
    assert caught.value.details["findings"] == ["first", "second"]
    contributions.waive(rikke, made.id, "first", "oplyses senere", FAR)
    with pytest.raises(Refused):
        contributions.accept(rikke, made.id, 1)
    for reason, day in (("", FAR), ("fordi", "2020-01-01"), ("fordi", "i morgen")):
        with pytest.raises(Refused):
            contributions.waive(rikke, made.id, "second", reason, day)
    with pytest.raises(NotFound):
        contributions.waive(rikke, made.id, "third", "fordi", FAR)
    with pytest.raises(Forbidden):
        contributions.waive(nina, made.id, "second", "fordi", FAR)
    contributions.waive(rikke, made.id, "second", "oplyses senere", FAR)
    contributions.accept(rikke, made.id, 1)
    assert {
        (one.finding, one.reason, one.expires_on) for one in contributions.waivers(made.id)
    } == {
        ("first", "oplyses senere", FAR),
        ("second", "oplyses senere", FAR),
    }


def test_a_reviewer_accepts_what_was_seen(
    contributions: Contributions, nina: Actor, rikke: Actor
) -> None:
    made = contributions.begin(nina, content())
    contributions.revise(nina, made.id, content("Nyere"))
    contributions.submit(nina, made.id)
    with pytest.raises(Conflict):
        contributions.accept(rikke, made.id, 1)
    contributions.accept(rikke, made.id, 2)


def test_an_edit_replaces_the_graph_and_a_removal_empties_it(
    contributions: Contributions, nina: Actor, rikke: Actor
) -> None:
    first = accepted(contributions, nina, rikke)
    edit = contributions.begin(nina, content("Ny titel"), amends=first)
    contributions.submit(nina, edit.id)
    contributions.accept(rikke, edit.id, 1)
    (only,) = wanted(contributions)
    assert only.graph == f"{GRAPHS}{first}"
    assert [quad.object.value for quad in contributions.read(only)] == ["Ny titel"]
    end = contributions.begin(nina, content("Ny titel"), amends=edit.id, removes=True)
    contributions.submit(nina, end.id)
    contributions.accept(rikke, end.id, 1)
    assert wanted(contributions) == []
    other = contributions.begin(nina, content(name="y"))
    with pytest.raises(Conflict):
        contributions.begin(nina, content(name="z"), amends=other.id)


def test_an_edit_of_what_has_changed_is_a_conflict(
    contributions: Contributions, nina: Actor, rikke: Actor
) -> None:
    first = accepted(contributions, nina, rikke)
    mine = contributions.begin(nina, content("Mit"), amends=first)
    yours = contributions.begin(nina, content("Dit"), amends=first)
    for one in (mine, yours):
        contributions.submit(nina, one.id)
    contributions.accept(rikke, yours.id, 1)
    with pytest.raises(Conflict) as caught:
        contributions.accept(rikke, mine.id, 1)
    assert caught.value.details["changed_by"] == yours.id
    contributions.give_back(rikke, mine.id, "nogen kom først")
    for seen in (None, first):
        with pytest.raises(Conflict) as caught:
            contributions.revise(nina, mine.id, content("Mit, med dit"), seen=seen)
        assert caught.value.details["changed_by"] == yours.id
    contributions.revise(nina, mine.id, content("Mit, med dit"), seen=yours.id)
    contributions.submit(nina, mine.id)
    contributions.accept(rikke, mine.id, 2)
    assert [quad.object.value for quad in contributions.read(wanted(contributions)[0])] == [
        "Mit, med dit"
    ]


def test_acceptances_at_the_same_moment_follow_each_other(
    contributions: Contributions, nina: Actor, rikke: Actor
) -> None:
    """Of eight edits of the same record exactly one is accepted, and no number is given twice."""
    first = accepted(contributions, nina, rikke)
    edits = [contributions.begin(nina, content(f"Udgave {n}"), amends=first) for n in range(8)]
    others = [contributions.begin(nina, content(name=f"other-{n}")) for n in range(8)]
    for one in (*edits, *others):
        contributions.submit(nina, one.id)

    def accept(contribution: int) -> bool:
        try:
            contributions.accept(rikke, contribution, 1)
        except Conflict:
            return False
        return True

    ids = [one.id for pair in zip(edits, others, strict=True) for one in pair]
    with ThreadPoolExecutor(8) as pool:
        done = dict(zip(ids, pool.map(accept, ids), strict=True))
    assert sum(done[one.id] for one in edits) == 1
    assert all(done[one.id] for one in others)
    numbers = [contributions.get(rikke, one)[0].accepted_number for one in ids if done[one]]
    assert sorted(numbers) == list(range(2, 11))  # type: ignore[type-var]


def test_the_same_content_twice_is_recognised(
    contributions: Contributions, nina: Actor, rikke: Actor
) -> None:
    made = contributions.begin(nina, content())
    with pytest.raises(Conflict) as caught:
        contributions.begin(nina, content())
    assert caught.value.details["contribution"] == made.id
    contributions.withdraw(nina, made.id)
    contributions.begin(nina, content())


def test_back_to_an_earlier_content_is_no_repetition(
    contributions: Contributions, nina: Actor, rikke: Actor
) -> None:
    first = accepted(contributions, nina, rikke)
    contributions.mark_published([first], 1)
    edit = contributions.begin(nina, content("Ny"), amends=first)
    contributions.submit(nina, edit.id)
    contributions.accept(rikke, edit.id, 1)
    contributions.begin(nina, content(), amends=edit.id)


def test_an_idempotency_key_begins_one_draft(contributions: Contributions, nina: Actor) -> None:
    def begin(_: int) -> int:
        return contributions.begin(nina, content(), idempotency_key="k1").id

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(begin, range(8)))) == 1


def test_what_no_longer_conforms_is_set_aside(
    contributions: Contributions, nina: Actor, rikke: Actor
) -> None:
    made = accepted(contributions, nina, rikke)
    contributions.set_aside(made, {"results": ["why"]})
    found, _ = contributions.get(nina, made)
    assert found.state == State.RETURNED
    assert wanted(contributions) == []
    contributions.set_aside(made, {})
    contributions.submit(nina, made)
    contributions.accept(rikke, made, 1)
    assert waiting(contributions) == [made]


def test_the_history_tells_who_did_what(
    ledger: Ledger, contributions: Contributions, nina: Actor, rikke: Actor
) -> None:
    made = contributions.begin(nina, content())
    contributions.submit(nina, made.id)
    contributions.comment(rikke, made.id, "hvilket år?")
    contributions.give_back(rikke, made.id, "skriv året")
    contributions.revise(nina, made.id, content("Fælles morgenmad 2019"))
    contributions.submit(nina, made.id)
    contributions.accept(rikke, made.id, 2)
    contributions.mark_published([made.id], 3)
    history = events.of_contribution(ledger, made.id)
    assert [(row["kind"], row["account"], row["revision"]) for row in history] == [
        ("drafted", "nina", 1),
        ("submitted", "nina", 1),
        ("commented", "rikke", 1),
        ("returned", "rikke", 1),
        ("revised", "nina", 2),
        ("submitted", "nina", 2),
        ("accepted", "rikke", 2),
        ("published", None, 2),
    ]
    assert history[3]["text"] == "skriv året"
    assert history[-1]["details"] == {"release": 3}
    exported = list(csv.DictReader(io.StringIO("".join(events.export_csv(ledger)))))
    assert [row["kind"] for row in exported if row["contribution"] == str(made.id)] == [
        row["kind"] for row in history
    ]


@pytest.mark.parametrize("id", [0, 999, -1])
def test_what_never_was_is_not_found(contributions: Contributions, nina: Actor, id: int) -> None:
    with pytest.raises(NotFound):
        contributions.get(nina, id)
    with pytest.raises(CoiError):
        contributions.submit(nina, id)
