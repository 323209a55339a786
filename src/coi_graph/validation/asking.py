"""The queries of a screening, several at a time where the store is on disk.

    python -m coi_graph.validation.asking STORE      pickled queries come in, pickled terms go out

pyoxigraph holds Python's lock while a query runs, so threads gain nothing (measured): `Apart` has
processes of its own that open the store, one for each processor, four at most.
"""

from __future__ import annotations

import os
import pickle
import queue
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Protocol

from ..store import Store, Term

_MOST = 4

#: What a query has found, when it is called: the values of its first variable.
Promise = Callable[[], list[Term]]


class Asking(Protocol):
    """Evaluates queries, at once or when their answer is wanted."""

    def ask(self, text: str, probe: str | None = None) -> Promise:
        """``probe``: a cheaper query that has a solution wherever ``text`` has one."""


class Here:
    """In this process, when the answer is wanted."""

    def __init__(self, data: Store) -> None:
        self._data = data

    def ask(self, text: str, probe: str | None = None) -> Promise:
        return partial(_values, self._data, text, probe)


class Apart:
    """In processes of its own, from now on. ``data`` is open for reading only."""

    def __init__(self, data: Store) -> None:
        self._here = Here(data)
        self._helpers = [_Helper(data.path) for _ in range(processes())]
        self._idle: queue.SimpleQueue[_Helper] = queue.SimpleQueue()
        for helper in self._helpers:
            self._idle.put(helper)
        self._waiting = ThreadPoolExecutor(len(self._helpers), "asking")

    def close(self) -> None:
        for helper in self._helpers:
            helper.end()  # whoever waits for its answer, waits no longer
        self._waiting.shutdown(cancel_futures=True)

    def ask(self, text: str, probe: str | None = None) -> Promise:
        return self._waiting.submit(self._answer, text, probe).result

    def _answer(self, text: str, probe: str | None) -> list[Term]:
        helper = self._idle.get()
        try:
            return helper.ask(text, probe)
        except (OSError, EOFError):  # somebody has ended it: then it takes longer
            return self._here.ask(text, probe)()
        finally:
            self._idle.put(helper)


def processes() -> int:
    """How many are asked at a time: a few long queries are what takes the time."""
    try:
        ours = len(os.sched_getaffinity(0))
    except AttributeError:  # not Linux
        ours = os.cpu_count() or 1
    return min(ours, _MOST)


class _Helper:
    def __init__(self, path: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", __name__, str(path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    def ask(self, text: str, probe: str | None) -> list[Term]:
        """Raises `OSError` or `EOFError` when the process has ended."""
        assert self._process.stdin
        assert self._process.stdout
        pickle.dump((text, probe), self._process.stdin)
        self._process.stdin.flush()
        found: list[Term] = pickle.load(self._process.stdout)
        return found

    def end(self) -> None:
        self._process.kill()
        self._process.communicate()


def _values(data: Store, text: str, probe: str | None) -> list[Term]:
    if probe is not None and next(data.query(probe), None) is None:
        return []
    return [solution[0] for solution in data.query(text)]


def _serve(path: Path) -> None:
    data = Store.open(path)
    while True:
        try:
            text, probe = pickle.load(sys.stdin.buffer)
        except EOFError:
            return
        pickle.dump(_values(data, text, probe), sys.stdout.buffer)
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    _serve(Path(sys.argv[1]))
