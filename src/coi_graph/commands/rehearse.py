"""``coi-graph release rehearse``: copy the newest release from its own site, and compare."""

from __future__ import annotations

import math
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from .. import config
from ..errors import EXIT_NO, CoiError
from ..following.rehearsal import rehearse
from ..i18n import Message
from ..publishing import dumps, proof
from ..publishing.releases import Releases
from .output import say

_LOOK = 5.0  # seconds between two looks for a new release
_GLANCE = 0.5  # seconds between two looks at the parent
_NICE = 10
_AGAIN = 10.0  # seconds to the second try; twice as many to each after it


def command(home_option: Callable[..., Any]) -> click.Command:
    @click.command("rehearse")
    @home_option
    @click.option("--url", help="Address of the running site; the setting public_url otherwise.")
    @click.option("--with-parent", type=int, hidden=True)
    def rehearse_command(
        home: Path | None, lang: str, url: str | None, with_parent: int | None
    ) -> None:
        """Copy the newest release from the running site as a stranger would, and compare.

        The proof stands at /release/N/rehearsal. Exit code 1 when something differs.
        """
        settings = config.load(home=home)
        site = url or settings.site
        if with_parent is None:
            if not once(settings, site, lang):
                sys.exit(EXIT_NO)
            return
        os.nice(_NICE)
        _each_release(settings, site, lang, with_parent)

    return rehearse_command


def once(settings: config.Config, site: str, lang: str) -> bool:
    """Rehearses the newest release and keeps the proof; False when it failed."""
    releases = Releases(settings.releases)
    release = releases.current()
    found = rehearse(releases, release, site)
    proof.write(release.path, found)
    if found.passed:
        say(Message("rehearsal of release %(number)s: passed", number=release.number), lang)
        return True
    say(Message("REHEARSAL OF RELEASE %(number)s FAILED", number=release.number), lang)
    for check in found.checks:
        if not check.passed:
            say(
                Message("%(name)s: %(found)s instead of %(expected)s", name=check.name,
                        found=check.found, expected=check.expected),
                lang,
            )  # fmt: skip
    if found.failure:
        say(Message("%(text)s", text=found.failure), lang)
    return False


def _each_release(settings: config.Config, site: str, lang: str, parent: int) -> None:
    """Rehearses each release when its dumps are there, until the process ``parent`` ends. One
    that fails is tried again, less and less often: the site may not be up yet."""
    tried, failures, again = 0, 0, 0.0
    while not left_alone(parent, _LOOK):
        try:
            release = Releases(settings.releases).current()
            if not dumps.listed(release):
                continue
        except CoiError:
            continue
        if release.number != tried:
            tried, failures = release.number, 0
            last = proof.read(release.path)
            again = math.inf if last is not None and last.passed else 0.0
        if time.monotonic() >= again:
            try:
                passed = once(settings, site, lang)
            except CoiError as error:  # it was switched away under us
                say(error.message, lang)
                passed = False
            failures += 1
            again = math.inf if passed else time.monotonic() + _AGAIN * 2**failures


@contextmanager
def beside(settings: config.Config, lang: str) -> Iterator[None]:
    """Rehearses each new release in a process of low priority, for as long as the block lasts."""
    child = subprocess.Popen(
        [sys.executable, "-m", "coi_graph", "release", "rehearse", "--home", str(settings.home),
         "--url", settings.site, "--lang", lang, "--with-parent", str(os.getpid())],
        stdin=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        yield
    finally:
        child.terminate()
        child.wait()


def left_alone(parent: int, seconds: float) -> bool:
    """Waits for ``seconds``; True as soon as the process ``parent`` has ended."""
    end = time.monotonic() + seconds
    while os.getppid() == parent:
        left = end - time.monotonic()
        if left <= 0:
            return False
        time.sleep(min(left, _GLANCE))
    return True
