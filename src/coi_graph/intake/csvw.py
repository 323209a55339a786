"""Tabular data with CSVW metadata → triples.

The subset of *Generating RDF from Tabular Data on the Web* (https://www.w3.org/TR/csv2rdf/,
minimal mode) that coi-graph's own tables use: `aboutUrl`, `propertyUrl` and `valueUrl` templates,
datatypes, `lang`, `null`, `required`, `separator`, `default`, virtual columns, and
`suppressOutput`. Anything else in a metadata file is an error, so that nothing is ignored in
silence.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pyoxigraph as ox

from ..errors import UnreadableInput
from ..i18n import Message
from ..namespaces import XSD, expand

SUFFIX = "-metadata.json"

_TABLE = {"@context", "@id", "@type", "url", "dialect", "tableSchema", "notes"}
_SCHEMA = {"columns", "aboutUrl", "primaryKey"}
_COLUMN = {
    "name", "titles", "datatype", "lang", "required", "null", "separator",
    "propertyUrl", "valueUrl", "aboutUrl", "virtual", "default", "suppressOutput",
}  # fmt: skip
_TEMPLATE = re.compile(r"\{(\+?)(\w+)\}")

#: The lexical forms accepted for the datatypes in use (XML Schema 1.1, part 2).
_LEXICAL: dict[str, re.Pattern[str]] = {
    "integer": re.compile(r"[+-]?[0-9]+"),
    "nonNegativeInteger": re.compile(r"\+?[0-9]+"),
    "decimal": re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)"),
    "boolean": re.compile(r"true|false|1|0"),
    "date": re.compile(r"-?[0-9]{4,}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"),
    "gYear": re.compile(r"-?[0-9]{4,}"),
    "gYearMonth": re.compile(r"-?[0-9]{4,}-(0[1-9]|1[0-2])"),
    "dateTime": re.compile(r"[0-9]{4,}-[0-9]{2}-[0-9]{2}T[0-9:.]+(Z|[+-][0-9]{2}:[0-9]{2})?"),
}


def triples(metadata_path: Path) -> Iterator[ox.Triple]:
    """All triples of the table that ``metadata_path`` describes, row by row.

    Raises `UnreadableInput` that names the file and, where it applies, the row (as a person
    counts, the header is row 1) and the column.
    """
    table = _read_metadata(metadata_path)
    schema = table["tableSchema"]
    csv_path = metadata_path.parent / table["url"]
    rows = _read_rows(csv_path, schema["columns"], table.get("dialect", {}))
    seen: dict[tuple[str, ...], int] = {}
    for number, cells in rows:
        _check_key(schema.get("primaryKey"), cells, number, seen, csv_path)
        for column in schema["columns"]:
            if column.get("suppressOutput"):
                continue
            yield from _cell_triples(column, schema.get("aboutUrl"), cells, number, csv_path)


def _read_metadata(path: Path) -> dict[str, Any]:
    try:
        table = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UnreadableInput(
            Message("%(file)s is not CSVW metadata: %(why)s", file=path.name, why=error),
        ) from error
    if not isinstance(table, dict) or "url" not in table or "tableSchema" not in table:
        raise UnreadableInput(
            Message("%(file)s needs “url” and “tableSchema”", file=path.name),
        )
    _only(table, _TABLE, path)
    _only(table["tableSchema"], _SCHEMA, path)
    for column in table["tableSchema"]["columns"]:
        _only(column, _COLUMN, path)
    return table


def _only(given: Mapping[str, Any], known: set[str], path: Path) -> None:
    # Common properties (`dc:title`, …) are annotations of the table, allowed everywhere.
    unknown = [key for key in given if key not in known and ":" not in key]
    if unknown:
        raise UnreadableInput(
            Message(
                "%(file)s uses CSVW properties that are not supported: %(names)s",
                file=path.name,
                names=", ".join(unknown),
            ),
        )


def _read_rows(
    path: Path, columns: list[dict[str, Any]], dialect: Mapping[str, Any]
) -> Iterator[tuple[int, dict[str, str | None]]]:
    real = [column for column in columns if not column.get("virtual")]
    names = [column["name"] for column in real]
    nulls = {column["name"]: _nulls(column) for column in real}
    with path.open(encoding=dialect.get("encoding", "utf-8"), newline="") as file:
        reader = csv.reader(file, delimiter=dialect.get("delimiter", ","), strict=True)
        header = next(reader, [])
        if header != names:
            raise UnreadableInput(
                Message(
                    "%(file)s, row 1: the header is “%(found)s”, expected “%(expected)s”",
                    file=path.name,
                    found=",".join(header),
                    expected=",".join(names),
                ),
            )
        for row in reader:
            number = reader.line_num
            if len(row) != len(names):
                raise UnreadableInput(
                    Message(
                        "%(file)s, row %(row)s: %(found)s cells, expected %(expected)s",
                        file=path.name,
                        row=number,
                        found=len(row),
                        expected=len(names),
                    ),
                )
            cells: dict[str, str | None] = {}
            for column, name, value in zip(real, names, row, strict=True):
                cells[name] = None if value in nulls[name] else value
                if cells[name] is None and column.get("required"):
                    raise _cell_error(path, number, name, Message("a value is required"))
            yield number, cells


def _nulls(column: Mapping[str, Any]) -> set[str]:
    null = column.get("null", "")
    return set(null) if isinstance(null, list) else {null}


def _check_key(
    key: str | list[str] | None,
    cells: Mapping[str, str | None],
    number: int,
    seen: dict[tuple[str, ...], int],
    path: Path,
) -> None:
    if key is None:
        return
    names = [key] if isinstance(key, str) else key
    value = tuple(cells[name] or "" for name in names)
    if value in seen:
        raise _cell_error(
            path,
            number,
            ", ".join(names),
            Message("the key “%(key)s” stands in row %(row)s already", key=value, row=seen[value]),
        )
    seen[value] = number


def _cell_triples(
    column: Mapping[str, Any],
    table_about: str | None,
    cells: Mapping[str, str | None],
    number: int,
    path: Path,
) -> Iterator[ox.Triple]:
    about, prop = column.get("aboutUrl", table_about), column.get("propertyUrl")
    if about is None or prop is None:
        raise _cell_error(
            path, number, column["name"], Message("the column has no aboutUrl or no propertyUrl")
        )
    value = column.get("default") if column.get("virtual") else cells[column["name"]]
    if value is None and not column.get("valueUrl"):
        return
    if value is None and not column.get("virtual"):
        return
    separator = column.get("separator")
    parts: list[str | None] = (
        [value]
        if separator is None or value is None
        else [part.strip() for part in value.split(separator)]
    )
    try:
        for part in parts:
            here = {**cells, column["name"]: part} if part is not None else cells
            subject, predicate = _fill(about, here), _fill(prop, here)
            if subject is None or predicate is None:
                continue
            term = _object(column, part, here)
            if term is not None:
                yield ox.Triple(ox.NamedNode(subject), ox.NamedNode(predicate), term)
    except (ValueError, KeyError) as error:
        raise _cell_error(path, number, column["name"], Message("%(text)s", text=error)) from error


def _object(
    column: Mapping[str, Any], value: str | None, cells: Mapping[str, str | None]
) -> ox.NamedNode | ox.Literal | None:
    if "valueUrl" in column:
        iri = _fill(column["valueUrl"], cells)
        return None if iri is None else ox.NamedNode(iri)
    assert value is not None  # _cell_triples has returned for a null without valueUrl
    if "lang" in column:
        return ox.Literal(value, language=column["lang"])
    datatype = column.get("datatype", "string")
    base = datatype.get("base", "string") if isinstance(datatype, Mapping) else datatype
    pattern = datatype.get("format") if isinstance(datatype, Mapping) else None
    if pattern is not None and not re.fullmatch(pattern, value):
        raise ValueError(f"“{value}” does not match {pattern}")
    if base == "string":
        return ox.Literal(value)
    if base in _LEXICAL and not _LEXICAL[base].fullmatch(value):
        raise ValueError(f"“{value}” is not a valid {base}")
    iri = expand(base) if ":" in base else XSD + base
    return ox.Literal(value, datatype=ox.NamedNode(iri))


def _fill(template: str, cells: Mapping[str, str | None]) -> str | None:
    """A URI template (RFC 6570, levels 1 and 2) filled in; None if a cell it names is null."""
    missing = False

    def replace(match: re.Match[str]) -> str:
        nonlocal missing
        value = cells[match[2]]
        if value is None:
            missing = True
            return ""
        return quote(value, safe=":/?#[]@!$&'()*+,;=%-._~" if match[1] else "-._~")

    filled = _TEMPLATE.sub(replace, template)
    return None if missing else expand(filled)


def _cell_error(path: Path, row: int, column: str, why: Message) -> UnreadableInput:
    return UnreadableInput(
        Message(
            "%(file)s, row %(row)s, column “%(column)s”: %(why)s",
            file=path.name,
            row=row,
            column=column,
            why=why,
        ),
        row=row,
        column=column,
    )
