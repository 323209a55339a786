"""An HTTP server that misbehaves as it is told: a real socket, and nothing of SPARQL."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable

Behaviour = Callable[[socket.socket], None]


class BadEngine:
    """Answers every connection by ``behaviour``, which may be changed between requests."""

    def __init__(self) -> None:
        self.behaviour: Behaviour = lambda connection: None
        self.requests = 0
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}/sparql"
        self.closing = threading.Event()
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            self.requests += 1
            threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection: socket.socket) -> None:
        with connection:
            try:
                _read_request(connection)
                self.behaviour(connection)
            except OSError:
                pass  # the client has gone, which is what some tests are about

    def close(self) -> None:
        self.closing.set()
        # A thread that waits in accept() keeps the port open until it is woken.
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()


def _read_request(connection: socket.socket) -> None:
    data = b""
    while b"\r\n\r\n" not in data:
        data += connection.recv(65536)
    head, _, body = data.partition(b"\r\n\r\n")
    length = next(
        int(line.split(b":")[1])
        for line in head.split(b"\r\n")
        if line.lower().startswith(b"content-length:")
    )
    while len(body) < length:
        body += connection.recv(65536)


def answer(
    body: bytes,
    status: str = "200 OK",
    media_type: str = "application/sparql-results+json",
    length: int | None = None,
    headers: str = "",
) -> Behaviour:
    """Sends this; ``length`` is what Content-Length says, where that is not the truth."""
    said = len(body) if length is None else length

    def send(connection: socket.socket) -> None:
        head = (
            f"HTTP/1.1 {status}\r\nContent-Type: {media_type}\r\n"
            f"Content-Length: {said}\r\nConnection: close\r\n{headers}\r\n"
        )
        connection.sendall(head.encode() + body)

    return send
