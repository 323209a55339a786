"""The kinds of things, as a reader meets them: what is behind ``id/<kind>/``.

The order is the order on the start page. `group` gathers kinds under a heading there.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..i18n import Message
from ..namespaces import ID


@dataclass(frozen=True, slots=True)
class Kind:
    """``slug`` is the path segment; ``title`` names many of them, in both languages."""

    slug: str
    title: Message
    group: str

    @property
    def prefix(self) -> str:
        return f"{ID}{self.slug}/"


GROUPS: dict[str, Message] = {
    "framework": Message("The framework"),
    "tools": Message("The tools"),
    "actors": Message("Actors and places"),
    "barometer": Message("The Innovation Barometer"),
    "practice": Message("From practice"),
    "codes": Message("Code lists"),
    "sources": Message("Sources and traces"),
}

KINDS: tuple[Kind, ...] = (
    Kind("framework", Message("Frameworks"), "framework"),
    Kind("purpose", Message("Purposes"), "framework"),
    Kind("role", Message("Roles"), "framework"),
    Kind("method", Message("Working methods"), "framework"),
    Kind("ambition", Message("Changes"), "framework"),
    Kind("aim", Message("Aims"), "framework"),
    Kind("condition", Message("Framework conditions"), "framework"),
    Kind("practice", Message("Innovation practices"), "framework"),
    Kind("form", Message("Forms of collaboration"), "framework"),
    Kind("constraint", Message("Rules of the framework"), "framework"),
    Kind("joint-contribution", Message("Joint contributions"), "framework"),
    Kind("follow-up", Message("Follow-up"), "framework"),
    Kind("channel", Message("Channels"), "framework"),
    Kind("tool", Message("Tools"), "tools"),
    Kind("tool-part", Message("Parts of tools"), "tools"),
    Kind("spreading-step", Message("Steps of spreading"), "tools"),
    Kind("evaluation-phase", Message("Phases of evaluation"), "tools"),
    Kind("actor-category", Message("Kinds of actors"), "actors"),
    Kind("organisation", Message("Organisations"), "actors"),
    Kind("event", Message("Events"), "actors"),
    Kind("municipality", Message("Municipalities"), "actors"),
    Kind("region", Message("Regions"), "actors"),
    Kind("place", Message("Places"), "actors"),
    Kind("survey", Message("Surveys"), "barometer"),
    Kind("edition", Message("Editions"), "barometer"),
    Kind("indicator", Message("Indicators"), "barometer"),
    Kind("observation", Message("Figures"), "barometer"),
    Kind("dataset", Message("Data sets"), "barometer"),
    Kind("conflict", Message("Published conflicts"), "barometer"),
    Kind("activity", Message("Activities"), "practice"),
    Kind("initiative", Message("Initiatives"), "practice"),
    Kind("innovation", Message("Innovations"), "practice"),
    Kind("spread-case", Message("Cases of spreading"), "practice"),
    Kind("evaluation", Message("Evaluations"), "practice"),
    Kind("internship", Message("Internship stays"), "practice"),
    Kind("change-claim", Message("Claims of change"), "practice"),
    Kind("workplace", Message("Workplaces"), "practice"),
    Kind("passage", Message("Sentences"), "sources"),
    Kind("statement", Message("Statements"), "sources"),
    Kind("source", Message("Cited sources"), "sources"),
    Kind("scheme", Message("Lists and code lists"), "codes"),
)

_BY_SLUG = {kind.slug: kind for kind in KINDS}


def by_slug(slug: str) -> Kind | None:
    return _BY_SLUG.get(slug)


def of(iri: str) -> str | None:
    """The path segment of a thing's IRI; None for what is no thing of ours."""
    if not iri.startswith(ID):
        return None
    slug, slash, name = iri[len(ID) :].partition("/")
    return slug if slash and name else None
