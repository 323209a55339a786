"""A current release that is damaged: noticed by whoever begins the next, and made again.

History only grows, so what is made again is a new release with the same content. Where nothing
leads to that content (not the change sets, not the dump), the next release begins with nothing, and
the files and the ledger say what it holds.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from ..errors import NotFound, ReleaseCorrupt
from ..i18n import Message
from . import restoration
from .draft import Draft
from .releases import Release, Releases

Tell = Callable[[Message], None]


def made_again(releases: Releases, damaged: Release, tell: Tell, now: datetime) -> Release | None:
    """The release with the content of ``damaged``, which is the current one; None where nothing
    leads to it. For the one publisher."""
    tell(Message("release %(number)s is damaged; it is made again", number=damaged.number))
    try:
        known = damaged.manifest
        draft = Draft.begin(releases, damaged, now)
    except (ReleaseCorrupt, NotFound) as error:
        tell(
            Message(
                "%(why)s: the next release is made from the files and the ledger",
                why=error.message,
            )
        )
        return None
    try:
        return draft.publish(
            sources=known.sources,
            seen=known.seen,
            ontology_version=known.ontology_version,
            validated=known.validated,
            rolled_back_to=damaged.number,
        )
    except BaseException:
        draft.abandon()
        raise


def is_damaged(releases: Releases) -> bool:
    """Whether the current release does not verify."""
    return releases.current_number() is not None and not restoration.is_whole(releases.current())
