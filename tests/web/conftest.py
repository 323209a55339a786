"""The application over the built release."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from web_answers import SITE

from coi_graph import config
from coi_graph.web.app import create_app


@pytest.fixture(scope="session")
def app(home: Path) -> Iterator[Flask]:
    app = create_app(config.load({}, home=home, public_url=SITE, query_timeout=5.0))
    yield app
    app.extensions["coi-queries"].close()
    app.extensions["coi-checks"].close()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()
