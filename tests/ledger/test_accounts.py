"""Passwords, tokens, invitations, sessions: what is refused, what is kept, what ends."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select, update

from coi_graph import config
from coi_graph.errors import NotFound
from coi_graph.ledger import accounts as module
from coi_graph.ledger import events
from coi_graph.ledger.accounts import Accounts, Actor, Scope
from coi_graph.ledger.database import Ledger
from coi_graph.ledger.errors import Conflict, Forbidden, NotSignedIn, Refused, TooManyAttempts
from coi_graph.ledger.schema import Secret
from coi_graph.ledger.states import Role

PASSWORD = "fire ord i træk"


def test_signing_in_and_out(accounts: Accounts) -> None:
    made = accounts.create("nina", Role.REVIEWER, password=PASSWORD)
    actor, secret = accounts.sign_in("nina", PASSWORD, "127.0.0.1")
    assert actor == made
    assert accounts.of_session(secret) == made
    accounts.sign_out(secret)
    assert accounts.of_session(secret) is None


def test_wrong_name_and_wrong_password_look_alike(accounts: Accounts) -> None:
    accounts.create("nina", Role.REVIEWER, password=PASSWORD)
    accounts.create("invited", Role.REVIEWER)
    said = set()
    for name, password in (("nina", "forkert ord i træk"), ("nobody", PASSWORD), ("invited", "")):
        with pytest.raises(NotSignedIn) as caught:
            accounts.sign_in(name, password, "127.0.0.1")
        said.add(str(caught.value))
    assert len(said) == 1


def test_attempts_are_limited_by_name_and_by_client(accounts: Accounts) -> None:
    accounts.create("nina", Role.REVIEWER, password=PASSWORD)
    for number in range(module.MOST_ATTEMPTS):
        with pytest.raises(NotSignedIn):
            accounts.sign_in("nina", "forkert ord i træk", f"10.0.0.{number}")
    with pytest.raises(TooManyAttempts) as caught:
        accounts.sign_in("nina", PASSWORD, "10.0.0.99")
    assert caught.value.details["retry_after"] == 900
    accounts.create("other", Role.REVIEWER, password=PASSWORD)
    accounts.sign_in("other", PASSWORD, "10.0.0.99")
    for number in range(module.MOST_ATTEMPTS):
        with pytest.raises(NotSignedIn):
            accounts.sign_in(f"guess-{number}", "forkert ord i træk", "10.1.1.1")
    with pytest.raises(TooManyAttempts):
        accounts.sign_in("other", PASSWORD, "10.1.1.1")


def test_the_ledger_holds_no_secret_in_clear(settings: config.Config, tmp_path: Path) -> None:
    ledger = Ledger.open(settings)
    accounts = Accounts(ledger)
    accounts.create("nina", Role.REVIEWER, password=PASSWORD)
    token = accounts.make_token("nina", "ci", frozenset({Scope.CONTRIBUTE}))
    _, session = accounts.sign_in("nina", PASSWORD, "c")
    with ledger.reading() as read:
        kept = [row.digest for row in read.scalars(select(Secret))]
    hashed = accounts.all()[0].password_hash
    assert hashed.startswith("$argon2id$")
    for secret in (token, session, PASSWORD):
        assert secret not in hashed
        assert all(secret not in one for one in kept)
        assert len(token) >= 43  # 256 bits in base64
    ledger.close()
    if not settings.ledger:
        raw = b"".join(path.read_bytes() for path in tmp_path.glob("ledger*"))
        assert token.encode() not in raw
        assert PASSWORD.encode() not in raw


def test_a_token_reaches_as_far_as_its_scope(accounts: Accounts) -> None:
    accounts.create("robot", Role.REVIEWER)
    actor = accounts.of_token(accounts.make_token("robot", "sender", frozenset({Scope.CONTRIBUTE})))
    actor.must(Role.CONTRIBUTOR, Scope.CONTRIBUTE)
    with pytest.raises(Forbidden):
        actor.must(Role.REVIEWER, Scope.REVIEW)
    with pytest.raises(Forbidden):
        accounts.create("small", Role.CONTRIBUTOR).must(Role.REVIEWER, Scope.REVIEW)


def test_a_token_ends(ledger: Ledger, accounts: Accounts) -> None:
    accounts.create("robot", Role.CONTRIBUTOR)
    everything = frozenset(Scope)
    revoked = accounts.make_token("robot", "a", everything)
    old = accounts.make_token("robot", "b", everything)
    of_disabled = accounts.make_token("robot", "c", everything)
    accounts.revoke_token(accounts.tokens("robot")[0].id)
    with ledger.writing() as session:
        session.execute(
            update(Secret).where(Secret.label == "b").values(expires_at="2026-01-01T00:00:00Z")
        )
    assert accounts.of_token(of_disabled).name == "robot"
    accounts.disable("robot")
    for token in (revoked, old, of_disabled, "coi_guess", ""):
        with pytest.raises(NotSignedIn):
            accounts.of_token(token)


def test_a_session_is_no_token_and_a_token_no_session(accounts: Accounts) -> None:
    accounts.create("nina", Role.REVIEWER, password=PASSWORD)
    _, session = accounts.sign_in("nina", PASSWORD, "c")
    token = accounts.make_token("nina", "x", frozenset(Scope))
    with pytest.raises(NotSignedIn):
        accounts.of_token(session)
    assert accounts.of_session(token) is None


def test_an_invitation_sets_a_password_once(accounts: Accounts) -> None:
    accounts.create("nina", Role.CONTRIBUTOR)
    first = accounts.invite("nina")
    second = accounts.invite("nina")
    with pytest.raises(NotFound):
        accounts.accept_invitation(first, PASSWORD)
    with pytest.raises(Refused):
        accounts.accept_invitation(second, "kort")
    accounts.accept_invitation(second, PASSWORD)
    assert accounts.sign_in("nina", PASSWORD, "c")[0].name == "nina"
    with pytest.raises(NotFound):
        accounts.accept_invitation(second, "et andet langt ord")


def test_a_new_password_ends_the_sessions(accounts: Accounts) -> None:
    accounts.create("nina", Role.REVIEWER, password=PASSWORD)
    _, session = accounts.sign_in("nina", PASSWORD, "c")
    accounts.set_password("nina", "noget helt andet")
    assert accounts.of_session(session) is None
    with pytest.raises(NotSignedIn):
        accounts.sign_in("nina", PASSWORD, "c")


@pytest.mark.parametrize("name", ["", "x", "Nina", "nina æ", "a b", ".nina", "n" * 81, "nina\n"])
def test_a_name_that_will_not_do(accounts: Accounts, name: str) -> None:
    with pytest.raises(Refused):
        accounts.create(name, Role.CONTRIBUTOR)


def test_a_name_is_taken_once(accounts: Accounts) -> None:
    accounts.create("nina", Role.CONTRIBUTOR)
    with pytest.raises(Conflict):
        accounts.create("nina", Role.REVIEWER)


def test_the_signing_key_is_one_for_all(settings: config.Config) -> None:
    keys = set()
    for _ in range(2):
        ledger = Ledger.open(settings)
        keys.add(Accounts(ledger).signing_key())
        ledger.close()
    assert len(keys) == 1
    assert len(keys.pop()) == 32


def test_what_administrators_do_is_on_the_record(
    ledger: Ledger, accounts: Accounts, actor: Callable[..., Actor]
) -> None:
    chief = actor("chief", Role.ADMINISTRATOR)
    accounts.create("nina", Role.CONTRIBUTOR, by=chief)
    accounts.set_role("nina", Role.REVIEWER, by=chief)
    accounts.disable("nina", by=chief)
    assert [(row["kind"], row["account"]) for row in events.since(ledger)] == [
        ("account-created", None),
        ("account-created", "chief"),
        ("account-role", "chief"),
        ("account-disabled", "chief"),
    ]
