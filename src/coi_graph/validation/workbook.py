"""A checked table, handed back as a workbook with its cells marked."""

from __future__ import annotations

from ..intake.limits import Limits
from ..intake.names import Names
from ..intake.places import Place, Severity
from ..intake.reading import shown_name
from .document import Document
from .explanation import Finding
from .rendering import because_text, example_text, line


def marked(
    document: Document,
    table: tuple[str, bytes],
    language: str,
    names: Names,
    limits: Limits | None = None,
) -> bytes:
    """The table (its name and content) with its findings. Raises `UnreadableInput`."""
    from ..intake.tables import marking  # here: openpyxl takes long to import

    name, data = table
    shown = shown_name(name)
    marks = [
        marking.Mark(
            place=_place(one),
            severity=Severity[one["severity"].upper()],
            what=line(one, language),
            remedy=_remedy(one, language),
            sentence=because_text(one["because"], language),
        )
        for one in document["results"]
        if one["place"] is None or one["place"]["file"] in (name, shown)
    ]
    return marking.mark(name, data, marks, language, names, limits)


def _place(one: Finding) -> Place | None:
    place = one["place"]
    if place is None:
        return None
    return Place(place["file"], sheet=place["sheet"], row=place["row"], column=place["column"])


def _remedy(one: Finding, language: str) -> str:
    parts = [one["mend"][language] if one["mend"] else "", example_text(one, language)]
    return "\n".join(part for part in parts if part)
