"""What the page about a thing shows: names, definitions, the sentence, relations, sources.

Values, not markup: templates in `coi_graph.web` turn them into HTML. A language is chosen when a
value is rendered; labels carry all the languages there are.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from ..i18n import LANGUAGES
from ..namespaces import GRAPH, ID, shorten
from . import kinds


@dataclass(frozen=True, slots=True)
class Link:
    """A thing that is mentioned. ``path`` is its page here, None for a foreign address."""

    iri: str
    labels: dict[str, str]
    path: str | None

    def label(self, language: str) -> str:
        own = self.labels.get(language)
        if own is not None:
            return own
        for wanted in (*LANGUAGES, ""):
            if wanted in self.labels:
                return self.labels[wanted]
        # Our files, and things that are gone, have no names but their paths on the site.
        unnamed = shorten(self.iri).removeprefix(GRAPH).removeprefix(ID)
        return next(iter(self.labels.values()), unnamed)

    def label_language(self, language: str) -> str | None:
        """The language of `label`, where it is not the page's own (for a ``lang`` attribute)."""
        if language in self.labels or not self.labels:
            return None
        return next((lang for lang in (*LANGUAGES, *self.labels) if lang in self.labels), None)


@dataclass(frozen=True, slots=True)
class Value:
    """A link, or a text with its language or datatype."""

    link: Link | None = None
    text: str = ""
    language: str = ""
    datatype: str = ""


@dataclass(frozen=True, slots=True)
class Relation:
    """A property with its values; ``more`` says how many are not shown."""

    name: Link
    values: list[Value]
    more: int = 0
    incoming: bool = False


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of the framework in its place: the text before, the quote, the text after."""

    passage: Link
    exact: str
    before: str
    after: str
    start: int
    end: int
    source: str  # path of the framework's text


@dataclass(frozen=True, slots=True)
class Match:
    """A term of another vocabulary that comes near; ``notes`` say whose reading that is."""

    relation: Link
    other: Link
    notes: list[Value]


@dataclass(frozen=True, slots=True)
class EntityView:
    """Everything on the page about one thing."""

    iri: str
    thing: Link
    kind: kinds.Kind | None
    types: list[Link]
    schemes: list[Link]
    names: dict[str, str]
    other_names: list[Value]
    definitions: dict[str, str]
    notes: list[Relation]
    sentences: list[Sentence]
    relations: list[Relation]
    incoming: list[Relation]
    sources: list[Value]
    parts: list[EntityView] = field(default_factory=list)
    graphs: list[str] = field(default_factory=list)
    is_example: bool = False
    matches: list[Match] = field(default_factory=list)
