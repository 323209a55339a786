"""What a web process reads from: its own stores and workers, or a remote engine."""

from __future__ import annotations

from ..config import Config
from ..description.paths import Addresses
from ..publishing.releases import Releases
from ..query import answering, direct
from ..query.cache import AnswerCache
from ..query.fairness import FairShare
from ..query.service import QueryService
from .engine_shelf import EngineShelf
from .publication import Publication, Stores


def make(settings: Config, addresses: Addresses) -> tuple[Publication, QueryService]:
    """The publication and the query service of this process; its workers start at once.

    Raises `BadSetting` for an engine whose address is none.
    """
    releases = Releases(settings.releases)
    cache = AnswerCache(settings.query_cache)
    if settings.engine:
        there = answering.remote(settings)
        shelf = EngineShelf(releases, there.engine, there.marker, settings.query_timeout)
        share = _share(settings, settings.engine_queries)
        service = QueryService(there.pool, cache, share)
        return Publication(releases, shelf, addresses), service
    share = _share(settings, settings.query_workers)
    direct_bytes = min(direct.MOST_BYTES, settings.query_result_bytes)
    service = QueryService(answering.own_pool(settings), cache, share, direct_bytes)
    stores = Stores(releases)
    return Publication(releases, stores, addresses, settings.memory_quads), service


def _share(settings: Config, places: int) -> FairShare:
    """One client may hold all places at the engine but one, and half of the queue."""
    queue = settings.query_queue
    return FairShare(
        settings.client_seconds, places - 1, may_wait=(queue + 1) // 2, all_may_wait=queue
    )
