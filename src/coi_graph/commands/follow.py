"""``coi-graph follow URL``: a mirror of another coi-graph, and with ``--serve`` a read replica."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from .. import config
from ..following.follow import Follower, sleep
from ..i18n import Message
from ..publishing.releases import Releases
from . import serve
from .output import say
from .rehearse import left_alone


def command(home_option: Callable[..., Any]) -> click.Command:
    @click.command("follow")
    @home_option
    @click.argument("url")
    @click.option("--once", is_flag=True, help="Take over what is new, then end.")
    @click.option(
        "--interval",
        type=click.FloatRange(min=0.1),
        default=60.0,
        show_default=True,
        help="Seconds between two questions for news.",
    )
    @click.option("--dumps", is_flag=True, help="Make dumps too, for others to copy from here.")
    @click.option("--serve", "serving", is_flag=True, help="Serve the mirror too.")
    @click.option("--host", help="Network address to listen on, with --serve.")
    @click.option("--port", type=int, help="Port to listen on, with --serve.")
    @click.option("--with-parent", type=int, hidden=True)
    def follow(
        home: Path | None,
        lang: str,
        url: str,
        once: bool,
        interval: float,
        dumps: bool,
        serving: bool,
        host: str | None,
        port: int | None,
        with_parent: int | None,
    ) -> None:
        """Mirror the coi-graph at URL: its newest release, then what each later one changes.

        Exit code 4 when the publisher does not answer as it should; what is here stays.
        """
        settings = config.load(home=home, host=host, port=port)
        follower = Follower(settings, url, lambda text: say(text, lang), dumps=dumps)
        if with_parent is not None:
            follower.forever(interval, lambda seconds: left_alone(with_parent, seconds))
            return
        if serving and Releases(settings.releases).current_number() is not None:
            pass  # it is served at once; what is new comes while it is
        elif not follower.round() and once:
            say(Message("nothing new"), lang)
        if serving:
            _serve(settings, url, interval, lang, ["--dumps"] if dumps else [])
        elif not once:
            follower.forever(interval, sleep)

    return follow


def _serve(settings: config.Config, url: str, interval: float, lang: str, more: list[str]) -> None:
    """Serves in this process, follows in a child: what a publisher sends cannot stop the server.

    The child looks whose child it is, so that it ends with us however we end.
    """
    release = Releases(settings.releases).current()
    release.verify()
    say(
        Message("release %(number)s at %(url)s (Ctrl-C ends)", number=release.number,
                url=settings.site),
        lang,
    )  # fmt: skip
    arguments = ["--home", str(settings.home), "--interval", str(interval), "--lang", lang]
    child = subprocess.Popen(
        [sys.executable, "-m", "coi_graph", "follow", url, *arguments, *more,
         "--with-parent", str(os.getpid())],
        stdin=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        serve.run(settings)
    finally:
        child.terminate()
        child.wait()
