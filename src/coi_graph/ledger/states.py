"""The states of a contribution, and who may lead it from one to another.

draft ──submit──▶ submitted ──accept──▶ accepted ──publish──▶ published
  │                │  │  ▲                 │
  │                │  └──┼──return──▶ returned ◀──┘ (the publisher: it no longer conforms)
  └──withdraw──▶ withdrawn ◀──withdraw──┘
"""

from __future__ import annotations

from enum import StrEnum


class State(StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    ACCEPTED = "accepted"
    WITHDRAWN = "withdrawn"
    PUBLISHED = "published"


class Role(StrEnum):
    """What an account may do; each may do what those before it may."""

    CONTRIBUTOR = "contributor"
    REVIEWER = "reviewer"
    ADMINISTRATOR = "administrator"

    def includes(self, other: Role) -> bool:
        order = list(Role)
        return order.index(self) >= order.index(other)


#: State → the states that may follow. Sending new content (`revise`) makes any open one a draft.
FOLLOWING: dict[State, frozenset[State]] = {
    State.DRAFT: frozenset({State.DRAFT, State.SUBMITTED, State.WITHDRAWN}),
    State.SUBMITTED: frozenset({State.DRAFT, State.ACCEPTED, State.RETURNED, State.WITHDRAWN}),
    State.RETURNED: frozenset({State.DRAFT, State.SUBMITTED, State.WITHDRAWN}),
    State.ACCEPTED: frozenset({State.PUBLISHED, State.RETURNED}),
    State.WITHDRAWN: frozenset(),
    State.PUBLISHED: frozenset(),
}

#: What its sender, or a reviewer, can still change.
OPEN = frozenset({State.DRAFT, State.SUBMITTED, State.RETURNED})
