"""Letters are written with the decision, taken by one sender, and never lost."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from samples import content
from sqlalchemy import select, update

from coi_graph.ledger import clock
from coi_graph.ledger.accounts import Accounts, Actor
from coi_graph.ledger.contributions import Contributions
from coi_graph.ledger.database import Ledger
from coi_graph.ledger.errors import Conflict, Refused
from coi_graph.ledger.letters import LONGEST_DAYS, Letters, Outgoing
from coi_graph.ledger.schema import Letter
from coi_graph.ledger.states import Role


@pytest.fixture
def letters(ledger: Ledger) -> Letters:
    return Letters(ledger)


@pytest.fixture
def nina(accounts: Accounts) -> Actor:
    return accounts.create("nina", Role.CONTRIBUTOR, email="nina@example.org", language="en")


@pytest.fixture
def rikke(actor: Callable[..., Actor]) -> Actor:
    return actor("rikke", Role.REVIEWER)


def submitted(contributions: Contributions, nina: Actor, name: str = "x") -> int:
    made = contributions.begin(nina, content(name=name))
    contributions.submit(nina, made.id)
    return made.id


def make_due(ledger: Ledger) -> None:
    with ledger.writing() as session:
        session.execute(update(Letter).where(Letter.due_at.is_not(None)).values(due_at=clock.now()))


def test_each_outcome_is_a_letter(
    contributions: Contributions, letters: Letters, nina: Actor, rikke: Actor
) -> None:
    accepted = submitted(contributions, nina, "a")
    returned = submitted(contributions, nina, "b")
    assert not letters.is_any_due()
    contributions.accept(rikke, accepted, 1)
    contributions.give_back(rikke, returned, "Navnet mangler.")
    contributions.set_aside(accepted, {"results": []})
    assert letters.is_any_due()
    found = letters.take()
    assert [(one.kind, one.contribution_id) for one in found] == [
        ("accepted", accepted), ("returned", returned), ("set-aside", accepted),
    ]  # fmt: skip
    assert {(one.to, one.language, one.title) for one in found} == {
        ("nina@example.org", "en", "Fælles morgenmad")
    }
    assert "Navnet mangler" not in repr(found)


def test_a_decision_that_fails_writes_no_letter(
    contributions: Contributions, letters: Letters, nina: Actor, rikke: Actor
) -> None:
    made = submitted(contributions, nina)
    with pytest.raises(Conflict):
        contributions.accept(rikke, made, 7)
    assert not letters.is_any_due()


def test_nobody_is_written_to_without_an_address(
    contributions: Contributions, letters: Letters, accounts: Accounts,
    actor: Callable[..., Actor], rikke: Actor,
) -> None:  # fmt: skip
    contributions.accept(rikke, submitted(contributions, actor("otto")), 1)
    gone = accounts.create("gone", Role.CONTRIBUTOR, email="gone@example.org")
    made = submitted(contributions, gone, "y")
    accounts.disable("gone")
    contributions.accept(rikke, made, 1)
    assert letters.take() == []


def test_a_letter_is_taken_by_one(
    contributions: Contributions, letters: Letters, nina: Actor, rikke: Actor
) -> None:
    for number in range(12):
        contributions.accept(rikke, submitted(contributions, nina, f"n{number}"), 1)

    def take(_: int) -> list[Outgoing]:
        return letters.take(most=3)

    with ThreadPoolExecutor(6) as pool:
        taken = [one.id for batch in pool.map(take, range(6)) for one in batch]
    assert len(taken) == len(set(taken)) == 12


def test_what_its_sender_did_not_finish_comes_again(
    ledger: Ledger, contributions: Contributions, letters: Letters, nina: Actor, rikke: Actor
) -> None:
    contributions.accept(rikke, submitted(contributions, nina), 1)
    (first,) = letters.take()
    assert letters.take() == [], "somebody is sending it"
    make_due(ledger)  # its sender was killed, and the minutes have passed
    (again,) = letters.take()
    assert (again.id, again.attempts) == (first.id, 2)
    letters.sent(again.id)
    make_due(ledger)
    assert letters.take() == []


def test_pauses_grow_and_end(
    ledger: Ledger, contributions: Contributions, letters: Letters, nina: Actor, rikke: Actor
) -> None:
    contributions.accept(rikke, submitted(contributions, nina), 1)
    pauses = []
    for _ in range(12):
        (one,) = letters.take()
        letters.put_off(one.id)
        with ledger.reading() as session:
            due = session.scalars(select(Letter.due_at)).one()
        assert due is not None
        pauses.append((clock.moment(due) - clock.moment(clock.now())).total_seconds() / 60)
        make_due(ledger)
    assert [round(pause) for pause in pauses[:4]] == [1, 2, 4, 8]
    assert max(pauses) <= 360
    with ledger.writing() as session:
        session.execute(update(Letter).values(created_at=clock.after(days=-LONGEST_DAYS - 1)))
    assert letters.take() == []
    assert not letters.is_any_due(), "given up"


@pytest.mark.parametrize(
    "email", ["nina", "nina@", "a b@example.org", "a@example.org\nBcc: b@example.org", "a" * 255]
)
def test_an_address_that_is_none(accounts: Accounts, email: str) -> None:
    with pytest.raises(Refused):
        accounts.create("nina", Role.CONTRIBUTOR, email=email)
