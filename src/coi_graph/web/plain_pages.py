"""Pages of things that were asked for lately: sent again without Flask, as they were packed.

A page of a release never changes while that release is the current one. What is kept are whole
answers of the application to requests without a cookie, under all that the answer may depend on;
the one not asked for longest goes first.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

from .headers import RawHeaders
from .publication import Opened

#: Where nothing is shown but what the release holds.
_PATHS = ("/doc/", "/def/")
_MOST_BYTES = 32 << 20
_OVERHEAD = 2048  # bytes of an entry beside its body: key and headers
#: Of the request: what the answer may depend on.
_TELLING = (b"accept", b"accept-encoding", b"accept-language", b"host")
_MAY_VARY = frozenset(_TELLING)
_LONGEST = 4096  # bytes of what is remembered of a request

Key = tuple[bytes, ...]


class PlainPages:
    """One a web process. For the event loop's thread only."""

    def __init__(self, most_bytes: int = _MOST_BYTES) -> None:
        self._most_bytes = most_bytes
        self._bytes = 0
        self._of: Opened | None = None
        self._kept: OrderedDict[Key, tuple[RawHeaders, bytes]] = OrderedDict()

    def key(self, scope: Mapping[str, Any]) -> Key | None:
        """Of a plain GET (`express.plain_accept`); None where its answer is not kept."""
        if not scope["path"].startswith(_PATHS) or b"release=" in scope["query_string"]:
            return None
        told = dict.fromkeys(_TELLING, b"")
        for name, value in scope["headers"]:
            if name == b"cookie" or told.get(name):  # somebody's own, or said twice
                return None
            if name in told:
                told[name] = value
        raw: bytes = scope.get("raw_path") or scope["path"].encode()
        key = (raw, scope["query_string"], *told.values())
        return key if sum(map(len, key)) <= _LONGEST else None

    def answer(self, of: Opened, key: Key) -> tuple[RawHeaders, bytes] | None:
        if of is not self._of:
            return None
        found = self._kept.get(key)
        if found is not None:
            self._kept.move_to_end(key)
        return found

    def remember(self, of: Opened, key: Key, headers: RawHeaders, body: bytes) -> None:
        """``headers`` and ``body`` of the application's 200, which was made from ``of``."""
        if not _is_public_page(headers) or len(body) + _OVERHEAD > self._most_bytes // 16:
            return
        if of is not self._of:
            self._of, self._bytes = of, 0
            self._kept.clear()
        if key in self._kept:
            return
        self._kept[key] = headers, body
        self._bytes += len(body) + _OVERHEAD
        while self._bytes > self._most_bytes:
            _, (_, dropped) = self._kept.popitem(last=False)
            self._bytes -= len(dropped) + _OVERHEAD


def _is_public_page(headers: RawHeaders) -> bool:
    """Whether it is a page that is the same for everybody who asks in the same way."""
    content_type = cache_control = b""
    for name, value in headers:
        if name == b"set-cookie":
            return False
        if name == b"content-type":
            content_type = value
        elif name == b"cache-control":
            cache_control = value
        elif name == b"vary" and not _MAY_VARY.issuperset(
            one.strip().lower() for one in value.split(b",")
        ):
            return False
    return content_type.startswith(b"text/html") and b"public" in cache_control.split(b", ")
