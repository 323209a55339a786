"""Going back, and comparing: both from the change sets that every release keeps."""

from __future__ import annotations

from datetime import UTC, datetime

from ..config import Config
from ..errors import BadRequest, ReleaseCorrupt
from ..i18n import Message
from ..query.named import load_queries
from . import changes, checks, dump_making, metadata, restoration
from .build import publisher, refuse_mirror
from .changes import ChangeSet
from .draft import Draft
from .releases import Release, Releases


def compare(releases: Releases, first: int, second: int) -> ChangeSet:
    """What turns release ``first`` into release ``second``, in either direction.

    Raises `NotFound` for a number that was never published.
    """
    low, high = sorted(releases.get(number).number for number in (first, second))
    whole = ChangeSet()
    for number in range(low + 1, high + 1):
        whole = whole.then(changes.read(releases.get(number).path))
    return whole if first <= second else whole.reversed()


def rollback(config: Config, number: int, *, now: datetime | None = None) -> Release:
    """A new release with the content of release ``number``: history only grows.

    The files keep their newer state; `build` publishes them again only after they have changed
    once more. A damaged current release may be named itself: its content is made again. Raises
    `NotFound`, `BadRequest` when ``number`` is the current release and whole, and `ReleaseCorrupt`
    when the change sets do not lead to that content.
    """
    refuse_mirror(config)
    with publisher(config) as releases:
        current, target = releases.current(), releases.get(number)
        if number == current.number and restoration.is_whole(current):
            raise BadRequest(Message("release %(number)s is the current one", number=number))
        change = compare(releases, current.number, number)
        change = ChangeSet(
            added=set(metadata.content_only(change.added)),
            removed=set(metadata.content_only(change.removed)),
        )
        draft = Draft.begin(releases, current, now or datetime.now(UTC))
        try:
            draft.apply(change)
            if draft.content_hash() != target.manifest.content_hash:
                raise ReleaseCorrupt(
                    Message("release %(number)s cannot be made again", number=number)
                )
            release = draft.publish(
                sources=target.manifest.sources,
                seen=current.manifest.seen,
                ontology_version=target.manifest.ontology_version,
                validated=target.manifest.validated,
                rolled_back_to=number,
            )
        except BaseException:
            draft.abandon()
            raise
        releases.prune(config.keep_releases)
        dump_making.keep_up(releases, config.keep_dumps)
        checks.keep_up(releases, load_queries(config.sources / "queries").values(), config)
        return release
