"""One bad or odd file of the corpus, and what must be said of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

#: Makes the file; given the address of a server that nothing may connect to.
Maker = Callable[[str], bytes]


@dataclass(frozen=True)
class Case:
    """``said`` is what comes of it:

    refused   the file as a whole cannot be read, and the report says why
    remark    it is read, and something is said of it
    quiet     it is read as it is, and nothing is said of the reading
    """

    name: str
    file: str  # its name as sent
    make: Maker
    said: str
    da: str = ""  # a word that stands in the Danish problem or mend
    en: str = ""
    at: str | None = None  # "line:column", "line", a cell ("Sheet!C7" or "C7"); None: no place
    mend: bool = True  # whether it says how to mend it
    severity: str | None = None
    seconds: float = 10.0

    @property
    def id(self) -> str:
        return self.name


def fixed(content: str | bytes) -> Maker:
    """A file that is the same for every address."""
    data = content if isinstance(content, bytes) else content.encode("utf-8")
    return lambda address: data


def refused(
    name: str,
    file: str,
    content: str | bytes | Maker,
    da: str,
    en: str,
    at: str | None = None,
    **more: object,
) -> Case:
    return _case("refused", name, file, content, da, en, at, **more)


def remark(
    name: str,
    file: str,
    content: str | bytes | Maker,
    da: str,
    en: str,
    at: str | None = None,
    **more: object,
) -> Case:
    return _case("remark", name, file, content, da, en, at, **more)


def quiet(name: str, file: str, content: str | bytes | Maker, **more: object) -> Case:
    return _case("quiet", name, file, content, "", "", None, **more)


def _case(
    said: str,
    name: str,
    file: str,
    content: str | bytes | Maker,
    da: str,
    en: str,
    at: str | None,
    **more: object,
) -> Case:
    make = content if callable(content) else fixed(content)
    return Case(name, file, make, said, da, en, at, **more)  # type: ignore[arg-type]
