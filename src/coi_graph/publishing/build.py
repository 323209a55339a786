"""Files + bulk loads → a new release, if anything changed.

Built aside: the parent's store is cloned by hard links, the change applied, the candidate
validated, everything flushed and checksummed, the folder renamed into place, then `current` is
switched. Whoever kills this process at any moment leaves the old release or the new one.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import pyoxigraph as ox

from ..config import Config
from ..errors import BadRequest, OutOfSpace
from ..i18n import Message
from ..intake import sources
from ..validation import report
from ..validation.report import Report
from . import dump_making, durable, feed, loads, metadata, timeline
from .draft import Draft, ViolationsFound
from .releases import Release, Releases

__all__ = ["Built", "ViolationsFound", "build", "publisher"]

Tell = Callable[[Message], None]
#: The file that makes a home a mirror: its releases come from elsewhere (`coi_graph.following`).
MIRROR = "follow.json"


@dataclass(frozen=True, slots=True)
class Built:
    """What `build` did: the new release, or None when nothing had changed."""

    release: Release | None
    report: Report | None = None


@contextmanager
def publisher(config: Config) -> Iterator[Releases]:
    """The releases, for the one process that may add to them. Cleans up after a killed one.

    Raises `Busy` and `OutOfSpace`.
    """
    with durable.only_writer(config.home):
        releases = Releases(config.releases)
        releases.recover()
        releases.prune(config.keep_releases)  # frees space, where it was made smaller
        free = shutil.disk_usage(config.home).free
        if free < config.min_free:
            raise OutOfSpace(
                Message(
                    "%(free)s MiB are free in %(home)s, publishing needs %(needed)s",
                    free=free >> 20,
                    home=config.home,
                    needed=config.min_free >> 20,
                ),
                remedy=Message("Free space on that disk; what is published stays readable."),
            )
        yield releases
        timeline.keep_up(releases)


def build(
    config: Config,
    *,
    tell: Tell = lambda message: None,
    validate: bool = True,
    now: datetime | None = None,
) -> Built:
    """Makes the next release from the files and the bulk loads.

    Raises `ViolationsFound` when the candidate violates the shapes (without ``validate`` it is
    not asked, and the manifest says so), and what reading the files raises; the current release
    stays as it is.
    """
    refuse_mirror(config)
    with publisher(config) as releases:
        wanted = _wanted(config)
        seen = {graph: content.digest for graph, content in wanted.items()}
        parent = releases.current() if releases.current_number() else None
        if parent is not None and parent.manifest.seen == seen:
            feed.keep_up(releases)  # of releases that an earlier version made
            dump_making.keep_up(releases, config.keep_dumps)  # those that a killed publisher left
            return Built(None)
        version = sources.ontology_version(config.sources)
        known = parent.manifest.sources if parent else {}
        changed = {g: c for g, c in wanted.items() if known.get(g) != c.digest}
        gone = known.keys() - wanted.keys()
        draft = Draft.begin(releases, parent, now or datetime.now(UTC))
        try:
            tell(Message("reading %(count)s changed sources", count=len(changed)))
            draft.replace({graph: content.read() for graph, content in changed.items()}, gone)
            draft.replace_one(
                metadata.PROVENANCE,
                metadata.provenance((graph, content.name) for graph, content in wanted.items()),
            )
            found: Report | None = None
            if validate and draft.change:
                tell(Message("validating %(count)s quads", count=len(draft.store)))
                found = draft.validate()
            elif draft.change:
                draft.replace_one(report.REPORT_GRAPH, ())  # the parent's says nothing of this one
            if not draft.change:
                draft.abandon()
                dump_making.keep_up(releases, config.keep_dumps)
                return Built(None)
            tell(Message("publishing release %(number)s", number=draft.number))
            release = draft.publish(
                sources={graph: content.digest for graph, content in wanted.items()},
                seen=seen,
                ontology_version=version,
                validated=validate,
            )
        except BaseException:
            draft.abandon()
            raise
        releases.prune(config.keep_releases)
        tell(Message("writing the dumps of release %(number)s", number=release.number))
        dump_making.keep_up(releases, config.keep_dumps)
        return Built(release, found)


def is_mirror(config: Config) -> bool:
    return (config.home / MIRROR).exists()


def refuse_mirror(config: Config) -> None:
    """Raises `BadRequest` for a home whose releases come from elsewhere."""
    if is_mirror(config):
        raise BadRequest(
            Message("%(home)s is a mirror: its releases come from elsewhere", home=config.home),
            remedy=Message("Use another --home to publish from, or “coi-graph follow”."),
        )


@dataclass(frozen=True, slots=True)
class _Content:
    """What a named graph should hold."""

    name: str
    digest: str
    read: Callable[[], Iterable[ox.Quad]]


def _wanted(config: Config) -> dict[str, _Content]:
    wanted = {
        source.graph: _Content(
            source.path.relative_to(config.sources).as_posix(),
            source.digest,
            lambda source=source: sources.read(source),  # type: ignore[misc]
        )
        for source in sources.find(config.sources, examples=config.examples)
    }
    for load in loads.all_of(config.home):
        wanted[load.graph] = _Content(f"loads/{load.path.name}", load.digest, load.read)
    return wanted
