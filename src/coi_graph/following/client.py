"""A client that does not trust the server: every answer has a largest size and a latest time.

The standard library's `http.client` is enough for GET with ranges and conditions, and follows no
redirect, uses no proxy and reads no cookie on its own, which a library for people's requests does.
"""

from __future__ import annotations

import hashlib
import http.client
import os
import ssl
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin, urlsplit

from .. import __version__
from ..errors import BadRequest, CoiError
from ..i18n import Message
from ..publishing import durable

TIMEOUT = 30.0  # seconds in which something must come
_SLOWEST = 1024  # bytes a second, after the first half minute
_REDIRECTS = 3
_BLOCK = 1 << 18


class Unreachable(CoiError):
    """The publisher does not answer; what is here stays."""

    status = 502
    exit_code = 4
    slug = "unreachable"
    title = Message("The publisher cannot be reached")


class BadAnswer(CoiError):
    """The publisher answers something else than it should; what is here stays."""

    status = 502
    exit_code = 4
    slug = "bad-answer"
    title = Message("The publisher's answer cannot be used")


@dataclass(frozen=True, slots=True)
class Answer:
    """``body`` is whole. 304 has none."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes


class Client:
    """Requests to one site, whose address ends with a slash."""

    def __init__(self, site: str, timeout: float = TIMEOUT) -> None:
        self.site = site if site.endswith("/") else site + "/"
        self._timeout = timeout
        parts = urlsplit(self.site)
        try:
            port = parts.port
        except ValueError:
            port = -1
        if parts.scheme not in ("http", "https") or not parts.hostname or port == -1:
            raise BadRequest(
                Message("“%(url)s” is no address of a site", url=site[:200]),
                remedy=Message("It begins with http:// or https://."),
            )
        if parts.username or parts.query or parts.fragment:
            raise BadRequest(Message("“%(url)s” is no address of a site", url=parts.hostname))
        self._origin = (parts.scheme, parts.hostname, port)

    def get(self, path: str, most: int, *, accept: str, etag: str = "") -> Answer:
        """An answer of at most ``most`` bytes, whatever its status.

        ``path`` is below the site. Raises `Unreachable` and `BadAnswer`.
        """
        headers = {"Accept": accept}
        if etag:
            headers["If-None-Match"] = etag
        connection, response = self._request(path, headers)
        try:
            body = self._read(response, most, path)
            return Answer(response.status, response.headers, body)
        finally:
            response.close()  # it holds the socket, too
            connection.close()

    def download(self, path: str, to: Path, size: int, sha256: str) -> None:
        """A file of exactly ``size`` bytes with that checksum; what is there of it already is
        not asked for again. Flushed to disk when it returns."""
        start = to.stat().st_size if to.exists() else 0
        if start > size:
            to.unlink()
            start = 0
        if start < size:
            self._continue(path, to, start, size)
        if _sha256(to) != sha256:
            to.unlink()
            if start == 0:
                raise BadAnswer(Message("%(path)s does not have the checksum it should", path=path))
            self.download(path, to, size, sha256)  # its beginning was another file's
            return
        durable.sync_file(to)

    def _continue(self, path: str, to: Path, start: int, size: int) -> None:
        headers = {"Accept": "*/*"}
        if start:
            headers["Range"] = f"bytes={start}-"
        connection, response = self._request(path, headers)
        try:
            if response.status not in (200, 206):
                raise BadAnswer(
                    Message("%(path)s answers %(status)s", path=path, status=response.status)
                )
            whole = response.status == 200
            with to.open("wb" if whole else "ab") as file:
                self._copy(response, file.fileno(), size - (0 if whole else start), path)
        finally:
            response.close()  # it holds the socket, too
            connection.close()
        if to.stat().st_size != size:
            raise Unreachable(
                Message("%(path)s ended after %(got)s of %(size)s bytes", path=path,
                        got=to.stat().st_size, size=size)
            )  # fmt: skip

    def _copy(self, response: http.client.HTTPResponse, to: int, most: int, path: str) -> None:
        started, got = time.monotonic(), 0
        while True:
            block = self._block(response, path, started, got)
            if not block:
                return
            got += len(block)
            if got > most:
                raise BadAnswer(_too_large(path, most))
            os.write(to, block)

    def _read(self, response: http.client.HTTPResponse, most: int, path: str) -> bytes:
        length = response.headers.get("Content-Length", "")
        if length.isascii() and length.isdigit() and int(length[:20]) > most:
            raise BadAnswer(_too_large(path, most))
        started, got = time.monotonic(), 0
        blocks: list[bytes] = []
        while True:
            block = self._block(response, path, started, got)
            if not block:
                return b"".join(blocks)
            got += len(block)
            if got > most:
                raise BadAnswer(_too_large(path, most))
            blocks.append(block)

    def _block(
        self, response: http.client.HTTPResponse, path: str, started: float, got: int
    ) -> bytes:
        try:
            block = response.read1(_BLOCK)
        except (OSError, http.client.HTTPException) as error:
            raise Unreachable(
                Message("%(path)s breaks off: %(why)s", path=path, why=error or "timeout")
            ) from error
        seconds = time.monotonic() - started
        if block and seconds > self._timeout and got < seconds * _SLOWEST:
            raise Unreachable(Message("%(path)s comes too slowly", path=path))
        if not block and response.length:
            raise Unreachable(Message("%(path)s breaks off: %(why)s", path=path, why="too short"))
        return block

    def _request(
        self, path: str, headers: dict[str, str]
    ) -> tuple[http.client.HTTPConnection, http.client.HTTPResponse]:
        url = urljoin(self.site, path)
        for _ in range(_REDIRECTS + 1):
            parts = urlsplit(url)
            connection = self._connection()
            try:
                target = parts.path + (f"?{parts.query}" if parts.query else "")
                connection.request(
                    "GET", target, headers={"User-Agent": f"coi-graph/{__version__}", **headers}
                )
                response = connection.getresponse()
            except (OSError, http.client.HTTPException, ValueError) as error:
                connection.close()
                raise Unreachable(
                    Message("%(url)s does not answer: %(why)s", url=url[:300], why=error)
                ) from error
            if response.status not in (301, 302, 303, 307, 308):
                return connection, response
            response.close()
            connection.close()
            url = self._redirected(url, response.headers.get("Location", ""))
        raise BadAnswer(Message("%(path)s redirects without an end", path=path))

    def _redirected(self, url: str, location: str) -> str:
        target = location
        try:
            target = urljoin(url, location)
            parts = urlsplit(target)
            origin = (parts.scheme, parts.hostname, parts.port)
        except ValueError:
            origin = None
        if origin != self._origin:
            raise BadAnswer(
                Message("%(url)s redirects to another site: %(target)s", url=url[:200],
                        target=target[:200]),
                remedy=Message("If that is where the publisher is now, follow that address."),
            )  # fmt: skip
        return target

    def _connection(self) -> http.client.HTTPConnection:
        scheme, host, port = self._origin
        if scheme == "https":
            return http.client.HTTPSConnection(
                host, port, timeout=self._timeout, context=ssl.create_default_context()
            )
        return http.client.HTTPConnection(host, port, timeout=self._timeout)


def _too_large(path: str, most: int) -> Message:
    return Message("%(path)s is larger than the %(most)s bytes it may be", path=path, most=most)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
