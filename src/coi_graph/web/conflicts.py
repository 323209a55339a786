"""A record that has changed since a contribution began: three versions side by side, and a choice
for each property that differs. Nothing is overwritten that nobody has seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyoxigraph as ox

from ..description.view import Link, Value
from ..i18n import Message
from ..ledger.content import unpack
from ..ledger.errors import Conflict, Refused
from ..store import as_kept
from .desk import desk
from .statements import Labels

if TYPE_CHECKING:
    from ..ledger.schema import Contribution, Revision

#: What the sender can choose.
NOW, PROPOSED = "now", "proposed"
#: A record, a property, and the language of its values: texts are translated one by one.
_Key = tuple[ox.NamedNode | ox.BlankNode, ox.NamedNode, str]
_Version = dict[_Key, set[ox.Quad]]


@dataclass(frozen=True, slots=True)
class Row:
    """A property of a record whose values differ. ``suggested``: what keeps every change that
    somebody made; None where both sides changed it."""

    number: int
    subject: Link
    predicate: Link
    then: list[Value]
    now: list[Value]
    proposed: list[Value]
    suggested: str | None


@dataclass(frozen=True, slots=True)
class Versions:
    """What a graph held when the contribution began, what it holds by the newest acceptance (of
    contribution ``head``), and what is proposed."""

    head: int | None
    then: _Version
    now: _Version
    proposed: _Version

    @property
    def differing(self) -> list[_Key]:
        """Where a choice is needed, always in the same order."""
        keys = {*self.now, *self.proposed}
        differing = (key for key in keys if self.now.get(key) != self.proposed.get(key))
        return sorted(differing, key=lambda key: tuple(map(str, key)))

    def suggestion(self, key: _Key) -> str | None:
        then = self.then.get(key)
        if self.now.get(key) == then:
            return PROPOSED
        return NOW if self.proposed.get(key) == then else None


def versions(found: Contribution, revision: Revision) -> Versions | None:
    """None where nothing has changed since."""
    if found.id not in desk().contributions.changed_by([found]):
        return None
    head = desk().contributions.head(found.graph)
    base = desk().contributions.base(found)
    now = unpack(head[1].quads, found.graph) if head and not head[0].removes else []
    return Versions(
        head[0].id if head else None,
        _version(unpack(base.quads, found.graph) if base else []),
        _version(now),
        _version([] if found.removes else unpack(revision.quads, found.graph)),
    )


def rows(of: Versions) -> list[Row]:
    all_quads = [q for one in (of.now, of.then, of.proposed) for some in one.values() for q in some]
    labels = Labels(all_quads)

    def values(version: _Version, key: _Key) -> list[Value]:
        found = (labels.value(quad.object) for quad in sorted(version.get(key, ()), key=str))
        return [value for value in found if value is not None]

    return [
        Row(
            number,
            labels.link(key[0]),
            labels.link(key[1]),
            values(of.then, key),
            values(of.now, key),
            values(of.proposed, key),
            of.suggestion(key),
        )
        for number, key in enumerate(of.differing)
        if isinstance(key[0], ox.NamedNode)
    ]


def resolved(of: Versions, said: Mapping[str, str]) -> bytes:
    """The content that was chosen, as N-Triples. Raises `Conflict` where the record has changed
    once more, `Refused` where a choice is missing."""
    if said.get("head") != str(of.head):
        raise Conflict(
            Message("the record has changed once more"),
            remedy=Message("Look at the three versions again, then choose."),
        )
    chosen = dict(of.now)
    for number, key in enumerate(of.differing):
        choice = said.get(f"choice-{number}")
        if choice not in (NOW, PROPOSED):
            raise Refused(
                Message("a choice is missing"),
                remedy=Message("Choose one of the two for each property."),
            )
        if choice == PROPOSED:
            chosen[key] = of.proposed.get(key, set())
    lines = sorted(f"{quad.triple} .\n" for quads in chosen.values() for quad in quads)
    return "".join(lines).encode()


def _version(quads: Sequence[ox.Quad]) -> _Version:
    found: _Version = {}
    for quad in as_kept(quads):  # 1.0 and 1 are one value
        if isinstance(quad.subject, ox.NamedNode | ox.BlankNode):
            language = quad.object.language if isinstance(quad.object, ox.Literal) else None
            key = (quad.subject, quad.predicate, language or "")
            found.setdefault(key, set()).add(quad)
    return found
