"""What has changed since a release, as a plain list: for programs that keep an exact copy.

The list names the two files of each release since then; the statements themselves are in those.
Whoever wants the difference as one answer gets it in RDF, while it is small.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pyoxigraph as ox

from ..errors import CoiError, Gone, NotFound
from ..i18n import Message
from ..namespaces import AS, RDF
from ..store import graph_of
from . import changes, metadata
from .changes import ChangeSet
from .manifest import NOTHING
from .releases import Release, Releases

MOST_RELEASES = 1_000  # in one list
MOST_STATEMENTS = 50_000  # in one answer in RDF


class TooMuch(CoiError):
    status = 413
    slug = "too-large"
    title = Message("The answer would be too large")


@dataclass(frozen=True, slots=True)
class ChangeList:
    """The releases after ``since`` up to ``until``, oldest first; ``newest`` may be later."""

    since: int
    since_hash: str
    newest: Release
    releases: list[Release]

    @property
    def until(self) -> int:
        return self.releases[-1].number if self.releases else self.since

    def as_json(self, site: str) -> dict[str, Any]:
        """Addresses are absolute; ``next`` is there where the list goes on."""
        document: dict[str, Any] = {
            "since": self.since,
            "since_content_hash": self.since_hash,
            "until": self.until,
            "newest": self.newest.number,
            "newest_content_hash": self.newest.manifest.content_hash,
            "releases": [_entry(release, site) for release in self.releases],
        }
        if self.until < self.newest.number:
            document["next"] = f"{site}changes?since={self.until}"
        return document

    def difference(self) -> ChangeSet:
        """The content that is added and removed in all. Raises `TooMuch`."""
        total = sum(r.manifest.added + r.manifest.removed for r in self.releases)
        if total > MOST_STATEMENTS:
            raise TooMuch(
                Message(
                    "%(count)s statements have changed since release %(number)s, "
                    "too many for one answer",
                    count=total,
                    number=self.since,
                ),
                remedy=Message("Ask for application/json: it names the files of each release."),
            )
        whole = ChangeSet()
        for release in self.releases:
            whole = whole.then(changes.read(release.path))
        return ChangeSet(
            added=set(metadata.content_only(whole.added)),
            removed=set(metadata.content_only(whole.removed)),
        )


def since(releases: Releases, newest: Release, number: int) -> ChangeList:
    """What ``releases`` say has changed after release ``number``, where ``newest`` is served.

    0 means from nothing. Raises `NotFound` for a release that there has not been yet, `Gone` where
    its changes are not here: of a copy that began later.
    """
    if number > newest.number:
        raise NotFound(
            Message("there is no release %(number)s", number=number),
            remedy=Message("The newest release is %(newest)s.", newest=newest.number),
            newest=newest.number,
            newest_content_hash=newest.manifest.content_hash,
        )
    try:
        base = releases.get(number).manifest.content_hash if number else NOTHING
        wanted = range(number + 1, min(newest.number, number + MOST_RELEASES) + 1)
        found = [releases.get(one) for one in wanted]
    except NotFound:
        found = []
        base = ""
    if not base or (found and found[0].manifest.parent != (number or None)):
        raise Gone(
            Message("the changes since release %(number)s are not kept here", number=number),
            remedy=Message("Copy release %(newest)s whole; /dump/ has it.", newest=newest.number),
            newest=newest.number,
            newest_content_hash=newest.manifest.content_hash,
        )
    return ChangeList(number, base, newest, found)


def as_quads(difference: ChangeSet, address: str) -> Iterator[ox.Quad]:
    """For each named graph that has changed: an `as:Add` and an `as:Remove`, each with its
    statements in a graph of its own name."""
    number = 0
    for quads, kind, where in (
        (difference.removed, "Remove", "origin"),
        (difference.added, "Add", "target"),
    ):
        by_graph: dict[str, list[ox.Quad]] = {}
        for quad in quads:
            by_graph.setdefault(graph_of(quad), []).append(quad)
        for graph, own in sorted(by_graph.items()):
            number += 1
            activity = ox.NamedNode(f"{address}#{number}")
            yield ox.Quad(activity, ox.NamedNode(RDF + "type"), ox.NamedNode(AS + kind))
            yield ox.Quad(activity, ox.NamedNode(AS + where), ox.NamedNode(graph))
            for quad in sorted(own, key=str):
                yield ox.Quad(quad.subject, quad.predicate, quad.object, activity)


def _entry(release: Release, site: str) -> dict[str, Any]:
    m = release.manifest
    address = f"{site}release/{m.release}"
    return {
        "release": m.release,
        "parent": m.parent,
        "issued": m.issued,
        "content_hash": m.content_hash,
        "statements": m.quads,
        "rolled_back_to": m.rolled_back_to,
        "page": address,
        "manifest": f"{address}/manifest.json",
        "added": _file(m.files, changes.ADDED, m.added, address),
        "removed": _file(m.files, changes.REMOVED, m.removed, address),
    }


def _file(files: dict[str, dict[str, Any]], name: str, count: int, address: str) -> dict[str, Any]:
    return {"statements": count, "address": f"{address}/{name}", **files.get(name, {})}
