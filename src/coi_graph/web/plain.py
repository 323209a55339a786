"""Plain queries: asked without Flask, whose way takes longer than many a query.

A GET of /sparql with a query and nothing else, by a program that says what it takes. The guard,
the client's share, the cache and the pool are those of every query. A whole answer of a moderate
size goes out as it is, with the application's own headers. Everything else is the application's:
it finds the answer that has begun, or the error, in the request's environ, and goes on from there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_to_bytes

from werkzeug.middleware.proxy_fix import ProxyFix

from ..errors import CoiError
from ..media import GRAPH_FORMS, HTML, RESULTS_FORMS, SPREADSHEET, Form, negotiate
from ..namespaces import BASE
from ..query import guard
from ..query.cancellation import ENVIRON_KEY
from ..query.service import QueryService
from . import begun
from .express import LARGEST, Express, plain_accept
from .headers import RawHeaders
from .publication import Opened, Publication

PATH = "/sparql"
PARAMETER = b"query="
SOLUTIONS = ("select", "ask")


@dataclass(frozen=True, slots=True)
class Plain:
    """Such a request of the release ``of``."""

    of: Opened
    query_string: bytes
    accept: bytes


class PlainQueries:
    """One a web process. Only for releases of our own: see `Express`, which remembers what is
    answered here."""

    def __init__(
        self,
        publication: Publication,
        service: QueryService,
        express: Express,
        trusted_proxies: int = 0,
    ) -> None:
        self._publication = publication
        self._service = service
        self._express = express
        self._proxies = trusted_proxies

    def read(self, scope: Mapping[str, Any]) -> Plain | None:
        """The plain query of an ASGI scope; quick, as the event loop calls it."""
        query: bytes = scope["query_string"]
        if scope["path"] != PATH or not query.startswith(PARAMETER) or b"&" in query:
            return None
        accept = plain_accept(scope)
        of = None if accept is None else self._publication.at_hand()
        return None if accept is None or of is None else Plain(of, query, accept)

    def answer(self, plain: Plain, environ: dict[str, Any]) -> tuple[RawHeaders, bytes] | None:
        """Headers and body of the 200; None: the application is to answer, from ``environ``.

        Runs on a thread that may wait.
        """
        try:
            text = unquote_to_bytes(plain.query_string[6:].replace(b"+", b" ")).decode()
            checked = guard.check(text, allowed_graphs=plain.of.manifest.graphs, base_iri=BASE)
        except (UnicodeDecodeError, CoiError):
            return None  # of which the application tells
        form = _form(plain.accept, solutions=checked.kind in SOLUTIONS)
        if form is None:
            return None
        question = plain.of.question(
            checked.text, form.media_type, checked.default_graphs, checked.named_graphs
        )
        try:
            served = self._service.answer(question, self._client(environ), environ[ENVIRON_KEY])
        except CoiError as error:
            environ[begun.ENVIRON_KEY] = begun.Begun(question, error)
            return None
        body = served.complete
        if body is None or len(body) > LARGEST or served.truncated:
            environ[begun.ENVIRON_KEY] = begun.Begun(question, served)
            return None
        served.close()
        request = (PATH, plain.query_string, plain.accept)
        known = self._express.remember(request, plain.of, question, form, negotiated=True)
        return self._express.headers(known, body), body

    def _client(self, environ: dict[str, Any]) -> str:
        """The address that the application would see."""
        if self._proxies:
            environ = dict(environ)
            ProxyFix(lambda *_: [], x_for=self._proxies, x_proto=0, x_host=0)(environ, _ignored)
        return str(environ.get("REMOTE_ADDR") or "")


def _form(accept: bytes, *, solutions: bool) -> Form | None:
    """None for what only the application makes, or refuses."""
    offered = RESULTS_FORMS if solutions else GRAPH_FORMS
    form = negotiate(accept.decode("latin-1") or None, (*offered, HTML, SPREADSHEET))
    return form if form in offered else None


def _ignored(*_: Any) -> Any:
    """ProxyFix's application answers nothing."""
