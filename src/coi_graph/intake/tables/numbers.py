"""Numbers and yes or no, as people in Denmark and elsewhere type them."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation

from ...i18n import Message
from ..matching import clean, fold
from .grid import Cell

_YES = {"ja", "yes", "sand", "sandt", "true", "1", "x", "j", "y"}
_NO = {"nej", "no", "falsk", "false", "0", "n"}
_PLAIN = re.compile(r"[+-]?[0-9]+")
_GROUPED = {
    mark: re.compile(rf"[+-]?[1-9][0-9]{{0,2}}({re.escape(mark)}[0-9]{{3}})+")
    for mark in (".", ",")
}
_PERCENT = re.compile(r"\s*(?:%|procent|pct\.?|per ?cent)$", re.IGNORECASE)
_LONGEST = 40  # characters: more is no number that anybody counted
_DIGITS = 15  # that a spreadsheet keeps


class Wrong(ValueError):
    """A cell that does not say what its column is for."""

    def __init__(self, message: Message, remedy: Message | None = None) -> None:
        self.message = message
        self.remedy = remedy
        super().__init__(str(message))


def decimal(cell: Cell, low: float | None = None, high: float | None = None) -> Decimal:
    """The number in ``cell``; a per cent sign is left out (``66,7 %`` is 66.7). ``low`` and
    ``high`` are what the shape allows: they tell 1.234 from 1234. Raises `Wrong`."""
    value = cell.value
    if isinstance(value, bool):
        raise Wrong(Message("“%(found)s” is no number", found=cell.text), _WRITE_NUMBER)
    if isinstance(value, int | float):
        number = Decimal(f"{value:.{_DIGITS}g}")
        return _normal(number * 100 if cell.percent else number)
    if not isinstance(value, str):
        raise Wrong(
            Message("this is a date or a time, not a number: “%(found)s”", found=cell.text),
            Message("Format the cell as a number, and write the number again."),
        )
    return _normal(_from_text(value, low, high))


_WRITE_NUMBER = Message("Write only the number, for example 66,7 or 1234.")


def _from_text(given: str, low: float | None, high: float | None) -> Decimal:
    text = _PERCENT.sub("", clean(given)).replace("\N{MINUS SIGN}", "-")
    text = re.sub(r"(?<=\d) (?=\d{3}(\D|$))", "", text)  # 12 345
    if len(text) > _LONGEST:
        raise Wrong(Message("“%(found)s” is no number", found=text[:_LONGEST] + "…"), _WRITE_NUMBER)
    whole = [text.replace(mark, "") for mark, form in _GROUPED.items() if form.fullmatch(text)]
    marks = [mark for mark in ".," if mark in text]
    if _PLAIN.fullmatch(text):
        return Decimal(text)
    if len(marks) == 2:  # the later one is the decimal mark
        first, last = sorted(marks, key=text.rindex)
        grouped, _, fraction = text.rpartition(last)
        if _GROUPED[first].fullmatch(grouped) and _PLAIN.fullmatch(fraction):
            return Decimal(f"{grouped.replace(first, '')}.{fraction}")
    elif len(marks) == 1:
        candidates = [Decimal(one) for one in whole]
        if text.count(marks[0]) == 1:
            candidates += _as_decimal(text.replace(marks[0], "."))
        fitting = [c for c in candidates if _fits(c, low, high)] or candidates
        if len(fitting) == 1:
            return fitting[0]
        if fitting:
            raise Wrong(
                Message(
                    "“%(found)s” can be read as %(one)s and as %(other)s",
                    found=text,
                    one=fitting[0],
                    other=str(fitting[1]).replace(".", ","),
                ),
                Message(
                    "Write the number without a mark between thousands, or with a zero more after "
                    "the decimal mark."
                ),
            )
    raise Wrong(Message("“%(found)s” is no number", found=text), _WRITE_NUMBER)


def _as_decimal(text: str) -> list[Decimal]:
    try:
        return [Decimal(text)] if re.fullmatch(r"[+-]?[0-9]*\.?[0-9]+", text) else []
    except InvalidOperation:
        return []


def _fits(number: Decimal, low: float | None, high: float | None) -> bool:
    return (low is None or number >= Decimal(low)) and (high is None or number <= Decimal(high))


def _normal(number: Decimal) -> Decimal:
    """Without exponent and without zeros that say nothing."""
    shown = f"{number:f}"
    if "." in shown:
        shown = shown.rstrip("0").rstrip(".")
    return Decimal("0" if shown in ("", "-0", "-") else shown)


def integer(cell: Cell, low: float | None = None, high: float | None = None) -> int:
    """A whole number. In a text, one mark before three digits is a mark between thousands."""
    value = cell.value
    if isinstance(value, str):
        text = clean(value)
        for mark, form in _GROUPED.items():
            if form.fullmatch(text):
                return int(text.replace(mark, ""))
    number = decimal(cell, low, high)
    if number != number.to_integral_value():
        raise Wrong(
            Message("“%(found)s” is no whole number", found=cell.text),
            Message("Write a whole number, without decimals."),
        )
    return int(number)


def boolean(cell: Cell) -> bool:
    word = fold(cell.text)
    if word in _YES:
        return True
    if word in _NO:
        return False
    raise Wrong(
        Message("“%(found)s” is neither yes nor no", found=cell.text),
        Message("Write yes or no (ja eller nej)."),
    )
