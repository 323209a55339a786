"""A request of ASGI's as the WSGI application sees it, and its answer."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import IO, Any
from urllib.parse import unquote_to_bytes

from ..query.cancellation import ENVIRON_KEY, Cancellation
from . import begun
from .files import File
from .headers import RawHeaders
from .meter import SCOPE_KEY

Headers = list[tuple[str, str]]
#: What may answer a request before the application, with headers and body of a 200.
Shortcut = Callable[[dict[str, Any]], tuple[RawHeaders, bytes] | None]

_AT_ONCE = 1 << 18  # an answer up to this is sent in one piece


class Exchange:
    """A request and its answer. One thread at a time."""

    def __init__(
        self, flask: Any, environ: dict[str, Any], shortcut: Shortcut | None = None
    ) -> None:
        self._flask = flask
        self._environ = environ
        self._shortcut = shortcut
        self._answer: Iterable[bytes] = ()
        self._blocks: Iterator[bytes] = iter(())
        self.open = False
        self.status = 500
        self.headers: RawHeaders = []
        self.whole = b""

    def begin(self) -> bool:
        """Runs the application, or what is shorter; True where the answer is ``whole``."""
        short = None if self._shortcut is None else self._shortcut(self._environ)
        if short is not None:
            self.status, (self.headers, self.whole) = 200, short
            return True
        try:
            self._answer = self._flask(self._environ, self._start_response)
        finally:
            begun.drop(self._environ)
        self.open = True
        self._blocks = iter(self._answer)
        length = next((value for name, value in self.headers if name == b"content-length"), b"")
        if length.isdigit() and int(length) <= _AT_ONCE:
            self.whole = b"".join(self._blocks)
            self.close()
            return True
        return False

    @property
    def file(self) -> File | None:
        """The answer where it is a file, whose blocks may be read ahead of the reader."""
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
        self.headers = [
            (name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers
        ]


def environ_of(
    scope: Mapping[str, Any], body: IO[bytes] | None, cancellation: Cancellation
) -> dict[str, Any]:
    """PEP 3333's variables for an ASGI scope, and the request's cancellation."""
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
        ENVIRON_KEY: cancellation,
        SCOPE_KEY: scope,
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
