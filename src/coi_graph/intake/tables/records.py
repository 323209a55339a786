"""Rows → records: their IRIs, their types, and which row is none."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from ...i18n import LANGUAGES, Message
from ...namespaces import ID
from ..matching import Index, clean, fold
from ..names import Choice, Kind, Labelled, Names, ValueKind, mint, slug
from ..phrases import Listed
from ..places import Severity
from . import examples, instructions, links
from .columns import Role, columns_of
from .grid import Cell
from .instructions import NOT_READ
from .layout import Layout, is_note
from .numbers import Wrong
from .remarks import Remarks


@dataclass(frozen=True, slots=True)
class Row:
    """One record. ``iri`` is the record's, or for a part its record's."""

    layout: Layout
    number: int
    cells: dict[int, Cell]
    iri: str
    type: str


@dataclass
class RowReader:
    """Goes through the rows of a file's tables, and gives each record its IRI."""

    names: Names
    remarks: Remarks
    #: What a record of the file may be called by another: identifier, title, name.
    own: Index[Choice] = field(default_factory=Index)
    _seen: dict[str, Row] = field(default_factory=dict)

    def rows(self, layout: Layout, *, every: bool = False) -> Iterator[Row]:
        """The records of a table. Those of all tables must be read before `parent` is asked.
        ``every`` row is a record: nobody writes notes between them."""
        last = layout.header
        for number in layout.rows():
            cells = layout.grid.rows[number]
            gap, last = number > last + 1, number
            if not every and self._is_no_record(layout, number, cells, gap):
                continue
            if layout.kind.is_part:
                yield Row(layout, number, cells, "", layout.kind.iri)
            elif (row := self._record(layout, number, cells)) is not None:
                yield row

    def _is_no_record(self, layout: Layout, number: int, cells: dict[int, Cell], gap: bool) -> bool:
        said = {column: cell.text for column, cell in cells.items()}
        first = said.get(layout.identifier or 1, said.get(1, ""))
        if examples.is_example(said, self._explanations(layout.kind)):
            return True
        if first.startswith(NOT_READ):
            self.remarks.add(
                layout.grid.remark(
                    Severity.INFO,
                    Message("this row begins with # and was not read"),
                    Message("Remove the # if it is a record of yours."),
                    number,
                    layout.identifier or 1,
                )
            )
            return True
        if not layout.columns.keys() & cells.keys() or is_note(said, gap):
            self.remarks.add(
                layout.grid.remark(
                    Severity.INFO,
                    Message("this row was taken for a note and not read"),
                    Message("If it is a record, move it up to the others and fill in the columns."),
                    number,
                    min(cells),
                    next(iter(said.values()))[:80],
                )
            )
            return True
        return False

    def _explanations(self, kind: Kind) -> list[frozenset[str]]:
        """The rows of the templates that are no records: what goes where, and the examples."""

        def rows() -> list[frozenset[str]]:
            found = []
            for parts in (False, True):
                columns = columns_of(kind, self.names, parts=parts)
                for language in LANGUAGES:
                    told = [instructions.of_column(c, kind, language) for c in columns]
                    found.append([f"{NOT_READ} {told[0]}", *told])
                    found.extend(examples.rows(kind, columns, language, self.names))
            return [frozenset(map(fold, row)) for row in found]

        return self.names.once(("explanations", kind.key), rows)

    def _record(self, layout: Layout, number: int, cells: dict[int, Cell]) -> Row | None:
        own, iri = self._iri(layout, number, cells)
        kind = layout.kind
        before = self._seen.get(iri)
        if before is not None:
            same = before.layout is layout and _texts(before.cells) == _texts(cells)
            if own:
                self._say_twice(layout, number, before, same=same)
            if own and same:
                return None
            iri = f"{iri}-{number}"  # so that the two are not mixed up in the report
        row = Row(layout, number, cells, iri, self._type(layout, number, cells))
        self._seen[iri] = row
        choice = Choice(iri, {}, (), ())
        for name in {self._identifier(layout, cells), iri.removeprefix(f"{ID}{kind.path}/")}:
            self.own.add(name, choice)
        for title in self._titles(layout, cells):
            self.own.add(title, choice)
        return row

    def _say_twice(self, layout: Layout, number: int, before: Row, *, same: bool) -> None:
        where = str(before.number)
        if before.layout is not layout and before.layout.grid.name:
            where = f"{before.layout.grid.name}!{where}"
        if same:
            severity = Severity.INFO
            message = Message("this row is the same as row %(row)s; it was read once", row=where)
            remedy = Message("Delete one of them.")
        else:
            severity = Severity.VIOLATION
            message = Message("the identifier stands in row %(row)s already", row=where)
            remedy = Message("Give each record an identifier of its own.")
        column = layout.identifier or 1
        found = self._identifier(layout, layout.grid.rows[number])
        self.remarks.add(layout.grid.remark(severity, message, remedy, number, column, found))

    def _identifier(self, layout: Layout, cells: dict[int, Cell]) -> str:
        column = layout.identifier
        return clean(cells[column].text) if column in cells and column is not None else ""

    def _titles(self, layout: Layout, cells: dict[int, Cell]) -> list[str]:
        """What the record is called: its first text (title, name)."""
        first = next((f for f in layout.kind.fields if f.value is ValueKind.TEXT), None)
        return [
            clean(cells[number].text)
            for number, column in layout.columns.items()
            if column.field is first and first is not None and number in cells
        ]

    def _iri(self, layout: Layout, number: int, cells: dict[int, Cell]) -> tuple[bool, str]:
        """(whether it comes from an identifier, the record's IRI)"""
        kind, column = layout.kind, layout.identifier
        said = self._identifier(layout, cells)
        if column is not None and column in cells and cells[column].error:
            said = ""
        try:
            if links.looks_like_iri(said):
                return True, links.iri(said).value
            iri = links.expand(said, {kind.path}) or (mint(kind, said) if said else None)
        except Wrong as wrong:
            self._say(layout, number, wrong.message, wrong.remedy, said)
        else:
            if iri is not None:
                return True, iri
            if column is not None:
                self._say_missing(layout, number, cells, said)
        # A name for now, so that the rest of the row can be checked.
        title = next(iter(self._titles(layout, cells)), "")
        iri = mint(kind, title[:60]) if title else None
        return False, iri or f"{ID}{kind.path}/unnamed-{_digest(cells)}"

    def _say_missing(self, layout: Layout, number: int, cells: dict[int, Cell], said: str) -> None:
        title = next(iter(self._titles(layout, cells)), "")
        remedy = Message("Write a short name of your own for this record.")
        if slug(title):
            proposed = slug(title)[:40].rstrip("-")
            remedy = Message("Write a short name, for example “%(name)s”.", name=proposed)
        message = Message("the identifier is missing")
        if said:
            message = Message("“%(found)s” holds no letter and no digit", found=said)
        self._say(layout, number, message, remedy, said or None)

    def _say(
        self, layout: Layout, number: int, message: Message, remedy: Message | None,
        found: str | None,
    ) -> None:  # fmt: skip
        self.remarks.add(
            layout.grid.remark(
                Severity.VIOLATION, message, remedy, number, layout.identifier or 1, found
            )
        )

    def _type(self, layout: Layout, number: int, cells: dict[int, Cell]) -> str:
        kind = layout.kind
        column = next((n for n, c in layout.columns.items() if c.role is Role.TYPE), None)
        if column is None or column not in cells:
            return kind.iri
        index = self._types_of(kind)
        said = clean(cells[column].text)
        found = {one.iri for one in index.find(said)}
        if said in {kind.iri, *(one.iri for one in kind.types)}:
            return said
        if len(found) == 1:
            return found.pop()
        close = index.close_to(said) or [one.label("da") for one in kind.types]
        self.remarks.add(
            layout.grid.remark(
                Severity.VIOLATION,
                Message("“%(found)s” is not known", found=said[:80]),
                Message("Did you mean %(names)s?", names=Listed(close)),
                number,
                column,
                said[:80],
            )
        )
        return kind.iri

    def _types_of(self, kind: Kind) -> Index[Choice]:
        """The types that a row of ``kind`` can have: its own, and those of its siblings."""

        def types() -> Index[Choice]:
            index: Index[Choice] = Index()
            siblings = [one for one in self.names.kinds() if one.path == kind.path]
            for choice in [*kind.types, *(Choice(one.iri, one.labels) for one in siblings)]:
                for spelling in choice.spellings():
                    index.add(spelling, choice)
            return index

        return self.names.once(("types", kind.key), types)

    def parent(self, row: Row, owner: Kind) -> str | None:
        """The IRI of the record that the part in ``row`` belongs to; None if nobody can say."""
        layout, said = row.layout, self._identifier(row.layout, row.cells)
        if not said:
            self._say(
                layout,
                row.number,
                Message("the identifier is missing"),
                Message("Write the identifier of the record that this row belongs to."),
                None,
            )
            return None
        found = [one.iri for one in self.own.find(said)]
        if len(found) == 1:
            return found[0]
        try:
            iri = links.iri(said).value if links.looks_like_iri(said) else mint(owner, said)
        except Wrong as wrong:
            self._say(layout, row.number, wrong.message, wrong.remedy, said)
            return None
        if iri is not None and (iri in self._seen or iri in self.names.records_of(owner)):
            return iri
        close = [one for one in self.own.close_to(said) if fold(one) != fold(said)]
        remedy = Message("Write the identifier as it stands on the sheet “%(sheet)s”.",
                         sheet=Labelled(owner.labels))  # fmt: skip
        if close:
            remedy = Message("Did you mean %(names)s?", names=Listed(close))
        self._say(
            layout, row.number, Message("there is no record “%(found)s”", found=said), remedy, said
        )
        return iri


def _texts(cells: dict[int, Cell]) -> dict[int, str]:
    return {column: clean(cell.text) for column, cell in cells.items()}


def _digest(cells: dict[int, Cell]) -> str:
    said = "\x00".join(f"{column} {cell.text}" for column, cell in sorted(cells.items()))
    return hashlib.sha256(said.encode()).hexdigest()[:12]
