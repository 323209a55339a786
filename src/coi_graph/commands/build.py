"""`coi-graph build` and `coi-graph load`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from .. import config
from ..i18n import Message
from ..publishing import build as building
from ..publishing import loads
from ..publishing import push as pushing
from ..publishing.manifest import Manifest
from ..validation import check, document, engine, rendering
from ..validation.report import Report
from . import publisher
from .output import progress, say


def build_command(home_option: Callable[..., Any]) -> click.Command:
    @click.command("build")
    @home_option
    @click.option("--sources", type=click.Path(path_type=Path), help="Folder of the files.")
    @click.option("--examples/--no-examples", default=None, help="Publish the invented examples.")
    @click.option("--skip-validation", is_flag=True, help="The release then says “not validated”.")
    @click.option("--watch", is_flag=True, help="Go on, and publish what reviewers accept.")
    @click.option("--parent", type=int, hidden=True)
    def command(
        home: Path | None,
        lang: str,
        sources: Path | None,
        examples: bool | None,
        skip_validation: bool,
        watch: bool,
        parent: int | None,
    ) -> None:
        """Make a new release from files, loads and accepted contributions, if anything changed."""
        settings = config.load(home=home, sources=sources, examples=examples)
        if watch:
            publisher.watch(settings, lang, lambda: push(settings, lang), parent)
        else:
            build(settings, lang, check=not skip_validation)

    return command


def load_command(home_option: Callable[..., Any]) -> click.Command:
    @click.command("load")
    @home_option
    @click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
    @click.option("--graph", required=True, help="IRI of the named graph; its content is replaced.")
    @click.option("--skip-validation", is_flag=True, help="The release then says “not validated”.")
    def command(
        home: Path | None, lang: str, files: tuple[Path, ...], graph: str, skip_validation: bool
    ) -> None:
        """Bring bulk data into the next release, with progress."""
        settings = config.load(home=home)
        total = sum(path.stat().st_size for path in files)
        with progress(Message("reading"), total, lang) as told:
            taken = loads.take_in(settings.home, list(files), graph, told)
        say(Message("%(count)s quads for %(graph)s", count=taken.quads, graph=graph), lang)
        build(settings, lang, check=not skip_validation)

    return command


def build(settings: config.Config, lang: str, *, check: bool = True) -> None:
    """Builds and tells; a violation is shown before the error goes on."""
    try:
        built = building.build(settings, tell=lambda text: say(text, lang), validate=check)
    except building.ViolationsFound as error:
        _show(error.report, settings, lang)
        raise
    if built.release is None:
        say(Message("nothing has changed: no new release"), lang)
    else:
        _tell(built.release.manifest, lang)
    if built.report is not None:
        say(document.summary(built.report.counts()), lang)
    push(settings, lang)


def push(settings: config.Config, lang: str) -> None:
    """Brings the remote engine to the newest release, where there is an engine; also one whose
    last push was stopped."""
    if settings.engine and pushing.push(settings, lambda text: say(text, lang)):
        say(Message("the engine holds the newest release"), lang)


def _tell(manifest: Manifest, lang: str) -> None:
    say(
        Message(
            "release %(number)s: %(quads)s quads in %(graphs)s graphs, +%(added)s −%(removed)s",
            number=manifest.release,
            quads=manifest.quads,
            graphs=len(manifest.graphs),
            added=manifest.added,
            removed=manifest.removed,
        ),
        lang,
    )


def _show(found: Report, settings: config.Config, lang: str) -> None:
    both = engine.from_sources(settings.sources, examples=settings.examples)
    click.echo(rendering.as_text(check.explained(found, both), lang), err=True)
