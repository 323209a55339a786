"""``coi-graph query FILE|TEXT|NAME``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click


def command(home_option: Callable[..., Any]) -> click.Command:
    @click.command("query")
    @home_option
    def query(home: Path | None, lang: str) -> None:
        """x"""

    return query
