"""Dates and times, as people in Denmark type them and as spreadsheets keep them.

A date that a text leaves open is refused, never guessed: 3-4-26 has no century.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time
from functools import cache
from zoneinfo import ZoneInfo

from ...i18n import Message
from ..matching import clean, fold
from .grid import Cell
from .numbers import Wrong, integer
from .writing import ZONE

_DAY_FIRST = re.compile(r"([0-9]{1,2})\s*[-./]\s*([0-9]{1,2})\s*[-./]\s*([0-9]{4})")
_YEAR_FIRST = re.compile(r"([0-9]{4})[-./]([0-9]{1,2})[-./]([0-9]{1,2})")
_IN_WORDS = re.compile(r"(?:den )?([0-9]{1,2})\.? ?([a-z]+)\.?,? ([0-9]{4})", re.IGNORECASE)
_SHORT_YEAR = re.compile(r"[0-9]{1,2}\s*[-./]\s*[0-9]{1,2}\s*[-./]\s*[0-9]{2}")
_TIME = re.compile(
    r"(?:kl\.? ?)?([0-9]{1,2})[:.]([0-9]{2})(?:[:.]([0-9]{2})(?:[.,][0-9]+)?)?"
    r"\s*(Z|[+-][0-9]{2}:?[0-9]{2})?",
    re.IGNORECASE,
)
_MONTHS = (
    ("januar", "january", "jan"), ("februar", "february", "feb"), ("marts", "march", "mar"),
    ("april", "apr"), ("maj", "may"), ("juni", "june", "jun"), ("juli", "july", "jul"),
    ("august", "aug"), ("september", "sep", "sept"), ("oktober", "october", "okt", "oct"),
    ("november", "nov"), ("december", "dec"),
)  # fmt: skip
#: Days since 1900 that a whole number in a column of dates can be: 1927 to 2119.
_SERIAL = range(10_000, 80_000)
_FIRST = datetime(1899, 12, 30)
_WRITE_DATE = Message("Write the date as day-month-year, for example 25-11-2026.")
_WRITE_TIME = Message("Write day-month-year and the time, for example 25-11-2026 09:00.")


def day(cell: Cell) -> tuple[date, Message | None]:
    """(the date, what is to be said of how it was read). Raises `Wrong`."""
    value = cell.value
    if isinstance(value, datetime):
        said = Message("the time of day is not used here") if value.time() != time() else None
        return value.date(), said
    if isinstance(value, date):
        return value, None
    if (serial := _serial(cell)) is not None:
        return serial.date(), _read_as(serial)
    text = clean(cell.text)
    found, rest = _date_in(text)
    if rest and not re.fullmatch(r"T?[ 0:.]*(Z|[+-]00:?00)?", rest):
        raise Wrong(Message("“%(found)s” is more than a date", found=text), _WRITE_DATE)
    return found, None


def moment(cell: Cell, *, ends: bool) -> tuple[datetime, Message | None]:
    """(a point in time with its zone, what is to be said of it).

    Without a zone it is Danish time. Without a time of day it is the day's first second, or its
    last where it ``ends`` something. Raises `Wrong`.
    """
    value = cell.value
    whole_day = time(23, 59, 59) if ends else time()
    if isinstance(value, datetime) and value.time() == time():  # in a cell that shows a time
        value = value.date()
    if isinstance(value, datetime):
        return _danish(value), None
    if isinstance(value, date):
        return _danish(datetime.combine(value, whole_day)), None
    if (serial := _serial(cell)) is not None:
        at = serial if serial.time() != time() else datetime.combine(serial.date(), whole_day)
        return _danish(at), _read_as(serial)
    text = clean(cell.text)
    found, rest = _date_in(text)
    rest = rest.lstrip("T,; ").removeprefix("kl. ").strip()
    if not rest:
        return _danish(datetime.combine(found, whole_day)), None
    clock = _TIME.fullmatch(rest)
    try:
        if clock is None:
            raise ValueError
        at = datetime.combine(found, time(int(clock[1]), int(clock[2]), int(clock[3] or 0)))
        if clock[4]:
            return datetime.fromisoformat(at.isoformat() + clock[4].upper()), None
        return _danish(at), None
    except ValueError:
        raise Wrong(Message("“%(found)s” is no time", found=text), _WRITE_TIME) from None


def year(cell: Cell) -> tuple[int, Message | None]:
    """(a year with four digits, what is to be said of it). Raises `Wrong`."""
    value = cell.value
    if isinstance(value, date):  # a datetime is one, too
        return value.year, Message("the day and the month are not used here")
    text = clean(cell.text)
    if re.fullmatch(r"[12][0-9]{3}", text):
        return int(text), None
    try:
        found, _ = _date_in(text)
    except Wrong:
        integer(cell)  # says that it is no number
        raise Wrong(
            Message("“%(found)s” is no year", found=text),
            Message("Write the year with four digits, for example 2026."),
        ) from None
    return found.year, Message("the day and the month are not used here")


def _date_in(text: str) -> tuple[date, str]:
    """(the date that ``text`` begins with, the rest)"""
    for pattern, order in ((_DAY_FIRST, (3, 2, 1)), (_YEAR_FIRST, (1, 2, 3))):
        if match := pattern.match(text):
            numbers = [int(match[place]) for place in order]
            return _real(numbers[0], numbers[1], numbers[2], text), text[match.end() :]
    if match := _IN_WORDS.match(text):
        for number, spellings in enumerate(_MONTHS, start=1):
            if fold(match[2]) in spellings:
                return _real(int(match[3]), number, int(match[1]), text), text[match.end() :]
    if _SHORT_YEAR.match(text):
        raise Wrong(
            Message("“%(found)s” leaves the century open", found=text),
            Message("Write the year with four digits, for example 25-11-2026."),
        )
    raise Wrong(Message("“%(found)s” is no date", found=text), _WRITE_DATE)


def _real(year: int, month: int, day: int, text: str) -> date:
    try:
        return date(year, month, day)
    except ValueError:
        if month > 12 >= day:
            remedy = Message("Write the day first and then the month: day-month-year.")
        else:
            remedy = Message("There is no such day in the calendar. Correct it.")
        raise Wrong(Message("“%(found)s” is no date", found=text), remedy) from None


def _serial(cell: Cell) -> datetime | None:
    """A spreadsheet's number of days, where the cell is not formatted as a date."""
    value = cell.value
    if isinstance(value, str) and re.fullmatch(r"[0-9]{5}", clean(value)):
        value = int(clean(value))
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if int(value) not in _SERIAL:
        return None
    seconds = round((value % 1) * 86_400)
    return datetime.fromordinal(_FIRST.toordinal() + int(value)).replace(
        hour=seconds // 3600 % 24, minute=seconds // 60 % 60, second=seconds % 60
    )


def _read_as(serial: datetime) -> Message:
    return Message("the number was read as the date %(date)s", date=f"{serial:%d-%m-%Y}")


def _danish(at: datetime) -> datetime:
    return at if at.tzinfo else at.replace(tzinfo=_zone())


@cache
def _zone() -> ZoneInfo:
    return ZoneInfo(ZONE)
