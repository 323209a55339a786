"""Requests for a query as an ASGI server gives them, and as the application's own client does."""

from __future__ import annotations

from urllib.parse import urlencode

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

JSON = "application/sparql-results+json"


def scope(
    query: str,
    accept: str | None = JSON,
    *,
    method: str = "GET",
    path: str = "/sparql",
    headers: tuple[tuple[str, str], ...] = (),
    **parameters: str,
) -> dict[str, object]:
    """As an ASGI server gives it."""
    wanted = [("host", "localhost"), *headers, *([("accept", accept)] if accept else [])]
    return {
        "type": "http",
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "query_string": urlencode({"query": query, **parameters}).encode(),
        "headers": [(name.encode(), value.encode()) for name, value in wanted],
        "server": ("localhost", 80),
        "client": ("192.0.2.1", 1),
        "http_version": "1.1",
        "scheme": "http",
    }


def by_flask(
    client: FlaskClient, query: str, accept: str | None, **parameters: str
) -> TestResponse:
    headers = {"Accept": accept} if accept else {}
    address = "/sparql?" + urlencode({"query": query, **parameters})
    return client.get(address, headers=headers)
