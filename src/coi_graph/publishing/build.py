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
from ..query.named import load_queries
from ..validation import report
from ..validation.report import Report
from . import checks, dump_making, durable, feed, loads, mending, provenance, timeline
from .accepted import Acceptances, acceptances
from .admission import admit, unsaid
from .draft import Draft, ViolationsFound
from .releases import Release, Releases
from .verified import Verified
from .workbench import Workbench

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
def publisher(config: Config, verified: Verified | None = None) -> Iterator[Releases]:
    """The releases, for the one process that may add to them. Cleans up after a killed one.

    Raises `Busy` and `OutOfSpace`.
    """
    with durable.only_writer(config.home):
        releases = Releases(config.releases, verified)
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
    bench: Workbench | None = None,
    dumps: bool = True,
    most: int | None = None,
) -> Built:
    """Makes the next release from the files, the bulk loads and the accepted contributions.

    Raises `ViolationsFound` when files or loads violate the shapes (without ``validate`` they are
    not asked, and the manifest says so), and what reading them raises; the current release stays
    as it is. A contribution that violates the shapes is set aside instead, and holds up nothing.
    A current release that is damaged is made again first (`mending`).
    ``bench`` is kept by whoever builds release after release; such a one can leave out the
    ``dumps`` and the named queries, whose cost follows the graph and not the change, and make up
    for them when there is time.
    ``most`` contributions are taken at once, where more are waiting.
    """
    refuse_mirror(config)
    bench = bench or Workbench()
    with publisher(config, bench.verified) as releases, acceptances(config, most) as accepted:
        now = now or datetime.now(UTC)
        parent = releases.current() if releases.current_number() else None
        number, mended = parent.number + 1 if parent else 1, None
        if parent is not None and mending.is_damaged(releases):
            parent = mended = mending.made_again(releases, parent, tell, now)
            number += mended is not None
        if parent is not None:
            accepted.settle(parent.manifest)
        own = _wanted(config)
        if parent is not None and parent.manifest.seen == _digests(own, accepted):
            feed.keep_up(releases)  # of releases that an earlier version made
            if dumps:
                dump_making.keep_up(releases, config.keep_dumps)  # those a killed publisher left
            return Built(mended)
        draft = Draft.begin(releases, parent, now, number)
        try:
            found = _fill(draft, own, accepted, tell, validate)
            admit(draft, accepted, bench, tell)
            reviews = _tell_origins(draft, own, accepted)
            digests = _digests(own, accepted)
            if not draft.change or (parent is not None and parent.manifest.seen == digests):
                draft.abandon()  # for instance, because all that was waiting has been set aside
                if dumps:
                    dump_making.keep_up(releases, config.keep_dumps)
                return Built(mended)
            tell(Message("publishing release %(number)s", number=draft.number))
            release = draft.publish(
                sources=digests,
                seen=digests,
                ontology_version=sources.ontology_version(config.sources),
                validated=validate,
                reviews=reviews,
            )
        except BaseException:
            draft.abandon()
            raise
        accepted.settle(release.manifest)
        releases.prune(config.keep_releases)
        if dumps:
            tell(Message("writing the dumps of release %(number)s", number=release.number))
            dump_making.keep_up(releases, config.keep_dumps)
            tell_of_queries(releases, config, tell)
        return Built(release, found)


def mend(config: Config, *, tell: Tell, bench: Workbench, most: int | None = None) -> None:
    """Makes a damaged current release again; for who begins to publish, whatever is waiting."""
    with publisher(config, bench.verified) as releases:
        damaged = mending.is_damaged(releases)
    if damaged:
        build(config, tell=tell, bench=bench, dumps=False, most=most)


def _fill(
    draft: Draft, own: dict[str, _Content], accepted: Acceptances, tell: Tell, validate: bool
) -> Report | None:
    """Brings ``draft`` to what it shall hold; the report on it, where it was made."""
    known = draft.parent.manifest.sources if draft.parent else {}
    waiting = {one.graph for one in accepted.waiting}
    # Contributions that were published before and are not there now: after a rollback.
    lost = [
        graph
        for graph, contributed in accepted.wanted.items()
        if graph not in waiting and known.get(graph) != contributed.digest
    ]
    changed = {graph: one for graph, one in own.items() if known.get(graph) != one.digest}
    gone = known.keys() - own.keys() - accepted.wanted.keys() - waiting
    tell(Message("reading %(count)s changed sources", count=len(changed)))
    draft.replace({graph: one.read() for graph, one in changed.items()}, gone)
    draft.replace({graph: unsaid(accepted.read(graph), draft.store) for graph in lost}, ())
    found: Report | None = None
    if draft.change and validate:
        tell(Message("validating %(count)s quads", count=len(draft.store)))
        found = draft.validate(accepted.all_waived())
    elif draft.change:
        draft.replace_one(report.REPORT_GRAPH, ())  # the parent's says nothing of this one
    return found


def _tell_origins(draft: Draft, own: dict[str, _Content], accepted: Acceptances) -> list[str]:
    """Brings the provenance of what ``draft`` changes up to date; the reviews of what is
    new in it."""
    known = draft.parent.manifest.sources if draft.parent else {}
    digests = _digests(own, accepted)
    changed = {graph for graph, digest in digests.items() if known.get(graph) != digest}
    gone = known.keys() - digests.keys()
    files = {
        graph: own[graph].name
        if graph in own
        else f"contributions/{accepted.wanted[graph].contribution_id}"
        for graph in changed
    }
    waiting = {one.graph for one in accepted.waiting}
    origins = accepted.origins((changed | gone | waiting) - own.keys())
    change, new = provenance.change(draft.store, files, gone, origins)
    draft.apply(change)
    return new


def _digests(own: dict[str, _Content], accepted: Acceptances) -> dict[str, str]:
    """Each named graph with the digest of what it is made from."""
    return {graph: one.digest for graph, one in own.items()} | {
        graph: one.digest for graph, one in accepted.wanted.items()
    }


def tell_of_queries(releases: Releases, config: Config, tell: Tell) -> None:
    """Asks the newest release the named queries, and tells which do not answer as they should: the
    data have changed, or they."""
    queries = load_queries(config.sources / "queries").values()
    others = checks.keep_up(releases, queries, config)
    if others:
        tell(
            Message(
                "other rows than with the shipped data and examples alone: %(names)s",
                names=", ".join(others),
            )
        )


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
