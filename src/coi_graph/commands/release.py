"""``coi-graph release list | show N | diff N M | rollback N | dumps | verify``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from .. import config
from ..errors import ReleaseCorrupt
from ..i18n import Message
from ..publishing import dump_making, history
from ..publishing.build import publisher, tell_of_queries
from ..publishing.releases import Releases
from . import rehearse
from .build import push
from .output import say


def group(home_option: Callable[..., Any]) -> click.Group:
    @click.group("release")
    def release() -> None:
        """List, show, compare, verify and roll back releases."""

    @release.command("list")
    @home_option
    def list_(home: Path | None, lang: str) -> None:
        """One line a release, newest first."""
        releases = Releases(config.load(home=home).releases)
        current = releases.current_number()
        failure: ReleaseCorrupt | None = None
        for one in reversed(releases.all()):
            mark = "*" if one.number == current else " "
            try:
                m = one.manifest
            except ReleaseCorrupt as error:
                click.echo(f"{mark}{one.number:>6}  {error.message.in_language(lang)}")
                failure = error
                continue
            note = "" if one.is_readable else "  " + Message("pruned").in_language(lang)
            if m.rolled_back_to is not None:
                note += "  " + Message("= release %(n)s", n=m.rolled_back_to).in_language(lang)
            click.echo(
                f"{mark}{m.release:>6}  {m.issued}  {m.quads:>9}  +{m.added} −{m.removed}{note}"
            )
        if failure is not None:
            raise failure

    @release.command("show")
    @home_option
    @click.argument("number", type=int)
    def show(home: Path | None, lang: str, number: int) -> None:
        """The manifest of release NUMBER, as JSON."""
        releases = Releases(config.load(home=home).releases)
        click.echo(releases.get(number).manifest.to_json(), nl=False)

    @release.command("diff")
    @home_option
    @click.argument("first", type=int)
    @click.argument("second", type=int)
    def diff(home: Path | None, lang: str, first: int, second: int) -> None:
        """What turns release FIRST into SECOND: N-Quads with “+” or “-” before them."""
        releases = Releases(config.load(home=home).releases)
        releases.get(second)
        change = history.compare(releases, first, second)
        for sign, quads in (("-", change.removed), ("+", change.added)):
            for line in sorted(map(str, quads)):
                click.echo(f"{sign} {line} .")
        say(
            Message(
                "+%(added)s −%(removed)s", added=len(change.added), removed=len(change.removed)
            ),
            lang,
        )

    @release.command("rollback")
    @home_option
    @click.argument("number", type=int)
    def rollback(home: Path | None, lang: str, number: int) -> None:
        """A new release with the content of release NUMBER."""
        settings = config.load(home=home)
        made = history.rollback(settings, number)
        say(
            Message(
                "release %(made)s has the content of release %(number)s",
                made=made.number,
                number=number,
            ),
            lang,
        )
        push(settings, lang)

    @release.command("dumps")
    @home_option
    def dumps(home: Path | None, lang: str) -> None:
        """Make the dumps that are missing; whoever is killed here leaves those that are done."""
        settings = config.load(home=home)
        with publisher(settings) as releases:
            dump_making.keep_up(releases, settings.keep_dumps)
            if releases.current_number():
                tell_of_queries(releases, settings, lambda text: say(text, lang))

    @release.command("verify")
    @home_option
    @click.argument("numbers", nargs=-1, type=int)
    def verify(home: Path | None, lang: str, numbers: tuple[int, ...]) -> None:
        """Compare files and counts with the manifest; all kept releases unless NUMBERS are given.

        Exit code 4 when one does not verify.
        """
        releases = Releases(config.load(home=home).releases)
        chosen = (
            [releases.get(n) for n in numbers]
            if numbers
            else [one for one in releases.all() if one.is_readable]
        )
        if not chosen:
            releases.current()  # raises NoRelease
        failure: ReleaseCorrupt | None = None
        for one in chosen:
            try:
                one.verify()
                say(Message("release %(number)s verifies", number=one.number), lang)
            except ReleaseCorrupt as error:
                say(error.message, lang)
                failure = error
        if failure is not None:
            raise failure

    release.add_command(rehearse.command(home_option))
    return release
