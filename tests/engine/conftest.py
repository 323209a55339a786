"""A real Virtuoso with the built release in it, and the application over it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import virtuoso as engine_program
from flask import Flask
from virtuoso import SITE, Virtuoso

from coi_graph import config
from coi_graph.publishing.push import push
from coi_graph.web.app import create_app
from environment import require


@pytest.fixture(scope="session")
def start_virtuoso(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Virtuoso]]:
    """Starts empty engines: ``start_virtuoso(max_rows=10)``."""
    require(engine_program.PROGRAM is not None, "virtuoso-t (Debian's virtuoso-opensource-7-bin)")
    running: list[Virtuoso] = []

    def start(**options: int) -> Virtuoso:
        running.append(engine_program.start(tmp_path_factory.mktemp("virtuoso"), **options))
        return running[-1]

    yield start
    for one in running:
        one.stop()


@pytest.fixture(scope="session")
def virtuoso(start_virtuoso: Callable[..., Virtuoso], engine_home: Path) -> Virtuoso:
    """One that holds the built release."""
    started = start_virtuoso()
    push(config.load(started.environment, home=engine_home))
    return started


@pytest.fixture(scope="session")
def engine_home(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built release without its store: manifests and change sets are all that is needed."""
    copy = tmp_path_factory.mktemp("engine") / "home"
    shutil.copytree(home, copy, symlinks=True, ignore=shutil.ignore_patterns("store"))
    return copy


@pytest.fixture(scope="session")
def remote_app(virtuoso: Virtuoso, engine_home: Path) -> Iterator[Flask]:
    settings = config.load(
        virtuoso.environment, home=engine_home, public_url=SITE, query_timeout=5.0, query_cache=0
    )
    app = create_app(settings)
    yield app
    app.extensions["coi-queries"].close()


@pytest.fixture(scope="session")
def embedded_app(home: Path) -> Iterator[Flask]:
    app = create_app(config.load({}, home=home, public_url=SITE, query_timeout=5.0))
    yield app
    app.extensions["coi-queries"].close()
