"""A small tree of sources for each test."""

from __future__ import annotations

from pathlib import Path

import pytest

from small_tree import Tree


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    return Tree.make(tmp_path)
