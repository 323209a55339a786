"""``coi-graph serve``: build what is missing, then answer."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from .. import config
from ..i18n import Message
from ..publishing.releases import Releases
from .output import say


def command(
    home_option: Callable[..., Any], build: Callable[[config.Config, str], None]
) -> click.Command:
    @click.command("serve")
    @home_option
    @click.option("--host", help="Network address to listen on.")
    @click.option("--port", type=int, help="Port to listen on.")
    @click.option("--sources", type=click.Path(path_type=Path), help="Folder of the files.")
    @click.option("--examples/--no-examples", default=None, help="Publish the invented examples.")
    @click.option("--no-build", is_flag=True, help="Serve what there is.")
    def serve(
        home: Path | None,
        lang: str,
        host: str | None,
        port: int | None,
        sources: Path | None,
        examples: bool | None,
        no_build: bool,
    ) -> None:
        """Build a release if the files have changed, then serve it."""
        settings = config.load(home=home, host=host, port=port, sources=sources, examples=examples)
        if not no_build:
            build(settings, lang)
        release = Releases(settings.releases).current()
        release.verify()
        say(
            Message(
                "release %(number)s at %(url)s (Ctrl-C ends)",
                number=release.number,
                url=settings.site,
            ),
            lang,
        )
        run(settings)

    return serve


def run(settings: config.Config) -> None:
    """Starts the web server in this process and blocks until it ends."""
    from granian import Granian
    from granian.constants import Interfaces

    # The web processes read their settings from the environment, like any other.
    os.environ.update(config.as_environment(settings))
    Granian(
        "coi_graph.web.app:create_app",
        factory=True,
        address=settings.host,
        port=settings.port,
        interface=Interfaces.WSGI,
        workers=settings.web_workers,
        blocking_threads=settings.web_threads,
        log_access=False,
        respawn_failed_workers=True,
    ).serve()
