"""Signing in with an OpenID provider: a real server, a real provider, a client with cookies."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from joserfc.jwk import RSAKey
from openid_provider import CLIENT, SECRET, OpenIdProvider, openid_provider
from web_people import Person

from coi_graph import config
from coi_graph.errors import BadSetting
from coi_graph.ledger.accounts import Accounts
from coi_graph.ledger.database import Ledger
from coi_graph.ledger.states import Role
from coi_graph.web.openid import Provider
from contributing_site import PASSWORD
from environment import ROOT, Server


class Place:
    """A server, its provider, and its accounts."""

    def __init__(self, server: Server, provider: OpenIdProvider, home: Path) -> None:
        self.server, self.provider = server, provider
        self.accounts = Accounts(Ledger.open(config.load({}, home=home)))

    def browser(self) -> Person:
        return Person(self.server.url)


@pytest.fixture(scope="module")
def place(
    home: Path,
    tmp_path_factory: pytest.TempPathFactory,
    start_server: Callable[..., Server],
    free_port: Callable[[], int],
) -> Iterator[Place]:
    own = tmp_path_factory.mktemp("openid") / "home"
    shutil.copytree(home, own, symlinks=True)
    with openid_provider(free_port()) as provider:
        server = start_server(
            own, COI_SOURCES=str(ROOT), COI_OPENID_ISSUER=provider.issuer, COI_WEB_WORKERS="1",
            COI_OPENID_CLIENT=CLIENT, COI_OPENID_SECRET=SECRET, COI_OPENID_NAME="Kommunens login",
        )  # fmt: skip
        yield Place(server, provider, own)


@pytest.fixture(autouse=True)
def honest(place: Place) -> None:
    place.provider.lies = {}
    place.provider.algorithm, place.provider.signed_with = "RS256", None


def name_on(page: requests.Response) -> str | None:
    """Whose account page it is."""
    found = re.search(r"<dt>Account name</dt><dd>([^<]+)</dd>", page.text)
    return found[1] if found else None


def test_an_invitation_is_accepted_and_then_the_subject_counts(place: Place) -> None:
    place.accounts.create("nina", Role.CONTRIBUTOR)
    secret = place.accounts.invite("nina")
    place.provider.user = {"sub": "0-nina", "email": "nina@example.org", "email_verified": False}
    browser = place.browser()
    page = browser.get(f"/invitation/{secret}?lang=en")
    assert "Kommunens login" in page.text
    asked = browser.get(f"/sign-in/openid?invitation={secret}&lang=en")
    assert asked.status_code == 200, asked.text
    assert ("nina" in asked.text, name_on(asked)) == (True, None), "a question first"
    assert place.accounts.of_subject(f"{place.provider.issuer} 0-nina") is None
    browser.send(asked, "/account/openid")
    assert name_on(browser.get("/account?lang=en")) == "nina"
    assert place.accounts.invited(secret) is None, "used"

    again = place.browser()
    place.provider.user = {"sub": "0-nina"}
    assert name_on(again.get("/sign-in/openid?next=/account%3Flang%3Den")) == "nina"
    asked_for = place.provider.asked[-1]
    assert {"openid", "email"} <= set(asked_for["scope"].split())
    assert asked_for["redirect_uri"] == f"{place.server.url}/sign-in/openid/back"
    assert asked_for["state"]
    assert asked_for["nonce"]


def test_who_has_a_password_links_the_account_when_signed_in(place: Place) -> None:
    place.accounts.create("rikke", Role.REVIEWER, password=PASSWORD, email="rikke@example.org")
    place.provider.user = {"sub": "rikke", "email": "rikke@example.org", "email_verified": True}
    stranger = place.browser().get("/sign-in/openid?lang=en")
    assert stranger.status_code == 403, "an address opens no account that has a password"
    browser = place.browser()
    assert name_on(browser.sign_in("rikke")) == "rikke"
    asked = browser.get("/sign-in/openid?lang=en")
    assert "rikke@example.org" in asked.text
    # Another site's form has no token, so it links nothing.
    refused = browser.session.post(place.server.url + "/account/openid", timeout=30)
    assert refused.status_code == 400
    browser.send(asked, "/account/openid")
    assert name_on(place.browser().get("/sign-in/openid?next=/account%3Flang%3Den")) == ("rikke")


@pytest.mark.parametrize(
    ("verified", "status"), [(True, 200), (False, 403), ("true", 403), (None, 403)]
)
def test_an_address_counts_only_where_it_is_verified(
    place: Place, verified: Any, status: int
) -> None:
    name = f"mail-{str(verified).lower()}-{status}"
    place.accounts.create(name, Role.CONTRIBUTOR, email=f"{name}@example.org")
    place.provider.user = {"sub": name, "email": f"{name}@Example.org"}
    if verified is not None:
        place.provider.user["email_verified"] = verified
    got = place.browser().get("/sign-in/openid?next=/account%3Flang%3Den")
    assert got.status_code == status
    assert name_on(got) == (name if status == 200 else None)


def test_nobody_and_the_disabled_stay_outside(place: Place) -> None:
    place.provider.user = {"sub": "stranger", "email": "s@example.org", "email_verified": True}
    assert place.browser().get("/sign-in/openid").status_code == 403
    place.accounts.create("gone", Role.CONTRIBUTOR, email="gone@example.org")
    place.provider.user = {"sub": "gone", "email": "gone@example.org", "email_verified": True}
    browser = place.browser()
    assert browser.get("/sign-in/openid").status_code == 200
    place.accounts.disable("gone")
    assert place.browser().get("/sign-in/openid").status_code == 403
    assert name_on(browser.get("/account?lang=en")) is None


def test_two_accounts_cannot_have_one_subject(place: Place) -> None:
    place.accounts.create("first", Role.CONTRIBUTOR, email="first@example.org")
    place.accounts.create("second", Role.CONTRIBUTOR, password=PASSWORD)
    place.provider.user = {"sub": "one", "email": "first@example.org", "email_verified": True}
    place.browser().get("/sign-in/openid")
    browser = place.browser()
    browser.sign_in("second")
    got = browser.get("/sign-in/openid?next=/account%3Flang%3Den")
    assert name_on(got) == "first", "who the provider knows is who signs in"
    place.accounts.unlink("first")
    assert place.accounts.of_subject(f"{place.provider.issuer} one") is None


@pytest.mark.parametrize(
    "lies",
    [
        {"iss": "https://evil.example.org"},
        {"aud": "another-client"},
        {"aud": "another-client", "azp": CLIENT},
        {"nonce": "from-another-sign-in"},
        {"nonce": None},
        {"exp": 1},
        {"sub": ""},
        {"sub": None},
        {"state": "guessed"},
    ],
)
def test_a_token_that_does_not_hold(place: Place, lies: dict[str, Any]) -> None:
    place.accounts.create(f"victim-{abs(hash(str(lies)))}", Role.ADMINISTRATOR)
    place.provider.user = {"sub": "0-nina"}
    place.provider.lies = lies
    got = place.browser().get("/sign-in/openid?next=/account%3Flang%3Den")
    assert (got.status_code, name_on(got)) == (401, None), got.text


@pytest.mark.parametrize("how", ["none", "another key"])
def test_a_signature_that_does_not_hold(place: Place, how: str) -> None:
    place.provider.user = {"sub": "0-nina"}
    if how == "none":
        place.provider.algorithm = "none"
    else:
        place.provider.signed_with = RSAKey.generate_key(2048, {"kid": "a"})
    got = place.browser().get("/sign-in/openid?next=/account%3Flang%3Den")
    assert (got.status_code, name_on(got)) == (401, None)


def test_an_answer_is_good_for_the_browser_that_asked_and_once(place: Place) -> None:
    place.provider.user = {"sub": "0-nina"}
    browser = place.browser()
    step = browser.session.get(
        place.server.url + "/sign-in/openid", allow_redirects=False, timeout=30
    )
    answer = requests.get(step.headers["Location"], allow_redirects=False, timeout=30)
    back = answer.headers["Location"]
    assert requests.get(back, timeout=30).status_code == 401, "another browser"
    exchanged = place.provider.exchanged
    assert browser.session.get(back, timeout=30).status_code == 200
    assert place.provider.exchanged == exchanged + 1
    assert browser.session.get(back, timeout=30).status_code == 401, "again"
    said = place.browser().get("/sign-in/openid/back?error=access_denied&state=x")
    assert said.status_code == 401


def test_nobody_is_sent_elsewhere(place: Place) -> None:
    place.provider.user = {"sub": "0-nina"}
    for wanted in ("https://evil.example/", "//evil.example/", "/\\evil.example"):
        browser = place.browser()
        browser.session.get(
            place.server.url + "/sign-in/openid", params={"next": wanted}, timeout=30
        )
        got = browser.session.get(place.server.url + "/account", timeout=30)
        assert got.url.startswith(place.server.url)


def test_a_new_password_needs_the_old_one(place: Place) -> None:
    place.accounts.create("changer", Role.CONTRIBUTOR, password=PASSWORD)
    browser, other = place.browser(), place.browser()
    page = browser.sign_in("changer")
    other.sign_in("changer")
    wrong = browser.send(page, "/account/password", old="forkert ord", new="noget langt nyt")
    assert wrong.status_code == 422
    short = browser.send(page, "/account/password", old=PASSWORD, new="kort")
    assert short.status_code == 422
    browser.send(page, "/account/password", old=PASSWORD, new="noget langt nyt")
    assert name_on(browser.get("/account?lang=en")) == "changer"
    assert name_on(other.get("/account?lang=en")) is None, "its session has ended"
    assert name_on(place.browser().sign_in("changer")) is None


def test_a_provider_that_is_away_or_calls_itself_something_else(
    home: Path, tmp_path: Path, start_server: Callable[..., Server], free_port: Callable[[], int]
) -> None:
    own = tmp_path / "home"
    own.mkdir()
    (own / "releases").symlink_to(home / "releases")
    port = free_port()
    server = start_server(
        own, COI_OPENID_ISSUER=f"http://127.0.0.1:{port}", COI_OPENID_CLIENT=CLIENT,
        COI_WEB_WORKERS="1",
    )  # fmt: skip
    begin = server.url + "/sign-in/openid"
    assert requests.get(begin, timeout=30).status_code == 503
    with openid_provider(port) as provider:
        provider.lies = {"metadata_issuer": "https://other.example.org"}
        assert requests.get(begin, timeout=30).status_code == 503
        provider.lies = {}
        step = requests.get(begin, allow_redirects=False, timeout=30)
        assert step.headers["Location"].startswith(provider.issuer + "/authorize?")
    assert requests.get(server.url + "/sign-in", timeout=30).status_code == 200


def test_without_the_setting_there_is_no_such_way(server: Server) -> None:
    assert requests.get(server.url + "/sign-in/openid", timeout=30).status_code == 404
    assert "/sign-in/openid" not in requests.get(server.url + "/sign-in", timeout=30).text


@pytest.mark.parametrize("issuer", ["http://login.example.org", "login.example.org", "ftp://x"])
def test_an_issuer_that_is_no_https_address(issuer: str) -> None:
    with pytest.raises(BadSetting, match="openid_issuer"):
        Provider(config.load({"COI_OPENID_ISSUER": issuer}))
