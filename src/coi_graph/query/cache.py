"""Answers that have been computed: a release never changes, so neither does an answer of it."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Sequence

_OVERHEAD = 512  # bytes that an entry costs beside its body


def key_of(
    release: int,
    content_hash: str,
    query: str,
    base_iri: str,
    default_graphs: Sequence[str] | None,
    named_graphs: Sequence[str] | None,
    media_type: str,
) -> str:
    """The name of an answer: what it is of, what was asked of what, and the form."""
    dataset = (default_graphs and tuple(default_graphs), named_graphs and tuple(named_graphs))
    asked = repr((release, content_hash, query, base_iri, dataset, media_type))
    return hashlib.sha256(asked.encode()).hexdigest()


class AnswerCache:
    """Complete answers up to ``max_bytes`` in all; the one not asked for longest goes first.

    Thread-safe. With ``max_bytes`` 0 it keeps nothing.
    """

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._bytes = 0
        self._bodies: OrderedDict[str, bytes] = OrderedDict()
        self._lock = threading.Lock()
        #: Bytes of the largest body that is kept: a quarter of the room.
        self.largest = max_bytes // 4 - _OVERHEAD
        self.hits = 0
        self.misses = 0

    def get(self, key: str) -> bytes | None:
        with self._lock:
            body = self._bodies.get(key)
            if body is None:
                self.misses += 1
            else:
                self.hits += 1
                self._bodies.move_to_end(key)
            return body

    def put(self, key: str, body: bytes) -> None:
        """Keeps ``body`` unless it is larger than `largest`."""
        size = len(body) + _OVERHEAD
        if len(body) > self.largest:
            return
        with self._lock:
            if key in self._bodies:
                return
            self._bodies[key] = body
            self._bytes += size
            while self._bytes > self._max_bytes:
                _, dropped = self._bodies.popitem(last=False)
                self._bytes -= len(dropped) + _OVERHEAD

    @property
    def size(self) -> int:
        """Bytes taken, the entries' overhead included."""
        return self._bytes
