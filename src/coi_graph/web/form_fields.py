"""The form of a kind of record: made from its fields, which are made from the shapes.

WTForms reads what was sent; what it means is judged by `intake.tables`, as for a spreadsheet.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from flask_wtf import FlaskForm
from wtforms import (
    FieldList,
    Form,
    FormField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)

from ..i18n import Message
from ..intake.matching import fold
from ..intake.names import Choice, Kind, Names, ValueKind, text
from ..intake.names import Field as NamedField
from ..intake.tables import instructions
from ..intake.tables.columns import Column, Role
from ..intake.tables.typed import key_of, keys_of

_SELECT = 30  # choices that are shown at once; where there are more, one writes and is helped
_SUGGESTED = 1000  # names that a page carries for one field
_FOUND = 20  # names that a search answers with
MOST_PARTS = 50  # of one field

Values = dict[str, Any]  # input → text, list of texts, or for a part list of its own Values


class Widget(StrEnum):
    LINE = "line"
    AREA = "area"
    SELECT = "select"
    RADIO = "radio"
    CHECKBOXES = "checkboxes"
    LINES = "lines"  # one below the other, with names suggested
    PARTS = "parts"


@dataclass(frozen=True)
class Input:
    """One thing to fill in. ``items`` is (name, inputs) groups of a part's own form."""

    key: str
    widget: Widget
    label: str
    help: str
    required: bool
    column: Column | None = None
    of: NamedField | None = None
    choices: Sequence[tuple[str, str]] = ()  # value, label
    suggestions: str = ""  # the key of a list of names
    lang: str = ""  # of a text
    mode: str = ""  # keyboard on a telephone
    inputs: Sequence[Input] = ()  # of a part
    part: str = ""  # key of the part's kind

    @property
    def repeats(self) -> bool:
        return self.widget in (Widget.LINES, Widget.PARTS)


@dataclass(frozen=True)
class Suggested:
    """Names that a page carries: (what is written, another name). ``whole``: all there are."""

    names: Sequence[tuple[str, str]]
    whole: bool = True


@dataclass(frozen=True)
class Layout:
    """A form: groups of inputs, the form's class, and the names that it suggests."""

    kind: Kind
    groups: Sequence[tuple[str, Sequence[Input]]]
    form: type[Any]
    suggested: Mapping[str, Suggested] = field(default_factory=dict)

    def inputs(self) -> list[Input]:
        return [one for _, inputs in self.groups for one in inputs]


def layout(kind: Kind, names: Names, language: str) -> Layout:
    """The form for ``kind`` with labels in ``language``."""
    making = _Making(names, language)
    inputs = making.inputs(kind)
    groups: dict[str, list[Input]] = {}
    about = Message("About the record").in_language(language)
    for one in inputs:
        heading = text(one.of.group, language) if one.of else about
        groups.setdefault(heading or about, []).append(one)
    form = type("RecordForm", (FlaskForm,), _wtforms(inputs))
    return Layout(kind, list(groups.items()), form, making.suggested)


def blank(inputs: Sequence[Input]) -> Values:
    """The values of a form that nobody has touched."""
    return {
        one.key: [] if one.widget in (Widget.PARTS, Widget.CHECKBOXES)
        else [""] if one.widget is Widget.LINES
        else ""
        for one in inputs
    }  # fmt: skip


class _Making:
    def __init__(self, names: Names, language: str) -> None:
        self.names, self.language = names, language
        self.suggested: dict[str, Suggested] = {}

    def inputs(self, kind: Kind) -> list[Input]:
        found: list[tuple[tuple[int, int, int], Input]] = []
        places = {one.path: number for number, one in enumerate(kind.fields)}
        for number, (key, column) in enumerate(keys_of(kind, self.names).items()):
            at = (places[column.field.path], number) if column.field else (-1, number)
            found.append(((*at, 0), self._input(key, column, kind)))
        for one in kind.fields:
            if one.value is ValueKind.PART and one.part is not None:
                found.append(((places[one.path], 0, 0), self._part(one)))
        return [one for _, one in sorted(found, key=lambda item: item[0])]

    def _part(self, of: NamedField) -> Input:
        kind = self.names.kind(of.part or "")
        return Input(
            key=key_of(Column(Role.VALUE, of)),
            widget=Widget.PARTS,
            label=_capital(text(of.labels, self.language)),
            help=instructions.of_input(Column(Role.VALUE, of), kind, self.language),
            required=of.required,
            of=of,
            inputs=self.inputs(kind),
            part=kind.key,
        )

    def _input(self, key: str, column: Column, kind: Kind) -> Input:
        widget, choices, suggestions = self._widget(column, kind)
        value = column.field.value if column.field else None
        return Input(
            key=key,
            widget=widget,
            label=_capital(column.header(self.language)),
            help=instructions.of_input(column, kind, self.language),
            required=column.is_required(self.language),
            column=column,
            of=column.field,
            choices=choices,
            suggestions=suggestions,
            lang=column.language or "",
            mode={ValueKind.INTEGER: "numeric", ValueKind.YEAR: "numeric",
                  ValueKind.DECIMAL: "decimal", ValueKind.LINK: "url"}.get(value, "")
            if value else "",
        )  # fmt: skip

    def _widget(self, column: Column, kind: Kind) -> tuple[Widget, Sequence[tuple[str, str]], str]:
        of = column.field
        if column.role is Role.IDENTIFIER:
            return Widget.LINE, (), ""
        if of is None:  # the type
            return Widget.SELECT, [self._option(one) for one in kind.types], ""
        if of.value is ValueKind.BOOLEAN:
            words = (("ja", Message("yes")), ("nej", Message("no")), ("", Message("not stated")))
            return Widget.RADIO, [(one, say.in_language(self.language)) for one, say in words], ""
        if of.value is ValueKind.TEXT:
            first = next(one for one in kind.fields if one.value is ValueKind.TEXT)
            short = of is first and not kind.is_part
            return (Widget.LINE if short else Widget.AREA), (), ""
        if of.value not in (ValueKind.THING, ValueKind.LINK):
            return Widget.LINE, (), ""
        choices = self.names.choices(of, self.language)
        # What others contribute grows, and may be named before it is there.
        closed = all(not key.startswith("class:") for key in of.lists)
        if of.value is ValueKind.THING and (closed or 0 < len(choices) <= _SELECT):
            shown = list(dict.fromkeys(map(self._option, choices)))
            if closed or not self._takes_records(of):
                return (Widget.CHECKBOXES if of.many else Widget.SELECT), shown, ""
        return (Widget.LINES if of.many else Widget.LINE), (), self._suggest(of)

    def _takes_records(self, of: NamedField) -> bool:
        """Whether its values are records that others contribute."""
        return any(f"class:{kind.iri}" in of.lists for kind in self.names.kinds())

    def _option(self, choice: Choice) -> tuple[str, str]:
        return choice.iri, _capital(choice.label(self.language))

    def _suggest(self, of: NamedField) -> str:
        key = key_of(Column(Role.VALUE, of))
        if key not in self.suggested:
            choices = self.names.choices(of, self.language)
            self.suggested[key] = Suggested(
                [_written(one, of, self.names, self.language) for one in choices[:_SUGGESTED]],
                whole=len(choices) <= _SUGGESTED,
            )
        return key


def called(kind: Kind, names: Names, key: str, wanted: str, language: str) -> list[tuple[str, str]]:
    """What can be written into the input ``key`` of ``kind``, or of its parts, for things whose
    name holds ``wanted``: at most `_FOUND`, those that begin so first."""
    parts = [names.kind(one.part) for one in kind.fields if one.part is not None]
    of = next(
        (
            column.field
            for one in (kind, *parts)
            for name, column in keys_of(one, names).items()
            if name == key and column.field is not None
        ),
        None,
    )
    said = fold(wanted)
    if of is None or not said:
        return []
    found = []
    for choice in names.choices(of):
        at = [fold(one).find(said) for one in choice.spellings()]
        if max(at) >= 0:
            found.append((min(one for one in at if one >= 0) > 0, choice.label(language), choice))
    found.sort(key=lambda one: one[:2])
    return [_written(choice, of, names, language) for _, _, choice in found[:_FOUND]]


def _written(choice: Choice, of: NamedField, names: Names, language: str) -> tuple[str, str]:
    """(what is written to name ``choice``, another name for it)"""
    label = choice.label(language)
    if (of.many and ";" in label) or len(names.index(of.lists).find(label)) != 1:
        return choice.iri, label  # the name alone would not do
    other = choice.labels.get("en" if language == "da" else "da", "")
    return label, next((one for one in (other, *choice.others) if one and one != label), "")


def _wtforms(inputs: Sequence[Input]) -> dict[str, Any]:
    """Their WTForms fields, by name."""
    found: dict[str, Any] = {}
    for one in inputs:
        codes = [code for code, _ in one.choices]  # the template has their labels
        if one.widget is Widget.PARTS:
            part = type("PartForm", (Form,), _wtforms(one.inputs))
            found[one.key] = FieldList(FormField(part), max_entries=MOST_PARTS)
        elif one.widget is Widget.LINES:
            found[one.key] = FieldList(StringField(), max_entries=MOST_PARTS)
        elif one.widget is Widget.CHECKBOXES:
            found[one.key] = SelectMultipleField(choices=codes, validate_choice=False)
        elif one.widget is Widget.SELECT:
            found[one.key] = SelectField(choices=codes, validate_choice=False)
        elif one.widget is Widget.RADIO:
            found[one.key] = RadioField(choices=codes, validate_choice=False)
        elif one.widget is Widget.AREA:
            found[one.key] = TextAreaField()
        else:
            found[one.key] = StringField()
    return found


def _capital(label: str) -> str:
    return label[:1].upper() + label[1:]
