"""The command line. Every command takes ``--home``; exit codes are in `coi_graph.errors`."""

from __future__ import annotations

import io
import itertools
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from . import __version__, config
from .commands import account, contribute, follow, publisher, query, release, serve, validate
from .commands.output import progress, say
from .errors import EXIT_NO, EXIT_STATE, CoiError
from .i18n import LANGUAGES, Message
from .publishing import build as building
from .publishing import loads
from .publishing import push as pushing
from .publishing.manifest import Manifest
from .validation import check, document, engine, rendering
from .validation.report import Report


def home_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Gives a command ``--home`` and ``--lang`` and hands it the configuration."""
    command = click.option(
        "--home", type=click.Path(path_type=Path), help="Folder of the releases."
    )(command)
    return click.option(
        "--lang",
        type=click.Choice(LANGUAGES),
        default="en",
        show_default=True,
        help="Language of messages and reports.",
    )(command)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="coi-graph")
def cli() -> None:
    """COI's strategic framework as a published knowledge graph."""


@cli.command("build")
@home_option
@click.option("--sources", type=click.Path(path_type=Path), help="Folder of the files.")
@click.option("--examples/--no-examples", default=None, help="Publish the invented examples.")
@click.option("--skip-validation", is_flag=True, help="The release then says “not validated”.")
@click.option("--watch", is_flag=True, help="Go on, and publish what reviewers accept.")
@click.option("--parent", type=int, hidden=True)
def build_command(
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


@cli.command("load")
@home_option
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--graph", required=True, help="IRI of the named graph; its content is replaced.")
@click.option("--skip-validation", is_flag=True, help="The release then says “not validated”.")
def load_command(
    home: Path | None, lang: str, files: tuple[Path, ...], graph: str, skip_validation: bool
) -> None:
    """Bring bulk data into the next release, with progress."""
    settings = config.load(home=home)
    total = sum(path.stat().st_size for path in files)
    with progress(Message("reading"), total, lang) as told:
        taken = loads.take_in(settings.home, list(files), graph, told)
    say(Message("%(count)s quads for %(graph)s", count=taken.quads, graph=graph), lang)
    build(settings, lang, check=not skip_validation)


cli.add_command(serve.command(home_option, build))
cli.add_command(validate.command(home_option))
cli.add_command(account.group(home_option))
cli.add_command(contribute.command(home_option))
cli.add_command(query.command(home_option))
cli.add_command(follow.command(home_option))
cli.add_command(release.group(home_option, push))


def main() -> None:
    """The entry point: every error of ours becomes a sentence and an exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a terminal that knows fewer letters than we
            stream.reconfigure(errors="backslashreplace")
    arguments = sys.argv[1:]
    lang = "da" if "--lang=da" in arguments or "da" in _after(arguments, "--lang") else "en"
    try:
        cli(standalone_mode=False)
    except CoiError as error:
        click.echo(f"coi-graph: {error.message.in_language(lang)}", err=True)
        if error.remedy is not None:
            click.echo(f"  {error.remedy.in_language(lang)}", err=True)
        sys.exit(error.exit_code)
    except click.exceptions.Exit as error:
        sys.exit(error.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(130)
    except BrokenPipeError:
        sys.exit(EXIT_NO)
    except OSError as error:
        click.echo(f"coi-graph: {error}", err=True)
        sys.exit(EXIT_STATE)


def _after(arguments: list[str], option: str) -> list[str]:
    return [b for a, b in itertools.pairwise(arguments) if a == option]
