"""``coi-graph serve``: build what is missing, then answer."""

from __future__ import annotations

import os
import resource
import signal
import tempfile
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import click

from .. import config
from ..i18n import Message
from ..publishing.build import is_mirror
from ..publishing.releases import Releases
from . import publisher
from .output import say
from .rehearse import beside

_HEADER_MILLISECONDS = 10_000
_CONNECTION_BYTES = 128 * 1024
_CONNECTIONS = 4096  # of a web process
_STOP_SECONDS = 20  # in which answers that are being read may come to their end


def command(home_option: Callable[..., Any]) -> click.Command:
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
        if not no_build and not is_mirror(settings):
            from .build import build  # not where there is nothing to build

            build(settings, lang)
        release = Releases(settings.releases).current()
        if not settings.engine:
            release.verify()
        say(
            Message(
                "release %(number)s at %(url)s (Ctrl-C ends)",
                number=release.number,
                url=settings.site,
            ),
            lang,
        )
        rehearsing = beside(settings, lang) if settings.rehearse else nullcontext()
        with publisher.beside(settings, lang), rehearsing:
            run(settings)

    return serve


def run(settings: config.Config) -> None:
    """Starts the web server in this process and blocks until it ends."""
    _allow_connections()
    # The web processes read their settings from the environment, like any other.
    os.environ.update(config.as_environment(settings))
    with tempfile.TemporaryDirectory(prefix="coi-metrics-") as shared:
        if settings.metrics_token:  # what the web processes count, they count together
            os.environ.update({"PROMETHEUS_MULTIPROC_DIR": shared})
        _serve(settings)


def _serve(settings: config.Config) -> None:
    # A web process inherits the server's handlers, which note a signal and go on; its own come
    # when it has started. Told to end before that, it would never end, nor the server.
    os.register_at_fork(after_in_child=_end_when_told)
    from granian import Granian
    from granian.constants import HTTPModes, Interfaces
    from granian.http import HTTP1Settings

    Granian(
        "coi_graph.web.asgi:create",
        factory=True,
        address=settings.host,
        port=settings.port,
        # Not WSGI, which would be 70 µs a request faster: see web/asgi.py.
        interface=Interfaces.ASGINL,
        workers=settings.web_workers,
        # HTTP/2 has no limit on the headers' time, and lets one connection hold 200 requests.
        # Proxies speak HTTP/1.1 to us.
        http=HTTPModes.http1,
        websockets=False,
        http1_settings=HTTP1Settings(
            # Until the headers are there; a stalled client is then closed. 300 of them at once
            # hold 300 sockets and nothing else.
            header_read_timeout=_HEADER_MILLISECONDS,
            # Of headers, and of what waits for a slow reader. A query by GET may be 64 KB long,
            # as hyper takes no longer address.
            max_buffer_size=_CONNECTION_BYTES,
        ),
        # Connections, not requests: the stalled ones count, so there must be room for more than
        # will stall. What a request may hold is bounded by threads and queues of our own.
        backlog=_CONNECTIONS,
        backpressure=_CONNECTIONS,
        log_access=False,
        respawn_failed_workers=True,
        workers_kill_timeout=_STOP_SECONDS,
    ).serve()


def _end_when_told() -> None:
    signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _allow_connections() -> None:
    """As many open files as there may be connections, where the system lets us."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 2 * _CONNECTIONS
    if hard != resource.RLIM_INFINITY:
        wanted = min(wanted, hard)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
