"""Who acts, and how far that reaches; and the numbers that pages tell people.

Imported without SQLAlchemy: most visitors of a server only read.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from ..i18n import Message
from .errors import Forbidden
from .states import Role

SESSION_DAYS = 14
SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 200  # hashing costs time


class Scope(StrEnum):
    """What a token may be used for; never more than its account's role allows."""

    CONTRIBUTE = "contribute"
    REVIEW = "review"
    ADMINISTER = "administer"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: an account, its role, and (with a token) what it may be used for."""

    id: int
    name: str
    role: Role
    organisation: str
    language: str
    scopes: frozenset[Scope] | None = None  # None: signed in as a person
    #: Of the request: kept with the event, so that the same request is no second step.
    idempotency_key: str | None = None

    def must(self, role: Role, scope: Scope) -> None:
        """Raises `Forbidden` where role or token do not reach."""
        if not self.role.includes(role):
            raise Forbidden(
                Message("this needs the role “%(role)s”", role=role.value),
                remedy=Message("An administrator can give it: coi-graph account role"),
            )
        if self.scopes is not None and scope not in self.scopes:
            raise Forbidden(
                Message("this token may not “%(scope)s”", scope=scope.value),
                remedy=Message("Make a token with that scope: coi-graph account token"),
            )
