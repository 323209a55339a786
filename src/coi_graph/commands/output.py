"""What commands print: results on standard output, everything else on standard error."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

from ..i18n import Message

_EVERY = 5.0  # seconds between plain progress lines


def say(text: Message, lang: str) -> None:
    """A line about what is being done, on standard error."""
    click.echo(text.in_language(lang), err=True)


@contextmanager
def progress(title: Message, total: int, lang: str) -> Iterator[Callable[[int], None]]:
    """A bar on a terminal, plain lines otherwise; yields what to tell the bytes done so far."""
    words = title.in_language(lang)
    if sys.stderr.isatty():
        from rich.console import Console
        from rich.progress import Progress

        with Progress(console=Console(stderr=True)) as bar:
            task = bar.add_task(words, total=total)
            yield lambda done: bar.update(task, completed=done)
        return
    last = time.monotonic()

    def tell(done: int) -> None:
        nonlocal last
        if time.monotonic() - last >= _EVERY:
            last = time.monotonic()
            click.echo(f"{words}: {100 * done // max(total, 1)} %", err=True)

    yield tell
