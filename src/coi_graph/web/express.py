"""Answers that are at hand: given where the request comes in, without Flask and without a worker.

Five kinds of request qualify: a query whose like has been answered before, while its answer is
still in the cache; a look-up on /sparql (`query.direct`); the document of a thing as Turtle
(`plain_documents`); its page, while it is kept (`plain_pages`); and a small dump (`plain_files`).
All are done in about a millisecond at most, so the event loop itself does them. Everything else,
and whatever is not plain about a request, goes the long way; the answer is the same byte for byte,
and so are its headers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, unquote_to_bytes

from ..media import HTML, RESULTS_FORMS, Form, negotiate
from ..query import direct
from ..query.service import QueryService, Question
from . import headers
from .headers import RawHeaders
from .plain_documents import PlainDocuments
from .plain_files import PlainFiles
from .plain_pages import Key, PlainPages
from .publication import Opened, Publication

_MOST_REQUESTS = 4096  # that are remembered
_HTML = HTML.media_type.encode()
_OFFERED = (*RESULTS_FORMS, HTML)
LARGEST = 1 << 18  # bytes of an answer that goes out in one piece
_LONGEST_REQUEST = 4096  # bytes of what is remembered of one
# With one of these the answer is not simply the whole of it.
_NOT_PLAIN = frozenset((b"range", b"content-length", b"transfer-encoding", b"expect", b"upgrade"))


#: What a page is of, and how it was asked for.
PageOf = tuple[Opened, Key]


@dataclass(frozen=True, slots=True)
class Known:
    """What a request asks for."""

    of: Opened
    question: Question
    form: Form
    negotiated: bool


class Express:
    """One a web process. Only for releases of our own: a remote engine would be waited for."""

    def __init__(
        self,
        publication: Publication,
        service: QueryService,
        documents: PlainDocuments,
        proxied: tuple[str, Path] | None = None,
    ) -> None:
        """``proxied``: what the proxy in front calls the folder of the releases, and the folder."""
        self._proxied = proxied
        self._publication = publication
        self._service = service
        self._documents = documents
        self.files = PlainFiles()
        self.pages = PlainPages()
        self._requests: dict[tuple[str, bytes, bytes], Known] = {}
        self._constant: dict[tuple[int, str, bool], RawHeaders] = {}

    def remember(
        self,
        request: tuple[str, bytes, bytes],
        of: Opened,
        question: Question,
        form: Form,
        *,
        negotiated: bool,
    ) -> Known:
        """``request`` (path, query string, Accept) asks the current release ``question``."""
        known = Known(of, question, form, negotiated)
        if sum(map(len, request)) <= _LONGEST_REQUEST:
            _make_room(self._requests, _MOST_REQUESTS)
            self._requests[request] = known
        return known

    def answer(self, scope: Mapping[str, Any]) -> tuple[RawHeaders, bytes] | None:
        """Headers and body of the 200 for an ASGI scope; None: go the long way."""
        accept = plain_accept(scope)
        of = None if accept is None else self._publication.at_hand()
        if accept is None or of is None:
            return None
        path, query = scope["path"], scope["query_string"]
        if path.startswith("/dump/"):
            return None if query else self.files.answer(path)
        page = self.pages.key(scope) if _HTML in accept else None
        if page is not None:
            known_page = self.pages.answer(of, page)
            if known_page is not None:
                return known_page
        if path.startswith("/doc/"):
            return None if query else self._document(of, path, accept)
        known = self._requests.get((path, query, accept))
        if known is None or known.of is not of:
            known = self._look_up(of, query, accept) if path == "/sparql" else None
        if known is None:
            return None
        body = self._service.at_hand(known.question)
        if body is None or len(body) > LARGEST:
            return None
        return self.headers(known, body), body

    def remember_proxied(self, scope: Mapping[str, Any], headers: RawHeaders) -> None:
        """Where ``headers`` name a dump that the proxy in front is to send."""
        if self._proxied is None or plain_accept(scope) is None:
            return
        named = dict(headers).get(b"x-accel-redirect", b"").decode("latin-1")
        prefix, releases = self._proxied
        if named.startswith(prefix):
            file = releases / unquote(named[len(prefix) :])
            self.files.remember_proxied(scope["path"], headers, file)

    def page_of(self, scope: Mapping[str, Any]) -> PageOf | None:
        """For `PlainPages.remember`: what a request that is not answered here asks for, before it
        is; the release must be the same afterwards."""
        of = self._publication.at_hand()
        accept = plain_accept(scope)
        if of is None or accept is None or _HTML not in accept:
            return None
        key = self.pages.key(scope)
        return None if key is None else (of, key)

    def remember_page(self, page: PageOf, headers: RawHeaders, body: bytes) -> None:
        of, key = page
        if of is self._publication.at_hand():
            self.pages.remember(of, key, headers, body)

    def _document(self, of: Opened, path: str, accept: bytes) -> tuple[RawHeaders, bytes] | None:
        found = self._documents.answer(of, path, accept)
        if found is None or len(found.body) > LARGEST:
            return None
        constant = self._constant_headers(of, found.form, negotiated=found.negotiated)
        etag = headers.etag(of, found.form)
        own = [(name.lower().encode(), value.encode()) for name, value in found.headers]
        length = (b"content-length", b"%d" % len(found.body))
        return [*constant, *own, (b"etag", etag.encode()), length], found.body

    def _look_up(self, of: Opened, query: bytes, accept: bytes) -> Known | None:
        if not query.startswith(b"query=") or b"&" in query:
            return None
        try:
            text = unquote_to_bytes(query[6:].replace(b"+", b" ")).decode()
        except UnicodeDecodeError:
            return None
        if not direct.is_direct(text):
            return None
        form = negotiate(accept.decode("latin-1"), _OFFERED)
        if form is None or form is HTML:
            return None
        return Known(of, of.question(text, form.media_type), form, negotiated=True)

    def headers(self, known: Known, body: bytes) -> RawHeaders:
        """Of a 200 with the whole of the answer."""
        constant = self._constant_headers(known.of, known.form, negotiated=known.negotiated)
        etag = headers.etag(known.of, known.form, known.question.tag)
        return [*constant, (b"etag", etag.encode()), (b"content-length", b"%d" % len(body))]

    def _constant_headers(self, of: Opened, form: Form, *, negotiated: bool) -> RawHeaders:
        key = (of.number, form.media_type, negotiated)
        constant = self._constant.get(key)
        if constant is None:
            _make_room(self._constant, _MOST_REQUESTS)
            constant = self._constant[key] = _constant(of, form, negotiated=negotiated)
        return constant


def plain_accept(scope: Mapping[str, Any]) -> bytes | None:
    """The Accept header of a GET that asks for the whole of something, b"" where there is none;
    None for a request that is not so plain."""
    if scope["method"] != "GET":
        return None
    accept = b""
    for name, value in scope["headers"]:
        if name == b"accept":
            if accept:
                return None
            accept = value
        elif name in _NOT_PLAIN or name.startswith(b"if-"):
            return None
    return accept if len(scope["query_string"]) + len(accept) <= _LONGEST_REQUEST else None


def _constant(of: Opened, form: Form, *, negotiated: bool) -> RawHeaders:
    found = [
        ("Content-Type", form.content_type),
        *headers.of_reading(of, pinned=False),
        *headers.EVERY,
        *headers.SHARED,
    ]
    varying = headers.vary(form, negotiated=negotiated)
    if varying:
        found.append(("Vary", ", ".join(varying)))
    return [(name.lower().encode(), value.encode()) for name, value in found]


def _make_room(entries: dict[Any, Any], most: int) -> None:
    """All go when there are too many: simple, and rare."""
    if len(entries) >= most:
        entries.clear()
