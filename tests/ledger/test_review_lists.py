"""What reviewers see in lists: findings, conflicts, waivers; and requests that come twice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from samples import content

from coi_graph.ledger.accounts import Actor
from coi_graph.ledger.contributions import Contributions
from coi_graph.ledger.errors import Conflict, Forbidden, Refused
from coi_graph.ledger.states import Role


@pytest.fixture
def nina(actor: Callable[..., Actor]) -> Actor:
    return actor("nina")


@pytest.fixture
def rikke(actor: Callable[..., Actor]) -> Actor:
    return actor("rikke", Role.REVIEWER)


def submitted(contributions: Contributions, by: Actor, name: str = "x", **more: object) -> int:
    made = contributions.begin(by, content(name=name, **more))  # type: ignore[arg-type]
    return contributions.submit(by, made.id).id


def test_what_has_findings_is_not_accepted_with_others(
    contributions: Contributions, nina: Actor, rikke: Actor
) -> None:
    clean, bad = (
        submitted(contributions, nina, "a"),
        submitted(contributions, nina, "b", violations=("k",)),
    )
    warned = contributions.begin(nina, replace(content(name="c"), warnings=2))
    contributions.submit(nina, warned.id)
    assert contributions.findings([clean, bad, warned.id]) == {
        clean: (0, 0), bad: (1, 0), warned.id: (0, 2),
    }  # fmt: skip
    contributions.accept(rikke, clean, 1, without_findings=True)
    contributions.waive(rikke, bad, "k", "Grund", "2099-01-01")
    for id in (bad, warned.id):
        with pytest.raises(Refused):
            contributions.accept(rikke, id, 1, without_findings=True)
        contributions.accept(rikke, id, 1)


def test_what_is_in_conflict(contributions: Contributions, nina: Actor, rikke: Actor) -> None:
    first = submitted(contributions, nina)
    contributions.accept(rikke, first, 1)
    mine = contributions.begin(nina, content("Mit"), amends=first)
    theirs = contributions.begin(nina, content("Deres"), amends=first)
    listed = [contributions.get(nina, id)[0] for id in (first, mine.id, theirs.id)]
    assert contributions.changed_by(listed) == {}
    contributions.submit(nina, theirs.id)
    contributions.accept(rikke, theirs.id, 1)
    listed = [contributions.get(nina, id)[0] for id in (first, mine.id, theirs.id)]
    assert contributions.changed_by(listed) == {mine.id: theirs.id}
    base = contributions.base(listed[1])
    assert base is not None
    assert base.data == content().data
    contributions.revise(nina, mine.id, content("Mit igen"), seen=theirs.id)
    assert contributions.changed_by([contributions.get(nina, mine.id)[0]]) == {}


def test_waivers_of_what_stands(contributions: Contributions, nina: Actor, rikke: Actor) -> None:
    ids = []
    for name, day in (("a", "2099-06-30"), ("b", "2098-01-01"), ("c", "2097-01-01")):
        id = submitted(contributions, nina, name, violations=("k",))
        contributions.waive(rikke, id, "k", name, day)
        ids.append(id)
    for id in ids[:2]:
        contributions.accept(rikke, id, 1)
    days = [waiver.expires_on for waiver, _, _ in contributions.standing_waivers(rikke)]
    assert days == ["2098-01-01", "2099-06-30"], "not of what is not accepted"
    assert len(contributions.standing_waivers(rikke, after=1, limit=1)) == 1
    mended = contributions.begin(nina, content("Rettet", name="b"), amends=ids[1])
    contributions.submit(nina, mended.id)
    contributions.accept(rikke, mended.id, 1)
    days = [waiver.expires_on for waiver, _, _ in contributions.standing_waivers(rikke)]
    assert days == ["2099-06-30"], "not of what was replaced"
    with pytest.raises(Forbidden):
        contributions.standing_waivers(nina)


def test_the_key_of_a_request(
    contributions: Contributions, actor: Callable[..., Actor], nina: Actor, rikke: Actor
) -> None:
    id = submitted(contributions, nina)
    assert contributions.step_of(rikke, "k") is None
    contributions.comment(replace(rikke, idempotency_key="k"), id, "Hej")
    assert contributions.step_of(rikke, "k") == ("commented", id)
    assert contributions.step_of(nina, "k") is None, "keys are the account's own"
    contributions.comment(replace(nina, idempotency_key="k"), id, "Hej")
    with pytest.raises(Conflict):  # two at once: the second finds the first
        contributions.comment(replace(rikke, idempotency_key="k"), id, "Hej")


def test_the_key_of_a_new_contribution(contributions: Contributions, nina: Actor) -> None:
    first = contributions.begin(nina, content("Et"), idempotency_key="k")
    assert contributions.begin(nina, content("Et"), idempotency_key="k").id == first.id
    with pytest.raises(Refused):
        contributions.begin(nina, content("To"), idempotency_key="k")
