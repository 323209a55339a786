"""The headers of answers, made in one place for the application and for `express`."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache

from werkzeug.http import http_date

from .. import __version__
from ..media import HTML, Form
from .publication import Opened

Headers = list[tuple[str, str]]
#: As ASGI wants them: names in lower case.
RawHeaders = list[tuple[bytes, bytes]]

_YEAR = 31_536_000

#: What every answer carries.
EVERY = (
    (
        "Content-Security-Policy",
        "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; "
        "object-src 'none'; img-src 'self' data:",
    ),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "same-origin"),
)
#: What pages of other sites need to read an answer.
SHARED = (
    ("Access-Control-Allow-Origin", "*"),
    (
        "Access-Control-Expose-Headers",
        "COI-Release, COI-Truncated, Content-Location, ETag, Link, Retry-After",
    ),
)


def etag(of: Opened, form: Form, tag: str | None = None, lang: str = "") -> str:
    """``tag`` names the content where the release and the form do not."""
    content = tag or of.manifest.content_hash[:12]
    name = f"{of.number}-{content}-{form.name}-{__version__}"
    return f'"{name}-{lang}"' if form is HTML else f'"{name}"'


def vary(form: Form, *, negotiated: bool) -> tuple[str, ...]:
    """The headers of the request that the answer depends on."""
    if negotiated:
        return ("Accept", "Accept-Language")
    return ("Accept-Language",) if form is HTML else ()


def of_reading(of: Opened, *, pinned: bool) -> Headers:
    """What every answer read from a release carries, besides `etag` and `vary`."""
    return of_release(of.number, of.manifest.issued, never_changes=pinned)


def of_release(number: int, issued: str, *, never_changes: bool) -> Headers:
    """The same for what is read from a release's files, its store opened or not."""
    freshness = f"max-age={_YEAR}, immutable" if never_changes else "max-age=0, must-revalidate"
    return [
        ("COI-Release", str(number)),
        ("Last-Modified", _http_date(issued)),
        ("Cache-Control", f"public, {freshness}"),
    ]


@lru_cache(maxsize=16)
def _http_date(issued: str) -> str:
    return http_date(datetime.fromisoformat(issued))
