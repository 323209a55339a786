"""``coi-graph validate FILE…``."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from .. import config
from ..errors import EXIT_NO
from ..i18n import Message
from ..publishing.releases import Releases
from ..validation import contribution, engine, rendering
from .output import say


def command(home_option: Callable[..., Any]) -> click.Command:
    @click.command("validate")
    @home_option
    @click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
    @click.option(
        "--format",
        "form",
        type=click.Choice(["text", "json", "csv", "ttl"]),
        default="text",
        show_default=True,
    )
    def validate(home: Path | None, lang: str, files: tuple[Path, ...], form: str) -> None:
        """Check FILES against shapes, ontology and the current release.

        Exit code 0: they conform; 1: there are errors to mend; 2: a file cannot be read.
        """
        settings = config.load(home=home)
        sent = [contribution.read(path) for path in files]
        releases = Releases(settings.releases)
        if releases.current_number() is not None:
            base = engine.from_store(releases.current().open())
        else:
            say(Message("nothing is published yet: checking against the files"), lang)
            base = engine.from_sources(settings.sources, examples=settings.examples)
        found = contribution.validate(base, sent)
        names = engine.add(base, (quad for one in sent for quad in one.quads)).data

        def locate(node: Any) -> contribution.Place | None:
            return contribution.place_of(node, sent)

        if form == "json":
            text = rendering.as_json(found, names, locate)
        elif form == "csv":
            text = rendering.as_csv(found, names, lang, locate)
        elif form == "ttl":
            text = rendering.as_turtle(found)
        else:
            text = rendering.as_text(found, names, lang, locate)
        click.echo(text, nl=False)
        if not found.conforms:
            sys.exit(EXIT_NO)

    return validate
