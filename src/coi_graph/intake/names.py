"""What tables, templates and forms need to know of a release: kinds of record, fields, lists.

Everything is derived from the release's shapes and data (`coi_graph.intake.fields` and
`coi_graph.intake.known`); nothing here knows a field by name. `Names` is plain data: it can be
pickled, and handed to a worker.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, TypeVar, cast

from ..i18n import Message
from ..namespaces import ID
from .matching import Index

if TYPE_CHECKING:
    from ..store import Store

T = TypeVar("T")
#: Language → text: ``{"da": …, "en": …}``.
Labels = Mapping[str, str]


class ValueKind(StrEnum):
    """What a field's values are."""

    TEXT = "text"  # text with a language
    STRING = "string"
    THING = "thing"  # something of the field's lists: a code, an organisation, another record
    LINK = "link"  # any IRI
    INTEGER = "integer"
    DECIMAL = "decimal"
    DATE = "date"
    DATETIME = "datetime"
    YEAR = "year"
    BOOLEAN = "boolean"
    PART = "part"  # a record that belongs to this one alone, on a sheet of its own


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing that a cell can name: by a label, another name, a notation or its IRI. Two of the
    same IRI are the same thing."""

    iri: str
    labels: Labels = field(compare=False)
    notations: tuple[str, ...] = field(default=(), compare=False)
    others: tuple[str, ...] = field(default=(), compare=False)

    def label(self, language: str) -> str:
        return text(self.labels, language) or (self.notations or (self.iri,))[0]

    def position(self, language: str) -> tuple[str, str, str]:
        """In a list for people: codes with a notation by it, all others by their label."""
        notation = self.notations[0] if self.notations else ""
        return (notation if not notation.isdigit() else "", self.label(language).casefold(),
                self.iri)  # fmt: skip

    def spellings(self) -> Iterator[str]:
        """Everything that it may be called, its IRI apart."""
        yield from self.labels.values()
        yield from self.notations
        yield from self.others


@dataclass(frozen=True, slots=True)
class ChoiceList:
    """A code list, or the known things of a class. ``whole`` is False when there are too many
    for a list: then a name that is not in it may still be right."""

    key: str
    labels: Labels
    choices: tuple[Choice, ...]
    whole: bool = True


@dataclass(frozen=True, slots=True)
class Field:
    """A property of a record, as its shape describes it."""

    path: str
    shape: str
    labels: Labels = field(hash=False)
    description: Labels = field(hash=False)
    value: ValueKind
    required: bool = False
    least: int = 0  # values that must be there; of a text, one for each language
    required_for: tuple[str, ...] = ()  # classes of which alone it is asked
    wanted: bool = False  # a Warning or an Info asks for it
    many: bool = True
    languages: tuple[str, ...] = ()  # of a text
    lists: tuple[str, ...] = ()  # keys of `Names.lists`
    part: str | None = None  # the key of the kind that the part is of
    group: Labels = field(default_factory=dict, hash=False)
    order: tuple[int, int] = (99, 99)  # of the group, within the group
    minimum: float | None = None
    maximum: float | None = None
    asked_by: Labels = field(default_factory=dict, hash=False)
    notes: tuple[Labels, ...] = field(
        default=(), hash=False
    )  # rules that look at it under a condition

    @property
    def local_name(self) -> str:
        return re.split(r"[/#]", self.path)[-1]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of record: one sheet of a workbook, or one CSV file."""

    key: str
    iri: str  # its class
    path: str  # of its IRIs, below ``id/``; "" for a part
    labels: Labels
    description: Labels
    fields: tuple[Field, ...]
    types: tuple[Choice, ...] = ()  # the class itself and its subclasses, where there are any
    examples: tuple[Mapping[str, tuple[object, ...]], ...] = ()  # path → terms, as pyoxigraph's

    @property
    def is_part(self) -> bool:
        return not self.path

    def field_at(self, path: str) -> Field | None:
        return next((one for one in self.fields if one.path == path), None)


@dataclass(frozen=True, repr=False)
class Names:
    """The kinds of record of a release, its lists, and how new records get their IRIs."""

    records: Mapping[str, Kind]  # by key, parts included
    lists: Mapping[str, ChoiceList]
    _indexes: dict[tuple[str, ...], Index[Choice]] = field(default_factory=dict, compare=False)
    _made: dict[Hashable, object] = field(default_factory=dict, compare=False)

    def __repr__(self) -> str:
        return f"Names({len(self.records)} kinds, {len(self.lists)} lists)"

    def once(self, what: Hashable, make: Callable[[], T]) -> T:
        """What ``make`` gives, made the first time and kept with the names it is made of."""
        if what not in self._made:
            self._made[what] = make()
        return cast(T, self._made[what])

    @classmethod
    def from_store(cls, store: Store) -> Names:
        """Of a release. Takes some hundred milliseconds: make it once per release."""
        from .fields import names_of  # it builds what this module defines

        return names_of(store)

    def kinds(self) -> list[Kind]:
        """The kinds of contribution, in the order of a menu."""
        return [kind for kind in self.records.values() if not kind.is_part]

    def kind(self, key: str) -> Kind:
        return self.records[key]

    def choices(self, of: Field, language: str = "da") -> list[Choice]:
        """All that ``of`` can name, list after list, as a reader of ``language`` looks for it."""
        return [choice for key in of.lists for choice in self._in_order(key, language)]

    def _in_order(self, key: str, language: str) -> list[Choice]:
        return self.once(
            ("in order", key, language),
            lambda: sorted(self.lists[key].choices, key=lambda one: one.position(language)),
        )

    def index(self, lists: Iterable[str]) -> Index[Choice]:
        """How to find a choice of ``lists`` by what somebody calls it."""
        keys = tuple(lists)
        if keys not in self._indexes:
            index: Index[Choice] = Index()
            for key in keys:
                for choice in self.lists[key].choices:
                    for spelling in choice.spellings():
                        index.add(spelling, choice)
            self._indexes[keys] = index
        return self._indexes[keys]

    def by_iri(self, lists: Iterable[str]) -> dict[str, Choice]:
        return {choice.iri: choice for key in lists for choice in self.lists[key].choices}

    def records_of(self, kind: Kind) -> dict[str, Choice]:
        """The records of ``kind`` that the release has already, by IRI."""
        own = self.lists.get(f"class:{kind.iri}")
        return {choice.iri: choice for choice in own.choices} if own else {}


def text(labels: Labels, language: str) -> str:
    """In ``language``, else in the other; "" where there is none."""
    return labels.get(language) or labels.get("da") or labels.get("en") or ""


class Labelled(Message):
    """A message that is a label, in whichever language it is read."""

    __slots__ = ()

    def __init__(self, labels: Labels) -> None:
        super().__init__("", **labels)

    def in_language(self, language: str) -> str:
        return text({key: str(value) for key, value in self.args.items()}, language)


_LETTERS = str.maketrans({"æ": "ae", "ø": "oe", "å": "aa", "ß": "ss", "ð": "d", "þ": "th"})


def slug(identifier: str) -> str:
    """``Fælles Måltid 2`` → ``faelles-maaltid-2``: as the names of the release are made."""
    low = unicodedata.normalize("NFC", identifier).lower().translate(_LETTERS)
    plain = unicodedata.normalize("NFKD", low).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")


def mint(kind: Kind, identifier: str) -> str | None:
    """The IRI of the record ``identifier``: the same each time. None if nothing of it is left."""
    name = slug(identifier)
    return f"{ID}{kind.path}/{name}" if name else None


def mint_part(parent: str, of: Field, number: int) -> str:
    """The IRI of a record's part: ``…/continuation``, a further one ``…/continuation-2``."""
    name = re.sub(r"(?<=[a-z])(?=[A-Z])", "-", of.local_name).lower()
    return f"{parent}/{name}" + (f"-{number}" if number > 1 else "")
