"""A value that is nearly right, written as the field wants it."""

from __future__ import annotations

import re
from datetime import datetime
from decimal import Decimal, InvalidOperation
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from rdflib.namespace import XSD
from rdflib.term import Literal, Node, URIRef

from .field import Field

_DATES = ("%Y-%m-%d", "%d-%m-%Y", "%d.%m.%Y", "%d/%m/%Y", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d")
_SAMPLES = {
    XSD.date: "2019-03-01",
    XSD.dateTime: "2019-03-01T09:00:00+01:00",
    XSD.gYear: "2019",
    XSD.gYearMonth: "2019-03",
    XSD.integer: "1",
    XSD.nonNegativeInteger: "1",
    XSD.positiveInteger: "1",
    XSD.decimal: "12.5",
    XSD.double: "12.5",
    XSD.boolean: "true",
    XSD.anyURI: "https://example.org/",
}
_WINTER = "+01:00"  # Danish time where the machine has no table of time zones


def typed(text: str, datatype: Node) -> Literal | None:
    """``text`` as a value of ``datatype``: 1.3.2019 → 2019-03-01, 12,5 → 12.5."""
    text = text.strip()
    written: str | None = None
    if datatype == XSD.date:
        moment = _moment(text)
        written = moment.date().isoformat() if moment else None
    elif datatype == XSD.dateTime:
        moment = _moment(text)
        written = with_zone(moment.isoformat()) if moment else None
    elif datatype == XSD.gYear:
        found = re.search(r"\b(1[89]|20)\d\d\b", text)
        written = found[0] if found else None
    elif datatype in (XSD.integer, XSD.nonNegativeInteger, XSD.positiveInteger):
        number = _number(text)
        written = str(int(number)) if number is not None and number == int(number) else None
    elif datatype in (XSD.decimal, XSD.double):
        number = _number(text)
        written = format(number, "f") if number is not None else None
    return None if written is None else _literal(written, datatype)


def sample(field: Field, datatype: Node) -> Literal | None:
    """A value of ``datatype`` that keeps to the field's limits."""
    if datatype not in _SAMPLES or field.pattern not in (None, r"(Z|[+-][0-9]{2}:[0-9]{2})$"):
        return None
    return within(field, _literal(_SAMPLES[URIRef(str(datatype))], datatype))


def within(field: Field, value: Literal) -> Literal:
    """``value``, or the bound that it oversteps."""
    number = _number(str(value))
    for bound, sign in ((field.lowest, 1), (field.highest, -1)):
        limit = None if bound is None else _number(str(bound))
        if number is not None and limit is not None and sign * (limit - number) > 0:
            return _literal(str(bound), value.datatype)
    return value


def with_zone(text: str) -> str:
    """A date and time with Denmark's time zone where it has none."""
    if re.search(r"(Z|[+-]\d\d:\d\d)$", text):
        return text
    try:
        moment = datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Europe/Copenhagen"))
        return moment.isoformat()
    except (ValueError, OverflowError, ZoneInfoNotFoundError):
        return text + _WINTER


def in_language(value: Literal, allowed: tuple[str, ...], taken: set[str]) -> Literal | None:
    """The same text with a language that is allowed: of ``da-DK`` its ``da``, of a text without a
    language the first that is not ``taken``. A text in another language stays what it is."""
    said = (value.language or "").lower()
    if said:
        short = said.split("-")[0]
        return Literal(str(value), lang=short) if short in allowed and short != said else None
    free = [code for code in allowed if code not in taken]
    return Literal(str(value), lang=free[0]) if free and str(value).strip() else None


def _moment(text: str) -> datetime | None:
    for form in _DATES:
        try:
            return datetime.strptime(text, form)
        except ValueError:
            continue
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _number(text: str) -> Decimal | None:
    """12,5 and 1.200,5 as Danes write them, 12.5 and 1,200.5 as others do."""
    text = re.sub(r"[\s%]", "", text)
    if "," in text and "." in text:
        thousands = "." if text.rfind(",") > text.rfind(".") else ","
        text = text.replace(thousands, "")
    text = text.replace(",", ".")
    if len(text) > 40:
        return None
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number.adjusted()) < 40 else None


def _literal(text: str, datatype: Node | None) -> Literal:
    kind = None if datatype is None else URIRef(str(datatype))
    return Literal(text, datatype=kind, normalize=False)
