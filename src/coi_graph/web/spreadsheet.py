"""A query's answer as an XLSX workbook: for people; standard CSV stays exact.

A cell is a number only where the literal is one that a spreadsheet holds exactly; all else is a
text cell, which no spreadsheet program evaluates. A text that could be taken for a formula when
somebody edits the cell is marked as text as well (`quotePrefix`, what Excel writes for a leading
apostrophe), so that the text itself stays as it is in the data. See docs/decisions/0010.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import pyoxigraph as ox
from flask import Response
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from ..i18n import Message
from ..media import SPREADSHEET
from ..namespaces import XSD
from ..query.service import Served
from .entities import addresses
from .negotiation import language, opened
from .query_page import Stream

#: What one workbook takes: it is made in the web process, in about two seconds at the most.
_MOST_CELLS = 100_000
_MOST_CHARACTERS = 20_000_000
_LONGEST = 32_767  # characters that Excel takes in a cell
_WIDEST = 60
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
_WHOLE = {
    XSD + name
    for name in (
        "integer", "int", "long", "short", "byte", "nonNegativeInteger", "positiveInteger",
        "nonPositiveInteger", "negativeInteger", "unsignedInt", "unsignedLong",
    )
}  # fmt: skip
_DIGITS = 15  # that a cell's number keeps


def response(query: str, served: Served, *, solutions: bool) -> Response:
    """The answer to ``query`` as a file to keep: its second sheet says where it comes from.

    ``served`` is SPARQL JSON for ``solutions``, else N-Triples. Raises the `CoiError` with which
    a long answer broke off.
    """
    of, lang = opened(), language()
    permalink = addresses().absolute("/cite?" + urlencode({"query": query, "release": of.number}))
    about = [
        (Message("Query"), query),
        (Message("Release"), f"{of.number}, {of.manifest.issued}"),
        (Message("How to cite"), permalink),
        (Message("Licence"), "https://creativecommons.org/licenses/by/4.0/"),
    ]
    cut_short = Message("Not everything is here: a spreadsheet takes the first rows. CSV has more.")
    file, truncated = workbook(
        Stream(served.body()),
        solutions=solutions,
        titles=(Message("Answer").in_language(lang), Message("About the answer").in_language(lang)),
        about=[(name.in_language(lang), value) for name, value in about],
        cut_short=cut_short.in_language(lang),
        issued=datetime.fromisoformat(of.manifest.issued),
    )
    answer = Response(file, content_type=SPREADSHEET.content_type)
    answer.headers["Content-Disposition"] = f'attachment; filename="coi-graph-{of.number}.xlsx"'
    if truncated or served.truncated:
        answer.headers["COI-Truncated"] = "true"
    return answer


def workbook(
    stream: Any,
    *,
    solutions: bool,
    titles: tuple[str, str],
    about: Sequence[tuple[str, str]],
    cut_short: str,
    issued: datetime,
) -> tuple[bytes, bool]:
    """(the file, whether the answer was cut short).

    ``stream`` is SPARQL JSON for ``solutions``, else N-Triples. ``titles`` name the two sheets:
    the answer, and ``about`` it (name, value); that one says ``cut_short`` where it applies.
    """
    book = Workbook(write_only=True)
    sheet = book.create_sheet(titles[0])
    columns, rows = _table(stream, solutions=solutions)
    sheet.freeze_panes = "A2"
    for number in range(1, len(columns) + 1):
        sheet.column_dimensions[get_column_letter(number)].width = (
            _WIDEST if len(columns) < 4 else 30
        )
    sheet.append([_text(sheet, name, bold=True) for name in columns])
    cells = characters = 0
    truncated = False
    try:
        for row in rows:
            cells += len(row)
            characters += sum(len(getattr(term, "value", "")) for term in row)
            if cells > _MOST_CELLS or characters > _MOST_CHARACTERS:
                truncated = True
                break
            sheet.append([_cell(sheet, term) for term in row])
    except SyntaxError:  # the mark at the end of an answer over the size limit
        truncated = True
    second = book.create_sheet(titles[1])
    second.column_dimensions["A"].width, second.column_dimensions["B"].width = 24, 100
    for name, value in [*about, *([("", cut_short)] if truncated else [])]:
        second.append([_text(second, name, bold=True), _text(second, value)])
    book.properties.creator = "coi-graph"
    book.properties.created = issued.replace(tzinfo=None)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue(), truncated


def _table(stream: Any, *, solutions: bool) -> tuple[list[str], Iterator[Sequence[Any]]]:
    if not solutions:
        quads = ox.parse(input=stream, format=ox.RdfFormat.N_TRIPLES)
        rows = ((quad.subject, quad.predicate, quad.object) for quad in quads)
        return ["subject", "predicate", "object"], rows
    answer = ox.parse_query_results(input=stream, format=ox.QueryResultsFormat.JSON)
    if isinstance(answer, ox.QueryBoolean):
        word = ox.Literal("true" if answer else "false")
        return ["boolean"], iter([(word,)])
    assert isinstance(answer, ox.QuerySolutions)  # the form has no other
    names = [variable.value for variable in answer.variables]
    return names, ([solution[name] for name in names] for solution in answer)


def _cell(sheet: Any, term: Any) -> Any:
    if term is None:
        return None
    if not isinstance(term, ox.Literal):
        return _text(sheet, term.value if isinstance(term, ox.NamedNode) else str(term))
    number = _number(term)
    if number is None:
        return _text(sheet, term.value)
    return number


def _number(literal: ox.Literal) -> int | float | None:
    """The number of a literal that a cell holds exactly; None for every other."""
    kind, text = literal.datatype.value, literal.value
    digits = text.lstrip("+-").replace(".", "", 1)
    if not (digits.isascii() and digits.isdigit()) or len(digits) > _DIGITS:
        return None
    if kind in _WHOLE:
        return int(text) if "." not in text else None
    return float(text) if kind == XSD + "decimal" else None


def _text(sheet: Any, text: str, *, bold: bool = False) -> Any:
    """A cell that holds ``text`` and nothing else; what XML or Excel cannot hold is replaced."""
    held = ILLEGAL_CHARACTERS_RE.sub("\N{REPLACEMENT CHARACTER}", text)[:_LONGEST]
    if not bold and not held.startswith((*_FORMULA_STARTS, "#")):
        return held  # openpyxl makes a text cell of it, and faster
    cell = WriteOnlyCell(sheet, held)
    cell.data_type = "s"  # not the formula or the error that openpyxl takes "=…" and "#N/A" for
    if held.startswith(_FORMULA_STARTS):
        cell.quotePrefix = True
    if bold:
        cell.font = Font(bold=True)
    return cell
