"""Which release a remote engine holds: one statement in it, which a push writes last.

`<dataset> dcat:hasCurrentVersion <release/N>` in the graph ``graph/release`` is a part of release
N itself. A push removes it first, so where it is missing the engine is between two releases.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable

from ..i18n import Message
from ..namespaces import BASE, DCAT, GRAPH
from .engine import Engine
from .errors import EngineFailed

GRAPH_OF_RELEASE = GRAPH + "release"
STATEMENT = f"<{BASE}dataset> <{DCAT}hasCurrentVersion>"
_RELEASE = BASE + "release/"
_QUERY = f"SELECT ?release WHERE {{ GRAPH <{GRAPH_OF_RELEASE}> {{ {STATEMENT} ?release }} }}"
_JSON = "application/sparql-results+json"
_SECONDS = 5.0  # that so small a question may take
_FRESH = 1.0  # seconds for which an answer is good enough to begin with


class ReleaseMarker:
    """Thread-safe; one an engine and process."""

    def __init__(self, engine: Engine, clock: Callable[[], float] = time.monotonic) -> None:
        self._engine = engine
        self._clock = clock
        self._asking = threading.Lock()
        self._known: int | None = None
        self._until = 0.0

    def number(self) -> int | None:
        """The release that the engine holds now, None where it holds none that is complete.

        Raises what `Engine.ask` raises.
        """
        with self._engine.ask(_QUERY, _JSON, timeout=_SECONDS, trusted=True) as reply:
            content = reply.read()
        try:
            rows = json.loads(content)["results"]["bindings"]
            numbers = {int(row["release"]["value"].removeprefix(_RELEASE)) for row in rows}
        except (ValueError, KeyError, TypeError) as error:
            self._engine.breaker.failed()
            raise EngineFailed(Message("The engine's answer cannot be read")) from error
        known = numbers.pop() if len(numbers) == 1 else None
        self._known, self._until = known, self._clock() + _FRESH
        return known

    @property
    def known(self) -> int | None:
        """What the engine said last."""
        return self._known

    def recent(self) -> int | None:
        """The same, at most a second old. Who takes it checks with `number` in the end."""
        if self._clock() < self._until:
            return self._known
        with self._asking:
            return self._known if self._clock() < self._until else self.number()

    def forget(self) -> None:
        """The next `recent` asks anew."""
        self._until = 0.0
