"""Threads on which the event loop runs the application."""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Callable
from typing import Any


class Threads:
    """Threads that run what they are given. concurrent.futures takes twice the time."""

    def __init__(self, number: int) -> None:
        self._work: queue.SimpleQueue[tuple[Any, ...]] = queue.SimpleQueue()
        for _ in range(number):
            threading.Thread(target=self._serve, name="web", daemon=True).start()

    def run(self, function: Callable[[], Any]) -> asyncio.Future[Any]:
        loop = asyncio.get_running_loop()
        future = loop.create_future()
        self._work.put((loop, future, function))
        return future

    def _serve(self) -> None:
        while True:
            loop, future, function = self._work.get()
            try:
                result = function()
            except BaseException as error:
                loop.call_soon_threadsafe(_fail, future, error)
            else:
                loop.call_soon_threadsafe(_finish, future, result)
                del result  # a thread that waits must not hold an answer
            del future, function


def _finish(future: asyncio.Future[Any], result: Any) -> None:
    if not future.done():
        future.set_result(result)


def _fail(future: asyncio.Future[Any], error: BaseException) -> None:
    if not future.done():
        future.set_exception(error)
