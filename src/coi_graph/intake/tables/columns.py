"""The columns of a kind of record, what they are called, and how a header is understood."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from ...i18n import LANGUAGES, Message
from ...namespaces import shorten
from ..matching import Index, clean
from ..names import Field, Kind, Names, ValueKind, text

IDENTIFIER = Message("identifier")
TYPE = Message("kind of record")
_IN_LANGUAGE = {"da": Message("%(name)s (Danish)"), "en": Message("%(name)s (English)")}
#: After the name of a column that must be filled in.
MARK = " *"


class Role(StrEnum):
    IDENTIFIER = "identifier"  # of the record, or of the record that a part belongs to
    TYPE = "type"
    VALUE = "value"


@dataclass(frozen=True, slots=True)
class Column:
    """A column that may be there. ``field`` is None for the two that no shape describes."""

    role: Role
    field: Field | None = None
    language: str | None = None  # of a text
    part: Field | None = (
        None  # the field whose part ``field`` belongs to, in a table without sheets
    )

    def header(self, language: str) -> str:
        """Its name, as it stands in a template."""
        if self.field is None:
            message = IDENTIFIER if self.role is Role.IDENTIFIER else TYPE
            return message.in_language(language)
        name = text(self.field.labels, language)
        if self.language is not None:
            name = Message(_IN_LANGUAGE[self.language].msgid, name=name).in_language(language)
        if self.part is not None:
            name = f"{text(self.part.labels, language)}: {name}"
        return name

    def is_required(self, language: str) -> bool:
        """Whether a template in ``language`` marks it. A text is asked for in one language."""
        if self.role is Role.IDENTIFIER:
            return True
        if self.field is None or not self.field.required:
            return False
        everywhere = self.field.least >= len(self.field.languages)
        return self.language in (None, language) or everywhere


def columns_of(kind: Kind, names: Names, *, parts: bool) -> list[Column]:
    """All columns of ``kind`` in their order; with ``parts``, those of its parts as well."""
    found = [Column(Role.IDENTIFIER)]
    if kind.types:
        found.append(Column(Role.TYPE))
    for field in kind.fields:
        if field.value is not ValueKind.PART:
            found.extend(_of_field(field, None))
        elif parts and field.part is not None:
            for inner in names.kind(field.part).fields:
                found.extend(_of_field(inner, field))
    return found


def _of_field(field: Field, part: Field | None) -> Iterator[Column]:
    if field.value is ValueKind.TEXT:
        for language in field.languages:
            if language in _IN_LANGUAGE:
                yield Column(Role.VALUE, field, language, part)
    else:
        yield Column(Role.VALUE, field, None, part)


@dataclass(frozen=True, slots=True)
class Headers:
    """How the headers of one kind's tables are understood."""

    index: Index[Column]

    @classmethod
    def of(cls, kind: Kind, names: Names) -> Headers:
        index: Index[Column] = Index()
        for column in columns_of(kind, names, parts=True):
            for spelling in _spellings(column):
                index.add(spelling, column)
        return cls(index)

    def find(self, header: str) -> Column | None:
        """The column that ``header`` names in either language; None for an unknown one."""
        name = clean(header).removesuffix("*").rstrip()
        found = self.index.find(name)
        if len(found) > 1:  # a text without its language: the one in which the header is written
            found = [one for one in found if one.language == "da"] or found
        return found[0] if found else None

    def close_to(self, header: str) -> list[str]:
        return self.index.close_to(clean(header).removesuffix("*").rstrip())


def _spellings(column: Column) -> Iterator[str]:
    for language in LANGUAGES:
        yield column.header(language)
    if column.role is Role.IDENTIFIER:
        yield from ("id", "ID-nummer")
        return
    field = column.field
    if field is None:
        return
    lead = [""] if column.part is None else [f"{column.part.local_name}."]
    for language in LANGUAGES:
        bare = text(field.labels, language)
        if column.part is not None:
            lead.append(f"{text(column.part.labels, language)}: ")
        if column.language is None:
            continue
        names = [bare, *(f"{one}{bare}" for one in lead if one)]
        for name in names:
            for code in (column.language, _spelt_out(column.language, language)):
                yield from (f"{name} {code}", f"{name} ({code})", f"{name}_{code}")
                yield from (f"{name}@{code}", f"{name} - {code}", f"{name}, {code}")
            if column.part is None and column.language == language:
                yield name
    for start in lead:
        local = field.local_name if column.language is None else ""
        if local:
            yield from (f"{start}{local}", f"{start}{shorten(field.path)}", field.path)
        else:
            yield from (
                f"{start}{field.local_name}@{column.language}",
                f"{start}{shorten(field.path)}@{column.language}",
                f"{start}{field.local_name}_{column.language}",
            )


def _spelt_out(code: str, language: str) -> str:
    """``da`` → ``dansk``, ``Danish``."""
    whole = Message(_IN_LANGUAGE[code].msgid, name="").in_language(language)
    return whole.strip(" ()")
