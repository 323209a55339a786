"""A publisher that does what it is told: passes a real one's answers on, and spoils some."""

from __future__ import annotations

import contextlib
import http.client
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

#: path, status, headers, body → what is sent instead; None: nothing, the connection is closed.
Spoil = Callable[[str, int, dict[str, str], bytes], "tuple[int, dict[str, str], bytes] | None"]


@dataclass
class BadPublisher:
    url: str
    spoil: Spoil | None = None
    requests: list[tuple[str, dict[str, str]]] = field(default_factory=list)


@contextlib.contextmanager
def in_front_of(origin: str) -> Iterator[BadPublisher]:
    host = urlsplit(origin).netloc
    bad = BadPublisher("")

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked = {name.lower(): value for name, value in self.headers.items()}
            bad.requests.append((self.path, asked))
            connection = http.client.HTTPConnection(host, timeout=30)
            connection.request("GET", self.path, headers=dict(self.headers.items()))
            got = connection.getresponse()
            keep = ("content-type", "etag", "content-range", "location")
            headers = {n: v for n, v in got.getheaders() if n.lower() in keep}
            answer: tuple[int, dict[str, str], bytes] | None = (got.status, headers, got.read())
            connection.close()
            if bad.spoil is not None and answer is not None:
                answer = bad.spoil(self.path, *answer)
            if answer is None:
                self.close_connection = True
                return
            status, headers, body = answer
            headers.setdefault("Content-Length", str(len(body)))
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            with contextlib.suppress(OSError):
                self.wfile.write(body)
            self.close_connection = True

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    bad.url = f"http://127.0.0.1:{server.server_address[1]}/"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield bad
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
