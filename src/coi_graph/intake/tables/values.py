"""What stands in one cell → terms, by the field that the column is for."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field

import pyoxigraph as ox

from ...i18n import LANGUAGES, Message
from ...namespaces import PROV, XSD
from ..limits import Limits
from ..matching import Index, clean
from ..names import Choice, Field, Labelled, Names, ValueKind
from ..phrases import Listed
from ..places import Severity
from . import dates, links, numbers
from .columns import Column
from .grid import Cell
from .numbers import Wrong

_ENDS = PROV + "endedAtTime"
_SEPARATORS = re.compile(r"[;\r\n\N{LINE SEPARATOR}]")
_INVISIBLE = re.compile("[\u200b\u2060\ufeff\u00ad]")
_REMEMBERED = 10_000  # texts
_SUGGESTIONS = 200  # names that are looked up for likeness in one file: it takes time


@dataclass(frozen=True, slots=True)
class Said:
    """A word on how a value was read. Several values of a cell may each have one."""

    severity: Severity
    message: Message
    remedy: Message | None
    found: str | None = None


@dataclass
class ValueReader:
    """Reads cells. ``own`` finds the records of the file itself."""

    names: Names
    limits: Limits
    own: Index[Choice] = field(default_factory=Index)
    _left: int = _SUGGESTIONS
    _close: dict[tuple[tuple[str, ...], str], list[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._found: dict[tuple[str, tuple[str, ...], str], list[ox.NamedNode | Said]] = {}
        self._paths = {kind.path for kind in self.names.kinds()}
        self._iris: dict[tuple[str, ...], dict[str, Choice]] = {}
        self._locals: dict[tuple[str, ...], Index[Choice]] = {}

    def read(self, column: Column, cell: Cell) -> Iterator[ox.NamedNode | ox.Literal | Said]:
        """The values of ``cell``, with what there is to say of them."""
        of = column.field
        if of is None:
            return
        if cell.error:
            yield Said(
                Severity.VIOLATION,
                Message("the spreadsheet shows the error %(found)s here", found=cell.text),
                Message("Write the value itself."),
                cell.text,
            )
            return
        if cell.formula:
            yield Said(
                Severity.INFO,
                Message("there is a formula here; the value that it gave was read"),
                Message("See that it is right: “%(found)s”.", found=_short(cell.text)),
            )
        try:
            yield from self._values(of, column, cell)
        except Wrong as wrong:
            yield Said(Severity.VIOLATION, wrong.message, wrong.remedy, _short(cell.text))

    def _values(
        self, of: Field, column: Column, cell: Cell
    ) -> Iterator[ox.NamedNode | ox.Literal | Said]:
        if of.value in (ValueKind.THING, ValueKind.LINK):
            yield from self._things(of, cell)
        elif of.value in (ValueKind.TEXT, ValueKind.STRING):
            yield self._text(column, cell)
        else:
            yield from _literal(of, cell)

    def _text(self, column: Column, cell: Cell) -> ox.Literal:
        text = cell.text.replace("\r\n", "\n").replace("\r", "\n")
        text = unicodedata.normalize("NFC", _INVISIBLE.sub("", text)).strip(
            " \t\n\N{NO-BREAK SPACE}"
        )
        if len(text) > self.limits.text_chars:
            raise Wrong(
                Message("the text is longer than %(most)s characters", most=self.limits.text_chars),
                Message("Make it shorter, and refer to a document for the rest."),
            )
        return ox.Literal(text, language=column.language) if column.language else ox.Literal(text)

    def _things(self, of: Field, cell: Cell) -> list[ox.NamedNode | Said]:
        """The things that the cell names. The same text in the same lists is looked up once."""
        key = (of.path, of.lists, cell.text)
        if key not in self._found:
            if len(self._found) > _REMEMBERED:
                self._found.clear()
            self._found[key] = list(self._looked_up(of, cell))
        return self._found[key]

    def _looked_up(self, of: Field, cell: Cell) -> Iterator[ox.NamedNode | Said]:
        whole = clean(cell.text)
        if (one := self._named(of, whole)) is not None:
            yield one
            return
        parts = [clean(part) for part in _SEPARATORS.split(cell.text) if clean(part)]
        if not of.many and len(parts) > 1:
            parts = [whole]  # one name, whatever is in it
        for part in parts:
            yield from self._one_or_listed(of, part)

    def _one_or_listed(self, of: Field, part: str) -> Iterator[ox.NamedNode | Said]:
        try:
            yield from self._thing(of, part)
        except Wrong as wrong:
            pieces = [clean(piece) for piece in part.split(",") if clean(piece)]
            found = [self._named(of, piece) for piece in pieces]
            if of.many and len(pieces) > 1 and all(found):
                yield from (one for one in found if one is not None)
                yield Said(
                    Severity.INFO,
                    Message("read as %(count)s values with commas between them", count=len(found)),
                    Message("Write a semicolon (;) between several values."),
                )
            else:
                yield Said(Severity.VIOLATION, wrong.message, wrong.remedy, _short(part))

    def _named(self, of: Field, text: str) -> ox.NamedNode | None:
        """What exactly one thing is called."""
        found = self.names.index(of.lists).find(text)
        if len(found) > 1:
            found = [one for one in found if text in one.labels.values()] or found
        if not found:
            found = self.own.find(text)
        return ox.NamedNode(found[0].iri) if len(found) == 1 else None

    def _thing(self, of: Field, text: str) -> Iterator[ox.NamedNode | Said]:
        if (one := self._named(of, text)) is not None:
            yield one
            return
        known = self.names.index(of.lists).find(text) or self.own.find(text)
        if len(known) > 1:
            raise Wrong(
                Message("several things are called “%(found)s”", found=text),
                Message(
                    "Write the address of the one that you mean: %(all)s",
                    all=", ".join(choice.iri for choice in known[:8]),
                ),
            )
        if links.looks_like_iri(text):
            yield self._known_iri(of, links.iri(text))
            return
        iri = links.expand(text, self._paths)
        if iri is not None and (of.value is ValueKind.LINK or iri in self._by_iri(of)):
            yield ox.NamedNode(iri)
            return
        yield from self._by_other_names(of, text)

    def _known_iri(self, of: Field, iri: ox.NamedNode) -> ox.NamedNode:
        """The IRI, unless it must be in a list and is not."""
        closed = all(key.startswith(("scheme:", "in:")) for key in of.lists) and of.lists
        if closed and iri.value not in self._by_iri(of):
            raise Wrong(
                Message("“%(found)s” is not in the list", found=iri.value), self._choose(of)
            )
        return iri

    def _by_other_names(self, of: Field, text: str) -> Iterator[ox.NamedNode | Said]:
        """By the last part of an IRI, or by a number that lost its zeros."""
        local = self._by_local_name(of).find(text)
        if len(local) == 1:
            yield ox.NamedNode(local[0].iri)
            return
        if text.isdecimal() and text.isascii():
            longer = [text.zfill(length) for length in (4, 8, 10) if length > len(text)]
            found = {one.iri: number for number in longer
                     for one in self.names.index(of.lists).find(number)}  # fmt: skip
            if len(found) == 1:
                [(iri, number)] = found.items()
                yield ox.NamedNode(iri)
                yield Said(
                    Severity.INFO,
                    Message("“%(found)s” was read as %(number)s", found=text, number=number),
                    Message("Format the cell as text, so that the zeros in front stay."),
                    text,
                )
                return
        if of.value is ValueKind.LINK:
            yield links.iri(text)  # which says what is wrong with it
            return
        close = self._close_to(of, text)
        if not all(self.names.lists[key].whole for key in of.lists):
            raise Wrong(
                Message("“%(found)s” is not known", found=_short(text)),
                Message("There are too many to know them by name. Write the address (https://…)."),
            )
        if close:
            raise Wrong(
                Message("“%(found)s” is not known", found=_short(text)),
                Message("Did you mean %(names)s?", names=Listed(close)),
            )
        raise Wrong(Message("“%(found)s” is not known", found=_short(text)), self._choose(of))

    def _choose(self, of: Field) -> Message:
        choices = self.names.choices(of)
        if all(key.startswith(("scheme:", "in:")) for key in of.lists) or len(choices) <= 12:
            more = "" if len(choices) <= 12 else " …"
            shown = {
                language: ", ".join(one.label(language) for one in choices[:12]) + more
                for language in LANGUAGES
            }
            return Message("Choose from the list: %(choices)s", choices=Labelled(shown))
        return Message(
            "Write a name as it stands in the list, or describe what is missing on a sheet of its "
            "own and refer to it by its identifier."
        )

    def _close_to(self, of: Field, text: str) -> list[str]:
        key = (of.lists, text)
        if key not in self._close:
            if self._left <= 0:
                return []
            self._left -= 1
            found = self.names.index(of.lists).close_to(text) or self.own.close_to(text)
            self._close[key] = found
        return self._close[key]

    def _by_iri(self, of: Field) -> dict[str, Choice]:
        if of.lists not in self._iris:
            self._iris[of.lists] = self.names.by_iri(of.lists)
        return self._iris[of.lists]

    def _by_local_name(self, of: Field) -> Index[Choice]:
        if of.lists not in self._locals:
            index: Index[Choice] = Index()
            for choice in self._by_iri(of).values():
                index.add(re.split(r"[/#]", choice.iri)[-1], choice)
            self._locals[of.lists] = index
        return self._locals[of.lists]


def _literal(of: Field, cell: Cell) -> Iterator[ox.Literal | Said]:
    said: Message | None = None
    if of.value is ValueKind.INTEGER:
        yield _typed(str(numbers.integer(cell, of.minimum, of.maximum)), "integer")
    elif of.value is ValueKind.DECIMAL:
        yield _typed(f"{numbers.decimal(cell, of.minimum, of.maximum):f}", "decimal")
    elif of.value is ValueKind.BOOLEAN:
        yield _typed("true" if numbers.boolean(cell) else "false", "boolean")
    elif of.value is ValueKind.DATE:
        day, said = dates.day(cell)
        yield _typed(day.isoformat(), "date")
    elif of.value is ValueKind.YEAR:
        year, said = dates.year(cell)
        yield _typed(f"{year:04d}", "gYear")
    elif of.value is ValueKind.DATETIME:
        moment, said = dates.moment(cell, ends=of.path == _ENDS)
        yield _typed(moment.isoformat(), "dateTime")
    if said is not None:
        look = Message("See that it is right: “%(found)s”.", found=cell.text)
        yield Said(Severity.INFO, said, look, cell.text)


def _typed(lexical: str, datatype: str) -> ox.Literal:
    return ox.Literal(lexical, datatype=ox.NamedNode(XSD + datatype))


def _short(text: str) -> str:
    return text if len(text) <= 80 else text[:79] + "…"
