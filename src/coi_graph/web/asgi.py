"""The Flask application as ASGI: what a public endpoint needs and WSGI cannot give.

Measured with Granian 2.8.7 and its WSGI interface: an answer that fails in mid-stream ends as if
it were whole; a stalled body and a slow reader hold a thread each, so that eight of them stop a
server of 2 × 4 threads; and nobody learns that a client has gone. With its ASGI interface a failed
stream breaks the connection, sending waits for the reader without a thread, and there is a message
when the client goes. That costs about 70 µs a request.

So: bodies are read here, under a deadline; the application runs on a thread of ours, one piece of
work at a time, and never waits for a client.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import os
import tempfile
from collections.abc import Awaitable, Callable, MutableMapping
from functools import partial
from typing import IO, Any

from ..config import Config, load
from ..errors import CoiError
from ..query import sandbox
from ..query.cancellation import Cancellation
from .app import create_app
from .exchange import Exchange, Shortcut, environ_of
from .express import Express, PageOf
from .headers import RawHeaders
from .meter import ROUTE_KEY, Meter
from .plain import PlainQueries
from .threads import Threads

_log = logging.getLogger(__name__)

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

_BODY_SECONDS = 10.0  # for a body, and one more for each 64 KiB of it
_BODY_RATE = 64 * 1024
_READ_ON = 8  # times the largest body we take, before the connection is closed
_IN_MEMORY = 64 * 1024  # bytes of a body; the rest goes to a file without a name
_READER_SECONDS = 60.0  # a reader that takes nothing for so long is given up
# Pages of things wait for nothing but the interpreter's lock: more threads than that can use only
# take it from each other (measured with four requests at a time: 360 pages a second, with two 470).
_PAGE_THREADS = 2
_UNNOTICED = 0.1  # seconds; most answers are faster, and need nobody to watch the client


class ClientTooSlow(Exception):
    """The body did not come in time."""


class ClientLeft(Exception):
    """The client closed the connection."""


def create() -> Application:
    """What Granian starts in each web process."""
    # A server that is killed would leave its web processes behind, and they its port.
    # Not by SIGTERM: one that comes as Granian's loop begins stops the process for ever (2.8.7).
    sandbox.die_with(os.getppid())
    settings = load()
    app = create_app(settings)
    # Now, not at the first request: should a bad release come before that, there is one to go on
    # with.
    with contextlib.suppress(CoiError):
        app.extensions["coi-publication"].current()
    application = Application(app, settings)
    _collect_seldom()
    return application


def _collect_seldom() -> None:
    """A page makes thousands of objects and hardly a cycle: looking for those took a tenth of its
    time. What is there from the start stays to the end, and is not looked through again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 50)


def threads_needed(settings: Config) -> int:
    """Threads that wait for a process, or in line for one, must leave some for pages."""
    queries = settings.query_workers + 2 * settings.query_queue
    checks = settings.check_workers + settings.check_queue
    return settings.web_threads + queries + checks


class Application:
    """Calls the WSGI application ``flask`` for ASGI's HTTP requests."""

    def __init__(self, flask: Any, settings: Config) -> None:
        self._flask = flask
        self._express: Express | None = flask.extensions["coi-express"]
        self._plain: PlainQueries | None = flask.extensions["coi-plain"]
        self._meter: Meter | None = flask.extensions["coi-meter"]
        self._largest: int = flask.config["MAX_CONTENT_LENGTH"]
        self._larger: dict[str, int] = flask.extensions["coi-largest"]  # path → its own limit
        self._threads = Threads(threads_needed(settings))
        self._page_threads = Threads(_PAGE_THREADS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        if self._meter is not None:
            send = self._meter.watching(scope, send)
        at_hand = self._express.answer(scope) if self._express is not None else None
        if at_hand is not None:
            scope[ROUTE_KEY] = _route(scope["path"])
            await _send_whole(send, 200, *at_hand)
            return
        try:
            body = await self._body(scope, receive)
        except ClientTooSlow:
            await _send_whole(send, 408, [(b"connection", b"close")], b"")
            return
        except ClientLeft:  # or it sent no body that can be read: Granian would answer 500
            await _send_whole(send, 400, [(b"connection", b"close")], b"")
            return
        cancellation = Cancellation()
        environ = environ_of(scope, body, cancellation)
        exchange = Exchange(self._flask, environ, self._shortcut(scope))
        page = self._express.page_of(scope) if self._express is not None else None
        watch = _Watch(receive, cancellation)
        try:
            threads = self._threads if page is None else self._page_threads
            if await threads.run(exchange.begin):
                self._remember_whole(scope, exchange, page)
                await _send_whole(send, exchange.status, exchange.headers, exchange.whole)
            else:
                self._remember(scope, exchange)
                await self._stream(exchange, send, cancellation)
        except (CoiError, TimeoutError) as error:
            # Leaving without an end breaks the connection, so that no client takes what it has
            # got for the whole.
            if not cancellation.cancelled:
                if self._meter is not None:
                    self._meter.broken()
                _log.warning("%s: the answer was broken off: %s", scope["path"], error or "unread")
        finally:
            watch.end()
            if exchange.open:
                await self._threads.run(exchange.close)

    def _shortcut(self, scope: Scope) -> Shortcut | None:
        if self._plain is None:
            return None
        plain = self._plain.read(scope)
        if plain is None:
            return None
        scope[ROUTE_KEY] = _route(scope["path"])
        return partial(self._plain.answer, plain)

    def _remember_whole(self, scope: Scope, exchange: Exchange, page: PageOf | None) -> None:
        """A page of a thing, or which file the proxy is to send."""
        if self._express is None or exchange.status != 200:
            return
        if page is not None:
            self._express.remember_page(page, exchange.headers, exchange.whole)
        elif scope["method"] == "GET" and not scope["query_string"]:
            self._express.remember_proxied(scope, exchange.headers)

    def _remember(self, scope: Scope, exchange: Exchange) -> None:
        """A whole file may go out without the application the next time."""
        is_plain = scope["method"] == "GET" and not scope["query_string"]
        if self._express and exchange.file and exchange.status == 200 and is_plain:
            headers = _start(exchange.status, exchange.headers)["headers"]
            self._express.files.remember(scope["path"], headers, exchange.file)

    async def _stream(self, exchange: Exchange, send: Send, cancellation: Cancellation) -> None:
        """Block by block: the next is fetched when the last has been taken; of a file, while it
        is being taken."""
        await send(_start(exchange.status, exchange.headers))
        loop = asyncio.get_running_loop()
        coming = self._threads.run(exchange.next_block)
        try:
            while True:
                block = await coming
                if cancellation.cancelled:
                    return
                if block is None:
                    await send({"type": "http.response.body", "body": b"", "more_body": False})
                    return
                if exchange.file is not None:
                    coming = self._threads.run(exchange.next_block)
                message = {"type": "http.response.body", "body": block, "more_body": True}
                started = loop.time()
                async with asyncio.timeout(_READER_SECONDS):
                    await send(message)
                if exchange.file is None:
                    coming = self._threads.run(exchange.next_block)
                else:
                    exchange.file.taken(loop.time() - started)
        finally:
            await asyncio.wait([coming])  # before it is closed

    async def _body(self, scope: Scope, receive: Receive) -> IO[bytes] | None:
        """The request's body, or its beginning where it is larger than anything we take."""
        headers = dict(scope["headers"])
        largest = self._larger.get(scope["path"].rstrip("/"), self._largest)
        length = headers.get(b"content-length", b"")
        if length in (b"", b"0") and b"transfer-encoding" not in headers:
            return None
        body = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115
        received = 0
        loop = asyncio.get_running_loop()
        deadline = loop.time() + _BODY_SECONDS
        while True:
            try:
                async with asyncio.timeout_at(deadline + received / _BODY_RATE):
                    message = await receive()
            except TimeoutError:
                raise ClientTooSlow from None
            if message["type"] != "http.request":
                raise ClientLeft
            block = message.get("body", b"")
            received += len(block)
            if body.tell() <= largest:
                body.write(block)
            # A client that is still sending would not hear that it is too much.
            if not message.get("more_body", False) or received > _READ_ON * largest:
                return body


class _Watch:
    """Tells the cancellation of a request that takes its time when the client goes."""

    def __init__(self, receive: Receive, cancellation: Cancellation) -> None:
        self._receive = receive
        self._cancellation = cancellation
        self._task: asyncio.Task[None] | None = None
        self._later = asyncio.get_running_loop().call_later(_UNNOTICED, self._begin)

    def _begin(self) -> None:
        self._task = asyncio.ensure_future(self._wait())

    async def _wait(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self._cancellation.cancel()

    def end(self) -> None:
        self._later.cancel()
        if self._task is not None:
            self._task.cancel()


def _route(path: str) -> str:
    """The pattern of an address that is answered without Flask, for `Meter`."""
    if path.startswith("/doc/"):
        return "/doc/<path:name>"
    if path.startswith("/def/"):
        return "/def/" if path == "/def/" else "/def/<path:name>"
    if path.startswith("/dump/"):
        return "/dump/<name>/<path:file>"
    return path if path == "/sparql" else "/queries/<name>"


def _start(status: int, headers: RawHeaders) -> MutableMapping[str, Any]:
    return {"type": "http.response.start", "status": status, "headers": headers}


async def _send_whole(send: Send, status: int, headers: RawHeaders, body: bytes) -> None:
    await send(_start(status, headers))
    await send({"type": "http.response.body", "body": body, "more_body": False})
