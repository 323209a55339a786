"""What a template says to those who fill it in: per column, and on its first sheet."""

from __future__ import annotations

from collections.abc import Iterator

from ...i18n import Message
from ..names import Field, Kind, ValueKind, text
from ..phrases import AND, Listed
from .columns import Column, Role

#: Rows whose first cell begins so are not read: explanations and examples.
NOT_READ = "#"
LICENCE = "https://creativecommons.org/licenses/by/4.0/"

_HINTS = {
    ValueKind.STRING: Message("Text."),
    ValueKind.LINK: Message("A web address (https://…), or the title of a document in the data."),
    ValueKind.INTEGER: Message("A whole number."),
    ValueKind.DECIMAL: Message("A number, for example 66.7."),
    ValueKind.DATE: Message("A date, for example 25-11-2026."),
    ValueKind.DATETIME: Message(
        "A date and a time, for example 25-11-2026 09:00. Danish time; without a time the whole "
        "day counts."
    ),
    ValueKind.YEAR: Message("A year, for example 2026."),
    ValueKind.BOOLEAN: Message("Yes or no."),
}
_TEXT_IN = {"da": Message("Text in Danish."), "en": Message("Text in English.")}


def of_column(column: Column, kind: Kind, language: str) -> str:
    """What goes into the column, whether it must, and who asks for it."""
    return " ".join(part for part in _parts(column, kind, language) if part)


def of_input(column: Column, kind: Kind, language: str) -> str:
    """What goes into an input of a form: as `of_column`, without what is about cells."""
    if column.role is Role.IDENTIFIER:
        return of_column(column, kind, language)
    if column.field is None:
        return ""
    field = column.field
    parts = [_need(field, column, kind, language).in_language(language)]
    parts.append(text(field.description, language))
    if field.value in _HINTS and field.value not in (ValueKind.STRING, ValueKind.BOOLEAN):
        parts.append(_HINTS[field.value].in_language(language))
    parts += [text(note, language).rstrip(".") + "." for note in field.notes]
    return " ".join(part for part in parts if part)


def _parts(column: Column, kind: Kind, language: str) -> Iterator[str]:
    def say(message: Message) -> str:
        return message.in_language(language)

    if column.role is Role.IDENTIFIER and kind.is_part:
        yield say(Message("The same identifier as the record has on its own sheet."))
    elif column.role is Role.IDENTIFIER:
        yield say(
            Message(
                "Required. A short name of your own for this record, for example "
                "“aarhus-2026-01”: letters, digits and hyphens. Keep it when you send the record "
                "again: it is how we know that it is the same."
            )
        )
    elif column.role is Role.TYPE:
        kinds = "; ".join(one.label(language) for one in kind.types)
        yield say(Message("Optional. What kind it is: %(kinds)s.", kinds=kinds))
    elif column.field is not None:
        yield say(_need(column.field, column, kind, language))
        yield text(column.field.description, language)
        yield from _how(column.field, column, language)
        yield from (text(note, language).rstrip(".") + "." for note in column.field.notes)


def _need(field: Field, column: Column, kind: Kind, language: str) -> Message:
    who = text(field.asked_by, language)
    if field.required and field.languages and field.least >= len(field.languages):
        return Message("Required in both languages.")
    if field.required and field.value is ValueKind.TEXT:
        return Message("Required in at least one language; in both is better.")
    if field.required:
        return Message("Required (%(who)s).", who=who)
    if field.required_for:
        labels = [one.label(language) for one in kind.types if one.iri in field.required_for]
        return Message("Required for %(kinds)s (%(who)s).", kinds=", ".join(labels), who=who)
    if field.wanted:
        return Message("Should be filled in (%(who)s).", who=who)
    return Message("Optional.")


def _how(field: Field, column: Column, language: str) -> Iterator[str]:
    if column.language is not None:
        yield _TEXT_IN[column.language].in_language(language)
    elif field.value is ValueKind.THING:
        few = Message("Choose one from the list.")
        yield (_SEVERAL if field.many else few).in_language(language)
    elif field.value in _HINTS:
        yield _HINTS[field.value].in_language(language)
        if field.many:
            yield Message("Separate several with a semicolon (;).").in_language(language)


_SEVERAL = Message("Choose from the list. Separate several with a semicolon (;).")


def first_sheet(
    kind: Kind, parts: list[tuple[Field, Kind]], further: list[Kind], language: str
) -> list[tuple[str, str]]:
    """(heading, paragraph) pairs of the sheet with instructions."""

    def say(message: Message) -> str:
        return message.in_language(language)

    name = text(kind.labels, language)
    rows = [
        (say(_title(name)), text(kind.description, language)),
        (
            say(Message("What it is for")),
            say(
                Message(
                    "With this file you contribute to coi-graph: what you send is checked, looked "
                    "at by a reviewer, and then published as open data."
                )
            ),
        ),
        (
            say(Message("How to fill it in")),
            say(
                Message(
                    "One row for each record, from the first empty row under the grey one. Columns "
                    "with a star (*) must be filled in. The grey row says what goes where. Rows "
                    "whose first cell begins with # are not read."
                )
            ),
        ),
        (
            say(Message("Lists")),
            say(
                Message(
                    "Where there is a list, click on the cell and choose. Where several are "
                    "allowed, write a semicolon between them. The sheet “%(sheet)s” shows all "
                    "of them.",
                    sheet=say(LISTS),
                )
            ),
        ),
    ]
    for field, part in parts:
        rows.append(
            (
                text(part.labels, language).capitalize(),
                say(
                    Message(
                        "On the sheet “%(sheet)s” write, for each record, its identifier and the "
                        "rest of the row. %(description)s",
                        sheet=text(part.labels, language).capitalize(),
                        description=text(field.description, language),
                    )
                ),
            )
        )
    if further:
        sheets = Listed((text(one.labels, language).capitalize() for one in further), AND)
        rows.append(
            (
                say(Message("Workplaces and organisations that are not in the list")),
                say(
                    Message(
                        "Describe them on the sheets %(sheets)s, and then refer to them by their "
                        "identifier or their name.",
                        sheets=sheets,
                    )
                ),
            )
        )
    return [
        *rows,
        (
            say(Message("No personal data")),
            say(
                Message(
                    "Write no names of persons, no e-mail addresses and no CPR numbers. Refer to "
                    "workplaces and units instead."
                )
            ),
        ),
        (
            say(Message("Licence")),
            say(
                Message(
                    "What you send is published under CC BY 4.0 (%(licence)s): everybody may use "
                    "it who names where it comes from.",
                    licence=LICENCE,
                )
            ),
        ),
        (
            say(Message("Send it and get help")),
            say(
                Message(
                    "Upload the file where you downloaded this template. You get it back with the "
                    "cells marked that are to be mended. You also find there whom to ask."
                )
            ),
        ),
    ]


def _title(name: str) -> Message:
    return Message("Template: %(kind)s", kind=name)


INSTRUCTIONS = Message("Instructions")
LISTS = Message("Lists")
EXAMPLE = Message("Example, %(sheet)s")
EXAMPLE_ROW = Message("Example")
