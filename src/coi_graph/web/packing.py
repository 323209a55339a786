"""Answers packed for the way, where that is safe and worth it (RFC 9110, section 8.4).

Flask-Compress packs and negotiates; what may be packed is decided here. Not a stream, which would
lose its abort, nor a file with a digest of its bytes (`Repr-Digest`, RFC 9530, is about the packed
form); not what `express` may answer the next time in one piece. The entity tag of a packed answer
is another, as RFC 9110, section 8.8.3, asks.

A page for one reader holds a token. What somebody else makes that reader ask for, packed together
with it, would tell it by its length (BREACH). Such a page gets a comment of random length, as
Django does it ("Heal the BREACH", https://ieeexplore.ieee.org/document/9754554); and cookies stay
at home (SameSite), so that nobody else can make the reader ask.
"""

from __future__ import annotations

import secrets

from flask import Flask, Response, current_app, request
from flask_compress import Compress

from ..media import DOCUMENT_FORMS, GRAPH_FORMS, HTML, JSON, TURTLE

_FORMS = {form.media_type for form in (*DOCUMENT_FORMS, *GRAPH_FORMS, HTML, JSON)}
_TYPES = [*sorted(_FORMS), "image/svg+xml", "application/linkset+json", "application/xml"]
_NEVER = ("Repr-Digest", "Content-Digest", "Content-Encoding", "Content-Range", "Accept-Ranges")
_MOST_PADDING = 100  # bytes
_OF_EXPRESS = ("sparql.endpoint", "queries.named")


def install(app: Flask) -> None:
    app.config.update(
        COMPRESS_REGISTER=False,  # `pack` decides
        COMPRESS_STREAMS=False,
        COMPRESS_MIMETYPES=_TYPES,
        COMPRESS_ALGORITHM=["br", "zstd", "gzip"],
        COMPRESS_BR_LEVEL=5,
    )
    app.extensions["coi-compress"] = Compress(app)


def pack(response: Response) -> Response:
    """``response``, packed as the client accepts it where it may be."""
    if not _may_be_packed(response):
        return response
    if not response.cache_control.public:
        response.set_data(response.get_data() + _padding())
    compress: Compress = current_app.extensions["coi-compress"]
    packed: Response = compress.after_request(response)
    return packed


def _may_be_packed(response: Response) -> bool:
    return (
        request.method in ("GET", "HEAD")
        and response.status_code == 200
        and not response.is_streamed
        and response.mimetype in _TYPES
        and not _is_of_express(response)
        and (bool(response.cache_control.public) or response.mimetype == HTML.media_type)
        and not any(name in response.headers for name in _NEVER)
    )


def _is_of_express(response: Response) -> bool:
    if request.endpoint == "entities.doc":
        return response.mimetype == TURTLE.media_type
    return request.endpoint in _OF_EXPRESS and response.mimetype != HTML.media_type


def _padding() -> bytes:
    """A comment that packing cannot shorten, of a length that nobody can know."""
    return f"\n<!-- {secrets.token_urlsafe(secrets.randbelow(_MOST_PADDING))} -->".encode()
