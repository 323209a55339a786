"""A rehearsal: the newest release, copied from its own site as a stranger would.

Over HTTP, with the client that mirrors use: catalogue, paging, dump, change list and feed. What
comes out of each is compared with the manifest on disk. It costs about what one harvester costs;
of a feed with more than `MOST_MEMBERS` members only the newest release's are read.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import pyoxigraph as ox

from ..errors import CoiError
from ..namespaces import DCAT, TREE
from ..publishing import feed
from ..publishing.feed_members import Member, members
from ..publishing.manifest import hash_of
from ..publishing.proof import Check, Proof
from ..publishing.releases import Release, Releases
from .client import BadAnswer, Client
from .publisher import dump_of_catalogue, news
from .tally import tally

MOST_MEMBERS = 200_000
_HYDRA_NEXT = "http://www.w3.org/ns/hydra/core#next"
_MOST_PAGE = 64 << 20  # bytes
_MOST_PAGES = 100_000


def rehearse(releases: Releases, release: Release, site: str) -> Proof:
    """Walks ``site``, where ``release`` is the newest. Never raises for what it finds."""
    started, clock = datetime.now(UTC), time.monotonic()
    checks: list[Check] = []
    failure = ""
    try:
        for check in _checks(releases, release, Client(site)):
            checks.append(check)
    except CoiError as error:
        failure = str(error)
    return Proof(
        release.number,
        site,
        started.isoformat(timespec="seconds").replace("+00:00", "Z"),
        round(time.monotonic() - clock, 1),
        checks,
        failure,
    )


def _checks(releases: Releases, release: Release, client: Client) -> Iterator[Check]:
    m = release.manifest
    whole = _datasets(client, "catalog")
    paged: set[str] = set()
    for path in _chain(client, "catalog?page=1"):
        paged |= _datasets(client, path)
    yield Check("catalogue, paged and whole", str(len(paged)), str(len(whole | paged)))
    number, dump = dump_of_catalogue(client)
    yield Check("release that the catalogue names", str(number), str(release.number))
    with tempfile.TemporaryDirectory(prefix="coi-rehearsal-") as folder:
        file = Path(folder) / "dump.nq.gz"
        client.download(dump.path, file, dump.bytes, dump.sha256)
        counted = tally(file)
    yield Check("statements of the dump", str(counted["quads"]), str(m.quads))
    yield Check("content hash of the dump", str(counted["content_hash"]), m.content_hash)
    yield from _change_list(releases, release, client)
    yield from _feed(releases, release, client)


def _change_list(releases: Releases, release: Release, client: Client) -> Iterator[Check]:
    m = release.manifest
    if m.parent is None:
        return
    parent = releases.get(m.parent).manifest
    found = news(client, m.parent, parent.content_hash, "")
    steps = found.steps if found is not None else []
    yield Check("releases since the one before", str(len(steps)), "1")
    with tempfile.TemporaryDirectory(prefix="coi-rehearsal-") as folder:
        for step in steps:
            for name, file in (("added", step.added), ("removed", step.removed)):
                target = Path(folder) / f"{name}.nq.gz"
                client.download(file.path, target, file.bytes, file.sha256)
                expected = str(m.added if name == "added" else m.removed)
                yield Check(f"statements {name}", str(tally(target)["quads"]), expected)


def _feed(releases: Releases, release: Release, client: Client) -> Iterator[Check]:
    known = [r for r in releases.all() if feed.exists(r.path) and r.number <= release.number]
    total = sum(feed.read_index(one.path).members for one in known)
    if total <= MOST_MEMBERS:
        state: dict[str, int] = {}
        count = 0
        for member in _members(client, "feed"):
            count += 1
            if member.what == "Delete":
                state.pop(member.thing, None)
            else:
                state[member.thing] = hash_of(member.quads)
        yield Check("members of the feed", str(count), str(total))
        content = f"{sum(state.values()) % 2**256:064x}"
        yield Check("content hash of the feed, replayed", content, release.manifest.content_hash)
        return
    count = sum(1 for _ in _members(client, f"feed/{release.number}/1"))
    expected = feed.read_index(release.path).members
    yield Check("members of the newest release", str(count), str(expected))


def _members(client: Client, start: str) -> Iterator[Member]:
    for quads in _walk(client, start):
        yield from members(quads)


def _walk(client: Client, start: str) -> Iterator[list[ox.Quad]]:
    """The pages that `tree:node` leads to, each once, in the feed's order: what a page leads to
    comes before its neighbours, so all pages of a release before those of the next."""
    waiting, seen = [start], {start}
    while waiting:
        quads = _read(client, waiting.pop(0), "application/n-quads", ox.RdfFormat.N_QUADS)
        yield quads
        found = []
        for quad in quads:
            if quad.predicate.value == TREE + "node" and isinstance(quad.object, ox.NamedNode):
                path = _below(client, quad.object.value)
                if path not in seen and len(seen) < _MOST_PAGES:
                    seen.add(path)
                    found.append(path)
        waiting[:0] = found


def _chain(client: Client, start: str) -> Iterator[str]:
    """The pages that `hydra:next` leads to."""
    path, seen = start, set[str]()
    while path and path not in seen:
        yield path
        seen.add(path)
        quads = _read(client, path, "text/turtle", ox.RdfFormat.TURTLE)
        path = next(
            (
                _below(client, quad.object.value)
                for quad in quads
                if quad.predicate.value == _HYDRA_NEXT and isinstance(quad.object, ox.NamedNode)
            ),
            "",
        )


def _datasets(client: Client, path: str) -> set[str]:
    quads = _read(client, path, "text/turtle", ox.RdfFormat.TURTLE)
    return {str(quad.object) for quad in quads if quad.predicate.value == DCAT + "dataset"}


def _read(client: Client, path: str, accept: str, format: ox.RdfFormat) -> list[ox.Quad]:
    answer = client.get(path, _MOST_PAGE, accept=accept)
    if answer.status != 200:
        raise BadAnswer(f"{path} answers {answer.status}")
    try:
        return list(ox.parse(answer.body, format=format, base_iri=client.site + path))
    except (SyntaxError, ValueError) as error:
        raise BadAnswer(f"{path}: {error}") from error


def _below(client: Client, address: str) -> str:
    """An absolute address of the site → its path below it. Raises `BadAnswer` for another's."""
    if not address.startswith(client.site):
        raise BadAnswer(f"{address} is not below {client.site}")
    parts = urlsplit(address[len(client.site) :])
    return parts.path + (f"?{parts.query}" if parts.query else "")
