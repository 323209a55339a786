"""Numbers, dates and links: right, or refused with a word on how to mend them; never guessed."""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coi_graph.intake.tables import dates, links, numbers
from coi_graph.intake.tables.grid import Cell, Value
from coi_graph.intake.tables.numbers import Wrong

COPENHAGEN = ZoneInfo("Europe/Copenhagen")
NUMBERS = st.decimals(-(10**9), 10**9, places=3, allow_nan=False, allow_infinity=False)
DAYS = st.dates(date(1930, 1, 1), date(2100, 12, 31))


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("66,7", "66.7"), ("66.7", "66.7"), ("66,7 %", "66.7"), ("66,7\u00a0%", "66.7"),
        ("79 pct.", "79"), ("79 procent", "79"), ("1.234,5", "1234.5"), ("1,234.5", "1234.5"),
        ("1 234", "1234"), ("1\u202f234,50", "1234.5"), ("12.345.678", "12345678"),
        ("12,345,678", "12345678"), ("0,125", "0.125"), ("0.125", "0.125"), ("-3", "-3"),
        ("\u22123,5", "-3.5"), ("+4", "4"), ("007", "7"), (",5", "0.5"), ("1234,567", "1234.567"),
        ("1.2345", "1.2345"), ("100,00", "100"),
    ],
)  # fmt: skip
def test_numbers_as_people_type_them(typed: str, number: str) -> None:
    assert f"{numbers.decimal(Cell(typed)):f}" == number


@pytest.mark.parametrize("typed", ["1.234", "1,234", "12.345", "999,000"])
def test_a_mark_that_could_be_either_is_not_guessed(typed: str) -> None:
    with pytest.raises(Wrong, match="can be read as") as caught:
        numbers.decimal(Cell(typed))
    assert caught.value.remedy is not None


def test_what_the_shape_allows_tells_which_it_is() -> None:
    assert numbers.decimal(Cell("1.234"), 0, 100) == Decimal("1.234")
    assert numbers.decimal(Cell("1.234"), 100, None) == 1234


@pytest.mark.parametrize(
    "typed",
    ["", "ca. 5", "5-6", "1.2.3", "1,2,3", "12..5", "½", "1e9", "5 km", "٣", "0x10", "9" * 50,
     "NaN", "inf"],
)  # fmt: skip
def test_what_is_no_number(typed: str) -> None:
    with pytest.raises(Wrong) as caught:
        numbers.decimal(Cell(typed))
    assert caught.value.remedy is not None


@pytest.mark.parametrize("value", [True, date(2026, 1, 2), datetime(2026, 1, 2, 3), time(4)])
def test_what_a_spreadsheet_holds_besides_numbers_is_none(value: Value) -> None:
    with pytest.raises(Wrong):
        numbers.decimal(Cell(value))


def test_a_cell_shown_as_per_cent() -> None:
    assert f"{numbers.decimal(Cell(0.667, percent=True)):f}" == "66.7"
    assert f"{numbers.decimal(Cell(0.29, percent=True)):f}" == "29", (
        "0.29 * 100 is not 29 in floats"
    )
    assert f"{numbers.decimal(Cell(66.700000000000003)):f}" == "66.7"
    assert f"{numbers.decimal(Cell(0.1 + 0.2)):f}" == "0.3"
    assert f"{numbers.decimal(Cell(1e-7)):f}" == "0.0000001"


@given(NUMBERS)
def test_danish_and_english_writing_say_the_same(number: Decimal) -> None:
    english = f"{number:,.3f}"
    danish = english.translate(str.maketrans(",.", ".,"))
    plain = f"{number:f}"
    for typed in (danish, english) if abs(number) >= 1000 else ():
        assert numbers.decimal(Cell(typed)) == number
    four_digits = f"{number:.4f}"  # three after the mark could be thousands
    assert numbers.decimal(Cell(four_digits)) == number
    assert numbers.decimal(Cell(four_digits.replace(".", ","))) == number
    assert numbers.decimal(Cell(float(plain))) == Decimal(f"{float(plain):.15g}")


@given(st.text(max_size=30))
def test_any_text_is_a_number_or_refused(typed: str) -> None:
    for read in (numbers.decimal, numbers.integer, numbers.boolean):
        try:
            read(Cell(typed))
        except Wrong:
            continue


@pytest.mark.parametrize(
    ("value", "whole"),
    [("1.234", 1234), ("1,234", 1234), ("1 234", 1234), ("12", 12), (3.0, 3), (4, 4), ("5,0", 5)],
)
def test_whole_numbers(value: Value, whole: int) -> None:
    assert numbers.integer(Cell(value)) == whole


@pytest.mark.parametrize("value", ["2,5", 2.5, "to", True])
def test_what_is_no_whole_number(value: Value) -> None:
    with pytest.raises(Wrong):
        numbers.integer(Cell(value))


@pytest.mark.parametrize(
    "word", ["ja", "Ja ", "JA", "yes", "sand", "SANDT", "true", "1", "x", True]
)
def test_yes(word: Value) -> None:
    assert numbers.boolean(Cell(word)) is True


@pytest.mark.parametrize("word", ["nej", "NO", "falsk", "false", "0", False])
def test_no(word: Value) -> None:
    assert numbers.boolean(Cell(word)) is False


def test_perhaps_is_neither() -> None:
    with pytest.raises(Wrong, match="neither yes nor no"):
        numbers.boolean(Cell("måske"))


@given(DAYS)
def test_every_way_to_write_a_day(day: date) -> None:
    month = ("januar", "februar", "marts", "april", "maj", "juni", "juli", "august", "september",
             "oktober", "november", "december")[day.month - 1]  # fmt: skip
    serial = (day - date(1899, 12, 30)).days
    ways: list[Value] = [
        f"{day:%d-%m-%Y}", f"{day:%d.%m.%Y}", f"{day:%d/%m/%Y}",
        f"{day.day}/{day.month}-{day.year}",
        f"{day.day}. {month} {day.year}", f"den {day.day}. {month.upper()} {day.year}",
        f"{day:%Y-%m-%d}", f"{day:%Y/%m/%d}", f"{day:%Y-%m-%d} 00:00:00",
        f"{day:%Y-%m-%d}T00:00:00Z",
        f" {day:%d-%m-%Y}\u00a0", day, datetime.combine(day, time()), serial, str(serial),
    ]  # fmt: skip
    for way in ways:
        assert dates.day(Cell(way))[0] == day, way


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("25-11-26", "leaves the century open"), ("31-11-2026", "is no date"),
        ("29-02-2026", "is no date"), ("11/25/2026", "is no date"), ("i morgen", "is no date"),
        ("uge 47", "is no date"), ("2026", "is no date"), ("november 2026", "is no date"),
        ("25-11-2026 til 27-11-2026", "is more than a date"), ("0-0-2026", "is no date"),
        ("00-11-2026", "is no date"), ("25. brumaire 2026", "is no date"), ("1", "is no date"),
    ],
)  # fmt: skip
def test_days_that_are_none(typed: str, why: str) -> None:
    with pytest.raises(Wrong, match=why) as caught:
        dates.day(Cell(typed))
    assert caught.value.remedy is not None


def test_american_order_gets_its_own_remedy() -> None:
    with pytest.raises(Wrong) as caught:
        dates.day(Cell("11/25/2026"))
    assert str(caught.value.remedy) == "Write the day first and then the month: day-month-year."


def test_a_number_in_a_column_of_dates_is_said() -> None:
    found, said = dates.day(Cell(46351))  # Excel: =DATE(2026;11;25)
    assert found == date(2026, 11, 25)
    assert str(said) == "the number was read as the date 25-11-2026"


@pytest.mark.parametrize(
    ("typed", "iso"),
    [
        ("09-04-2018 09:00", "2018-04-09T09:00:00+02:00"),  # summer
        ("01-02-2018 9.30", "2018-02-01T09:30:00+01:00"),  # winter
        ("1. februar 2018 kl. 9.30", "2018-02-01T09:30:00+01:00"),
        ("2018-02-01T09:00:00Z", "2018-02-01T09:00:00+00:00"),
        ("2018-02-01T09:00:00+05:30", "2018-02-01T09:00:00+05:30"),
        ("2018-02-01 09:00:30.123", "2018-02-01T09:00:30+01:00"),
        (datetime(2018, 7, 1, 12), "2018-07-01T12:00:00+02:00"),
        (43132.375, "2018-02-01T09:00:00+01:00"),
    ],
)
def test_moments(typed: Value, iso: str) -> None:
    assert dates.moment(Cell(typed), ends=False)[0].isoformat() == iso


def test_a_day_alone_begins_at_its_first_second_and_ends_at_its_last() -> None:
    for value in ("01-02-2018", date(2018, 2, 1), 43132):
        first, _ = dates.moment(Cell(value), ends=False)
        last, _ = dates.moment(Cell(value), ends=True)
        assert first.isoformat() == "2018-02-01T00:00:00+01:00"
        assert last.isoformat() == "2018-02-01T23:59:59+01:00"


@pytest.mark.parametrize(
    "typed", ["01-02-2018 25:00", "01-02-2018 morgen", "09:00", "01-02-2018 9"]
)
def test_moments_that_are_none(typed: str) -> None:
    with pytest.raises(Wrong):
        dates.moment(Cell(typed), ends=False)


@given(st.datetimes(datetime(1980, 1, 1), datetime(2100, 1, 1)))
def test_danish_time_is_the_zone_of_copenhagen(at: datetime) -> None:
    at = at.replace(microsecond=0)
    found, said = dates.moment(Cell(f"{at:%d-%m-%Y %H:%M:%S}"), ends=False)
    assert found == at.replace(tzinfo=COPENHAGEN)
    assert said is None


@given(st.text(max_size=40))
def test_any_text_is_a_date_or_refused(typed: str) -> None:
    for read in (dates.day, dates.year, lambda cell: dates.moment(cell, ends=True)):
        try:
            read(Cell(typed))
        except Wrong:
            continue


@pytest.mark.parametrize(
    ("typed", "year"), [("2017", 2017), (2017, 2017), (2017.0, 2017), ("01-02-2017", 2017),
                        (date(2017, 2, 1), 2017)],
)  # fmt: skip
def test_years(typed: Value, year: int) -> None:
    assert dates.year(Cell(typed))[0] == year


@pytest.mark.parametrize("typed", ["17", 17, "2017-18", "i fjor", 20170, "3017"])
def test_years_that_are_none(typed: Value) -> None:
    with pytest.raises(Wrong):
        dates.year(Cell(typed))


@given(st.text(max_size=60))
def test_any_text_is_an_iri_that_can_be_written_or_refused(typed: str) -> None:
    try:
        found = links.iri(typed)
    except Wrong:
        return
    assert not set(found.value) & set(' <>"{}|\\^`\n\t')
    assert found.value.split(":")[0].lower() in ("http", "https", "urn", "doi")
