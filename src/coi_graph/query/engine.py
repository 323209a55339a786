"""A remote SPARQL 1.1 engine: one request at a time goes there through SPARQLWrapper.

A reply has a deadline for all of it, however slowly it drips; redirects are not followed; every
failure is an error with an honest status. What a stranger's query may have caused — a time-out,
an error in words — does not count against the engine, or anyone could open the circuit breaker
for all; what our own look-ups meet does.
"""

from __future__ import annotations

import contextlib
import http.client
import logging
import re
from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING
from urllib.error import HTTPError, URLError
from urllib.request import HTTPPasswordMgrWithDefaultRealm

from ..errors import BadSetting, CoiError
from ..i18n import Message
from .breaker import CircuitBreaker
from .cancellation import Cancellation, ClientGone
from .errors import EngineFailed, EngineUnreachable, QueryRejected, QueryTimeout
from .reply import Reply, opener

if TYPE_CHECKING:
    from SPARQLWrapper import SPARQLWrapper

FAILURES = 5  # in a row, after which the engine is left alone
REST = 10.0  # seconds for which it is
_CONNECT = 5.0  # seconds to wait for a connection
_WORDS = 2000  # characters of an engine's error that are passed on
# SQL states of Virtuoso, which says 500 or 400 for all: time-outs, and estimates of them.
_VIRTUOSO = re.compile(r"Virtuoso ([0-9A-Z]{5}) Error")
_VIRTUOSO_TIMEOUTS = frozenset(("S1T00", "S1TAT"))
_log = logging.getLogger(__name__)


class Engine:
    """Where the data is when it is not on this machine. Thread-safe; keeps no connection open.

    ``url`` answers queries, ``update_url`` takes SPARQL Update. With ``user`` a challenge for
    digest or basic authentication is met. Raises `BadSetting` for an address that is no http.
    """

    def __init__(
        self,
        url: str,
        *,
        update_url: str = "",
        user: str = "",
        password: str = "",
        breaker: CircuitBreaker | None = None,
    ) -> None:
        self.url = url
        self.update_url = update_url or url
        for address in (self.url, self.update_url):
            if not address.startswith(("http://", "https://")):
                raise BadSetting(
                    Message("the engine's address “%(url)s” is no http address", url=address)
                )
        self.breaker = breaker or CircuitBreaker(FAILURES, REST)
        self._passwords = HTTPPasswordMgrWithDefaultRealm()
        if user:
            self._passwords.add_password(None, [self.url, self.update_url], user, password)
        # Virtuoso is told the time-out, and otherwise works on after its client has gone.
        self._is_virtuoso = False

    def ask(
        self,
        text: str,
        accept: str,
        *,
        timeout: float,
        trusted: bool,
        cancellation: Cancellation | None = None,
    ) -> Reply:
        """The engine's answer to a query, as it comes. ``trusted`` queries are our own.

        Raises `QueryTimeout`, `QueryRejected` (the engine's 4xx, in its words), `EngineFailed`,
        `EngineUnreachable`, `EngineResting`, and `ClientGone` where ``cancellation`` says so.
        """
        wrapper = self._wrapper(text, "SELECT")
        wrapper.addCustomHttpHeader("Accept", accept)
        if self._is_virtuoso:
            wrapper.addParameter("timeout", str(max(1000, int(timeout * 1000))))
        return self._send(wrapper, timeout, trusted=trusted, cancellation=cancellation)

    def update(self, text: str, *, timeout: float) -> None:
        """Raises what `ask` raises; the engine may have done a part of the update then."""
        with self._send(self._wrapper(text, "INSERT"), timeout, trusted=True) as reply:
            while reply.read(1 << 16):
                pass

    def _wrapper(self, text: str, kind: str) -> SPARQLWrapper:
        from SPARQLWrapper import POST, SPARQLWrapper  # brings rdflib's engine along: slow

        wrapper = SPARQLWrapper(self.url, updateEndpoint=self.update_url, agent="coi-graph")
        wrapper.setMethod(POST)
        wrapper.setOnlyConneg(True)
        # Not `setQuery`: it looks for the kind with expressions that backtrack for half a minute
        # on 64 KB of blank lines (measured), and a stranger may send those.
        wrapper.queryString, wrapper.queryType = text, kind
        return wrapper

    def _send(
        self,
        wrapper: SPARQLWrapper,
        timeout: float,
        *,
        trusted: bool,
        cancellation: Cancellation | None = None,
    ) -> Reply:
        reply = Reply(timeout, partial(self._broken, trusted=trusted))
        with self.breaker.call():
            try:
                request = wrapper._createRequest()
                connection = opener(reply, self._passwords)
                with _stopped_by(cancellation, reply):
                    reply.begin(connection.open(request, timeout=min(timeout, _CONNECT)))
            except HTTPError as error:
                with error:
                    refusal = self._refusal(error, timeout, trusted=trusted)
                reply.close()
                raise refusal from None
            except (OSError, ValueError, http.client.HTTPException) as error:
                reply.close()
                raise self._unreachable(error, reply, trusted=trusted) from error
            if self._cut_short(reply):
                reply.close()
                raise QueryTimeout(timeout)
            self.breaker.succeeded()
        self._is_virtuoso = "Virtuoso" in reply.headers.get("Server", "")
        return reply

    def _refusal(self, error: HTTPError, timeout: float, *, trusted: bool) -> CoiError:
        """The engine's own error as ours."""
        try:
            words = error.read(4 * _WORDS).decode("utf-8", "replace")
        except (OSError, ValueError, http.client.HTTPException):
            words = ""
        words = words.partition("\n\nSPARQL query:")[0].strip()[:_WORDS] or str(error.reason)
        state = _VIRTUOSO.match(words)
        if (state and state[1] in _VIRTUOSO_TIMEOUTS) or error.code in (408, 504):
            if trusted:
                self.breaker.failed()
            return QueryTimeout(timeout)
        if error.code == 400 and not trusted:
            self.breaker.succeeded()
            return QueryRejected(Message("The engine refuses the query: %(words)s", words=words))
        if trusted or error.code not in (400, 500):
            self.breaker.failed()
        _log.warning("the engine answers %s: %s", error.code, words[:300])
        return EngineFailed(
            Message("The engine answers %(status)d: %(words)s", status=error.code, words=words)
        )

    def _unreachable(self, error: Exception, reply: Reply, *, trusted: bool) -> CoiError:
        if reply.abandoned:  # by us
            return ClientGone()
        slow = reply.expired or isinstance(error, TimeoutError)
        if isinstance(error, URLError) and isinstance(error.reason, TimeoutError):
            slow = True
        if slow and reply.connected:
            if trusted:
                self.breaker.failed()
            return QueryTimeout(reply.timeout)
        self.breaker.failed()
        why = error.reason if isinstance(error, URLError) else error
        _log.warning("the engine cannot be reached: %s", why)
        if isinstance(error, http.client.HTTPException) and not isinstance(error, OSError):
            return EngineFailed(Message("The engine's answer is no HTTP"))
        return EngineUnreachable(why)

    def _broken(self, error: Exception, reply: Reply, *, trusted: bool) -> CoiError:
        """An answer that ended before its end."""
        if reply.abandoned:  # by us
            return ClientGone()
        if reply.expired or isinstance(error, TimeoutError):
            if trusted:
                self.breaker.failed()
            return QueryTimeout(reply.timeout)
        self.breaker.failed()
        return EngineFailed(Message("The engine's answer broke off"))

    def _cut_short(self, reply: Reply) -> bool:
        """Virtuoso's time-out can be a 200 with a part of the rows; only a header says so."""
        return reply.headers.get("X-SQL-State", "") in _VIRTUOSO_TIMEOUTS


@contextlib.contextmanager
def _stopped_by(cancellation: Cancellation | None, reply: Reply) -> Iterator[None]:
    """While the engine says nothing yet, `Cancellation.cancel` breaks the connection off."""
    if cancellation is None:
        yield
    else:
        with cancellation.stopped_by(reply.abandon):
            yield
