"""``coi-graph build --watch``, and the same as the child process of ``coi-graph serve``."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from .. import config
from ..i18n import Message
from ..publishing.schedule import Schedule
from ..publishing.watch import Publisher
from .output import say

_ORPHANED_SECONDS = 1.0
_LETTER_SECONDS = 5.0  # that a letter may take when the process ends
_AGAIN_SECONDS = 0.5  # after which one that has died is followed by another
_COI_GRAPH = (sys.executable, "-m", "coi_graph")


def _environment(settings: config.Config) -> dict[str, str]:
    return {**os.environ, **config.as_environment(settings)}


def watch(
    settings: config.Config, lang: str, published: Callable[[], None], parent: int | None = None
) -> None:
    """Publishes until the process is told to end, or until its ``parent`` has ended."""
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())

    def wait(seconds: float) -> bool:
        orphaned = parent is not None and os.getppid() != parent
        return ended.wait(seconds) or orphaned

    def make_dumps() -> subprocess.Popen[bytes]:
        return subprocess.Popen([*_COI_GRAPH, "release", "dumps"], env=_environment(settings))

    def tell(text: Message) -> None:
        say(text, lang)

    with _letters(settings):
        if settings.publish == "never":
            while not wait(_ORPHANED_SECONDS):
                pass
        else:
            Publisher(settings, tell, published, make_dumps).run(wait)


@contextmanager
def _letters(settings: config.Config) -> Iterator[None]:
    """Sends letters beside, where there is a mail server. A letter that is on its way when the
    process ends is sent again by the next one."""
    if not settings.smtp_host:
        yield
        return
    from ..mail.postman import Postman

    ended = threading.Event()
    thread = threading.Thread(
        target=Postman(settings).run, args=(ended,), name="letters", daemon=True
    )
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join(_LETTER_SECONDS)


@contextmanager
def beside(settings: config.Config, lang: str) -> Iterator[None]:
    """Runs a publisher as a child process, unless the setting ``publish`` is “never” and there are
    no letters to send either. One that dies is followed by another: what it was doing is found and
    finished."""
    if settings.publish == "never" and not settings.smtp_host:
        yield
        return
    if settings.smtp_host:
        from ..mail import smtp

        smtp.Mail(settings)  # what is wrong with it is said here, as below
    Schedule.read(settings.publish)  # what is wrong with it is said here, not again and again
    keeper = _Keeper(settings, lang)
    try:
        yield
    finally:
        keeper.end()


class _Keeper:
    """Keeps one publisher running."""

    def __init__(self, settings: config.Config, lang: str) -> None:
        self._settings, self._lang = settings, lang
        self._ending = threading.Event()
        self._child = self._start()
        threading.Thread(target=self._keep, name="publisher", daemon=True).start()

    def end(self) -> None:
        self._ending.set()
        self._child.terminate()
        try:
            self._child.wait(_ORPHANED_SECONDS)
        except subprocess.TimeoutExpired:
            say(Message("a release is being published; waiting for it"), self._lang)
            self._child.wait()

    def _keep(self) -> None:
        while not self._ending.is_set():
            self._child.wait()
            if not self._ending.wait(_AGAIN_SECONDS):
                self._child = self._start()

    def _start(self) -> subprocess.Popen[bytes]:
        command = [*_COI_GRAPH, "build", "--watch", "--lang", self._lang]
        # A session of its own: Ctrl-C is for the server, which ends its publisher afterwards.
        return subprocess.Popen(
            [*command, "--parent", str(os.getpid())],
            env=_environment(self._settings),
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
