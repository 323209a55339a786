"""The named queries, each asked of a release that is being built and held against its rows.

What comes out stands in the manifest: for each query the last release that gave exactly the
expected rows, and the checksum of what was asked and expected.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from typing import Any

import pyoxigraph as ox

from ..query.named import NamedQuery
from ..store import Store

#: By the query's name: ``release``, which may be None, and ``sha256``.
Checks = dict[str, dict[str, Any]]


def check(
    queries: Iterable[NamedQuery], store: Store, release: int, before: Mapping[str, dict[str, Any]]
) -> Checks:
    """The checks of ``release``, whose statements are in ``store``. A query that gives other rows
    keeps what ``before``, the parent's checks, says of it, unless it has been changed since."""
    found: Checks = {}
    for query in queries:
        expected = query.expected
        if expected is None:
            continue
        last = release if _gives(store, query, expected) else None
        if last is None and is_checked(query, before):
            last = before[query.name]["release"]
        found[query.name] = {"release": last, "sha256": query.digest}
    return found


def is_checked(query: NamedQuery, checks: Mapping[str, dict[str, Any]]) -> bool:
    """Whether ``checks`` are of ``query`` as it is today; it may be newer than the release."""
    return checks.get(query.name, {}).get("sha256") == query.digest


def _gives(store: Store, query: NamedQuery, expected: str) -> bool:
    try:
        answer = store.query(query.text)
        if not isinstance(answer, ox.QuerySolutions):
            return False
        body = answer.serialize(format=ox.QueryResultsFormat.CSV)
    except (SyntaxError, ValueError, RuntimeError):
        return False  # it is on its page, with the engine's words
    assert body is not None
    wanted, got = _rows(expected), _rows(body.decode())
    if query.ordered:
        return got == wanted
    return got[:1] == wanted[:1] and sorted(got[1:]) == sorted(wanted[1:])


def _rows(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text)))
