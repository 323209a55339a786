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
import io
import logging
import sys
import tempfile
from collections.abc import Awaitable, Callable, Iterable, Iterator, MutableMapping
from typing import IO, Any
from urllib.parse import unquote_to_bytes

from ..config import Config, load
from ..errors import CoiError
from ..query.cancellation import ENVIRON_KEY, Cancellation
from .app import create_app
from .express import Express
from .files import File
from .threads import Threads

_log = logging.getLogger(__name__)

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Headers = list[tuple[str, str]]

_BODY_SECONDS = 10.0  # for a body, and one more for each 64 KiB of it
_BODY_RATE = 64 * 1024
_IN_MEMORY = 64 * 1024  # bytes of a body; the rest goes to a file without a name
_DRAINED = 16 << 20  # bytes of a body that is too large
_READER_SECONDS = 60.0  # a reader that takes nothing for so long is given up
_AT_ONCE = 1 << 18  # an answer up to this is sent in one piece
_UNNOTICED = 0.1  # seconds; most answers are faster, and need nobody to watch the client


class ClientTooSlow(Exception):
    """The body did not come in time."""


class ClientLeft(Exception):
    """The client closed the connection."""


def create() -> Application:
    """What Granian starts in each web process."""
    settings = load()
    app = create_app(settings)
    # Now, not at the first request: should a bad release come before that, there is one to go on
    # with.
    with contextlib.suppress(CoiError):
        app.extensions["coi-publication"].current()
    return Application(app, settings)


def threads_needed(settings: Config) -> int:
    """Threads that wait for a query process, or in line for one, must leave some for pages."""
    return settings.web_threads + settings.query_workers + 2 * settings.query_queue


class Application:
    """Calls the WSGI application ``flask`` for ASGI's HTTP requests."""

    def __init__(self, flask: Any, settings: Config) -> None:
        self._flask = flask
        self._express: Express | None = flask.extensions["coi-express"]
        self._largest: int = flask.config["MAX_CONTENT_LENGTH"]
        self._threads = Threads(threads_needed(settings))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        at_hand = self._express.answer(scope) if self._express is not None else None
        if at_hand is not None:
            found, whole = at_hand
            await send({"type": "http.response.start", "status": 200, "headers": found})
            await send({"type": "http.response.body", "body": whole, "more_body": False})
            return
        try:
            body = await self._body(scope, receive)
        except ClientTooSlow:
            await _send_whole(send, 408, [("connection", "close")], b"")
            return
        except ClientLeft:
            return
        cancellation = Cancellation()
        exchange = _Exchange(self._flask, _environ(scope, body) | {ENVIRON_KEY: cancellation})
        watch = _Watch(receive, cancellation)
        try:
            if await self._threads.run(exchange.begin):
                await _send_whole(send, exchange.status, exchange.headers, exchange.whole)
            else:
                await self._stream(exchange, send, cancellation)
        except (CoiError, TimeoutError) as error:
            # Leaving without an end breaks the connection, so that no client takes what it has
            # got for the whole.
            if not cancellation.cancelled:
                _log.warning("%s: the answer was broken off: %s", scope["path"], error or "unread")
        finally:
            watch.end()
            if exchange.open:
                await self._threads.run(exchange.close)

    async def _stream(self, exchange: _Exchange, send: Send, cancellation: Cancellation) -> None:
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
        length = headers.get(b"content-length", b"")
        if length in (b"", b"0") and b"transfer-encoding" not in headers:
            return None
        body = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115
        loop = asyncio.get_running_loop()
        deadline = loop.time() + _BODY_SECONDS
        if length.isdigit() and int(length) > self._largest:
            await _drain(receive, deadline)
            return body  # the application says so without reading it
        while True:
            try:
                async with asyncio.timeout_at(deadline + body.tell() / _BODY_RATE):
                    message = await receive()
            except TimeoutError:
                raise ClientTooSlow from None
            if message["type"] != "http.request":
                raise ClientLeft
            body.write(message.get("body", b""))
            if not message.get("more_body", False) or body.tell() > self._largest:
                return body


class _Exchange:
    """A request and its answer. One thread at a time."""

    def __init__(self, flask: Any, environ: dict[str, Any]) -> None:
        self._flask = flask
        self._environ = environ
        self._cancellation: Cancellation = environ[ENVIRON_KEY]
        self._answer: Iterable[bytes] = ()
        self._blocks: Iterator[bytes] = iter(())
        self.open = False
        self.status = 500
        self.headers: Headers = []
        self.whole = b""

    def begin(self) -> bool:
        """Runs the application; True where the answer is ``whole``."""
        self._answer = self._flask(self._environ, self._start_response)
        self.open = True
        self._blocks = iter(self._answer)
        length = next((value for name, value in self.headers if name == "content-length"), "")
        if length.isdigit() and int(length) <= _AT_ONCE:
            self.whole = b"".join(self._blocks)
            self.close()
            return True
        return False

    @property
    def file(self) -> File | None:
        return self._answer if isinstance(self._answer, File) else None

    def next_block(self) -> bytes | None:
        for block in self._blocks:
            if block:
                return block
        return None

    def close(self) -> None:
        self.open = False
        close = getattr(self._answer, "close", None)
        if close is not None:
            close()
        body = self._environ["wsgi.input"]
        body.close()

    def _start_response(self, status: str, headers: Headers, _: Any = None) -> None:
        self.status = int(status[:3])
        self.headers = [(name.lower(), value) for name, value in headers]


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


async def _drain(receive: Receive, deadline: float) -> None:
    """Takes in some of a body that is too large: a client that is still sending when the
    connection closes would never see the answer that says so."""
    taken = 0
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout_at(deadline):
            while taken < _DRAINED:
                message = await receive()
                taken += len(message.get("body", b""))
                if message["type"] != "http.request" or not message.get("more_body", False):
                    return


def _start(status: int, headers: Headers) -> MutableMapping[str, Any]:
    encoded = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]
    return {"type": "http.response.start", "status": status, "headers": encoded}


async def _send_whole(send: Send, status: int, headers: Headers, body: bytes) -> None:
    await send(_start(status, headers))
    await send({"type": "http.response.body", "body": body, "more_body": False})


def _environ(scope: Scope, body: IO[bytes] | None) -> dict[str, Any]:
    """PEP 3333's variables."""
    if body is not None:
        length = body.tell()
        body.seek(0)
    raw = scope.get("raw_path") or scope["path"].encode()
    environ: dict[str, Any] = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(raw.partition(b"?")[0]).decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_NAME": str(scope["server"][0]),
        "SERVER_PORT": str(scope["server"][1]),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "REMOTE_ADDR": str(scope["client"][0]),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope["scheme"],
        "wsgi.input": io.BytesIO() if body is None else body,
        "wsgi.input_terminated": True,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for name, value in scope["headers"]:
        # `x_y` would pass for `x-y`, which a proxy may have set.
        if b"_" in name:
            continue
        key = name.decode("latin-1").upper().replace("-", "_")
        if key not in ("CONTENT_TYPE", "CONTENT_LENGTH"):
            key = "HTTP_" + key
        text = value.decode("latin-1")
        if key in environ:
            text = environ[key] + ("; " if key == "HTTP_COOKIE" else ",") + text
        environ[key] = text
    if body is not None and environ.pop("HTTP_TRANSFER_ENCODING", None):
        environ["CONTENT_LENGTH"] = str(length)  # it was chunked, and is here by now
    return environ
