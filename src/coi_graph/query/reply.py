"""The answer of a remote engine as it comes over the network, with a deadline for all of it."""

from __future__ import annotations

import contextlib
import http.client
import socket
import threading
import time
from collections.abc import Callable
from email.message import Message
from typing import Any
from urllib.request import (
    HTTPBasicAuthHandler,
    HTTPDigestAuthHandler,
    HTTPHandler,
    HTTPPasswordMgrWithDefaultRealm,
    HTTPRedirectHandler,
    HTTPSHandler,
    OpenerDirector,
    build_opener,
)

from ..errors import CoiError


class Reply:
    """The body of an answer. ``broken`` makes the error of one that ends before its end.

    A time-out of the socket alone would not do: it starts anew with every byte that drips in.
    """

    def __init__(self, timeout: float, broken: Callable[[Exception, Reply], CoiError]) -> None:
        self.timeout = timeout
        self.expired = False
        self.abandoned = False
        self.connected = False
        self.headers: Message = Message()
        self._deadline = time.monotonic() + timeout
        self._broken = broken
        self._socket: socket.socket | None = None
        self._body: http.client.HTTPResponse | None = None
        self._responses: list[http.client.HTTPResponse] = []
        self._timer = threading.Timer(timeout, self._expire)
        self._timer.daemon = True
        self._timer.start()

    def attach(self, connection: socket.socket) -> None:
        """The connection that the answer will come on."""
        self.connected = True
        connection.settimeout(max(0.001, self._deadline - time.monotonic()))
        self._socket = connection
        if self.expired or self.abandoned:
            self._break_off()

    def keep(self, response: http.client.HTTPResponse) -> http.client.HTTPResponse:
        """A challenge comes as an answer of its own, which urllib forgets to close."""
        self._responses.append(response)
        return response

    def begin(self, response: http.client.HTTPResponse) -> None:
        self._body = response
        self.headers = response.headers

    @property
    def media_type(self) -> str:
        return str(self.headers.get("Content-Type", "")).partition(";")[0].strip().lower()

    @property
    def most_rows(self) -> int | None:
        """How many rows Virtuoso gives (its ResultSetMaxRows) where that may have cut some."""
        number = self.headers.get("X-SPARQL-MaxRows", "")
        return int(number) if number.isdigit() else None

    def read(self, size: int = -1) -> bytes:
        """At most ``size`` bytes, none at the end. Raises what ``broken`` makes."""
        assert self._body is not None
        try:
            block = self._body.read(None if size < 0 else size)
        except (OSError, ValueError, http.client.HTTPException) as error:
            raise self._broken(error, self) from error
        if self.expired or self.abandoned:
            raise self._broken(TimeoutError(), self)
        # http.client says nothing of a body that is shorter than was announced.
        if not block and size and self._body.length:
            raise self._broken(EOFError(), self)
        return block

    def abandon(self) -> None:
        """Nobody wants the answer any more. Ends what waits for it in another thread."""
        self.abandoned = True
        self._break_off()

    def _break_off(self) -> None:
        if self._socket is not None:
            with contextlib.suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """For the thread that reads."""
        self._timer.cancel()
        for response in self._responses:
            response.close()
        if self._socket is not None:
            self._socket.close()

    def _expire(self) -> None:
        self.expired = True
        self._break_off()

    def __enter__(self) -> Reply:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def opener(reply: Reply, passwords: HTTPPasswordMgrWithDefaultRealm) -> OpenerDirector:
    """Opens one request so that ``reply`` can break it off. One a request, as the handler of
    digest authentication counts its attempts."""
    return build_opener(
        _Http(reply),
        _Https(reply),
        _NoRedirect(),
        HTTPDigestAuthHandler(passwords),
        HTTPBasicAuthHandler(passwords),
    )


class _Connection(http.client.HTTPConnection):
    reply: Reply

    def connect(self) -> None:
        super().connect()
        self.reply.attach(self.sock)


class _SecureConnection(http.client.HTTPSConnection):
    reply: Reply

    def connect(self) -> None:
        super().connect()
        self.reply.attach(self.sock)


class _Http(HTTPHandler):
    def __init__(self, reply: Reply) -> None:
        super().__init__()
        self._reply = reply

    def http_open(self, req: Any) -> http.client.HTTPResponse:
        return self._reply.keep(self.do_open(self._connection, req))

    def _connection(self, host: str, **options: Any) -> _Connection:
        connection = _Connection(host, **options)
        connection.reply = self._reply
        return connection


class _Https(HTTPSHandler):
    def __init__(self, reply: Reply) -> None:
        super().__init__()
        self._reply = reply

    def https_open(self, req: Any) -> http.client.HTTPResponse:
        return self._reply.keep(self.do_open(self._connection, req))

    def _connection(self, host: str, **options: Any) -> _SecureConnection:
        connection = _SecureConnection(host, **options)
        connection.reply = self._reply
        return connection


class _NoRedirect(HTTPRedirectHandler):
    """A query is sent where the setting says, or not at all."""

    def redirect_request(self, *_: Any) -> None:
        return None
