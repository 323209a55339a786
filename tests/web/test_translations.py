"""Everything that a person reads exists in Danish, with the same places for values."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po

from coi_graph.i18n import TRANSLATIONS, catalogue

SOURCE = TRANSLATIONS.parent
MAPPING = SOURCE.parents[1] / "babel.cfg"
PLACE = re.compile(r"%(?:\((?P<name>\w+)\))?(?P<conversion>[a-z%])")
#: The same word in both languages.
SAME = {
    *(
        "Barometer",
        "E-mail",
        "Data",
        "Finland",
        "Matrix",
        "Menu",
        "Note",
        "Organisation",
        "Program",
    ),
    *("Region", "Status", "Stop"),
    *("administrator", "organisation", "problem", "version %(version)s"),
}


@pytest.fixture(scope="module")
def extracted() -> Catalog:
    """The messages that stand in the code and in the templates now."""
    found = Catalog()
    with MAPPING.open(encoding="utf-8") as file:
        methods, options = parse_mapping_cfg(file)
    for _, _, message, _, context in extract_from_dir(
        SOURCE, methods, options, keywords={**DEFAULT_KEYWORDS, "Message": None}
    ):
        found.add(message, context=context)
    return found


@pytest.fixture(scope="module")
def danish() -> Catalog:
    with (Path(TRANSLATIONS) / "da" / "LC_MESSAGES" / "messages.po").open("rb") as file:
        return read_po(file, locale="da")


def forms(value: str | tuple[str, ...] | list[str]) -> tuple[str, ...]:
    """The one text of a message, or its singular and plural."""
    return (value,) if isinstance(value, str) else tuple(value)


def messages(catalog: Catalog) -> Iterator[Message]:
    return (message for message in catalog if message.id)


def places(text: str) -> set[tuple[str | None, str]]:
    return {(m["name"], m["conversion"]) for m in PLACE.finditer(text)}


def test_templates_and_code_are_both_extracted(extracted: Catalog) -> None:
    assert "Skip to the content" in extracted  # base.html
    assert "There is nothing at this address" in extracted  # errors.py


def test_every_message_has_a_danish_translation(extracted: Catalog, danish: Catalog) -> None:
    missing = [
        message.id
        for message in messages(extracted)
        if (found := danish.get(message.id)) is None or found.fuzzy or not all(forms(found.string))
    ]
    assert missing == []


def test_translations_have_the_places_of_the_message(danish: Catalog) -> None:
    wrong = [
        (message.id, text)
        for message in messages(danish)
        # Danish may say a plural where English says "one", so all forms have the plural's places
        for text in forms(message.string)
        if text and places(text) != places(forms(message.id)[-1])
    ]
    assert wrong == []


def test_nothing_is_left_in_english(danish: Catalog) -> None:
    same = {
        text
        for message in messages(danish)
        for english, text in zip(forms(message.id), forms(message.string), strict=True)
        if english == text and re.search(r"[^\W\d_]", PLACE.sub("", english))
    }
    assert same == SAME


def test_no_translation_is_left_over(extracted: Catalog, danish: Catalog) -> None:
    assert [m.id for m in messages(danish) if m.id not in extracted] == []
    assert list(danish.obsolete) == []


def test_the_compiled_catalogue_has_danish_letters() -> None:
    """A .po without its charset compiles, and fails only when it is read."""
    assert catalogue("da").gettext("Working methods") == "Arbejdsmetoder"
    assert catalogue("da").gettext("The tools") == "Værktøjerne"
    assert catalogue("da").ngettext("Named graph", "Named graphs", 2) == "Navngivne grafer"


def test_danish_has_one_kind_of_quotation_marks(danish: Catalog) -> None:
    """»…«, which open and close in turn; what a person typed may hold any."""
    wrong = []
    for message in messages(danish):
        for text in forms(message.string):
            marks = "".join(letter for letter in text if letter in "»«“”„")
            if marks != "»«" * (len(marks) // 2):
                wrong.append(text)
    assert wrong == []
