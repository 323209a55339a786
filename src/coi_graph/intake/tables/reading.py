"""Tables → statements that know their cells: `read_csv`, `read_xlsx` and `read_typed`.

A row is a record; its IRI is minted from its identifier, so that the same file sent twice is the
same records. What cannot be read is said with its cell, and the rest is read all the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pyoxigraph as ox

from ...errors import UnreadableInput
from ...i18n import Message
from ...namespaces import RDF
from ..limits import Limits
from ..names import Field, Kind, Names, mint_part
from ..places import Remark, Sent, Severity
from ..reading import graph_of
from . import separated, typed, workbook
from .grid import Grid
from .layout import Layout, Recogniser
from .places import TablePlaces, part_fields
from .records import Row, RowReader
from .remarks import Remarks
from .values import Said, ValueReader

_TYPE = ox.NamedNode(RDF + "type")
_TEMPLATE = Message("Use a template: it has the columns, and says what goes where.")


def read_csv(
    name: str, data: bytes, names: Names, limits: Limits | None = None, kind: str | None = None
) -> Sent:
    """A contributed CSV file. ``kind`` is what the sender says it holds; otherwise the names of
    the columns tell. Raises `UnreadableInput` where nothing can be read."""
    limits = limits or Limits()
    recogniser = Recogniser(names)
    grid, remarks = separated.read(name, data, recogniser.score, limits)
    return _Tables(name, names, limits, recogniser).sent([grid], remarks, kind)


def read_xlsx(
    name: str, data: bytes, names: Names, limits: Limits | None = None, kind: str | None = None
) -> Sent:
    """A contributed workbook; each of its sheets may hold another kind of record. Raises
    `UnreadableInput` where nothing can be read."""
    limits = limits or Limits()
    book = workbook.read(name, data, limits)
    return _Tables(name, names, limits, Recogniser(names)).sent(book.grids, book.remarks, kind)


def read_typed(name: str, data: bytes, names: Names, limits: Limits | None = None) -> Sent:
    """What was typed into a web form. Raises `UnreadableInput` where it is none."""
    limits = limits or Limits()
    remarks: list[Remark] = []
    layouts = typed.layouts(name, data, names, remarks)
    return _Tables(name, names, limits, Recogniser(names)).of(layouts, remarks, all_rows=True)


class _Tables:
    """The tables of one file."""

    def __init__(self, file: str, names: Names, limits: Limits, recogniser: Recogniser) -> None:
        self.file, self.names, self.limits = file, names, limits
        self.recogniser = recogniser
        self.graph = graph_of(file)
        self._graph = ox.NamedNode(self.graph)
        self.remarks = Remarks()
        self.places = TablePlaces(file)
        self.quads: dict[ox.Quad, None] = {}
        self.rows = RowReader(names, self.remarks)
        self.values = ValueReader(names, limits, self.rows.own)

    def sent(self, grids: list[Grid], remarks: list[Remark], kind: str | None) -> Sent:
        for remark in remarks:
            self.remarks.add(remark)
        return self.of(list(self._layouts(grids, kind)), [])

    def of(self, layouts: list[Layout], remarks: list[Remark], *, all_rows: bool = False) -> Sent:
        """The records of tables whose columns are known. ``all_rows``: none of them is a note."""
        for remark in remarks:
            self.remarks.add(remark)
        records = [row for layout in layouts for row in self.rows.rows(layout, every=all_rows)]
        for row in records:
            if not row.layout.kind.is_part:
                self._record(row)
        numbers: Counter[tuple[str, str]] = Counter()
        for row in records:
            if row.layout.kind.is_part:
                self._part(row, numbers)
        if not records:
            self._say_empty(layouts)
        return Sent(
            self.file,
            self.graph,
            tuple(self.quads),
            self.places,
            self.remarks.all(self.file),
        )

    def _layouts(self, grids: list[Grid], kind: str | None) -> Iterator[Layout]:
        found = 0
        for grid in grids:
            if not grid.rows:
                continue
            said: list[Remark] = []
            layout = self.recogniser.layout(grid, said, kind)
            if layout is not None:
                found += 1
                for remark in said:
                    self.remarks.add(remark)
                yield layout
            elif not self.recogniser.is_ours(grid):
                self.remarks.add(
                    grid.remark(
                        Severity.WARNING,
                        Message("no row here has the names of columns; the sheet was not read"),
                        _TEMPLATE,
                        next(iter(grid.rows)),
                        1,
                    )
                )
        if not found:
            raise UnreadableInput(self._why_nothing(grids), remedy=_TEMPLATE, file=self.file)

    def _why_nothing(self, grids: list[Grid]) -> Message:
        filled = [grid for grid in grids if grid.rows]
        if not filled:
            return Message("%(file)s is empty", file=self.file)
        first = next(iter(filled[0].rows.values()))
        return Message(
            "%(file)s: no row has the names of columns that we know (the first row says "
            "“%(found)s”)",
            file=self.file,
            found=", ".join(cell.text[:30] for cell in list(first.values())[:5]),
        )

    def _say_empty(self, layouts: list[Layout]) -> None:
        grid = layouts[0].grid
        self.remarks.add(
            grid.remark(
                Severity.WARNING,
                Message("there are no records in the file"),
                Message("Write a row for each record under the names of the columns."),
                layouts[0].header + 1,
                1,
            )
        )

    def _record(self, row: Row) -> None:
        subject = ox.NamedNode(row.iri)
        self.places.add(row.iri, row.layout, row.number)
        self._state(subject, _TYPE, ox.NamedNode(row.type))
        self._say_known(row)
        self._cells(subject, row, None)
        for path in part_fields(list(row.layout.columns.values())):
            of = row.layout.kind.field_at(path)
            inner = [n for n, c in row.layout.columns.items() if c.part == of and n in row.cells]
            if of is not None and inner:
                self._attach(subject, of, mint_part(row.iri, of, 1), row, of)

    def _say_known(self, row: Row) -> None:
        """A word where the release has the record: is it the same?"""
        known = self.names.records_of(row.layout.kind).get(row.iri)
        if known is not None and row.layout.identifier is not None:
            self.remarks.add(
                row.layout.grid.remark(
                    Severity.INFO,
                    Message("a record of this name is there already: “%(title)s”",
                            title=known.label("da")),
                    Message("If it is another one, give yours another identifier."),
                    row.number,
                    row.layout.identifier,
                )
            )  # fmt: skip

    def _part(self, row: Row, numbers: Counter[tuple[str, str]]) -> None:
        """A row of a sheet with parts."""
        owner, of = self._owner(row.layout.kind)
        parent = self.rows.parent(row, owner)
        if parent is None:
            return
        numbers[parent, of.path] += 1
        iri = mint_part(parent, of, numbers[parent, of.path])
        self._attach(ox.NamedNode(parent), of, iri, row, None)

    def _owner(self, part: Kind) -> tuple[Kind, Field]:
        return next(
            (kind, of)
            for kind in self.names.kinds()
            for of in kind.fields
            if of.part == part.key
        )  # fmt: skip

    def _attach(
        self, subject: ox.NamedNode, of: Field, iri: str, row: Row, inside: Field | None
    ) -> None:
        """Says that ``iri`` is a part of ``subject``, and what it is."""
        part = ox.NamedNode(iri)
        self.places.add(iri, row.layout, row.number, inside.path if inside else None)
        self.places.add_part(subject.value, of.path, iri)
        self._state(subject, ox.NamedNode(of.path), part)
        self._state(part, _TYPE, ox.NamedNode(self.names.kind(of.part or "").iri))
        self._cells(part, row, inside)

    def _cells(self, subject: ox.NamedNode, row: Row, part: Field | None) -> None:
        for number, cell in sorted(row.cells.items()):
            column = row.layout.columns.get(number)
            if column is None or column.field is None or column.part != part:
                continue
            predicate = ox.NamedNode(column.field.path)
            for value in self.values.read(column, cell):
                if isinstance(value, Said):
                    self.remarks.add(
                        row.layout.grid.remark(
                            value.severity,
                            value.message,
                            value.remedy,
                            row.number,
                            number,
                            value.found,
                        )
                    )
                elif not (isinstance(value, ox.Literal) and not value.value):
                    self._state(subject, predicate, value)

    def _state(
        self, subject: ox.NamedNode, predicate: ox.NamedNode, value: ox.NamedNode | ox.Literal
    ) -> None:
        self.quads[ox.Quad(subject, predicate, value, self._graph)] = None
        if len(self.quads) > self.limits.statements:
            raise UnreadableInput(
                Message(
                    "%(file)s says more than %(most)s things",
                    file=self.file,
                    most=self.limits.statements,
                ),
                remedy=Message("Divide it into several files, and send each."),
            )
