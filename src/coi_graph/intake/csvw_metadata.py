"""CSVW metadata → a `Table`: checked whole, before the first row is read.

The subset of *Metadata Vocabulary for Tabular Data* (https://www.w3.org/TR/tabular-metadata/)
that `coi_graph.intake.csvw` follows. Anything else is an error, so that nothing is ignored in
silence; common properties (`dc:title`, …) are annotations and allowed everywhere.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyoxigraph as ox

from ..errors import UnreadableInput
from ..i18n import Message
from ..namespaces import XSD, expand

SUFFIX = "-metadata.json"
TEMPLATE = re.compile(r"\{(\+?)(\w+)\}")
#: Datatypes of XML Schema 1.1, part 2, whose lexical forms `coi_graph.intake.csvw` checks.
DATATYPES = {
    "string", "integer", "nonNegativeInteger", "decimal", "boolean",
    "date", "gYear", "gYearMonth", "dateTime",
}  # fmt: skip

_TABLE = {"@context", "@id", "@type", "url", "dialect", "tableSchema", "notes"}
_DIALECT = {"delimiter", "encoding"}
_SCHEMA = {"columns", "aboutUrl", "primaryKey"}
_COLUMN = {
    "name", "titles", "datatype", "lang", "required", "null", "separator",
    "propertyUrl", "valueUrl", "aboutUrl", "virtual", "default", "suppressOutput",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Column:
    """``about``, ``prop`` and ``value_url`` are URI templates; ``base`` is a name of `DATATYPES`
    or "" for a datatype of another vocabulary, ``datatype`` its IRI."""

    name: str
    virtual: bool
    suppressed: bool
    about: str
    prop: str
    value_url: str | None
    base: str
    datatype: ox.NamedNode
    pattern: re.Pattern[str] | None
    lang: str | None
    required: bool
    nulls: frozenset[str]
    separator: str | None
    default: str | None


@dataclass(frozen=True, slots=True)
class Table:
    path: Path
    encoding: str
    delimiter: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]


def read(path: Path) -> Table:
    """The table that ``path`` describes: the file of the same name without `SUFFIX`.

    Raises `UnreadableInput` that names the file, and the column where it applies.
    """
    try:
        return _table(path, json.loads(path.read_text(encoding="utf-8")))
    except KeyError as error:
        raise _refused(path, f"“{error.args[0]}” is missing or unknown") from error
    except (OSError, ValueError, TypeError, LookupError, RecursionError, re.error) as error:
        raise _refused(path, error) from error


def _refused(path: Path, why: object) -> UnreadableInput:
    return UnreadableInput(
        Message(
            "%(file)s is not CSVW metadata that can be followed: %(why)s", file=path.name, why=why
        )
    )


def _table(path: Path, given: Any) -> Table:
    _only(given, _TABLE, "the table")
    schema, dialect = given["tableSchema"], given.get("dialect", {})
    _only(schema, _SCHEMA, "tableSchema")
    _only(dialect, _DIALECT, "dialect")
    name = path.name.removesuffix(SUFFIX)
    if given["url"] != name:  # its checksum is taken by that name (`intake.sources`)
        raise ValueError(f"“url” must be “{name}”")
    encoding, delimiter = dialect.get("encoding", "utf-8"), dialect.get("delimiter", ",")
    if codecs.lookup(encoding).name == "utf-8":
        encoding = "utf-8-sig"  # a byte order mark is no part of the header
    if not isinstance(delimiter, str) or len(delimiter) != 1:
        raise ValueError("“delimiter” is one character")
    columns = schema["columns"]
    if not isinstance(columns, list):
        raise TypeError("“columns” is a list")
    for column in columns:
        _only(column, _COLUMN, "a column")
    names = [column["name"] for column in columns]
    if len(set(names)) < len(names):
        raise ValueError("two columns have the same name")
    cells = {column["name"] for column in columns if not column.get("virtual")}
    key = schema.get("primaryKey", [])
    key = (key,) if isinstance(key, str) else tuple(key)
    if not cells.issuperset(key):
        raise ValueError("“primaryKey” names a column that is not there")
    return Table(
        path.with_name(name),
        encoding,
        delimiter,
        tuple(_column(column, schema.get("aboutUrl"), cells) for column in columns),
        key,
    )


def _column(given: Mapping[str, Any], about: str | None, cells: set[str]) -> Column:
    name = given["name"]
    if not isinstance(name, str):
        raise TypeError("“name” is a text")
    about, prop = given.get("aboutUrl", about), given.get("propertyUrl")
    suppressed = bool(given.get("suppressOutput", False))
    if not suppressed:
        if not isinstance(about, str) or not isinstance(prop, str):
            raise ValueError(f"column “{name}” has no aboutUrl or no propertyUrl")
        for template in (about, prop, given.get("valueUrl", prop)):
            _check_template(template, cells | {name}, name)
    datatype = given.get("datatype", "string")
    if isinstance(datatype, str):
        datatype = {"base": datatype}
    _only(datatype, {"base", "format"}, f"the datatype of column “{name}”")
    base = datatype.get("base", "string")
    if ":" not in base and base not in DATATYPES:
        raise ValueError(f"column “{name}” has the datatype “{base}”, which is not supported")
    for text in ("default", "separator", "lang", "valueUrl"):
        if not isinstance(given.get(text, "-"), str):
            raise TypeError(f"column “{name}”: “{text}” is a text")
    if given.get("separator") == "":
        raise ValueError(f"column “{name}” has an empty separator")
    nulls = given.get("null", "")
    if "lang" in given:
        ox.Literal("", language=given["lang"])  # raises ValueError for what is no language tag
    return Column(
        name=name,
        virtual=bool(given.get("virtual", False)),
        suppressed=suppressed,
        about=about or "",
        prop=prop or "",
        value_url=given.get("valueUrl"),
        base="" if ":" in base else base,
        datatype=ox.NamedNode(expand(base) if ":" in base else XSD + base),
        pattern=re.compile(datatype["format"]) if "format" in datatype else None,
        lang=given.get("lang"),
        required=bool(given.get("required", False)),
        nulls=frozenset([nulls] if isinstance(nulls, str) else nulls),
        separator=given.get("separator"),
        default=given.get("default"),
    )


def _check_template(template: str, known: set[str], column: str) -> None:
    for match in TEMPLATE.finditer(template):
        if match[2] not in known:
            raise ValueError(f"column “{column}” names “{match[2]}”, which is no column")
    if not template.startswith("{"):  # else it is known only when filled in
        ox.NamedNode(expand(TEMPLATE.sub("x", template)))


def _only(given: Any, known: set[str], where: str) -> None:
    if not isinstance(given, dict):
        raise TypeError(f"{where} is no JSON object")
    unknown = [key for key in given if key not in known and ":" not in key]
    if unknown:
        raise ValueError(f"{where} has properties that are not supported: {', '.join(unknown)}")
