"""A query that was begun before Flask had the request (`plain`), for Flask to go on with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..errors import CoiError
from ..query.service import Question, Served

#: Where the application finds it in a request's environ.
ENVIRON_KEY = "coi.begun"


class Begun:
    """What came of ``question``: an answer, or the error to tell. Whoever holds the request calls
    `drop` at its end; one thread at a time."""

    def __init__(self, question: Question, came: Served | CoiError) -> None:
        self._question = question
        self._came: Served | CoiError | None = came

    def take(self, question: Question) -> Served | None:
        """The answer, once, if it is to this question. Raises the error that came instead."""
        if self._came is None or question.key != self._question.key:
            return None  # there is a new release meanwhile
        came, self._came = self._came, None
        if isinstance(came, CoiError):
            raise came
        return came

    def drop(self) -> None:
        """Stops and frees what nobody has taken."""
        came, self._came = self._came, None
        if isinstance(came, Served):
            came.close()


def take(environ: Mapping[str, Any], question: Question) -> Served | None:
    """What has begun for this request, if it is ``question``. Raises the error that came of it."""
    found: Begun | None = environ.get(ENVIRON_KEY)
    return None if found is None else found.take(question)


def drop(environ: Mapping[str, Any]) -> None:
    """Stops and frees what nobody has taken."""
    found: Begun | None = environ.get(ENVIRON_KEY)
    if found is not None:
        found.drop()
