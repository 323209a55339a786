"""Messages in two languages. What is translated at all is in tests/web/test_translations.py."""

from __future__ import annotations

import gettext
import subprocess
import sys
from pathlib import Path

import pytest

from coi_graph import i18n
from coi_graph.errors import NoRelease
from coi_graph.i18n import Message, Number, both, day

KNOWN = "There is nothing at this address"


def test_a_message_in_both_languages() -> None:
    message = Message(KNOWN)
    assert str(message) == message.in_language("en") == KNOWN
    assert message.in_language("da") not in ("", KNOWN)
    assert both(message) == {"da": message.in_language("da"), "en": KNOWN}


def test_a_message_fills_its_places() -> None:
    message = Message("a %(what)s of %(count)s %%", what="bag", count=3)
    assert message.in_language("en") == "a bag of 3 %"


def test_a_message_without_places_keeps_its_percent_sign() -> None:
    assert Message("100 %").in_language("en") == "100 %"
    assert Message("100 %%").in_language("da") == "100 %"


def test_what_is_filled_in_is_not_looked_at_again() -> None:
    assert str(Message("%(text)s", text="%(text)s %s 100 %")) == "%(text)s %s 100 %"


def test_a_place_that_is_a_message_speaks_the_same_language() -> None:
    outer = Message("row 3: %(why)s", why=Message(KNOWN))
    assert outer.in_language("en") == f"row 3: {KNOWN}"
    assert outer.in_language("da").endswith(Message(KNOWN).in_language("da"))


def test_the_empty_message_is_not_the_catalogue_header() -> None:
    assert Message("").in_language("da") == ""


@pytest.mark.parametrize("language", ["sv", "en", "", "xx-YY", "../da"])
def test_a_language_without_a_catalogue_gets_the_english(language: str) -> None:
    assert Message(KNOWN).in_language(language) == KNOWN


def test_equal_messages_are_equal() -> None:
    one, two = Message("%(a)s %(b)s", a=1, b=2), Message("%(a)s %(b)s", b=2, a=1)
    assert one == two
    assert hash(one) == hash(two)
    assert one != Message("%(a)s %(b)s", a=1, b=3)
    assert one != "%(a)s %(b)s"


def test_an_error_carries_both_languages() -> None:
    error = NoRelease(Message(KNOWN), remedy=Message(KNOWN))
    assert str(error) == KNOWN
    assert set(both(error.message)) == {"da", "en"}
    assert error.title.in_language("da") != error.title.in_language("en")


def test_the_catalogue_is_read_where_the_package_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(i18n, "TRANSLATIONS", tmp_path)
    i18n.catalogue.cache_clear()
    try:
        assert Message(KNOWN).in_language("da") == KNOWN, "no catalogue: the English, no error"
        assert isinstance(i18n.catalogue("da"), gettext.NullTranslations)
    finally:
        i18n.catalogue.cache_clear()


def test_importing_errors_loads_no_catalogue() -> None:
    """Query workers import them, and must start fast."""
    code = "import sys, coi_graph.errors; print('babel' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


@pytest.mark.parametrize(
    ("language", "number", "date"),
    [("da", "20.736", "6. november 2026"), ("en", "20,736", "6 November 2026")],
)
def test_numbers_and_dates_inside_a_sentence(language: str, number: str, date: str) -> None:
    message = Message("%(n)s errors", n=Number(20_736))
    assert message.in_language(language).startswith(number)
    assert day("2026-11-06T09:00:00Z").in_language(language) == date
