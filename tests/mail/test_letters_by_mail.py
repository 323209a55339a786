"""Letters through a real SMTP server: what they say, who gets them, and what happens when the
server refuses, is away, or has no certificate that holds."""

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
from mail_server import HOST, certificate, mail_server

from coi_graph import config
from coi_graph.errors import BadSetting
from coi_graph.ledger import clock
from coi_graph.ledger.accounts import Accounts, Actor
from coi_graph.ledger.contributions import Content, Contributions
from coi_graph.ledger.database import Ledger
from coi_graph.ledger.letters import Letters
from coi_graph.ledger.schema import Letter
from coi_graph.ledger.states import Role
from coi_graph.mail.postman import Postman

SITE = "https://example.org/coi/"


class Office:
    """A ledger with a contributor and a reviewer, and a mail server's address."""

    def __init__(self, home: Path, port: int, **more: object) -> None:
        given = {"smtp_tls": "none", "smtp_host": HOST, **more}
        self.settings = config.load(
            {}, home=home, public_url=SITE, smtp_port=port,
            smtp_sender="coi-graph@example.org", **given,
        )  # fmt: skip
        self.ledger = Ledger.open(self.settings)
        self.contributions = Contributions(self.ledger)
        self.number = 0

    def person(self, name: str, role: Role = Role.CONTRIBUTOR, **more: str) -> Actor:
        return Accounts(self.ledger).create(name, role, **more)

    def accepted(self, by: Actor, reviewer: Actor, title: str) -> int:
        self.number += 1
        subject = ox.NamedNode(f"https://w3id.org/coi-graph/id/innovation/{self.number}")
        quad = ox.Quad(subject, ox.NamedNode("http://purl.org/dc/terms/title"), ox.Literal(title))
        sent = Content("a.ttl", "text/turtle", b"x", (quad,), {}, (), 0, 1, title)
        made = self.contributions.begin(by, sent)
        self.contributions.submit(by, made.id)
        self.contributions.accept(reviewer, made.id, 1)
        return made.id

    def make_due(self) -> None:
        with self.ledger.writing() as session:
            for letter in session.query(Letter).where(Letter.due_at.is_not(None)):
                letter.due_at = clock.now()


@pytest.fixture
def port(free_port: Callable[[], int]) -> int:
    return free_port()


def test_in_the_language_of_the_recipient(tmp_path: Path, port: int) -> None:
    office = Office(tmp_path, port)
    reviewer = office.person("rikke", Role.REVIEWER)
    dane = office.person("nina", email="nina@example.org", language="da")
    guest = office.person("gwen", email="gwen@example.org", language="en")
    first = office.accepted(dane, reviewer, "Fælles morgenmad på Ærø")
    second = office.accepted(guest, reviewer, "Shared\nbreakfast\x07")
    with mail_server(port) as box:
        assert Postman(office.settings).deliver() == 2
    danish, english = box.taken
    assert box.recipients == [["nina@example.org"], ["gwen@example.org"]]
    assert danish["Subject"] == "Dit bidrag er godkendt: Fælles morgenmad på Ærø"
    assert english["Subject"] == "Your contribution has been accepted: Shared breakfast"
    assert f"{SITE}contributions/{first}?lang=da" in danish.get_content()
    assert f"{SITE}contributions/{second}?lang=en" in english.get_content()
    assert danish["From"] == "coi-graph@example.org"
    assert danish["Content-Language"] == "da"
    assert danish["Message-ID"] != english["Message-ID"]
    assert danish["Auto-Submitted"] == "auto-generated"


def test_nothing_of_a_review_but_title_and_address(tmp_path: Path, port: int) -> None:
    office = Office(tmp_path, port)
    reviewer, nina = office.person("rikke", Role.REVIEWER), office.person("nina", email="n@x.dk")
    quad = ox.Quad(ox.NamedNode("urn:x"), ox.NamedNode("urn:p"), ox.Literal("Indhold"))
    made = office.contributions.begin(
        nina, Content("hemmelig.ttl", "text/turtle", b"x", (quad,), {}, (), 0, 1, "Titel")
    )
    office.contributions.submit(nina, made.id)
    office.contributions.comment(reviewer, made.id, "En bemærkning")
    office.contributions.give_back(reviewer, made.id, "Årsagen")
    with mail_server(port) as box:
        assert Postman(office.settings).deliver() == 1
    whole = box.taken[0].as_string() + box.taken[0].get_content()
    assert "Titel" in whole
    for word in ("Indhold", "hemmelig", "bemærkning", "Årsagen", "rikke", "nina"):
        assert word not in whole


def test_a_server_that_is_away_or_busy_gets_it_later(tmp_path: Path, port: int) -> None:
    office = Office(tmp_path, port)
    reviewer, nina = office.person("rikke", Role.REVIEWER), office.person("nina", email="n@x.dk")
    office.accepted(nina, reviewer, "Et")
    postman = Postman(office.settings)
    assert postman.deliver() == 0, "nobody listens"
    assert postman.deliver() == 0, "and it is not asked again at once"
    office.make_due()
    with mail_server(port) as box:
        box.refusals = ["451 4.7.1 greylisted, come back"]
        assert postman.deliver() == 0
        office.make_due()
        assert postman.deliver() == 1
        office.make_due()
        assert postman.deliver() == 0
    assert len(box.taken) == 1


def test_one_that_is_never_taken_holds_up_no_other(tmp_path: Path, port: int) -> None:
    office = Office(tmp_path, port)
    reviewer = office.person("rikke", Role.REVIEWER)
    gone = office.person("gone", email="nobody@example.org")
    nina = office.person("nina", email="nina@example.org")
    office.accepted(gone, reviewer, "Et")
    office.accepted(nina, reviewer, "To")
    with mail_server(port) as box:
        assert Postman(office.settings).deliver() == 1
        office.make_due()
        assert not Letters(office.ledger).is_any_due(), "550 is for good"
    assert box.recipients == [["nina@example.org"]]


def test_twice_only_with_the_same_name(
    tmp_path: Path, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed between the server's 250 and our own note: it goes out again, and can be told."""
    office = Office(tmp_path, port)
    reviewer, nina = office.person("rikke", Role.REVIEWER), office.person("nina", email="n@x.dk")
    office.accepted(nina, reviewer, "Et")
    program = """
import os, signal, sys
from coi_graph import config
from coi_graph.ledger.letters import Letters
from coi_graph.mail.postman import Postman
Letters.sent = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
Postman(config.load()).deliver()
"""
    with mail_server(port) as box:
        done = subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, **config.as_environment(office.settings)}, timeout=60,
        )  # fmt: skip
        assert done.returncode == -signal.SIGKILL
        assert Postman(office.settings).deliver() == 0, "taken for some minutes"
        office.make_due()
        assert Postman(office.settings).deliver() == 1
    assert len({str(one["Message-ID"]) for one in box.taken}) == 1
    assert len(box.taken) == 2


def test_encrypted_and_with_a_password(
    tmp_path: Path, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    tls, trusted = certificate(tmp_path)
    more = {"smtp_host": "localhost", "smtp_tls": "starttls", "smtp_user": "coi"}
    office = Office(tmp_path, port, **more, smtp_password="hemmeligt")
    reviewer, nina = office.person("rikke", Role.REVIEWER), office.person("nina", email="n@x.dk")
    office.accepted(nina, reviewer, "Et")
    with mail_server(port, tls, "hemmeligt") as box:
        assert Postman(office.settings).deliver() == 0, "nobody we trust has signed it"
        assert box.users == []
        monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
        office.make_due()
        assert Postman(office.settings).deliver() == 1
    assert (box.users, box.encrypted) == (["coi"], [True])


@pytest.mark.parametrize("wrong", [{"smtp_tls": "ssl"}, {"smtp_sender": "coi"}])
def test_settings_that_will_not_do(wrong: dict[str, str]) -> None:
    given = {"smtp_host": HOST, "smtp_sender": "a@b.dk", **wrong}
    with pytest.raises(BadSetting, match=next(iter(wrong))):
        Postman(config.load({}, **given))


def test_the_password_is_read_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text("hemmeligt\n")
    loaded = config.load({"COI_SMTP_PASSWORD_FILE": str(file)}, home=tmp_path)
    assert loaded.smtp_password == "hemmeligt"
    assert "hemmeligt" not in repr(loaded)
    with pytest.raises(BadSetting, match="COI_SMTP_PASSWORD_FILE"):
        config.load({"COI_SMTP_PASSWORD_FILE": str(tmp_path / "none")}, home=tmp_path)


def test_beside_a_server(
    home: Path, tmp_path: Path, port: int, start_server: Callable[..., object]
) -> None:
    """The whole way: a decision in this process, the letter by the server's publisher."""
    office = Office(tmp_path, port)
    reviewer, nina = office.person("rikke", Role.REVIEWER), office.person("nina", email="n@x.dk")
    (tmp_path / "releases").symlink_to(home / "releases")
    with mail_server(port) as box:
        start_server(
            tmp_path, COI_PUBLISH="never", COI_SMTP_HOST=HOST, COI_SMTP_PORT=str(port),
            COI_SMTP_TLS="none", COI_SMTP_SENDER="coi-graph@example.org",
        )  # fmt: skip
        office.accepted(nina, reviewer, "Et")
        deadline = time.monotonic() + 20
        while not box.taken and time.monotonic() < deadline:
            time.sleep(0.1)
    assert len(box.taken) == 1
