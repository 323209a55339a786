"""The named queries, each asked of the newest release and held against its rows.

What comes out stands beside the release, in `queries.json`: for each query the last release that
gave exactly the expected rows, and the checksum of what was asked and expected. To ask them all
takes as long as the graph is large, so it is done after the switch, under the limits that a
visitor's queries have; until then a release says what the one before said.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping
from typing import Any

from ..config import Config
from ..errors import CoiError
from ..media import RESULTS_CSV
from ..query import answering
from ..query.answer import QueryRequest
from ..query.named import NamedQuery
from ..query.pool import WorkerPool
from . import durable
from .releases import Release, Releases

NAME = "queries.json"
#: By the query's name: ``release``, which may be None, and ``sha256``.
Checks = dict[str, dict[str, Any]]


def of(release: Release) -> Checks:
    """The checks of ``release``: those made since, else those of its manifest."""
    try:
        found = json.loads((release.path / NAME).read_text(encoding="utf-8"))
        if found["content_hash"] == release.manifest.content_hash:
            queries: Checks = found["queries"]
            return queries
    except (OSError, ValueError, KeyError, TypeError):
        pass
    return release.manifest.queries


def keep_up(releases: Releases, queries: Iterable[NamedQuery], config: Config) -> list[str] | None:
    """Asks the newest release what it has not been asked; the names of those that gave other rows
    than expected, or none in time. None where there was nothing to ask. For the one publisher."""
    release = releases.current()
    wanted = [query for query in queries if query.expected is not None]
    known = of(release)
    asked = (release.path / NAME).exists() and all(is_checked(query, known) for query in wanted)
    if asked or not wanted or not release.is_readable:
        return None
    found: Checks = {}
    with answering.own_pool(config, workers=1) as pool:
        for query in wanted:
            last = release.number if _gives(pool, release, query) else None
            if last is None and is_checked(query, known):
                last = known[query.name]["release"]
            found[query.name] = {"release": last, "sha256": query.digest}
    document = {"content_hash": release.manifest.content_hash, "queries": found}
    text = json.dumps(document, indent=1, sort_keys=True) + "\n"
    durable.write_beside(release.path, NAME, text)
    return [name for name, entry in found.items() if entry["release"] != release.number]


def is_checked(query: NamedQuery, checks: Mapping[str, dict[str, Any]]) -> bool:
    """Whether ``checks`` are of ``query`` as it is today; it may be newer than the release."""
    return checks.get(query.name, {}).get("sha256") == query.digest


def _gives(pool: WorkerPool, release: Release, query: NamedQuery) -> bool:
    request = QueryRequest(
        store_path=str(release.store_path),
        expected_bytes=release.manifest.store_bytes,
        query=query.text,
        media_type=RESULTS_CSV.media_type,
    )
    try:
        answer = pool.execute(request)
        body = b"".join(answer)
    except CoiError:
        return False  # it is on its page, with the engine's words
    if answer.truncated:
        return False
    wanted, got = _rows(query.expected or ""), _rows(body.decode())
    if query.ordered:
        return got == wanted
    return got[:1] == wanted[:1] and sorted(got[1:]) == sorted(wanted[1:])


def _rows(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text)))
