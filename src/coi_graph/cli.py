"""The command line. Every command takes ``--home``; exit codes are in `coi_graph.errors`."""

from __future__ import annotations

import io
import itertools
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from . import __version__
from .errors import EXIT_NO, EXIT_STATE, CoiError
from .i18n import LANGUAGES


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


#: Command → where it is made: a module of `coi_graph.commands`, and a function of it.
_COMMANDS = {
    "account": ("account", "group"),
    "build": ("build", "build_command"),
    "contribute": ("contribute", "command"),
    "follow": ("follow", "command"),
    "load": ("build", "load_command"),
    "query": ("query", "command"),
    "release": ("release", "group"),
    "serve": ("serve", "command"),
    "validate": ("validate", "command"),
}


class _Lazy(click.Group):
    """Loads the command that is asked for, and no other: all of them take half a second."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        module, maker = _COMMANDS[cmd_name]
        if cmd_name not in self.commands:
            make = getattr(import_module(f".commands.{module}", __package__), maker)
            self.commands[cmd_name] = make(home_option)
        return self.commands[cmd_name]


@click.group(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="coi-graph")
def cli() -> None:
    """COI's strategic framework as a published knowledge graph."""


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
