"""Hypothesis without a deadline: other tests run on the same cores. And what a release's tables are
made from."""

import pytest
from hypothesis import settings

from coi_graph.intake.names import Names
from coi_graph.store import Store

settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")


@pytest.fixture(scope="session")
def names(built_store: Store) -> Names:
    """Kinds, fields and lists of the built release."""
    return Names.from_store(built_store)
