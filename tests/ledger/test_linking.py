"""Accounts of people who sign in elsewhere: who is linked to whom, and who is not."""

from __future__ import annotations

import pytest

from coi_graph.errors import NotFound
from coi_graph.ledger import events
from coi_graph.ledger.accounts import Accounts
from coi_graph.ledger.database import Ledger
from coi_graph.ledger.errors import Conflict, NotSignedIn, Refused
from coi_graph.ledger.states import Role

PASSWORD = "fire ord i træk"
SUBJECT = "https://login.example.org 0123"


def test_an_invitation_is_accepted_once(ledger: Ledger, accounts: Accounts) -> None:
    accounts.create("nina", Role.CONTRIBUTOR)
    secret = accounts.invite("nina")
    assert accounts.invited("coi_guess") is None
    nina = accounts.invited(secret)
    assert nina is not None
    assert accounts.accept_invitation_elsewhere(secret, SUBJECT) == nina
    assert accounts.of_subject(SUBJECT) == nina
    assert accounts.invited(secret) is None
    with pytest.raises(NotFound):
        accounts.accept_invitation_elsewhere(secret, "other")
    assert "account-linked" in [row["kind"] for row in events.since(ledger)]


def test_a_subject_belongs_to_one_account_and_an_account_to_one_subject(
    accounts: Accounts,
) -> None:
    nina = accounts.create("nina", Role.CONTRIBUTOR)
    rikke = accounts.create("rikke", Role.REVIEWER)
    accounts.link(nina, SUBJECT)
    accounts.link(nina, SUBJECT)
    with pytest.raises(Conflict):
        accounts.link(rikke, SUBJECT)
    with pytest.raises(Conflict):
        accounts.link(nina, "another")
    with pytest.raises(Refused):
        accounts.link(rikke, "x" * 501)
    session = accounts.begin_session(nina.id)
    accounts.unlink("nina")
    assert accounts.of_subject(SUBJECT) is None
    assert accounts.of_session(session) is None
    accounts.link(rikke, SUBJECT)
    assert accounts.of_subject(SUBJECT) == rikke


def test_an_address_links_what_nobody_has_used_yet(accounts: Accounts) -> None:
    made = accounts.create("nina", Role.CONTRIBUTOR, email="Nina@example.org")
    accounts.create("with-password", Role.CONTRIBUTOR, email="p@example.org", password=PASSWORD)
    for name in ("twin-1", "twin-2"):
        accounts.create(name, Role.CONTRIBUTOR, email="twins@example.org")
    accounts.create("without", Role.CONTRIBUTOR)
    assert accounts.link_by_email("nina@example.org", SUBJECT) == made
    for address in ("nina@example.org", "p@example.org", "twins@example.org", "", "%"):
        assert accounts.link_by_email(address, "another") is None


def test_the_disabled_stay_outside(accounts: Accounts) -> None:
    nina = accounts.create("nina", Role.CONTRIBUTOR)
    accounts.link(nina, SUBJECT)
    accounts.create("gone", Role.CONTRIBUTOR, email="gone@example.org")
    secret = accounts.invite("gone")
    for name in ("nina", "gone"):
        accounts.disable(name)
    assert accounts.of_subject(SUBJECT) is None
    assert accounts.link_by_email("gone@example.org", "another") is None
    assert accounts.invited(secret) is None


def test_a_password_is_changed_by_who_knows_it(accounts: Accounts) -> None:
    nina = accounts.create("nina", Role.CONTRIBUTOR, password=PASSWORD)
    _, before = accounts.sign_in("nina", PASSWORD, "c")
    with pytest.raises(NotSignedIn):
        accounts.change_password(nina, "forkert ord i træk", "noget helt andet", "c")
    with pytest.raises(Refused):
        accounts.change_password(nina, PASSWORD, "kort", "c")
    after = accounts.change_password(nina, PASSWORD, "noget helt andet", "c")
    assert (accounts.of_session(before), accounts.of_session(after)) == (None, nina)
    with pytest.raises(NotSignedIn):
        accounts.sign_in("nina", PASSWORD, "c")
