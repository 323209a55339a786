"""The index of the built release."""

from __future__ import annotations

from pathlib import Path

import pytest

from coi_graph.description.lookup import Lookup
from coi_graph.search import index
from coi_graph.search.index import Index
from coi_graph.search.records import records
from coi_graph.store import Store


@pytest.fixture(scope="session")
def made(built_store: Store, tmp_path_factory: pytest.TempPathFactory) -> Index:
    folder: Path = tmp_path_factory.mktemp("index")
    assert index.write(folder, records(Lookup(built_store))) > 1000
    return Index(folder)
