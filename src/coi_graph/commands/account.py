"""``coi-graph account …``: who may contribute, review and administer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .. import config
from ..errors import BadRequest
from ..i18n import LANGUAGES, Message
from ..ledger.actor import Scope
from ..ledger.states import Role
from .output import say

if TYPE_CHECKING:
    from ..ledger.accounts import Accounts

_ROLES = click.Choice([role.value for role in Role])


@contextmanager
def _accounts(home: Path | None) -> Iterator[tuple[Accounts, config.Config]]:
    from ..ledger.accounts import Accounts  # with SQLAlchemy, which takes long
    from ..ledger.database import Ledger

    settings = config.load(home=home)
    ledger = Ledger.open(settings)
    try:
        yield Accounts(ledger), settings
    finally:
        ledger.close()


def group(home_option: Callable[..., Any]) -> click.Group:
    @click.group("account")
    def account() -> None:
        """Create, invite and disable accounts; make and revoke tokens."""

    @account.command("create")
    @home_option
    @click.argument("name")
    @click.option("--role", type=_ROLES, default=Role.CONTRIBUTOR.value, show_default=True)
    @click.option("--organisation", default="", help="IRI of the organisation in the graph.")
    @click.option("--email", default="", help="Where the outcome of a review is sent.")
    @click.option("--language", type=click.Choice(LANGUAGES), default="da", show_default=True)
    def create(
        home: Path | None,
        lang: str,
        name: str,
        role: str,
        organisation: str,
        email: str,
        language: str,
    ) -> None:
        """Make an account and print the address at which its holder sets a password."""
        with _accounts(home) as (accounts, settings):
            accounts.create(
                name, Role(role), organisation=organisation, email=email, language=language
            )
            click.echo(f"{settings.site}invitation/{accounts.invite(name)}")
            say(Message("Hand this address over. It works once, for two weeks."), lang)

    @account.command("invite")
    @home_option
    @click.argument("name")
    def invite(home: Path | None, lang: str, name: str) -> None:
        """Print a new address at which the holder of NAME sets a password."""
        with _accounts(home) as (accounts, settings):
            click.echo(f"{settings.site}invitation/{accounts.invite(name)}")
            say(Message("Hand this address over. It works once, for two weeks."), lang)

    @account.command("list")
    @home_option
    def list_(home: Path | None, lang: str) -> None:
        """One line an account."""
        with _accounts(home) as (accounts, _):
            for one in accounts.all():
                note = Message("disabled").in_language(lang) if one.disabled_at else ""
                click.echo(f"{one.name}\t{one.role}\t{one.organisation}\t{note}".rstrip())

    @account.command("role")
    @home_option
    @click.argument("name")
    @click.argument("role", type=_ROLES)
    def role(home: Path | None, lang: str, name: str, role: str) -> None:
        """Give NAME another role."""
        with _accounts(home) as (accounts, _):
            accounts.set_role(name, Role(role))

    @account.command("disable")
    @home_option
    @click.argument("name")
    def disable(home: Path | None, lang: str, name: str) -> None:
        """End the account's sessions and tokens for good; what it did stays on record."""
        with _accounts(home) as (accounts, _):
            accounts.disable(name)

    @account.command("unlink")
    @home_option
    @click.argument("name")
    def unlink(home: Path | None, lang: str, name: str) -> None:
        """Separate NAME from the account that signs in elsewhere (OpenID Connect)."""
        with _accounts(home) as (accounts, _):
            accounts.unlink(name)

    @account.command("token")
    @home_option
    @click.argument("name")
    @click.option("--label", default="", help="What it is for.")
    @click.option(
        "--scope",
        "scopes",
        multiple=True,
        type=click.Choice([scope.value for scope in Scope]),
        default=[Scope.CONTRIBUTE.value],
        show_default=True,
        help="May be given several times.",
    )
    @click.option("--days", type=click.IntRange(1, 3650), default=365, show_default=True)
    @click.option("--list", "listing", is_flag=True, help="Show the tokens there are.")
    @click.option("--revoke", type=int, help="Number of the token to end.")
    def token(
        home: Path | None,
        lang: str,
        name: str,
        label: str,
        scopes: tuple[str, ...],
        days: int,
        listing: bool,
        revoke: int | None,
    ) -> None:
        """Print a new token for a program of NAME; nobody can be shown it again."""
        with _accounts(home) as (accounts, _):
            if listing:
                for one in accounts.tokens(name):
                    ends = one.ended_at or one.expires_at or ""
                    click.echo(f"{one.id}\t{one.label}\t{one.scope}\t{ends}")
            elif revoke is not None:
                if revoke not in {one.id for one in accounts.tokens(name)}:
                    raise BadRequest(
                        Message("%(name)s has no token %(number)s", name=name, number=revoke)
                    )
                accounts.revoke_token(revoke)
            else:
                click.echo(
                    accounts.make_token(name, label, frozenset(map(Scope, scopes)), days=days)
                )

    return account
