"""A server with its publisher, and what programs and people need to send and to review."""

from __future__ import annotations

import json
import shutil
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from coi_graph import config
from coi_graph.ledger.accounts import Accounts, Scope
from coi_graph.ledger.database import Ledger
from coi_graph.ledger.states import Role
from environment import ROOT, Server

BASE = "https://w3id.org/coi-graph/"
PREFIXES = f"""@prefix coi: <{BASE}def/> .
@prefix dct: <http://purl.org/dc/terms/> .
@prefix org: <http://www.w3.org/ns/org#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
"""
PATIENCE = 30.0


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Any
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Site:
    """A server with a publisher, and tokens of a contributor, a reviewer and an administrator."""

    server: Server
    home: Path
    tokens: dict[str, str]
    environment: dict[str, str]

    def ask(
        self,
        who: str | None,
        path: str,
        body: bytes | dict[str, Any] | None = None,
        method: str | None = None,
        **headers: str,
    ) -> Answer:
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        if who is not None:
            given["Authorization"] = f"Bearer {self.tokens[who]}"
        if isinstance(body, dict):
            body = json.dumps(body).encode()
            given.setdefault("Content-Type", "application/json")
        request = urllib.request.Request(
            self.server.url + path, data=body, headers=given, method=method
        )
        try:
            with urllib.request.urlopen(request, timeout=120) as response:
                return Answer(response.status, response.headers, response.read())
        except urllib.error.HTTPError as error:
            return Answer(error.code, error.headers, error.read())

    def send(self, who: str, turtle: str, query: str = "", **headers: str) -> Answer:
        headers.setdefault("Content_Type", "text/turtle")
        return self.ask(who, f"/api/contributions{query}", (PREFIXES + turtle).encode(), **headers)

    def state(self, id: int) -> str:
        found: str = self.ask("reviewer", f"/api/contributions/{id}").json["state"]
        return found

    def published(self, id: int) -> float:
        """Seconds until it is; fails after `PATIENCE`."""
        started = time.monotonic()
        while self.state(id) != "published":
            assert time.monotonic() - started < PATIENCE, self.server.log.read_text()
            time.sleep(0.1)
        return time.monotonic() - started


def workplace(name: str, title: str = "Eksempel: Biblioteket på torvet") -> str:
    """A record that conforms: two titles, a kind, a level and a place."""
    return f"""<{BASE}id/workplace/{name}> a coi:Workplace ;
  skos:prefLabel "{title}"@da , "Example: The library on the square"@en ;
  org:classification <{BASE}id/actor-category/public-workplace> ;
  coi:governmentLevel <{BASE}id/government-level/municipality> ;
  coi:country <http://publications.europa.eu/resource/authority/country/DNK> .
"""


PASSWORD = "fire ord på en række"


def open_site(
    home: Path, folder: Path, start_server: Callable[..., Server], ledger_url: str = ""
) -> Site:
    """Over a copy of ``home`` in ``folder``. Each role has an account of its name, a token, and
    `PASSWORD`. ``ledger_url``: of another database than SQLite in the home folder."""
    own = folder / "home"
    # Another test's server may have made a ledger there.
    shutil.copytree(home, own, symlinks=True, ignore=shutil.ignore_patterns("ledger.sqlite*"))
    ledger = Ledger.open(config.load({"COI_LEDGER": ledger_url}, home=own))
    accounts = Accounts(ledger)
    tokens = {}
    for role in Role:
        accounts.create(role.value, role, password=PASSWORD)
        tokens[role.value] = accounts.make_token(role.value, "test", frozenset(Scope))
    ledger.close()
    environment = {"COI_SOURCES": str(ROOT), "COI_EXAMPLES": "1", "COI_PUBLISH": "at once"}
    if ledger_url:
        environment["COI_LEDGER"] = ledger_url
    return Site(start_server(own, **environment), own, tokens, environment)
