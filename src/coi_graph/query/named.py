"""The named queries of ``queries/``: SPARQL files whose leading comments say what they answer.

A file ``cq-01.rq`` begins with header lines, each ``# key: value``; a comment line indented by two
or more spaces continues the value above it. The header ends at the first line that is no comment
(or is an empty one), and stays part of the query's text, since SPARQL ignores comments.

==================  =====================================================================
``title@da``        the question, one line; needed in both languages (``title@en``)
``description@da``  what the answer shows and how to read it; needed in both languages
``user``            who asks: ``R`` researcher, ``O`` OECD and Nordic partners,
                    ``S`` COI's staff, ``W`` a workplace
``ordered``         ``true`` where the order of the rows is part of the answer
``param``           (may be repeated) the name of a variable whose binding narrows the
                    answer: ``# param: type``
==================  =====================================================================
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, TypeAlias, cast, get_args

from ..errors import UnreadableInput
from ..i18n import LANGUAGES, Message

SUFFIX: Final = ".rq"
User: TypeAlias = Literal["R", "O", "S", "W"]

_HEADER = re.compile(r"# (?P<key>[a-z]+(?:@[a-z]{2})?):(?: +(?P<value>.*))?")
_CONTINUED = re.compile(r"#  +(?P<value>\S.*)")
_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_VARIABLE = re.compile(r"[A-Za-z_]\w*")
_TRANSLATED = tuple(f"{key}@{lang}" for key in ("title", "description") for lang in LANGUAGES)
_REQUIRED = (*_TRANSLATED, "user", "ordered")
_KNOWN = (*_REQUIRED, "param")


class BadNamedQuery(UnreadableInput):
    """A query file whose header is incomplete or wrong: which file, and which line."""

    slug = "bad-named-query"
    title = Message("A named query cannot be read")


@dataclass(frozen=True, slots=True)
class NamedQuery:
    """One query file. ``titles`` and ``descriptions`` are keyed by language; ``expected`` are the
    rows that stand beside it, in the SPARQL CSV form, where there are any."""

    name: str
    titles: dict[str, str]
    descriptions: dict[str, str]
    user: User
    ordered: bool
    text: str
    path: Path
    parameters: tuple[str, ...] = ()
    expected: str | None = None

    @property
    def digest(self) -> str:
        """A checksum of what is asked and of what is expected."""
        return hashlib.sha256(f"{self.text}\0{self.expected}".encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class _Entry:
    """A header value, and the line that it begins on."""

    value: str
    line: int


def load_queries(folder: Path) -> dict[str, NamedQuery]:
    """All query files of ``folder``, by name, sorted by name.

    Raises `BadNamedQuery`.
    """
    queries = (read_query(path) for path in sorted(folder.glob(f"*{SUFFIX}")))
    return {query.name: query for query in queries}


def read_query(path: Path) -> NamedQuery:
    """One query file. The SPARQL itself is not parsed here.

    Raises `BadNamedQuery`.
    """
    try:
        text = path.read_text(encoding="utf-8")
        beside = path.with_suffix(".csv")
        expected = beside.read_text(encoding="utf-8") if beside.exists() else None
    except (OSError, UnicodeDecodeError) as error:
        raise BadNamedQuery(
            Message("%(file)s cannot be read: %(why)s", file=path.name, why=error)
        ) from error
    if not _NAME.fullmatch(path.stem):
        raise BadNamedQuery(
            Message("%(file)s: the name is not of lower-case words and hyphens", file=path.name)
        )
    header, parameters = _read_header(text, path)
    missing = [key for key in _REQUIRED if key not in header]
    if missing:
        raise BadNamedQuery(
            Message("%(file)s: the header lacks %(keys)s", file=path.name, keys=", ".join(missing)),
            remedy=Message("Add a comment line like “# %(key)s: …” at the top.", key=missing[0]),
        )
    return NamedQuery(
        name=path.stem,
        titles={lang: header[f"title@{lang}"].value for lang in LANGUAGES},
        descriptions={lang: header[f"description@{lang}"].value for lang in LANGUAGES},
        user=_user(header["user"], path),
        ordered=_boolean(header["ordered"], path),
        text=text,
        path=path,
        parameters=tuple(_parameter(entry, path, text) for entry in parameters),
        expected=expected,
    )


def _read_header(text: str, path: Path) -> tuple[dict[str, _Entry], list[_Entry]]:
    """The header's values by key, and those of ``param``."""
    header: dict[str, _Entry] = {}
    parameters: list[_Entry] = []
    key = ""
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.startswith("#") or line.rstrip() == "#":
            break
        if continued := _CONTINUED.fullmatch(line.rstrip()):
            if key not in header:
                raise _at(path, number, Message("there is no header line to continue"))
            before = header[key]
            joined = f"{before.value} {continued['value']}".strip()
            header[key] = _Entry(joined, before.line)
            continue
        found = _HEADER.fullmatch(line.rstrip())
        if found is None:
            raise _at(path, number, Message("“%(text)s” is no header line", text=line.rstrip()))
        key, entry = found["key"], _Entry((found["value"] or "").strip(), number)
        if key not in _KNOWN:
            raise _at(path, number, Message("there is no header key “%(key)s”", key=key))
        if key == "param":
            parameters.append(entry)
        elif key in header:
            raise _at(path, number, Message("“%(key)s” is given twice", key=key))
        else:
            header[key] = entry
    for name, entry in header.items():
        if not entry.value:
            raise _at(path, entry.line, Message("“%(key)s” is empty", key=name))
    return header, parameters


def _user(entry: _Entry, path: Path) -> User:
    if entry.value not in get_args(User):
        known = ", ".join(get_args(User))
        raise _at(path, entry.line, Message("“user” must be one of %(known)s", known=known))
    return cast(User, entry.value)


def _boolean(entry: _Entry, path: Path) -> bool:
    if entry.value not in ("true", "false"):
        raise _at(path, entry.line, Message("“ordered” must be true or false"))
    return entry.value == "true"


def _parameter(entry: _Entry, path: Path, text: str) -> str:
    name = entry.value
    if not _VARIABLE.fullmatch(name) or not re.search(rf"[?$]{name}\b", text):
        raise _at(path, entry.line, Message("the query has no variable “%(name)s”", name=name))
    return name


def _at(path: Path, line: int, what: Message) -> BadNamedQuery:
    return BadNamedQuery(
        Message("%(file)s, line %(line)s: %(what)s", file=path.name, line=line, what=what),
        line=line,
    )
